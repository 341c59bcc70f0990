"""`onset offload --watch`: notices cards that are inserted, says what each is, asks, copies, says when it is done.

Run by people in a terminal of its own. What was mounted before it started is left alone unless `--mounted` was given,
and nothing is copied without a yes, or `--yes`.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from collections.abc import Collection
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli import asking
from onset.cli.offload import (
    as_document,
    at_the_end,
    carry_out,
    ejected,
    from_copies,
    into_log,
    job_of,
    look_ahead,
    production_of,
    request_of,
    stop_asked,
    tell_result,
)
from onset.cli.offload_card import look_after, look_before, show
from onset.cli.offload_plan import tell_plan
from onset.cli.offload_targets import asked_of
from onset.cli.offload_then import rest_after, without_record
from onset.clock import SystemClock
from onset.errors import OffloadError, OnsetError, UsageError
from onset.offload.inserted import KernelMounts, MountEvents, identity, may_be_card, no_cards
from onset.offload.mounted import check_mounted
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cards.told import Look
    from onset.offload.cascade import Rest
    from onset.offload.disks import Mount
    from onset.offload.job import Request
    from onset.offload.plan import Plan

_LOOK_S = 0.5  # how soon Ctrl-C is seen
_Identity = tuple[str, str, int]


def watch(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C.

    Returns:
        0, or the exit code of the last copy that did not go well.

    Raises:
        UsageError: nobody can be asked, or options that do not go together.
        OnsetError: no such target, or a copy was stopped.
    """
    if args.label is not None:
        raise UsageError("--label names one card; with --watch each card is called as its volume is.")
    if not args.yes and not asking.is_terminal():
        raise UsageError("--watch asks before it copies, and there is no terminal here; give --yes to copy unasked.")
    args.targets = [path for path in (args.card, *args.targets) if path is not None]
    with stop_asked() as stop, closing(KernelMounts(SystemClock())) as events:
        return Watch(args, events, stop).run()


class Watch:
    """One watch: which mounts it has seen, which cards wait for a target to be connected."""

    def __init__(self, args: argparse.Namespace, events: MountEvents, stop: threading.Event) -> None:
        self._args = args
        self._events = events
        self._stop = stop
        self._production = production_of(args)
        no_card = Path(os.devnull)  # only to see early that there are such targets
        asked = asked_of(args, self._production, no_card)
        self._targets = (*asked.targets, *(later.target for later in asked.then))
        self._names = [target.name or str(target.path) for target in self._targets]
        self._filling: list[threading.Thread] = []
        self._waiting: set[_Identity] = set()
        self._saying = threading.Lock()
        self._code = 0

    def run(self) -> int:
        seen = frozenset() if self._args.mounted else frozenset(map(identity, self._events.now()))
        self._say(
            {"event": "watching", "targets": self._names}, f"Watching for cards to copy to {self._to}; Ctrl-C ends it."
        )
        self._tell_away()
        try:
            self._watch(seen)
        finally:
            for thread in self._filling:
                thread.join()
        return self._code

    def _watch(self, seen: frozenset[_Identity]) -> None:
        while not self._stop.is_set():
            there = self._events.now()
            new = [mount for mount in there if identity(mount) not in seen]
            seen = frozenset(map(identity, there))
            self._waiting &= seen
            keep_away = self._no_cards()
            cards = [mount for mount in new if may_be_card(mount, keep_away)]
            if len(cards) < len(new):  # perhaps the disk that a card waits for
                cards += [mount for mount in there if identity(mount) in self._waiting]
            for mount in cards:
                if not self._stop.is_set():
                    self._waiting.discard(identity(mount))
                    self._offer(mount)
            if not cards:
                self._events.wait(_LOOK_S)

    def _tell_away(self) -> None:
        """Say which targets cannot be copied to yet; their disks may come before the first card, so it watches on."""
        for target, name in zip(self._targets, self._names, strict=True):
            try:
                check_mounted([target])
                if not target.path.is_dir():
                    raise OffloadError(f"There is no folder {safe_path(target.path)}; connect its disk, or make it.")
            except OffloadError as error:
                self._say(
                    {"event": "away", "target": name, "because": _while_watching(error)},
                    f"WARNING: {safe_text(name)} is not there yet, and no card is copied without it. "
                    f"{_while_watching(error)}",
                )

    @property
    def _to(self) -> str:
        return ", ".join(map(safe_text, self._names))

    def _no_cards(self) -> list[Path]:
        """Folders whose disks are no cards: targets, whether asked for or not, and what the production is kept on."""
        paths = [Path(os.path.realpath(path)) for path in self._args.targets]
        if self._production is not None:
            from onset.config import load_config

            paths += no_cards(self._production, load_config(self._production))
        return paths

    def _offer(self, mount: Mount) -> None:
        """Show one card, ask, copy it. A refusal is told, and the watch goes on.

        Raises:
            OnsetError: Ctrl-C while it was copied; the sentence says how to go on.
        """
        args = argparse.Namespace(**vars(self._args) | {"card": mount.point})
        job = None
        try:
            request = request_of(args, self._production)
            job = job_of(request, self._production)
            plan = look_ahead(job, self._production, "none", self._stop)
            look = look_before(plan.card, self._production, args.unit, self._stop)
            self._show(plan, look)
            if not self._wanted(plan, mount):
                return
            outcome = carry_out(args, self._production, job, look, self._stop)
        except OnsetError as error:
            if self._stop.is_set():
                raise
            if job is None or not job.stopped:  # what somebody cancelled is not begun again by itself
                self._waiting.add(identity(mount))
            why = _while_watching(error)
            self._say({"event": "refused", "card": mount.point, "error": why}, f"{safe_path(mount.point)}: {why}")
            return
        rest = rest_after(outcome) if request.then else None
        if request.then and rest is None:
            outcome = without_record(request, outcome)
        look = look_after(look, outcome)
        in_log = into_log(args, self._production, outcome)
        unsafe = args.require_safe and outcome.verdict != "safe"
        self._code = outcome.exit_code or (1 if unsafe else self._code)
        if args.json:
            self._say({"event": "done", **as_document(outcome, look.as_json(), in_log)}, "")
        else:
            tell_result(outcome, look, in_log, (*plan.notes, *plan.media))
        shown = safe_path(mount.point)
        ejects = rest is None or outcome.verdict == "safe"
        at_the_end(args, outcome, ejects=ejects)
        if outcome.exit_code == 0 and not (args.eject and ejects):
            self._say(
                {"event": "unmount", "card": mount.point},
                f"{safe_text(outcome.label)} is copied and read back; {shown} may be unmounted.",
            )
        elif outcome.exit_code != 0:
            self._say(
                {"event": "keep", "card": mount.point},
                f"{safe_text(outcome.label)} is NOT done; look at {shown} first.",
            )
        if rest is not None and rest.next(()) is not None:  # the next card need not wait for that
            if outcome.exit_code == 0 and outcome.verdict == "safe":
                args = ejected(args)
            thread = threading.Thread(target=self._fill, args=(args, request, rest, outcome.warnings), name="fill")
            self._filling.append(thread)
            thread.start()

    def _fill(self, args: argparse.Namespace, request: Request, rest: Rest, told: Collection[str]) -> None:
        """Fill the slower targets from a card's first copy, while the watch goes on."""
        try:
            done = from_copies(args, self._production, request, rest, self._stop)
        except Exception as error:  # in a thread of its own nobody else would tell of it
            self._refused(request, error)
            return
        outcome = done.outcome
        self._code = outcome.exit_code or self._code
        if args.json:
            self._say({"event": "done", **as_document(outcome, done.contents, done.in_log)}, "")
        else:
            tell_result(outcome, None, done.in_log, told)
        at_the_end(args, outcome, ejects=done.ejects)
        if done.failed is not None:
            self._refused(request, done.failed)

    def _refused(self, request: Request, error: Exception) -> None:
        """Say why slower targets were not filled."""
        why = str(error) if isinstance(error, OnsetError) else f"{type(error).__name__}: {error}"
        self._code = error.exit_code if isinstance(error, OnsetError) else 1
        self._say({"event": "refused", "card": str(request.card), "error": why}, why)

    def _wanted(self, plan: Plan, mount: Mount) -> bool:
        """Whether this card is to be copied: by `--yes`, or as a person answers."""
        label = safe_text(plan.card.label)
        if self._args.yes:
            done = (f"every copy of {label} is there already",) if plan.complete else ()
            why = "; ".join(plan.doubts or done)
            if not why:
                return True
            how = "give it a --label" if plan.doubts else "it is verified again"
            self._say(
                {"event": "skipped", "card": mount.point, "because": why},
                f"{label} was not copied: {why}. With onset offload {safe_path(mount.point)} {how}.",
            )
            return False
        asked = "".join(f"{why}. " for why in plan.doubts)
        here = identity(mount)
        if asking.ask(
            f"{asked}Offload {label} to {self._to}?", self._stop, lambda: here in map(identity, self._events.now())
        ):
            return True
        if not self._stop.is_set():
            self._say({"event": "declined", "card": mount.point}, f"{label} was not copied.")
        return False

    def _show(self, plan: Plan, look: Look) -> None:
        if not self._args.json:
            tell_plan(plan)
            show(look)
            return
        self._say(
            {
                "event": "card",
                "card": str(plan.card.root),
                "label": plan.card.label,
                "fingerprint": plan.card.fingerprint,
                "files": len(plan.card.tree.files),
                "bytes": plan.card.tree.bytes,
                "forecast": {"eta_s": plan.eta_s, "targets": [asdict(room) for room in plan.rooms]},
                "notes": [*plan.notes, *plan.media],
                "contents": look.as_json(),
            },
            "",
        )

    def _say(self, event: dict[str, object], words: str) -> None:
        """One JSON object a line, or the words; a terminal that went away has stopped the watch and hears nothing."""
        try:
            with self._saying:  # copies that are being filled speak, too
                print(json.dumps(event) if self._args.json else words, flush=True)
        except OSError:
            if not self._stop.is_set():
                raise


def _while_watching(error: OnsetError) -> str:
    """A refusal, without "start again": a watch offers the card by itself when its targets are there."""
    return str(error).replace(" and start again", "")
