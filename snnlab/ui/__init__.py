"""All that a visitor sees, and the only room that knows Streamlit.

In comes what a person chose: settings in the sidebar, a file, a click. It asks
`snnlab.lab` and shows what comes back, with `snnlab.figures`. Each page has a
folder of its own, with its Python, JavaScript, CSS and texts; what pages have in
common is in `shared`. Read `shared.bench` first: what is on screen, and how another
run is asked for; then `shared.frame.open`, what stands around every page.
"""

import streamlit as st

from snnlab.ui.shared import one_app

# a page that runs alone, on a server started without serve.py: once more, as part of the app
if one_app.claim() and st.runtime.scriptrunner.get_script_run_ctx() is not None:
    st.rerun()
