"""Who gets what when a day ends: `[[recipient]]` of `config.toml`. Read by config.py.

Which reports and exports there are is known higher up; `onset/cli/wrap_papers.py` compares.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from onset.errors import ConfigError
from onset.text import RESERVED_ON_WINDOWS, safe_text
from onset.toml import CONFIG_NAME, Table, listed, nearest, shown

FORMATS = ("pdf", "html", "txt")
PAPERS = ("a4", "letter")
README = "README.txt"  # beside the recipients' folders
SETS = ("first-shot", "lunch", "wrap")
_KEYS = ("name", "reports", "exports", "formats", "paper", "zip", "log", "at")
_LONGEST = 60
_NOT_IN_NAMES = re.compile(r"[^\w.+-]+")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One `[[recipient]]`: somebody who gets a folder of a day.

    Attributes:
        reports, exports: kinds, as `onset report` and `onset export` name them.
        formats: of the reports.
        paper: sheet of their PDFs; empty: the production's.
        zip: one file instead of a folder.
        log: with a copy of the log.
        at: when: of `SETS`.
    """

    name: str
    reports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("pdf",)
    paper: str = ""
    zip: bool = False
    log: bool = False
    at: tuple[str, ...] = ("wrap",)

    @property
    def folder(self) -> str:
        """What its folder is called, on any disk.

        >>> Recipient("Cutting room / Åse").folder, Recipient("../..").folder
        ('Cutting_room_Åse', '')
        """
        return folder_name(self.name)

    @property
    def place(self) -> str:
        """What it gets: a folder, or one file."""
        return f"{self.folder}.zip" if self.zip else self.folder


def folder_name(words: str) -> str:
    """Words from outside as a name that no file system refuses and that leads into no other folder.

    >>> folder_name("aux"), folder_name("Con.tinuity"), folder_name("lab ...")
    ('aux_', 'Con_.tinuity', 'lab')
    """
    name = _NOT_IN_NAMES.sub("_", words).strip("_.")
    first, dot, rest = name.partition(".")
    return f"{first}_{dot}{rest}" if first.lower() in RESERVED_ON_WINDOWS else name


def read_recipients(tables: Sequence[Table]) -> tuple[Recipient, ...]:
    """All of them, checked.

    Raises:
        ConfigError: one sentence with table and key.
    """
    taken = {README.casefold(): ""}
    found: list[Recipient] = []
    for table in tables:
        one = _recipient(table)
        for place in {one.folder, one.place}:
            if (other := taken.get(place.casefold())) is not None:
                whose = f'that of "{safe_text(other)}"' if other else "no recipient's"
                raise ConfigError(
                    f'{CONFIG_NAME}: [[recipient]] "{safe_text(one.name)}" would have the place {place}, which is '
                    f"{whose}; give it another name."
                )
            taken[place.casefold()] = one.name
        found.append(one)
    return tuple(found)


def _recipient(table: Table) -> Recipient:
    name = table.text("name")
    table = table.renamed(f'[[recipient]] "{safe_text(name[:_LONGEST])}"')
    table.only(_KEYS)
    one = Recipient(
        name,
        reports=table.texts("reports", ()),
        exports=table.texts("exports", ()),
        formats=_some_of(table, "formats", FORMATS, ("pdf",)),
        paper=table.choice("paper", PAPERS) if "paper" in table else "",
        zip=table.flag("zip", False),
        log=table.flag("log", False),
        at=_some_of(table, "at", SETS, ("wrap",)),
    )
    if len(name) > _LONGEST or not one.folder:
        table.wrong("name", f"becomes a folder's: 1 to {_LONGEST} characters, a letter or a digit among them")
    if not one.reports and not one.exports and not one.log:
        table.wrong("reports", "must name at least one, where there are no exports and no log")
    return one


def _some_of(table: Table, key: str, known: Sequence[str], default: tuple[str, ...]) -> tuple[str, ...]:
    values = table.texts(key, default)
    for each in values:
        if each not in known:
            table.wrong(key, f"must be of {listed(known)}, not {shown(each)}{nearest(each, known)}")
    if not values:
        table.wrong(key, "must name at least one")
    return values
