"""A visitor without a browser: what the page's script would say and hear, over a WebSocket.

A browser takes a core and half a gigabyte; eight of them measure themselves. `Visitor` speaks
Streamlit's own messages (``streamlit.proto``), keeps the elements of the page as they come, and
does what a browser does of itself: it runs fragments again that are to run by themselves, sends
what controls hold, fetches what it was sent before from what it kept, and comes back after a lost
connection with the session that it had.
"""

import asyncio
import contextlib
import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar
from urllib import request

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PATIENCE = 300.0  # seconds for a page to be drawn
LARGEST = 200 * 1024 * 1024  # bytes of a message


class Lost(Exception):
    """The connection is gone."""


class Late(Exception):
    """What was waited for did not come."""


@dataclass(frozen=True)
class _Run:
    """A run of the script: when it began (s), of which page, of which fragments or of all."""

    begun: float = 0.0
    page: str = ""
    fragments: tuple[str, ...] = ()

    def fits(self, page: str, before: str, fragment: str) -> bool:
        """Whether it is what was asked for: a page, or a fragment of it.

        The server may go to a third page, but what is still drawn of the page before is not it.
        """
        if self.fragments:
            return fragment in self.fragments
        return self.page == page or self.page != before


class Visitor:
    """One visitor of one server.

    Parameters
    ----------
    url : str
        Of the server, such as ``http://127.0.0.1:8501``.
    """

    def __init__(self, url: str):
        self.url = url
        self.session = ""
        self.query = ""  # of the address
        self.pages: dict[str, str] = {}  # by their place in the address, "" the first
        self.page = ""  # hash of the one that is open
        self.elements: dict[tuple, object] = {}  # by their place on the page
        self.exceptions: list[str] = []  # tracebacks that a page showed
        self.heard = 0  # messages
        self._fragment_of: dict[str, str] = {}  # by widget
        self._blocks: dict[tuple, str] = {}  # keyed containers, by their place on the page
        self._fresh: set[tuple] = set()  # places that this run of the script has filled
        self._values: dict[str, WidgetState] = {}
        self._kept: dict[str, ForwardMsg] = {}  # messages that may be sent by hash alone
        self._again: dict[str, asyncio.Task] = {}  # fragments that run by themselves
        self._answers: dict[str, asyncio.Future] = {}
        self._socket = None
        self._reader: asyncio.Task | None = None
        self._now = _Run()  # the script's run that is on
        self._over: deque[_Run] = deque(maxlen=50)  # the last ones that ended
        self._changed = asyncio.Condition()

    # ---- the connection -------------------------------------------------------

    async def open(self, query: str = "", page: str = "") -> None:
        """Come for the first time, or again as somebody new."""
        await self.leave()
        self.__init__(self.url)
        self.query = query
        await self._connect()
        # which page an address means is the server's to say: it is asked by name
        await self._run(page_name=page)

    async def leave(self) -> None:
        """Close the tab."""
        for task in (self._reader, *self._again.values()):
            if task is not None:
                task.cancel()
        self._again.clear()
        if self._socket is not None:
            with contextlib.suppress(Exception):
                await self._socket.close()
        self._socket = self._reader = None

    async def lose(self, seconds: float) -> None:
        """Lose the connection without a word, and come back as the same visitor."""
        if self._socket is not None and self._socket.transport is not None:
            self._socket.transport.abort()
        await self.leave()
        await asyncio.sleep(seconds)
        await self._connect()
        await self._run()

    async def _connect(self) -> None:
        try:
            self._socket = await websockets.connect(
                self.url.replace("http", "ws", 1) + "/_stcore/stream",
                origin=self.url,
                subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN", *filter(None, [self.session])],
                max_size=LARGEST,
                open_timeout=60,
                ping_timeout=None,
            )
        except websockets.InvalidMessage as error:
            if isinstance(error.__cause__, (EOFError, ConnectionError)):  # cut in the handshake
                raise Lost from error
            raise
        self._reader = asyncio.create_task(self._read())

    # ---- what is said -----------------------------------------------------------

    async def _send(self, message: BackMsg) -> None:
        if self._socket is None:
            raise Lost
        try:
            await self._socket.send(message.SerializeToString())
        except websockets.ConnectionClosed as error:
            raise Lost from error

    def _rerun(self, fragment: str = "", page_name: str = "", auto: bool = False) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash, state.page_name = self.page, page_name
        state.fragment_id, state.is_auto_rerun = fragment, auto
        state.widget_states.widgets.extend(self._values.values())
        state.cached_message_hashes.extend(self._kept)
        state.context_info.url = f"{self.url}/{page_name}"
        state.context_info.timezone = "UTC"
        return message

    async def _run(self, fragment: str = "", page_name: str = "", patience: float = PATIENCE):
        """Ask for a run of the script, and wait until it is over."""
        asked, page, before = time.monotonic(), self.page, self._now.page
        message = self._rerun(fragment, page_name)
        for key in [key for key, value in self._values.items() if _triggers(value)]:
            del self._values[key]  # a press is one press
        await self._send(message)
        # a fragment that runs by itself may have begun meanwhile: it is not what was asked for
        await self.until(
            lambda: any(
                run.begun >= asked and run.fits(page, before, fragment) for run in self._over
            ),
            patience,
            "the page to be drawn",
        )

    async def turn_to(self, page: str) -> None:
        """Follow a link of the page map; "" is the first page."""
        self.page, self.query = self.pages[page], ""
        self._values = {k: v for k, v in self._values.items() if _in_sidebar(k)}
        await self._run()

    async def follow(self, query: str) -> None:
        """Go to another address of the same page, as by the arrows of a browser."""
        self.query = query
        await self._run()

    async def put(self, key: str, value) -> None:
        """Move a control; its key without what tells its generation."""
        widget = self.widget(key)
        if widget is None:
            raise Late(f"no control {key!r} on the page")
        kind, element = widget
        state = WidgetState(id=element.id)
        if kind == "slider" and element.options:
            state.string_array_value.data.extend(value if isinstance(value, tuple) else (value,))
        elif kind == "slider":
            state.double_array_value.data.extend(value if isinstance(value, tuple) else (value,))
        elif kind in ("button_group", "multiselect"):
            state.string_array_value.data.extend(value)
        elif kind == "number_input":
            state.double_value = value
        elif kind == "checkbox":
            state.bool_value = value
        elif kind in ("button", "download_button"):
            state.trigger_value = True
        else:
            state.string_value = value
        self._values[element.id] = state
        await self._run(self._fragment_of.get(element.id, ""))

    async def press(self, key: str) -> None:
        """Press a button."""
        await self.put(key, True)

    async def upload(self, key: str, name: str, data: bytes) -> None:
        """Give a file to an uploader."""
        widget = self.widget(key)
        if widget is None:
            raise Late(f"no place for files {key!r} on the page")
        message = BackMsg()
        wanted = message.file_urls_request
        wanted.request_id, wanted.session_id = uuid.uuid4().hex, self.session
        wanted.file_names.append(name)
        urls = (await self._ask(message, wanted.request_id)).file_urls[0]
        await asyncio.to_thread(self._put_file, urls.upload_url, name, data)
        state = WidgetState(id=widget[1].id)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = urls.file_id, name, len(data)
        info.file_urls.CopyFrom(urls)
        self._values[state.id] = state
        await self._run(self._fragment_of.get(state.id, ""))

    async def question(self, key: str, event: str, value) -> None:
        """Say something as a component does."""
        kind, element = self.widget(key) or (None, None)
        if kind != "bidi_component":
            raise Late(f"no component {key!r} on the page")
        state = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{element.id}__events")
        state.json_trigger_value = json.dumps([{"event": event, "value": value}])
        self._values[state.id] = state
        await self._run(self._fragment_of.get(element.id, ""))

    async def download(self, key: str) -> bytes:
        """Press a button that makes a file, and fetch it."""
        widget = self.widget(key)
        if widget is None or widget[0] != "download_button":
            raise Late(f"no download {key!r} on the page")
        message = BackMsg()
        wanted = message.backend_operation_request
        wanted.request_id, wanted.session_id = uuid.uuid4().hex, self.session
        wanted.deferred_file.file_id = widget[1].deferred_file_id
        answer = await self._ask(message, wanted.request_id)
        if answer.error_msg:
            raise Late(f"download {key!r}: {answer.error_msg}")
        return await asyncio.to_thread(self._fetch, answer.deferred_file.url)

    async def _ask(self, message: BackMsg, serial: str):
        self._answers[serial] = answer = asyncio.get_running_loop().create_future()
        try:
            await self._send(message)
            await self.until(answer.done, PATIENCE, "an answer of the server")
            return answer.result()
        finally:
            del self._answers[serial]

    def _put_file(self, place: str, name: str, data: bytes) -> None:
        cookies = CookieJar()
        opener = request.build_opener(request.HTTPCookieProcessor(cookies))
        opener.open(f"{self.url}/_stcore/health", timeout=PATIENCE).read()
        token = next((c.value for c in cookies if c.name == "_streamlit_xsrf"), "")
        edge = uuid.uuid4().hex
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        asked = request.Request(
            self.url + place,
            head.encode() + data + f"\r\n--{edge}--\r\n".encode(),
            {
                "Content-Type": f"multipart/form-data; boundary={edge}",
                "X-Xsrftoken": token,
                "Origin": self.url,
            },
            method="PUT",
        )
        opener.open(asked, timeout=PATIENCE).read()

    def _fetch(self, place: str) -> bytes:
        with request.urlopen(self.url + place, timeout=PATIENCE) as answer:
            return answer.read()

    # ---- what is heard ----------------------------------------------------------

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed, asyncio.CancelledError):
            async for data in self._socket:
                message = ForwardMsg()
                message.ParseFromString(data)
                self.heard += 1
                await self._take(message)
        async with self._changed:
            self._changed.notify_all()

    async def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            kept, metadata = self._kept.get(message.ref_hash), message.metadata
            if kept is None:
                return
            message = ForwardMsg()
            message.CopyFrom(kept)
            message.metadata.CopyFrom(metadata)
            kind = message.WhichOneof("type")
        elif message.metadata.cacheable and message.hash:
            self._kept[message.hash] = message
        if kind == "new_session":
            self._start(message)
        elif kind == "delta":
            self._draw(tuple(message.metadata.delta_path), message.delta)
        elif kind == "navigation":
            self.pages = {
                "" if page.is_default else page.url_pathname: page.page_script_hash
                for page in message.navigation.app_pages
            }
            self.page = message.navigation.page_script_hash
            # a first run is begun as one of the app, and knows only now which page it draws
            self._now = replace(self._now, page=self.page)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop_repeating(fragment)
        elif kind == "script_finished":
            self._finish(message)
        elif kind in ("file_urls_response", "backend_operation_response"):
            answer = getattr(message, kind)
            serial = getattr(answer, "response_id", "") or getattr(answer, "request_id", "")
            if serial in self._answers and not self._answers[serial].done():
                self._answers[serial].set_result(answer)
        async with self._changed:
            self._changed.notify_all()

    def _start(self, message: ForwardMsg) -> None:
        self.session = message.new_session.initialize.session_id or self.session
        fragments = tuple(message.metadata.run.fragment_ids)
        page = message.new_session.page_script_hash
        self._now = _Run(time.monotonic(), page, fragments)
        self._fresh = set()
        if not fragments:
            for fragment in list(self._again):
                self._stop_repeating(fragment)

    def _draw(self, place: tuple, delta) -> None:
        self._fresh.add(place)
        kind = delta.WhichOneof("type")
        if kind == "add_block":
            self._blocks[place] = delta.add_block.id
        if kind != "new_element":
            self.elements.pop(place, None)
            return
        element = delta.new_element
        self.elements[place] = element
        inner = getattr(element, element.WhichOneof("type") or "empty")
        if getattr(inner, "id", ""):
            self._fragment_of[inner.id] = delta.fragment_id
        if element.WhichOneof("type") == "exception":
            self.exceptions.append(f"{inner.type}: {inner.message}")

    def _finish(self, message: ForwardMsg) -> None:
        status = message.script_finished
        if status == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return
        if status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.exceptions.append("the script could not be compiled")
        if status == ForwardMsg.FINISHED_SUCCESSFULLY:
            for kept in (self.elements, self._blocks):
                for place in [place for place in kept if place not in self._fresh]:
                    del kept[place]
        self._over.append(self._now)

    def _repeat(self, fragment: str, seconds: float) -> None:
        self._stop_repeating(fragment)

        async def again() -> None:
            with contextlib.suppress(Lost, asyncio.CancelledError):
                while True:
                    await asyncio.sleep(seconds)
                    await self._send(self._rerun(fragment, auto=True))

        self._again[fragment] = asyncio.create_task(again())

    def _stop_repeating(self, fragment: str) -> None:
        task = self._again.pop(fragment, None)
        if task is not None:
            task.cancel()

    # ---- what is seen -------------------------------------------------------------

    async def until(self, seen: Callable[[], bool], patience: float, what: str) -> None:
        """Wait for something to be so.

        Raises
        ------
        Late
            If it is not in time.
        Lost
            If the connection is gone before.
        """
        end = time.monotonic() + patience
        while not seen():
            if self._reader is None or self._reader.done():
                raise Lost
            left = end - time.monotonic()
            if left <= 0:
                raise Late(what)
            async with self._changed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), min(left, 0.5))

    def widget(self, key: str):
        """A control by its key, generation aside, or its label: its kind and all of it, or None."""
        for kind, inner in self._controls():
            name = _key(inner.id)
            stem, _, last = name.rpartition("-")
            if key in (name, getattr(inner, "label", "")) or (key == stem and last.isdigit()):
                return kind, inner
        return None

    def named(self) -> list[str]:
        """Keys of all controls."""
        return [_key(inner.id) for _, inner in self._controls()]

    def labels(self, kind: str) -> list[str]:
        """Labels of all controls of a kind."""
        return [inner.label for found, inner in self._controls() if found == kind]

    def _controls(self):
        for element in list(self.elements.values()):
            kind = element.WhichOneof("type")
            inner = getattr(element, kind) if kind else None
            if getattr(inner, "id", ""):
                yield kind, inner

    def text(self) -> str:
        """All that stands on the page."""
        said = []
        for element in list(self.elements.values()):
            kind = element.WhichOneof("type")
            if kind in ("markdown", "alert", "text"):
                said.append(getattr(element, kind).body)
            elif kind == "progress":
                said.append(element.progress.text)
        return "\n".join(said)

    def alerts(self) -> list[str]:
        """What the page says in boxes: news, warnings, mistakes."""
        return [alert.body for alert in self._alerts()]

    def errors(self) -> list[str]:
        """What the page calls wrong."""
        return [alert.body for alert in self._alerts() if alert.format == Alert.ERROR]

    def _alerts(self) -> list[Alert]:
        found = [e for e in list(self.elements.values()) if e.WhichOneof("type") == "alert"]
        return [element.alert for element in found]


def _key(widget: str) -> str:
    """The key in a widget's id: ``$$ID-hash-key``."""
    parts = widget.split("-", 2)
    return parts[2] if widget.startswith("$$ID-") and len(parts) == 3 else ""


def _triggers(state: WidgetState) -> bool:
    return (state.WhichOneof("value") or "").endswith("trigger_value")


def _in_sidebar(widget: str) -> bool:
    return _key(widget).rsplit("-", 1)[-1].isdigit()
