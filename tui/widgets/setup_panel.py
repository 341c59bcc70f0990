"""The setup panel: how a slate is shot, per camera, and copying it from any setup before. It lies beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Input, Label

from onset.domain.scene import CameraSetup, Setup
from onset.domain.take import Board
from onset.logbook.protocol import Logbook
from onset.text import safe_text
from tui.drafts import Drafts, Spot
from tui.hand import Hand
from tui.messages import Moved
from tui.seen import Seen, Verb
from tui.widgets.entry import SafeInput

CAMERA_FIELDS = ("lens", "height", "tilt", "filters")
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


class SetupField(SafeInput):
    """One field, with the text the log had when the panel opened, or the draft over it."""

    class Left(Message):
        """Escape."""

    def __init__(self, name: FieldName, before: str, drafts: Drafts, slate: str) -> None:
        super().__init__(classes="setup-field")
        self.about = name
        self.before = before
        self._drafts = drafts
        self.spot = name.spot(slate)
        draft = drafts.at(self.spot)
        self.value = draft.text if draft else before

    def typed(self, text: str) -> None:
        self._drafts.keep(self.spot, text, before=self.before)

    def entered(self, text: str) -> None:
        self.typed(text)
        super().entered(text)

    def left(self, text: str) -> None:
        self.post_message(self.Left())


class SetupPanel(VerticalScroll, can_focus=False):
    """Enter or the arrows move on, Ctrl+S or Enter on the last field logs what changed, Escape leaves it as it was."""

    @dataclass
    class Done(Message):
        """The panel closed; `verb` logs what was changed, None when nothing was. `spots`: where its drafts are kept."""

        verb: Verb | None
        spots: tuple[Spot, ...]

    def __init__(self, drafts: Drafts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._slate = ""
        self._scene = ""
        self._past: dict[str, Setup] = {}
        self._drafts = drafts

    async def open(self, hand: Hand, slate: str, board: Board) -> None:
        """Show the setup of a slate as the log has it."""
        scene = board.rolling.scene if board.rolling else board.scene

        def ask(log: Logbook) -> tuple[Setup | None, Sequence[Setup]]:
            return log.setup(slate), log.setups()

        setup, past = await hand.desk.read(ask)
        self._slate, self._scene = slate, scene
        self._past = {each.slate.lower(): each for each in past}
        fields = _values(setup, [each.camera for each in board.cameras])
        await self.remove_children()
        made = [SetupField(name, value, self._drafts, slate) for name, value in fields.items()]
        rows = [Horizontal(_label(each.about.title), each) for each in made]
        copy = SetupField(FieldName("copy from"), "", self._drafts, slate)
        copy.placeholder = "a slate: 42A"
        title = Label(Text(f"SETUP {safe_text(slate)}  Ctrl+S logs", no_wrap=True), id="setup-title")
        await self.mount(title, *rows, Horizontal(_label("copy from"), copy))
        self.display = True
        made[0].begin(made[0].value)

    def log_moved(self, moved: Moved) -> None:
        """What somebody else changed shows when the panel opens again; what is typed here stays."""

    def on_setup_field_left(self) -> None:
        self._close(None)
        self._drafts.forget(*self._spots)  # dropped on purpose

    def on_key(self, event: events.Key) -> None:
        if event.key == "ctrl+s":
            event.stop()
            self._log()
        elif event.key in ("down", "tab"):
            event.stop()
            self._go(1)
        elif event.key in ("up", "shift+tab"):
            event.stop()
            self._go(-1)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not isinstance(event.input, SetupField):
            return
        if event.input.about.field == "copy from":
            if event.value.strip() and self._copy(event.value):
                return
            self._log()
        else:
            self._go(1)

    def _go(self, step: int) -> None:
        fields = list(self.query(SetupField))
        here = next((n for n, each in enumerate(fields) if each.has_focus), 0)
        there = fields[(here + step) % len(fields)]
        there.begin(there.value)

    def _copy(self, slate: str) -> bool:
        past = self._past.get(slate.strip().lower())
        fields = list(self.query(SetupField))
        if past is None:
            fields[-1].placeholder = f"no setup {safe_text(slate.strip())}"
            fields[-1].begin("")
            return True
        values = _values(past, [each.about.camera for each in fields if each.about.field == "lens"])
        for each in fields:
            each.value = values.get(each.about, "")
            each.keep_now()
        fields[0].begin(fields[0].value)
        return True

    def _verb(self) -> Verb | None:
        changed = {each.about: each.value for each in self.query(SetupField) if each.value != each.before}
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

    @property
    def _spots(self) -> tuple[Spot, ...]:
        return tuple(each.spot for each in self.query(SetupField))

    def _log(self) -> None:
        verb = self._verb()
        if verb is None:
            self._drafts.forget(*self._spots)
        else:
            for each in self.query(SetupField):
                each.keep_now()  # until the log has it
        self._close(verb)

    def _close(self, verb: Verb | None) -> None:
        self.display = False
        for each in self.query(SetupField):
            each.stop_reading()
        self.post_message(self.Done(verb, self._spots))


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


def _label(text: str) -> Label:
    return Label(Text(safe_text(text), no_wrap=True), classes="setup-label")


def _logged(field: str, text: str) -> str | bool | None:
    if field == "vfx":
        return text.strip().lower() in _YES
    return text.strip() or None
