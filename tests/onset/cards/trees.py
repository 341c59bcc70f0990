"""Cards as cameras lay them out, as lists of files: whole ones, of which tests take something away."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from onset.camera.clips import CardFile
from onset.cards.contents import Contents, card_contents

MIB = 1 << 20


def files(paths: Iterable[str], size: int = MIB) -> list[CardFile]:
    return [CardFile(path, size) for path in paths]


def contents(paths: Iterable[str], *, empty: Iterable[str] = ()) -> Contents:
    nothing = set(empty)
    return card_contents(CardFile(path, 0 if path in nothing else MIB) for path in paths)


def arri(numbers: Iterable[int] = (1, 2, 3)) -> list[str]:
    """S5 of layouts.py: a folder named as the card, an ALE and an XML of the reel."""
    reel = "A014R2KD"
    clips = [f"{reel}/A014C{number:03d}_260930_R2KD.mov" for number in numbers]
    return [*clips, f"{reel}/{reel}_AVID.ale", f"{reel}/{reel}_FCP.xml"]


def arriraw() -> list[str]:
    """Codex: a folder a shot, a file a frame, numbered by timecode."""
    return [f"ARI/A014R2KD/A014C00{clip}_260930_R2KD/A014C00{clip}_260930_R2KD.{864000 + n:07d}.ari"
            for clip in (1, 2) for n in range(24)]  # fmt: skip


def red() -> list[str]:
    """S4: RDM, RDC, segments."""
    top = "A001_0930AB.RDM"
    made = ["digital_magazine.bin", f"{top}/digital_magdynamic.bin"]
    for number, segments in ((1, 3), (2, 1), (3, 1)):
        clip = f"A001_C{number:03d}_0930A{number}"
        made += [f"{top}/{clip}.RDC/{clip}_{segment:03d}.R3D" for segment in range(1, segments + 1)]
    return made


def xdroot(numbers: Iterable[int] = (1, 2, 3)) -> list[str]:
    made = ["XDROOT/MEDIAPRO.XML", "XDROOT/CUEUP.XML", "XDROOT/DISCMETA.XML"]
    for n in numbers:
        made += [f"XDROOT/Clip/C{n:04d}.MXF", f"XDROOT/Clip/C{n:04d}M01.XML", f"XDROOT/Sub/C{n:04d}S03.MP4"]
    return made


def m4root(numbers: Iterable[int] = (1, 2, 3)) -> list[str]:
    top = "PRIVATE/M4ROOT"
    made = [f"{top}/MEDIAPRO.XML", f"{top}/STATUS.BIN", "PRIVATE/SONY/SONYCARD.IND"]
    for n in numbers:
        clip = f"C{n:04d}"
        made += [f"{top}/CLIP/{clip}.MP4", f"{top}/CLIP/{clip}M01.XML", f"{top}/THMBNL/{clip}T01.JPG"]
    return made


def xdcam_ex() -> list[str]:
    made = ["BPAV/MEDIAPRO.XML", "BPAV/CUEUP.XML"]
    for clip in ("709_0001_01", "709_0002_01"):
        folder = f"BPAV/CLPR/{clip}"
        made += [f"{folder}/{clip}.MP4", f"{folder}/{clip}M01.XML", f"{folder}/{clip}.SMI", f"{folder}/{clip}R01.BIM"]
    return made


def p2() -> list[str]:
    made = ["LASTCLIP.TXT"]
    for clip in ("0001AB", "0002CD", "0003EF"):
        made += [f"CONTENTS/VIDEO/{clip}.MXF", f"CONTENTS/CLIP/{clip}.XML", f"CONTENTS/ICON/{clip}.BMP"]
        made += [f"CONTENTS/AUDIO/{clip}0{channel}.MXF" for channel in range(4)]
    return made


def canon_xf() -> list[str]:
    made = ["CONTENTS/CLIPS001/INDEX.MIF"]
    for clip in ("NZ0001", "NZ0002", "NZ0003"):
        folder = f"CONTENTS/CLIPS001/{clip}"
        made += [f"{folder}/{clip}01.MXF", f"{folder}/{clip}01.SIF", f"{folder}/{clip}.CIF", f"{folder}/{clip}.XML"]
    return made


def avchd(*, long: bool = False) -> list[str]:
    if long:
        ends = (("INDEX.BDM", "index.bdmv"), (".MTS", ".m2ts"), (".CPI", ".clpi"), (".MPL", ".mpls"))
        made = avchd()
        for short, written in ends:
            made = [path.replace(short, written) for path in made]
        return made
    top = "PRIVATE/AVCHD/BDMV"
    made = [f"{top}/INDEX.BDM", f"{top}/MOVIEOBJ.BDM", f"{top}/PLAYLIST/00000.MPL"]
    for n in range(3):
        made += [f"{top}/STREAM/{n:05d}.MTS", f"{top}/CLIPINF/{n:05d}.CPI"]
    return made


def gopro() -> list[str]:
    made = ["MISC/version.txt", "DCIM/100GOPRO/GOPR0018.JPG"]
    for name in ("GX010017", "GX020017", "GX030017", "GX010019"):
        made += [f"DCIM/100GOPRO/{name}.MP4", f"DCIM/100GOPRO/{name}.THM", f"DCIM/100GOPRO/GL{name[2:]}.LRV"]
    return made


def dji() -> list[str]:
    made = ["DCIM/100MEDIA/DJI_0003.JPG"]
    for n in (1, 2, 4):
        made += [f"DCIM/100MEDIA/DJI_{n:04d}.MP4", f"DCIM/100MEDIA/DJI_{n:04d}.SRT", f"DCIM/100MEDIA/DJI_{n:04d}.LRF"]
    return made


def blackmagic() -> list[str]:
    return [f"A001_0930120{n}_C00{n}.braw" for n in (1, 2, 3)] + ["A001_09301202_C002.sidecar"]


def canon_dcim() -> list[str]:
    return ["DCIM/100CANON/MVI_0001.MP4", "DCIM/100CANON/IMG_0002.CR3", "DCIM/100CANON/MVI_0003.MP4", "MISC/A.CTG"]


def recorder() -> list[str]:
    folder = "PROJECT/26Y09M30"
    sounds = [f"{folder}/T00{n}.WAV" for n in (1, 2, 3)]
    return [*sounds, f"{folder}/26Y09M30_REPORT.CSV", "SOUNDDEV/SCENENAMES.SML", "FALSETAKES/T000.TXT"]


# What a card is called, and how many clips or sound files it holds.
CARDS: dict[str, tuple[Callable[[], list[str]], str, str, str, int]] = {
    "arri": (arri, "ARRI", "A", "A014", 3),
    "arriraw": (arriraw, "ARRI", "A", "A014", 2),
    "red": (red, "RED", "A", "A001", 3),
    "xdroot": (xdroot, "Sony", "", "", 3),
    "m4root": (m4root, "Sony", "", "", 3),
    "xdcam ex": (xdcam_ex, "Sony", "", "", 2),
    "p2": (p2, "Panasonic", "", "", 3),
    "canon xf": (canon_xf, "Canon", "", "", 3),
    "avchd": (avchd, "AVCHD", "", "", 3),
    "avchd with long names": (lambda: avchd(long=True), "AVCHD", "", "", 3),
    "gopro": (gopro, "GoPro", "", "", 4),
    "dji": (dji, "DJI", "", "", 3),
    "blackmagic": (blackmagic, "Blackmagic", "A", "A001", 3),
    "canon": (canon_dcim, "Canon", "", "", 2),
    "recorder": (recorder, "Sound Devices", "", "", 3),
}
