"""Days that hypothesis makes up: trees of files, and what people do to them and to their histories.

Used by the property tests, which judge by the schemas and our own reader, and by `tests/real`, where the reference tool
judges. A `Day` knows what it did, so that it can tell what a verification has to find.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from onset.clock import ManualClock
from onset.errors import ManifestError, RefusedError
from onset.mhl.check import MISMATCH, MISSING, Verification, verify_history
from onset.mhl.create import Order, create
from onset.mhl.hashes import HashFormat
from onset.mhl.history import Known, has_history, joined, load_history
from onset.mhl.ignore import DEFAULT_PATTERNS, IgnoreRules
from onset.mhl.paths import in_folder, parent_of
from onset.mhl.rename import planned, rename_recorded
from onset.mhl.tree import list_tree
from tests.onset.mhl.samples import read_plainly

NAMES = (
    *("a.mov", "b c.mov", "q&a <1>", "új.txt", "e\u0301.ari", "[x]", "!not", "#1", "-v", "日本", "it's", "z."),
    *(" lead", "trail ", "two\nlines", "a\tb", "\U0001f3ac.mov", "]]>", "%41", ".hidden", "x" * 200, "a\u2028b"),
)
FOLDERS = ("", "Clips", "Clips/Sub dir", "Sound & more", "A001", "A001/Été")
FORMATS = tuple(HashFormat)


def move_plainly(top: Path, old: str, new: str) -> None:
    """A rename that does not care about what it may replace."""
    (top / old).rename(top / new)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing somebody does; `one` and `other` pick what it is done to, modulo what there is."""

    verb: str
    one: int
    other: int


VERBS = (
    *("write", "create", "rename") * 2,
    *("append", "damage", "remove", "repair", "verify"),
)
ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from(VERBS),
        st.integers(0, 97),
        st.integers(0, 97),
    ),
    min_size=3,
    max_size=14,
)


@dataclass(slots=True)
class Day:
    """A folder in which acts are done.

    Attributes:
        contents: what each file should hold, by path.
        recorded: files that are on record.
        damaged: files that hold something else now.
        gone: files on record that were removed.
        renames: what was renamed, with the folder of the history that says so.
    """

    root: Path
    clock: ManualClock
    contents: dict[str, bytes] = field(default_factory=dict)
    recorded: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    renames: list[tuple[str, str, str]] = field(default_factory=list)

    def do(self, act: Act) -> None:
        self.clock.advance(1)
        getattr(self, f"_{act.verb}")(act.one, act.other)

    def _write(self, one: int, other: int) -> None:
        folder, name = FOLDERS[one % len(FOLDERS)], NAMES[other % len(NAMES)]
        path = f"{folder}/{name}" if folder else name
        if path in self.contents:
            return
        self.contents[path] = b"" if one % 7 == 0 else f"{path} {one} {other}".encode()
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(self.contents[path])

    def _create(self, one: int, other: int) -> None:
        scopes = sorted({"", *(folder for folder in FOLDERS if (self.root / folder).is_dir())})
        scope = scopes[one % len(scopes)]
        inside = {path for path in self.contents if not scope or path.startswith(f"{scope}/")}
        if not inside - self.gone:
            return
        first, second = FORMATS[other % 6], FORMATS[one % 6]
        formats = () if other % 5 == 0 else tuple(dict.fromkeys((first, second)))
        done = create(self.root / scope, Order(formats), read_plainly, self.clock)
        expected = MISMATCH if inside & self.damaged else MISSING if inside & self.gone else 0
        assert done.exit_code == expected, (scope, done.troubles, self.damaged)
        self.recorded |= inside

    def _append(self, one: int, other: int) -> None:
        late = sorted(self.contents.keys() - self.recorded)
        if not late or not has_history(self.root):
            return
        path = late[one % len(late)]
        done = create(self.root, Order(only=(self.root / path,)), read_plainly, self.clock)
        assert (done.added, done.exit_code) == (1, 0)
        self.recorded.add(path)

    def _damage(self, one: int, other: int) -> None:
        there = sorted(self.recorded - self.gone)
        if there:
            path = there[one % len(there)]
            self.damaged.add(path)
            (self.root / path).write_bytes(self.contents[path] + b"!")

    def _remove(self, one: int, other: int) -> None:
        there = sorted(self.recorded - self.gone - self.damaged)
        if there:
            path = there[one % len(there)]
            self.gone.add(path)
            (self.root / path).unlink()

    def _repair(self, one: int, other: int) -> None:
        for path in sorted(self.damaged | self.gone):
            (self.root / path).write_bytes(self.contents[path])
        self.damaged.clear()
        self.gone.clear()

    def _rename(self, one: int, other: int) -> None:
        """A file, or a folder with everything in it, in its own folder."""
        there = sorted({*self.recorded, *(parent_of(path) for path in self.recorded)} - {""})
        if not there:
            return
        old = there[one % len(there)]
        if any(in_folder(path, old, itself=True) for path in self.gone):
            return  # it is refused, which has tests of its own
        new = joined(parent_of(old), f"{len(self.renames)} & {NAMES[other % len(NAMES)]}")
        try:
            plan = planned(self.root / old, self.root / new)
        except ManifestError:
            return  # a history that is not below another one, renamed as a whole
        scope = plan.top.relative_to(self.root).as_posix().removeprefix(".")
        wrong = {path for path in self.recorded & self.damaged if in_folder(path, old, itself=True)}
        try:
            done = rename_recorded(plan, read_plainly, self.clock, move_plainly)
        except RefusedError:
            assert not any(in_folder(path, old, itself=True) for path in self.on_record(scope))
            return
        assert (done.generation is None) == bool(wrong)
        if wrong:
            return

        def now(path: str) -> str:
            return new + path[len(old) :] if in_folder(path, old, itself=True) else path

        self.renames = [(now(each), now(before), now(after)) for each, before, after in self.renames]
        self.renames.append((scope, old, new))
        self.contents = {now(path): text for path, text in self.contents.items()}
        self.recorded = {now(path) for path in self.recorded}
        self.damaged = {now(path) for path in self.damaged}

    def _verify(self, one: int, other: int) -> None:
        if has_history(self.root):
            self.judge(verify_history(self.root, read_plainly, self.clock, append=True))

    def judge(self, done: Verification) -> None:
        """What a verification found is what was done."""
        on_record = load_history(self.root, self.scopes()).all_known()
        assert done.failed == len(self.damaged & on_record.keys()), done.troubles
        assert done.verified == len(on_record.keys() - self.damaged - self.gone), done.troubles
        assert done.new == len(self.contents.keys() - on_record.keys())
        assert done.missing == len(self.gone & on_record.keys())

    def on_record(self, scope: str) -> set[str]:
        """The files that the history at a scope and those nested in it know, by path relative to the day."""
        return set(self.known(scope))

    def known(self, scope: str) -> dict[str, Known]:
        """What they know of them."""
        inside = [each[len(scope) :].lstrip("/") for each in self.scopes() if in_folder(each, scope, itself=True)]
        known = load_history(self.root / scope, inside).all_known()
        return {joined(scope, path): each for path, each in known.items()}

    def scopes(self) -> list[str]:
        return list_tree(self.root, IgnoreRules(DEFAULT_PATTERNS)).histories

    def judge_digests(self) -> None:
        """What is on record is what everybody else's programs say of what the files should hold."""
        for path, known in load_history(self.root, self.scopes()).all_known().items():
            for form in (HashFormat.MD5, HashFormat.SHA1):
                if form in known.digests:
                    plain = hashlib.new(form.value, self.contents[path], usedforsecurity=False)
                    assert known.digests[form] == plain.hexdigest()
