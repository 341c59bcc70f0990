"""Programs that are not ours judge what an offload left: xxhsum the bytes, the ASC MHL reference tool the history.

Used by the tests on real disks, by the fault tests and by benchmarks/soak: for what any fault leaves behind.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from onset.mhl.tree import CHAIN, FOLDER
from tests.needs import require
from tests.onset.mhl.samples import CHAIN_XSD, MANIFEST_XSD, assert_valid

REFERENCE_TOOL = Path(sys.executable).with_name("ascmhl-debug")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def same_bytes(card: Path, copied: Path) -> None:
    """xxhsum finds every file of the card in the copy; whose only other files are those of its history."""
    require("xxhsum")
    sums = copied.with_name(f"{copied.name}.sums")
    listed = subprocess.run("find . -type f -print0 | xargs -0 xxhsum -H2", shell=True, cwd=card, capture_output=True)
    assert listed.returncode == 0, listed.stderr
    sums.write_bytes(listed.stdout)
    try:
        checked = subprocess.run(["xxhsum", "-q", "-c", sums], cwd=copied, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    finally:
        sums.unlink()
    assert _files(copied) == _files(card)
    assert not list(copied.rglob("*.onset-part"))


def digests_of(path: Path) -> dict[str, str]:
    """What other programs say, by the names that ASC MHL gives the formats.

    Of C4 they say the SHA-512, which is a number in base 58 there (the C4 ID specification, ST 2114).
    """
    found = {}
    programs = {"md5": "md5sum", "sha1": "sha1sum", "xxh64": "xxhsum -H1", "xxh128": "xxhsum -H2", "xxh3": "xxhsum -H3"}
    for name, command in {**programs, "c4": "sha512sum"}.items():
        program, *options = command.split()
        require(program)
        with path.open("rb") as file:
            said = subprocess.run([program, *options], stdin=file, capture_output=True, text=True, check=True).stdout
        (found[name],) = re.findall(r"\b(?:XXH3_)?([0-9a-f]{16,})\b", said)
    number, letters = int(found["c4"], 16), ""
    while number:
        number, digit = divmod(number, 58)
        letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + letters
    found["c4"] = "c4" + letters.rjust(88, "1")
    return found


def _files(root: Path) -> set[Path]:
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {path for path in found if FOLDER not in path.parts[:-1]}


def reference_accepts(copied: Path, *, folders: bool = True) -> None:
    """The reference tool verifies the copy and every file of its history, and finds fault with nothing.

    Args:
        copied: the copy.
        folders: directory hashes too; the tool ends in a KeyError where formats differ between generations or nested
            histories, and in an AttributeError where a generation lists only some of the files: also on what it wrote
            itself.
    """
    require(REFERENCE_TOOL.exists(), "the ASC MHL reference tool (ascmhl) is not installed")
    verified = run(REFERENCE_TOOL, "verify", copied)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    if folders:
        hashed = run(REFERENCE_TOOL, "verify", "-dh", copied)
        assert hashed.returncode == 0, hashed.stdout + hashed.stderr
    for manifest in copied.rglob("ascmhl/*.mhl"):
        checked = run(REFERENCE_TOOL, "xsd-schema-check", "-xsd", MANIFEST_XSD, manifest)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        checked = run(REFERENCE_TOOL, "xsd-schema-check", "-df", "-xsd", CHAIN_XSD, manifest.parent / CHAIN)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    assert_valid(copied)
