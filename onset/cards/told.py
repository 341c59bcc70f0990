"""A card in one line, and as `onset offload --json` gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onset.cards.contents import Contents
from onset.cards.formats import ClipFormat, fps_name
from onset.cards.watch import LastCard, size_name, watch
from onset.reel import camera_of_roll
from onset.text import safe_text

if TYPE_CHECKING:
    from fractions import Fraction

    from onset.timecode import Rate

_SHOWN = 3  # values of a kind in the line


@dataclass(frozen=True, slots=True)
class Look:
    """A card that was looked at.

    Attributes:
        contents: what it holds.
        formats: of its clips, then its sound files.
        label: what is written on it.
        rate: of the production, None outside of one.
        last: the card of that camera before this one, where there was one.
    """

    contents: Contents
    formats: tuple[ClipFormat, ...]
    label: str = ""
    rate: Rate | None = None
    last: LastCard | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be put right before it goes back into a camera."""
        return watch(self.contents, self.formats, rate=self.rate, label=self.label, last=self.last)

    @property
    def complete(self) -> bool:
        """Every clip was looked at."""
        return all(each.looked for each in self.formats)

    @property
    def camera(self) -> str:
        """Its letter: as the clips say, else as the label does."""
        return self.contents.camera or camera_of_roll(self.label)

    @property
    def reel(self) -> str:
        """Likewise."""
        return self.contents.reel or (self.label if camera_of_roll(self.label) else "")

    @property
    def line(self) -> str:
        """`ARRI, camera A, reel A014, 37 clips, 38 min from 10:02:11:05, 24 fps 3840x2160 prores`."""
        card, sound = self.contents, not self.contents.clips
        number = len(card.sounds if sound else card.clips)
        what = "sound file" if sound and card.sounds else "clip"
        counted = f"{number} {what}{'' if number == 1 else 's'}"
        if card.clips and card.sounds:
            counted += f" and {len(card.sounds)} sound file{'' if len(card.sounds) == 1 else 's'}"
        parts = [
            _kind(card.maker, card.layout.name) or "a card of no known layout",
            f"camera {self.camera}" if self.camera else "",
            f"reel {self.reel}" if self.reel else "",
            counted,
            self._length(),
            " ".join(part for part in (*self._fps(), *_values(self.formats, size_name), *self._codecs()) if part),
        ]
        return safe_text(", ".join(part for part in parts if part))

    @property
    def lines(self) -> tuple[str, ...]:
        """The line, then one for each thing that is wrong."""
        troubles = [f"  ! {problem}" for problem in self.contents.problems]
        return (self.line, *troubles, *(f"  WARNING: {warning}" for warning in self.warnings))

    @property
    def seconds(self) -> Fraction | None:
        """How long all clips are together, None where one of them tells no length."""
        lengths = [each.seconds for each in self.formats]
        known = [each for each in lengths if each is not None]
        return sum(known[1:], known[0]) if known and len(known) == len(lengths) else None

    def as_json(self) -> dict[str, object]:
        """The key `contents`."""
        card = self.contents
        return {
            "summary": self.line,
            "maker": card.maker or None,
            "layout": card.layout.name or None,
            "camera": self.camera or None,
            "reel": self.reel or None,
            "clips": len(card.clips),
            "sounds": len(card.sounds),
            "duration_s": float(self.seconds) if self.seconds is not None else None,
            "problems": list(card.problems),
            "warnings": list(self.warnings),
            "files": [
                {
                    "name": safe_text(clip.name),
                    "path": safe_text(clip.path),
                    "files": len(clip.files),
                    "beside": [safe_text(path) for path in clip.beside],
                    "bytes": clip.size,
                    "start": str(form.start) if form.start is not None else None,
                    "start_from": form.start_from,
                    "duration_s": float(form.seconds) if form.seconds is not None else None,
                    "fps": fps_name(form.fps) if form.fps is not None else None,
                    "size": size_name(form) or None,
                    "codec": safe_text(form.codec) or None,
                    "iso": safe_text(form.iso) or None,
                    "white_balance": safe_text(form.white_balance) or None,
                }
                for clip, form in zip((*card.clips, *card.sounds), self.formats, strict=True)
            ],
        }

    def _length(self) -> str:
        known = [each.seconds for each in self.formats if each.seconds is not None]
        if not known:
            return ""
        minutes, seconds = divmod(round(sum(known)), 60)
        shown = (
            f"{minutes // 60} h {minutes % 60} min"
            if minutes >= 120
            else f"{minutes} min"
            if minutes
            else f"{seconds} s"
        )
        of = "" if len(known) == len(self.formats) else f" in {len(known)} of them"
        start = next((each.start for each in self.formats if each.looked), None)
        return f"{shown}{of} from {start}" if start is not None else f"{shown}{of}, timecode unknown"

    def _fps(self) -> list[str]:
        return [f"{name} fps" for name in _values(self.formats, lambda each: fps_name(each.fps) if each.fps else "")]

    def _codecs(self) -> list[str]:
        return _values(self.formats, lambda each: each.codec)


def _kind(maker: str, layout: str) -> str:
    """Maker and layout, where the one does not tell the other: `RED magazine`, `AVCHD`, `Sony XDROOT`."""
    return layout if layout.startswith(maker) else f"{maker} {layout}".strip()


def _values(formats: Sequence[ClipFormat], value: Callable[[ClipFormat], str]) -> list[str]:
    found = list(dict.fromkeys(value(each) for each in formats if value(each)))
    return [*found[:_SHOWN], *(["…"] if len(found) > _SHOWN else [])]
