"""Manifests and chains of other tools are read; hostile ones are refused; ours are what the schema wants."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onset.errors import ManifestError
from onset.mhl import asc
from onset.mhl.hashes import HashFormat
from onset.mhl.records import Action, Author, ChainLink, Creator, Entry, FileRecord, Manifest, Process
from tests.onset.mhl.samples import DATA, REFERENCE

CREATOR = Creator(
    "2026-11-21T01:00:00+00:00", "cart", "onset", "0.1", (Author("Ada & Co", role="DIT"),), "Set", "<why>"
)
HEAD = '<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">'


def one_file(path: str) -> Manifest:
    entry = Entry(HashFormat.XXH64, "ef46db3751d8e999", Action.ORIGINAL, "2026-11-21T01:00:00+00:00")
    return Manifest(CREATOR, Process.TRANSFER, files=(FileRecord(path, 0, None, (entry,)),))


def test_vendor_leaves_out_sizes_and_directory_hashes() -> None:
    manifest = asc.read_manifest(DATA / "asc" / "vendor" / "silverstack_ascmhl_example.mhl")
    assert manifest.process is Process.TRANSFER
    assert len(manifest.ignore) == 16
    sizes = {record.path: record.size for record in manifest.files}
    assert sizes["SONY/SONYCARD.IND"] is None
    assert sizes["Card/Clip/A002/A002C001.mxf"] == 15758019120
    assert manifest.creator is not None
    assert [author.role for author in manifest.creator.authors] == ["User Account", "DIT"]


def test_second_generation_of_the_reference_loses_its_records() -> None:
    folder = REFERENCE / "scenario_02" / "file_server" / "A002R2EC" / "ascmhl"
    manifest = asc.read_manifest(folder / "0002_A002R2EC_2020-01-17_143000Z.mhl")
    assert [record.path for record in manifest.folders] == ["Clips"]
    assert {record.entries[0].action for record in manifest.files} == {Action.VERIFIED}
    assert manifest.root is not None
    assert manifest.root.structure[HashFormat.XXH64] == "f557f8ca8e5a88ef"
    assert [link.number for link in asc.read_chain(folder / "ascmhl_chain.xml")] == [1, 2]


@pytest.mark.parametrize(
    "name", ["a b.mov", " lead", "trail ", "q&a <1>.mov", "új.mov", "e\u0301.mov", "two\nlines", "]]>"]
)
def test_name_comes_back_altered(name: str, tmp_path: Path) -> None:
    asc.write_manifest(tmp_path / "m.mhl", one_file(name))
    assert [record.path for record in asc.read_manifest(tmp_path / "m.mhl").files] == [name]


def test_folder_that_is_not_utf8_cannot_be_read(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/A\xff01"))
    folder.mkdir()
    c4 = asc.write_manifest(folder / "m.mhl", one_file("a.mov"))
    asc.write_chain(folder / "chain.xml", [ChainLink(1, "m.mhl", c4)])
    assert [record.path for record in asc.read_manifest(folder / "m.mhl").files] == ["a.mov"]
    assert asc.read_chain(folder / "chain.xml") == (ChainLink(1, "m.mhl", c4),)
    (folder / "m.mhl").write_bytes(b"<hashlist")
    with pytest.raises(ManifestError, match=r"A\\udcff01/m\.mhl is not readable as XML"):
        asc.read_manifest(folder / "m.mhl")


def test_number_of_thousands_of_digits_ends_the_reading(tmp_path: Path) -> None:
    huge = "9" * 5000
    path = tmp_path / "m.mhl"
    path.write_text(f'{HEAD}<hashes><hash><path size="{huge}">a</path></hash></hashes></hashlist>')
    assert [record.size for record in asc.read_manifest(path).files] == [None]
    path.write_text(f'<ascmhldirectory><hashlist sequencenr="{huge}"><path>m.mhl</path></hashlist></ascmhldirectory>')
    with pytest.raises(ManifestError, match="does not number"):
        asc.read_chain(path)


def test_carriage_return_in_a_name_becomes_a_line_feed(tmp_path: Path) -> None:
    asc.write_manifest(tmp_path / "m.mhl", one_file("a\rb"))
    assert asc.read_manifest(tmp_path / "m.mhl").files[0].path == "a\rb"


def test_empty_file_is_written_without_its_size(tmp_path: Path) -> None:
    asc.write_manifest(tmp_path / "m.mhl", one_file("zero"))
    assert b'size="0"' in (tmp_path / "m.mhl").read_bytes()


def test_name_that_is_not_utf8_goes_without_its_digest(tmp_path: Path) -> None:
    entry = Entry(HashFormat.XXH128, "00" * 16, Action.ORIGINAL)
    manifest = Manifest(CREATOR, Process.TRANSFER, unlisted=(FileRecord("Clips/A\udcff\x1b.mov", 7, None, (entry,)),))
    asc.write_manifest(tmp_path / "m.mhl", manifest)
    back = asc.read_manifest(tmp_path / "m.mhl").unlisted
    assert [(record.path, record.size, record.entries[0].digest) for record in back] == [
        ("Clips/A\udcff\x1b.mov", 7, "00" * 16)
    ]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "C:\\x", "..\\x", "\\\\srv\\s", "", "."])
def test_path_leads_out_of_the_scope(path: str, tmp_path: Path) -> None:
    file = tmp_path / "m.mhl"
    file.write_text(f"{HEAD}<hashes><hash><path>{path}</path><md5>0</md5></hash></hashes></hashlist>")
    manifest = asc.read_manifest(file)
    assert manifest.files == ()
    assert len(manifest.refused) == 1


def test_same_path_comes_twice(tmp_path: Path) -> None:
    record = "<hash><path>a</path><md5>{}</md5></hash>"
    file = tmp_path / "m.mhl"
    file.write_text(f"{HEAD}<hashes>{record.format(1)}{record.format(2)}</hashes></hashlist>")
    manifest = asc.read_manifest(file)
    assert [entry.digest for record in manifest.files for entry in record.entries] == ["1"]
    assert manifest.refused == ("a",)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE hashlist [<!ENTITY a "b">]><hashlist version="2.0"/>',
        '<!DOCTYPE hashlist SYSTEM "http://x.invalid/a.dtd"><hashlist version="2.0"/>',
        '<!DOCTYPE h [<!ENTITY x SYSTEM "file:///etc/passwd">]><hashlist version="2.0"><path>&x;</path></hashlist>',
    ],
)
def test_doctype_is_let_through(text: str, tmp_path: Path) -> None:
    (tmp_path / "m.mhl").write_text(text)
    with pytest.raises(ManifestError, match="DOCTYPE"):
        asc.read_manifest(tmp_path / "m.mhl")


@pytest.mark.parametrize("text", ["", "no xml", "<hashlist", "<a>" * 2000, "<hashlist><path>&who;</path></hashlist>"])
def test_broken_xml_ends_in_a_traceback(text: str, tmp_path: Path) -> None:
    (tmp_path / "m.mhl").write_text(text)
    with pytest.raises(ManifestError, match=r"m\.mhl"):
        asc.read_manifest(tmp_path / "m.mhl")


def test_other_xml_is_taken_for_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "m.mhl").write_text("<fcpxml/>")
    with pytest.raises(ManifestError, match="not an ASC MHL manifest"):
        asc.read_manifest(tmp_path / "m.mhl")


def test_chain_skips_a_number(tmp_path: Path) -> None:
    asc.write_chain(tmp_path / "c.xml", [ChainLink(1, "0001_a.mhl", "c4x"), ChainLink(3, "0003_a.mhl", "c4y")])
    with pytest.raises(ManifestError, match="1, 2, 3") as caught:
        asc.read_chain(tmp_path / "c.xml")
    assert caught.value.exit_code == 31


def test_chain_leads_out_of_its_folder(tmp_path: Path) -> None:
    asc.write_chain(tmp_path / "c.xml", [ChainLink(1, "../0001_a.mhl", "c4x")])
    with pytest.raises(ManifestError, match="not beside it"):
        asc.read_chain(tmp_path / "c.xml")


def test_chain_without_c4_is_refused(tmp_path: Path) -> None:
    """One transcoder wrote such chains; they are read, and history.py warns."""
    asc.write_chain(tmp_path / "c.xml", [ChainLink(1, "0001_a.mhl", None)])
    assert asc.read_chain(tmp_path / "c.xml") == (ChainLink(1, "0001_a.mhl", None),)


def test_failed_write_leaves_half_a_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asc.write_chain(tmp_path / "c.xml", [ChainLink(1, "0001_a.mhl", "c4x")])
    before = (tmp_path / "c.xml").read_bytes()

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        asc.write_chain(tmp_path / "c.xml", [ChainLink(1, "0001_a.mhl", "c4x"), ChainLink(2, "0002_a.mhl", "c4y")])
    assert (tmp_path / "c.xml").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["c.xml"]
