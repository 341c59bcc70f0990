"""What a name may be on each kind of file system, and a name that is legal on all of them.

Used by preflight, which refuses what a target cannot keep, and by the folder templates, which make names of titles and
labels. Linux itself writes `a:b` and `CON` to NTFS without a word; Windows then cannot open them.
"""

from __future__ import annotations

import os
import unicodedata

from onset.text import RESERVED_ON_WINDOWS, safe_text

# "fuseblk" is exfat-fuse or ntfs-3g where the device could not be read to tell which.
FAT = frozenset({"vfat", "msdos", "fuse.fusefat"})
WINDOWS_NAMES = FAT | {"exfat", "ntfs", "ntfs3", "fuseblk", "cifs", "smb3"}
ONE_CASE = WINDOWS_NAMES | {"hfs", "hfsplus", "apfs"}
JOB_LOG = ".onset-job.jsonl"  # how the log of a job ends that lies beside a copy
LONGEST = 255  # of a name: bytes on Linux, UTF-16 units where Windows made the rules
_ILLEGAL = frozenset('/:?*"<>|\\')
_MADE_BYTES = 200  # of a name that a template makes: a second card of that name still gets "_2", a manifest its stamp


def name_trouble(name: str, kind: str) -> str | None:
    """Why a file system of that kind cannot keep a name; None where it can.

    >>> name_trouble("take: 1", "exfat"), name_trouble("take: 1", "ext4"), name_trouble("nul.mov", "ntfs3")
    ("its name has ':' in it", None, 'its name is reserved on Windows')
    """
    if kind not in WINDOWS_NAMES:
        fits = len(name) * 4 <= LONGEST or len(os.fsencode(name)) <= LONGEST  # UTF-8 has four bytes a sign at most
        return None if fits else "its name is longer than 255 bytes"
    if len(name.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST:  # these count in UTF-16: 255 Chinese signs fit
        return "its name is longer than 255 characters"
    bad = next((char for char in name if not _is_legal(char)), None)
    if bad is not None:
        return f"its name has {safe_text(bad)!r} in it"
    if name.endswith((".", " ")):
        return "its name ends with a dot or a space"
    return "its name is reserved on Windows" if _is_reserved(name) else None


def clean_name(text: str) -> str:
    r"""A name for a folder, made of any text, that every file system keeps as it is; empty where nothing is left.

    >>> clean_name("Harbour: Lights "), clean_name("Nul"), clean_name(".."), clean_name("a\nb/c")
    ('Harbour_ Lights', 'Nul_', '', 'a_b_c')
    """
    legal = "".join(char if _is_legal(char) else "_" for char in unicodedata.normalize("NFC", text))
    short = legal.strip()
    while len(short.encode()) > _MADE_BYTES:
        short = short[:-1]
    short = short.rstrip(" .")
    if not _is_reserved(short):
        return short
    first, dot, rest = short.partition(".")
    return f"{first}_{dot}{rest}"


def twin(path: str) -> str:
    """The same for two paths that a file system without case takes for one, or one that normalises Unicode."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _is_legal(char: str) -> bool:
    return char not in _ILLEGAL and ord(char) >= 0x20 and not 0xD800 <= ord(char) < 0xE000


def _is_reserved(name: str) -> bool:
    return name.partition(".")[0].rstrip(" ").lower() in RESERVED_ON_WINDOWS
