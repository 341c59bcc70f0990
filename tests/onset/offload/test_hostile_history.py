"""A card whose ASC MHL history was made to hurt: its files are copied and proved, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.errors import ManifestError
from onset.mhl.check import verify_history
from onset.mhl.hashes import HashFormat, new_hasher
from onset.mhl.tree import CHAIN
from tests.onset.mhl.samples import read_plainly
from tests.onset.offload.cards import contents, make_targets, offload

CLIP = "CLIPS/A001C001.mov"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
ESCAPES = {"../outside/secret": "a path out of the card", "/etc/passwd": "an absolute path"}
DOCTYPES = {
    "a path by an entity": (f">{CLIP}<", ">&secret;<"),
    "a file by an entity": (
        "<hashlist",
        '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>\n<hashlist comment="&secret;"',
    ),
    "entities of entities": ("<hashlist", f'<!DOCTYPE x [{LAUGHS}]>\n<hashlist comment="&l9;"'),
}


@pytest.fixture
def with_history(card: Path, tmp_path: Path) -> Path:
    """A card that an earlier offload gave a history."""
    folder = tmp_path / "earlier"
    folder.mkdir()
    offload(card, [folder], tmp_path / "elsewhere")
    return folder / "A001"


def spoil(card: Path, old: str, new: str) -> None:
    """Change the manifest, and the chain so that it vouches for that."""
    (manifest,) = (card / "ascmhl").glob("*.mhl")
    chain = card / "ascmhl" / CHAIN
    before, after = manifest.read_bytes(), manifest.read_bytes().replace(old.encode(), new.encode())
    assert before != after
    manifest.write_bytes(after)
    chain.write_text(chain.read_text().replace(_c4(before), _c4(after)))


def _c4(data: bytes) -> str:
    running = new_hasher(HashFormat.C4)
    running.update(data)
    return running.spell()


@pytest.mark.parametrize("path", ESCAPES, ids=ESCAPES.values())
def test_path_of_a_history_leads_out_of_the_card(path: str, with_history: Path, tmp_path: Path, state: Path) -> None:
    spoil(with_history, f">{CLIP}<", f">{path}<")
    spy = tmp_path / "outside" / "secret"
    spy.parent.mkdir()
    spy.write_bytes(b"not on the card")
    read: list[Path] = []

    def reading(path: Path, take: object) -> int:
        read.append(path.resolve())
        return read_plainly(path, take)  # type: ignore[arg-type]  # passed on as it came

    checked = verify_history(with_history, reading, SystemClock(), append=False)
    assert checked.exit_code != 0
    assert all(each.is_relative_to(with_history) for each in read)
    (target,) = make_targets(tmp_path, 1)
    outcome = offload(with_history, [target], state)
    assert outcome.targets[0].verified == outcome.files
    assert contents(target / "A001") == contents(with_history)
    assert (outcome.exit_code, outcome.verdict) == (10, "not safe")
    assert path in " ".join(f"{problem.path} {problem.what}" for problem in outcome.problems)
    assert [each.name for each in spy.parent.iterdir()] == ["secret"]


@pytest.mark.parametrize("what", DOCTYPES)
def test_document_type_of_a_history_is_obeyed(what: str, with_history: Path, tmp_path: Path, state: Path) -> None:
    spoil(with_history, *DOCTYPES[what])
    with pytest.raises(ManifestError) as refused:
        verify_history(with_history, read_plainly, SystemClock(), append=False)
    (target,) = make_targets(tmp_path, 1)
    outcome = offload(with_history, [target], state)
    assert outcome.targets[0].verified == outcome.files
    assert contents(target / "A001") == contents(with_history)
    assert (outcome.exit_code, outcome.verdict) == (11, "not safe")
    told = " ".join(f"{problem.path} {problem.what}" for problem in outcome.problems)
    assert "history cannot be carried on" in told
    for text in (told, str(refused.value)):
        assert "root:" not in text
        assert "haha" not in text


def test_clip_that_the_cards_history_lists_is_gone_unsaid(with_history: Path, tmp_path: Path, state: Path) -> None:
    """A disk from another place: what its history tells of has to be there."""
    (with_history / CLIP).unlink()
    (target,) = make_targets(tmp_path, 1)
    outcome = offload(with_history, [target], state)
    assert (outcome.exit_code, outcome.verdict) == (10, "not safe")
    assert [(problem.path, "not on the card" in problem.what) for problem in outcome.problems] == [(CLIP, True)]
    assert contents(target / "A001") == contents(with_history)
