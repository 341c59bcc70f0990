"""Where copies lie, as paper says it: by the name of a target, never by where this machine happens to have it.

Used by the command line on the verdicts and copies that it hands to reports. A paper goes to others: the home folder of
whoever copied is none of their business, and on another machine the same disk has another path.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from onset.reconcile.board import CardVerdict
from onset.text import safe_text

# Where systems put disks, each under its own name: macOS, udisks, by hand. udisks has a folder a login above it.
_DISKS = re.compile(r"/(?:Volumes|run/media/[^/]+|media|mnt)/(?=[^/])")
_KEPT = 2  # last parts of a path of which nothing else can be said


@dataclass(frozen=True, slots=True)
class Places:
    """Folders that have a name.

    Attributes:
        named: folder to name; where one lies in another the inner one counts.
        production: its folder: what lies within is told from there.
        copies: paths that words may hold.
    """

    named: Sequence[tuple[str, str]]
    production: str
    copies: Collection[str] = ()

    def of(self, path: str) -> str:
        """A path of a copy, from the name of its disk on.

        >>> places = Places([("/Users/ada/shuttle", "SHUTTLE")], "/films/Harbour")
        >>> places.of("/Users/ada/shuttle/day03/A014"), places.of("/films/Harbour/copies/A014")
        ('SHUTTLE/day03/A014', 'copies/A014')
        >>> places.of("/media/RAID/A014"), places.of("/Users/ada/films/RAID/A014"), places.of("copies/A014")
        ('RAID/A014', '…/RAID/A014', 'copies/A014')
        """
        for folder, name in sorted((*self.named, (self.production, "")), reverse=True):
            if path == folder or path.startswith(f"{folder.rstrip('/')}/"):
                return "/".join(filter(None, (name, path[len(folder) :].strip("/")))) or name
        if not path.startswith("/"):
            return path
        disk = _DISKS.match(path)
        parts = path.strip("/").split("/")
        return path[disk.end() :] if disk else "/".join(["…", *parts[-_KEPT:]]) if len(parts) > _KEPT else path

    def within(self, words: str) -> str:
        """Words with each path of a copy told so."""
        known = {safe_text(path): safe_text(self.of(path)) for path in self.copies}
        if not known:
            return words
        any_path = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
        return re.sub(rf"(?<![\w/.])(?:{any_path})(?![\w-])", lambda found: known[found[0]], words)

    def verdicts(self, verdicts: Iterable[CardVerdict]) -> tuple[CardVerdict, ...]:
        """Verdicts whose words are for paper."""
        return tuple(self._verdict(each) for each in verdicts)

    def _verdict(self, verdict: CardVerdict) -> CardVerdict:
        copies = replace(
            verdict.copies,
            reasons=tuple(map(self.within, verdict.copies.reasons)),
            sentence=self.within(verdict.copies.sentence),
            proved=self.within(verdict.copies.proved),
            bad={path: self.within(words) for path, words in verdict.copies.bad.items()},
        )
        reasons = tuple(map(self.within, verdict.reasons))
        return replace(verdict, copies=copies, reasons=reasons, sentence=self.within(verdict.sentence))
