"""Which files a report may name for a take: confirmed ones plainly, proposed ones marked, refused ones never.

Used by `editor.py`. A cutting room works from the camera's originals, so those come first; what our own recorders made
of the same picture is named only where no original is sure and readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from onset.domain.camera import Angle, Clip, Link, LinkState, Source
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.text import safe_text

F = TypeVar("F", Clip, SoundFile, Clip | SoundFile)


@dataclass(frozen=True, slots=True)
class LinkedFiles:
    """How the files of a day's takes are linked.

    Attributes:
        questions: take and file to why a person has to look at their link.
        families: sound file to the mono set that it is part of.
        originals: the day has files of cameras or sound recorders, so that our own recordings have to be told apart.
    """

    questions: Mapping[tuple[str, str], str]
    families: Mapping[str, str]
    originals: bool

    def clips(self, take: Take) -> tuple[str, ...]:
        """Names of the take's picture and sound files, for a reader who takes them for true."""
        found: list[str] = []
        for angle in take.angles:
            found += self.names(take, angle.clips)
        for sound in take.sound:
            found += self.names(take, sound.files)
        return tuple(found)

    def names(self, take: Take, files: Sequence[Clip | SoundFile]) -> Iterable[str]:
        """Names of these files of the take, a mono set as one."""
        standing = self.standing(take, files)
        originals = [file for file in standing if file.source is not Source.RECORDER]
        own = [file for file in standing if file.source is Source.RECORDER]
        sure = any(file.link is LinkState.CONFIRMED and not file.unreadable for file in originals)
        originals.sort(key=lambda file: file.link is not LinkState.CONFIRMED)
        sets: dict[tuple[str, ...], list[Clip | SoundFile]] = {}
        for file in [*originals, *([] if sure else own)]:
            family = self.families.get(file.id)
            sets.setdefault((family,) if family else (file.id, file.name), []).append(file)
        for same in sets.values():
            yield self._name(sorted(same, key=lambda file: file.name))

    def comments(self, take: Take, files: Sequence[Clip | SoundFile] | None = None) -> Iterable[str]:
        """What a reader must know about files of the take: those in question, and those that nobody can read."""
        for file in files_of(take) if files is None else files:
            question = self._question(take, file)
            if file.link is LinkState.REFUSED:
                continue
            if question:
                yield f"In question: {safe_text(file.name)}: {safe_text(question)}"
            elif file.unreadable:
                yield f"{safe_text(file.name)} cannot be read: {safe_text(file.unreadable)}"

    def standing(self, take: Take, files: Sequence[F]) -> tuple[F, ...]:
        """Those of which nobody says, or has to ask, that they are not this take."""
        return tuple(file for file in files if file.link is not LinkState.REFUSED and not self._question(take, file))

    def rolls(self, take: Take) -> Iterable[str]:
        """Camera and roll, a line each: as typed, else as the original names it."""
        for angle in take.angles:
            yield safe_text(f"{angle.camera} {roll_of(angle) or '-'}")

    def _question(self, take: Take, file: Clip | SoundFile) -> str:
        # What a person or two kinds of evidence confirmed is no longer in question.
        return "" if file.link is LinkState.CONFIRMED else self.questions.get((take.id, file.id), "")

    def _name(self, files: Sequence[Clip | SoundFile]) -> str:
        first = files[0]
        said = [
            f"mono set of {len(files)}" if len(files) > 1 else "",
            "proposed" if any(file.link is LinkState.PROPOSED for file in files) else "",
            "unreadable" if any(file.unreadable for file in files) else "",
            "recorded here" if self.originals and first.source is Source.RECORDER else "",
        ]
        words = ", ".join(filter(None, said))
        return safe_text(first.name) + (f" ({words})" if words else "")


def roll_of(angle: Angle) -> str:
    """The roll of a camera's part in a take: as typed, else as the original names it; empty where nobody knows."""
    reels = [clip.reel for clip in angle.clips if clip.reel and clip.link is LinkState.CONFIRMED]
    return angle.roll or next(iter(reels), "")


def linked_files(takes: Sequence[Take], links: Sequence[Link], media: Iterable[Clip | SoundFile]) -> LinkedFiles:
    """How the files of these takes are linked.

    Args:
        takes: of a day.
        links: of the same day.
        media: other departments' files, of that day and those beside it: a take does not tell of what set a file is.
    """
    return LinkedFiles(
        questions={(link.take_id, link.media_id): link.question for link in links if link.question},
        families={file.id: file.family for file in media if isinstance(file, SoundFile) and file.family},
        originals=any(
            file.source is not Source.RECORDER and file.link is not LinkState.REFUSED
            for take in takes
            for file in files_of(take)
        ),
    )


def files_of(take: Take) -> list[Clip | SoundFile]:
    """Picture and sound files that the log shows under a take, whatever the state of their links."""
    clips: list[Clip | SoundFile] = [clip for angle in take.angles for clip in angle.clips]
    return clips + [file for sound in take.sound for file in sound.files]
