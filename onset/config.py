"""`config.toml`: what a production is called, how it is slated, and which devices and disks it has.

Read by every command that opens a production, written once by `onset new`. Everything is checked here, in one pass, so
that a typing error is named with its table and key before anything starts. Only a device's own keys pass unread: its
adapter knows them (`devices/adapter.py`).
"""

from __future__ import annotations

import os
import re
import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

from onset.errors import ConfigError, SlateError, TimecodeError
from onset.limits import USUAL, Limits, read_limits
from onset.recipients import Recipient, read_recipients
from onset.slate import SYSTEMS, Overflow, Slating
from onset.text import safe_text
from onset.timecode import Rate, rate
from onset.toml import CONFIG_NAME, Table, listed, nearest, read_toml, shown

HASH_FORMATS = ("xxh128", "xxh3", "xxh64", "md5", "sha1", "c4")
SoundFiles = Literal["poly", "mono"]

FOLDER_FIELDS = ("production", "date", "day", "unit", "camera", "roll", "card", "counter")
CLIP_FIELDS = ("production", "day", "unit", "episode", "scene", "slate", "take", "camera", "roll")
CLIP_NAMES = "{slate}-{take}_{camera}"
SOUND_FILES: tuple[SoundFiles, ...] = ("poly", "mono")
SOURCE_CHECKS = ("reread", "none")
WHILE_ROLLING = ("slow", "pause")
ROLLS_FROM_SET: tuple[Literal["propose", "start"], ...] = ("propose", "start")
CUTS_FROM_SET: tuple[Literal["propose", "cut"], ...] = ("propose", "cut")
KEYBOARDS = ("qwerty", "qwertz", "azerty")

# A device's name becomes part of a file name, of a socket's path and of a timecode source such as "MIX.ltc".
_DEVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}", re.ASCII)
_NO_CLIP_NAME = re.compile(r"[^\w.+-]")  # exFAT and NTFS refuse the rest, and a / would be a folder
_LONGEST_CLIP_NAME = 80
EMAIL = re.compile(r"[^@\s]+@[^@.\s]+\.[^@\s]+")  # as the schema of ASC MHL has it
_SIGNED = ("author", "email", "phone", "role", "location")
_OFFLOAD_KEYS = " ".join(("copies", "hashes", "preset", "while_rolling", *_SIGNED))
_CAPTURE_KEYS = "media timecode preroll postroll names proxies watch roll_from roll_from_set cut_from_set"
_DEVICE_KEYS = ("name", "kind", "files", "watch", "roll_from_set", "cut_from_set", "camera", "follow")
_PRODUCTION_KEYS = "title rate slating skip_letters overflow false_start_counts company director voters logo"

_TABLES = ("production", "log", "capture", "device", "offload", "target", "recipient", "screen", "keys")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProductionConfig:
    """The table `[production]`.

    Attributes:
        false_start_counts: a false start uses up its take number.
        logo: a PNG or JPEG for the head of reports.
    """

    title: str
    rate: Rate
    slating: Slating
    false_start_counts: bool = True
    company: str = ""
    director: str = ""
    voters: tuple[str, ...] = ("director", "script")
    logo: Path | None = None


@dataclass(frozen=True, slots=True)
class LogConfig:
    """The table `[log]`; without `backup_to` there is no second journal.

    Attributes:
        exchange: folder on a stick, or shared, in which logs of this production meet.
    """

    backup_to: Path | None = None
    backup_every_s: float = 600.0
    exchange: Path | None = None
    exchange_every_s: float = 60.0


@dataclass(frozen=True, slots=True)
class CaptureConfig:
    """The table `[capture]`.

    Attributes:
        media: absolute folder of recordings.
        timecode: the master, then who stands in for it: `"DEVICE"`, `"DEVICE.ltc"` or `"clock"`.
        preroll_s: seconds kept from before the key.
        postroll_s: seconds recorded past the cut.
        names: template of file names, with `CLIP_FIELDS` in braces.
        proxies: clips are joined with their sound after the cut.
        watch: `[capture.watch]`, when trouble is an alarm.
        roll_from: devices, and `DEVICE.ltc`, that may propose or start a take; None: every device that tells.
    """

    media: Path
    timecode: tuple[str, ...] = ("clock",)
    preroll_s: float = 15.0
    postroll_s: float = 5.0
    names: str = CLIP_NAMES
    proxies: bool = True
    watch: Limits = USUAL
    roll_from: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """One `[[device]]`; `options` are the keys that only its adapter knows.

    Attributes:
        files: one of `SOUND_FILES`: the tracks of a sound device in one file, or one file each.
        watch: when its trouble is an alarm: its own `watch`, and what `[capture.watch]` says besides.
        roll_from_set: one of `ROLLS_FROM_SET`: what follows when it begins to record while nothing rolls.
        cut_from_set: one of `CUTS_FROM_SET`: what follows when it ends and a person rolled the take.
        camera: the camera whose clips it records; empty: itself.
        follow: a deck that is told to record what rolls.
    """

    name: str
    kind: str
    options: Mapping[str, object] = field(default_factory=dict)
    files: SoundFiles = "poly"
    watch: Limits = USUAL
    roll_from_set: Literal["propose", "start"] = "propose"
    cut_from_set: Literal["propose", "cut"] = "propose"
    camera: str = ""
    follow: bool = False


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


@dataclass(frozen=True, slots=True)
class ScreenConfig:
    """The table `[screen]`.

    Attributes:
        theme: a theme's name; empty for the screen's own default.
        keyboard: one of `KEYBOARDS`; which key map is the base.
        player: command that opens a clip, `{path}` standing for the file; empty for none.
    """

    theme: str = ""
    keyboard: str = "qwerty"
    player: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """All of `config.toml`; `keys` maps an action id to the key that is wanted for it."""

    production: ProductionConfig
    log: LogConfig
    capture: CaptureConfig
    devices: tuple[DeviceConfig, ...] = ()
    offload: OffloadConfig = OffloadConfig()
    targets: tuple[TargetConfig, ...] = ()
    screen: ScreenConfig = ScreenConfig()
    recipients: tuple[Recipient, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)

    def device(self, name: str) -> DeviceConfig | None:
        """The device of that name, in any case; None when there is none."""
        return next((each for each in self.devices if each.name.lower() == name.lower()), None)

    def target(self, name: str) -> TargetConfig | None:
        """The target of that name; None when there is none."""
        return next((each for each in self.targets if each.name == name), None)

    def preset(self, name: str) -> PresetConfig | None:
        """The `[offload.preset.NAME]` of that name; None when there is none."""
        return next((each for each in self.offload.presets if each.name == name), None)


def load_config(production: Path) -> Config:
    """Read the `config.toml` of a production folder.

    Raises:
        ConfigError: missing, unreadable, or wrong; one sentence with table and key.
    """
    path = production / CONFIG_NAME
    return parse_config(read_toml(path), production)


def parse_config(text: str, production: Path) -> Config:
    """Check the text of a `config.toml`.

    Args:
        text: TOML.
        production: folder that relative paths start from.

    Raises:
        ConfigError: one sentence with table and key.
    """
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"{CONFIG_NAME} is nested too deeply to be read.") from None
    except ValueError as error:  # TOMLDecodeError, and int() of a number with thousands of digits
        raise ConfigError(f"{CONFIG_NAME} is not valid TOML: {safe_text(str(error))}.") from None
    root = Table(document, "", _TABLES)
    base = Path(os.path.abspath(production))
    capturing = root.table("capture", _CAPTURE_KEYS)
    capture = _capture(capturing, base)
    devices = [_device(table, capturing, capture.watch) for table in root.tables("device")]
    _check_roll_from(capture, devices, capturing)
    tables = root.tables("target")
    targets = _named([_target(table, base) for table in tables], "target", lambda each: each.name)
    _check_after(targets, tables)
    return Config(
        production=_production(root.table("production", _PRODUCTION_KEYS), production),
        log=_log(root.table("log", "backup_to backup_every exchange exchange_every"), base),
        capture=capture,
        devices=_named(devices, "device", lambda each: each.name.lower()),
        offload=_offload(root.table("offload", _OFFLOAD_KEYS), [each.name for each in targets]),
        targets=targets,
        screen=_screen(root.table("screen", "theme keyboard player")),
        recipients=read_recipients(root.tables("recipient")),
        keys=_keys(root),
    )


def _named(values: Sequence[T], what: str, identity: Callable[[T], str]) -> tuple[T, ...]:
    """Refuse two of one name."""
    seen: set[str] = set()
    for value in values:
        name = identity(value)
        if name in seen:
            raise ConfigError(f'{CONFIG_NAME}: two [[{what}]] are called "{safe_text(name)}"; give each its own name.')
        seen.add(name)
    return tuple(values)


def _production(table: Table, base: Path) -> ProductionConfig:
    try:
        project_rate = rate(table.text("rate"))
    except TimecodeError as error:
        table.wrong("rate", f"is wrong: {str(error).rstrip('.')}")
    if project_rate.sensor_only:
        table.wrong("rate", f'"{project_rate.name}" is a sensor rate, that no timecode is labelled with')
    try:
        slating = Slating(
            table.choice("slating", SYSTEMS, "us"),
            table.text("skip_letters", "IO"),
            table.choice("overflow", tuple(Overflow), Overflow.AA_AB),
        )
    except SlateError as error:
        table.wrong("skip_letters", f"is wrong: {str(error).rstrip('.')}")
    return ProductionConfig(
        title=table.text("title"),
        rate=project_rate,
        slating=slating,
        false_start_counts=table.flag("false_start_counts", True),
        company=table.text("company", ""),
        director=table.text("director", ""),
        voters=table.texts("voters", ("director", "script")),
        logo=table.maybe_path("logo", base),
    )


def _log(table: Table, base: Path) -> LogConfig:
    return LogConfig(
        table.maybe_path("backup_to", base),
        table.seconds("backup_every", 600.0, 10.0, 86_400.0),
        table.maybe_path("exchange", base),
        table.seconds("exchange_every", 60.0, 1.0, 86_400.0),
    )


def _capture(table: Table, base: Path) -> CaptureConfig:
    return CaptureConfig(
        media=table.path("media", base, "media"),
        timecode=table.texts("timecode", ("clock",)),
        preroll_s=table.seconds("preroll", 15.0, 0.0, 120.0),
        postroll_s=table.seconds("postroll", 5.0, 0.0, 120.0),
        names=_clip_names(table),
        proxies=table.flag("proxies", True),
        watch=read_limits(table.table("watch", ""), "[capture.watch]", USUAL),
        roll_from=table.texts("roll_from", ()) if "roll_from" in table else None,
    )


def _clip_names(table: Table) -> str:
    """The template of file names; without {camera} the devices of a take would be told apart by a counter alone."""
    names = table.text("names", CLIP_NAMES)
    fields = _fields(table, "names", names, CLIP_FIELDS)
    if "camera" not in fields:
        table.wrong("names", f"must have the field {{camera}}, not {shown(names)}")
    literal = string.Formatter().vformat(names, (), dict.fromkeys(CLIP_FIELDS, ""))
    if _NO_CLIP_NAME.search(literal) or len(literal) > _LONGEST_CLIP_NAME:
        table.wrong("names", f"must be letters, digits, + . _ - and fields in braces, not {shown(names)}")
    return names


def _fields(table: Table, key: str, template: str, known: Sequence[str]) -> list[str]:
    """The fields of a template; refuses those that nobody knows."""
    try:
        fields = [(name, form) for _, name, form, _ in string.Formatter().parse(template) if name is not None]
    except ValueError:
        table.wrong(key, f"has a brace that is not closed: {shown(template)}")
    for each, form in fields:
        if each not in known or form:
            hint = nearest(each, known) or f"; there are {listed(known)}"
            table.wrong(key, f'has no field "{safe_text(each)}"{hint}')
    return [name for name, _ in fields]


def _device(table: Table, capture: Table, watch: Limits) -> DeviceConfig:
    name = table.text("name")
    if not _DEVICE_NAME.fullmatch(name):
        table.wrong("name", f"must be letters, digits, - or _ (24 at most), not {shown(name)}")
    if name.lower() == "clock":
        table.wrong("name", 'must not be "clock", which is this machine\'s own clock')
    table = table.renamed(f'[[device]] "{name}"')
    files = table.choice("files", SOUND_FILES, "poly")
    own = read_limits(table.table("watch", ""), f'[[device]] "{name}" watch', watch, of_device=True)
    rolls = table.choice("roll_from_set", ROLLS_FROM_SET, capture.choice("roll_from_set", ROLLS_FROM_SET, "propose"))
    cuts = table.choice("cut_from_set", CUTS_FROM_SET, capture.choice("cut_from_set", CUTS_FROM_SET, "propose"))
    camera, follow = table.text("camera", ""), table.flag("follow", False)
    options = table.rest(_DEVICE_KEYS)
    return DeviceConfig(name, table.text("kind"), options, files, own, rolls, cuts, camera, follow)


def _check_roll_from(capture: CaptureConfig, devices: Sequence[DeviceConfig], table: Table) -> None:
    """Each name must be a device's, or that of its timecode."""
    known = [name for device in devices for name in (device.name, f"{device.name}.ltc")]
    for each in capture.roll_from or ():
        if each not in known:
            table.wrong("roll_from", f"names no device: {shown(each)}; it may have {listed(known) or 'none yet'}")


def _offload(table: Table, targets: Sequence[str]) -> OffloadConfig:
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


def _target(table: Table, base: Path) -> TargetConfig:
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
    _fields(table, "folder", folder, FOLDER_FIELDS)
    if folder.count("{counter}") > 1:
        table.wrong("folder", f"must count once, not {shown(folder)}")
    if folder.startswith("/") or ".." in folder.split("/"):
        table.wrong("folder", f"must stay below the target's path, not {shown(folder)}")
    return replace(target, folder=folder)


def _check_after(targets: Sequence[TargetConfig], tables: Sequence[Table]) -> None:
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


def _screen(table: Table) -> ScreenConfig:
    return ScreenConfig(
        theme=table.text("theme", ""),
        keyboard=table.choice("keyboard", KEYBOARDS, "qwerty"),
        player=table.text("player", ""),
    )


def _keys(root: Table) -> dict[str, str]:
    table = root.table("keys", "")
    return {action: table.text(action) for action in table.rest(())}
