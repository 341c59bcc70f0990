"""The copies of `onset offload --watch`: a thread for each card that was agreed to, and what is told of its end.

Whose turn it is on a disk the queue decides, as for jobs of other processes.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.offload import (
    as_document,
    at_the_end,
    carry_out,
    ejected,
    from_copies,
    into_log,
    tell_result,
)
from onset.cli.offload_card import look_after
from onset.cli.offload_then import rest_after, without_record
from onset.cli.offload_watch_told import Told
from onset.errors import OffloadError, OnsetError
from onset.offload.disks import Mount
from onset.offload.inserted import identity
from onset.offload.progress import Phase
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cards.told import Look
    from onset.offload.cascade import Rest
    from onset.offload.job import OffloadJob, Request
    from onset.offload.plan import Plan

_BEGINS_S = 0.05


class Copies:
    """The copies of one watch.

    Attributes:
        code: the exit code of the last copy that did not go well, 0 while all do.
    """

    def __init__(
        self,
        production: Path | None,
        told: Told,
        stop: threading.Event,
        refused: Callable[[Mount, OffloadJob | None, OnsetError], None],
    ) -> None:
        """`refused` is called, in a copy's thread, for a card that was not copied; not where `stop` was set."""
        self._production = production
        self._told = told
        self._stop = stop
        self._refused = refused
        self._threads: list[tuple[tuple[str, str, int], threading.Thread]] = []
        self._logging = threading.Lock()  # one card after the other goes into the log
        self._stopped: list[tuple[str, OnsetError]] = []
        self.code = 0

    def begin(
        self, mount: Mount, args: argparse.Namespace, request: Request, job: OffloadJob, plan: Plan, look: Look
    ) -> None:
        """Copy a card that was agreed to; returns when its record and its folders are there.

        The next card may bear the same name: only then does it see that the folder is taken.
        """
        thread = threading.Thread(target=self._copy, args=(mount, args, request, job, plan, look), name="copy")
        self._threads.append((identity(mount), thread))  # the next card of that reader may be mounted alike
        thread.start()
        while thread.is_alive() and job.progress().phase is Phase.SCAN:
            thread.join(_BEGINS_S)

    def has(self, mount: Mount) -> bool:
        """Whether this card is being copied, or its slower targets filled."""
        return any(thread.is_alive() for here, thread in self._threads if here == identity(mount))

    def join(self) -> None:
        """Wait for all of them.

        Raises:
            OnsetError: Ctrl-C while cards were copied; the sentence says how to go on.
        """
        for _, thread in self._threads:
            thread.join()
        if len(self._stopped) == 1:
            raise self._stopped[0][1]
        if self._stopped:
            raise OffloadError(" ".join(f"{safe_text(label)}: {error}" for label, error in self._stopped))

    def _copy(
        self, mount: Mount, args: argparse.Namespace, request: Request, job: OffloadJob, plan: Plan, look: Look
    ) -> None:
        quiet = argparse.Namespace(**vars(args) | ({} if args.progress == "jsonl" else {"progress": "none"}))
        try:
            rest, warnings, args = self._from_card(mount, quiet, request, job, plan, look)
            if rest is not None and rest.next(()) is not None:
                self._fill(args, request, rest, warnings)
        except OnsetError as error:
            if self._stop.is_set():
                self._stopped.append((plan.card.label, error))
            else:
                with suppress(OSError):
                    self._refused(mount, job, error)
        except Exception as error:  # in a thread of its own nobody else would tell of it
            self._unforeseen(mount.point, error)

    def _from_card(
        self, mount: Mount, args: argparse.Namespace, request: Request, job: OffloadJob, plan: Plan, look: Look
    ) -> tuple[Rest | None, Collection[str], argparse.Namespace]:
        """Copy the card and tell; what is still to be filled, and what was told."""
        outcome = carry_out(args, self._production, job, look, self._stop)
        rest = rest_after(outcome) if request.then else None
        if request.then and rest is None:
            outcome = without_record(request, outcome)
        look = look_after(look, outcome)
        with self._logging:
            in_log = into_log(args, self._production, outcome)
        unsafe = args.require_safe and outcome.verdict != "safe"
        self.code = outcome.exit_code or (1 if unsafe else self.code)
        shown, label = safe_path(mount.point), safe_text(outcome.label)
        ejects = rest is None or outcome.verdict == "safe"
        with self._told.aloud():
            if args.json:
                self._told.say({"event": "done", **as_document(outcome, look.as_json(), in_log)}, "")
            else:
                tell_result(outcome, look, in_log, (*plan.notes, *plan.media))
            at_the_end(args, outcome, ejects=ejects)
            if outcome.exit_code == 0 and not (args.eject and ejects):
                words = f"{label} is copied and read back; {shown} may be unmounted."
                self._told.say({"event": "unmount", "card": mount.point}, words)
            elif outcome.exit_code != 0:
                self._told.say({"event": "keep", "card": mount.point}, f"{label} is NOT done; look at {shown} first.")
        done = outcome.exit_code == 0 and outcome.verdict == "safe"
        return rest, outcome.warnings, ejected(args) if done else args

    def _fill(self, args: argparse.Namespace, request: Request, rest: Rest, told: Collection[str]) -> None:
        """Fill the slower targets from a card's first copy."""
        try:
            done = from_copies(args, self._production, request, rest, self._stop)
        except Exception as error:  # whatever it is: the first copies stand, and are told
            self._unforeseen(str(request.card), error)
            return
        outcome = done.outcome
        self.code = outcome.exit_code or self.code
        with self._told.aloud():
            if args.json:
                self._told.say({"event": "done", **as_document(outcome, done.contents, done.in_log)}, "")
            else:
                tell_result(outcome, None, done.in_log, told)
            at_the_end(args, outcome, ejects=done.ejects)
        if done.failed is not None:
            self._unforeseen(str(request.card), done.failed)

    def _unforeseen(self, card: str, error: Exception) -> None:
        """Say why a card, or what was to be filled from it, was not copied."""
        why = str(error) if isinstance(error, OnsetError) else f"{type(error).__name__}: {error}"
        self.code = error.exit_code if isinstance(error, OnsetError) else 1
        with suppress(OSError):
            self._told.say({"event": "refused", "card": card, "error": why}, f"{safe_path(card)}: {why}")
