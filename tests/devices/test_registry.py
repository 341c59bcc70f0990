"""Kinds of devices: ours come the way of everybody's, and a broken one spoils no other."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from devices import registry
from devices.adapter import Surroundings
from onset.clock import ManualClock
from onset.config import load_config
from onset.errors import ConfigError, DeviceError


def test_the_package_announces_other_kinds_than_it_has() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    announced = project["project"]["entry-points"][registry.GROUP]
    assert set(announced) <= set(registry.kinds())
    for name in announced:
        assert callable(registry.load_kind(name))


def test_listing_names_imports_adapters() -> None:
    code = (
        "import sys; from devices.registry import kinds; kinds(); "
        "print([m for m in ('cv2', 'pyaudio', 'devices.camera_av', 'devices.audio_pyaudio') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_kind_is_not_named() -> None:
    with pytest.raises(ConfigError, match="did you mean"):
        registry.load_kind("simcamera")
    with pytest.raises(ConfigError, match="installed are"):
        registry.load_kind("xyz")


def test_a_device_of_the_example_configuration_is_refused() -> None:
    config = load_config(Path(__file__).parents[2])
    assert {device.name for device in config.devices} == {"A", "B", "MIX"}
    around = Surroundings(config.production.title, config.production.rate, ManualClock())
    for device in config.devices:
        made = registry.load_kind(device.kind)(device.name, dict(device.options), around)
        assert device.name in made.identify()


def test_a_broken_adapter_spoils_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("broken", "no.such.module:Thing", registry.GROUP)
    there = {**registry._found(), "broken": broken}
    monkeypatch.setattr(registry, "_found", lambda: there)
    with pytest.raises(DeviceError, match='"broken" cannot be used'):
        registry.load_kind("broken")
    with pytest.warns(UserWarning, match="broken"):
        assert "sim-camera" in registry.load_all()
