"""What people do in the lab, on all pages: a step at a time, drawn at random.

Each act is a coroutine that takes a `Guest`; it returns what the lab said in a sentence where it
refused something, and raises what a person would complain of: `replayed.Late` (nothing came),
`Wrong` (a traceback, something lost). `ACTS` says how often each is done.
"""

import asyncio
import hashlib
import io
import json
import random
import struct
from collections.abc import Awaitable, Callable

import numpy as np
from PIL import Image

from benchmarks.replayed import Visitor

LONG = 900.0  # seconds that work may take while others are served
MODELS = ("regularised", "generalist", "relu", "loihi", "phantom", "surrogate", "qcfs", "pooled")
METHODS = ("ecc", "bistable", "multi-threshold", "data-normalisation", "rate-scaling")


class Wrong(Exception):
    """What should not have been seen."""


class Guest:
    """A visitor, and what the visitor expects to find again.

    Attributes
    ----------
    visitor : Visitor
    chance : random.Random
    own : set of str
        Models made here, as the list names them; they stay as long as the visitor does.
    """

    def __init__(self, url: str, seed: int):
        self.visitor, self.chance = Visitor(url), random.Random(seed)
        self.own: set[str] = set()

    def check(self) -> None:
        """Whatever was done, no traceback was shown and nothing of one's own is gone.

        Raises
        ------
        Wrong
        """
        if self.visitor.exceptions:
            said, self.visitor.exceptions = self.visitor.exceptions, []
            raise Wrong(f"a traceback: {said[0][:200]}")
        listed = self.models()
        if listed and (gone := self.own - listed):
            self.own -= gone
            raise Wrong(f"lost: the models {', '.join(sorted(gone))}")

    def models(self) -> set[str]:
        """Names in the list of models."""
        found = self.visitor.widget("model")
        return set(found[1].options) if found else set()

    async def shown(self, steps: int) -> str | None:
        """Wait for a run of so many steps to be on the page, or for a sentence."""
        page, sign = self.visitor, f"· {steps} timesteps ·"
        told: list[str] = []

        def settled() -> bool:
            late = any(text.startswith("**Out of date") for text in page.alerts())
            told[:] = page.errors()
            return (sign in page.text() and not late) or bool(told)

        await page.until(settled, LONG, f"a run of {steps} steps")
        return told[0] if told else None

    async def work(self, start: str, page: str) -> str | None:
        """Start long work by a button, and stay, lose the connection, look elsewhere or give up."""
        visitor, chance = self.visitor, self.chance
        await visitor.press(start)
        if not visitor.widget("Cancel"):
            said = visitor.errors()
            return said[0] if said else None  # it was known already, or refused
        way = chance.choice(("stay", "stay", "lose", "look", "give up"))
        await asyncio.sleep(chance.uniform(0.5, 4))
        if way == "give up":
            if visitor.widget("Cancel"):  # it may be over by now
                await visitor.press("Cancel")
            return None
        if way == "lose":
            await visitor.lose(chance.uniform(0.3, 3))
        elif way == "look":
            await visitor.turn_to("")
            await asyncio.sleep(chance.uniform(0.5, 4))
            await visitor.turn_to(page)

        def over() -> bool:
            return not visitor.widget("Cancel")

        await visitor.until(over, LONG, f"the end of what {start!r} began")
        said = visitor.errors()
        return said[0] if said else None


# ---- pictures ---------------------------------------------------------------------


def picture(chance: random.Random, side: int) -> tuple[bytes, bytes]:
    """An image and its labels as PNG; now and then speckled."""
    random_ = np.random.default_rng(chance.randrange(2**32))
    coarse = random_.random((side // 16 + 2, side // 16 + 2))
    cells = np.kron(coarse, np.ones((16, 16)))[:side, :side] > 0.3
    grey = np.where(cells, 0.7, 0.2) + random_.normal(0, 0.05, cells.shape)
    if chance.random() < 0.4:
        specks = random_.random(cells.shape) < 0.3
        grey, cells = np.where(specks, random_.random(cells.shape), grey), cells ^ specks
    return _png(grey), _png(cells)


def _png(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray((255 * values.clip(0, 1)).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


# ---- acts -------------------------------------------------------------------------


async def run(guest: Guest) -> str | None:
    """Other settings, by the address."""
    chance = guest.chance
    model, steps = chance.choice(MODELS), chance.randrange(4, 80)
    query = f"model={model}&steps={steps}&section={chance.randrange(4)}"
    if model == "relu" and chance.random() < 0.5:
        query += f"&method={chance.choice(METHODS)}"
    if chance.random() < 0.5:
        query += f"&th={chance.choice((0, 0.1, 0.5, 0.9, 1))}"
    await guest.visitor.turn_to("")
    await guest.visitor.follow(query)
    return await guest.shown(steps)


async def slide(guest: Guest) -> str | None:
    """Timesteps moved by the slider."""
    await guest.visitor.turn_to("")
    steps = guest.chance.choice(("6", "8", "12", "20", "40"))
    await guest.visitor.put("timesteps", steps)
    return await guest.shown(int(steps))


async def tour(guest: Guest) -> None:
    """Page after page."""
    for page in guest.chance.sample(sorted(guest.visitor.pages), 5):
        await guest.visitor.turn_to(page)
        if len(guest.visitor.elements) < 20:
            raise Wrong(f"the page {page!r} is empty")
        await asyncio.sleep(guest.chance.uniform(0, 2))


async def look(guest: Guest) -> None:
    """What is behind a pixel, in a box, in a layer; scores over time."""
    visitor, chance = guest.visitor, guest.chance
    await visitor.turn_to("")
    if not visitor.widget("viewer-link"):
        raise Wrong("no viewer on the page")
    at = [chance.randrange(40), chance.randrange(40)]  # in the smallest picture, and its box
    for serial, want in enumerate(("column", "region", "map", "rand", "activation")):
        before, told = None, _told(visitor)
        # a run that ends meanwhile puts another result on the page, which is asked in its turn
        while before != told["result"]:
            before, blob = told["result"], visitor.widget("viewer-link")[1].bytes
            asked = {"result": before, "serial": serial, "want": want}
            asked |= {"places": [at], "box": [*at, 20, 20]}
            await visitor.question("viewer-link", "ask", asked)
            told = _told(visitor)
        if visitor.widget("viewer-link")[1].bytes == blob:
            raise Wrong(f"no answer to {want!r}")


def _told(visitor: Visitor) -> dict:
    """What the page tells its viewer, without the answer."""
    found = visitor.widget("viewer-link")[1].bytes
    (length,) = struct.unpack_from("<I", found)
    return json.loads(found[4 : 4 + length])


async def upload(guest: Guest) -> str | None:
    """A picture of one's own, with labels."""
    visitor, chance = guest.visitor, guest.chance
    await visitor.turn_to("")
    steps = chance.randrange(8, 40)
    await visitor.follow(f"source=upload&steps={steps}")
    name, (image, labels) = (
        f"{chance.randrange(10**6)}.png",
        picture(chance, chance.choice((64, 200, 256, 400, 512))),
    )
    await visitor.upload("upload", name, image)
    if chance.random() < 0.8:
        # the labels' place is named by the image that they are of
        key = f"labels-{hashlib.sha256(image).hexdigest()}"
        await visitor.upload(key, f"labels-{name}", labels)
    told = await guest.shown(steps)
    if told is None and name not in visitor.text():
        raise Wrong(f"{name} is not what is shown")
    return told


async def large(guest: Guest) -> str | None:
    """A large picture in tiles, more often than not given up."""
    visitor, chance = guest.visitor, guest.chance
    await visitor.turn_to("")
    await visitor.follow("source=upload&steps=16")
    await visitor.upload("upload", "large.png", picture(chance, 1024)[0])
    if visitor.widget("Cancel") and chance.random() < 0.7:
        await asyncio.sleep(chance.uniform(1, 8))
        if visitor.widget("Cancel"):
            await visitor.press("Cancel")
        return None
    return await guest.shown(16)


async def take_away(guest: Guest) -> None:
    """Downloads."""
    await guest.visitor.turn_to("")
    there = [key for key in guest.visitor.named() if key.startswith("take-page-")]
    for key in guest.chance.sample(there, min(4, len(there))):
        if not await guest.visitor.download(key):
            raise Wrong(f"{key} is empty")


async def presets(guest: Guest) -> None:
    """A preset, undone and done again."""
    visitor = guest.visitor
    await visitor.turn_to(guest.chance.choice(("", "rates", "spikes")))
    there = [key for key in visitor.named() if key.startswith("preset-")]
    await visitor.press(guest.chance.choice(there))
    for key in ("undo", "redo"):
        await visitor.press(key)


async def compare(guest: Guest) -> None:
    """Pin, and look at both."""
    await guest.visitor.turn_to("")
    await guest.visitor.press("pin")
    await guest.visitor.turn_to("compare")


async def methods(guest: Guest) -> str | None:
    """Two conversion methods side by side."""
    visitor = guest.visitor
    await visitor.turn_to("methods")
    kind, box = visitor.widget("Methods") or (None, None)
    if kind != "multiselect":
        return None  # a comparison of one's own is under way
    await visitor.put("Methods", guest.chance.sample(list(box.options), 2))
    return await guest.work("Compare", "methods") if visitor.widget("Compare") else None


async def sweep(guest: Guest) -> str | None:
    """A sweep of the section on screen."""
    await guest.visitor.turn_to("sweep")
    for label in ("Discard",):
        if guest.visitor.widget(label):
            await guest.visitor.press(label)
    return await guest.work("Start", "sweep") if guest.visitor.widget("Start") else None


async def tune(guest: Guest) -> str | None:
    """A model tuned for a few seconds, and used."""
    visitor = guest.visitor
    await visitor.turn_to("finetune")
    if not visitor.widget("tune-start"):
        return None
    if visitor.widget("Minutes"):
        await visitor.put("Minutes", 0.1)
    told = await guest.work("tune-start", "finetune")
    if visitor.widget("tune-use"):
        before = guest.models()
        await visitor.press("tune-use")
        guest.own |= guest.models() - before
    return told


async def train(guest: Guest) -> str | None:
    """A net trained from scratch for a few steps, on synthetic sections."""
    visitor = guest.visitor
    await visitor.turn_to("train")
    if not visitor.widget("training-start") and visitor.widget("training-example"):
        await visitor.press("training-example")
    if not visitor.widget("training-start"):
        return None
    if visitor.widget("Steps"):
        await visitor.put("Steps", 10.0)
    return await guest.work("training-start", "train")


async def energy(guest: Guest) -> str | None:
    """Joules; and now and then all models for the front."""
    visitor = guest.visitor
    await visitor.turn_to("energy")
    if guest.chance.random() < 0.3 and visitor.widget("Run all models"):
        return await guest.work("Run all models", "energy")
    return None


async def chips(guest: Guest) -> str | None:
    """Another model on the board."""
    visitor = guest.visitor
    await visitor.turn_to("chips")
    await visitor.follow(f"model={guest.chance.choice(MODELS[:4])}")

    def mapped() -> bool:
        return not any("Still on the board" in text for text in visitor.alerts())

    await visitor.until(lambda: mapped() or visitor.errors(), LONG, "the board")
    return next(iter(visitor.errors()), None)


async def learn(guest: Guest) -> str | None:
    """A lesson set up."""
    visitor = guest.visitor
    await visitor.turn_to("learn")
    there = [key for key in visitor.named() if key.startswith("set-up-")]
    if there:
        await visitor.press(there[0])
    return next(iter(visitor.errors()), None)


async def nonsense(guest: Guest) -> None:
    """An address that makes no sense."""
    await guest.visitor.turn_to("")
    await guest.visitor.follow("steps=many&model=nobody&p=1e999&at=x&th=%00&source=moon")
    if not guest.visitor.text():
        raise Wrong("nothing is drawn")


async def drop(guest: Guest) -> None:
    """The connection is lost for a moment: what one had is still there."""
    visitor = guest.visitor
    await visitor.turn_to("")
    session, query, models = visitor.session, visitor.query, guest.models()
    await visitor.lose(guest.chance.uniform(0.2, 5))
    if visitor.session != session:
        raise Wrong("lost: the visitor came back as somebody else")
    if visitor.query != query:
        raise Wrong(f"lost: the address {query!r} became {visitor.query!r}")
    if gone := models - guest.models():
        raise Wrong(f"lost: the models {', '.join(sorted(gone))}")


async def come_anew(guest: Guest) -> None:
    """The tab is closed, and somebody else comes, to some page."""
    page = guest.chance.choice(sorted(guest.visitor.pages))
    await guest.visitor.leave()
    await asyncio.sleep(guest.chance.uniform(0, 20))
    guest.own.clear()
    await guest.visitor.open(page=page)


Act = Callable[[Guest], Awaitable[str | None]]
ACTS: dict[Act, int] = {
    run: 20, slide: 10, tour: 12, look: 10, upload: 8, large: 2, take_away: 6, presets: 4,
    compare: 4, methods: 3, sweep: 2, tune: 2, train: 2, energy: 3, chips: 1, learn: 4,
    nonsense: 3, drop: 8, come_anew: 4,
}  # fmt: skip
