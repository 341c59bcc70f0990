"""The set that the pictures of the screens are taken on: a morning at the harbour, the same to the last byte.

Used by `shots.py`. What no log holds (the live bus, the disks, a running copy) has values of its own here.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from onset.capture.signals import ClockNow, ClocksNow, Levels, Picture
from onset.clock import ManualClock
from onset.domain.camera import Clip, Source
from onset.domain.card import Card, Copy
from onset.domain.claim import Claim, ClaimSource
from onset.domain.production import Moment
from onset.domain.scene import Coverage, OwedKind
from onset.domain.take import Stamp, Status, Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event, Next
from onset.offload.forecast import TargetNow
from onset.reconcile.day import bring_up_to_date
from tests.tui.support import Bus

MORNING_NS = 1_764_140_400_000_000_000  # 2025-11-26 07:00:00 UTC
CONFIG = """
[capture]
timecode = ["MIX.ltc", "DECK", "clock"]
[[device]]
name = "A"
kind = "sim-camera"
[[device]]
name = "B"
kind = "sim-camera"
[[device]]
name = "MIX"
kind = "sim-mixer"
[offload]
copies = 2
[[target]]
name = "shuttle"
path = "/media/SHUTTLE"
folder = "{camera}/{roll}"
[[target]]
name = "raid"
path = "/media/RAID"
folder = "{camera}/{roll}"
"""
TARGETS = (
    TargetNow("shuttle", free=1_410_000_000_000, ahead=190_000_000_000, cards=2, bytes_per_s=412_000_000.0),
    TargetNow("raid", free=18_300_000_000_000, ahead=190_000_000_000, cards=35, bytes_per_s=688_000_000.0),
)
_SETUPS = (
    ("42", "wide, from the door", "WS", "24", "24", ((Status.NG, 38.0, "boom in shot"), (Status.HOLD, 41.5, ""),
     (Status.CIRCLED, 44.0, "Best for the look to the door"))),
    ("42A", "over Anna on Jo", "MCU", "50", "85", ((Status.NONE, 29.0, ""),
     (Status.CIRCLED, 31.5, "good for performance; the line about the boat is new"))),
    ("42B", "Anna, reverse", "CU", "85", "85", ((Status.NG, 12.0, "eyeline off"), (Status.CIRCLED, 33.0, ""),
     (Status.HOLD, 30.0, "safety take"))),
    ("43", "the boat clears the pier", "EWS", "18", "35", ((Status.NG, 51.0, "a car on the quay"),
     (Status.CIRCLED, 64.0, "Cut before the gull"))),
)  # fmt: skip


def shoot(log: Logbook, stamp: Callable[[], Stamp], clock: ManualClock) -> None:
    """The day until the take that rolls when the pictures are taken."""
    for number, heading, eighths, estimate_s in (
        ("42", "INT. HARBOUR OFFICE - DAY", 14, 95),
        ("43", "EXT. PIER - DAY", 5, 40),
        ("44", "INT. BOAT - NIGHT", 9, 70),
    ):
        log.set_scene(number, {"heading": heading, "eighths": eighths, "estimate_s": estimate_s})
    log.stamp_day(Moment.CALL, stamp())
    log.plan(1, [("42", None), ("43", None), ("44", None)])
    clock.advance(5_400)
    for device, label in (("A", "A014"), ("B", "B009"), ("sound", "S003")):
        log.load(device, label, stamp())
    for slate, description, size, wide, long, takes in _SETUPS:
        scene = slate.rstrip("AB")
        cameras = {"A": {"lens": f"{wide} mm"}, "B": {"lens": f"{long} mm"}}
        log.set_setup(slate, {"description": description, "size": size}, scene=scene, cameras=cameras)
        log.set_next(Next(scene=scene, slate=slate, cameras={"A": True, "B": True}))
        for status, seconds, note in takes:
            take = log.roll(stamp())
            clock.advance(8)
            log.action(take.id, stamp())
            clock.advance(seconds)
            log.cut(take.id, stamp())
            log.set_take(take.id, {"status": str(status)})
            log.set_angle(take.id, "A", {"lens": f"{wide} mm"})
            if note:
                log.note(take.id, note)
            clock.advance(185)
    log.stamp_day(Moment.FIRST_SHOT, stamp())
    log.credit("42", Coverage.COMPLETE, eighths=14, seconds=98)
    log.owe(OwedKind.INSERT, "the letter on the desk", scene="42")
    log.plan_setup("gulls over the stern", {"size": "insert"}, scene="43")
    what_the_others_say(log)
    the_cards(log, clock)
    log.set_next(Next(scene="43", slate="43A"))
    log.set_setup("43A", {"description": "Jo at the rail", "size": "MS"}, scene="43")


def what_the_others_say(log: Logbook) -> None:
    """Clips of two cameras, one of them missing, and a camera report that disagrees about one mark; then a match."""
    takes = sorted(log.takes(), key=lambda take: take.shot)
    clips = [
        _clip(take, roll, number, frames)
        for roll, frames in (("A014", 880), ("B009", -70))
        for number, take in enumerate(takes, 1)
        if take.start is not None and (roll, number) != ("B009", 4)
    ]
    log.bring_in(clips)
    rows = [
        Claim(
            id="", source=ClaimSource.CAMERA, report="camera A.csv", row=number, unit="Main", day=take.day, device="A",
            slate=take.slate, take=take.take, clip=f"A014C{number:03}", roll="A014",
            circled=take.status is Status.CIRCLED or number == 2,
        )
        for number, take in enumerate(takes, 1)
    ]  # fmt: skip
    log.take_claims(ClaimSource.CAMERA, "camera A.csv", "Main", takes[0].day, rows)
    bring_up_to_date(log, "Main", takes[0].day)


def _clip(take: Take, roll: str, number: int, frames: int) -> Clip:
    assert take.start is not None
    name = f"{roll}C{number:03}.mov"
    return Clip(
        id="", name=name, path=f"/media/RAID/{roll[0]}/{roll}/{name}", camera=roll[0], tc_in=str(take.start + frames),
        tc_source="file", rate=take.rate, source=Source.FOLDER, day=take.day, fps="24000/1001", reel=roll,
        duration_frames=(take.duration_frames or 0) + 40, number=number,
    )  # fmt: skip


def the_cards(log: Logbook, clock: ManualClock) -> None:
    """One card that is safe, one with a bad copy; an alarm about the second."""
    for label, camera, failed in (("A013", "A", 0), ("B008", "B", 1)):
        copies = tuple(
            Copy(
                path=f"/media/{disk}/{camera}/{label}", verified=38 - bad, failed=bad, read_back="direct",
                manifest=f"/media/{disk}/{camera}/{label}/ascmhl/0001_{label}.mhl",
            )
            for disk, bad in (("SHUTTLE", failed), ("RAID", 0))
        )  # fmt: skip
        reasons = (f"1 file of {label} has another digest on SHUTTLE: {label}C007.mov",) if failed else ()
        log.record_card(
            Card(
                id="", label=label, fingerprint=label.encode().hex() * 4, files=38, size=402_600_000_000,
                verdict="not safe" if failed else "safe", reasons=reasons, wall_ns=clock.wall_ns(), copies=copies,
                day=1, camera=camera, reel=label, clips=0,
            )
        )  # fmt: skip
        clock.advance(1_500)
    said = "B008C007.mov differs on SHUTTLE; RAID has it whole"
    log.event(Event(wall_ns=clock.wall_ns(), device="B008", what="bad copy", detail=said, alarm=True))


@contextmanager
def a_copy_that_runs(jobs: Path, clock: ManualClock) -> Iterator[None]:
    """The journal of a copy that is under way while inside."""
    job = jobs / "a015"
    job.mkdir(parents=True)
    folders = ["/media/SHUTTLE/A/A015", "/media/RAID/A/A015"]
    total = 190_000_000_000
    sheet = {"id": "a015", "card": "/media/A015", "label": "A015", "fingerprint": "a015", "folders": folders}
    progress: Mapping[str, object] = {
        "phase": "copy", "files": 21, "files_done": 12, "bytes": total, "bytes_read": 116_000_000_000,
        "bytes_per_s": 612_000_000, "eta_s": 370, "bytes_checked": 98_000_000_000, "waits_for": None, "paused": False,
        "targets": [
            {"path": folders[0], "written": 116_000_000_000, "verified": 104_000_000_000},
            {"path": folders[1], "written": 116_000_000_000, "verified": 112_000_000_000},
        ],
    }  # fmt: skip
    more = {"source_check": "reread", "started_ns": clock.wall_ns() - 190_000_000_000, "pid": 1}
    (job / "job.json").write_text(json.dumps({**sheet, **more}))
    (job / "progress.json").write_text(json.dumps(progress))
    with (job / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def live(clock: ManualClock, label: str) -> Bus:
    """The devices as they are at this moment, the master showing `label`: a camera, one that is lost, the mixer."""
    now, bus = clock.monotonic_ns(), Bus()

    def health(device: str, kind: str, detail: str, recording: str | None, state: str = "live") -> None:
        bus.health(
            device, detail, kind=kind, recording=recording, state=state, mono_ns=now,
            free_minutes=None if state == "lost" else 96.0,
        )  # fmt: skip

    health("A", "sim-camera", "1920x1080 23.976", "day01/A/43A_1_A.mov")
    health("B", "sim-camera", "the cable came out at 11:02:10", None, "lost")
    health("MIX", "sim-mixer", "48 kHz, 4 tracks", "day01/MIX/43A_1.wav")
    for device in ("A", "B"):
        bus.put(device, _picture(device, now - (device == "B") * 30_000_000_000))
    tracks = ["boom", "Anna", "Jo", "ltc"]
    bus.put("MIX", Levels(device="MIX", tracks=tracks, peak_db=[-14.0, -21.5, -33.0, -9.0],
                          rms_db=[-24.0, -30.0, -47.0, -12.0], clipped=[0, 0, 0, 0], mono_ns=now))  # fmt: skip
    clocks = [
        ClockNow(source="MIX.ltc", state="master", tc=label, rate="23.976", ppm=-0.4, user="26112501"),
        ClockNow(source="A", state="jammed", tc=label, rate="23.976", apart_frames=0.2, drift_ppm=1.8),
        ClockNow(source="B", state="stopped", rate="23.976", heard_ns=now - 30_000_000_000),
        ClockNow(source="clock", state="free", tc=label, rate="23.976", apart_frames=-31.0),
    ]
    bus.put("clock", ClocksNow(device="clock", master="MIX.ltc", clocks=clocks, mono_ns=now))
    return bus


def _picture(device: str, mono_ns: int) -> Picture:
    """A pier at dusk: sky, water, a lamp."""
    wide, high = 96, 54
    rows = bytearray()
    for y in range(high):
        for x in range(wide):
            far = (x - 70) ** 2 + 3 * (y - 14) ** 2
            lamp = 150 if far < 12 else max(0, 70 - far // 6)
            pier = 38 <= y < 41 or (y >= 41 and x % 24 < 3)
            sky = (46 + 2 * y, 40 + y, 84 - y) if y < 30 else (16, 26, 44)
            shade = (20, 12, 8) if pier else sky
            rows += bytes(min(255, each + lamp * part // 4) for each, part in zip(shade, (4, 3, 2), strict=True))
    return Picture(device=device, width=wide, height=high, rgb=bytes(rows), frame=1, mono_ns=mono_ns)
