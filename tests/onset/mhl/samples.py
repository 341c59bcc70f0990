"""Where the sample manifests of other people's tools lie, and small helpers; used by the tests of manifests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lxml import etree

from onset.mhl.flatten import COLLECTION
from onset.mhl.hashes import Block
from onset.mhl.tree import CHAIN, FOLDER

DATA = Path(__file__).resolve().parents[2] / "data" / "mhl"
REFERENCE = DATA / "asc" / "reference"
MANIFEST_XSD = DATA / "xsd" / "ASCMHL.xsd"
CHAIN_XSD = DATA / "xsd" / "ASCMHLDirectory__combined.xsd"


def read_plainly(path: Path, take: Callable[[Block], None], /) -> int:
    """A reader that does not care about caches."""
    data = path.read_bytes()
    take(data)
    return len(data)


def assert_valid_collection(folder: Path) -> None:
    """A collection and its lists are what the schemas want."""
    etree.XMLSchema(etree.parse(CHAIN_XSD)).assertValid(etree.parse(folder / COLLECTION))
    manifests = etree.XMLSchema(etree.parse(MANIFEST_XSD))
    for path in folder.glob("*.mhl"):
        manifests.assertValid(etree.parse(path))


def assert_valid(root: Path) -> None:
    """Every manifest and chain below `root` is what the schemas want."""
    manifests = etree.XMLSchema(etree.parse(MANIFEST_XSD))
    chains = etree.XMLSchema(etree.parse(CHAIN_XSD))
    found = sorted(root.rglob(f"{FOLDER}/*.mhl"))
    assert found
    for path in found:
        manifests.assertValid(etree.parse(path))
        chains.assertValid(etree.parse(path.parent / CHAIN))
