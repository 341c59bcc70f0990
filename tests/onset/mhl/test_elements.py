"""A file's element is spelled as an XML library would spell it, whatever it is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from onset.mhl.elements import spelled
from onset.mhl.hashes import HashFormat
from onset.mhl.paths import in_xml
from onset.mhl.records import Action, Entry, FileRecord

TEXT = st.text().filter(in_xml) | st.text("a /&<>\"'\t\r\n]é日", max_size=12)
MAYBE = st.none() | TEXT
ENTRY = st.builds(Entry, st.sampled_from(HashFormat), TEXT, st.none() | st.sampled_from(Action), MAYBE)
RECORD = st.builds(FileRecord, TEXT, st.none() | st.integers(0), MAYBE, st.lists(ENTRY).map(tuple), MAYBE)


def by_lxml(record: FileRecord) -> bytes:
    element = etree.Element("hash")
    path = etree.SubElement(element, "path")
    path.text = record.path
    if record.size is not None:
        path.set("size", str(record.size))
    if record.modified:
        path.set("lastmodificationdate", record.modified)
    order = ["c4", "md5", "sha1", "xxh128", "xxh3", "xxh64"]  # of the schema
    for entry in sorted(record.entries, key=lambda entry: order.index(entry.format)):
        digest = etree.SubElement(element, entry.format.value)
        digest.text = entry.digest
        if entry.action is not None:
            digest.set("action", entry.action.value)
        if entry.hashdate:
            digest.set("hashdate", entry.hashdate)
    if record.previous_path is not None:
        etree.SubElement(element, "previousPath").text = record.previous_path
    return bytes(etree.tostring(element, encoding="UTF-8", xml_declaration=False, pretty_print=True))


@given(st.lists(RECORD, max_size=3))
def test_element_is_not_what_an_xml_library_writes(records: list[FileRecord]) -> None:
    assert b"".join(spelled(records)) == b"".join(map(by_lxml, records))


def test_files_beyond_the_first_thousand_are_lost() -> None:
    records = [FileRecord(f"{number}", 0, None, ()) for number in range(2001)]
    text = b"".join(spelled(records)).decode()
    assert [each.text for each in etree.fromstring(f"<all>{text}</all>").iter("path")] == [
        each.path for each in records
    ]


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\x0b", "\udcff", "\ufffe", "\uffff"])
def test_character_that_xml_has_no_place_for_is_written(text: str) -> None:
    for record in (
        FileRecord(f"a{text}", 0, None, ()),
        FileRecord("a", 0, text, ()),
        FileRecord("a", 0, None, (Entry(HashFormat.MD5, text, None),)),
        FileRecord("a", 0, None, (Entry(HashFormat.MD5, "", None, text),)),
        FileRecord("a", 0, None, (), text),
    ):
        with pytest.raises(ValueError, match="XML"):
            list(spelled([record]))
