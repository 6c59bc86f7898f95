"""The network on screen as a NIR graph, for the simulators that read one."""

from collections.abc import Callable

import streamlit as st

from snnlab.figures.numbers import many
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings
from snnlab.ui.shared import bench, docs_site, views, words

CALLED = {
    None: "any reader", "norse": "Norse", "sinabs": "sinabs", "snntorch": "snnTorch",
    "spikingjelly": "SpikingJelly", "spyx": "Spyx",
}  # fmt: skip


def draw(result: Segmentation, where: str, button: Callable) -> None:
    """What it is for, what has to be different in it, and the button.

    Parameters
    ----------
    result : Segmentation
    where : str
        Tells two of these on one page apart.
    button : callable
        As `snnlab.ui.shared.downloads.offered`, from the label on.
    """

    def once(what, work):
        return views.of(result, what, work, everywhere=True)

    menu(result.settings, where, button, once)


def menu(
    settings: Settings,
    where: str,
    button: Callable,
    once: Callable = lambda what, work: work(),
    of: Callable | None = None,
    size: str = "",
) -> None:
    """The same for networks of all kinds.

    Parameters
    ----------
    settings : Settings
        Of the network that is on screen.
    where : str
    button : callable
    once : callable
        Keeps what some work gave, by name.
    of : callable, optional
        Makes the network of settings; that of a model of the lab, if not given.
    size : str
        For which images it is, if not for those of `snnlab.lab.exchanging.SIDE` pixels.
    """
    popover = st.popover(
        "Network (NIR)", icon=":material/hub:", key=f"nir-{where}", on_change="rerun"
    )
    if not popover.open:  # a graph has to be made before it is known whether it can be
        return
    from snnlab.lab import exchanging  # which loads the compiler

    of = of or exchanging.of_model
    with popover:
        library = st.selectbox("For", list(CALLED), format_func=CALLED.get, key=f"nir-for-{where}")
        carried = exchanging.carried(settings, library)
        refused = once(f"nir/{library}", lambda: exchanging.refused(carried, library, of))
        if refused:
            st.error(words.plain(refused), icon=":material/error:")
            return
        steps = min(settings.timesteps, exchanging.STEPS)
        size = size or f"{exchanging.SIDE} × {exchanging.SIDE} pixels"
        st.caption(
            f"This run's network for images of {size}, in the Neuromorphic Intermediate"
            f" Representation, with a run of {many(steps, 'step')} to check a reader"
            f" by.{docs_site.link()}"
        )
        if changed := bench.in_words(settings, carried):
            st.warning(
                f"**Not quite this run's network.** So that {CALLED[library]} gives the spikes of"
                f" the file, it has: {'; '.join(changed)}.",
                icon=":material/swap_horiz:",
            )
        elif carried.reset == "subtraction":
            st.caption(
                "NIR has no reset by subtraction and no initial potential. They are in the file's"
                " metadata; a reader that leaves those aside resets to zero."
            )

        def make() -> bytes:
            return exchanging.made(of(carried), steps, carried.reset, library).packed()

        button("Network", "nir", make, name=f"for-{library}" if library else "network")
