"""What the command line hands to the screens: the log, the clocks, the live bus, the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from onset.capture.signals import Slot
from onset.clock import Clock
from onset.config import Config
from onset.domain.take import Stamp, Take
from onset.logbook.protocol import Logbook
from onset.timecode import Timecode
from tui.paper_desk import PaperDesk

if TYPE_CHECKING:
    from onset.offload.disks import Mount

S = TypeVar("S", bound=Slot)


class Live(Protocol):
    """The live bus as a screen reads it (`onset.capture.bus.Watcher`); never blocks."""

    def newest(self, device: str, slot_type: type[S]) -> S | None:
        """The newest slot, None before the first."""
        ...

    def devices(self) -> list[str]:
        """Devices that published their health, dead or alive."""
        ...

    def sources(self) -> list[str]:
        """Timecode sources that were published, dead or alive."""
        ...


Ask = Callable[[str, str | None, Mapping[str, str]], str]
"""Asks the capture service or a device (what, device, args); answers a sentence or raises CaptureError. May block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """Everything the app needs from outside.

    Attributes:
        open_logbook: called once, on the thread that will write.
        clock: of this process.
        stamp: the moment now with the master's label; called at each key on the event loop, so it must not block.
        label_at: the master's label at a moment of the monotonic clock, and its source; must not block.
        live: the live bus, None where there is none.
        ask: None where there is no service to ask.
        service_running: whether the capture service runs; may read a file.
        start_service: starts it, and returns once it answers or raises CaptureError; may block. None: nobody can.
        broken_off: takes of the unit that roll in the log although nobody can have seen their cut; may read files.
        jobs: folder of the offload jobs' journals.
        mounted: what may be a card and is mounted now; may block.
        onset: command that starts onset, for jobs that run in a process of their own.
        open_aside: opens the log once more, for questions that take longer than a key may wait and for matching; a seat
            of its own, so that undo never takes back what a match wrote. None: the screens' own reader answers, and
            nothing is matched.
        papers: makes reports; None where there is nobody who does.
        warning: a sentence that must be seen when the app opens (nothing is recorded), or empty.
    """

    open_logbook: Callable[[], Logbook]
    config: Config
    production: Path
    clock: Clock
    stamp: Callable[[], Stamp]
    label_at: Callable[[int], tuple[Timecode, str]]
    live: Live | None = None
    ask: Ask | None = None
    service_running: Callable[[], bool] = field(default=lambda: False)
    start_service: Callable[[], object] | None = None
    broken_off: Callable[[Logbook], Sequence[Take]] = field(default=lambda _: ())
    jobs: Path | None = None
    mounted: Callable[[], Sequence[Mount]] = field(default=tuple)
    onset: Sequence[str] = ()
    unit: str = "Main"
    open_aside: Callable[[], Logbook] | None = None
    warning: str = ""
    papers: PaperDesk | None = None
