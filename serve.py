"""The lab as it is served: ``app.py`` behind the security headers. ``make run`` starts this."""

import streamlit as st

from snnlab.ui.shared import headers

app = st.App("app.py", middleware=headers.MIDDLEWARE)
