"""Verbs of `onset log` that put takes right: move, renumber, and a stamp that was made too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count, one, told
from onset.errors import RefusedError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onset.cli.log_desk import Printed
    from onset.domain.take import Take
    from onset.logbook.terms import CopiedFrom

_SLATED = "picture and sound were clapped with the label it has now; keep that as slated_as"


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    move = verb("move", "put takes under another slate, with everything that belongs to them", _move, moves_links=True)
    move.add_argument("takes", nargs="+", metavar="TAKE")
    move.add_argument("slate", metavar="SLATE")
    move.add_argument("--keep-numbers", action="store_true", help="where they are free (default: the slate's go on)")
    move.add_argument("--scene", metavar="N", help="the scene (default: the setup's, or read from the slate)")
    move.add_argument("--slated", action="store_true", help=_SLATED)
    renumber = verb("renumber", "give a take another number", _renumber, "TAKE", "NUMBER", moves_links=True)
    renumber.add_argument("--swap", action="store_true", help="with the take that has the number")
    renumber.add_argument("--slated", action="store_true", help=_SLATED)
    copy = verb("copy", "copy lens, stop, filters … of cameras to takes, or to a setup (setup:42C)", _copy, "TAKE")
    copy.add_argument(
        "--from",
        dest="source",
        metavar="TAKE | SLATE | WORDS",
        help="a take, a setup, or words of a past setup (default: the take before)",
    )
    copy.add_argument("--camera", action="append", default=[], metavar="X", help="only this camera")
    earlier = verb("earlier", "the newest stamp of a take was some seconds earlier", _earlier, moves_links=True)
    earlier.add_argument("take", nargs="?", metavar="TAKE", help="default: the one that rolls, else the last")
    earlier.add_argument("seconds", nargs="?", type=count, default=5, metavar="SECONDS", help="default: 5")


def _copy(desk: Desk) -> Printed:
    from onset.cli.log_script_lines import whole_setup
    from onset.logbook.as_json_script import setup_json

    args = desk.args
    source = _source(desk, args.source) if args.source else None
    kind, colon, slate = args.take.partition(":")
    if kind == "setup" and colon:
        if source is None:
            raise UsageError("Say from where to copy, as in --from setup:38A or --from 38A/2.")
        setup = desk.log.copy_camera_to_setup(slate, source, cameras=args.camera, episode=desk.episode)
        return {"setup": setup_json(setup)}, whole_setup(setup)
    takes = desk.log.copy_camera([take.id for take in desk.takes()], source, cameras=args.camera)
    return told(takes, [f"{take.label}: {_cameras_of(take)}." for take in takes], [args.take])


def _cameras_of(take: Take) -> str:
    return "; ".join(
        f"{angle.camera} {', '.join(angle.data.said().values())}" for angle in take.angles if angle.data.said()
    )


def _source(desk: Desk, text: str) -> CopiedFrom:
    """`38A/2` or last: a take; `setup:38A` or `38A`: a setup; other words: the one setup that has them all."""
    from onset.logbook.terms import CopiedFrom
    from onset.slate import split_take

    slate = text.removeprefix("setup:")
    if desk.log.setup(slate, episode=desk.episode) is not None:
        return CopiedFrom(slate=slate, episode=desk.episode)
    if slate == text and (text == "last" or split_take(text)[0] or len(text) == 32):
        return CopiedFrom(take_id=desk.log.find_take(text, unit=desk.unit).id)
    found = desk.log.find_setups(slate) if slate.strip() else []
    if len(found) == 1:
        return CopiedFrom(slate=found[0].slate, episode=found[0].episode)
    if not found:
        raise RefusedError(f"There is no setup {safe_text(slate)}, and none with such words.")
    some = "; ".join(f"{setup.slate} {setup.description}".strip() for setup in found[:5])
    raise RefusedError(f"{len(found)} setups have these words; name one: {safe_text(some)}{' …' * (len(found) > 5)}")


def _move(desk: Desk) -> Printed:
    args = desk.args
    takes = desk.takes(args.takes)
    moved = desk.log.move(
        [take.id for take in takes],
        args.slate,
        scene=args.scene,
        keep_numbers=args.keep_numbers,
        slated=args.slated,
    )
    return told(moved, _relabelled(takes, moved), args.takes)


def _renumber(desk: Desk) -> Printed:
    take = desk.take()
    changed = desk.log.renumber(take.id, desk.args.number, swap=desk.args.swap, slated=desk.args.slated)
    if len(changed) == 1:
        return one(changed[0], *_relabelled([take], changed))
    return told(changed, [f"{take.label} and {changed[0].label} have swapped numbers."], [desk.args.take])


def _relabelled(before: Sequence[Take], after: Sequence[Take]) -> list[str]:
    old = {take.id: take.label for take in before}
    slated = {take.id: f", slated as {take.slated_as}" for take in after if take.slated_as}
    return [f"{old[take.id]} is {take.label} now{slated.get(take.id, '')}." for take in after]


def _earlier(desk: Desk) -> Printed:
    from onset.cli.log_lines import moment
    from onset.domain.take import State

    args = desk.args
    if args.take is not None and args.take.isdecimal() and len(args.take) < 10:  # the seconds alone
        args.take, args.seconds = None, int(args.take)
    if args.seconds == 0:
        raise RefusedError("Nothing is 0 seconds earlier; say how many.")
    rolling = desk.log.rolling(desk.unit)
    take = desk.take() if args.take else rolling[0] if rolling else desk.log.find_take("last", unit=desk.unit)
    after = desk.log.earlier(take.id, args.seconds)
    if after.added:
        said = f"shot {args.seconds} s earlier, at {moment(after)}"
    elif after.state is not State.ROLLING:
        said = f"cut {args.seconds} s earlier, {after.tc_out or 'no timecode'}"
    elif after.runs:
        said = f"action {args.seconds} s earlier, {after.runs[-1].action or 'no timecode'}"
    else:
        said = f"rolled {args.seconds} s earlier, at {moment(after)}"
    return one(after, f"{after.label} {said}.")
