"""A visitor whose connection is lost is nothing to report on the terminal.

Streamlit writes to a connection in one task and reads from it in another. If it is the writing
that finds the visitor gone, the reading takes the closed connection for one that was sent
something wrong, closes it once more, and fails at that: each time with two tracebacks on the
terminal of whoever runs the lab. The session is looked after all the same.
"""

from starlette.middleware import Middleware
from starlette.websockets import WebSocketDisconnected


class GoneConnections:
    """ASGI middleware that ends where a visitor is gone, without an error.

    Parameters
    ----------
    app : callable
        The ASGI application behind it.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Pass everything on."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        gone = False

        async def noticed(message):
            nonlocal gone
            try:
                await send(message)
            except OSError:
                gone = True
                raise

        try:
            await self.app(scope, receive, noticed)
        except WebSocketDisconnected:
            if not gone:
                raise


MIDDLEWARE = [Middleware(GoneConnections)]
