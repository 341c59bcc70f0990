r"""How cameras and sound recorders lay out their cards: one table, read by `contents.py`.

A row says how a card is recognised, what lies beside each clip, and which files the card as a whole has. A card that
fits no row is copied like any other. Names are compared without case, which other file systems do not keep.

Sources: S1 Adobe XMP Toolkit SDK, folder handlers for P2, XDCAM, XDCAM EX, AVCHD and Canon XF. S2 MEDIAPRO.XML and
NonRealTimeMeta of a Sony FDR-AX100 and an ILME-FX3. S3 Sony PDW-F1600 manual, file operations. S4 RED DSMC2 and
REDCINE-X PRO operation guides. S5 ARRI ALEXA, ALEXA Plus and ALEXA Mini LF manuals. S6 GoPro's file naming. S7 Sound
Devices 788T manual and 7-Series notes. S8 Canon support, C300 Mark II card structure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from onset.reel import Confidence


class Need(StrEnum):
    """When a clip that lacks a member is told."""

    ALWAYS = "always"  # the maker writes it for every clip
    AS_OTHERS = "as others"  # only where most other clips of this card have it: it depends on the camera or its menu


@dataclass(frozen=True, slots=True)
class Member:
    """A file that lies beside a clip.

    Attributes:
        form: of its path on the card; `clip` is the clip's name.
        called: its name for a sentence; `*` stands for the clip's name.
        endings: the clips that have one; none: all of them.
    """

    form: re.Pattern[str]
    called: str
    need: Need
    endings: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A row of the table. A card is of the first row whose folders it has, else endings, else names of a maker.

    Attributes:
        name: of the layout, for people.
        maker: empty where several makers write it; then the clips' names tell.
        confidence: whether the row is out of the maker's own words or files, or from use.
        folders: of a path of a folder on the card that only this layout has.
        endings: of files that only this layout has.
        by_name: it is also a card on which most clips are named as this maker's.
        clip_folders: folders that hold one clip each; one without a picture has lost it.
        members: what lies beside each clip.
        whole: files that the card as a whole has, by a form of their path and their name for a sentence.
        counts: numbers that are missing are worth a word.
    """

    name: str
    maker: str
    confidence: Confidence
    folders: re.Pattern[str] | None = None
    endings: frozenset[str] = frozenset()
    by_name: bool = False
    clip_folders: re.Pattern[str] | None = None
    members: tuple[Member, ...] = ()
    whole: tuple[tuple[re.Pattern[str], str], ...] = ()
    counts: bool = True


def _form(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII | re.IGNORECASE | re.DOTALL)


_IN = r"(?:.*/)?"  # a card may lie in a folder of its own


def _beside(text: str, called: str, need: Need, *endings: str) -> Member:
    return Member(_form(_IN + text), called, need, frozenset(endings))


# Small copies (Sub, PROXY, LRV) are no members: whether a camera makes them is a matter of its menu and its mode.
_SONY_XML = _beside(r"(?P<clip>[^/]+)M\d\d\.XML", "*M01.XML", Need.ALWAYS)  # S2, S3
_MEDIAPRO = (_form(_IN + r"MEDIAPRO\.XML"), "MEDIAPRO.XML")

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        name="RED magazine",  # S4: NAME.RDM, in it a NAME.RDC for each clip, in it segments NAME_001.R3D
        maker="RED",
        confidence=Confidence.PUBLISHED,
        folders=_form(rf"{_IN}[^/]+\.RD[MC]"),
        endings=frozenset((".r3d",)),
        clip_folders=_form(rf"{_IN}(?P<clip>[^/]+)\.RDC"),
    ),
    Layout(
        name="XDROOT",  # S1, S3: C0001.MXF, C0001M01.XML and more in Clip, small copies in Sub
        maker="Sony",
        confidence=Confidence.PUBLISHED,
        folders=_form(rf"{_IN}XDROOT"),
        members=(_SONY_XML,),
        whole=(_MEDIAPRO,),
    ),
    Layout(
        name="M4ROOT",  # S2: CLIP/C0001.MP4, CLIP/C0001M01.XML, THMBNL/C0001T01.JPG, SUB/C0001S03.MP4
        maker="Sony",
        confidence=Confidence.PUBLISHED,
        folders=_form(rf"{_IN}M4ROOT"),
        members=(
            _SONY_XML,
            _beside(r"THMBNL/(?P<clip>[^/]+)T\d\d\.JPG", "*T01.JPG in THMBNL", Need.AS_OTHERS),
        ),
        whole=(_MEDIAPRO,),
    ),
    Layout(
        name="XDCAM EX",  # S1: BPAV/CLPR/NAME/NAME.MP4, NAMEM01.XML, NAME.SMI, NAMER01.BIM
        maker="Sony",
        confidence=Confidence.LIKELY,
        folders=_form(rf"{_IN}BPAV/CLPR"),
        clip_folders=_form(rf"{_IN}BPAV/CLPR/(?P<clip>[^/]+)"),
        members=(
            _beside(r"(?P<clip>[^/]+)M\d\d\.XML", "*M01.XML", Need.ALWAYS),
            _beside(r"(?P<clip>[^/]+)R\d\d\.BIM", "*R01.BIM", Need.AS_OTHERS),
            _beside(r"(?P<clip>[^/]+)\.SMI", "*.SMI", Need.AS_OTHERS),
        ),
        whole=(_MEDIAPRO,),
    ),
    Layout(
        name="P2",  # S1: VIDEO/0001AB.MXF, AUDIO/0001AB00.MXF, CLIP/0001AB.XML, ICON, PROXY, VOICE
        maker="Panasonic",
        confidence=Confidence.PUBLISHED,
        folders=_form(rf"{_IN}CONTENTS/(?:VIDEO|CLIP|AUDIO)"),
        members=(
            _beside(r"CLIP/(?P<clip>[^/]+)\.XML", "*.XML in CLIP", Need.ALWAYS),
            _beside(r"AUDIO/(?P<clip>[^/]+)\d\d\.MXF", "sound in AUDIO", Need.AS_OTHERS),
            _beside(r"ICON/(?P<clip>[^/]+)\.BMP", "*.BMP in ICON", Need.AS_OTHERS),
        ),
    ),
    Layout(
        name="XF",  # S1, S8: CLIPS001/NZ0001/NZ0001.CIF and .XML, a NZ000101.MXF and .SIF for each stream
        maker="Canon",
        confidence=Confidence.PUBLISHED,
        folders=_form(rf"{_IN}(?:CONTENTS|CANONXF)/CLIPS\d\d\d"),
        clip_folders=_form(rf"{_IN}(?:CONTENTS|CANONXF)/CLIPS\d\d\d/(?P<clip>[^/]+)"),
        members=(
            _beside(r"(?P<clip>[^/]+)\.CIF", "CIF file", Need.ALWAYS, ".mxf"),
            _beside(r"(?P<clip>[^/]+)\.SIF", "SIF file", Need.AS_OTHERS, ".mxf"),
            _beside(r"(?P<clip>[^/]+)\.XML", "XML file", Need.AS_OTHERS, ".mxf"),
        ),
        whole=((_form(rf"{_IN}INDEX\.MIF"), "INDEX.MIF"),),
    ),
    Layout(
        name="AVCHD",  # S1: BDMV/STREAM/00000.m2ts, CLIPINF/00000.clpi, index.bdmv; on cards .MTS, .CPI, INDEX.BDM
        maker="",
        confidence=Confidence.PUBLISHED,
        folders=_form(rf"{_IN}BDMV/STREAM"),
        members=(_beside(r"CLIPINF/(?P<clip>[^/]+)\.CL?PI", "*.CPI in CLIPINF", Need.ALWAYS),),
        whole=((_form(rf"{_IN}INDEX\.BDMV?"), "INDEX.BDM"),),
    ),
    Layout(
        name="DCIM",  # S6: GX010001.MP4 with GX010001.THM and GL010001.LRV, as the camera's mode lets it
        maker="GoPro",
        confidence=Confidence.PUBLISHED,
        folders=_form(rf"{_IN}DCIM/\d\d\dGOPRO"),
    ),
    Layout(
        name="DCIM",
        maker="DJI",
        confidence=Confidence.LIKELY,
        folders=_form(rf"{_IN}DCIM/(?:DJI_\w+|\d\d\dMEDIA)"),
    ),
    Layout(name="DCIM", maker="Panasonic", confidence=Confidence.LIKELY, folders=_form(rf"{_IN}DCIM/\d\d\d_PANA")),
    Layout(
        name="DCIM",  # people delete what they like on a telephone
        maker="Apple",
        confidence=Confidence.LIKELY,
        folders=_form(rf"{_IN}DCIM/\d\d\dAPPLE"),
        counts=False,
    ),
    Layout(
        name="DCIM",
        maker="Canon",
        confidence=Confidence.LIKELY,
        folders=_form(rf"{_IN}DCIM/\d\d\d(?:CANON|EOS\w\w)"),
    ),
    Layout(name="DCIM", maker="", confidence=Confidence.LIKELY, folders=_form(rf"{_IN}DCIM")),
    Layout(
        name="flat",  # A001_03051200_C001.braw; a .sidecar only where somebody changed the picture afterwards
        maker="Blackmagic",
        confidence=Confidence.LIKELY,
        endings=frozenset((".braw",)),
        by_name=True,
    ),
    Layout(
        name="reel folder",  # S5: a folder named as the card, clips in it, an ALE and an XML of the whole reel
        maker="ARRI",
        confidence=Confidence.PUBLISHED,
        endings=frozenset((".ari", ".arx")),
        by_name=True,
    ),
    Layout(name="flat", maker="RED", confidence=Confidence.LIKELY, by_name=True),  # ProRes without a magazine
    Layout(name="flat", maker="Canon", confidence=Confidence.LIKELY, by_name=True),
    Layout(name="flat", maker="Sony", confidence=Confidence.LIKELY, by_name=True),
    Layout(name="flat", maker="DJI", confidence=Confidence.LIKELY, by_name=True),
    Layout(name="flat", maker="GoPro", confidence=Confidence.PUBLISHED, by_name=True),
    Layout(name="flat", maker="Apple", confidence=Confidence.LIKELY, by_name=True, counts=False),
)

SOUND_LAYOUTS: tuple[Layout, ...] = (
    Layout(
        name="sound recorder",  # S7: 788T, 7-Series and later make these at the top
        maker="Sound Devices",
        confidence=Confidence.PUBLISHED,
        folders=_form(rf"{_IN}(?:FALSETAKES|SOUNDDEV)"),
    ),
    Layout(name="sound recorder", maker="", confidence=Confidence.LIKELY),
)

UNKNOWN = Layout(name="", maker="", confidence=Confidence.NUMBER)
