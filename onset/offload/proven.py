"""What is proven of a card, kept so that more copies can be made and judged when the card itself is gone.

Written into the record of every job of a cascade just before its result, read by cascade.py: `proven.json` of the
newest finished job is what holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from onset.mhl.durable import replacing
from onset.mhl.tree import Kind
from onset.offload.card import Card
from onset.offload.disks import whole_disks
from onset.offload.outcome import Gravity, Outcome, Problem, TargetOutcome
from onset.offload.readback import Method

_FILE = "proven.json"


@dataclass(frozen=True, slots=True)
class Proven:
    """A card that need not be in its reader any more.

    Attributes:
        job: the job that read the card; its journal has the digests.
        root: where the card was mounted.
        folders: of the card, with their dates; `histories` those that hold an ASC MHL history.
        others: what was not copied; `ignored` what was left out, with its bytes.
        disks: the card's own.
        targets: every copy that was made so far; `problems` all that went wrong.
        moved: folders that were to be filled, each to the one that was, where another card had come there meanwhile.
        source_checked, source_method: the second read of the card, as its job judged it.
    """

    job: str
    root: str
    label: str
    fingerprint: str
    files: int
    bytes: int
    folders: Mapping[str, int]
    histories: tuple[str, ...]
    others: Mapping[str, Kind]
    ignored: Mapping[str, int]
    disks: frozenset[str]
    source_check: str
    source_checked: bool
    source_method: Method | None
    targets: tuple[TargetOutcome, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    formats: tuple[str, ...]
    moved: Mapping[str, str] = field(default_factory=dict)

    def whole(self, folder: str) -> bool:
        """Whether a copy is complete, proven and sealed."""
        path = self.moved.get(folder, folder)
        target = next((each for each in self.targets if each.path == path), None)
        return target is not None and is_whole(target, self.files)

    def is_there(self, path: str) -> bool:
        """Whether a copy can be reached: its manifest is where it was written."""
        manifests = [each.manifest for each in self.targets if each.path == path]
        return any(manifest is not None and os.path.exists(manifest) for manifest in manifests)


def is_whole(target: TargetOutcome, files: int) -> bool:
    """Whether a copy of so many files is complete, proven and sealed."""
    return target.lost is None and target.verified == files and target.manifest is not None


def proven_of(card: Card, outcome: Outcome) -> Proven:
    """What a job that read the card leaves to those that do not."""
    return Proven(
        outcome.job,
        str(card.root),
        card.label,
        card.fingerprint,
        outcome.files,
        outcome.bytes,
        card.tree.folders,
        tuple(card.tree.histories),
        card.tree.others,
        card.tree.ignored,
        card.disks,
        outcome.source_check,
        outcome.source_checked,
        outcome.source_method,
        outcome.targets,
        outcome.problems,
        outcome.warnings,
        outcome.formats,
    )


def keep_proven(folder: Path, proven: Proven) -> None:
    """Leave it in the record of a job (its folder), durable.

    Raises:
        OSError: the state folder's disk is full or gone.
    """
    with replacing(folder / _FILE) as file:
        file.write(json.dumps(asdict(proven), default=sorted).encode())


def read_proven(folder: Path) -> Proven | None:
    """What a job left; disks and devices of copies that are there are looked up anew, since their names change.

    Args:
        folder: of that job.
    """
    try:
        read = json.loads((folder / _FILE).read_bytes())
        read["targets"] = tuple(_target(each) for each in read["targets"])
        read["problems"] = tuple(Problem(**each | {"gravity": Gravity(each["gravity"])}) for each in read["problems"])
        read["others"] = {path: Kind(kind) for path, kind in read["others"].items()}
        read["source_method"] = _method(read["source_method"])
        read["disks"] = frozenset(read["disks"])
        read |= {key: tuple(read[key]) for key in ("histories", "warnings", "formats")}
        return Proven(**read)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _target(read: dict[str, Any]) -> TargetOutcome:
    known = read | {"read_back": _method(read["read_back"]), "disks": frozenset(read["disks"])}
    target = TargetOutcome(**known)
    folder = Path(target.path)
    with suppress(OSError):
        if target.manifest is not None and Path(target.manifest).exists():
            device = os.stat(folder).st_dev
            return replace(target, disks=whole_disks(folder, device), device=device)
    return replace(target, device=0)  # such numbers are given again to what is mounted next


def _method(name: str | None) -> Method | None:
    return None if name is None else Method(name)
