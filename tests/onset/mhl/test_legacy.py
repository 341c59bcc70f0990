"""Legacy lists: every spelling of a digest, every way vendors bend the format."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.errors import ManifestError
from onset.mhl.check import INCOMPLETE, MISMATCH, MISSING
from onset.mhl.check_legacy import verify_legacy
from onset.mhl.legacy import LegacyFormat, read_legacy
from tests.onset.mhl.samples import DATA, read_plainly

TOOL = DATA / "legacy" / "mhl-tool"
# xxh32, xxh64 and md5 of b"abc", as `xxhsum -H0`, `xxhsum -H1` and `md5sum` print them.
ABC = {
    LegacyFormat.XXHASH: str(0x32D153FF),
    LegacyFormat.XXHASH64BE: "44bc2cf5ad770999",
    LegacyFormat.XXHASH64: "990977adf52cbc44",
    LegacyFormat.MD5: "900150983cd24fb0d6963f7d28e17f72",
    LegacyFormat.SHA1: "a9993e364706816aba3e25717850c26c9cd0d89d",
    LegacyFormat.NULL: "",
}


def write_list(folder: Path, *hashes: str, version: str = "1.1") -> Path:
    file = folder / "a.mhl"
    file.write_text(f'<?xml version="1.0"?><hashlist version="{version}">{"".join(hashes)}</hashlist>')
    return file


@pytest.mark.parametrize("name", ["mhl_verify_md5", "mhl_verify_xxhash64be"])
def test_sample_of_the_original_tool_fails(name: str) -> None:
    (manifest,) = (TOOL / name).glob("*.mhl")
    done = verify_legacy(manifest, read_plainly)
    assert (done.verified, done.troubles, done.exit_code) == (3, [], 0)


def test_file_of_which_only_the_size_is_known_is_called_verified() -> None:
    (manifest,) = (TOOL / "mhl_verify_null").glob("*.mhl")
    done = verify_legacy(manifest, read_plainly)
    assert (done.verified, done.size_only, done.bytes, done.exit_code) == (0, 3, 0, 0)
    assert done.warnings == ["of 3 files only the size is on record; their bytes were not read."]


@pytest.mark.parametrize("record", ["<null/>", "", "<size>many</size><null/>"])
def test_file_of_which_nothing_is_known_passes(record: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    done = verify_legacy(write_list(tmp_path, f"<hash><file>x</file>{record}</hash>"), read_plainly)
    assert (done.verified, done.size_only, done.failed, done.exit_code) == (0, 0, 1, INCOMPLETE)


@pytest.mark.parametrize("form", sorted(set(ABC) - {LegacyFormat.NULL}))
def test_spelling_of_a_digest_is_not_understood(form: LegacyFormat, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    good = f"<hash><file>x</file><size>3</size><{form}>{ABC[form].upper()}</{form}></hash>"
    assert verify_legacy(write_list(tmp_path, good), read_plainly).verified == 1


@pytest.mark.parametrize("form", sorted(set(ABC) - {LegacyFormat.NULL}))
def test_flipped_byte_passes(form: LegacyFormat, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abd")
    good = f"<hash><file>x</file><size>3</size><{form}>{ABC[form]}</{form}></hash>"
    done = verify_legacy(write_list(tmp_path, good), read_plainly)
    assert (done.failed, done.exit_code) == (1, MISMATCH)


def test_list_without_digests_ignores_the_size(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abcd")
    listed = write_list(tmp_path, "<hash><file>x</file><size>3</size><null/></hash>")
    assert verify_legacy(listed, read_plainly).exit_code == MISMATCH


def test_utf16_with_carriage_returns_is_unreadable() -> None:
    (manifest,) = TOOL.glob("*utf-16le*.mhl")
    listed = read_legacy(manifest)
    assert len(listed.records) == 14
    assert any(record.path.endswith("日本語ファ_イル.txt") for record in listed.records)


@pytest.mark.parametrize("digest", ["<xxhash>{}</xxhash>", "<size>{}</size><null/>"])
def test_number_of_thousands_of_digits_ends_the_reading(digest: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    listed = write_list(tmp_path, f"<hash><file>x</file>{digest.format('9' * 5000)}</hash>")
    assert verify_legacy(listed, read_plainly).failed == 1


def test_foreign_elements_and_no_user_stop_the_reading() -> None:
    listed = read_legacy(DATA / "legacy" / "vendor" / "offshoot_legacymhl.mhl")
    assert listed.tool.startswith("OffShoot")
    both = {LegacyFormat.XXHASH64BE, LegacyFormat.XXHASH64}
    assert [set(record.digests) for record in listed.records] == [both] * 3
    for record in listed.records:  # the two are one digest with its bytes turned
        turned = bytes.fromhex(record.digests[LegacyFormat.XXHASH64])[::-1].hex()
        assert turned == record.digests[LegacyFormat.XXHASH64BE]


@pytest.mark.parametrize("written", ["/Clips/x", "Clips\\x", "\\Clips\\x", "./Clips/x"])
def test_path_in_another_style_is_missing(written: str, tmp_path: Path) -> None:
    (tmp_path / "Clips").mkdir()
    (tmp_path / "Clips" / "x").write_bytes(b"abc")
    listed = write_list(tmp_path, f"<hash><md5>{ABC[LegacyFormat.MD5]}</md5><file>{written}</file></hash>")
    assert verify_legacy(listed, read_plainly).verified == 1


def test_decomposed_name_is_missing(tmp_path: Path) -> None:
    (tmp_path / "Cafe\u0301.txt").write_bytes(b"abc")
    listed = write_list(tmp_path, f"<hash><file>Caf\u00e9.txt</file><md5>{ABC[LegacyFormat.MD5]}</md5></hash>")
    assert verify_legacy(listed, read_plainly).verified == 1


@pytest.mark.parametrize("written", ["../x", "a/../../x", "C:\\x", "/../x", ""])
def test_list_reads_outside_its_folder(written: str, tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "x").write_bytes(b"abc")
    listed = write_list(inside, f"<hash><file>{written}</file><md5>{ABC[LegacyFormat.MD5]}</md5></hash>")
    done = verify_legacy(listed, read_plainly)
    assert (done.verified, done.failed) == (0, 1)
    assert done.exit_code != 0


def test_link_is_followed_out_of_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "x").write_bytes(b"abc")
    (inside / "l").symlink_to(tmp_path / "x")
    listed = write_list(inside, f"<hash><file>l</file><md5>{ABC[LegacyFormat.MD5]}</md5></hash>")
    assert verify_legacy(listed, read_plainly).exit_code == MISSING


def test_another_version_is_taken_for_a_legacy_list(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="not a legacy"):
        read_legacy(write_list(tmp_path, version="2.0"))


def test_bomb_is_set_off(tmp_path: Path) -> None:
    lols = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    file = tmp_path / "bomb.mhl"
    file.write_text(f'<!DOCTYPE h [<!ENTITY l0 "lol">{lols}]><hashlist version="1.0"><file>&l9;</file></hashlist>')
    with pytest.raises(ManifestError):
        read_legacy(file)


ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-be": "UTF-16BE",
    "utf-16-le": "UTF-16LE",
    "utf-32": "UTF-32",
    "utf-32-be": "UTF-32BE",
    "utf-32-le": "UTF-32LE",
    "latin-1": "ISO-8859-1",
    "iso8859-6": "ISO-8859-6",
    "iso8859-15": "iso-8859-15",
    "cp1251": "windows-1251",
    "cp1252": "WINDOWS-1252",
    "mac-roman": "x-mac-roman",
    "cp437": "cp437",
    "koi8-r": "KOI8-R",
    "euc-jp": "EUC-JP",
    "euc-kr": "EUC-KR",
    "shift-jis": "Shift_JIS",
}


@pytest.mark.parametrize("codec", ENCODINGS)
@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_encoding_is_unreadable(codec: str, line_end: str, tmp_path: Path) -> None:
    """The torture set of the original tool in each encoding it tried: the one that is here, turned into the others."""
    (sample,) = TOOL.glob("*utf-16le*.mhl")
    text = sample.read_bytes().decode("utf-16").lstrip("\ufeff").replace("\r", line_end)
    head, _, rest = text.partition("?>")
    assert "encoding" in head
    whole = f'<?xml version="1.0" encoding="{ENCODINGS[codec]}"?>{rest}'
    file = tmp_path / "a.mhl"
    file.write_bytes(whole.encode(codec, "xmlcharrefreplace"))
    assert read_legacy(file).records == read_legacy(sample).records
    if codec in ("utf-16-be", "utf-16-le", "utf-32-be", "utf-32-le"):
        file.write_bytes(f"\ufeff{whole}".encode(codec))
        assert read_legacy(file).records == read_legacy(sample).records


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0" encoding="UTF-8"?><hashlist version="1.0"><hash><file>Caf\xe9</file></hash></hashlist>',
        b'<?xml version="1.0" encoding="cp1251"?><hashlist version="1.0"><hash><file>\x98</file></hash></hashlist>',
        '<?xml version="1.0"?><hashlist version="1.0"/>'.encode("utf-32")[:-2],
        b"\xff\xfe\0\0" + b"\xff" * 64,
        b'<?xml version="1.0" encoding="rot13"?><hashlist version="1.0"/>',
    ],
)
def test_wrong_encoding_ends_in_a_traceback(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.mhl").write_bytes(data)
    with pytest.raises(ManifestError, match=r"a\.mhl is not .*it was not used"):
        read_legacy(tmp_path / "a.mhl")


def test_doctype_hides_in_another_encoding(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0" encoding="UTF-32"?><!DOCTYPE h [<!ENTITY a "b">]><hashlist version="1.0"/>'
    (tmp_path / "a.mhl").write_bytes(bomb.encode("utf-32"))
    with pytest.raises(ManifestError, match="DOCTYPE"):
        read_legacy(tmp_path / "a.mhl")


def test_huge_file_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.mhl").open("wb") as file:
        file.write(b'<hashlist version="1.0">')
        file.truncate((1 << 30) + 1)
    with pytest.raises(ManifestError, match="larger than a manifest can be"):
        read_legacy(tmp_path / "a.mhl")
