"""Camera and sound rolls: the verbs and questions of `onset.logbook.book_rolls` on SQLite, each verb one edit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import RowMapping

from logging_db.rows import hex_of, things
from logging_db.schema import projections, take
from logging_db.writing import Verbs
from onset.changes import Value
from onset.domain.card import Roll, RollState
from onset.domain.take import Stamp
from onset.logbook import board as boards
from onset.logbook import rolls
from onset.logbook.terms import Next
from onset.slate import check_label

_STATES = {str(state): state for state in RollState}
_ANGLE = projections["angle"]


class RollVerbs(Verbs):
    """See `onset.logbook.book_rolls.RollDepartment`."""

    def load(self, device: str, label: str, stamp: Stamp, *, serial: str = "", unit: str = "Main") -> Roll:
        label = check_label(label, "roll")
        sound = device.strip().casefold() == rolls.SOUND
        with self._edit("load", stamp.wall_ns) as edit:
            boards.check_unit(edit, unit)
            if serial.strip():
                rolls.refuse_uncleared(edit, serial.strip(), label)
            boards.set_next(edit, unit, Next(sound_roll=label) if sound else Next(rolls={device.strip(): label}))
            if serial.strip():
                rolls.set_roll(edit, unit, label, {"serial": serial.strip()})
        return self._roll(unit, label)

    def pull(self, label: str, stamp: Stamp, *, to: str = "", unit: str = "Main") -> Roll:
        with self._edit("pull", stamp.wall_ns) as edit:
            boards.check_unit(edit, unit)
            row = rolls.pull(edit, unit, label, to)
            boards.unload(edit, unit, row.text("device"), row.text("label"))
        return self._roll(unit, label)

    def hand(self, label: str, to: str, *, unit: str = "Main") -> Roll:
        with self._edit("hand") as edit:
            boards.check_unit(edit, unit)
            rolls.hand(edit, unit, label, to)
        return self._roll(unit, label)

    def set_roll(self, label: str, fields: Mapping[str, Value], *, unit: str = "Main") -> Roll:
        with self._edit("set roll") as edit:
            boards.check_unit(edit, unit)
            left = rolls.set_roll(edit, unit, label, fields)
            if left is not None:
                boards.unload(edit, unit, left.text("device"), left.text("label"))
        return self._roll(unit, label)

    def copying(self, label: str, *, unit: str = "Main", going: bool = True) -> None:
        with self._edit("copying") as edit:
            boards.check_unit(edit, unit)
            rolls.copying(edit, unit, label, going=going)

    def move_rolls(self, labels: Collection[str], day: int, *, unit: str = "Main") -> Sequence[Roll]:
        with self._edit("move rolls") as edit:
            boards.check_unit(edit, unit)
            rolls.move(edit, unit, labels, day)
        wanted = {label.strip() for label in labels}
        return [roll for roll in self.rolls(unit=unit) if roll.label in wanted and roll.state is not RollState.REUSED]

    def rolls(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Roll]:
        with self._reading() as connection:
            found = [_roll(connection, row) for row in things(connection, "roll", unit=unit)]
        return [roll for roll in found if day is None or roll.day == day]

    def _roll(self, unit: str, label: str) -> Roll:
        """The newest that bears the label: of two the other was used again."""
        return next(roll for roll in reversed(self.rolls(unit=unit)) if roll.label == label.strip())


def _roll(connection: Connection, row: RowMapping) -> Roll:
    return Roll(
        id=row["uid"].hex(),
        unit=row["unit"] or "",
        label=row["label"] or "",
        device=row["device"] or "",
        day=row["day"] if row["day"] is not None else _first_shot_on(connection, row),
        state=_STATES.get(row["state"], RollState.PULLED),
        serial=row["serial"] or "",
        holder=row["holder"] or "",
        note=row["note"] or "",
        loaded_ns=row["loaded_ns"],
        pulled_ns=row["pulled_ns"],
        changed_ns=row["changed_ns"],
        card=hex_of(row["card"]),
    )


def _first_shot_on(connection: Connection, row: RowMapping) -> int | None:
    """The day of the first take on a roll that was loaded before its day began."""
    chosen = select(func.min(take.c.day)).where(
        take.c.unit == row["unit"], take.c.deleted.is_not(1), take.c.rolled_ns >= (row["loaded_ns"] or 0)
    )
    if row["device"] == rolls.SOUND:
        chosen = chosen.where(take.c.sound_roll == row["label"])
    else:
        own = select(_ANGLE.c.owner).where(_ANGLE.c.roll == row["label"], _ANGLE.c.camera == row["device"])
        chosen = chosen.where(take.c.id.in_(own))
    found = connection.execute(chosen).scalar_one()
    return None if found is None else int(found)
