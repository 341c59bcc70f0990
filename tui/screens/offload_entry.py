"""What is typed on the Offload screen: the card, where its copies go, who clears it, who has a roll."""

from __future__ import annotations

from onset.config import Config
from onset.domain.card import Roll, RollState
from onset.targets import PresetConfig
from tui.cards import Known
from tui.hand import Hand
from tui.widgets.entry import EntryLine, Purpose

CLEARING = ("clear", "clear_note", "not_cleared")


class OffloadEntry(EntryLine):
    """The entry line with the purposes of the Offload screen."""

    def __init__(self, hand: Hand, *, id: str | None = None) -> None:
        super().__init__(hand.drafts, id=id)
        self.card = ""  # the folder whose targets are asked for, or were last
        self.preset = ""  # that the line of targets was opened with

    def ask_card(self, text: str = "") -> None:
        """The card's folder."""
        self.open(Purpose("card"), text=text or self.card, placeholder="the card's folder: /media/A014")
        self.frame("card")

    def ask_targets(self, card: str, text: str, *, preset: str = "") -> None:
        """Where a card's copies go."""
        self.card, self.preset = card, preset
        self.open(
            Purpose("targets", card=card),
            text=text,
            placeholder="where to: names or folders, with commas; > before those filled from a copy",
        )
        self.frame(f"copy {card} to" if not preset else f"copy {card} ({preset}) to")

    def take_card(self, text: str) -> None:
        """The card was typed; it is kept until the copy runs."""
        self.card = text
        self.drafts.keep(("card",), text)

    def forget(self) -> None:
        """What was typed of a copy is of no use any more."""
        self.drafts.forget(("card",), ("targets", self.card))

    def ask_clearing(self, kind: str, known: Known, frame: str, *, name: str = "") -> None:
        """Who says so; or, with `name`, why although the log misses something."""
        held = "the reason for what the log still misses" if name else "a person's name; Enter, or Esc to leave it"
        self.open(Purpose(kind, card=name or None, key=known.card.fingerprint), placeholder=held)
        self.frame(frame)

    def ask_holder(self, roll: Roll) -> None:
        """Who has a roll now."""
        self.open(Purpose("hand", key=roll.id), placeholder="a person's name; Enter, or Esc to leave it")
        loaded = roll.state is RollState.LOADED
        self.frame(f"{roll.label} is pulled, and with" if loaded else f"{roll.label} is with")


def typed_targets(config: Config, preset: PresetConfig | None) -> str:
    """Where a card goes unless somebody types something else: the preset's targets, else all of them."""
    if preset is None:
        return ", ".join(target.name for target in config.targets)
    first = ", ".join(preset.targets)
    return f"{first} > {', '.join(preset.then)}" if preset.then else first


def preset_words(preset: PresetConfig) -> str:
    """What a preset stands for, in a sentence."""
    parts = [f"to {', '.join(preset.targets)}" if preset.targets else "", f"then {', '.join(preset.then)}"]
    parts = parts if preset.then else parts[:1]
    parts += [", ".join(preset.hashes)] if preset.hashes else []
    parts += ["the card is read once"] if preset.source_check == "none" else []
    parts += [f"{preset.copies} copies make it safe"] if preset.copies else []
    return f"Preset {preset.name}: {'; '.join(each for each in parts if each)}."
