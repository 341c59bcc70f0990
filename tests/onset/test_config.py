"""A `config.toml` that is wrong: the sentence must name the table, the key and what to do."""

from __future__ import annotations

import os
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.config import Config, load_config, parse_config
from onset.errors import ConfigError
from onset.text import safe_text
from onset.toml import toml_string
from tests.needs import require

HERE = Path("/set/Harbour")
GOOD = '[production]\ntitle = "Harbour Lights"\nrate = "29.97df"\n'

# The example of the design, which every release must read.
FULL = (
    GOOD
    + """
slating = "us"
skip_letters = "IO"
voters = ["director", "script"]
[log]
backup_to = "/media/SHUTTLE/backup"
backup_every = "10 min"
exchange = "/media/STICK"
exchange_every = "2 min"
[capture]
media = "media"
timecode = ["MIX.ltc", "DECK", "clock"]
preroll = "1.5 s"
postroll = "500 ms"
[[device]]
name = "A"
kind = "opencv"
source = 0
[[device]]
name = "MIX"
kind = "pyaudio"
match = "Scarlett"
channels = { boom = 1, lav = 2, ltc = 4 }
[offload]
copies = 2
hashes = ["xxh128", "md5"]
[[target]]
name = "shuttle"
path = "/media/SHUTTLE"
folder = "{production}/{date}_day{day}/{camera}/{roll}"
[screen]
keyboard = "qwertz"
[keys]
circle = "c"
"""
)


def parsed(text: str) -> Config:
    return parse_config(text, HERE)


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        parsed(text)
    sentence = str(raised.value)
    assert safe_text(sentence) == sentence
    assert sentence.endswith((".", "?"))
    assert raised.value.exit_code == 2
    return sentence


def test_example_of_the_design_is_misread() -> None:
    config = parsed(FULL)
    assert config.production.title == "Harbour Lights"
    assert config.production.rate.name == "29.97df"
    assert config.production.slating.skip_letters == "IO"
    assert config.log.backup_to == Path("/media/SHUTTLE/backup")
    assert config.log.backup_every_s == 600
    assert (config.log.exchange, config.log.exchange_every_s) == (Path("/media/STICK"), 120)
    assert config.capture.media == HERE / "media"
    assert config.capture.timecode == ("MIX.ltc", "DECK", "clock")
    assert (config.capture.preroll_s, config.capture.postroll_s) == (1.5, 0.5)
    assert [(each.name, each.kind) for each in config.devices] == [("A", "opencv"), ("MIX", "pyaudio")]
    assert config.devices[0].options == {"source": 0}
    assert config.devices[1].options == {"match": "Scarlett", "channels": {"boom": 1, "lav": 2, "ltc": 4}}
    assert (config.offload.copies, config.offload.hashes) == (2, ("xxh128", "md5"))
    assert config.targets[0].path == Path("/media/SHUTTLE")
    assert config.screen.keyboard == "qwertz"
    assert config.keys == {"circle": "c"}


def test_preset_and_volume_are_misread() -> None:
    target = "[[target]]\nname='S'\npath='/x'\nfolder='{counter}_{roll}'\n"
    config = parsed(GOOD + target + "volume='SHUTTLE'\n[offload.preset.day]\ntargets=['S']\nhashes=['md5']\ncopies=3\n")
    preset = config.preset("day")
    assert preset is not None
    assert (preset.targets, preset.hashes, preset.source_check, preset.copies) == (("S",), ("md5",), None, 3)
    assert config.preset("night") is None
    assert (config.targets[0].volume, config.targets[0].removable) == ("SHUTTLE", None)


def test_what_is_left_out_has_no_default() -> None:
    config = parsed(GOOD)
    assert config.capture.timecode == ("clock",)
    assert config.capture.preroll_s == 15
    assert config.capture.postroll_s == 5
    assert config.devices == ()
    assert config.targets == ()
    assert config.log.backup_to is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prodution = 1", ["prodution", '"production"?']),
        (GOOD + "titel = 'x'", ["[production]", "titel", '"title"?']),
        (GOOD + "[capture]\nprerol = '1 s'", ["[capture]", "prerol", '"preroll"?']),
        (GOOD + "[ofload]\n", ["ofload", '"offload"?']),
        (GOOD + "[offload]\nhashs = []", ["[offload]", "hashs", '"hashes"?']),
        (GOOD + "overflow = 'AB AC'", ["[production] overflow", "AA AB, AA BB", '"AB AC"']),
        (GOOD + "false_start_counts = 'no'", ["[production] false_start_counts", "true or false", '"no"']),
        (GOOD + "false_start_counts = 0", ["[production] false_start_counts", "true or false"]),
        (GOOD + "zzz = 1", ["[production]", "zzz", "there are title"]),
        (GOOD + "[[target]]\nname='S'\npath='/x'\nfoldr=''", ['[[target]] "S"', "foldr", '"folder"?']),
        (GOOD + "[screen]\nkeyboard = 'azertz'", ["[screen] keyboard", "azertz", '"azerty"?']),
        (GOOD + "[screen]\ntheme = 'high contrst'", ["[screen] theme", "high contrst", '"high contrast"?']),
        (GOOD + "[offload]\nhashes=['xxh12']", ["[offload] hashes", "xxh12", '"xxh128"?']),
    ],
)
def test_typing_error_is_not_named(text: str, named: list[str]) -> None:
    sentence = complaint(text)
    for each in named:
        assert each in sentence


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[production]\nrate = '25'", ["[production] title", "missing"]),
        ("[production]\ntitle = 'x'", ["[production] rate", "missing"]),
        ("[production]\ntitle = 7\nrate='25'", ["[production] title", "text", "7"]),
        ("[production]\ntitle = ''\nrate='25'", ["[production] title", "empty"]),
        ("[production]\ntitle = 'x'\nrate=25", ["[production] rate", "text", "25"]),
        ("[production]\ntitle = 'x'\nrate='26'", ["[production] rate", "26", "23.976"]),
        ("[production]\ntitle = 'x'\nrate='120'", ["[production] rate", "120", "sensor"]),
        ("[production]\ntitle = \"a\\u001bb\"\nrate='25'", ["[production] title", "\\x1b"]),
        (GOOD + "slating='uk'", ["[production] slating", "us, eu, none"]),
        (GOOD + "skip_letters='1'", ["[production] skip_letters"]),
        (GOOD + "voters='x'", ["[production] voters", "list"]),
        (GOOD + "voters=[1]", ["[production] voters", "1"]),
        (GOOD + "voters=['a','a']", ["[production] voters", "twice"]),
        (GOOD + "[capture]\npreroll = 15", ["[capture] preroll", "15 s", "15"]),
        (GOOD + "[capture]\npreroll = '15 days'", ["[capture] preroll", "15 days"]),
        (GOOD + "[capture]\npreroll = '3 h'", ["[capture] preroll", "120 s"]),
        (GOOD + "[offload]\ncopies = true", ["[offload] copies", "whole number", "true"]),
        (GOOD + "[offload]\ncopies = 0", ["[offload] copies", "1 to 9"]),
        (GOOD + "[offload]\nhashes = []", ["[offload] hashes"]),
        (GOOD + "[device]\nname = 'A'", ["[[device]]"]),
        ("production = 1", ["[production]", "table"]),
        (GOOD + "[[device]]\nkind = 'opencv'", ["[[device]] number 1 name", "missing"]),
        (GOOD + "[[device]]\nname = 'A'", ['[[device]] "A" kind', "missing"]),
        (GOOD + "[[device]]\nname = '../A'\nkind='x'", ["name", "../A"]),
        (GOOD + "[[device]]\nname = 'clock'\nkind='x'", ["name", "clock"]),
        (GOOD + "[[device]]\nname='A'\nkind='x'\n[[device]]\nname='a'\nkind='x'", ["[[device]]", '"a"']),
        (GOOD + "[[target]]\nname='A'\npath='/x'\n[[target]]\nname='A'\npath='/y'", ["[[target]]", '"A"']),
        (GOOD + "[capture]\nnames = '{slate}-{tkae}_{camera}'", ["[capture] names", "tkae", 'did you mean "take"?']),
        (GOOD + "[capture]\nnames = '{slate}-{take}'", ["[capture] names", "must have the field {camera}"]),
        (GOOD + "[capture]\nnames = '{camera}/{slate}'", ["[capture] names", "{camera}/{slate}"]),
        (GOOD + "[capture]\nnames = '{camera} {slate'", ["[capture] names", "brace that is not closed"]),
        (GOOD + "[capture]\nnames = '{camera:>9}'", ["[capture] names", "camera"]),
        (GOOD + "[capture]\nproxies = 'no'", ["[capture] proxies", "true or false"]),
        (GOOD + "[[device]]\nname='MIX'\nkind='pyaudio'\nfiles='stereo'", ["MIX", "files", "poly, mono", "stereo"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nfolder='{rol}'", ["folder", "rol", "roll"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nfolder='{roll'", ["folder", "{roll"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nfolder='{day.__class__}'", ["folder", "__class__"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nfolder='../up'", ["folder", "../up"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nfolder='/etc'", ["folder", "/etc"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nfolder='{cuonter}'", ["folder", "cuonter", '"counter"?']),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nfolder='{zzz}'", ["folder", "zzz", "production, date, day"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nfolder='{counter}/{counter}'", ["folder", "count once"]),
        (
            GOOD + "[[target]]\nname='A'\npath='/x'\nafter='B'",
            ['[[target]] "A" after', "names no [[target]]", "there is no"],
        ),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nafter='A'", ['[[target]] "A" after', "in a circle: A after A"]),
        (
            GOOD
            + "".join(f"[[target]]\nname='{one}'\npath='/{one}'\nafter='{two}'\n" for one, two in ("AB", "BC", "CB")),
            ['[[target]] "B" after', "in a circle: B after C after B"],
        ),
        (
            GOOD + "[[target]]\nname='A'\npath='/x'\n[offload.preset.day]\ntargets=['A']\nthen=['B']",
            ["[offload.preset.day] then", "names no [[target]]"],
        ),
        (
            GOOD + "[[target]]\nname='A'\npath='/x'\n[offload.preset.day]\ntargets=['A']\nthen=['A']",
            ["[offload.preset.day] then", "is among its targets"],
        ),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nat_once=0", ['[[target]] "A" at_once', "1"]),
        (GOOD + "[offload]\nwhile_rolling='stop'", ["[offload] while_rolling", "slow", "pause"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nremovable='yes'", ['[[target]] "A" removable', "true or false"]),
        (GOOD + "[[target]]\nname='A'\npath='/x'\nremovable=false\nvolume='S'", ["removable", "names its volume"]),
        (GOOD + "[offload]\nauthor='Noor'\nemail='quay'", ["[offload] email", "quay", "name@place.tld"]),
        (GOOD + "[offload]\nrole='DIT'", ["[offload] author", "must be there"]),
        (GOOD + '[offload]\nlocation="\\u001b[2J"', ["[offload] location", "control characters"]),
        (GOOD + "[offload.preset.day]\ntarget=[]", ["[offload.preset.day]", "target", '"targets"?']),
        (GOOD + "[offload.preset.day]\ntargets=['shuttle']", ["targets", "shuttle", "there is none yet"]),
        (GOOD + "[[target]]\nname='shuttle'\npath='/x'\n[offload.preset.day]\ntargets=['shuttel']", ['"shuttle"?']),
        (GOOD + "[offload.preset.day]\nhashes=['md6']", ["[offload.preset.day] hashes", "md6", '"md5"?']),
        (GOOD + "[offload.preset.day]\nsource_check='twice'", ["source_check", "reread, none", "twice"]),
        (GOOD + "[offload.preset]\nday=1", ["day", "table"]),
        (GOOD + "[keys]\ncircle = 1", ["[keys] circle", "text"]),
        ("[production\n", ["TOML", "line 1"]),
        ("a = " + "[" * 100_000, ["nested"]),
        ("a = " + "1" * 10_000, ["TOML"]),
    ],
)
def test_wrong_value_is_not_named(text: str, named: list[str]) -> None:
    sentence = complaint(text)
    for each in named:
        assert each in sentence


def test_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe[production]", "UTF-8"), (b"\n\ntitle = '\xe9'", "line 3"), (b"#" * (1 << 20) + b"#", "1 MiB")],
)
def test_file_is_no_text(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        load_config(tmp_path)


def test_file_is_a_folder_or_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.mkdir()
    with pytest.raises(ConfigError, match="not a file"):
        load_config(tmp_path)
    path.rmdir()
    os.mkfifo(path)  # must not wait for a writer
    with pytest.raises(ConfigError, match="not a file"):
        load_config(tmp_path)


def test_file_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:  # root may read everything, so the mode bits cannot be asked
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        load_config(tmp_path)


def test_disk_gives_up_while_reading(tmp_path: Path) -> None:
    require(Path("/proc/self/mem").exists(), "a file whose first byte cannot be read is Linux's")
    (tmp_path / "config.toml").symlink_to("/proc/self/mem")
    with pytest.raises(ConfigError, match="cannot be read: Input/output error"):
        load_config(tmp_path)


def test_editor_that_writes_a_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_config(tmp_path).production.title == "Harbour Lights"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_title_is_written_so_that_it_reads_back_otherwise(title: str) -> None:
    assert tomllib.loads(f"x = {toml_string(title)}") == {"x": title}


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_anything_but_a_config_error_comes_out(value: object) -> None:
    """Whatever stands behind a known key, the answer is a Config or one sentence."""

    def written(each: object) -> str:
        if isinstance(each, str):
            return toml_string("".join(c for c in each if not 0xD800 <= ord(c) < 0xE000))
        if isinstance(each, list):
            return f"[{', '.join(map(written, each))}]"
        if isinstance(each, dict):
            pairs = {toml_string(k.encode("utf-8", "replace").decode()): written(v) for k, v in each.items()}
            return "{" + ", ".join(f"{key} = {inner}" for key, inner in pairs.items()) + "}"
        return str(each) if isinstance(each, int) else "true"

    for key in ("device", "target", "keys", "capture", "log"):
        with suppress(ConfigError):
            parsed(f"{key} = {written(value)}\n{GOOD}")


def test_limits_of_a_device_are_those_of_all_but_for_its_own() -> None:
    config = parse_config(
        GOOD
        + '[capture.watch]\nsilence = "20 s"\nblack = "0 s"\n'
        + '[[device]]\nname = "A"\nkind = "av"\nurl = "x"\nwatch = { frozen = "0 s", black = "3 s" }\n'
        + '[[device]]\nname = "B"\nkind = "av"\n',
        HERE,
    )
    first, second = config.devices
    assert (first.watch.silence_s, first.watch.frozen_s, first.watch.black_s) == (20.0, 0.0, 3.0)
    assert (second.watch.silence_s, second.watch.frozen_s, second.watch.black_s) == (20.0, 4.0, 0.0)
    assert dict(first.options) == {"url": "x"}, "its adapter has no key watch"


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ('[capture.watch]\nfrozzen = "2 s"\n', ["[capture.watch]", '"frozzen"', '"frozen"']),
        ("[capture.watch]\nblack = 2\n", ["[capture.watch] black", "duration"]),
        ('[capture.watch]\ndisk_full = "30 min"\n', ["[capture.watch] disk_full", "disk_low"]),
        ('[[device]]\nname = "A"\nkind = "x"\nwatch = { disk_low = "1 h" }\n', ['[[device]] "A" watch', '"disk_low"']),
        ('[[device]]\nname = "A"\nkind = "x"\nwatch = "never"\n', ["watch", "must be a table"]),
    ],
)
def test_limit_that_cannot_be_is_not_named(table: str, named: list[str]) -> None:
    sentence = complaint(GOOD + table)
    for words in named:
        assert words in sentence
