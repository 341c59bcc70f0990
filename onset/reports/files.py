"""Picture and sound files in words: how long, at what rate, and where their card's copies have them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from onset.domain.camera import Clip
from onset.domain.card import Card
from onset.domain.sound import SoundFile
from onset.reports.day import stopwatch
from onset.text import safe_text
from onset.timecode import rate


def seconds_of(medium: Clip | SoundFile) -> Fraction | None:
    """Its length, exactly; None where nothing tells."""
    if isinstance(medium, SoundFile) and medium.samples and medium.sample_rate:
        return Fraction(medium.samples, medium.sample_rate)
    if medium.duration_frames is None:
        return None
    return rate(medium.rate).seconds_for(medium.duration_frames)


def length_of(medium: Clip | SoundFile) -> str:
    """Its length as a stopwatch reads, `?` where nothing tells."""
    seconds = seconds_of(medium)
    return "?" if seconds is None else stopwatch(seconds)


def length_together(media: Iterable[Clip | SoundFile]) -> str:
    """The length of some files after one another; empty where there are none or nothing tells."""
    known = [seconds for medium in media if (seconds := seconds_of(medium)) is not None]
    return stopwatch(sum(known, Fraction(0))) if known else ""


def recorded_rate(medium: Clip | SoundFile) -> str:
    """Frames a second of a picture, thousands of samples a second of sound."""
    if isinstance(medium, SoundFile):
        return f"{medium.sample_rate / 1000:g} kHz" if medium.sample_rate else ""
    try:
        return f"{float(Fraction(medium.fps)):.6g}" if medium.fps else safe_text(medium.rate)
    except (ValueError, ZeroDivisionError):
        return safe_text(medium.fps or medium.rate)


def places(path: str, card: Card) -> list[str]:
    """Where a file of a card lies in each of its copies; the log knows one of them."""
    within = next((path[len(copy.path) :] for copy in card.copies if path.startswith(f"{copy.path}/")), None)
    return [path] if within is None else [copy.path + within for copy in card.copies]
