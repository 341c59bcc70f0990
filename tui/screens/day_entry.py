"""What is typed on the Day screen: a time, a credit, the take of an owed shot, a new owed shot, a person.

A draft is kept while one types and until the log has it (`tui/drafts.py`).
"""

from __future__ import annotations

from functools import partial

from onset.domain.credit import Owed
from onset.domain.production import DayStamp, Moment
from onset.logbook.days import clock_time, known_zone
from tui.day_sheet import DaySheet, typed_credit
from tui.drafts import Drafts
from tui.intents import day as intents
from tui.seen import Verb
from tui.widgets.entry import EntryLine, Purpose

_WORDS = {
    "stamp": "HH:MM at the place of the day",
    "credit": "complete, part or not started; pages; screen time; why: complete 1 4/8 1:20",
    "settle": "the take that it was: 42C/3",
    "owe": "42 insert the letter; or pickup, wild track, retake, shot",
    "person": "name, role, phone=…, email=…, unit=…, department=…",
}
_KIND = {"stamp": "stamp", "scene": "credit", "owed": "settle", "person": "person"}


class DayEntry(EntryLine):
    """The entry line with the purposes of the Day screen."""

    def __init__(self, drafts: Drafts, *, id: str | None = None) -> None:
        super().__init__(drafts, id=id)
        self._sheet: DaySheet | None = None

    @property
    def half_typed(self) -> bool:
        """What is open was half typed before."""
        return self.purpose is not None and self.drafts.at(self.purpose.spot) is not None

    def open_for(self, name: str, sheet: DaySheet) -> str:
        """Type about the line of that name; returns why not, empty when it is open."""
        section, _, about = name.partition(":")
        if section == "owed" and not about:
            return self.open_new("owe", sheet)
        if section == "scene" and sheet.day is None:
            return "No day is open yet; a scene is credited on the day that shot it."
        text, frame = "", about
        match section:
            case "stamp":
                stamp = stamp_of(name, sheet)
                zone = known_zone(sheet.day.timezone if sheet.day else "")
                text = clock_time(stamp.wall_ns, zone) if stamp is not None else ""
                frame = about.partition(":")[0]
            case "scene":
                text, frame = typed_credit(sheet, about), f"scene {about}"
            case "owed":
                owed = owed_of(name, sheet)
                if owed is None:
                    return "That is owed no more."
                text, frame = (owed.proposed[0].label if owed.proposed else ""), f"{owed.label} {owed.kind} is"
            case "person":
                text = next((f"{one.name}, {one.role}" for one in sheet.people if one.name == about), "")
                frame = "person"
        kind = _KIND[section]
        self._open(kind, Purpose(kind, key=name), sheet, text, frame)
        return ""

    def open_new(self, kind: str, sheet: DaySheet) -> str:
        """Type an owed shot or a person that is not there yet."""
        self._open(kind, Purpose(kind, key=f"{kind}:"), sheet, "", "owe" if kind == "owe" else "person")
        return ""

    def _open(self, kind: str, purpose: Purpose, sheet: DaySheet, text: str, frame: str) -> None:
        self._sheet = sheet
        self.open(purpose, text=text, placeholder=_WORDS[kind])
        self.frame(frame)

    def again(self, purpose: Purpose) -> None:
        """The log refused it: its words are there to be mended."""
        if self.purpose is None and purpose.key is not None:
            self.open(purpose, placeholder=_WORDS[purpose.kind])

    def verb(self, purpose: Purpose, text: str) -> Verb | None:
        """What Enter means; None where nothing was typed."""
        name, sheet = purpose.key or "", self._sheet
        about = name.partition(":")[2]
        if not text.strip() or sheet is None:
            return None
        match purpose.kind:
            case "stamp":
                what = Moment(about.partition(":")[0])
                instead = stamp_of(name, sheet) if what is Moment.COMPANY_MOVE else None
                return partial(intents.stamp_typed, text=text, what=what, day=sheet.day, instead=instead)
            case "credit":
                return partial(intents.credit, text=text, scene=scene_of(about, sheet), day=sheet.number)
            case "settle":
                owed = owed_of(name, sheet)
                return None if owed is None else partial(intents.settle, text=text, owed=owed)
            case "owe":
                return partial(intents.owe, text=text)
        return partial(intents.person, text=text, name=about)


def stamp_of(name: str, sheet: DaySheet) -> DayStamp | None:
    """The stamp that a line is about, one from the takes too; None where there is none yet."""
    _, what, stamp_id = (*name.split(":", 2), "")[:3]
    found = sheet.stamped(Moment(what))
    if what == Moment.COMPANY_MOVE:
        return next((one for one in found if one.id == stamp_id), None)
    return found[0] if found else None


def owed_of(name: str, sheet: DaySheet) -> Owed | None:
    """The owed shot that a line is about."""
    return next((one for one in sheet.owed if one.id == name.partition(":")[2]), None)


def scene_of(label: str, sheet: DaySheet) -> tuple[str, str | None]:
    """Number and episode of a scene on the sheet."""
    scene = sheet.scenes.get(label)
    credit = sheet.credits.get(label)
    if scene is None and credit is not None:
        return credit.number, credit.episode
    return (label, None) if scene is None else (scene.number, scene.episode)
