"""Every action of the screens by id, with its keys. Footers, `?`, `:` and the configuration's `[keys]` read this.

Keys are Textual's names; a chord is two keys with a blank between (`g 1`). A letter answers to both its cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["log", "review", "offload", "devices", "reports", "day"]
PLACES: tuple[tuple[int, Place, str], ...] = (
    (1, "log", "Log"),
    (2, "review", "Review"),
    (3, "offload", "Offload"),
    (4, "devices", "Devices"),
    (5, "reports", "Reports"),
    (6, "day", "Day"),
)
CAMERAS = "ABCD"
PHRASES = (
    "good for camera",
    "good for performance",
    "line flub",
    "soft focus",
    "boom in shot",
    "noise on sound",
    "eyeline off",
    "continuity off",
    "safety take",
)
# The keys of the digits where a digit needs Shift (AZERTY).
BARE_DIGITS = (
    "ampersand",
    "é",
    "quotation_mark",
    "apostrophe",
    "left_parenthesis",
    "minus",
    "è",
    "underscore",
    "ç",
)
REASONS = ("camera", "sound", "performance", "incomplete", "technical")


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key does.

    Attributes:
        id: as `[keys]` in the configuration says it; the part before the dot is the place, `all` for everywhere.
        keys: that do it; an empty tuple means only `:` does.
        title: what it does, for `?` and `:`.
        hint: what it is called in few words: beside its second key, once the first one of a chord was pressed.
        in_text: works from inside a text field too.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    hint: str = ""
    in_text: bool = False

    @property
    def place(self) -> str:
        return self.id.split(".", 1)[0]

    @property
    def verb(self) -> str:
        """The id between place and argument: `camera` of `log.camera.A`."""
        return self.id.split(".")[1]

    @property
    def argument(self) -> str:
        """What follows the verb: `A` of `log.camera.A`."""
        return self.id.split(".", 2)[2] if self.id.count(".") > 1 else ""


def _places() -> tuple[Action, ...]:
    return tuple(
        Action(f"all.place.{place}", (f"g {digit}", f"f{digit}"), f"Go to {title}", title, in_text=True)
        for digit, place, title in PLACES
    )


def _cameras() -> tuple[Action, ...]:
    one = [
        Action(
            f"log.camera.{camera}",
            (str(n),),
            f"Camera {camera} in or out of the next take; rolling: starts, cuts now",
        )
        for n, camera in enumerate(CAMERAS, 1)
    ]
    rolls = [
        Action(f"log.roll_label.{camera}", (f"r {n}",), f"Next roll label of camera {camera}", f"camera {camera}")
        for n, camera in enumerate(CAMERAS, 1)
    ]
    return (
        *one,
        Action("log.sound", ("0",), "Sound in or out of the next take"),
        *rolls,
        Action("log.roll_label.sound", ("r 0",), "Next sound roll", "sound"),
    )


ACTIONS: tuple[Action, ...] = (
    Action("log.roll_cut", ("space",), "Roll the proposed take; cut the rolling one", "roll"),
    Action("log.action", ("a",), "Action (again: reset); rehearsal stopwatch while nothing rolls", "action"),
    Action("log.earlier", ("b",), "The newest stamp was 5 s earlier"),
    Action("log.interrupted", ("j",), "Close a take that was left rolling, as interrupted"),
    Action("log.circle", ("c", "p"), "Circle; again clears", "circles"),
    Action("log.hold", ("h",), "Hold; again clears", "holds"),
    Action("log.ng", ("x", "n"), "No good, then a reason digit; again clears", "no good"),
    *(
        Action(f"log.reason.{reason}", (f"x {n}", f"n {n}"), f"No good: {reason}", reason)
        for n, reason in enumerate(REASONS, 1)
    ),
    Action("log.false_start", ("f",), "False start: this take while it rolls, else the last one", "false start"),
    Action("log.note", ("t",), "Note", "note"),
    *(Action(f"log.phrase.{n}", (f"q {n}",), f"Note: {phrase}", phrase) for n, phrase in enumerate(PHRASES, 1)),
    Action("log.mark", ("v", "m"), "Mark with its timecode, while rolling", "mark"),
    Action("log.slate", ("s",), "Slate line: Enter takes the next setup, or type scene, slate, take", "slate"),
    Action("log.pickup", ("u",), "The next take is a pickup"),
    Action("log.wild", ("w",), "The next take is a wild track"),
    Action("log.tail", ("e",), "Tail slate"),
    Action("log.mos", ("o",), "MOS"),
    *_cameras(),
    Action("log.setup", ("d",), "Setup panel: description, size, lenses; copy from another setup", "setup"),
    Action("log.continuity", ("k",), "Continuity note of the take"),
    Action("log.insert", ("i",), "Insert a take that was missed"),
    Action("log.slated_as", ("l",), "Slated as … (what picture and sound say)"),
    Action("log.edit", ("enter",), "Edit the cell under the cursor", "edit"),
    Action("log.fields", ("tab",), "All fields of the take, its cameras and its sound", "all fields"),
    Action("log.find", ("slash",), "Find takes", "find"),
    Action(
        "review.open",
        ("enter",),
        "Open what is said of this take; on a file or a mark: play it; in a list of choices: take this one",
        "open",
    ),
    Action("review.circle", ("c", "p"), "The voter circles this take; again clears", "circles"),
    Action("review.hold", ("h",), "The voter holds it; again clears", "holds"),
    Action("review.ng", ("x", "n"), "The voter calls it no good; again clears", "no good"),
    Action(
        "review.select", ("space",), "Select this take, or no longer; C, H, X and T then mean all selected", "select"
    ),
    Action("review.range.up", ("shift+up",), "Select a range, upwards"),
    Action("review.range.down", ("shift+down",), "Select a range, downwards"),
    Action("review.range.first", ("shift+home",), "Select from here to the first"),
    Action("review.range.last", ("shift+end",), "Select from here to the last"),
    Action("review.voter", ("v",), "The next voter", "voter"),
    Action("review.tag", ("t",), "Tag: words with commas between, Tab completes, -word takes one off", "tag"),
    Action("review.selects", ("s",), "The day's selects, a list to be ordered; again: back", "selects"),
    Action("review.pick", ("k",), "This take is among the selects; again: no longer", "select"),
    Action("review.sooner", ("minus", "ctrl+up"), "In the selects: this take one place up", "up"),
    Action("review.later", ("plus", "ctrl+down"), "In the selects: this take one place down", "down"),
    Action("review.string_out", ("w",), "Write the string-outs of the selects (EDL, FCPXML)", "string-out"),
    Action("review.send", ("ctrl+s",), "Send the selects to a disk (Enter begins)", "send"),
    Action("review.confirm", ("l",), "This file is of this take: confirm the link", "confirm link"),
    Action("review.refuse", ("r",), "This file is not of this take: refuse the link", "refuse"),
    Action("review.other", ("o",), "Choose another file for this take; of a stray: its take", "other file"),
    Action("review.explain", ("e",), "Explain a difference with a reason, once and for all", "explain"),
    Action("review.only_open", ("exclamation_mark",), "Only what is open; again shows all", "only open"),
    Action("review.beside", ("equals_sign",), "The takes of this setup side by side; again: the list", "side by side"),
    Action("review.pictures", ("i",), "Pictures of the take; again: more of them, then none", "pictures"),
    Action("review.find", ("slash",), "Narrow the list as one types: words, or status:circled lacks:sound", "narrow"),
    Action(
        "review.filters", ("f",), "Filters that were saved, and some that are always there; then a digit", "filters"
    ),
    Action("review.delete_filter", ("delete", "backspace"), "Delete the saved filter under the cursor", "deletes it"),
    Action("review.day_before", ("left",), "The day before"),
    Action("review.day_after", ("right",), "The day after"),
    Action(
        "day.go",
        ("enter",),
        "Go to what mends it; type a time, credit a scene, settle an owed shot, change a person",
        "go there",
    ),
    Action("day.stamp", ("s",), "Stamp the moment under the cursor now", "stamp now"),
    Action("day.drop", ("d",), "Take it off: a stamp, a credit, an owed shot, a person", "take off"),
    Action("day.owe", ("o",), "A scene is owed a shot", "owe"),
    Action("day.person", ("p",), "Put a person on the list", "person"),
    Action("day.exchange", ("e",), "Meet the logs of other laptops now", "exchange"),
    Action("day.check", ("k",), "What is missing before the day can end well", "check the end"),
    Action("day.section_before", ("left",), "The section before"),
    Action("day.section_after", ("right",), "The next section"),
    Action("day.wrap", ("ctrl+w",), "Wrap the shooting day (twice): backup and folders too"),
    Action("offload.start", ("enter",), "Copy this card, go on with a copy, or open what is known of a card", "start"),
    Action("offload.new", ("n",), "Copy a card that is not on the list"),
    Action("offload.preset", ("p",), "The next preset: targets, digests, checks of the next copy"),
    Action("offload.cancel", ("ctrl+x",), "Cancel the running copy (twice)"),
    Action("offload.pause", ("j p",), "Pause the copy, or let it go on", "pause, go on"),
    Action("offload.first", ("j f",), "Put the copy before the others that wait", "first"),
    Action("offload.last", ("j l",), "Put the copy after the others that wait", "last"),
    Action("offload.dismiss", ("ctrl+d", "delete"), "Take a stopped copy off the list (twice)"),
    Action("offload.hand", ("h",), "Hand the roll over: who has it now; one that is loaded is pulled"),
    Action("offload.manifest", ("m",), "The manifests of the card's copies; again: its evidence"),
    Action("offload.report", ("o",), "Print the offload report of the card's day, and open it in the viewer"),
    Action("offload.clear", ("ctrl+f",), "Clear the card for formatting, or take that back: asks for a name"),
    Action("devices.reconnect", ("r",), "Reconnect the device", "reconnect"),
    Action("devices.identify", ("i",), "Identify the device", "identify"),
    Action("devices.picture", ("enter",), "The picture large, on a small screen; again: small", "picture"),
    Action("devices.still", ("s",), "Take a still picture", "still"),
    Action("devices.capture", ("c",), "Start the capture service, where none runs", "start capture"),
    Action("devices.jam", ("j",), "Note that a clock was jammed: this device's, or any name", "jam"),
    Action("devices.record", ("o",), "Have the deck record", "record"),
    Action("devices.stop", ("ctrl+x",), "Have the deck stop (twice)", "stop"),
    Action("devices.fault", ("ctrl+t",), "Simulate a fault (simulated devices only)"),
    Action("reports.open", ("enter",), "Into the report; on what it lacks: go to that take, or to Day", "open"),
    Action("reports.issue", ("i",), "Issue the report: its next revision, and its PDF", "issue"),
    Action("reports.partial", ("p",), "The progress report of the day so far, as at lunch, as a PDF", "partial"),
    Action("reports.view", ("o",), "Open the report's PDF in the configured viewer", "open PDF"),
    Action("reports.write", ("w",), "Write the report's PDF into the folder reports", "write PDF"),
    Action("reports.day_before", ("left",), "The day before"),
    Action("reports.day_after", ("right",), "The day after"),
    Action(
        "all.roll_cut_in_text",
        ("ctrl+r", "f9"),
        "Roll and cut, in every place and from inside a text field",
        in_text=True,
    ),
    Action("all.undo", ("z",), "Undo, and say what", "undo"),
    Action("all.redo", ("ctrl+y",), "Redo"),
    *_places(),
    Action("all.seen", ("ctrl+a", "f8"), "The alarm was seen: take it off this screen"),
    Action("all.conflicts", ("g c",), "Conflicts: who said what; Enter picks", "conflicts"),
    Action("all.keys", ("question_mark",), "The keys of this panel", "keys"),
    Action("all.command", ("colon", "ctrl+p"), "Every action by name (in a text: Ctrl+P)", "actions", in_text=True),
    Action("all.theme", ("g t", "f12"), "The next theme: dark, day, high contrast", "theme", in_text=True),
    Action("all.dimmer", ("g down",), "A dimmer screen, as far as text can be read", "dimmer"),
    Action("all.brighter", ("g up",), "A brighter screen", "brighter"),
    Action("all.quit", ("ctrl+q",), "Quit (twice while a take rolls; recording goes on)", in_text=True),
)


def digit_of(key: str) -> int | None:
    """Which digit from 1 to 9 a key is, with Shift or without, for what a list on the screen numbers.

    >>> digit_of("3"), digit_of("quotation_mark"), digit_of("x")
    (3, 3, None)
    """
    if key in BARE_DIGITS:
        return BARE_DIGITS.index(key) + 1
    return int(key) if key in tuple("123456789") else None


LAYOUTS: dict[str, dict[str, tuple[str, ...]]] = {
    "qwerty": {},
    # Y lies where Z does on the others: both undo, the place and the letter.
    "qwertz": {"all.undo": ("z", "y")},
    # Digits need Shift there: the bare keys answer too, alone and within a chord.
    "azerty": {
        "log.camera.A": ("1", "ampersand"),
        "log.camera.B": ("2", "é"),
        "log.camera.C": ("3", "quotation_mark"),
        "log.camera.D": ("4", "apostrophe"),
        "log.sound": ("0", "à"),
        "log.roll_label.A": ("r 1", "r ampersand"),
        "log.roll_label.B": ("r 2", "r é"),
        "log.roll_label.C": ("r 3", "r quotation_mark"),
        "log.roll_label.D": ("r 4", "r apostrophe"),
        "log.roll_label.sound": ("r 0", "r à"),
        "all.place.log": ("g 1", "f1", "g ampersand"),
        "all.place.review": ("g 2", "f2", "g é"),
        "all.place.offload": ("g 3", "f3", "g quotation_mark"),
        "all.place.devices": ("g 4", "f4", "g apostrophe"),
        "all.place.reports": ("g 5", "f5", "g left_parenthesis"),
        "all.place.day": ("g 6", "f6", "g minus"),
        "log.find": ("slash", "exclamation_mark"),
        "review.sooner": ("less_than_sign", "ctrl+up"),  # minus is a digit there
    }
    | {
        f"log.reason.{reason}": (f"x {n}", f"n {n}", f"x {bare}", f"n {bare}")
        for n, (reason, bare) in enumerate(zip(REASONS, BARE_DIGITS, strict=False), 1)
    }
    | {f"log.phrase.{n}": (f"q {n}", f"q {bare}") for n, bare in enumerate(BARE_DIGITS, 1)},
}
