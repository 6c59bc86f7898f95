"""Runs that a lesson needs: the next one, and the way out where one cannot show the effect."""

from collections.abc import Sequence

from snnlab import conversion
from snnlab.figures.numbers import many
from snnlab.lab import segmenting as lab
from snnlab.lab.presets import presets
from snnlab.results.summary import ENOUGH, Summary
from snnlab.settings import Settings
from snnlab.ui.learn import checks as learn_checks
from snnlab.ui.learn import own as learn_own
from snnlab.ui.learn import runs as learn_runs

RESETS = {"subtraction": "subtraction", "zero": "reset to zero"}
RESETS_IN_FULL = {"subtraction": "reset by subtraction", "zero": "reset to zero"}
PAIRS = {
    "rates": learn_runs.by_timesteps,
    "reset": learn_runs.by_reset,
    "bounds": learn_runs.by_bounds,
}
FULL = {*PAIRS, "energy"}  # lessons that need a run which has come to its end
FEWER = 4  # a run that is to fail has so many times fewer steps than it takes to settle


def on_image(runs: Sequence[Summary]) -> list[Summary]:
    """Those on the image of the latest, which is on screen; the oldest first."""
    return [run for run in runs if run.image == runs[-1].image]


def next_run(key: str, runs: Sequence[Summary]) -> tuple[str, Settings] | None:
    """The run that a lesson needs beside the one on screen: what its button says, and settings.

    Parameters
    ----------
    key : str
        The lesson's.
    runs : sequence of Summary
        The visitor's, the one on screen last.
    """
    now = runs[-1].settings
    if key == "rates":
        steps = now.timesteps * 2 if now.timesteps <= 250 else now.timesteps // 2
        return f"Run with {many(steps, 'timestep')}", now.replace(timesteps=max(1, steps))
    if key == "few":
        found = learn_checks.settling(on_image(runs))
        if found is None:
            return _called(_own(now, now) or now)
        run, _, by = found
        steps = many(run.settings.timesteps, "timestep")
        if learn_checks.settling(runs[-1:]) is None:
            # what is asked can only be seen with that one on screen
            return f"Back to *{run.settings.model}* with {steps}", run.settings
        if by == 1:
            # the last preset is the one that fails
            failing = presets(lab.cards(), now)[-1].settings
        else:
            failing = run.settings.replace(timesteps=max(1, by // FEWER))
        return f"Run with {many(failing.timesteps, 'timestep')}: see it fail", failing
    if key == "reset":
        other = "zero" if now.reset == "subtraction" else "subtraction"
        return f"Run with {RESETS[other]}", now.replace(reset=other)
    if key == "bounds":
        lower, upper = (max(1.0, round(hertz / 2, 1)) for hertz in (now.lower_hz, now.upper_hz))
        return "Run at half the rates", now.replace(lower_hz=lower, upper_hz=upper)
    return None


def cannot(key: str, runs: Sequence[Summary]) -> tuple[str, tuple[str, Settings]] | None:
    """Why the run on screen cannot show what a lesson is about, and one that can.

    Parameters
    ----------
    key : str
        The lesson's.
    runs : sequence of Summary
        The visitor's, the one on screen last.

    Returns
    -------
    tuple of str and (tuple of str and Settings), or None
        A sentence, a button's words and what it runs; None if nothing is wrong.
    """
    run = runs[-1]
    now = run.settings
    first = learn_own.kept(lab.default_result().settings, now)
    if key == "bounds" and conversion.bounds_hz(now)[0] is None:
        return f"The run on screen has no bounds: its method is *{now.method}*.", _called(first)
    found = PAIRS[key](runs) if key in PAIRS else None
    if found and (run is found.low or run is found.high):
        if key == "reset" and learn_checks.alike(found):
            return "With these settings it makes no difference how neurons reset.", _called(first)
        return None
    own = _own(now, first)
    if key not in FULL or own is None:
        return None
    if learn_runs.mute(run):
        why = "no spike has reached its last layer"
    elif run.agreement < ENOUGH and (now.timesteps < own.timesteps or not learn_own.is_own(now)):
        why = f"it agrees with the ANN on only {100 * run.agreement:.0f} % of the pixels"
    else:
        return None
    steps = many(now.timesteps, "timestep")
    return f"The run on screen, of {steps}, cannot show this: {why}.", _called(own)


def _own(now: Settings, other: Settings) -> Settings | None:
    """As suits the model of now; the other if that is what now is; None if it is both."""
    choices = (learn_own.of(now), other)
    return next((one for one in choices if one != now), None)


def _called(settings: Settings) -> tuple[str, Settings]:
    return f"Run *{settings.model}* with its own settings", settings
