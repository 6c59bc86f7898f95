"""Grey values of a section that need not fit into memory: those of `images.contrast.normalise`.

What that needs of the whole section is little: where it is tissue, its background, as block
means, the tails of its grey values and its spread. They are found once, strip by strip, and
kept in files; any window of the section can then be made ready by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from snnlab.images import contrast, resampling, tissue
from snnlab.studies.volume.source import Source
from snnlab.work import stored

STRIP = 512  # rows read at a time; a multiple of contrast.COARSE
AT_ONCE = 4096 * 4096  # pixels up to which the spread is that of the whole, to the last bit
REACH = 4 * contrast.MIRRORED  # pixels that one which is not tissue depends on


@dataclass(frozen=True)
class Exposure:
    """What is to be known of a section before a window of it is normalised.

    Attributes
    ----------
    shape, file_shape : tuple of int
        ``(height, width)``, as the networks see it and as stored.
    blurred : numpy.ndarray
        float32, blurred block means.
    spread : float
        Standard deviation of the grey values above the background.
    largest : float
        Largest absolute grey value.
    ends : tuple of float or None
        Tails of the grey values, beyond which sparks are cut off.
    packed : numpy.ndarray or None
        uint8 ``(height, width / 8)`` of the file: a bit a pixel, 1 = tissue; None: all is, or
        none. May be a file that is mapped.
    pixels : int
        Of tissue in the file.
    """

    shape: tuple[int, int]
    file_shape: tuple[int, int]
    blurred: np.ndarray
    spread: float
    largest: float
    ends: tuple[float, float] | None = None
    packed: np.ndarray | None = None
    pixels: int = 0

    @property
    def blank(self) -> bool:
        """Whether there is no tissue at all."""
        return self.pixels == 0

    def stored_tissue(self, rows: slice, columns: slice) -> np.ndarray | None:
        """Where a window of the file is tissue, bool; None: everywhere."""
        if self.blank:
            return np.zeros((rows.stop - rows.start, columns.stop - columns.start), bool)
        if self.packed is None:
            return None
        bits = np.unpackbits(np.asarray(self.packed[rows]), axis=1, count=self.file_shape[1])
        mask = bits[:, columns].astype(bool)
        return None if mask.all() else mask

    def tissue(self, rows: slice, columns: slice) -> np.ndarray | None:
        """The same of a window as the networks see it."""
        if self.packed is None or self.shape == self.file_shape:
            return self.stored_tissue(rows, columns)

        def in_file(rows: slice, columns: slice) -> np.ndarray:
            mask = self.stored_tissue(rows, columns)
            size = rows.stop - rows.start, columns.stop - columns.start
            return np.ones(size, np.float32) if mask is None else mask.astype(np.float32)

        share = resampling.window(in_file, self.file_shape, self.shape, rows, columns)
        mask = share > 0.5  # a new pixel is what most of it was
        return None if mask.all() else mask

    def grey(self, source: Source, section: int, rows: slice, columns: slice) -> np.ndarray:
        """Grey values of a window as the networks see it; fill does not run into tissue."""
        if self.packed is None or self.shape == self.file_shape:
            return source.read(section, rows, columns)

        def in_file(rows: slice, columns: slice) -> np.ndarray:
            wide, inner = _wider((rows, columns), self.file_shape)
            mask = self.stored_tissue(*wide)
            there = source.stored(section, *(wide if mask is not None else (rows, columns)))
            return there if mask is None else contrast.mirrored(there, mask)[inner]

        return source.read(section, rows, columns, in_file)

    def window(self, source: Source, section: int, rows: slice, columns: slice) -> np.ndarray:
        """A window of the section, normalised; see `images.contrast.normalise`."""
        if self.blank:
            size = rows.stop - rows.start, columns.stop - columns.start
            return np.full(size, contrast.GREY, np.float32)
        wide, inner = _wider((rows, columns), self.shape)
        mask = self.tissue(*wide)
        if mask is None:
            return self._scaled(self.grey(source, section, rows, columns), rows, columns)
        there = self._scaled(self.grey(source, section, *wide), *wide, mask)
        return contrast.mirrored(there, mask)[inner]

    def _scaled(self, part, rows: slice, columns: slice, mask=None) -> np.ndarray:
        part = _known(part, self.ends, mask)
        flat = part - contrast.background(self.blurred, rows, columns)
        return contrast.scaled(flat, self.spread, self.largest)


def _wider(window: tuple[slice, slice], shape: tuple[int, int]):
    """A window with all that its pixels depend on, and where it lies in that."""
    wide = tuple(
        slice(max(part.start - REACH, 0), min(part.stop + REACH, side))
        for part, side in zip(window, shape, strict=True)
    )
    inner = tuple(
        slice(part.start - whole.start, part.stop - whole.start)
        for part, whole in zip(window, wide, strict=True)
    )
    return wide, inner


def _known(part: np.ndarray, ends, mask: np.ndarray | None) -> np.ndarray:
    """Grey values without sparks, 0 where there is no tissue."""
    part = contrast.cut(part, ends)
    return part if mask is None else np.where(mask, part, np.float32(0))


def measure(source: Source, section: int) -> Exposure:
    """Read a section for what is tissue of it, for its background and for its spread."""
    shape, file_shape = source.shape[1:], source.file_shape[1:]

    def strips_of_file() -> Iterator[np.ndarray]:
        for rows in _strips(file_shape[0]):
            yield source.stored(section, rows, slice(0, file_shape[1]))

    found, packed = tissue.survey(strips_of_file, file_shape), None
    if found is not None and found.blank:
        return Exposure(shape, file_shape, np.zeros((1, 1), np.float32), 0.0, 0.0)
    if found is not None:
        packed = np.concatenate([np.packbits(mask, axis=1) for mask in found.masks()])
    pixels = file_shape[0] * file_shape[1] if found is None else found.pixels
    known = Exposure(shape, file_shape, np.zeros((1, 1)), 0.0, 0.0, None, packed, pixels)

    def strips(ends) -> Iterator[tuple]:
        for rows in _strips(shape[0]):
            part = rows, slice(0, shape[1])
            mask = known.tissue(*part)
            yield rows, _known(known.grey(source, section, *part), ends, mask), mask

    ends = _tails(strips(None), shape)
    blurred, largest = _background(strips(ends), masked=found is not None)
    spread = _spread(strips(ends), blurred, shape)
    return replace(known, blurred=blurred, spread=spread, largest=largest, ends=ends)


def _strips(height: int) -> list[slice]:
    return [slice(first, min(first + STRIP, height)) for first in range(0, height, STRIP)]


def _tails(strips: Iterator[tuple], shape: tuple[int, int]) -> tuple[float, float] | None:
    """See `contrast.tails`."""
    samples, masks, some = [], [], False
    for rows, part, mask in strips:
        some = some or mask is not None
        whole = np.ones(part.shape, bool) if mask is None else mask
        samples.append(contrast.sampled(part, shape, rows.start))
        masks.append(contrast.sampled(whole, shape, rows.start))
    return contrast.tails(np.concatenate(samples), np.concatenate(masks) if some else None)


def _background(strips: Iterator[tuple], masked: bool) -> tuple[np.ndarray, float]:
    """Blurred block means, and the largest absolute grey value."""
    blocks, weights, largest = [], [], 0.0
    for _, part, mask in strips:
        blocks.append(contrast.block_means(part))
        largest = max(largest, float(np.abs(part).max()))
        if masked:
            whole = np.ones(part.shape, bool) if mask is None else mask
            weights.append(contrast.block_means(whole.astype(np.float32)))
    shares = np.concatenate(weights) if masked else None
    return contrast.blurred(np.concatenate(blocks), shares), largest


def _spread(strips: Iterator[tuple], blurred: np.ndarray, shape: tuple[int, int]) -> float:
    height, width = shape
    columns = slice(0, width)
    if height * width <= AT_ONCE:
        parts = list(strips)
        image = np.concatenate([part for _, part, _ in parts])
        flat = image - contrast.background(blurred, slice(0, height), columns)
        if any(mask is not None for *_, mask in parts):
            whole = [np.ones(part.shape, bool) if mask is None else mask for _, part, mask in parts]
            flat = flat[np.concatenate(whole)]
        return float(flat.std())
    total = squares = count = 0.0
    for rows, part, mask in strips:
        flat = (part - contrast.background(blurred, rows, columns)).astype(np.float64)
        flat = flat if mask is None else flat[mask]
        total += float(flat.sum())
        squares += float((flat * flat).sum())
        count += flat.size
    mean = total / count
    return float(np.sqrt(max(squares / count - mean * mean, 0.0)))


def save(exposure: Exposure, path: Path) -> None:
    """Write it into a file, which appears complete or not at all; the mask into another."""
    if exposure.packed is not None:
        # a file of its own, of which a window is read without the rest
        stored.write(_mask_of(path), lambda stream: np.save(stream, exposure.packed))
    values = {"ends": exposure.ends or (0.0, 0.0), "pixels": exposure.pixels}
    values |= {"spread": np.float64(exposure.spread), "largest": np.float64(exposure.largest)}
    stored.write(path, lambda stream: np.savez(stream, blurred=exposure.blurred, **values))


def load(path: Path, shape: tuple[int, int], file_shape: tuple[int, int]) -> Exposure:
    """Read what `save` wrote of a section of these ``(height, width)``; see `Exposure`.

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    with stored.as_one_sentence(
        f"{path.name} is missing or damaged; give the same command again to make it."
    ):
        arrays = stored.arrays(stored.content(path))
        blurred = arrays["blurred"]
        spread, largest = (float(arrays[name].item()) for name in ("spread", "largest"))
        low, high = (float(value) for value in arrays["ends"])
        pixels, most = int(arrays["pixels"].item()), file_shape[0] * file_shape[1]
        blocks = tuple(-(-side // contrast.COARSE) for side in shape)
        good = blurred.shape == (blocks if pixels else (1, 1)) and blurred.dtype.kind == "f"
        if not good or min(spread, largest) < 0 or not 0 <= pixels <= most:
            raise stored.Damaged("belongs to another section")
        packed = None
        if 0 < pixels < most:
            packed = np.load(_mask_of(path), mmap_mode="r", allow_pickle=False)
            if packed.shape != (file_shape[0], -(-file_shape[1] // 8)) or packed.dtype != np.uint8:
                raise stored.Damaged("has the mask of another section")
        ends = (low, high) if high > low else None
        return Exposure(shape, file_shape, blurred, spread, largest, ends, packed, pixels)


def _mask_of(path: Path) -> Path:
    return path.with_suffix(".tissue.npy")
