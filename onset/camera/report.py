"""Camera reports and clip lists: which clip on which roll somebody wrote beside which slate and take.

Read by `onset import camera` and `ale`. No maker's program sets the form of a CSV, so headings are known by their
synonyms and the rest is said with --map. A report lists one camera or several, a dailies program's list sound as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from onset.camera.ale import read_ale
from onset.cells import Cells, as_labelled, read_date, read_rate
from onset.domain.claim import Claim, ClaimSource
from onset.errors import ReportError
from onset.reel import ClipName, Confidence, read_name, without_ending
from onset.sheet import Sheet, read_sheet
from onset.text import safe_path, safe_text
from onset.timecode import Rate, Timecode

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "slate": ("Slate", "Scene/Slate", "Slate #", "Slate No", "Setup Slate"),
    "scene": ("Scene", "Sc", "Scene #", "Scene No", "Scene Name"),
    "setup": ("Setup", "Shot", "Setup #", "Set-up"),
    "take": ("Take", "Take #", "Tk", "Take Number", "Take No", "T"),
    "clip": ("Clip", "Clip Name", "Clip #", "Clip Number", "Clip No", "File Name", "Filename", "File", "Name"),
    "roll": (
        *("Roll", "Camera Roll", "Cam Roll", "Camroll", "Reel", "Reel Name", "Card", "Mag", "Magazine", "Tape"),
        *("Bin", "Bin Name"),
    ),
    "camera": ("Camera", "Cam", "Camera #", "Unit/Camera", "Camera Letter", "Camera Index"),
    "start": (
        *("Start TC", "TC", "TC In", "TC Start", "Timecode In", "Timecode", "Start", "Start Timecode", "Time Code"),
        *("Timecode Start",),
    ),
    "end": ("End TC", "TC Out", "TC End", "Timecode Out", "End", "End Timecode", "Timecode End"),
    "length": ("Length", "Duration", "Dur", "TC Duration"),
    "rate": ("TC Rate", "Project FPS", "Timebase", "TC FPS", "Frame Rate", "FPS"),
    "circled": ("Circled", "Circle", "Circle Take", "Print", "Good", "Flag", "Flagged"),
    "mos": ("MOS",),
    "date": ("Shoot Date", "Shooting Date", "Record Date", "Recording Date", "Shot Date"),
    "note": ("Notes", "Note", "Comments", "Comment", "Remarks", "Description"),
}
_NEEDED = (("take", "clip"), ("slate", "scene", "clip"))
_SOUND_ENDINGS = (".wav", ".bwf", ".rf64")
_FASTEST = 30  # labels a second, unless the production counts more: above it the number is the sensor's speed
_LETTER = 3  # characters of a camera's name on a slate; more is its make


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """A report that was read.

    Attributes:
        claims: its rows that name a take or a clip; those of sound files are the sound department's.
        sheet: which columns were taken for what.
        passed_over: numbers of rows that name neither.
        doubts: cells that could not be understood, in words; the row is taken without them.
        dates: ISO dates that its rows name.
    """

    claims: tuple[Claim, ...]
    sheet: Sheet
    passed_over: tuple[int, ...]
    doubts: tuple[str, ...]
    dates: tuple[str, ...] = ()


def read_camera_report(
    path: Path, *, unit: str, day: int, camera: str, rate: Rate, columns: Mapping[str, str] | None = None
) -> ReadReport:
    """Read a camera report, or the clip list of a dailies program.

    Args:
        path: a CSV file.
        unit: whose day it is for.
        day: its number.
        camera: the letter, for rows that name none; empty: it is read from the clip's name or the roll.
        rate: of labels, where the report does not say.
        columns: headings that a person chose for the names in `COLUMNS`.

    Raises:
        ReportError: it cannot be read, is no such table, lists nothing but sound, or yields no row.
    """
    sheet = read_sheet(path, COLUMNS, _NEEDED, columns)
    found = _Found(sheet)
    above: dict[str, str] = {}
    for number, row in sheet.rows:
        cells = Cells(number, _filled(row, above), found.doubts)
        clip = cells.text("clip")
        sound = clip.lower().endswith(_SOUND_ENDINGS)
        roll = cells.text("roll") or ("" if "roll" in sheet.columns else _above(sheet, "roll", "cameraroll"))
        found.add(cells, _claim(cells, _label_rate(cells, rate), clip, roll, sheet, sound=sound))
    if found.claims and all(claim.source is ClaimSource.SOUND for claim in found.claims):
        raise ReportError(
            f"{safe_path(path.name)} lists sound files and no clip of a camera; bring it in with onset import sound."
        )
    letter = "" if "camera" in sheet.columns else _above(sheet, "camera", "cam")
    return found.report(unit, day, camera or (letter if len(letter) <= _LETTER else ""))


def _above(sheet: Sheet, *words: str) -> str:
    """What the head of a report says for all of its rows."""
    return next((said for word in words if (said := sheet.above.get(word, ""))), "")


def read_ale_report(
    path: Path, *, unit: str, day: int, camera: str, rate: Rate, columns: Mapping[str, str] | None = None
) -> ReadReport:
    """Read what an ALE says of clips and of sound.

    The rate of its labels is that of its heading; a row's own counts where the heading has none. A row of sound has no
    V in its `Tracks`, or the name of a sound file. Arguments as for `read_camera_report`; `columns` choose for the
    names in `ale.ALE_COLUMNS`.

    Raises:
        ReportError: it cannot be read, is no ALE, breaks off, or yields no row.
    """
    ale = read_ale(path, columns)
    found = _Found(ale.sheet, list(ale.doubts))
    said = ale.heading.get("FPS", "")
    heading = read_rate(said)
    if heading is None and (said or "rate" not in ale.sheet.columns):
        what = f'FPS "{safe_text(said[:20])}" is no rate' if said else "it says no FPS"
        found.doubts.append(f"{what}; where a row tells none either, labels were read at {rate.name}")
    for number, row in ale.sheet.rows:
        cells = Cells(number, row, found.doubts)
        own = as_labelled(cells.text("start"), heading or cells.rate("rate", rate))
        clip = _clip_of(cells)
        sound = _is_sound(cells)
        roll = cells.text("soundroll") or cells.text("tape") if sound else cells.text("roll") or _reel_of(cells)
        found.add(cells, _claim(cells, own, clip, roll, ale.sheet, sound=sound))
    return found.report(unit, day, camera)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in a sheet so far."""

    sheet: Sheet
    doubts: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)

    def add(self, cells: Cells, claim: Claim) -> None:
        """One row more; one that names no clip and no take is passed over."""
        if not claim.clip and not (claim.slate and claim.take):
            self.passed.append(cells.row)
            return
        self.claims.append(claim)
        if date := read_date(cells.text("date") or self.sheet.above.get("date", "")):
            self.dates.append(date)

    def report(self, unit: str, day: int, camera: str) -> ReadReport:
        """All of it, with what holds for every row."""
        if not self.claims:
            raise ReportError(
                f"{safe_path(self.sheet.name)} names no take and no clip in any row ({self.sheet.taken}); nothing was "
                "taken from it. Say which column is which with --map."
            )
        return ReadReport(
            claims=tuple(
                replace(
                    claim,
                    unit=unit,
                    day=day,
                    device=claim.device or ("" if claim.source is ClaimSource.SOUND else camera or _camera_of(claim)),
                )
                for claim in self.claims
            ),
            sheet=self.sheet,
            passed_over=tuple(self.passed),
            doubts=tuple(self.doubts),
            dates=tuple(self.dates),
        )


def _claim(cells: Cells, own: Rate, clip: str, roll: str, sheet: Sheet, *, sound: bool) -> Claim:
    start = cells.label("start", own)
    take, circled = cells.take(used="circled" in sheet.answered)
    return Claim(
        id="",
        source=ClaimSource.SOUND if sound else ClaimSource.CAMERA,
        report=sheet.name,
        row=cells.row,
        unit="",
        day=0,
        device="" if sound else _letter(cells, clip),
        slate=_slate(cells),
        take=take,
        clip=clip,
        roll=roll,
        circled=circled,
        mos=cells.answer("mos", used="mos" in sheet.answered),
        tc_in=start,
        duration_frames=_length(cells, start, own),
        rate=own.name,
        note=cells.text("note"),
    )


# -- cells of every list -----------------------------------------------------------------------------------------------


def _filled(row: Mapping[str, str], above: dict[str, str]) -> dict[str, str]:
    """People write the slate and the roll once and leave the cells below empty."""
    filled = dict(row)
    if row.get("slate") or row.get("scene"):
        above.update({name: row.get(name, "") for name in ("slate", "scene", "setup")})
    elif row.get("take"):
        filled |= {name: above.get(name, "") for name in ("slate", "scene", "setup") if name in row}
    if row.get("roll"):
        above["roll"] = row["roll"]
    elif "roll" in row and (row.get("take") or row.get("clip")):
        filled["roll"] = above.get("roll", "")
    return filled


def _slate(cells: Cells) -> str:
    """The slate; else scene and shot together, unless the shot is a whole slate already: `42C`, or a running number."""
    scene, shot = cells.text("scene"), cells.text("setup")
    if cells.text("slate") or not shot:
        return cells.text("slate") or scene
    whole = shot.startswith(scene) or (shot[0].isdigit() and scene[-1:].isdigit())
    return shot if whole else scene + shot


def _letter(cells: Cells, clip: str) -> str:
    """The camera, unless the cell tells its make (`ALEXA 35`) and the clip's name its letter."""
    said = cells.text("camera")
    return said if len(said) <= _LETTER else read_name(clip).camera or said


def _camera_of(claim: Claim) -> str:
    """By the clip's name, else by a roll such as `B003`."""
    if claim.clip and (letter := read_name(claim.clip).camera):
        return letter
    return claim.roll[0].upper() if claim.roll[:1].isalpha() and claim.roll[1:2].isdigit() else ""


def _label_rate(cells: Cells, production: Rate) -> Rate:
    """The rate of a row's labels: `FPS` of a camera's list is often the sensor's (48 in a production at 24)."""
    own = cells.rate("rate", production)
    if own.nominal > max(_FASTEST, production.nominal):
        own = production
    return as_labelled(cells.text("start"), own)


def _length(cells: Cells, start: str | None, own: Rate) -> int | None:
    """Frames: as they are written, else from the first label to the one after the last, over midnight too."""
    length = cells.length("length", own)
    if length is not None or start is None:
        return length
    end = cells.label("end", own)
    return None if end is None else Timecode.parse(end, own).since(Timecode.parse(start, own), over_midnight=True)


# -- cells of an ALE ---------------------------------------------------------------------------------------------------


def _is_sound(cells: Cells) -> bool:
    """`A1A2` and `1,2` are sound, `V` and `VA1A2` picture; without `Tracks` the file tells."""
    tracks = cells.text("tracks").upper()
    if tracks:
        return "V" not in tracks
    return any(cells.text(name).lower().endswith(_SOUND_ENDINGS) for name in ("file", "clip"))


def _clip_of(cells: Cells) -> str:
    """What the camera or recorder called the file.

    `Name` is often scene and take (`42C-3`), and the file a proxy: the first of file, name and tape that is called as
    cameras call clips, else the file, else the name, unless that only tells the take.
    """
    file = cells.text("file").replace("\\", "/").rpartition("/")[2]
    said = [file, cells.text("clip"), cells.text("tape")]
    for name in said:
        if name and _tells_a_clip(read_name(name)):
            return name
    if file or not cells.text("take"):
        return file or cells.text("clip") or cells.text("tape")
    told = {_joined((slate, cells.text("take"))) for slate in (_slate(cells), cells.text("scene"))}
    return "" if _joined((cells.text("clip"),)) in told else cells.text("clip")


def _tells_a_clip(said: ClipName) -> bool:
    return said.confidence is not Confidence.NUMBER and bool(said.reel)


def _joined(parts: Iterable[str]) -> str:
    return re.sub(r"[\W_]+", "", "".join(parts)).casefold()


def _reel_of(cells: Cells) -> str:
    """The roll that a tape names, which many programs give the name of the whole clip."""
    tape = without_ending(cells.text("tape"))
    said = read_name(tape)
    return said.reel if tape and _tells_a_clip(said) else tape
