"""The network on screen as a NIR graph, for the simulators that read one."""

from collections.abc import Callable

import streamlit as st

from snnlab.figures.numbers import many
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench, docs_site, views, words

CALLED = {
    None: "any reader", "norse": "Norse", "sinabs": "sinabs", "snntorch": "snnTorch",
    "spikingjelly": "SpikingJelly",
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
    menu = st.popover("Network (NIR)", icon=":material/hub:", key=f"nir-{where}", on_change="rerun")
    if not menu.open:  # a graph has to be made before it is known whether it can be
        return
    from snnlab.lab import exchanging  # which loads the compiler

    with menu:
        library = st.selectbox("For", list(CALLED), format_func=CALLED.get, key=f"nir-for-{where}")
        settings = exchanging.carried(result.settings, library)
        refused = views.of(
            result, f"nir/{library}", lambda: exchanging.refused(settings, library), everywhere=True
        )
        if refused:
            st.error(words.plain(refused), icon=":material/error:")
            return
        side, steps = exchanging.SIDE, min(settings.timesteps, exchanging.STEPS)
        st.caption(
            f"This run's network for images of {side} × {side} pixels, in the Neuromorphic"
            f" Intermediate Representation, with a run of {many(steps, 'step')} to check a reader"
            f" by.{docs_site.link()}"
        )
        if changed := bench.in_words(result.settings, settings):
            st.warning(
                f"**Not quite this run's network.** So that {CALLED[library]} gives the spikes of"
                f" the file, it has: {'; '.join(changed)}.",
                icon=":material/swap_horiz:",
            )
        elif settings.reset == "subtraction":
            st.caption(
                "NIR has no reset by subtraction and no initial potential. They are in the file's"
                " metadata; a reader that leaves those aside resets to zero."
            )

        def make() -> bytes:
            network = exchanging.of_model(settings)
            return exchanging.made(network, steps, library=library).packed()

        button("Network", "nir", make, name=f"for-{library}" if library else "network")
