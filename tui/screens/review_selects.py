"""The day's selects on the Review screen: a list that is ordered, strung out and sent.

The list stands where the evidence does. Files are written and copied by processes of their own (`onset export`, `onset
send`): what was begun goes on when the app is closed, and the Offload screen shows how far a sending is.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from onset.domain.selects import SELECTS, in_order
from onset.domain.take import Take
from onset.errors import OffloadError
from onset.text import safe_text
from tui.intents import selects
from tui.screens.review_part import ListPart
from tui.widgets.entry import Purpose
from tui.widgets.items import Item

if TYPE_CHECKING:
    from tui.jobs import Started
    from tui.screens.review import ReviewScreen

KIND = "select:"  # begins the name of an item that is a take of the list
_FORMATS = ("edl", "fcpxml")
_LOOK_S = 0.5
_PATIENCE_S = 120


def select_items(takes: Sequence[Take]) -> list[Item]:
    """A line a take, in the order in which they are watched."""
    items = []
    for number, take in enumerate(takes, 1):
        said = "; ".join(filter(None, (take.description, *(note.text for note in take.notes if not note.mark))))
        circled = "(c)" if take.status == "circled" else "   "
        items.append(
            Item(said, f"{KIND}{take.id}", lead=f"{number:>3}  {take.label:<12} {circled} {_length(take):>7}  ")
        )
    return items


def head_of(takes: Sequence[Take], day: int, key: str) -> str:
    """`selects of day 3: 5 takes, 4:05`; `key` adds one."""
    seconds = sum((take.frame_rate.seconds_for(take.duration_frames or 0) for take in takes), start=0)
    whole = round(seconds)
    number = f"{len(takes)} take{'' if len(takes) == 1 else 's'}, {whole // 60}:{whole % 60:02d}"
    return (
        f"{SELECTS} of day {day}: {number}" if takes else f"{SELECTS} of day {day}: none yet; {key} on a take adds it"
    )


def _length(take: Take) -> str:
    if take.duration_frames is None:
        return "?"
    tenths = round(take.frame_rate.seconds_for(take.duration_frames) * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


class Selects(ListPart):
    """Shows them, orders them, strings them out, sends them."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self._started: list[Started] = []

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "selects": lambda _: self._turn(),
            "pick": lambda _: self._pick(),
            "sooner": lambda _: self._step(-1),
            "later": lambda _: self._step(1),
            "string_out": lambda _: self._string_out(),
            "send": lambda _: self._ask_disk(),
        }

    @property
    def _takes(self) -> list[Take]:
        page = self.screen.page
        return in_order(page.takes.values()) if page is not None else []

    @property
    def _under(self) -> str | None:
        """Id of the take under the cursor of this list."""
        name = self.screen.under or ""
        return name.removeprefix(KIND) if self._open and name.startswith(KIND) else None

    def _key(self, action: str) -> str:
        return self.screen.hand.keys.shown(f"review.{action}")

    def _say_none(self) -> None:
        self.screen.say(f"No take is among the selects of this day; {self._key('pick')} adds one.")

    # -- the list -----------------------------------------------------------------------------------------------------

    def detail(self) -> tuple[str, Sequence[Item]] | None:
        if not self._open:
            return None
        return head_of(self._takes, self.screen.shown_day, self._key("pick")), select_items(self._takes)

    def hints(self) -> Sequence[tuple[str, str]] | None:
        if not self._open:
            return None
        label = next((take.label for take in self._takes if take.id == self._under), "-")
        moves = [("sooner", f"{label} up"), ("later", "down"), ("pick", "takes it off")] if self._under else []
        return [*moves, ("string_out", "string-out"), ("send", "send")]

    def _turn(self) -> None:
        if not self.let_go():
            self._begin()

    def enter(self) -> bool:
        """The cursor of the list goes to that take."""
        take_id = self._under
        if take_id is None:
            return self._open
        names = [row.name for row in self.screen.takes.rows]
        self.let_go()
        if f"take:{take_id}" in names:
            self.screen.takes.pick(names.index(f"take:{take_id}"))
        return True

    def _pick(self) -> None:
        take_ids = (self._under,) if self._under is not None else self.screen.selecting.take_ids
        if take_ids:
            self.screen.log_it(partial(selects.pick, take_ids=take_ids))
        else:
            self.screen.say("Only a take can be among the selects; the arrows pick one.")

    def _step(self, by: int) -> None:
        screen = self.screen
        if self._under is None:
            screen.say(f"Selects are moved in their list; {self._key('selects')} shows it.")
            return
        screen.log_it(
            partial(selects.step, take_id=self._under, unit=screen.hand.deps.unit, day=screen.shown_day, by=by)
        )

    def put(self, name: str, beside: str, *, behind: bool) -> None:
        """A take of the list was dragged to its place beside another."""
        self.screen.log_it(
            partial(selects.put, take_id=name.removeprefix(KIND), beside=beside.removeprefix(KIND), behind=behind),
            failed=self.screen.show_detail,
        )

    # -- files --------------------------------------------------------------------------------------------------------

    def _words(self) -> list[str]:
        return ["--tag", SELECTS, "--day", str(self.screen.shown_day), "--unit", self.screen.hand.deps.unit]

    def _string_out(self) -> None:
        if not self._takes:
            self._say_none()
        else:
            self.screen.say("The string-out is being written …")
            self.screen.run_worker(self._export(), group="string-out", exclusive=True)

    async def _export(self) -> None:
        written: list[str] = []
        left_out = 0
        for name in _FORMATS:
            command = [*self.screen.hand.deps.onset, "export", name, *self._words(), "--json"]
            try:
                done = await asyncio.to_thread(
                    subprocess.run, command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE_S
                )
                told = json.loads(done.stdout) if not done.returncode else {}
            except (OSError, ValueError, subprocess.TimeoutExpired) as error:
                self.screen.say(f"The string-out could not be written: {safe_text(str(error))}.", True)
                return
            if done.returncode:
                said = done.stderr.decode(errors="replace").strip().splitlines()
                why = said[-1].removeprefix("onset: ") if said else f"{name} ended with {done.returncode}"
                self.screen.say(safe_text(why), True)
                return
            written += [safe_text(PurePath(each["path"]).name) for each in told["files"]]
            left_out = len(told["left_out"])
        without = f"; {left_out} left out" if left_out else ""
        self.screen.say(f"In exports: {', '.join(written)}{without}.")

    def _ask_disk(self) -> None:
        if not self._takes:
            self._say_none()
            return
        self.screen.before_typing()
        targets = ", ".join(safe_text(each.name) for each in self.screen.hand.deps.config.targets)
        self.screen.entry.disk(f"a folder{f', or {targets}' if targets else ''}; then --clips for originals")

    def typed(self, purpose: Purpose, text: str) -> bool:
        if purpose.kind != "send":
            return False
        disk, clips = text.strip(), False
        if disk.endswith(" --clips"):
            disk, clips = disk.removesuffix(" --clips").strip(), True
        if disk:
            self.screen.run_worker(self._send(disk, clips=clips), group="send")
        else:
            self.screen.say("Nothing is sent.")
        return True

    def left(self, purpose: Purpose) -> bool:
        if purpose.kind == "send":
            self.screen.say("Nothing is sent.")
        return purpose.kind == "send"

    async def _send(self, disk: str, *, clips: bool) -> None:
        from tui import jobs

        screen = self.screen
        words = ["send", "--progress", "jsonl", *self._words(), *(["--clips"] if clips else []), "--", disk]
        try:
            started = await asyncio.to_thread(jobs.start_words, screen.hand.deps.onset, words, SELECTS)
        except OffloadError as error:
            screen.say(str(error), True)
            return
        offload = screen.hand.keys.shown("all.place.offload")
        screen.say(f"The selects go to {safe_text(disk)}; Offload ({offload}) shows how far they are.")
        while started.process.poll() is None:
            if not screen.alive:
                started.let_go()
                return
            await asyncio.sleep(_LOOK_S)
        refusal = started.refusal()
        started.let_go()
        screen.say(refusal or f"The selects are on {safe_text(disk)}, verified, with string-outs.", bool(refusal))
