"""The lab as it is served: ``app.py`` behind headers and hosts. ``make run`` starts this."""

import streamlit as st

from snnlab.ui.shared import (
    addresses,
    answers,
    classroom,
    docs_site,
    gone_connections,
    gone_fragments,
    headers,
    hosts,
    housekeeping,
    keras_state,
    late_downloads,
    one_app,
    outside,
    packed,
    reconnected,
    sources,
    stale,
)
from snnlab.ui.shared.kept import post
from snnlab.work import memory

# before TensorFlow is there, and a thread of the lab's
memory.spare()
# before the app is made: a first visit to a page's address is to see the page in the app
one_app.claim()
keras_state.leave()
sources.leave()
late_downloads.keep()
answers.keep()
reconnected.whole()
outside.heed()
stale.forget()
gone_fragments.quiet()
# a refusal carries the headers too
app = st.App(
    "app.py",
    lifespan=housekeeping.lifespan,
    routes=[*post.ROUTES, *docs_site.routes()],
    middleware=[
        *gone_connections.MIDDLEWARE,
        *headers.MIDDLEWARE,
        *hosts.middleware(classroom.hosts()),
        *addresses.MIDDLEWARE,
        *packed.MIDDLEWARE,
    ],
)
