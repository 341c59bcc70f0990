"""The Review screen in tests: opened on a compared day, waited for, its rows by their names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from onset.domain.camera import LinkState
from tests.tui.compared import a_compared_day, media_ids
from tests.tui.support import At, Set, at_work
from tui.screens.review import ReviewScreen


def screen_of(at: At) -> ReviewScreen:
    screen = at.app.screen
    assert isinstance(screen, ReviewScreen)
    return screen


async def read(at: At) -> None:
    """Wait until the screen shows what the log holds."""
    await at.settled()
    screen = screen_of(at)
    await at.until(lambda: screen.page is not None and not screen._reread.busy)
    await at.settled()


async def open_review(at: At) -> ReviewScreen:
    await at.press("g", "2")
    await at.until(lambda: isinstance(at.app.screen, ReviewScreen) and at.app.screen.is_mounted)
    await read(at)
    return screen_of(at)


async def do(at: At, *keys: str) -> None:
    for key in keys:
        await at.press(key)
        await read(at)


@asynccontextmanager
async def reviewing(place: Set, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[At, ReviewScreen]]:
    """The app on a compared day, on Review."""
    place.open().close()
    a_compared_day(place)
    async with at_work(place, size=size) as at:
        yield at, await open_review(at)


def labels(screen: ReviewScreen) -> list[str]:
    return [row.label for row in screen.takes.rows]


async def on(at: At, screen: ReviewScreen, label: str) -> None:
    """Put the cursor on a row."""
    screen.takes.pick(labels(screen).index(label))
    await at.settled()


async def narrow(at: At, text: str) -> list[str]:
    """Type on in the open line, and wait for what is found."""
    await at.type(text)
    await found(at)
    return labels(screen_of(at))


async def found(at: At) -> None:
    await at.until(lambda: not screen_of(at).narrowing.busy)
    await at.settled()


async def links_of(at: At) -> dict[tuple[str, str], LinkState]:
    """State of each link, by take and file."""
    takes = {take.id: label for label, take in (await at.takes()).items()}
    links = await at.app.hand.desk.read(lambda log: log.links())
    names = {media_id: name for name, media_id in (await at.app.hand.desk.read(media_ids)).items()}
    return {(takes[each.take_id], names[each.media_id]): each.state for each in links}
