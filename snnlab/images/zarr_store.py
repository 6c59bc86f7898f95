"""A store that zarr reads and nobody writes: the files of a checked zip."""

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from zarr.abc.store import (
    ByteRequest,
    OffsetByteRequest,
    RangeByteRequest,
    Store,
    SuffixByteRequest,
)
from zarr.core.buffer import Buffer, BufferPrototype

if TYPE_CHECKING:
    from snnlab.images.zarr_files import ZipFiles


class ReadStore(Store):
    """Files by their keys.

    Parameters
    ----------
    files : ZipFiles
    """

    supports_writes = supports_deletes = supports_listing = False
    supports_partial_writes = False

    def __init__(self, files: "ZipFiles"):
        super().__init__(read_only=True)
        self._files = files

    def __eq__(self, other: object) -> bool:
        return self is other

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Bytes of a file, or a part of them."""
        data = self._files.read(key)
        if data is None:
            return None
        if isinstance(byte_range, RangeByteRequest):
            data = data[byte_range.start : byte_range.end]
        elif isinstance(byte_range, OffsetByteRequest):
            data = data[byte_range.offset :]
        elif isinstance(byte_range, SuffixByteRequest):
            data = data[-byte_range.suffix :]
        return prototype.buffer.from_bytes(data)

    async def get_partial_values(
        self,
        prototype: BufferPrototype,
        key_ranges: Iterable[tuple[str, ByteRequest | None]],
    ) -> list[Buffer | None]:
        """Parts of several files."""
        return [await self.get(key, prototype, part) for key, part in key_ranges]

    async def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        return self._files.has(key)

    async def set(self, key: str, value: Buffer) -> None:
        """Nobody writes."""
        raise NotImplementedError

    async def delete(self, key: str) -> None:
        """Nobody deletes."""
        raise NotImplementedError

    async def list(self) -> AsyncIterator[str]:
        """All keys."""
        for key in self._files.paths():
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Keys that begin so."""
        for key in self._files.paths():
            if key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Names in a folder."""
        start = f"{prefix.rstrip('/')}/" if prefix else ""
        names = {
            key[len(start) :].split("/", 1)[0]
            for key in self._files.paths()
            if key.startswith(start)
        }
        for name in sorted(names):
            yield name
