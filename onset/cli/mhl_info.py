"""How `onset mhl info` says what is on record: of histories, and of one file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import ManifestError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.mhl.info import Account, Generation, Mention
    from onset.mhl.records import Manifest


def tell_history(top: Path, *, as_json: bool) -> int:
    """The generations at a folder and of the histories nested in it.

    Raises:
        ManifestError: no history there, or its chain cannot be read.
    """
    from onset.mhl.check import GRAVEST_FIRST, INCOMPLETE
    from onset.mhl.ignore import DEFAULT_PATTERNS, IgnoreRules
    from onset.mhl.info import account_of
    from onset.mhl.tree import list_tree

    accounts = [account_of(top)]
    troubles: list[tuple[str, int]] = []
    try:
        scopes = list_tree(top, IgnoreRules(DEFAULT_PATTERNS)).histories
    except OSError as error:
        raise ManifestError(f"{safe_path(top)} cannot be listed ({error.strerror}).", INCOMPLETE) from error
    for scope in sorted(scope for scope in scopes if scope):
        try:
            accounts.append(account_of(top / scope))
        except ManifestError as error:
            troubles.append((str(error), error.exit_code))
    if as_json:
        first, *nested = (_as_json(account) for account in accounts)
        print(json.dumps({**first, "nested": nested, "problems": [what for what, _ in troubles]}, indent=2))
    else:
        for account in accounts:
            print(f"{safe_path(account.root)}: {_count(len(account.generations), 'generation')}")
            for generation in account.generations:
                for line in _lines(generation):
                    print(f"  {safe_text(line)}")
            for name in account.strangers:
                print(f"  note: {safe_text(name)} is not in the chain")
        for what, _ in troubles:
            print(f"  ! {safe_text(what)}")
    codes = {account.exit_code for account in accounts} | {code for _, code in troubles}
    return next((code for code in GRAVEST_FIRST if code in codes), 0)


def _as_json(account: Account) -> dict[str, object]:
    return {
        "path": str(account.root),
        "generations": [_generation_as_json(each) for each in account.generations],
        "not_in_chain": list(account.strangers),
    }


def _generation_as_json(generation: Generation) -> dict[str, object]:
    from onset.mhl.info import failures

    said = generation.manifest
    creator = said.creator if said else None
    return {
        "number": generation.number,
        "manifest": generation.name,
        "chain": generation.seal.value,
        "created": creator.created if creator else None,
        "hostname": creator.hostname if creator else None,
        "tool": creator.tool if creator else None,
        "tool_version": creator.tool_version if creator else None,
        "authors": [
            {"name": each.name, "email": each.email, "phone": each.phone, "role": each.role}
            for each in (creator.authors if creator else ())
        ],
        "location": creator.location if creator else None,
        "comment": creator.comment if creator else None,
        "process": said.process.value if said and said.process else None,
        "files": len(said.files) + len(said.unlisted) if said else None,
        "folders": len(said.folders) if said else None,
        "failed": failures(said) if said else None,
        "renamed": _renamed(said) if said else None,
        "hashes": _formats(said.files) if said else None,
        "references": [each.path for each in said.references] if said else None,
        "ignore": list(said.ignore) if said else None,
    }


def _renamed(said: Manifest) -> int:
    files = sum(each.previous_path is not None for each in said.files)
    return files + sum(each.previous_path is not None for each in said.folders)


def _lines(generation: Generation) -> list[str]:
    """One generation for people."""
    from onset.mhl.info import failures

    said = generation.manifest
    if said is None:
        return [f"{generation.number}  {generation.name}: {generation.seal}"]
    parts = [_count(len(said.files) + len(said.unlisted), "file"), *_formats(said.files)]
    failed = failures(said)
    renamed = _renamed(said)
    parts += [f"{failed} failed"] * bool(failed) + [f"{renamed} renamed"] * bool(renamed)
    if said.references:
        parts.append(f"refers to {_count(len(said.references), 'history', 'histories')}")
    parts.append(f"chain {generation.seal}")
    process = said.process.value if said.process else "made"
    creator = said.creator
    if creator is None:
        return [f"{generation.number}  {process}: {', '.join(parts)}"]
    makers = ", ".join([*(each.name for each in creator.authors), f"{creator.tool} {creator.tool_version}".strip()])
    where = f" at {creator.location}" if creator.location else ""
    lines = [f"{generation.number}  {creator.created}  {process} by {makers}{where}: {', '.join(parts)}"]
    return [*lines, f"     {creator.comment}"] if creator.comment else lines


def _formats(files: Iterable[object]) -> list[str]:
    from onset.mhl.records import FileRecord

    return sorted({entry.format.value for each in files if isinstance(each, FileRecord) for entry in each.entries})


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def tell_file(top: Path, given: str, *, as_json: bool) -> int:
    """All that is on record of one file; it need not be there any more.

    Args:
        top: a folder with a history.
        given: the file, from here or relative to `top`.
        as_json: one document instead of lines.

    Raises:
        ManifestError: it is on no record (20), or the history cannot be read.
    """
    from onset.mhl.history import below
    from onset.mhl.info import account_of, mentions, nearest_history

    from_here = Path(os.path.abspath(given))
    inside = os.path.normpath(given)
    if from_here.is_relative_to(top) and (os.path.isabs(given) or os.path.lexists(from_here)):
        inside = from_here.relative_to(top).as_posix()
    scope = nearest_history(top, inside)
    account = account_of(top / scope)
    found = mentions(account, below(inside, scope))
    if as_json:
        document = {"path": inside, "history": str(account.root), "records": [_mention_as_json(each) for each in found]}
        print(json.dumps(document, indent=2))
        return account.exit_code
    print(f"{safe_path(inside)}: in {_count(len(found), 'generation')} of {safe_path(account.root)}")
    for each in found:
        name = f"  as {each.record.path}" if each.record.path != found[0].record.path else ""
        renamed = f"  before that {each.record.previous_path}" if each.record.previous_path else ""
        print(safe_text(f"  {each.number}  {each.created}{name}{renamed}"))
        for entry in each.record.entries:
            print(safe_text(f"     {entry.action or 'no action'}  {entry.format}  {entry.digest}"))
    return account.exit_code


def _mention_as_json(mention: Mention) -> dict[str, object]:
    record = mention.record
    return {
        "generation": mention.number,
        "created": mention.created or None,
        "path": record.path,
        "previous_path": record.previous_path,
        "size": record.size,
        "digests": [
            {
                "hash": entry.format.value,
                "digest": entry.digest,
                "action": entry.action.value if entry.action else None,
                "date": entry.hashdate,
            }
            for entry in record.entries
        ],
    }
