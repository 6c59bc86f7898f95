"""Everything a run depends on, in one value that cannot be wrong.

`Settings` is checked when it is made, so nothing behind it checks again. It
goes into the address of a page and comes back from it: an address is typed by
people and cut short by mail programs, so reading one never fails; what is
missing is as suits the model, and what makes no sense is so too, and is named.
"""

import dataclasses
import hashlib
import json
import re
import reprlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from snnlab.errors import LabError

DEFAULT_MODEL = "generalist"  # of page and commands alike
SHORTEST_MS = 0.01  # of a synapse
_REFUSALS = (TypeError, ValueError, OverflowError)


@dataclass(frozen=True)
class _Whole:
    low: int
    high: int

    @property
    def words(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def check(self, value: Any) -> int:
        # True is an int to Python, but nobody means one timestep by it
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError
        if not self.low <= value <= self.high:
            raise ValueError
        return int(value)

    def read(self, text: str) -> int:
        # int() alone takes "1_0" and the digits of other scripts too
        if not re.fullmatch(r"[+-]?[0-9]{1,20}", text):
            raise ValueError
        return self.check(int(text))


@dataclass(frozen=True)
class _Number:
    low: float
    high: float
    unit: str = ""
    open_below: bool = False

    @property
    def words(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if self.open_below:
            return f"a number above {self.low:g} and up to {self.high:g}{unit}"
        return f"a number from {self.low:g} to {self.high:g}{unit}"

    def check(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError
        number = float(value)
        if not self.low <= number <= self.high:  # nor is NaN
            raise ValueError
        if self.open_below and number == self.low:
            raise ValueError
        return number + 0.0  # -0.0 is the same setting as 0.0 and must have the same key

    def read(self, text: str) -> float:
        if not re.fullmatch(r"[+-]?[0-9]{0,20}\.?[0-9]{0,40}([eE][+-]?[0-9]{1,3})?", text):
            raise ValueError
        return self.check(float(text))


@dataclass(frozen=True)
class _Other(_Number):
    """A number that may be left out: another setting stands for it then."""

    def check(self, value: Any) -> float | None:
        return None if value is None else super().check(value)


@dataclass(frozen=True)
class _Choice:
    of: tuple[str, ...]

    @property
    def words(self) -> str:
        return "one of " + ", ".join(self.of)

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.of:
            raise ValueError
        return value

    read = check


@dataclass(frozen=True)
class _Name:
    """Of something in a registry; whether it exists is the registry's to say."""

    words: str = "a name of small letters, digits and hyphens"

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", value):
            raise ValueError
        return value

    read = check


# field: its short name in an address (never rename one: addresses are kept), its rule
_RULES: dict[str, tuple[str, _Whole | _Number | _Choice | _Name]] = {
    "source": ("source", _Choice(("sample", "isbi", "upload"))),
    "section": ("section", _Whole(0, 9999)),
    "model": ("model", _Name()),
    "method": ("method", _Name()),
    "simulator": ("sim", _Name()),
    "timesteps": ("steps", _Whole(1, 1000)),
    "percentile": ("p", _Number(50, 100)),
    "lower_hz": ("lo", _Number(0, 1000, "Hz", open_below=True)),
    "upper_hz": ("hi", _Number(0, 1000, "Hz", open_below=True)),
    "reset": ("reset", _Choice(("subtraction", "zero"))),
    "synapse_ms": ("tau", _Number(0, 50, "ms")),
    "initial": ("v0", _Number(0, 1)),
    "input": ("in", _Choice(("current", "poisson"))),
    "threshold": ("th", _Number(0, 1)),
    "ann_threshold": ("tha", _Other(0, 1)),
    "seed": ("seed", _Whole(0, 2**32 - 1)),
}


@dataclass(frozen=True)
class Settings:
    """What a run depends on, the pixels and the weights themselves apart.

    Attributes
    ----------
    source : {"sample", "isbi", "upload"}
        Shipped synthetic sections, ISBI sections, or the visitor's own image.
    section : int
        Index into the source, from 0.
    model, method, simulator : str
        Names in the registries of models, conversion methods and simulators.
    timesteps : int
        1..1000, of 1 ms each.
    percentile : float
        50..100, which percentile of the firing rates is held between the bounds.
    lower_hz, upper_hz : float
        The bounds, ``0 < lower <= upper <= 1000``.
    reset : {"subtraction", "zero"}
        What a spike does to the membrane potential.
    synapse_ms : float
        0..50, time constant of the lowpass synapse; 0 is none.
    initial : float
        0..1, membrane potential at the start as a share of the firing threshold.
    input : {"current", "poisson"}
        How pixels come in: as a constant current, or as random spikes with
        the grey value as their probability (of the methods that offer it).
    threshold : float
        0..1, cell probability above which a pixel is shown as cell.
    ann_threshold : float or None
        The same of the ANN, if it has one of its own; see `ann_at`.
    seed : int
        0..2**32 - 1.

    Raises
    ------
    LabError
        If a value is of the wrong type or outside its limits. Whole numbers
        given for a float become floats, so equal settings have equal keys.
    """

    source: str = "sample"
    section: int = 0
    model: str = DEFAULT_MODEL
    method: str = "rate-scaling"
    simulator: str = "event"
    timesteps: int = 64
    percentile: float = 99.9
    lower_hz: float = 75.0
    upper_hz: float = 150.0
    reset: str = "subtraction"
    synapse_ms: float = 0.0
    initial: float = 0.5
    input: str = "current"
    threshold: float = 0.5
    ann_threshold: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for field, (_, rule) in _RULES.items():
            value = getattr(self, field)
            try:
                object.__setattr__(self, field, rule.check(value))
            except _REFUSALS:
                shown = reprlib.repr(value)
                raise LabError(f"{field} must be {rule.words}, not {shown}.") from None
        if self.ann_threshold == self.threshold:
            object.__setattr__(self, "ann_threshold", None)
        if self.lower_hz > self.upper_hz:
            raise LabError(
                f"lower_hz ({self.lower_hz:g} Hz) must not be above "
                f"upper_hz ({self.upper_hz:g} Hz)."
            )

    @property
    def synapse(self) -> float | None:
        """Time constant of the synapse in seconds; None without one.

        After a hundredth of a step there is less left of a spike than float32 can tell: shorter
        ones are the same, but for numbers with which filters cannot be worked out.
        """
        return max(self.synapse_ms, SHORTEST_MS) / 1000 if self.synapse_ms else None

    @property
    def ann_at(self) -> float:
        """Cell probability of the ANN above which a pixel is shown as cell."""
        return self.threshold if self.ann_threshold is None else self.ann_threshold

    def replace(self, **changes: Any) -> "Settings":
        """A copy with some values changed, checked as a new one is.

        Whoever names a threshold and no other for the ANN means both.
        """
        if "threshold" in changes:
            changes = {"ann_threshold": None} | changes
        return dataclasses.replace(self, **changes)

    def key(self, without: Collection[str] = ()) -> str:
        """Name these settings for a cache, as 64 hexadecimal digits.

        Parameters
        ----------
        without : collection of str
            Fields that the cached thing does not depend on (a recording does
            not depend on ``threshold``).

        Returns
        -------
        str
            SHA-256 of the settings as canonical JSON. It says nothing of the
            image's pixels and the model's weights: join it with their hashes.
        """
        unknown = set(without) - set(_RULES)
        if unknown:
            raise ValueError(f"no such settings: {sorted(unknown)}")
        values = {
            name: value for name, value in dataclasses.asdict(self).items() if name not in without
        }
        canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_query(self, suited: "Settings | None" = None) -> dict[str, str]:
        """The values that an address must hold, by their short names in it.

        Parameters
        ----------
        suited : Settings, optional
            What is not written: the settings that suit the model, or the
            defaults. Another model than the default one is written in any case.
        """
        default = (suited or Settings()).replace(model=_default("model"))
        differ = [field for field in _RULES if getattr(self, field) != getattr(default, field)]
        if {"threshold", "ann_threshold"} & set(differ):
            # a threshold alone is that of both networks: so it says whose it is
            pair = ["threshold", "ann_threshold"][: 1 if self.ann_threshold is None else 2]
            differ = [*(f for f in differ if f not in ("threshold", "ann_threshold")), *pair]
        return {
            short: _write(getattr(self, field))
            for field, (short, _) in _RULES.items()
            if field in differ
        }

    @classmethod
    def from_query(
        cls,
        query: Mapping[str, Any],
        names: Mapping[str, Collection[str]] | None = None,
        suited: Callable[[str], "Settings"] | None = None,
    ) -> tuple["Settings", list[str]]:
        """Read settings from the parameters of an address; never raises.

        Parameters
        ----------
        query : mapping
            Short name to text. Parameters of other names are left alone.
        names : mapping, optional
            For ``"model"``, ``"method"`` or ``"simulator"``, the names that exist.
        suited : callable, optional
            From a model's name to the settings that suit it, which hold where
            the address says nothing; without it, the defaults do.

        Returns
        -------
        tuple of Settings and list of str
            One sentence for each value that made no sense and was replaced by
            that one. The sentences never repeat the value: a page may show
            them as they are, whatever the address holds.
        """
        values: dict[str, Any] = {}
        refused: dict[str, str] = {}  # field to what it should be
        for field, (short, rule) in _RULES.items():
            if short not in query:
                continue
            allowed = names.get(field) if names else None
            known = _Choice(tuple(allowed)) if allowed is not None else rule
            try:
                text = query[short]
                if not isinstance(text, str):
                    raise TypeError
                values[field] = known.read(text)
            except _REFUSALS:
                refused[field] = known.words
        base = suited(values.get("model", _default("model"))) if suited else cls()
        complaints = [
            f"{_RULES[field][0]} in the address is not {words};"
            f" {_write(base.ann_at if field == 'ann_threshold' else getattr(base, field))} is used"
            " instead."
            for field, words in refused.items()
        ]
        low, high = (values.get(name, getattr(base, name)) for name in ("lower_hz", "upper_hz"))
        if low > high:
            values |= {"lower_hz": base.lower_hz, "upper_hz": base.upper_hz}
            complaints.append(
                f"lo in the address is above hi; {_write(base.lower_hz)} and"
                f" {_write(base.upper_hz)} Hz are used instead."
            )
        return base.replace(**values), complaints


def _default(field: str) -> Any:
    return Settings.__dataclass_fields__[field].default


def _write(value: str | float) -> str:
    """As text that reads back exactly; ``75`` rather than ``75.0``."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
