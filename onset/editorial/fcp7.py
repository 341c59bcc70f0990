"""Final Cut Pro 7 XML (xmeml 4), which Premiere and Resolve read: the day strung out, its sound beneath it.

Written by OpenTimelineIO's adapter (rates, timecode and file references measured as right, facts on FCP7 XML), which
passes on what stands in a clip's metadata. It drops links between picture and sound, gives a marker without length
an out and some labels wrong; those are put right afterwards. In xmeml a clip's ins, outs and markers count from its
file's first frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import opentimelineio as otio
import otio_fcp_adapter  # noqa: F401  # it is found by name when it writes; here it is found missing
from lxml import etree

from onset.editorial.event import EditorialDay, Event, Media, Part
from onset.editorial.formats import How, Made, MadeFile
from onset.editorial.string_out import (
    Piece,
    Stretch,
    StringOut,
    not_laid,
    nothing_to_string,
    over_midnight,
    sound_beneath,
    string_out,
)
from onset.editorial.where import relative_url
from onset.editorial.words import about, comments, headline, mark_words, settings_words, sound_words, title
from onset.text import one_field, xml_text
from onset.timecode import Rate, Timecode

_META = "fcp_xml"
# The log does not know how large a picture is; without a size Premiere asks for one.
_PICTURE = {"width": "1920", "height": "1080", "pixelaspectratio": "square", "fielddominance": "none"}
_NAME = 60  # characters of a marker's name; its comment has all


def write(days: Sequence[EditorialDay], how: How) -> Made:
    """One sequence a day and rate.

    Raises:
        ExportError: no event has a file with timecode and length.
    """
    files: list[MadeFile] = []
    strung = [string_out(day) for day in days]
    left_out = [one for each in strung for one in each.left_out]
    warnings = [one for each in strung for one in each.warnings]
    for day, each in zip(days, strung, strict=True):
        for sequence in each.sequences:
            made = _Sequence(day, sequence, how)
            part = each.part(sequence.rate)
            content = made.document(" ".join(filter(None, (title(day), part))))
            files.append(MadeFile(day=day.day.number, part=part, content=content, events=len(sequence.pieces)))
            warnings += made.warnings
    if not files:
        raise nothing_to_string(days, left_out, "a sequence")
    return Made(tuple(files), tuple(left_out), tuple(dict.fromkeys(warnings)))


class _Item(NamedTuple):
    """A clip item: where it stands, and what adapter and links call it. `track` counts from 0 within its medium."""

    id: str
    sound: bool
    track: int
    at: int
    clip: Any


class _Sequence:
    """A sequence in the making; `warnings` says what of the sound could not be laid."""

    def __init__(self, day: EditorialDay, sequence: StringOut, how: How) -> None:
        self._day = day
        self._rate = sequence.rate
        self._frames = sequence.frames
        self._how = how
        self._items: list[_Item] = []
        self._links: list[list[_Item]] = []
        self._unlaid: list[str] = []
        self.warnings: list[str] = []
        for piece in sequence.pieces:
            before = len(self._items)
            self._lay(piece)
            self._links.append(self._items[before:])
            self.warnings += filter(None, [over_midnight(piece)])
        self.warnings += not_laid(self._unlaid)

    def _lay(self, piece: Piece) -> None:
        if piece.media.sound:
            laid = [piece.stretch, *piece.beside]
        else:
            self._add(piece.event, piece.stretch, marked=True)
            laid, unlaid = sound_beneath(piece)
            self._unlaid += unlaid
        track = 0
        for one in laid:
            track = self._lay_sound(piece.event, one, track)

    def _lay_sound(self, event: Event, one: Stretch, track: int) -> int:
        """Each channel on a track of its own, from `track` on; where the next file goes."""
        for number, (channel, _) in enumerate(one.media.channels):
            marked = one.media is event.media and number == 0
            self._add(event, one, track=track + number, channel=channel, marked=marked)
        return track + len(one.media.channels)

    def _add(self, event: Event, one: Stretch, *, track: int = 0, channel: int = 0, marked: bool) -> None:
        """A clip item: of a picture, or of a channel (from 1) of a sound file."""
        identity = f"clipitem-{len(self._items) + 1}"
        meta = {"@id": identity, **_said(self._day, event)}
        if channel:
            meta["sourcetrack"] = {"mediatype": "audio", "trackindex": str(channel)}
        clip = otio.schema.Clip(
            name=xml_text(event.name if one.media is event.media else one.media.name),
            media_reference=self._reference(one.media, one.start),
            source_range=_range(one.start.frames + one.part.first, one.part.frames, self._rate),
            metadata={_META: meta},
        )
        if marked:
            clip.markers.extend(_markers(event, one.part, self._rate))
        self._items.append(_Item(identity, bool(channel), track, one.at, clip))

    def _reference(self, media: Media, start: Timecode) -> Any:
        reel = {"reel": {"name": xml_text(media.reel)}} if media.reel else {}
        inside: dict[str, Any] = (
            {"audio": {"channelcount": str(len(media.tracks) or 1)}} if media.sound else {"video": ""}
        )
        drop = "DF" if start.rate.drop else "NDF"
        reference = otio.schema.ExternalReference(
            # The adapter takes files of one URL for one file; what tells them apart is taken away again.
            target_url=f"file://localhost/{relative_url(media.path)}?{relative_url(media.id)}",
            available_range=_range(start.frames, media.frames or 0, start.rate),
            metadata={_META: {"timecode": {"displayformat": drop, **reel}, "media": inside}},
        )
        reference.name = xml_text(media.name)
        return reference

    def document(self, name: str) -> bytes:
        """The file; items that belong together are linked."""
        timeline = otio.schema.Timeline(name=xml_text(name))
        start = self._how.starts_at(self._rate)
        timeline.global_start_time = otio.opentime.RationalTime(start.frames, float(self._rate.fps))
        timeline.metadata[_META] = {
            "timecode": {"displayformat": "DF" if self._rate.drop else "NDF"},
            "media": {"video": {"format": {"samplecharacteristics": _PICTURE}}},
        }
        places: dict[str, tuple[int, int]] = {}
        for sound in (False, True):
            tracks = sorted({item.track for item in self._items if item.sound is sound})
            for number, track in enumerate(tracks, 1):
                items = [item for item in self._items if (item.sound, item.track) == (sound, track)]
                timeline.tracks.append(self._track(items, sound=sound, number=number))
                places |= {item.id: (number, index) for index, item in enumerate(items, 1)}
        written: str = otio.adapters.write_to_string(timeline, "fcp_xml")
        tree = etree.fromstring(written.encode(), etree.XMLParser(huge_tree=True))  # it is our own
        _link(tree, self._links, places)
        for item in tree.iter("clipitem"):
            for again in item.findall("rate")[1:]:
                item.remove(again)  # the adapter writes it twice
        for url in tree.iter("pathurl"):
            url.text = url.text.partition("?")[0]
        for timecode in tree.iter("timecode"):
            # Its label is wrong in the last 86 s of a day at 23.976 and 29.97 without drop-frame (measured).
            timecode.find("string").text = Timecode(int(timecode.findtext("frame")), self._rate).label
        for out in tree.iterfind(".//marker/out"):
            out.text = "-1"  # what Final Cut and Premiere write of a marker that is one moment
        etree.indent(tree, "    ")
        content: bytes = etree.tostring(tree, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE xmeml>")
        return content + b"\n"

    def _track(self, items: Iterable[_Item], *, sound: bool, number: int) -> Any:
        kind = otio.schema.TrackKind.Audio if sound else otio.schema.TrackKind.Video
        track = otio.schema.Track(name=f"{'A' if sound else 'V'}{number}", kind=kind)
        here = 0
        for item in items:
            if item.at > here:
                track.append(otio.schema.Gap(source_range=_range(0, item.at - here, self._rate)))
            track.append(item.clip)
            here = item.at + int(item.clip.source_range.duration.value)
        return track


def _range(first: int, frames: int, rate: Rate) -> Any:
    fps = float(rate.fps)
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, fps), otio.opentime.RationalTime(frames, fps))


def _said(day: EditorialDay, event: Event) -> dict[str, Any]:
    """What the log says of the take, where an assistant looks for it."""
    take = event.take
    log = {
        "description": about(event),
        "scene": take.scene,
        "shottake": take.label,
        "lognote": comments(event),
        "good": "TRUE" if event.circled else "FALSE",
    }
    remarks = {
        "mastercomment1": headline(event).partition(": ")[0],
        "mastercomment2": ", ".join(take.tags),
        "mastercomment3": settings_words(event),
        "mastercomment4": "; ".join(
            filter(None, (f"{day.unit} day {day.day.number}, {day.day.date}", sound_words(event)))
        ),
    }
    return {"logginginfo": _texts(log), "comments": _texts(remarks)}


def _texts(said: dict[str, str]) -> dict[str, str]:
    return {name: xml_text(text) for name, text in said.items()}


def _markers(event: Event, part: Part, rate: Rate) -> Iterable[Any]:
    """Marks and notes within the part, at the frame of the file where they were made."""
    for marker in event.markers:
        if marker.frame is not None and part.first <= marker.frame < part.last:
            yield otio.schema.Marker(
                name=one_field(mark_words(marker))[:_NAME],
                marked_range=_range(marker.frame, 0, rate),
                metadata={_META: {"comment": xml_text(marker.text)}},
            )


def _link(tree: Any, groups: Iterable[Sequence[_Item]], places: dict[str, tuple[int, int]]) -> None:
    """Tie picture and sound of a take together, so that they are moved and cut as one."""
    elements = {element.get("id"): element for element in tree.iter("clipitem")}
    for group in groups:
        for item in group if len(group) > 1 else ():
            for other in group:
                track, index = places[other.id]
                link = etree.SubElement(elements[item.id], "link")
                for tag, text in (
                    ("linkclipref", other.id),
                    ("mediatype", "audio" if other.sound else "video"),
                    ("trackindex", str(track)),
                    ("clipindex", str(index)),
                ):
                    etree.SubElement(link, tag).text = text
