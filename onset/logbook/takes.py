"""The life of a take: roll, action, cut, and what is changed on it afterwards. Each function is one edit's content."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from onset.changes import Value, derived_id
from onset.domain.take import Kind, Stamp, State, Status
from onset.errors import RefusedError, TimecodeError
from onset.logbook import board, days, rolls, timing
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import checked_fields
from onset.logbook.rolling import rolling
from onset.logbook.terms import UNSET, Next, Unset
from onset.slate import check_label, false_start_label, new_label, next_take, sort_key
from onset.text import safe_text
from onset.timecode import Timecode, rate

_SECOND_NS = 1_000_000_000
DAY_S = 86_400


def label(take: Row) -> str:
    """`42C/3`, made safe to show."""
    return safe_text(f"{take.text('slate')}/{take.text('take')}")


def named(tx: Transaction, take_id: str) -> Row:
    """The take of that id.

    Raises:
        RefusedError: there is none.
    """
    take = tx.get("take", take_id)
    if take is None:
        raise RefusedError(f"There is no take with the id {safe_text(take_id)} in this log.")
    return take


def roll(tx: Transaction, stamp: Stamp, *, unit: str, change: Next | None, new_day: bool = False, by: str = "") -> str:
    """Start the take the board proposes; returns its id."""
    going = rolling(tx, unit)
    if going is not None:
        raise RefusedError(f"{label(going)} rolls already; cut it first.", going.id)
    if change is not None:
        board.set_next(tx, unit, change)
    now = board.proposed(tx, unit)
    if not now.slate:
        raise RefusedError('The board has no slate yet; say which, as in "onset log roll 42C".')
    day = days.for_roll(tx, unit, stamp, new_day=new_day)
    existing = same_slate(tx, now.episode, now.slate)
    number = _given(tx, existing, now)
    board.ensure_setup(tx, now.episode, now.scene, now.slate)
    take_id = tx.add(
        "take",
        {
            "unit": unit,
            "day": day,
            "episode": now.episode,
            "scene": now.scene,
            "slate": now.slate,
            "take": number,
            "ordinal": len(existing) + 1,
            "state": State.ROLLING,
            "status": Status.NONE,
            "kind": now.kind,
            "mos": now.mos,
            "tail_slate": now.tail_slate,
            "rate": production_rate(tx),
            "rolled_ns": stamp.wall_ns,
            "rolled_mono_ns": stamp.mono_ns,
            "boot": stamp.boot,
            "program": stamp.program,
            "tc_in": stamp.tc,
            "tc_source": stamp.tc_source,
            "user_bits": stamp.user_bits,
            "sound_roll": now.sound_roll,
            "rolled_by": by or None,
        },
    )
    if now.kind is not Kind.WILD_TRACK:
        for camera in board.cameras(tx, unit):
            if camera.flag("in_next"):
                set_angle(tx, take_id, camera.text("camera"), {"roll": camera.maybe_text("roll")})
                rolls.shot_on(tx, unit, camera.text("camera"), camera.maybe_text("roll"), day)
    if not now.mos:
        rolls.shot_on(tx, unit, rolls.SOUND, now.sound_roll, day)
    board.after_roll(tx, unit)
    return take_id


def _given(tx: Transaction, existing: Sequence[Row], now: board.Proposed) -> str:
    """The number that the board proposes, freed where a false start has it that does not count.

    One that is known to be a false start before it rolls gets the suffix itself, and leaves the number to the next.
    """
    labels = [row.text("take") for row in existing]
    free = not board.false_starts_count(tx)
    if (
        now.kind is Kind.FALSE_START
        and free
        and now.take == next_take(board.counted_numbers(tx, now.episode, now.slate))
    ):
        return false_start_label(now.take, labels)
    if free:
        _make_room(tx, existing, now.take)
        labels = [row.text("take") for row in same_slate(tx, now.episode, now.slate)]
    return now.take if sort_key(now.take) not in set(map(sort_key, labels)) else next_take(labels)


def _make_room(tx: Transaction, existing: Sequence[Row], number: str) -> None:
    """A false start whose number is clapped again keeps that number with a suffix, and what was clapped as well."""
    labels = [row.text("take") for row in existing]
    for row in existing:
        if row.text("kind") == Kind.FALSE_START and sort_key(row.text("take")) == sort_key(number):
            clapped = row.maybe_text("slated_as") or f"{row.text('slate')}/{row.text('take')}"
            label_now = false_start_label(row.text("take"), labels)
            tx.set("take", row.id, {"take": label_now, "slated_as": clapped})


def production_rate(tx: Transaction) -> str:
    """The project rate's name."""
    found = tx.newest("production", {})
    return found.text("rate") if found else "24"


def same_slate(tx: Transaction, episode: str | None, slate: str) -> list[Row]:
    """The takes of a slate that are not deleted, in order of arrival."""
    return [row for row in tx.find("take", {"slate": slate}) if row.maybe_text("episode") == episode]


def moment(take: Row, stamp: Stamp) -> int:
    """Nanoseconds from the roll to `stamp`: by the monotonic clock within one boot, else by the wall clock.

    A wall clock that is set while a take rolls (NTP, summer time) therefore spoils no duration.
    """
    boot = take.maybe_text("boot")
    if boot is not None and boot == stamp.boot:
        return max(0, stamp.mono_ns - take.number("rolled_mono_ns"))
    return max(0, stamp.wall_ns - take.number("rolled_ns"))


def action(tx: Transaction, take_id: str, stamp: Stamp) -> None:
    """A new run; the one before, if still open, ends here (a reset), and two runs make a series."""
    take = _rolling(tx, take_id)
    at_ns = take.number("rolled_ns") + moment(take, stamp)
    runs = tx.find("run", {"take": take_id})
    _end_run(tx, runs, stamp, at_ns)
    tx.add("run", {"take": take_id, "action": stamp.tc, "action_source": stamp.tc_source, "action_ns": at_ns})
    if runs and take.text("kind") == Kind.NORMAL:
        tx.set("take", take_id, {"kind": Kind.SERIES})


def cut(tx: Transaction, take_id: str, stamp: Stamp, *, state: State = State.CUT, by: str = "") -> None:
    """End it."""
    take = _rolling(tx, take_id)
    length_ns = moment(take, stamp)
    at_ns = take.number("rolled_ns") + length_ns
    _end_run(tx, tx.find("run", {"take": take_id}), stamp, at_ns)
    tx.set(
        "take",
        take_id,
        {
            "state": state,
            "cut_ns": at_ns,
            "tc_out": stamp.tc,
            "tc_out_source": stamp.tc_source,
            "duration_frames": rate(take.text("rate")).frames_in(Fraction(length_ns, _SECOND_NS)),
            "cut_by": by or None,
        },
    )


def close(tx: Transaction, take_id: str, duration_frames: int | None) -> None:
    """End a take whose cut nobody saw, after a length that somebody remembers.

    Where nobody does, the length stays empty, and the take ends for the log at the last stamp that it has.
    """
    take = _rolling(tx, take_id)
    rolled_ns, project = take.number("rolled_ns"), rate(take.text("rate"))
    runs = tx.find("run", {"take": take_id})
    last_ns = max([rolled_ns, *(run.number("action_ns") for run in runs)])
    at_ns, tc_out = last_ns, None
    if duration_frames is not None:
        at_ns = rolled_ns + timing.length_ns(duration_frames, project, label(take))
        if at_ns < last_ns:
            raise RefusedError(f"{label(take)} cannot end before its last action.", take_id)
        tc_in = take.maybe_text("tc_in")
        tc_out = Timecode.parse(tc_in, project).later(duration_frames).label if tc_in else None
    source = take.maybe_text("tc_source") if tc_out else None  # it is counted from there
    for run in runs:
        if run.maybe_number("cut_ns") is None:
            tx.set("run", run.id, {"cut": tc_out, "cut_source": source, "cut_ns": at_ns})
    ended: dict[str, Value] = {
        "state": State.INTERRUPTED,
        "cut_ns": at_ns,
        "tc_out": tc_out,
        "tc_out_source": source,
        "duration_frames": duration_frames,
    }
    tx.set("take", take_id, ended)


def earlier(tx: Transaction, take_id: str, seconds: int) -> None:
    """The newest stamp of a take (roll, action or cut) was `seconds` earlier; its label and the durations follow.

    Raises:
        RefusedError: by more than a day, or the stamp would come before the one that it follows.
    """
    take = named(tx, take_id)
    if seconds > DAY_S:
        raise RefusedError(f"No stamp of {label(take)} was {seconds} s late; that is more than a day.", take_id)
    runs = sorted(tx.find("run", {"take": take_id}), key=lambda row: row.number("action_ns"))
    step_ns = seconds * _SECOND_NS
    cut_ns = take.maybe_number("cut_ns")
    rolled_ns = take.number("rolled_ns")
    if cut_ns is not None:
        at_ns = cut_ns - step_ns
        _refuse_before(take, "cut", at_ns, runs[-1].number("action_ns") if runs else rolled_ns)
        label_now = _label_earlier(take, take.maybe_text("tc_out"), seconds)
        frames = rate(take.text("rate")).frames_in(Fraction(at_ns - rolled_ns, _SECOND_NS))
        tx.set("take", take_id, {"cut_ns": at_ns, "tc_out": label_now, "duration_frames": frames})
        if runs and runs[-1].maybe_number("cut_ns") == cut_ns:
            tx.set("run", runs[-1].id, {"cut_ns": at_ns, "cut": label_now})
    elif runs:
        action_ns = runs[-1].number("action_ns")
        at_ns = action_ns - step_ns
        _refuse_before(take, "action", at_ns, runs[-2].number("action_ns") if len(runs) > 1 else rolled_ns)
        label_now = _label_earlier(take, runs[-1].maybe_text("action"), seconds)
        tx.set("run", runs[-1].id, {"action_ns": at_ns, "action": label_now})
        if len(runs) > 1 and runs[-2].maybe_number("cut_ns") == action_ns:  # a reset ends the run before it
            tx.set("run", runs[-2].id, {"cut_ns": at_ns, "cut": label_now})
    else:
        at = {"rolled_ns": rolled_ns - step_ns, "rolled_mono_ns": take.number("rolled_mono_ns") - step_ns}
        tx.set("take", take_id, {**at, "tc_in": _label_earlier(take, take.maybe_text("tc_in"), seconds)})


def _refuse_before(take: Row, what: str, at_ns: int, least_ns: int) -> None:
    if at_ns < least_ns:
        raise RefusedError(f"The {what} of {label(take)} would come before the stamp it follows.", take.id)


def _label_earlier(take: Row, text: str | None, seconds: int) -> str | None:
    project = rate(take.text("rate"))
    return Timecode.parse(text, project).later(-project.frames_in(seconds)).label if text else None


def _rolling(tx: Transaction, take_id: str) -> Row:
    take = named(tx, take_id)
    if take.text("state") != State.ROLLING:
        raise RefusedError(f"{label(take)} does not roll; it was cut.", take_id)
    return take


def _end_run(tx: Transaction, runs: Collection[Row], stamp: Stamp, at_ns: int) -> None:
    for run in runs:
        if run.maybe_number("cut_ns") is None:
            tx.set("run", run.id, {"cut": stamp.tc, "cut_source": stamp.tc_source, "cut_ns": at_ns})


def add_take(
    tx: Transaction,
    *,
    slate: str,
    take: str | None,
    stamp: Stamp,
    unit: str,
    scene: str | None,
    fields: Mapping[str, Value],
    duration_frames: int | None,
    day: int | None = None,
    episode: str | Unset | None = UNSET,
) -> str:
    """Insert a take that was missed; returns its id."""
    slate = new_label(slate)
    now = board.proposed(tx, unit)
    if not isinstance(episode, Unset):
        now = replace(now, episode=check_label(episode, "episode") if episode else None)
    scene = check_label(scene, "scene") if scene else board.scene_for(tx, slate, now.episode, unit)
    number = new_label(take, "take") if take else next_take(board.counted_numbers(tx, now.episode, slate))
    if not board.false_starts_count(tx):
        _make_room(tx, same_slate(tx, now.episode, slate), number)
    existing = same_slate(tx, now.episode, slate)
    _refuse_twice(existing, number)
    project = rate(production_rate(tx))
    length_ns = timing.length_ns(duration_frames or 0, project, f"{safe_text(slate)}/{safe_text(number)}")
    tc_out = None
    if stamp.tc and duration_frames is not None:
        tc_out = Timecode.parse(stamp.tc, project).later(duration_frames).label
    board.ensure_setup(tx, now.episode, scene, slate)
    basic: dict[str, Value] = {
        "unit": unit,
        "day": days.for_roll(tx, unit, stamp) if day is None else days.opened(tx, unit, day),
        "episode": now.episode,
        "scene": scene,
        "slate": slate,
        "take": number,
        "ordinal": len(existing) + 1,
        "state": State.CUT,
        "status": Status.NONE,
        "kind": Kind.NORMAL,
        "mos": 0,
        "tail_slate": 0,
        "rate": project.name,
        "rolled_ns": stamp.wall_ns,
        "cut_ns": stamp.wall_ns + length_ns,
        "tc_in": stamp.tc,
        "tc_out": tc_out,
        "tc_source": stamp.tc_source,
        "tc_out_source": stamp.tc_source if tc_out else None,
        "duration_frames": duration_frames,
        "added": 1,
    }
    take_id = tx.add("take", basic)
    if fields:
        set_take(tx, take_id, fields)
    return take_id


def _refuse_twice(existing: Collection[Row], number: str) -> None:
    for row in existing:
        if sort_key(row.text("take")) == sort_key(number):
            raise RefusedError(f"{label(row)} is in the log already; choose another number.", row.id)


def set_take(tx: Transaction, take_id: str, fields: Mapping[str, Value]) -> None:
    """Change fields of a take; `timing.settled` says what follows from a timecode or a length."""
    take = named(tx, take_id)
    values = checked_fields("take", fields)
    if "scene" in values:
        values["scene"] = check_label(str(values["scene"]), "scene")
    labels: tuple[Literal["slate", "take"], ...] = ("slate", "take")
    for what in labels:
        if what in values:
            said = str(values[what])
            values[what] = check_label(said, what) if said == take.text(what) else new_label(said, what)
    _refuse_silence(take, values)
    if isinstance(values.get("day"), int):
        days.opened(tx, take.text("unit"), int(str(values["day"])))
    for name in ("tc_in", "tc_out"):
        value = values.get(name)
        if isinstance(value, str):
            try:
                values[name] = Timecode.parse(value, rate(take.text("rate"))).label
            except TimecodeError as error:
                raise RefusedError(str(error)) from error
    if {"slate", "take", "episode"} & values.keys():
        slate = str(values.get("slate", take.text("slate")))
        episode = values.get("episode", take.maybe_text("episode"))
        others = [
            row for row in same_slate(tx, episode if isinstance(episode, str) else None, slate) if row.id != take_id
        ]
        _refuse_twice(others, str(values.get("take", take.text("take"))))
        scene = str(values.get("scene", take.text("scene")))
        board.ensure_setup(tx, episode if isinstance(episode, str) else None, scene, slate)
    if "status" in values and values["status"] != take.text("status"):
        values.setdefault("status_reason", None)  # the reason was the old status'
    tx.set("take", take_id, values | timing.settled(tx, take, values))


def _refuse_silence(take: Row, values: Mapping[str, Value]) -> None:
    """A wild track has sound; of one that another log has without it, everything else can be put right."""
    wild = values.get("kind", take.text("kind")) == Kind.WILD_TRACK
    if {"kind", "mos"} & values.keys() and wild and values.get("mos", take.flag("mos")):
        raise RefusedError(board.NEVER_MOS)


def set_angle(tx: Transaction, take_id: str, camera: str, fields: Mapping[str, Value]) -> None:
    """Change what one camera adds to a take; one that joins a rolling take has the roll of the board."""
    take = named(tx, take_id)
    camera = check_label(camera, "camera")
    angle_id = derived_id("angle", take_id, camera).hex()
    values = checked_fields("angle", fields)
    if take.text("state") == State.ROLLING and tx.get("angle", angle_id) is None:
        on_board = tx.get("board_camera", board.camera_id(take.text("unit"), camera))
        values = {"roll": on_board.maybe_text("roll") if on_board else None} | values
    tx.add("angle", {"take": take_id, "camera": camera, "deleted": 0}, angle_id)
    tx.set("angle", angle_id, values)


def set_sound_take(tx: Transaction, take_id: str, device: str, fields: Mapping[str, Value]) -> None:
    """Change what one recorder adds to a take; the recorder joins the take if it was not in it."""
    named(tx, take_id)
    device = check_label(device, "recorder")
    sound_id = derived_id("sound_take", take_id, device).hex()
    tx.add("sound_take", {"take": take_id, "device": device, "deleted": 0}, sound_id)
    tx.set("sound_take", sound_id, checked_fields("sound_take", fields))


def rate_take(tx: Transaction, take_id: str, voter: str, value: str | None, reason: str | None = None) -> None:
    """What a voter says of a take, and why; None takes it back."""
    named(tx, take_id)
    voter = check_label(voter, "voter")
    rating_id = derived_id("rating", take_id, voter).hex()
    if value is None:
        tx.set("rating", rating_id, {"value": None, "reason": None})
    else:
        said = checked_fields("rating", {"reason": reason.strip() or None if reason else None})
        vote: dict[str, Value] = {"take": take_id, "voter": voter, "value": check_label(value, "rating"), "deleted": 0}
        tx.add("rating", vote, rating_id)
        tx.set("rating", rating_id, said)


def tag(tx: Transaction, take_id: str, *, add: Collection[str], remove: Collection[str]) -> None:
    """Put tags on a take and take others off."""
    named(tx, take_id)
    for word in add:
        word = check_label(word, "tag")
        tx.add("tag", {"take": take_id, "tag": word, "deleted": 0}, _tag_id(take_id, word))
    for word in remove:
        word = check_label(word, "tag")
        if tx.get("tag", _tag_id(take_id, word)) is None:
            raise RefusedError(f'{label(named(tx, take_id))} is not tagged "{safe_text(word)}".')
        tx.set("tag", _tag_id(take_id, word), {"deleted": 1})


def _tag_id(take_id: str, word: str) -> str:
    return derived_id("tag", take_id, word).hex()


def delete(tx: Transaction, take_id: str) -> None:
    """Hide it."""
    take = named(tx, take_id)
    if take.text("state") == State.ROLLING:
        raise RefusedError(f"{label(take)} rolls; cut it before it is deleted.", take_id)
    tx.set("take", take_id, {"deleted": 1})


def restore(tx: Transaction, take_id: str) -> None:
    """Bring it back; its number may have been given again meanwhile, and both then stay as they are."""
    if named(tx, take_id).flag("deleted"):  # else "undo" would say that it took back what never happened
        tx.set("take", take_id, {"deleted": 0})
