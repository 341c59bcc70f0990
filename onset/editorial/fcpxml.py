"""FCPXML 1.10, which Final Cut Pro and Resolve import: the day as an event, and strung out as a project.

Final Cut refuses a file as a whole that does not match Apple's document type, so children stand in its order (note,
connected clips, then markers, keywords and ratings, then metadata; facts on FCPXML). Times are rational seconds on
frame boundaries, counted from the file's 00:00:00:00 in real frames, with drop-frame too. What a favorite is to Final
Cut a circled take is to us, and a rejected range is an NG one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from lxml import etree

from onset.domain.take import Status
from onset.editorial.event import EditorialDay, Event, Heard, Media, Part
from onset.editorial.formats import How, Made, MadeFile
from onset.editorial.string_out import (
    Piece,
    Stretch,
    StringOut,
    Strung,
    not_laid,
    nothing_to_string,
    over_midnight,
    sound_beneath,
    string_out,
)
from onset.editorial.where import relative_url
from onset.editorial.words import about, headline, keywords, mark_words, settings_words, title, unplaced
from onset.text import one_field, xml_text
from onset.timecode import Rate, Timecode

_VERSION = "1.10"
# Final Cut knows its formats by name. The log does not know how large a picture is: a string-out is HD.
_NAMES = {
    "23.976": "2398",
    "24": "24",
    "25": "25",
    "29.97": "2997",
    "30": "30",
    "50": "50",
    "59.94": "5994",
    "60": "60",
}
_WIDTH, _HEIGHT = "1920", "1080"
_STUDIO = "com.apple.proapps.studio"
_CAMERA = "com.apple.proapps.mio.cameraName"


def write(days: Sequence[EditorialDay], how: How) -> Made:
    """One file a day: an event with a clip a take and file, and a project for each rate of files.

    Raises:
        ExportError: no event has a file with timecode and length.
    """
    files: list[MadeFile] = []
    strung = [string_out(day) for day in days]
    left_out = [one for each in strung for one in each.left_out]
    warnings = [one for each in strung for one in each.warnings]
    for day, each in zip(days, strung, strict=True):
        if each.sequences:
            made = _Document(day, how)
            content = made.write(each)
            events = sum(len(sequence.pieces) for sequence in each.sequences)
            files.append(MadeFile(day=day.day.number, part="", content=content, events=events))
            warnings += made.warnings
    if not files:
        raise nothing_to_string(days, left_out, "FCPXML")
    return Made(tuple(files), tuple(left_out), tuple(dict.fromkeys(warnings)))


def _time(frames: int, rate: Rate) -> str:
    """Rational seconds, left in frames of the rate as Final Cut writes them: `1001/24000s`."""
    return f"{frames * rate.fps.denominator}/{rate.fps.numerator}s" if frames else "0s"


class _Document:
    """A day in the making; `warnings` says what of the sound could not be laid."""

    def __init__(self, day: EditorialDay, how: How) -> None:
        self._day = day
        self._how = how
        self._root = etree.Element("fcpxml", version=_VERSION)
        self._resources = etree.SubElement(self._root, "resources")
        self._formats: dict[tuple[str, bool], str] = {}
        self._assets: dict[str, str] = {}
        self._ids = count(1)
        self._unlaid: list[str] = []
        self.warnings: list[str] = []

    def write(self, strung: Strung) -> bytes:
        """The document."""
        event = etree.SubElement(self._root, "event", name=xml_text(title(self._day)))
        pieces = [piece for sequence in strung.sequences for piece in sequence.pieces]
        for piece in pieces:
            self._browser_clip(event, piece)
        for take, heard in {(one.media.id, take.take.id): (take, one) for take, one in _other_sound(pieces)}.values():
            self._browser_sound(event, take, heard)
        for sequence in strung.sequences:
            name = " ".join(filter(None, (title(self._day), strung.part(sequence.rate), "string-out")))
            self._project(event, name, sequence)
        for word in sorted({keyword.get("value") for keyword in event.iter("keyword")}, reverse=True):
            event.insert(0, etree.Element("keyword-collection", name=word))
        self.warnings += not_laid(self._unlaid)
        etree.indent(self._root, "    ")
        content: bytes = etree.tostring(self._root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE fcpxml>")
        return content + b"\n"

    def _browser_clip(self, parent: Any, piece: Piece) -> None:
        """The file as the browser shows it: all of it, but for a file of several takes."""
        event = piece.event
        whole = event.own_part or piece.part
        clip = self._clip(parent, piece.media, piece.start, whole, name=event.name)
        _describe(clip, event, piece.media, piece.start, (whole, event.roll_part or piece.part))

    def _browser_sound(self, parent: Any, event: Event, heard: Heard) -> None:
        """A sound file of a picture's take, for the browser too."""
        media = heard.media
        if media.start is not None and media.frames:
            whole = Part(0, media.frames)
            clip = self._clip(parent, media, media.start, whole, name=media.name)
            # What a camera has of it is not the sound's, and marks count in frames of the picture.
            silent = replace(event, camera="", angle=None, markers=())
            _describe(clip, silent, media, media.start, (whole, heard.part or whole))

    def _project(self, parent: Any, name: str, sequence: StringOut) -> None:
        rate = sequence.rate
        start = self._how.starts_at(rate)
        project = etree.SubElement(parent, "project", name=xml_text(name))
        laid = etree.SubElement(
            project,
            "sequence",
            format=self._format(rate, sized=True),
            duration=_time(sequence.frames, rate),
            tcStart=_time(start.frames, rate),
            tcFormat=_drop(rate),
            audioLayout="stereo",
            audioRate="48k",
        )
        spine = etree.SubElement(laid, "spine")
        for piece in sequence.pieces:
            self.warnings += filter(None, [over_midnight(piece)])
            clip = self._clip(spine, piece.media, piece.start, piece.part, name=piece.event.name)
            clip.set("offset", _time(start.frames + piece.at, rate))
            beneath, unlaid = (list(piece.beside), []) if piece.media.sound else sound_beneath(piece)
            self._unlaid += unlaid
            connected = self._connected(piece, beneath)
            take = piece.event.roll_part or piece.part  # a favorite is what was shot, not its handles
            _describe(clip, piece.event, piece.media, piece.start, (piece.part, take), connected)

    def _connected(self, piece: Piece, beneath: Iterable[Stretch]) -> list[Any]:
        """Sound as connected clips; their places count in the time of the clip that carries them."""
        found = []
        for lane, one in enumerate(beneath, 1):
            clip = self._clip(None, one.media, one.start, one.part, name=one.media.name)
            clip.set("lane", str(-lane))
            clip.set("offset", _time(piece.start.frames + piece.part.first + one.at - piece.at, piece.media.rate))
            found.append(clip)
        return found

    def _clip(self, parent: Any, media: Media, start: Timecode, part: Part, *, name: str) -> Any:
        clip = etree.Element("asset-clip") if parent is None else etree.SubElement(parent, "asset-clip")
        clip.set("ref", self._asset(media, start))
        clip.set("name", xml_text(name))
        clip.set("start", _time(start.frames + part.first, start.rate))
        clip.set("duration", _time(part.frames, start.rate))
        if not media.sound:
            clip.set("format", self._format(start.rate, sized=False))
        clip.set("tcFormat", _drop(start.rate))
        clip.set("audioRole" if media.sound else "videoRole", "dialogue" if media.sound else "video")
        return clip

    def _asset(self, media: Media, start: Timecode) -> str:
        if media.id in self._assets:
            return self._assets[media.id]
        shape = (
            {"hasAudio": "1", "audioSources": "1", "audioChannels": str(len(media.tracks) or 1)}
            if media.sound
            else {"hasVideo": "1", "videoSources": "1", "format": self._format(start.rate, sized=False)}
        )
        identity = self._new_id()
        asset = etree.SubElement(
            self._resources,
            "asset",
            id=identity,
            name=xml_text(media.name),
            start=_time(start.frames, start.rate),
            duration=_time(media.frames or 0, start.rate),
            **shape,
        )
        etree.SubElement(asset, "media-rep", kind="original-media", src=relative_url(media.path))
        self._assets[media.id] = identity
        return identity

    def _format(self, rate: Rate, *, sized: bool) -> str:
        key = (rate.name.removesuffix("df"), sized)
        if key not in self._formats:
            self._formats[key] = self._new_id()
            made = etree.SubElement(self._resources, "format", id=self._formats[key])
            if sized and key[0] in _NAMES:
                made.set("name", f"FFVideoFormat{_HEIGHT}p{_NAMES[key[0]]}")
            made.set("frameDuration", _time(1, rate))
            if sized:
                made.set("width", _WIDTH)
                made.set("height", _HEIGHT)
        return self._formats[key]

    def _new_id(self) -> str:
        return f"r{next(self._ids)}"


def _other_sound(pieces: Iterable[Piece]) -> Iterator[tuple[Event, Heard]]:
    """Sound that is no piece of its own: of a picture's take, or of a wild track's mono set."""
    for piece in pieces:
        for heard in piece.event.heard:
            yield piece.event, heard
        for one in piece.beside:
            yield piece.event, Heard(one.media, one.part)


def _drop(rate: Rate) -> str:
    return "DF" if rate.drop else "NDF"


def _words(event: Event) -> list[str]:
    """Keywords; Final Cut parts them at commas."""
    scene = [f"Scene {event.take.scene}"] if event.take.scene else []
    words = (one_field(word.replace(",", " ")) for word in (*scene, *keywords(event)))
    return list(dict.fromkeys(filter(None, words)))


def _describe(
    clip: Any, event: Event, media: Media, start: Timecode, parts: tuple[Part, Part], connected: Iterable[Any] = ()
) -> None:
    """What the log says of a take, in the order of the document type.

    Args:
        clip: gets it.
        event: the take.
        media: the clip's file.
        start: label of the file's first frame.
        parts: what of the file the clip is, and what of it the take is.
        connected: clips that hang on this one.
    """
    shown, take = parts
    rate = start.rate
    told = (headline(event, unplaced(event, shown)), about(event), "" if media.sound else settings_words(event))
    etree.SubElement(clip, "note").text = xml_text("\n".join(filter(None, told)))
    clip.extend(connected)
    for marker in event.markers:
        if marker.frame is not None and shown.first <= marker.frame < shown.last:
            etree.SubElement(
                clip,
                "marker",
                start=_time(start.frames + marker.frame, rate),
                duration=_time(1, rate),
                value=one_field(mark_words(marker)),
                note=xml_text(marker.author),
            )
    span = {"start": _time(start.frames + take.first, rate), "duration": _time(take.frames, rate)}
    for word in _words(event):
        etree.SubElement(clip, "keyword", value=word, **span)
    value = "favorite" if event.circled else "reject" if event.status is Status.NG else ""
    if value:
        etree.SubElement(clip, "rating", value=value, **span)
    metadata = etree.SubElement(clip, "metadata")
    said = (
        (f"{_STUDIO}.reel", media.reel),
        (f"{_STUDIO}.scene", event.take.scene),
        (f"{_STUDIO}.shot", event.take.take),  # where Final Cut keeps what it shows as Take
        (f"{_STUDIO}.angle", "" if media.sound else event.camera),
        (_CAMERA, "" if media.sound else event.camera),
    )
    for key, text in said:
        if text:
            etree.SubElement(metadata, "md", key=key, value=one_field(text))
