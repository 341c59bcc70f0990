"""Directory hashes of ASC MHL v2.0: what a folder contains, and that plus how everything in it is named.

Used when a generation is written and when one is verified. Linear in the number of names; post-order by depth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from onset.mhl.hashes import HashFormat, new_hasher, raw_bytes, spell
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
    children: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)  # name, content, structure
    for path, digest in files.items():
        children[parent_of(path)].append((name_of(path), digest, digest))
    done: dict[str, FolderDigest] = {}
    for folder in sorted(folders, key=lambda path: path.count("/"), reverse=True):
        if folder not in unknown:
            done[folder] = _digest(children.pop(folder, []), form)
            children[parent_of(folder)].append((name_of(folder), done[folder].content, done[folder].structure))
    if "" not in unknown:
        done[""] = _digest(children.pop("", []), form)
    return done


def _digest(children: Iterable[tuple[str, str, str]], form: HashFormat) -> FolderDigest:
    contents = []
    structures = []
    for name, content, structure in children:
        contents.append(content)
        structures.append(spell(form, name.encode() + raw_bytes(form, structure)))
    return FolderDigest(_of_list(contents, form), _of_list(structures, form))


def _of_list(digests: list[str], form: HashFormat) -> str:
    running = new_hasher(form)
    for digest in sorted(digests):  # the spelled digest is the sort key; for hex and C4 that is also the byte order
        running.update(raw_bytes(form, digest))
    return running.spell()
