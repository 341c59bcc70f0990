"""Where cards are copied: `[offload]`, its presets and `[[target]]` of `config.toml`. Read by config.py."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from onset.text import safe_text
from onset.toml import Table, listed, nearest, shown, template_fields

HASH_FORMATS = ("xxh128", "xxh3", "xxh64", "md5", "sha1", "c4")
FOLDER_FIELDS = ("production", "date", "day", "unit", "camera", "roll", "card", "counter")
SOURCE_CHECKS = ("reread", "none")
WHILE_ROLLING = ("slow", "pause")
EMAIL = re.compile(r"[^@\s]+@[^@.\s]+\.[^@\s]+")  # as the schema of ASC MHL has it
_SIGNED = ("author", "email", "phone", "role", "location")
OFFLOAD_KEYS = " ".join(("copies", "hashes", "preset", "while_rolling", *_SIGNED))


@dataclass(frozen=True, slots=True)
class PresetConfig:
    """One `[offload.preset.NAME]`: what `--preset NAME` stands for; None where it says nothing.

    Attributes:
        targets: names of `[[target]]` tables.
        then: names of those that are filled from a copy afterwards, as `--then` says it.
        source_check: one of `SOURCE_CHECKS`.
    """

    name: str
    targets: tuple[str, ...] = ()
    hashes: tuple[str, ...] | None = None
    source_check: str | None = None
    copies: int | None = None
    then: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OffloadConfig:
    """The table `[offload]`: how many copies make a card safe, and what the manifest holds.

    Attributes:
        author, email, phone, role: who copies, for the manifest; empty leaves it out.
        location: where, likewise.
        while_rolling: one of `WHILE_ROLLING`: what a copy does that shares a disk with a take that rolls.
    """

    copies: int = 2
    hashes: tuple[str, ...] = ("xxh128",)
    presets: tuple[PresetConfig, ...] = ()
    author: str = ""
    email: str = ""
    phone: str = ""
    role: str = ""
    location: str = ""
    while_rolling: str = "slow"


@dataclass(frozen=True, slots=True)
class TargetConfig:
    """One `[[target]]` that cards are copied to.

    Attributes:
        name: as `--to NAME` says it.
        path: absolute folder, usually a mount point.
        folder: template below `path`, with `FOLDER_FIELDS` in braces.
        disk: names the medium where hardware cannot be told apart; targets of one disk count as one copy.
        volume: UUID or label of the file system that must be mounted there.
        removable: true: never a folder of this computer's own disk; false: it may be; None: its place decides.
        at_once: how many copies its disk takes together; None: the kind of disk decides.
        after: the target whose copy this one is filled from, where both are asked for.
    """

    name: str
    path: Path
    folder: str = "{production}/{date}_day{day}/{camera}/{roll}"
    disk: str | None = None
    volume: str | None = None
    removable: bool | None = None
    at_once: int | None = None
    after: str | None = None


def read_offload(table: Table, targets: Sequence[str]) -> OffloadConfig:
    """The table `[offload]`; `targets` are the names of all `[[target]]`."""
    presets = table.table("preset", "")
    found = tuple(_preset(name, presets.table(name, ""), targets) for name in presets.rest(()))
    signed = {key: table.text(key, "") for key in _SIGNED}
    if signed["email"] and not EMAIL.fullmatch(signed["email"]):
        table.wrong("email", f"must be an address (name@place.tld), not {shown(signed['email'])}")
    if not signed["author"] and any(signed[key] for key in ("email", "phone", "role")):
        table.wrong("author", "must be there where there is an email, phone or role")
    rolling = table.choice("while_rolling", WHILE_ROLLING, "slow")
    return OffloadConfig(table.whole("copies", 2, 1, 9), _hashes(table), found, **signed, while_rolling=rolling)


def _hashes(table: Table) -> tuple[str, ...]:
    hashes = table.texts("hashes", ("xxh128",))
    for each in hashes:
        if each not in HASH_FORMATS:
            table.wrong("hashes", f"must be of {listed(HASH_FORMATS)}, not {shown(each)}{nearest(each, HASH_FORMATS)}")
    if not hashes:
        table.wrong("hashes", "must name at least one")
    return hashes


def _preset(name: str, table: Table, known: Sequence[str]) -> PresetConfig:
    table = table.renamed(f"[offload.preset.{safe_text(name)}]")
    table.only(("targets", "then", "hashes", "source_check", "copies"))
    targets, then = table.texts("targets", ()), table.texts("then", ())
    there = f"; there are {listed([safe_text(one) for one in known])}" if known else "; there is none yet"
    for key, names in (("targets", targets), ("then", then)):
        for each in names:
            if each not in known:
                table.wrong(key, f"names no [[target]]: {shown(each)}{nearest(each, known) or there}")
            if key == "then" and each in targets:
                table.wrong(key, f"must not name {shown(each)}, which is among its targets")
    return PresetConfig(
        name,
        targets,
        _hashes(table) if "hashes" in table else None,
        table.choice("source_check", SOURCE_CHECKS) if "source_check" in table else None,
        table.whole("copies", 2, 1, 9) if "copies" in table else None,
        then,
    )


def read_target(table: Table, base: Path) -> TargetConfig:
    """A table `[[target]]`; its path starts from `base`."""
    name = table.text("name")
    table = table.renamed(f'[[target]] "{safe_text(name)}"')
    table.only(("name", "path", "folder", "disk", "volume", "removable", "at_once", "after"))
    target = TargetConfig(
        name,
        table.path("path", base),
        disk=table.text("disk") if "disk" in table else None,
        volume=table.text("volume") if "volume" in table else None,
        removable=table.flag("removable", False) if "removable" in table else None,
        at_once=table.whole("at_once", 1, 1, 9) if "at_once" in table else None,
        after=table.text("after") if "after" in table else None,
    )
    if target.volume is not None and target.removable is False:
        table.wrong("removable", "must not be false for a target that names its volume")
    folder = table.text("folder", target.folder)
    template_fields(table, "folder", folder, FOLDER_FIELDS)
    if folder.count("{counter}") > 1:
        table.wrong("folder", f"must count once, not {shown(folder)}")
    if folder.startswith("/") or ".." in folder.split("/"):
        table.wrong("folder", f"must stay below the target's path, not {shown(folder)}")
    return replace(target, folder=folder)


def check_after(targets: Sequence[TargetConfig], tables: Sequence[Table]) -> None:
    """Refuse a target that is filled after one that is not there, or, by whatever way round, after itself."""
    by_name = {each.name: each for each in targets}
    for target, table in zip(targets, tables, strict=True):
        table = table.renamed(f'[[target]] "{safe_text(target.name)}"')
        way = [target.name]
        while (before := by_name[way[-1]].after) is not None:
            if before not in by_name:
                if len(way) > 1:
                    break  # told of the target that says so
                others = [name for name in by_name if name != target.name]
                there = f"; there are {listed(list(map(safe_text, others)))}" if others else "; there is no other"
                table.wrong("after", f"names no [[target]]: {shown(before)}{nearest(before, others) or there}")
            if before == target.name:
                circle = " after ".join(safe_text(name) for name in (*way, before))
                table.wrong("after", f"goes round in a circle: {circle}")
            if before in way:
                break  # a circle that others are in: told of them
            way.append(before)
