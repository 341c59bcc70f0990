"""What goes to whom when a day ends: the reports of that day, issued, and its editorial files. Used by `wrap_set.py`.

Reports and exports are made as their own commands make them, whatever kinds there are.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from onset.cli.report_issue import Issued, Paper, issue
from onset.cli.report_logo import logo_of
from onset.errors import ConfigError, ExportError, RefusedError, ReportError, UsageError
from onset.recipients import Recipient
from onset.targets import OffloadConfig
from onset.text import safe_text
from onset.toml import CONFIG_NAME, listed, nearest, shown

if TYPE_CHECKING:
    from onset.logbook.protocol import Logbook

A = TypeVar("A", bound=argparse.ArgumentParser)
_SHOWN = 5  # of what an export leaves out; "onset export" tells all
EVERYONE = "everyone"
PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Papers:
    """The reports of a set.

    Attributes:
        issued: by kind.
        left_out: kind to why there is no such report of this day.
        asked: somebody is configured to get them; else all are made that say something.
        logo: for the head of each, a PNG.
    """

    issued: dict[str, Issued]
    left_out: dict[str, str]
    asked: bool
    logo: bytes | None = None


def recipients_of(configured: Sequence[Recipient], occasion: str) -> tuple[Recipient, ...]:
    """Who gets something then; where nobody is configured, one folder has all reports (at lunch, the progress).

    Args:
        configured: as `config.toml` has them.
        occasion: one of `onset.recipients.SETS`.

    Raises:
        ConfigError: one gets a report or an export that there is not; names the nearest.
    """
    from onset.cli.report import KINDS
    from onset.editorial.formats import FORMATS

    for one in configured:
        _check(one, "reports", one.reports, tuple(KINDS))
        _check(one, "exports", one.exports, tuple(FORMATS))
    found = tuple(one for one in configured if occasion in one.at)
    if found:
        return found
    if occasion == "wrap":
        return () if configured else (Recipient(EVERYONE, reports=tuple(KINDS)),)
    return (Recipient(PRODUCTION, reports=("progress",)),)


def configured(production: Path) -> tuple[Sequence[Recipient], OffloadConfig]:
    """The recipients, and who signs manifests. A log alone is a production: without a `config.toml` there is nobody.

    Raises:
        ConfigError: it is wrong.
    """
    from onset.cli.find import load_config

    if not (production / CONFIG_NAME).exists():
        return (), OffloadConfig()
    config = load_config(production)
    return config.recipients, config.offload


def _check(one: Recipient, key: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            hint = nearest(name, known) or f"; there are {listed(known)}."
            where = f'{CONFIG_NAME}: [[recipient]] "{safe_text(one.name)}" {key}'
            raise ConfigError(f"{where} names {shown(name)}, which there is not{hint}")


def make_papers(
    logbook: Logbook,
    production: Path,
    kinds: Sequence[str],
    day: int,
    unit: str,
    *,
    occasion: str,
    note: str,
    asked: bool,
) -> Papers:
    """Make these reports of a day and issue those that say something new, in one edit.

    A report that there is not is left out with its own reason; so is one with empty tables, unless it is `asked` for.
    """
    made: list[Paper] = []
    left_out: dict[str, str] = {}
    for kind in kinds:
        try:
            one = paper(logbook, production, kind, day, unit, occasion=occasion)
        except (ReportError, RefusedError) as error:
            left_out[kind] = str(error)
            continue
        if asked or _says_something(one):
            made.append(one)
        else:
            left_out[kind] = f"there is nothing to say on day {day}."
    issued = {each.paper.kind: each for each in issue(logbook, made, note=note)}
    return Papers(issued, left_out, asked, logo_of(production))


def _says_something(one: Paper) -> bool:
    from onset.reports.cells import WARNINGS, cells_of

    return any(table.rows for table in cells_of(one.log).tables if table.heading != WARNINGS)


def paper(
    logbook: Logbook,
    production: Path,
    kind: str,
    day: int,
    unit: str,
    *,
    occasion: str = "wrap",
    part: Sequence[str] = (),
    stills: bool = True,
) -> Paper:
    """A report as `onset report KIND --day N` makes it, with `part` as more options; of a part of the day, at lunch.

    Raises:
        ReportError: there is no such report of this day.
    """
    from onset.cli import report
    from onset.cli.main import CommandParser

    words = ["report", kind, f"--day={day}", f"--unit={unit}", *part]
    partial = occasion != "wrap" and kind == "progress"
    args = _parsed(CommandParser(), report.add_parser, [*words, "--partial"] if partial else words)
    made = report.report_of(args, logbook, production, stills=stills)
    return Paper(kind, "" if occasion == "wrap" else occasion, made)


def export_into(folder: Path, production: Path, kind: str, day: int, unit: str) -> tuple[bool, list[str]]:
    """Make an editorial file, or several, in a folder; whether it is there, and what is not in it or why, in sentences.

    Args:
        folder: of the set, there already.
        production: whose.
        kind: as `onset export` names it.
        day: its number.
        unit: whose day.
    """
    from onset.cli import export

    args = _parsed(
        argparse.ArgumentParser(),
        export.add_parser,
        ["export", kind, f"--day={day}", f"--unit={unit}", f"--output={folder}/", "--json"],
    )
    args.production = str(production)
    try:
        with redirect_stdout(io.StringIO()) as told:
            export.run(args)
    except (ExportError, RefusedError, UsageError) as error:
        return False, [str(error)]
    left_out = [f"{one['what']}, {one['why']}" for one in json.loads(told.getvalue())["left_out"]]
    more = len(left_out) - _SHOWN
    return True, [*left_out[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]


def _parsed(
    root: A, add_parser: Callable[[argparse._SubParsersAction[A]], None], words: Sequence[str]
) -> argparse.Namespace:
    """What a command is given that is typed so, with the defaults of all its options."""
    add_parser(root.add_subparsers())
    return root.parse_args(words)
