"""`onset devices probe`: what is connected, told without secrets, and written without harm."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from onset.cli.devices_write import _replace, append_devices
from onset.errors import ConfigError
from tests.devices.sources import film_source
from tests.devices.test_camera_av import served
from tests.onset.capture.service import CAMERA, ONSET, make_production

_PYAUDIO = """
class PyAudio:
    inputs = [("Scarlett 2i2: USB (hw:1,0)", 2, 44100.0), ("Speaker", 0, 48000.0), ('Odd "name"\\x1b', 4, 48000.0)]
    def get_device_count(self): return len(self.inputs)
    def get_default_input_device_info(self): return {"index": 2}
    def get_host_api_info_by_index(self, index): return {"name": "ALSA"}
    def get_device_info_by_index(self, index):
        name, channels, rate = self.inputs[index]
        return {"name": name, "maxInputChannels": channels, "defaultSampleRate": rate, "hostApi": 0}
    def terminate(self): pass
"""
_DIES = "import os\nos.abort()\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_source(tmp_path_factory.mktemp("film") / "film.mov", 3)


@pytest.fixture(scope="module")
def feed(film: Path) -> Iterator[str]:
    """A feed that runs, whose address has a password."""
    path = film.with_suffix(".ts")
    with av.open(str(film)) as source, av.open(str(path), "w", format="mpegts") as target:
        taken = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = taken
                target.mux(packet)
    with served(path.read_bytes(), "video/mp2t", pieces=100) as url:
        yield url.replace("http://", "http://admin:gehe1m@")


def probe(production: Path | None, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    where = [] if production is None else ["-p", str(production)]
    command = [*ONSET, *where, "devices", "probe", *words]
    known = {**os.environ, **env}
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, env=known)


def printed(text: str) -> list[dict[str, object]]:
    """The devices that the printed lines configure."""
    found: list[dict[str, object]] = tomllib.loads(text[text.index("[[device]]") :])["device"]
    return found


def test_a_feed_that_opens_has_no_line_for_the_configuration(film: Path, tmp_path: Path) -> None:
    done = probe(None, str(film))
    assert (done.returncode, done.stderr) == (0, "")
    assert "320 x 180 at 25, copied" in done.stdout
    assert printed(done.stdout) == [{"name": "A", "kind": "av", "url": str(film)}]
    missing = probe(None, str(tmp_path / "none.mov"))
    assert missing.returncode == 1
    assert "[[device]]" not in missing.stdout


def test_a_password_is_printed_or_lost_in_the_file(feed: str, tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA)
    (production / "config.toml").chmod(0o640)
    for words in ((feed,), (feed, "--write", "--json")):
        done = probe(production, *words)
        assert done.returncode == 0, done.stderr
        for secret in ("admin", "gehe1m", "tok123"):
            assert secret not in done.stdout + done.stderr
    text = (production / "config.toml").read_text()
    assert text.startswith("\n[production]"), "what stood there stays"
    device = tomllib.loads(text)["device"][-1]
    assert device == {"name": "B", "kind": "av", "url": feed}
    assert (production / "config.toml").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in production.iterdir() if "config" in path.name) == ["config.toml"]
    again = probe(production, feed, "--write", "--json")
    assert json.loads(again.stdout)["found"][0]["state"] == "known", "it is not opened a second time"
    assert (production / "config.toml").read_text() == text


def test_sound_inputs_are_told_by_index(tmp_path: Path) -> None:
    (tmp_path / "pyaudio.py").write_text(_PYAUDIO)
    done = probe(None, PYTHONPATH=f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    assert "\x1b" not in done.stdout
    found = [device for device in printed(done.stdout) if device["kind"] == "pyaudio"]
    assert found[0] == {
        "name": "MIX", "kind": "pyaudio", "match": "Scarlett 2i2: USB (hw:1,0)", "api": "ALSA", "sample_rate": 44100
    }  # fmt: skip
    assert (found[1]["name"], found[1]["match"]) == ("MIX2", 'Odd "name"\x1b')
    assert "Speaker" not in done.stdout


def test_a_sound_library_that_dies_takes_the_command_with_it(tmp_path: Path) -> None:
    (tmp_path / "pyaudio.py").write_text(_DIES)
    done = probe(None, "--json", PYTHONPATH=f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    assert (done.returncode, done.stderr) == (0, "")
    assert any("ended with signal 6" in note for note in json.loads(done.stdout)["notes"])


def test_write_needs_a_production(tmp_path: Path) -> None:
    command = [*ONSET, "devices", "probe", "--write"]
    env = {key: value for key, value in os.environ.items() if key != "ONSET_PRODUCTION"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--write needs a production" in done.stderr


def test_a_configuration_is_spoilt_by_what_is_written(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA)
    path = production / "config.toml"
    before = path.read_text()
    with pytest.raises(ConfigError, match="give each its own name"):
        append_devices(production, ['[[device]]\nname = "A"\nkind = "av"\n'])
    with pytest.raises(ConfigError, match="was changed meanwhile"):
        _replace(path, before + "# somebody typed this", before + "new")
    assert path.read_text() == before
    assert list(production.glob(".config*")) == []


def test_a_link_to_the_configuration_is_replaced_by_a_file(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA)
    real = tmp_path / "shared.toml"
    (production / "config.toml").rename(real)
    (production / "config.toml").symlink_to(real)
    append_devices(production, ['[[device]]\nname = "B"\nkind = "av"\nurl = "x"\n'])
    assert (production / "config.toml").is_symlink()
    assert real.read_text().endswith('url = "x"\n')
