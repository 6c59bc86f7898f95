"""The lab as it is served: ``app.py`` behind the security headers. ``make run`` starts this."""

import streamlit as st

from snnlab.ui.shared import headers, one_app

# before the app is made: a first visit to a page's address is to see the page in the app
one_app.claim()
app = st.App("app.py", middleware=headers.MIDDLEWARE)
