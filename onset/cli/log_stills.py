"""Verbs of `onset log` on stills: which there are, and what a person says of one."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count
from onset.errors import UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.domain.still import Still
    from onset.logbook.as_json import Json
    from onset.logbook.terms import SaidOfStill

_STATES = ("proposed", "confirmed", "refused")
_WIDTH = 80


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    listed = verb("stills", "stills in the order they were taken", _stills)
    listed.add_argument("--day", type=count, metavar="N")
    listed.add_argument("--state", choices=_STATES, help="proposed: nobody has decided yet")
    listed.add_argument("--confirm", action="store_true", help="what is proposed for these is right, for all of them")
    said = verb("still", "which take a still belongs to, and whom it shows (alone: what is known)", _still)
    said.add_argument("still", metavar="STILL", help="its file's name, its path, or its id")
    said.add_argument("take", nargs="?", metavar="TAKE", help="the take that it belongs to")
    said.add_argument("--slate", metavar="SLATE", help="the setup that it belongs to")
    said.add_argument("--confirm", action="store_true", help="what is proposed is right")
    said.add_argument("--refuse", action="store_true", help="what is proposed is wrong")
    said.add_argument("--continuity", metavar="CHARACTER/SCENE", help="the entry that it is put to (empty: to none)")
    said.add_argument("--episode", metavar="E", help="of that entry's scene (default: the board's)")
    said.add_argument("--caption", metavar="TEXT", help="what it shows (empty: nothing)")


def _stills(desk: Desk) -> Printed:
    from onset.domain.camera import LinkState

    found = _listed(desk)
    if desk.args.confirm:
        proposed = [one for one in found if one.state is LinkState.PROPOSED and (one.take_id or one.setup_id)]
        if proposed:
            desk.log.confirm_stills([one.id for one in proposed])
        seen = {one.id for one in found}
        found = [one for one in desk.log.stills(day=desk.args.day) if one.id in seen]
    named = _Named(desk)
    return {"stills": [named.document(still) for still in found]}, named.lines(found) or ["No stills."]


def _listed(desk: Desk) -> list[Still]:
    return [
        still
        for still in desk.log.stills(day=desk.args.day)
        if still.unit in ("", desk.unit) and desk.args.state in (None, str(still.state))
    ]


def _still(desk: Desk) -> Printed:
    still = desk.log.find_still(desk.args.still)
    said = _said(desk)
    if said is not None:
        still = desk.log.say_of_still(still.id, said)
    named = _Named(desk)
    return {"still": named.document(still)}, named.lines([still])


def _said(desk: Desk) -> SaidOfStill | None:
    """What the arguments say of it; None when they say nothing."""
    from onset.domain.camera import LinkState
    from onset.logbook.terms import UNSET, SaidOfStill

    args = desk.args
    if sum((args.take is not None, args.slate is not None, args.confirm, args.refuse)) > 1:
        raise UsageError("Name a take or a setup, or confirm or refuse what is proposed: one of these.")
    state = LinkState.REFUSED if args.refuse else None
    if args.confirm or args.take is not None or args.slate is not None:
        state = LinkState.CONFIRMED
    continuity: tuple[str, str, str | None] | None = None
    if args.continuity:
        character, slash, scene = args.continuity.rpartition("/")
        if not slash or not character.strip() or not scene.strip():
            raise UsageError(f'"{safe_text(args.continuity)}" is not CHARACTER/SCENE, as in MARA/41.')
        episode = desk.log.board(desk.unit).episode if args.episode is None else args.episode or None
        continuity = character, scene, episode
    said = SaidOfStill(
        state=state,
        take_id=None if args.take is None else desk.log.find_take(args.take, unit=desk.unit).id,
        setup_id=None if args.slate is None else _setup_id(desk),
        continuity=UNSET if args.continuity is None else continuity,
        caption=UNSET if args.caption is None else args.caption,
    )
    return None if said == SaidOfStill() else said


def _setup_id(desk: Desk) -> str:
    setup = desk.log.setup(desk.args.slate)
    if setup is None:
        raise UsageError(f'There is no setup "{safe_text(desk.args.slate)}" in this log.')
    return setup.id


class _Named:
    """Takes, setups and continuity entries as people call them; asked of the log once for all stills."""

    def __init__(self, desk: Desk) -> None:
        self._log = desk.log
        self._slates = {one.id: one.slate for one in desk.log.setups()}
        self._looks = {one.id: f"{one.character}/{one.scene}" for one in desk.log.continuity()}

    def document(self, still: Still) -> dict[str, Json]:
        """A still as JSON, with what it belongs to."""
        from onset.logbook.as_json import still_json

        return {
            **still_json(still),
            "take": self._take(still),
            "slate": self._slates.get(still.setup_id or ""),
            "continuity": self._looks.get(still.continuity_id),
            "day": still.day,
            "unit": still.unit or None,
            "source_path": still.source_path,
            "taken_by": str(still.taken_by) if still.taken_by else None,
        }

    def lines(self, stills: Sequence[Still]) -> list[str]:
        """Two lines a still, or more: what it belongs to, and why."""
        lines: list[str] = []
        for still in stills:
            of = self._take(still) or self._slates.get(still.setup_id or "")
            words = [f"{still.state} for {of}" if of else "no take", self._looks.get(still.continuity_id) or ""]
            words += [f'"{still.caption}"'] if still.caption else []
            said = safe_text(f"{still.name}  {', '.join(filter(None, words))}")
            lines += textwrap.wrap(said, _WIDTH, subsequent_indent="    ")
            lines += textwrap.wrap(safe_text(still.evidence), _WIDTH, initial_indent="  ", subsequent_indent="    ")
        return lines

    def _take(self, still: Still) -> str | None:
        take = self._log.take(still.take_id) if still.take_id else None
        return take.label if take else None
