"""The processor's own energy counters, where they can be read.

Linux shows them as ``/sys/class/powercap/intel-rapl:N`` (AMD's too): joules
of a whole processor package since some moment, whatever runs on it, in
microjoules and starting over at ``max_energy_range_uj``. Virtual machines
have none, and many systems let only root read them. Then there is no figure:
nothing is put in its place.
"""

from pathlib import Path

POWERCAP = Path("/sys/class/powercap")


class Counters:
    """Energy counters of all processor packages.

    Parameters
    ----------
    root : Path
        Where the system keeps them.

    Attributes
    ----------
    missing : str
        Why there are none, in a sentence; empty if they can be read.
    """

    def __init__(self, root: Path = POWERCAP):
        # intel-rapl:0 is a package, intel-rapl:0:1 a part of one
        zones = (path for path in root.glob("intel-rapl:*") if path.name.count(":") == 1)
        self._packages: list[tuple[Path, int]] = []
        self.missing = ""
        try:
            for zone in sorted(zones):
                if not (zone / "name").read_text().startswith("package"):
                    continue
                wraps = int((zone / "max_energy_range_uj").read_text())
                int((zone / "energy_uj").read_text())
                self._packages.append((zone / "energy_uj", wraps))
        except PermissionError:
            self._packages = []
            self.missing = (
                "The processor's energy counters may be read by the administrator only, so no"
                " joules were measured."
            )
        except (OSError, ValueError):
            self._packages = []
            self.missing = (
                "The processor's energy counters make no sense, so no joules were measured."
            )
        if not self._packages and not self.missing:
            self.missing = (
                "This machine shows no energy counters (/sys/class/powercap), as virtual machines"
                " do not, so no joules were measured."
            )

    def read(self) -> tuple[int, ...] | None:
        """Microjoules of each package so far; None if they cannot be read."""
        if not self._packages:
            return None
        try:
            return tuple(int(path.read_text()) for path, _ in self._packages)
        except (OSError, ValueError):
            return None

    def joules(self, before: tuple[int, ...] | None, after: tuple[int, ...] | None) -> float | None:
        """Energy between two readings; a counter may have started over once."""
        if before is None or after is None:
            return None
        total = 0
        for start, stop, (_, wraps) in zip(before, after, self._packages, strict=True):
            total += stop - start if stop >= start else stop + wraps - start
        return total / 1e6
