"""What every verb of `onset log` works at: its arguments, its log, and the moment it was given."""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from onset.cli.find import load_config
from onset.clock import Clock
from onset.errors import ConfigError, OnsetError, RefusedError
from onset.slate import check_label
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.domain.take import Stamp, Take
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook

    Printed = tuple[dict[str, Json], list[str]]  # the JSON document, and the lines for a person


class Verb(Protocol):
    """Describes one verb of `onset log` and returns its parser, for further arguments.

    `moves_links`: what it changes may make another clip or sound file the take's.
    """

    def __call__(
        self, name: str, purpose: str, act: Callable[[Desk], Printed], *arguments: str, moves_links: bool = False
    ) -> CommandParser: ...


class Desk:
    """One command's arguments, its log, and the moment it was given."""

    def __init__(self, args: argparse.Namespace, production: Path, log: Logbook, clock: Clock) -> None:
        self.args = args
        self.production = production
        self.log = log
        self.clock = clock
        self.unit: str = args.unit
        self.config_said = False  # that the configuration is wrong was said already

    def stamp(self) -> Stamp:
        """Now, with the master's label where the capture service runs, and the time of day where it does not.

        A mistake in the configuration, or a service that cannot be reached, must not cost a take: the stamp then falls
        back to the time of day, and standard error says why.
        """
        from onset.capture.master import CLOCK_SOURCE, local_offset_s, time_of_day
        from onset.cli.moment import boot_id
        from onset.domain.take import Stamp

        wall_ns, mono_ns = self.clock.wall_ns(), self.clock.monotonic_ns()
        production = self.log.production()
        try:
            stamp = self._stamp_of_the_service(production.id)
            if stamp is not None:
                return stamp
        except (OnsetError, OSError) as error:
            self.config_said = isinstance(error, ConfigError)
            sentence = str(error) if isinstance(error, OnsetError) else f"{error.strerror or error}."
            said = f"onset: {sentence} The time of day is stamped instead of the master's timecode."
            with contextlib.suppress(OSError):
                print(safe_text(said), file=sys.stderr)
        label = time_of_day(wall_ns, production.rate, local_offset_s(wall_ns))
        return Stamp(wall_ns=wall_ns, mono_ns=mono_ns, boot=boot_id(), tc=str(label), tc_source=CLOCK_SOURCE)

    def _stamp_of_the_service(self, production_id: str) -> Stamp | None:
        from onset.capture.bus import run_folder
        from onset.capture.lock import service_running
        from onset.cli.moment import Moments

        if not service_running(self.production):
            return None
        bus = run_folder(production_id)
        with contextlib.closing(Moments(bus, load_config(self.production), self.clock)) as moments:
            moments.settle()
            return moments.now()

    def take(self) -> Take:
        return self.log.find_take(self.args.take, unit=self.unit)

    @property
    def episode(self) -> str | None:
        """The board's: what a scene or slate belongs to when nobody says otherwise."""
        return self.log.board(self.unit).episode

    def scene(self, text: str) -> tuple[str, str | None]:
        """Number and episode of the scene a person means: `42` of the board's episode, or `101:42`."""
        return self._of_episode(text, "scene")

    def slate(self, text: str) -> tuple[str, str | None]:
        """Slate and episode of the setup a person means: `42C` of the board's episode, or `101:42C`."""
        return self._of_episode(text, "slate")

    def _of_episode(self, text: str, what: str) -> tuple[str, str | None]:
        episode, colon, label = text.rpartition(":")
        label = check_label(label, what)
        return (label, check_label(episode, "episode") if episode else None) if colon else (label, self.episode)

    def takes(self, arguments: Sequence[str] | None = None) -> list[Take]:
        """The takes that TAKE arguments name, ranges included, each once."""
        found: dict[str, Take] = {}
        for argument in arguments or [self.args.take]:
            found |= {take.id: take for take in self.log.find_takes(argument, unit=self.unit)}
        return list(found.values())

    def broken_off(self) -> Sequence[Take]:
        """Takes of the unit that roll in the log although nobody can have seen their cut."""
        if not self.log.rolling(self.unit):
            return ()
        from onset.cli.moment import here

        return self.log.broken_off(self.unit, here(self.production, self.clock))

    def rolling(self, wanted: str | None = None) -> Take:
        """The take that rolls; with `wanted`, that one whether it rolls or not (the log refuses what is void)."""
        if wanted is not None:
            return self.log.find_take(wanted, unit=self.unit)
        found = self.log.rolling(self.unit)
        if not found:
            raise RefusedError(f'Nothing rolls in unit {safe_text(self.unit)}; "onset log roll" starts a take.')
        return found[0]


def one(take: Take, line: str) -> Printed:
    from onset.logbook.as_json import take_json

    return {"take": take_json(take)}, [line]


def told(takes: Sequence[Take], lines: Sequence[str], arguments: Sequence[str]) -> Printed:
    """`{"take": …}` where one take was asked for, `{"takes": […]}` for a range or several, however many those are."""
    from onset.logbook.as_json import take_json
    from onset.logbook.ranges import names_several

    if len(arguments) == 1 and len(takes) == 1 and not names_several(arguments[0]):
        return {"take": take_json(takes[0])}, list(lines)
    return {"takes": [take_json(take) for take in takes]}, list(lines)


def count(text: str) -> int:
    """A number that a log could hold and a person could mean."""
    if re.fullmatch(r"\d{1,9}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError(f'"{safe_text(text)}" is not a whole number from 0 to 999999999')
    return int(text)
