"""Keeps Streamlit from clearing the state of Keras after every draw.

Where a module of the name ``keras`` was ever imported, by whatever library, Streamlit calls its
``clear_session`` at the end of each run of the script, of each poll of a job's progress too. That
collects all garbage, for which every thread stops (a quarter of a second with TensorFlow loaded,
many times that on a busy machine), and empties TensorFlow's caches of kernels while the worker may
be computing with them. The lab keeps no state in Keras, so nothing is to be cleared. Streamlit has
no setting for it.
"""

from streamlit.runtime.scriptrunner import script_runner

NAME = "_clean_problem_modules"


def leave() -> None:
    """Clear nothing after a draw.

    Raises
    ------
    RuntimeError
        If this version of Streamlit does it elsewhere.
    """
    if not callable(getattr(script_runner, NAME, None)):
        raise RuntimeError(
            f"Streamlit's script_runner has no {NAME} any more: see whether it still clears Keras"
            " after each run of the script, and change snnlab/ui/shared/keras_state.py."
        )
    setattr(script_runner, NAME, lambda: None)
