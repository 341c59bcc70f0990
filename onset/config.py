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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from onset.errors import ConfigError, SlateError, TimecodeError
from onset.limits import USUAL, Limits, read_limits
from onset.recipients import Recipient, read_recipients
from onset.slate import SYSTEMS, Overflow, Slating
from onset.targets import (
    OFFLOAD_KEYS,
    OffloadConfig,
    PresetConfig,
    TargetConfig,
    check_after,
    read_offload,
    read_target,
)
from onset.text import safe_text
from onset.timecode import Rate, rate
from onset.toml import CONFIG_NAME, Table, listed, read_toml, shown, template_fields

SoundFiles = Literal["poly", "mono"]

CLIP_FIELDS = ("production", "day", "unit", "episode", "scene", "slate", "take", "camera", "roll")
CLIP_NAMES = "{slate}-{take}_{camera}"
SOUND_FILES: tuple[SoundFiles, ...] = ("poly", "mono")
ROLLS_FROM_SET: tuple[Literal["propose", "start"], ...] = ("propose", "start")
CUTS_FROM_SET: tuple[Literal["propose", "cut"], ...] = ("propose", "cut")
KEYBOARDS = ("qwerty", "qwertz", "azerty")
THEMES = ("dark", "day", "high contrast")

# A device's name becomes part of a file name, of a socket's path and of a timecode source such as "MIX.ltc".
_DEVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}", re.ASCII)
_NO_CLIP_NAME = re.compile(r"[^\w.+-]")  # exFAT and NTFS refuse the rest, and a / would be a folder
_LONGEST_CLIP_NAME = 80
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
class ScreenConfig:
    """The table `[screen]`.

    Attributes:
        theme: one of `THEMES`; what a person chose at a seat goes before it.
        keyboard: one of `KEYBOARDS`; which key map is the base.
        player: command that opens a clip, `{path}` standing for the file; empty for none.
        viewer: command that opens a report's PDF, likewise.
    """

    theme: str = "dark"
    keyboard: str = "qwerty"
    player: str = ""
    viewer: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """All of `config.toml`; `keys` maps an action id to the key that is wanted for it."""

    production: ProductionConfig
    log: LogConfig
    capture: CaptureConfig
    devices: tuple[DeviceConfig, ...] = ()
    offload: OffloadConfig = field(default_factory=OffloadConfig)
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
    targets = _named([read_target(table, base) for table in tables], "target", lambda each: each.name)
    check_after(targets, tables)
    return Config(
        production=_production(root.table("production", _PRODUCTION_KEYS), production),
        log=_log(root.table("log", "backup_to backup_every exchange exchange_every"), base),
        capture=capture,
        devices=_named(devices, "device", lambda each: each.name.lower()),
        offload=read_offload(root.table("offload", OFFLOAD_KEYS), [each.name for each in targets]),
        targets=targets,
        screen=_screen(root.table("screen", "theme keyboard player viewer")),
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
    fields = template_fields(table, "names", names, CLIP_FIELDS)
    if "camera" not in fields:
        table.wrong("names", f"must have the field {{camera}}, not {shown(names)}")
    literal = string.Formatter().vformat(names, (), dict.fromkeys(CLIP_FIELDS, ""))
    if _NO_CLIP_NAME.search(literal) or len(literal) > _LONGEST_CLIP_NAME:
        table.wrong("names", f"must be letters, digits, + . _ - and fields in braces, not {shown(names)}")
    return names


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


def _screen(table: Table) -> ScreenConfig:
    return ScreenConfig(
        theme=table.choice("theme", THEMES, "dark"),
        keyboard=table.choice("keyboard", KEYBOARDS, "qwerty"),
        player=table.text("player", ""),
        viewer=table.text("viewer", ""),
    )


def _keys(root: Table) -> dict[str, str]:
    table = root.table("keys", "")
    return {action: table.text(action) for action in table.rest(())}
