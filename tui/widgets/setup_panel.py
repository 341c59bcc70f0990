"""The setup panel: how a slate is shot, per camera, and copying it from any setup before. It lies beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onset.changes import Value
from onset.domain.scene import CameraSetup, Setup
from onset.domain.take import Board
from onset.logbook.entities import FIELDS
from onset.logbook.fields import from_text, written
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Conflict
from onset.text import safe_text
from tui.drafts import Drafts, Spot
from tui.hand import Hand
from tui.seen import Seen, Verb
from tui.widgets.field_panel import FieldPanel, PanelField

# What a script supervisor fills in between takes comes first, then what a camera's assistant calls out, then the rest.
_FIRST = ("description", "size", "vfx", "vfx_note", "begins", "ends")
_OF_CAMERA = (
    *("lens", "size", "height", "tilt", "filters", "stop", "focus", "iso", "shutter", "white_balance", "fps", "nd"),
    *("tint", "rig", "operator", "characters", "description"),
)
_REST = ("characters", "mos", "sound_note", "note")
_COPIED = ("description", "size", "vfx", "vfx_note")  # and all of the cameras; where it plays in the script is its own
_TITLES = {"begins": "from, script", "ends": "to, script", "white_balance": "white bal."}
_COPY = "copy from"
_SOURCE = "a slate, or words: 35 wide"


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field of the panel: of the setup (`camera` empty) or of one camera in it."""

    field: str
    camera: str = ""

    @property
    def title(self) -> str:
        shown = _TITLES.get(self.field, self.field.replace("_", " "))
        return f"{self.camera} {shown}" if self.camera else shown

    def spot(self, slate: str) -> Spot:
        """Where its draft is kept."""
        return ("setup", slate, self.field, self.camera)


class SetupField(PanelField):
    """A field of a setup or of one of its cameras."""

    def __init__(self, name: FieldName, before: str, drafts: Drafts, slate: str) -> None:
        super().__init__(name.title, before, drafts, name.spot(slate))
        self.about = name


class SetupPanel(FieldPanel):
    """What is said of a slate; its last line copies from another."""

    def __init__(self, drafts: Drafts, *, id: str | None = None) -> None:
        super().__init__(drafts, id=id)
        self._slate = ""
        self._scene = ""
        self._past: Sequence[Setup] = ()

    async def open(self, hand: Hand, slate: str, board: Board) -> None:
        """Show the setup of a slate as the log has it."""
        scene = board.rolling.scene if board.rolling else board.scene

        def ask(log: Logbook) -> tuple[Setup | None, Sequence[Setup]]:
            return log.setup(slate), log.setups()

        setup, self._past = await hand.desk.read(ask)
        self._slate, self._scene = slate, scene
        values = _values(setup, [each.camera for each in board.cameras])
        values[FieldName(_COPY)] = ""
        contested = contested_names(hand.contested.found, setup)
        parts: list[str | PanelField] = []
        camera = ""
        for name, value in values.items():
            if name.camera != camera:
                parts.append(f"camera {name.camera}" if name.camera else "all cameras")
                camera = name.camera
            field = SetupField(name, value, self.drafts, slate)
            field.contested = name in contested
            parts.append(field)
        self.setup_of(parts)[-1].placeholder = _SOURCE
        self.fill(f"SETUP {slate}  Ctrl+S logs", parts)

    def completes(self, field: PanelField) -> bool:
        """The last line asks from where to copy."""
        if field is not self.setup_fields[-1] or not field.value.strip():
            return False
        self._copy(field.value.strip())
        return True

    def _copy(self, typed: str) -> None:
        """From the setup with that slate, else from the only one that has these words."""
        found = [each for each in self._past if each.slate.lower() == typed.lower()]
        found = found or [each for each in self._past if each.has_words(typed) and each.slate != self._slate]
        fields = self.setup_fields
        if len(found) != 1:
            several = ", ".join(each.slate for each in found[:6])
            fields[-1].placeholder = safe_text(f"which: {several}" if found else f"no setup {typed}")
            fields[-1].value = ""
            self.go_to(len(fields) - 1)
            return
        values = _values(found[0], [each.about.camera for each in fields if each.about.field == "lens"])
        for each in fields:
            if each.about.camera or each.about.field in _COPIED:
                each.value = values.get(each.about, "")
        fields[-1].value = ""
        self.keep()
        self.go_to(0)

    @property
    def setup_fields(self) -> list[SetupField]:
        """All of them, the last that which copies."""
        return self.setup_of(self.fields)

    @staticmethod
    def setup_of(parts: Sequence[str | PanelField]) -> list[SetupField]:
        """The fields among what a panel shows."""
        return [each for each in parts if isinstance(each, SetupField)]

    def verb(self) -> Verb | None:
        """Log what was changed of the setup and of its cameras."""
        changed = {each.about: each.value.strip() for each in self.setup_fields if each.value != each.before}
        changed.pop(FieldName(_COPY), None)
        if not changed:
            return None
        slate, scene = self._slate, self._scene

        def verb(log: Logbook, seen: Seen) -> str:
            said: dict[str, dict[str, Value]] = {}
            for name, text in changed.items():
                entity = "camera_setup" if name.camera else "setup"
                said.setdefault(name.camera, {})[name.field] = from_text(entity, name.field, text)
            log.set_setup(slate, said.pop("", {}), scene=scene, cameras=said)
            return f"Setup {slate}: {', '.join(name.title for name in changed)}."

        return verb


def contested_names(found: Sequence[Conflict], setup: Setup | None) -> frozenset[FieldName]:
    """The fields of a setup and of its cameras of which seats said different things."""
    if setup is None:
        return frozenset()
    cameras = {f"{each.camera} of {setup.slate}": each.camera for each in setup.cameras}
    own = {FieldName(each.field) for each in found if each.entity_id == setup.id}
    theirs = (each for each in found if each.entity == "camera_setup" and each.about in cameras)
    return frozenset(own | {FieldName(each.field, cameras[each.about]) for each in theirs})


def _values(setup: Setup | None, cameras: Sequence[str]) -> dict[FieldName, str]:
    """Every field with its text, as people write it."""
    found = {FieldName(field): _text("setup", field, setup) for field in _FIRST}
    for camera in cameras:
        known = next((each for each in setup.cameras if each.camera == camera), None) if setup else None
        found |= {FieldName(field, camera): _text("camera_setup", field, known) for field in _OF_CAMERA}
    return found | {FieldName(field): _text("setup", field, setup) for field in _REST}


def _text(entity: str, field: str, whose: Setup | CameraSetup | None) -> str:
    value = getattr(whose, field, "")
    if not value:  # nobody said it, or a flag that is not set
        return ""
    if isinstance(value, tuple):
        return ", ".join(value)
    return written(FIELDS[entity][field], int(value) if isinstance(value, bool) else str(value))
