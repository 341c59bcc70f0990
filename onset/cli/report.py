"""`onset report`: the paper of a day, one kind of report each."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, load_config, open_logbook
from onset.cli.not_a_card import refuse_a_card
from onset.cli.report_issue import (
    add_arguments,
    as_it_stands,
    filed_as,
    issue,
    list_issued,
    paper_of,
    revision_json,
    unchanged_line,
)
from onset.cli.report_logo import logo_of
from onset.errors import ConfigError, ReportError, UsageError
from onset.text import safe_path, safe_text
from onset.toml import CONFIG_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onset.cli.main import CommandParser
    from onset.logbook.protocol import Logbook
    from onset.reconcile.board import CardVerdict
    from onset.reports.day import DayPaper
    from onset.reports.editor import EditorLog
    from onset.reports.places import Places
    from onset.reports.section import SectionPaper
    from onset.reports.sheet import Paper
    from onset.reports.wrap import WrapSummary

FORMATS = ("pdf", "html", "txt")
FOLDER = "reports"
_OF_ONE = {
    "takes": "take",
    "scenes": "scene",
    "wild_tracks": "wild track",
    "setups": "setup",
    "scenes_complete": "scene complete",
    "rolls": "roll",
    "looks": "look",
    "stills": "still",
    "recordings": "recording",
    "cards": "card",
    "clips": "clip",
    "alarms": "alarm",
    "links_to_confirm": "link to confirm",
    "cards_not_cleared": "card not cleared",
}

_EXAMPLES = """\
examples:
  onset report editor                          the newest day, as PDF, into the production's folder "reports"
  onset report editor --day 3 -o day3.html     the format follows the name
  onset report editor --day 3 --format txt -o -
  onset report progress --day 3                what the script supervisor sends to production at wrap
  onset report progress --partial              the same at lunch, marked as partial
  onset report camera --day 3                  a sheet a camera roll; --roll A014 or --camera A for some of them
  onset report facing --scene 42               the page opposite scene 42 in the script: takes of all days
  onset report facing --day 3                  of each scene that day 3 touched; --all: of every scene
  onset report sound --day 3                   a sheet a sound roll: files, tracks, levels, what the mixer noted
  onset report continuity --scene 42           who wears, carries and does what, with stills; --character, --story-day
  onset report continuity --day 3              the same of the scenes that day 3 touched; without either of all
  onset report offload --day 3                 the day's cards: copies, clips with a still each, gaps, digests
  onset report wrap --day 3                    what is settled, what is not, and which cards nobody has cleared
  onset report editor --day 3 --issue          it goes out: revision 1; after a correction 2, its changes marked
  onset report editor --issue --dry-run        where it would go and as which revision; nothing is written
  onset report --issued --day 3                what went out, when, and by whom

-o is a file or a folder; "-" is standard output. A report of onset's that is there already is replaced, whole or not
at all; any other file is refused.
"""
_LARGEST_SMALL, _WIDEST_SMALL = 1 << 20, 1024  # bytes and points: ours are a twentieth of it
KINDS = {
    "editor": "takes in shot order, circled ones circled",
    "facing": "scenes with all their takes, opposite the script",
    "progress": "scheduled, shot and owed",
    "camera": "a sheet a roll, with what the camera was set to",
    "sound": "a sheet a sound roll, with tracks and levels",
    "continuity": "how each character looks from scene to scene, with stills",
    "offload": "cards with their copies and clips",
    "wrap": "what is open, explained, pending and cleared",
}

PARTS = {  # options that make a report one of a part of the day, and whose they are
    "scene": ("facing", "continuity"),
    "character": ("continuity",),
    "story_day": ("continuity",),
    "all": ("facing",),
    "partial": ("progress",),
    "roll": ("camera", "sound"),
    "camera": ("camera",),
}


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "report", help="the paper of a day", description="The paper of a day.", epilog=_EXAMPLES
    )
    kinds = "; ".join(f"{kind}: {what}" for kind, what in KINDS.items())
    parser.add_argument("kind", nargs="?", choices=tuple(KINDS), metavar="KIND", help=kinds)
    parser.add_argument("--day", type=int, metavar="N", help="the day's number (default: the newest)")
    parser.add_argument("--unit", default="Main", help="the unit (default: Main)")
    parser.add_argument("--character", metavar="NAME", help="continuity: only this character's")
    parser.add_argument("--story-day", metavar="D1", help="continuity: only scenes of this story day")
    parser.add_argument("--roll", metavar="LABEL", help="camera, sound: only this roll")
    parser.add_argument("--camera", metavar="LETTER", help="camera: only this camera's rolls")
    parser.add_argument("--format", choices=FORMATS, help="default: by the name given with -o, else pdf")
    parser.add_argument(
        "--paper", choices=("a4", "letter"), help="sheet of the PDF (default: the production's, else a4)"
    )
    parser.add_argument("-o", "--output", metavar="PATH", help=f"file or folder (default: {FOLDER} in the production)")
    parser.add_argument("--no-stills", action="store_true", help="without pictures of clips and takes")
    parser.add_argument("--scene", metavar="[E:]N", help="facing, continuity: this scene, over all days")
    parser.add_argument("--all", action="store_true", help="facing: every scene")
    parser.add_argument("--partial", action="store_true", help="progress: of a day that goes on, as at lunch")
    parser.add_argument("--json", action="store_true", help="say what was written as JSON")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be written, and as which revision")
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the report.

    Raises:
        ReportError: no such day or unit, or it cannot be written.
    """
    production = find_production(args)
    _refuse_what_does_not_apply(args)
    _refuse_words_that_do_not_go_together(args)
    to_stdout = args.output == "-"
    if to_stdout and args.json:
        raise UsageError("Standard output can carry the report (-o -) or the JSON (--json), not both.")
    form = args.format or _form_of(args.output)
    logbook = open_logbook(production)
    new = False
    try:
        if args.issued:
            return list_issued(logbook, args.kind, args.day, args.unit, as_json=args.json)
        made = paper_of(args, report_of(args, logbook, production, stills=form != "txt" and not args.no_stills))
        log = as_it_stands(logbook, made).log
        kind = filed_as(args.kind, log.revision, to_be_issued=args.issue)
        path = None if to_stdout else _place_free(log, form, production, args.output, kind, make=not args.dry_run)
        if args.dry_run:
            _tell(args.json, log, form, path, None, new=False, next_one=args.issue)
            return 0
        if args.issue:
            (issued,) = issue(logbook, [made], note=args.note)
            log, new = issued.paper.log, issued.new
            if not new:
                print(unchanged_line(issued), file=sys.stderr)
        paper = args.paper or logbook.production().paper.lower()
    finally:
        logbook.close()
    content = rendered(log, form, paper, logo_of(production) if form != "txt" else None)
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0

    from onset.reports.paper import write_report

    write_report(path, content)
    _tell(args.json, log, form, path, len(content), new=new)
    return 0


def _place_free(log: DayPaper, form: str, production: Path, output: str | None, kind: str, *, make: bool) -> Path:
    """Where the report goes; refused before it is issued, not after."""
    from onset.reports.paper import refuse_what_is_not_ours

    path = place(log, form, production, output, kind, make=make)
    refuse_a_card(path, production, ReportError)
    refuse_what_is_not_ours(path)
    return path


def _refuse_what_does_not_apply(args: argparse.Namespace) -> None:
    for name, kinds in PARTS.items():
        if getattr(args, name) not in (None, False) and args.kind not in kinds:
            option = name.replace("_", "-")
            raise UsageError(f"--{option} is for the {' or the '.join(kinds)} report; leave it out of this one.")


def _refuse_words_that_do_not_go_together(args: argparse.Namespace) -> None:
    if args.kind is None and not args.issued:
        raise UsageError(f"Say which report: {', '.join(KINDS)}; or --issued for a list of what went out.")
    if args.issued and args.issue:
        raise UsageError("--issue sends a report out, --issued lists what went out; give one of the two.")
    if args.note and not args.issue:
        raise UsageError("--note says why a report is issued; give it with --issue.")


def report_of(
    args: argparse.Namespace, logbook: Logbook, production: Path, *, stills: bool
) -> EditorLog | SectionPaper:
    """The report that is asked for."""
    if args.kind == "offload":
        from onset.cli.report_offload import offload_report_of

        return offload_report_of(logbook, production, args.day, args.unit, stills=stills)
    if args.kind == "progress":
        from onset.cli.report_script import progress_report_of

        return progress_report_of(logbook, production, args.day, args.unit, partial=args.partial)
    if args.kind == "camera":
        from onset.cli.report_camera import camera_report_of

        return camera_report_of(logbook, production, args.day, args.unit, roll=args.roll, camera=args.camera)
    if args.kind == "facing":
        from onset.cli.report_script import facing_pages_of

        return facing_pages_of(logbook, production, args.day, args.unit, scene=args.scene, every=args.all)
    if args.kind == "continuity":
        from onset.cli.report_continuity import continuity_report_of

        return continuity_report_of(args, logbook, production, stills=stills)
    if args.kind == "sound":
        from onset.cli.report_sound import sound_report_of

        return sound_report_of(logbook, production, args.day, args.unit, roll=args.roll)
    if args.kind == "wrap":
        return wrap_summary_of(logbook, production, args.day, args.unit, stills=stills)
    return editor_log_of(logbook, production, args.day, args.unit)


def editor_log_of(logbook: Logbook, production: Path, day: int | None, unit: str) -> EditorLog:
    """The editor's log of a day, the newest one by default; what clips and reports brought is matched before."""
    from onset.reports.editor import editor_log

    number = matched_day(logbook, day, unit)
    company, director = names_of(logbook, production)
    return editor_log(logbook, number, unit=unit, company=company, director=director)


def wrap_summary_of(
    logbook: Logbook, production: Path, day: int | None, unit: str, *, stills: bool = True
) -> WrapSummary:
    """The wrap summary of a day, the newest one by default.

    The same log and the same disks print the same paper, whenever.
    """
    from onset.reconcile.compare import board_of
    from onset.reports.wrap_day import wrap_summary

    number = matched_day(logbook, day, unit)
    company, director = names_of(logbook, production)
    verdicts = verdicts_of(logbook, production, number, unit)
    return wrap_summary(
        logbook,
        board_of(logbook, unit, number),
        verdicts,
        company=company,
        director=director,
        small=(lambda path: _small(production / path)) if stills else None,
    )


def _small(path: Path) -> bytes | None:
    """A small picture of a clip; one that cannot be read, or is none, costs the picture and not the report."""
    from io import BytesIO

    from PIL import Image

    try:
        content = path.read_bytes() if path.is_file() and path.stat().st_size < _LARGEST_SMALL else b""
        with Image.open(BytesIO(content), formats=("JPEG",)) as picture:
            if max(picture.size) > _WIDEST_SMALL:
                return None
            picture.load()
    except (OSError, ValueError, SyntaxError):  # what PIL raises at a picture that is none, or half of one
        return None
    return content


def verdicts_of(logbook: Logbook, production: Path, day: int, unit: str) -> tuple[CardVerdict, ...]:
    """Of the day's cards, in words for paper: no paths of this machine, each moment with its date."""
    from onset.reconcile.card import card_verdicts

    cards = [card for card in logbook.cards() if card.unit == unit and card.day in (day, None)]
    return places_of(logbook, production).verdicts(card_verdicts(logbook, cards, as_of_ns=0))


def places_of(logbook: Logbook, production: Path) -> Places:
    """How paper calls the folders of copies: by the targets of the configuration, as far as one can be read."""
    from onset.reports.places import Places

    try:
        targets = load_config(production).targets if (production / CONFIG_NAME).exists() else ()
    except ConfigError:  # the paper goes out without their names
        targets = ()
    named = [(str(target.path), target.name) for target in targets]
    copies = {path for card in logbook.cards() for path in (copy.path for copy in card.copies)}
    return Places(named, str(production), copies)


def matched_day(logbook: Logbook, day: int | None, unit: str) -> int:
    from onset.cli.matching import match_days

    day = known_day(logbook, day, unit)
    match_days(logbook, unit, {day})
    return day


def known_day(logbook: Logbook, day: int | None, unit: str) -> int:
    """The number of a day that the unit has, the newest one by default.

    Raises:
        ReportError: no such day or unit.
    """
    from onset.reports.day import day_of

    if day is None:
        days = logbook.days(unit)
        if not days:
            raise ReportError(f"No shooting day of unit {safe_text(unit)} has been opened yet.")
        day = max(each.number for each in days)
    day_of(logbook, day, unit)
    return day


def names_of(logbook: Logbook, production: Path) -> tuple[str, str]:
    """Company and director, as the log has them.

    What a log has not, as one that was made before it held them, is the configuration's; one that cannot be read costs
    the name, not the report.
    """
    known = logbook.production()
    missing = [name for name in ("company", "director") if not getattr(known, name)]
    if not missing:
        return known.company, known.director
    try:
        names = load_config(production).production
    except ConfigError as error:
        if not (production / CONFIG_NAME).exists():  # a log alone is a production
            return known.company, known.director
        left_out = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} left out"
        print(f"onset: {left_out}: {safe_text(str(error))}", file=sys.stderr)
        return known.company, known.director
    return known.company or names.company, known.director or names.director


def rendered(log: EditorLog | SectionPaper, form: str, paper: str = "a4", logo: bytes | None = None) -> bytes:
    """The report as a file's bytes; `form` is one of `FORMATS`, `logo` a PNG for its head."""
    from onset.reports.section import SectionPaper

    log = replace(log, logo=logo)
    sheet: Paper = "letter" if paper == "letter" else "a4"
    if form == "html":
        from onset.reports.html import editor_html, sections_html

        return sections_html(log) if isinstance(log, SectionPaper) else editor_html(log)
    if form == "txt":
        from onset.reports.text import editor_text, sections_text

        return sections_text(log) if isinstance(log, SectionPaper) else editor_text(log)
    from onset.reports.pdf import editor_pdf, sections_pdf

    return sections_pdf(log, paper=sheet) if isinstance(log, SectionPaper) else editor_pdf(log, paper=sheet)


def place(
    log: DayPaper, form: str, production: Path, output: str | None, kind: str = "editor", *, make: bool = True
) -> Path:
    """Which file the report goes to; a folder that was asked for is made, if it is to be."""
    from onset.reports.paper import make_folder, report_name

    folder = production / FOLDER
    if output is not None:
        asked = Path(os.path.abspath(os.path.expanduser(output)))
        if not asked.is_dir() and not output.endswith(os.sep):
            return asked
        folder = asked
    if make:
        make_folder(folder)
    return folder / report_name(log.title, log.filed, kind, form)


def _form_of(output: str | None) -> str:
    if output is None or output.endswith(os.sep) or os.path.isdir(os.path.expanduser(output)):
        return "pdf"
    suffix = Path(output).suffix.lower().lstrip(".")
    form = {"": "pdf", "htm": "html", "text": "txt"}.get(suffix, suffix)
    if form not in FORMATS:
        name = safe_path(os.path.basename(output))
        raise UsageError(
            f"{name} cannot be written as .{safe_text(suffix)}; name it .pdf, .html or .txt, or give --format."
        )
    return form


def _tell(
    as_json: bool,
    log: EditorLog | SectionPaper,
    form: str,
    path: Path | None,
    size: int | None,
    *,
    new: bool,
    next_one: bool = False,
) -> None:
    """Say what was written, or (without a size) what would be; `next_one`: it would be issued."""
    from onset.reports.revision import label_of
    from onset.reports.section import SectionPaper

    facts: Mapping[str, int]
    if isinstance(log, SectionPaper):
        kind, name = log.name, log.kind
        facts = log.counts
    else:
        kind, name = "editor", "Editor's log"
        facts = {"takes": log.totals.shot.takes}
    if as_json:
        where = str(path) if path else None
        about = {"report": kind, "day": log.day, "unit": log.unit, "format": form, "path": where, "bytes": size}
        said = {
            **about,
            **facts,
            "warnings": list(log.warnings),
            **revision_json(log, new=new),
            "dry_run": size is None,
        }
        print(json.dumps(said))
        return
    for warning in log.warnings:
        print(warning, file=sys.stderr)
    label = "".join(f"{each[:1].lower()}{each[1:]}, " for each in label_of(log))
    if size is None:
        revision = log.revision
        issued = revision.number if revision else 0
        label += f"to be revision {issued + 1}, " if next_one and (revision is None or revision.draft) else ""
        print(f"{name} of {log.about}, {label}{_said(facts)}; nothing was written, it would be", end=" ")
        print(safe_path(path) if path else "on standard output")
        return
    print(f"{name} of {log.about}, {label}{_said(facts)}: {safe_path(path or '')}")


def _said(facts: Mapping[str, int]) -> str:
    """`13 clips, 1 card not cleared`; where there is nothing of anything, none of the first is said."""
    told = {what: number for what, number in facts.items() if number} or dict(list(facts.items())[:1])
    return ", ".join(
        f"{number} {(_OF_ONE.get(what, what) if number == 1 else what).replace('_', ' ')}"
        for what, number in told.items()
    )
