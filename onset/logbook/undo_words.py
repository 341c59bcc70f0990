"""Words for what an undo or a redo did ("42C/2 no longer circled", SCREENS, rule 5), and how it reads a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onset.changes import Value
from onset.domain.camera import CAMERA_DATA, LinkState
from onset.domain.take import Kind, State
from onset.logbook import board, undo_words_takes
from onset.logbook.engine import PastChange, Row, Transaction
from onset.logbook.entities import FIELDS
from onset.logbook.fields import field_name, value_words, written
from onset.logbook.takes import label
from onset.logbook.undo_words_script import note_about, scene_name, script_sentence, setup_name
from onset.logbook.undo_words_takes import is_field, takes_of, target
from onset.text import safe_text

KEPT = frozenset(("seat", "setup", "day", "production"))
_NEXT = frozenset(("episode", "scene", "slate", "take"))
_SAID = 60  # characters of a text that the sentence quotes
_STATES = {State.ROLLING: "still rolling", State.CUT: "cut", State.INTERRUPTED: "closed as interrupted"}


def sentence(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """The words; empty for the board, whose proposal is known only afterwards."""
    name = undo_words_takes.names(takes_of(tx, changes))
    for change in changes:
        if change.beside:
            thing = change.entity.replace("_", " ")
            return contested(change, name if name and thing == "take" else f"{name} {thing}".strip(), back)
    for change in changes:
        if is_field(change, "take", "state") and not change.created:
            return f"{name} {_STATES[State(str(target(change, back)))]}"
        if change.created and change.entity == "take":
            name = undo_words_takes.names([take for take in takes_of(tx, changes) if take.id == change.entity_id])
            return f"{name} taken out again" if back else f"{name} is in again"
    said = undo_words_takes.moved_in_time(tx, changes, back) or script_sentence(tx, changes, back)
    if said:
        return said
    for change in changes:
        if change.entity == "tag" and change.field != "place":
            return f"{name} {undo_words_takes.tagged(tx, changes, back)}"
        if change.entity in ("note", "tag") or (change.entity == "run" and change.created):
            return _attached(tx, change, name, back)
        if is_field(change, "take", "deleted"):
            return f"{name} deleted" if target(change, back) == 1 else f"{name} restored"
    for change in changes:
        if change.entity == "link":
            return _linked(tx, change, [one for one in changes if one.entity_id == change.entity_id], name, back)
        if change.entity == "saved_filter":
            return _saved(tx, change.entity_id, changes, back)
        if change.entity == "explanation":
            gone = back if change.created else is_field(change, "explanation", "deleted") and target(change, back) == 1
            return f"difference {'no longer' if gone else 'is again'} explained"
        if change.entity == "continuity":
            own = [one for one in changes if one.entity_id == change.entity_id]
            return _continuity(tx, own, back)
        if change.entity == "still":
            own = [one for one in changes if one.entity_id == change.entity_id]
            others = len({one.entity_id for one in changes if one.entity == "still"}) - 1
            return _still(tx, own, back) + (f", and {others} more likewise" if others else "")
    for change in changes:
        moved = change.entity == "run" or is_field(change, "take", "rolled_ns") or is_field(change, "take", "cut_ns")
        if moved and not change.created:
            return f"a stamp of {name} is where it was" if back else f"a stamp of {name} is moved again"
    for change in changes:
        if is_field(change, "take", "status"):
            return undo_words_takes.judged([one for one in changes if is_field(one, "take", "status")], name, back)
    copied = [one for one in changes if one.entity in ("angle", "camera_setup") and one.field in CAMERA_DATA]
    if len(copied) > 1 and len(copied) == len(changes):
        setup = tx.get("setup", (tx.get("camera_setup", copied[0].entity_id) or Row("", 0, {})).text("setup"))
        of = name or (setup_name(setup) if setup else "a setup")
        return f"camera data of {of} {'as before' if back else 'changed again'}"
    relabelled = undo_words_takes.relabelled(tx, changes, back)
    if relabelled:
        return relabelled
    for change in changes:
        if turns(change) and (change.entity not in ("board", "board_camera") or not change.created):
            said = _field(tx, change, changes, name, back)
            if said:
                return said + _too(change, changes)
    return ""


def _too(first: PastChange, changes: Sequence[PastChange]) -> str:
    """`, tail slate too`: what else a person had said of the same take in that edit."""
    also = (one.field for one in changes if one.entity == "take" == first.entity and not one.created)
    fields = dict.fromkeys(name for name in also if name != first.field and FIELDS[first.entity][name].open)
    return f", {', '.join(name.replace('_', ' ') for name in fields)} too" if fields else ""


def shortened(said: str) -> str:
    """What a person wrote, as much of it as a sentence holds."""
    shown = safe_text(said)
    return shown if len(shown) <= _SAID else f"{shown[: _SAID - 1]}…"


def contested(change: PastChange, whose: str, back: bool) -> str:
    """`42C/2 status: circled or ng is open again`."""
    what = field_name(change.entity, change.field).replace("_", " ")
    values = [
        value_words(change.entity, change.field, value)
        for value in ((change.old, *change.beside) if back else (change.new,))
    ]
    return f"{whose} {what}: {' or '.join(values)}{' is open again' if back else ' again'}"


def in_words(value: Value) -> str:
    """A value of any field as a person reads it."""
    return "empty" if value is None else safe_text(str(value))


def _attached(tx: Transaction, change: PastChange, name: str, back: bool) -> str:
    row = tx.get(change.entity, change.entity_id)
    if row is None:
        return f"{name} changed"
    if change.entity == "run":
        return f"action of {name} taken back" if back else f"action of {name} is back"
    if change.entity == "tag":
        return f'{name} {"where it was" if back else "moved again"} among "{safe_text(row.text("tag"))}"'
    name = name or note_about(tx, row)
    what = "mark" if row.flag("mark") else "note"
    words = f': "{shortened(row.text("text"))}"' if row.text("text") else ""
    return f"{what} on {name} {'taken back' if back else 'is back'}{words}"


def _linked(tx: Transaction, first: PastChange, changes: Sequence[PastChange], name: str, back: bool) -> str:
    """`A014C007 no longer linked to 42C/3`."""
    row = tx.get("link", first.entity_id) or Row(first.entity_id, 0, {})
    media_id = row.text("media")
    media = tx.get("clip", media_id) or tx.get("sound", media_id) or Row(media_id, 0, {})
    file = safe_text(media.text("name").rpartition(".")[0] or media.text("name"))
    after = dict(row.fields)
    after |= {"deleted": int(back)} if first.created else {one.field: target(one, back) for one in changes}
    refused = row.text("state") == LinkState.REFUSED
    match after["state"]:
        case _ if after.get("deleted") == 1:
            return f"{file} no longer {'refused for' if refused else 'linked to'} {name}"
        case LinkState.CONFIRMED:
            return f"{file} linked to {name}"
        case LinkState.REFUSED:
            return f"{file} refused for {name}"
        case _:
            return f"{file} {'no longer refused for' if refused else 'no longer confirmed, but proposed, for'} {name}"


def _continuity(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """`MARA in scene 41: wardrobe is "navy coat" again`."""
    first = changes[0]
    row = tx.get("continuity", first.entity_id) or Row(first.entity_id, 0, {})
    whose = safe_text(f"{row.text('character')} in scene {row.text('scene')}")
    gone = [back if one.created else target(one, back) == 1 for one in changes if one.created or one.field == "deleted"]
    if gone:
        return f"continuity of {whose} {'taken back' if gone[0] and back else 'deleted' if gone[0] else 'is back'}"
    if len(changes) > 1:
        names = ", ".join(one.field.replace("_", " and ") for one in changes)
        return f"{whose}: {names} are {'as before' if back else 'as changed'}"
    value = target(first, back)
    shown = "empty" if value is None else f'"{safe_text(str(value))}"'
    return f"{whose}: {first.field.replace('_', ' and ')} is {shown}{' again' if back else ''}"


def _still(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """`IMG_4711.jpg no longer belongs to 42C/3`."""
    row = tx.get("still", changes[0].entity_id) or Row(changes[0].entity_id, 0, {})
    after = {**row.fields, **{one.field: target(one, back) for one in changes}}
    file = safe_text(row.text("path").rpartition("/")[2])
    turned = {one.field for one in changes}
    if "state" in turned or "of_take" in turned or "setup" in turned:
        of = _shown_by(tx, after)
        words = {LinkState.CONFIRMED: "belongs to", LinkState.REFUSED: "is refused for"}
        said = {str(state): word for state, word in words.items()}.get(str(after["state"]))
        return f"{file} {said or 'is only proposed for'} {of}" if of else f"{file} belongs to no take"
    if "continuity" in turned:
        now = after["continuity"] if isinstance(after["continuity"], str) else None
        whose = tx.get("continuity", now or row.text("continuity"))
        name = safe_text(f"{whose.text('character')} in scene {whose.text('scene')}") if whose else "anybody"
        return f"{file} {'is put to' if now else 'is no longer put to'} {name}"
    caption = after.get("caption")
    shown = "empty" if caption is None else f'"{safe_text(str(caption))}"'
    return f"caption of {file} is {shown}{' again' if back else ''}"


def _shown_by(tx: Transaction, fields: Mapping[str, Value]) -> str:
    """The take or setup that a still belongs to."""
    of_take, setup = fields.get("of_take"), fields.get("setup")
    if isinstance(of_take, str) and (take := tx.get("take", of_take)) is not None:
        return label(take)
    if isinstance(setup, str) and (shot := tx.get("setup", setup)) is not None:
        return f"slate {safe_text(shot.text('slate'))}"
    return ""


def _saved(tx: Transaction, filter_id: str, changes: Sequence[PastChange], back: bool) -> str:
    """`filter "B lacks sound" no longer saved`."""
    row = tx.get("saved_filter", filter_id) or Row(filter_id, 0, {})
    name = f'filter "{safe_text(row.text("name"))}"'
    if changes[0].created:
        return f"{name} {'no longer saved' if back else 'is saved again'}"
    for change in changes:
        if change.field == "deleted":
            return f"{name} {'no longer saved' if target(change, back) == 1 else 'is saved again'}"
    queries = [target(change, back) for change in changes if change.field == "query"]
    return f'{name} finds "{safe_text(str(queries[0]))}" again' if queries else f"{name} is as it was"


def _field(tx: Transaction, change: PastChange, changes: Sequence[PastChange], name: str, back: bool) -> str:
    """`42C/2 description is "wide" again`."""
    row = tx.get(change.entity, change.entity_id) or Row(change.entity_id, 0, {})
    value = None if change.created and back else target(change, back)
    match change.entity:
        case "board" | "board_camera" | "roll":
            return ""
        case "angle":
            name = f"{name} camera {safe_text(row.text('camera'))}"
            if change.created:
                return f"{name} {'taken out again' if back else 'is in again'}"
            if change.field in ("start", "end"):
                did = "started" if change.field == "start" else "cut"
                return f"{name} {did} at {safe_text(str(value))}" if value else f"{name} no longer {did} on its own"
        case "sound_take":
            name = f"{name} recorder {safe_text(row.text('device'))}"
            if change.created:
                return f"{name} {'taken out again' if back else 'is in again'}"
        case "rating" if change.field != "reason" or change.created:
            own = [each for each in changes if each.entity_id == change.entity_id]
            rating = undo_words_takes.rating_after(tx, own, back)
            whose = f"{name}: {safe_text(row.text('voter'))}'s rating"
            if not undo_words_takes.rated_alike(tx, changes, back):
                return f"{whose} as before"
            return f'{whose} is "{safe_text(rating)}"{" again" * back}' if rating else f"{whose} taken back"
        case "rating":
            name = f"{name}: {safe_text(row.text('voter'))}'s"
        case "camera_setup" if change.field in ("setup", "camera", "deleted"):
            return ""
        case "camera_setup":
            setup = tx.get("setup", row.text("setup")) or Row("", 0, {})
            name = f"{setup_name(setup)} camera {safe_text(row.text('camera'))}"
        case "setup":
            name = setup_name(row)
        case "scene":
            name = scene_name(row)
    if change.field == "omitted":
        return f"{name} {'omitted' if value == 1 else 'no longer omitted'}"
    if change.field == "rehearsal_ns":
        took = f"{int(value) // 1_000_000_000} s" if isinstance(value, int) else ""
        return f"rehearsal of {name} {f'took {took}' if took else 'taken back'}"
    shown = "empty" if value is None else f'"{shortened(written(FIELDS[change.entity][change.field], value))}"'
    alike = all(target(one, back) == value for one in changes if is_field(one, change.entity, change.field))
    if not alike and len(takes_of(tx, changes)) > 1:
        return f"{name} {change.field.replace('_', ' ')} as before"
    return f"{name} {change.field.replace('_', ' ')} is {shown}{' again' if back else ''}".strip()


def board_sentence(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """What is next now; and what is the same slate and take as before, in what it is another (`next is 42/1, MOS`)."""
    for change in changes:
        row = tx.get(change.entity, change.entity_id)
        unit = row.text("unit") if row and change.entity in ("board", "board_camera") else ""
        if unit:
            now = board.proposed(tx, unit)
            said = "" if any(each.field in _NEXT for each in changes) else _of_next(tx, changes, back)
            return f"next is {safe_text(now.slate)}/{safe_text(now.take)}{said}" if now.slate else "the board is empty"
    board_made = any(change.entity == "board" for change in changes)  # it has no unit any more
    return "the board is empty" if board_made else "taken back"


def _of_next(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """`, camera B out`."""
    words = []
    for change in changes:
        value = None if change.created and back else target(change, back)
        row = tx.get(change.entity, change.entity_id)
        camera = f"camera {safe_text(row.text('camera'))}" if row and change.entity == "board_camera" else ""
        match change.field:
            case "mos":
                words.append("MOS" if value else "not MOS")
            case "tail_slate":
                words.append("tail slate" if value else "head slate")
            case "kind":
                words.append(safe_text(str(value)) if value else str(Kind.NORMAL))
            case "sound_in_next":
                words.append("sound in" if value in (None, 1) else "sound out")
            case "in_next":
                words.append(f"{camera} {'in' if value else 'out'}")
            case "roll" | "sound_roll":
                words.append(f"{camera or 'sound'} roll {in_words(value)}")
    return "".join(f", {each}" for each in dict.fromkeys(words))


def turns(change: PastChange) -> bool:
    """A setup that came into being stays with its name; what was said of it is taken back."""
    if change.entity not in KEPT:
        return True
    if change.entity == "day" and change.created:
        return False  # it goes as a whole, or stays: see days.keep_opened
    return change.entity != "seat" and (not change.created or FIELDS[change.entity][change.field].open)
