"""Directory hashes of ASC MHL v2.0: what a folder contains, and that plus how everything in it is named.

Used when a generation is written and when one is verified. Linear in the number of names; post-order by depth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from onset.mhl.hashes import HashFormat, raw_bytes, raw_list, speller
from onset.mhl.paths import name_of, parent_of


@dataclass(frozen=True, slots=True)
class FolderDigest:
    """Content survives a rename, structure does not."""

    content: str
    structure: str


def with_parents(folders: Iterable[str]) -> set[str]:
    """The folders and everything above them, the scope ("") included.

    >>> sorted(with_parents(["a/b"]))
    ['', 'a', 'a/b']
    """
    found = set()
    for folder in folders:
        while folder not in found:
            found.add(folder)
            folder = parent_of(folder)
    return found


def folder_digests(
    files: Mapping[str, str],
    folders: Iterable[str],
    form: HashFormat,
    left_out: Collection[str] = frozenset(),
) -> dict[str, FolderDigest]:
    """Digest every folder, the scope itself under "".

    Args:
        files: path to digest in `form`, for every file that is not ignored.
        folders: every folder that is not ignored, empty ones too.
        form: one format for the whole tree, as the standard wants.
        left_out: folders that cannot be told, since not all of their files were hashed; so are all above them.
    """
    unknown = with_parents(left_out) if left_out else frozenset()
    spell = speller(form)
    children: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))  # content, structure
    for path, digest in files.items():
        folder, _, name = path.rpartition("/")
        contents, structures = children[folder]
        contents.append(digest)
        structures.append(spell(name.encode() + raw_bytes(form, digest)))
    done: dict[str, FolderDigest] = {}
    inmost_first = sorted(folders, key=lambda path: path.count("/"), reverse=True)
    for folder in (*inmost_first, ""):
        if folder not in unknown:
            # The spelled digest is the sort key; for hex and C4 that is also the byte order.
            content, structure = (spell(raw_list(form, sorted(each))) for each in children.pop(folder, ((), ())))
            done[folder] = FolderDigest(content, structure)
            if folder:
                contents, structures = children[parent_of(folder)]
                contents.append(content)
                structures.append(spell(name_of(folder).encode() + raw_bytes(form, structure)))
    return done
