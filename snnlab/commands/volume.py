"""``volume``: a whole stack by the spiking network, with bounded memory, restartable."""

from snnlab.commands.images import (
    ACCEPTED,
    add_pixels,
    choice_of,
    nm_of,
    tell,
    unasked_of,
    waits,
)
from snnlab.commands.segment import add_settings, settings_of
from snnlab.errors import LabError, many
from snnlab.images import pixel_size, resampling
from snnlab.lab import segmenting as lab
from snnlab.work import scheduler


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "volume", parents=[shared], help="segment a whole volume, chunk by chunk"
    )
    add = command.add_argument
    add("volume_in", metavar="IN", help=ACCEPTED)
    add("volume_out", metavar="OUT", help=".tif or .ome.zarr; give it again to continue a run")
    add("--scheduler", metavar="ADDRESS", help="of a Dask cluster, such as tcp://host:8786")
    add("--dtype", default="uint8", help="uint8 (0..255) or float32 (0..1): probability of cell")
    add_pixels(command)
    add_settings(command)
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """Segment the volume; its size, seconds and memory."""
    from snnlab.commands.cli import progress_line
    from snnlab.studies.volume import running

    if arguments.scheduler is not None:
        scheduler.check(arguments.scheduler)
    settings = settings_of(arguments)
    if not arguments.quiet and (first := waits(arguments.volume_in)):
        tell([first])
    nm, notes = nm_of(arguments), []
    if nm is None:
        nm, notes = _unasked(arguments)
    done = running.run(
        arguments.volume_in,
        arguments.volume_out,
        lab.model(settings.model),
        settings,
        arguments.scheduler,
        arguments.dtype,
        progress=None if arguments.quiet else progress_line,
        choice=choice_of(arguments),
        nm=nm,
        negative=arguments.invert,
    )
    notes = [*done.notes, *notes]
    tell(notes)
    return {
        "sections": done.sections,
        "megapixels": done.megapixels,
        "seconds": done.seconds,
        "peak_memory_mb": done.peak_memory_mb,
        "computed_megapixels": done.computed,
        "notes": notes,
    }


def _unasked(arguments) -> tuple[pixel_size.Size | None, list[str]]:
    """The size from which the volume is resampled by itself, and what is said of it."""
    from snnlab.studies.volume.source import open_source

    choice = choice_of(arguments)
    said = open_source(arguments.volume_in, choice).calibration.nm
    nm = unasked_of(arguments, said)
    if nm is None:
        return None, []
    try:
        open_source(arguments.volume_in, choice, nm)
    except LabError as error:  # nobody asked for it
        return None, [f"The volume was not resampled: {error}"]
    return nm, [resampling.told(nm)]


def show(answer: dict) -> str:
    """For a person."""
    computed = answer["computed_megapixels"]
    pace = f", {answer['seconds'] / computed:.2f} s per megapixel" if computed else ""
    return (
        f"{many(answer['sections'], 'section')}, {answer['megapixels']:.1f} megapixels in"
        f" {answer['seconds']:.1f} s{pace}; peak memory {answer['peak_memory_mb']:.0f} MiB"
    )
