"""The setup panel: how a slate is shot, per camera, and copying it from any setup before. It lies beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onset.domain.scene import CameraSetup, Setup
from onset.domain.take import Board
from onset.logbook.protocol import Logbook
from onset.text import safe_text
from tui.drafts import Drafts, Spot
from tui.hand import Hand
from tui.seen import Seen, Verb
from tui.widgets.field_panel import FieldPanel, PanelField

CAMERA_FIELDS = ("lens", "height", "tilt", "filters")
_COPY = "a slate, or words: 35 wide"
_YES = frozenset(("y", "yes", "vfx", "1", "x"))


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field of the panel: of the setup (`camera` empty) or of one camera in it."""

    field: str
    camera: str = ""

    @property
    def title(self) -> str:
        return f"{self.camera} {self.field}" if self.camera else self.field

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
        copy = SetupField(FieldName("copy from"), "", self.drafts, slate)
        copy.placeholder = _COPY
        fields = [SetupField(name, value, self.drafts, slate) for name, value in values.items()]
        self.fill(f"SETUP {slate}  Ctrl+S logs", [*fields, copy])

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
            each.value = values.get(each.about, "")
        self.keep()
        self.go_to(0)

    @property
    def setup_fields(self) -> list[SetupField]:
        """All of them, the last that which copies."""
        return [each for each in self.fields if isinstance(each, SetupField)]

    def verb(self) -> Verb | None:
        """Log what was changed of the setup and of its cameras."""
        changed = {each.about: each.value for each in self.setup_fields if each.value != each.before}
        changed.pop(FieldName("copy from"), None)
        if not changed:
            return None
        slate, scene = self._slate, self._scene

        def verb(log: Logbook, seen: Seen) -> str:
            own = {name.field: _logged(name.field, text) for name, text in changed.items() if not name.camera}
            if own:
                log.set_setup(slate, own, scene=scene)
            for camera in dict.fromkeys(name.camera for name in changed if name.camera):
                log.set_camera_setup(
                    slate,
                    camera,
                    {name.field: text.strip() or None for name, text in changed.items() if name.camera == camera},
                )
            return f"Setup {slate}: {', '.join(name.title for name in changed)}."

        return verb


def _values(setup: Setup | None, cameras: Sequence[str]) -> dict[FieldName, str]:
    """Every field with its text."""
    found = {
        FieldName("description"): setup.description if setup else "",
        FieldName("size"): setup.size if setup else "",
        FieldName("vfx"): "yes" if setup and setup.vfx else "",
    }
    for camera in cameras:
        known = next((each for each in setup.cameras if each.camera == camera), None) if setup else None
        known = known or CameraSetup(camera=camera)
        texts = {"lens": known.lens, "height": known.height, "tilt": known.tilt, "filters": known.filters}
        found |= {FieldName(field, camera): texts[field] for field in CAMERA_FIELDS}
    return found


def _logged(field: str, text: str) -> str | bool | None:
    if field == "vfx":
        return text.strip().lower() in _YES
    return text.strip() or None
