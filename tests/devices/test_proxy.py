"""Proxies: picture untouched, sound in its place to the sample, whatever of it there is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from devices.adapter import NS, Block, Surroundings
from devices.disk import DiskLane
from devices.proxy import join
from devices.recorder import Recorder
from devices.simulated.mixer import SimulatedMixer
from devices.sound_file import SoundFilm
from onset.capture.signals import ClipClosed, Cut, Report, Roll, Slated
from onset.clock import ManualClock
from onset.errors import MediumError
from onset.sound.wave import read_wave
from onset.timecode import rate
from tests.devices.sources import TEN_O_CLOCK_NS, decode_all
from tests.devices.test_recorder import Rig, Wall

SLATED = Slated(take_id="1" * 32, production="Harbour Lights", unit="Main", day=3, scene="42", slate="42C", take="1")


@dataclass(frozen=True)
class Joined:
    """A take of four seconds, rolled at second 2 and cut at second 4, with its proxy."""

    picture: Path
    sounds: list[tuple[str, Path]]
    proxy: Path
    used: int

    def heard(self) -> tuple[int, NDArray[np.int32]]:
        """Sample rate and samples x tracks of the proxy's first sound."""
        with av.open(str(self.proxy)) as box:
            stream = box.streams.audio[0]
            blocks = [frame.to_ndarray() for frame in box.decode(stream)]
            tracks = stream.codec_context.layout.nb_channels
        return stream.rate, np.concatenate([block.reshape(-1, tracks) for block in blocks])


def _sound(
    folder: Path, rate_name: str, *, wall_ns: int, seconds: float, roll_s: float, mono: bool = False, name: str = "MIX",
    **options: object,
) -> list[tuple[str, Path]]:  # fmt: skip
    """What a mixer that is there for `seconds` records of the take that rolls at `roll_s`."""
    clock = ManualClock(wall_ns=wall_ns)
    around = Surroundings("Harbour Lights", rate(rate_name), clock)
    mixer = SimulatedMixer(name, options, around)
    form = mixer.open()
    lane, reports = DiskLane("disk"), list[Report]()
    recorder: Recorder[Block] = Recorder(name, folder, clock, lane, reports.append, preroll_s=2.0, postroll_s=1.0)
    wall = Wall(around, wall_ns)
    recorder.load(SoundFilm(name, form.tracks, form.sample_rate, wall, clock, 0, mono=mono))
    rolled = False
    while clock.monotonic_ns() < seconds * NS:
        if not rolled and clock.monotonic_ns() >= roll_s * NS:
            recorder.roll(Roll(slated=SLATED, mono_ns=round(roll_s * NS)))
            mixer.clap(SLATED, round(roll_s * NS))
            rolled = True
        recorder.take_in(mixer.read())
    recorder.finish()
    lane.close()
    return [(name, folder / report.path) for report in reports if isinstance(report, ClipClosed)]


def _picture(folder: Path, rate_name: str) -> Path:
    rig = Rig(folder, rate_name)
    rig.shoot(2)
    rig.roll()
    rig.camera.clap(SLATED, 2 * NS)
    rig.shoot(2)
    rig.recorder.cut(Cut(take_id="1" * 32, mono_ns=rig.clock.monotonic_ns()))
    rig.shoot(1.5)
    (clip,) = rig.end()
    return folder / clip.path


def _joined(folder: Path, rate_name: str = "25", *sounds: tuple[str, Path]) -> Joined:
    picture = _picture(folder, rate_name)
    proxy = folder / "proxy.mov"
    return Joined(picture, list(sounds), proxy, join(picture, sounds, proxy))


def _flash_and_clap(joined: Joined) -> tuple[Fraction, Fraction]:
    """When the picture flashes and when the sticks are heard, in seconds from the proxy's beginning."""
    with av.open(str(joined.proxy)) as box:
        bright = [
            (frame.pts * (frame.time_base or Fraction(1)), float(frame.to_ndarray(format="gray")[:60].mean()))
            for frame in box.decode(video=0)
            if frame.pts is not None
        ]
    least = min(light for _, light in bright)
    most = max(light for _, light in bright)
    flash = next(at for at, light in bright if light > (least + most) / 2)
    sample_rate, samples = joined.heard()
    hit = int(np.argmax(np.abs(samples[:, 0].astype(np.int64)) > 2**30))
    return Fraction(flash), Fraction(hit, sample_rate)


@pytest.mark.parametrize("rate_name", ["23.976", "25", "29.97df", "50"])
@pytest.mark.parametrize("late_s", [0.0, 0.7, -0.51234])
def test_clap_and_flash_are_apart(rate_name: str, late_s: float, tmp_path: Path) -> None:
    """The mixer comes later or earlier than the camera; the clap lies within the frame that flashes."""
    sounds = _sound(
        tmp_path, rate_name, wall_ns=TEN_O_CLOCK_NS + round(late_s * NS), seconds=5.0 - late_s, roll_s=2.0 - late_s
    )
    joined = _joined(tmp_path, rate_name, *sounds)
    flash, clap = _flash_and_clap(joined)
    fps = rate(rate_name).fps
    assert -Fraction(2, 48_000) <= flash - clap < 1 / fps + Fraction(2, 48_000)


def _expected(joined: Joined, rate_name: str, tracks: list[tuple[Path, int]], sample_rate: int) -> NDArray[np.int32]:
    """The proxy's sound, worked out from the label in the first picture and the references of the files."""
    filmed = decode_all(joined.picture)
    assert filmed.strips[0] is not None
    fps = rate(rate_name).fps
    begin = filmed.strips[0].day_frame / fps * sample_rate
    length = round(len(filmed.strips) / fps * sample_rate)
    out = np.zeros((length, len(tracks)), np.int32)
    for place, (path, column) in enumerate(tracks):
        head = read_wave(path)
        raw = np.frombuffer(path.read_bytes()[head.data_at :][: head.data_bytes], np.uint8)
        wide = raw.reshape(-1, head.channels, 3)[:, column].astype(np.int32)
        samples = (wide[:, 0] << 8 | wide[:, 1] << 16 | wide[:, 2] << 24).astype(np.int32)
        assert head.time_reference is not None
        first = round(head.time_reference - begin)
        low, high = max(0, first), min(length, first + len(samples))
        out[low:high, place] = samples[low - first : high - first]
    return out


@pytest.mark.parametrize("rate_name", ["23.976", "29.97df", "25"])
def test_a_sample_is_not_where_the_timecode_says(rate_name: str, tmp_path: Path) -> None:
    """Sound begins later and ends earlier than the picture; there is silence around it, and the LTC is left out."""
    sounds = _sound(tmp_path, rate_name, wall_ns=TEN_O_CLOCK_NS + NS // 3, seconds=4.1, roll_s=1.7)
    joined = _joined(tmp_path, rate_name, *sounds)
    sample_rate, heard = joined.heard()
    ((_, path),) = sounds
    assert (joined.used, sample_rate, heard.shape[1]) == (1, 48_000, 2)
    assert np.array_equal(heard, _expected(joined, rate_name, [(path, 0), (path, 1)], 48_000))


def test_files_of_a_mono_set_or_at_another_sample_rate_are_elsewhere(tmp_path: Path) -> None:
    mono = _sound(tmp_path, "25", wall_ns=TEN_O_CLOCK_NS, seconds=5.0, roll_s=2.0, mono=True)
    second = _sound(
        tmp_path,
        "25",
        wall_ns=TEN_O_CLOCK_NS,
        seconds=5.0,
        roll_s=2.0,
        name="CART",
        sample_rate=44_100,
        tracks=["plant"],
    )
    joined = _joined(tmp_path, "25", *mono, *second)
    assert joined.used == 3, "not the timecode's"
    with av.open(str(joined.proxy)) as box:
        said = [(each.rate, each.codec_context.layout.nb_channels, each.name) for each in box.streams.audio]
    assert said == [(44_100, 1, "pcm_s24le"), (48_000, 2, "pcm_s24le")]
    by_name = {path.stem.rpartition("_")[2]: path for _, path in mono}
    with av.open(str(joined.proxy)) as box:
        heard = np.concatenate([f.to_ndarray().reshape(-1, 2) for f in box.decode(box.streams.audio[1])])
    assert np.array_equal(heard, _expected(joined, "25", [(by_name["boom"], 0), (by_name["lav"], 0)], 48_000))


def test_two_files_of_one_mixer_become_two_sounds(tmp_path: Path) -> None:
    """Its worker was started again within the take."""
    first = _sound(tmp_path, "25", wall_ns=TEN_O_CLOCK_NS, seconds=2.6, roll_s=2.0)
    second = _sound(tmp_path, "25", wall_ns=TEN_O_CLOCK_NS + 3 * NS, seconds=2.0, roll_s=0.1)
    assert first[0][1] != second[0][1]
    joined = _joined(tmp_path, "25", *first, *second)
    _, heard = joined.heard()
    expected = sum(_expected(joined, "25", [(path, 0), (path, 1)], 48_000) for _, path in (*first, *second))
    assert np.array_equal(heard, expected)


def test_a_proxy_changes_the_picture(tmp_path: Path) -> None:
    sounds = _sound(tmp_path, "29.97df", wall_ns=TEN_O_CLOCK_NS, seconds=5.0, roll_s=2.0)
    joined = _joined(tmp_path, "29.97df", *sounds)
    before, after = decode_all(joined.picture), decode_all(joined.proxy)
    assert (after.strips, after.times, after.timecode) == (before.strips, before.times, before.timecode)
    assert {name: after.tags.get(name) for name in ("scene", "slate", "take")} == {
        name: before.tags[name] for name in ("scene", "slate", "take")
    }
    packets = []
    for path in (joined.picture, joined.proxy):
        with av.open(str(path)) as box:
            packets.append([(bytes(each), each.is_keyframe) for each in box.demux(video=0) if each.size])
    assert packets[0] == packets[1]


def test_over_midnight_sound_and_picture_are_a_day_apart(tmp_path: Path) -> None:
    """A label before midnight, and a reference after it: both are of this moment."""
    sounds = _sound(tmp_path, "25", wall_ns=24 * 3600 * NS - NS, seconds=5.0, roll_s=2.0)
    rig = Rig(tmp_path, "25", wall_ns=24 * 3600 * NS - NS - 13 * NS // 25)
    rig.shoot(1)
    rig.roll()
    rig.shoot(3)
    (clip,) = rig.end()
    out = tmp_path / "proxy.mov"
    assert join(tmp_path / clip.path, sounds, out) == 1
    _, heard = Joined(tmp_path / clip.path, sounds, out, 1).heard()
    head = read_wave(sounds[0][1])
    assert head.time_reference is not None
    start = Fraction(24 * 3600 - 1) - Fraction(13, 25)
    silent = round((Fraction(head.time_reference, 48_000) - start) % (24 * 3600) * 48_000)
    assert not heard[:silent].any()
    assert heard[silent : silent + 4800].any()


def test_sound_of_another_moment_makes_a_proxy(tmp_path: Path) -> None:
    sounds = _sound(tmp_path, "25", wall_ns=TEN_O_CLOCK_NS + 60 * NS, seconds=5.0, roll_s=2.0)
    joined = _joined(tmp_path, "25", *sounds)
    assert joined.used == 0
    assert not joined.proxy.exists()


def test_a_damaged_sound_file_takes_the_others_with_it(tmp_path: Path) -> None:
    sounds = _sound(tmp_path, "25", wall_ns=TEN_O_CLOCK_NS, seconds=5.0, roll_s=2.0)
    (tmp_path / "cart.wav").write_bytes(b"RIFF")
    joined = _joined(tmp_path, "25", ("CART", tmp_path / "cart.wav"), *sounds)
    assert joined.used == 1
    with pytest.raises(MediumError, match=r"cart\.wav"):
        join(joined.picture, [("CART", tmp_path / "cart.wav")], tmp_path / "proxy.mov")


def test_a_clip_that_is_no_picture_is_no_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"nothing")
    with pytest.raises(MediumError, match=r"\.$"):
        join(tmp_path / "a.mov", [], tmp_path / "proxy.mov")
