"""A page shows the controls that it heeds, and no others."""

import re

from snnlab.lab import segmenting as lab
from tests.ui import steps
from tests.ui.conftest import PAGES

OTHER = {"timesteps": 8, "lower_hz": 900.0, "upper_hz": 1000.0, "percentile": 99.0,
         "reset": "zero", "synapse_ms": 2.0, "initial": 0.25}  # fmt: skip
# say themselves what is on screen, which they are not about, or how long something took
ASIDE = (
    r" timesteps? ·|The run on screen is of another|that of the run on screen \(| s on this machine"
)


def out_of_sight(app) -> set[str]:
    """Keys of the sidebar's parts that the page's styles take out of sight."""
    styles = [part.proto.body for part in app.get("html") if 'stSidebar"] :is(' in part.proto.body]
    return set(re.findall(r"\.st-key-([a-z-]+), ", "".join(styles)))


def told(app) -> list[str]:
    """What a page says, but for what is on screen."""
    kinds = ("markdown", "caption", "subheader", "metric", "table")
    found = [str(item.value) for kind in kinds for item in getattr(app.main, kind)]
    lines = [line for text in found for line in text.split("\n")]
    return [line for line in lines if not re.search(ASIDE, line)]


def opened(app, page: str):
    """A page with all that it has to say; Objects looks for a moment, by itself."""
    app.switch_page(page).run()
    if page == "pages/objects.py":
        steps.until(app, lambda: any(one.label == "Boxes, SNN" for one in app.metric))
    return app


def test_what_is_out_of_sight_changes_nothing_on_the_page_and_what_is_in_sight_does(app):
    """All pages, with one run on screen and with another that differs in every slider."""
    app.run()
    before = {page: told(opened(app, page)) for page in PAGES}
    settings = lab.default_result().settings
    other = steps.visit(PAGES[0], **settings.replace(**OTHER).to_query(settings))
    steps.until(other, lambda: "· 8 timesteps ·" in other.main.caption[0].value)
    changed, hidden = set(), {}
    for page in PAGES:
        name = page.split("/")[1].removesuffix(".py")
        if told(opened(other, page)) != before[page]:
            changed.add(name)
        hidden[name] = out_of_sight(other)
    assert not app.exception and not other.exception
    without = {name for name, parts in hidden.items() if "of-spikes" in parts}
    assert without == {"chips", "finetune", "methods", "networks", "objects", "train"}
    assert not changed & without
    # of a single image there is no stack, without a pin nothing to compare, and Learn begins with
    # a lesson that needs no run
    assert set(hidden) - without - changed == {"stack", "compare", "learn"}
    assert hidden["energy"] == {"timesteps", "of-bounds"}  # the page's own sliders
    assert hidden["sweep"] == {"timesteps", "percentile"}  # a sweep goes over lists of them
    assert not any(hidden[name] for name in changed - {"energy", "sweep"})


def test_chips_heeds_the_sidebar_if_asked_to_but_for_the_reset(app):
    app.run()
    app.session_state["auto"] = False
    app.switch_page("pages/chips.py").run()
    next(one for one in app.get("button_group") if one.key == "network").set_value("bench").run()
    assert out_of_sight(app) == {"reset", "threshold", "ann-threshold"}


def test_what_is_out_of_sight_keeps_its_value(app):
    app.run()
    slider = next(one for one in app.select_slider if str(one.key).startswith("timesteps-"))
    app.session_state["auto"] = False
    slider.set_value(32).run()
    for page in ("pages/networks.py", "pages/segment.py"):
        app.switch_page(page).run()
    slider = next(one for one in app.select_slider if str(one.key).startswith("timesteps-"))
    assert slider.value == 32
