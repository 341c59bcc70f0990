"""One history and one legacy list, each spelled in the many ways that tools and media spell them: the verdict stays."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from onset.clock import ManualClock
from onset.mhl import asc
from onset.mhl.check import INCOMPLETE, verify_history
from onset.mhl.check_legacy import verify_legacy
from onset.mhl.records import ChainLink
from tests.onset.mhl.samples import REFERENCE, read_plainly

ROLL = REFERENCE / "scenario_01" / "travel_01" / "A002R2EC"
Edit = Callable[[str], str | bytes]


def without(pattern: str, text: str) -> str:
    return re.sub(pattern, "", text, flags=re.DOTALL)


MANIFESTS: dict[str, Edit] = {
    "byte order mark": lambda text: text.encode("utf-8-sig"),
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "UTF-16": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
    "prefixes": lambda text: re.sub(r"<(/?)(\w)", r"<\1m:\2", text).replace("xmlns=", "xmlns:m="),
    "no namespace": lambda text: text.replace(' xmlns="urn:ASC:MHL:v2.0"', ""),
    "a later version": lambda text: text.replace('version="2.0"', 'version="2.1"'),
    "no dates": lambda text: without(r' (hashdate|lastmodificationdate|creationdate)="[^"]*"', text),
    "no sizes": lambda text: without(r' size="\d+"', text),
    "no actions": lambda text: without(r' action="\w+"', text),
    "no creator": lambda text: without(r"<creatorinfo>.*</creatorinfo>", text),
    "no process": lambda text: without(r"<processinfo>.*</processinfo>", text),
    "content alone": lambda text: without(r"<structure>.*?</structure>", text),
    "empty folder hashes": lambda text: re.sub(r"<content>.*?</content>", "<content/>", text, flags=re.DOTALL),
    "capitals": lambda text: re.sub(r">([0-9a-f]{16})<", lambda found: f">{found[1].upper()}<", text),
    "blanks": lambda text: re.sub(r">([0-9a-f]{16})<", r">\n  \1\n<", text),
    "dots and slashes": lambda text: text.replace(">Clips<", ">Clips/<").replace(">Clips/A", ">./Clips//A"),
    "other digests": lambda text: text.replace("<xxh64 ", "<blake3>00</blake3><xxh64 "),
    "things of a vendor": lambda text: text.replace(
        "</hash>", '<v:clip xmlns:v="urn:v"><v:path>x</v:path></v:clip><metadata><path>y</path></metadata></hash>'
    ),
    "a vendor's own list of files": lambda text: text.replace(
        "</hash>", '<metadata><v:hash xmlns:v="urn:v"><v:path>z</v:path></v:hash></metadata></hash>'
    ),
}
NAMES = ("0001_A_2020-01-16_091500.mhl", "00001_A_2020-01-16_091500Z.mhl", "A_2020-01-16_091500_0001.mhl", "x.mhl")
CHAINS: dict[str, Edit] = {
    "byte order mark, Windows line ends": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    "UTF-16": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
    "prefixes": lambda text: re.sub(r"<(/?)(\w)", r"<\1m:\2", text).replace("xmlns=", "xmlns:m="),
    "no namespace": lambda text: text.replace(' xmlns="urn:ASC:MHL:DIRECTORY:v2.0"', ""),
    "number of four digits": lambda text: text.replace('sequencenr="1"', 'sequencenr="0001"'),
    "a dot": lambda text: text.replace("<path>", "<path>./"),
    "no digest": lambda text: without(r"<c4>.*?</c4>", text),
}


def written(path: Path, data: str | bytes) -> None:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def judged(folder: Path, name: str, manifest: Edit, chain: Edit) -> None:
    """All is well with the roll whose history is spelled so; and not with one of its digests gone wrong."""
    for right in (True, False):
        roll = folder / f"{right}"
        shutil.copytree(ROLL, roll)
        (file,) = (roll / "ascmhl").glob("*.mhl")
        text = file.read_text()
        if not right:
            assert "3ab5a4166b9bde44" in text
            text = text.replace("3ab5a4166b9bde44", "3ab5a4166b9bde45")
        file.unlink()
        file = file.with_name(name)
        written(file, manifest(text))
        index = roll / "ascmhl" / "ascmhl_chain.xml"
        asc.write_chain(index, [ChainLink(1, name, asc.manifest_c4(file))])
        written(index, chain(index.read_text()))
        done = verify_history(roll, read_plainly, ManualClock(wall_ns=1_700_000_000_000_000_000), append=True)
        assert (done.verified, done.failed, done.exit_code) == ((3, 0, 0) if right else (2, 1, 11)), done.troubles


def same(text: str) -> str:
    return text


@pytest.mark.parametrize("spelling", MANIFESTS)
def test_manifest_in_another_spelling_is_misread(spelling: str, tmp_path: Path) -> None:
    judged(tmp_path, NAMES[0], MANIFESTS[spelling], same)


@pytest.mark.parametrize("name", NAMES)
def test_manifest_of_another_name_is_not_found(name: str, tmp_path: Path) -> None:
    judged(tmp_path, name, same, same)


@pytest.mark.parametrize("spelling", CHAINS)
def test_chain_in_another_spelling_is_misread(spelling: str, tmp_path: Path) -> None:
    judged(tmp_path, NAMES[0], same, CHAINS[spelling])


LIST = """<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="1.1">
<creatorinfo><tool>x</tool><log><![CDATA[a < b]]></log></creatorinfo>
<hash><file>Q&amp;A/A001.mov</file><size>3</size><md5>900150983cd24fb0d6963f7d28e17f72</md5></hash>
</hashlist>
"""
DIGEST = "<md5>900150983cd24fb0d6963f7d28e17f72</md5>"
LISTS: dict[str, Edit] = {
    "as it is": same,
    "blank lines before it": lambda text: f"\n \r\n{text}",
    "no declaration": lambda text: text.partition("\n")[2],
    "UTF-16 that calls itself UTF-8": lambda text: text.encode("utf-16"),
    "a namespace": lambda text: text.replace("<hashlist", '<hashlist xmlns="urn:x"'),
    "no version": lambda text: text.replace(' version="1.1"', "", 1),
    "capitals": lambda text: re.sub(r"(?<=[</])(md5|file|size|hash)(?=>)", lambda found: found[1].title(), text),
    "a comment in a path": lambda text: text.replace("Q&amp;A/", "Q&amp;<!-- -->A/"),
    "parts of CDATA": lambda text: text.replace("Q&amp;A", "Q<![CDATA[&]]>A"),
    "blanks": lambda text: text.replace("<size>3<", "<size> 3 <").replace("<md5>9", "<md5>\n\t9"),
    "xxhash64 in canonical order": lambda text: text.replace(DIGEST, "<xxhash64>44bc2cf5ad770999</xxhash64>"),
    "xxhash as hex": lambda text: text.replace(DIGEST, "<xxhash>32D153FF</xxhash>"),
    "xxhash with zeros before it": lambda text: text.replace(DIGEST, "<xxhash>0852579327</xxhash>"),
    "a digest that is right and a lesser one that is not": lambda text: text.replace(
        DIGEST, f"{DIGEST.replace('f72', 'f73')}<xxhash64be>44bc2cf5ad770999</xxhash64be>"
    ),
}


@pytest.mark.parametrize("spelling", LISTS)
def test_list_in_another_spelling_is_misread(spelling: str, tmp_path: Path) -> None:
    clip = tmp_path / "Q&A" / "A001.mov"
    clip.parent.mkdir()
    written(tmp_path / "a.mhl", LISTS[spelling](LIST))
    for content, verdict in ((b"abc", (1, 0, 0)), (b"abd", (0, 1, 11))):
        clip.write_bytes(content)
        done = verify_legacy(tmp_path / "a.mhl", read_plainly)
        assert (done.verified, done.failed, done.exit_code) == verdict, done.troubles


def test_list_of_nothing_says_that_all_is_well(tmp_path: Path) -> None:
    (tmp_path / "a.mhl").write_text('<hashlist version="1.1"/>')
    assert verify_legacy(tmp_path / "a.mhl", read_plainly).exit_code == INCOMPLETE
