"""The editorial formats: kind to module, imported only when it is chosen.

Used by `onset export`. A format's module offers `write(days, how) -> Made`; it opens no file, asks no log, and says by
name what it left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from onset.editorial.event import EditorialDay, LeftOut
from onset.errors import ExportError, TimecodeError
from onset.timecode import Rate, Timecode


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a format is written.

    Attributes:
        encoding: one of the format's `encodings`.
        spreadsheet: a cell must not be taken for a formula; only formats with `for_spreadsheets`.
        record_start: label of a sequence's first frame, without the mark of drop-frame; only formats with `sequence`.
    """

    encoding: str
    spreadsheet: bool = False
    record_start: str = "01:00:00:00"

    def starts_at(self, rate: Rate) -> Timecode:
        """`record_start` at the rate of a sequence.

        Raises:
            ExportError: that rate never shows it.
        """
        label = self.record_start
        try:
            return Timecode.parse(label[:-3] + rate.separator + label[-2:], rate)
        except TimecodeError as error:
            raise ExportError(f"--record-start: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A file to be written: what distinguishes its name from the others of that export, its bytes, how many events.

    Attributes:
        day: of the shooting day it is about; None: of several.
        part: what it is of that day (`A`, `sound`), empty where there is one file a day.
    """

    day: int | None
    part: str
    content: bytes
    events: int


@dataclass(frozen=True, slots=True)
class Made:
    """What a format made of the days."""

    files: tuple[MadeFile, ...]
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()


class Writer(Protocol):
    """What a format's module offers."""

    def write(self, days: Sequence[EditorialDay], how: How) -> Made:
        """The days as files.

        Raises:
            ExportError: there is nothing that this format can hold, or it cannot be made.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of the registry.

    Attributes:
        module: below `onset.editorial`.
        suffix: of its files, without a dot; `word` stands in their names where the suffix does not tell the format.
        purpose: for the help.
        encodings: those it can be written in, the default first.
        for_spreadsheets: it has a flavour for spreadsheets.
        sequence: it strings the takes out in record timecode.
        names_clips: it says what a clip shall be called, so that a pattern of names shows.
        extra: what has to be installed besides (`editorial`), empty for what is always there.
    """

    module: str
    suffix: str
    purpose: str
    word: str = ""
    encodings: tuple[str, ...] = ("utf-8",)
    for_spreadsheets: bool = False
    sequence: bool = False
    names_clips: bool = True
    extra: str = ""


FORMATS: dict[str, Format] = {
    "ale": Format(module="ale", suffix="ale", purpose="Avid log exchange, one a camera", encodings=("utf-8", "ascii")),
    "resolve": Format(
        module="resolve",
        suffix="csv",
        word="resolve",
        purpose="metadata for DaVinci Resolve",
        encodings=("utf-16", "utf-8"),
        names_clips=False,
    ),
    "markers": Format(
        module="markers",
        suffix="txt",
        word="markers",
        purpose="marks as Avid reads them",
        encodings=("utf-8", "ascii"),
        names_clips=False,
    ),
    "edl": Format(
        module="edl", suffix="edl", purpose="the day strung out, CMX 3600", encodings=("utf-8", "ascii"), sequence=True
    ),
    "fcp7": Format(
        module="fcp7",
        suffix="xml",
        word="fcp7",
        purpose="the day strung out with sound, for Premiere and Resolve (Final Cut Pro 7 XML)",
        sequence=True,
        extra="editorial",
    ),
    "fcpxml": Format(
        module="fcpxml", suffix="fcpxml", purpose="an event and a string-out for Final Cut Pro", sequence=True
    ),
    "otio": Format(
        module="otio",
        suffix="otio",
        purpose="the synchronised day as an archive, OpenTimelineIO",
        sequence=True,
        extra="editorial",
    ),
    "csv": Format(
        module="plain_csv", suffix="csv", word="events", purpose="everything, a row an event", for_spreadsheets=True
    ),
    "json": Format(module="plain_json", suffix="json", word="events", purpose="everything, for programs"),
}


def writer(name: str) -> Writer:
    """The module of a format.

    Raises:
        ExportError: a library it needs is not installed; says how to get it.
    """
    form = FORMATS[name]
    try:
        return cast(Writer, import_module(f"onset.editorial.{form.module}"))
    except ModuleNotFoundError as error:
        if not form.extra or (error.name or "").startswith("onset"):
            raise
        raise ExportError(
            f'{name} needs {error.name}, which is not installed; "pip install onset[{form.extra}]" brings it.'
        ) from None
