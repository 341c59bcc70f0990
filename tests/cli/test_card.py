"""`onset card` as a person or a program calls it: the first sentence, JSON, exit codes, the act of clearing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.domain.camera import Clip, Source
from onset.domain.card import Card, Copy
from onset.offload.card import scan_card
from onset.offload.record import card_of
from tests.onset.offload.cards import make_card, make_targets, offload

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def production(tmp_path: Path, capsys: Captured) -> Path:
    folder = tmp_path / "Harbour"
    assert main(["new", str(folder), "--title", "Harbour Lights", "--rate", "24", "--slating", "us"]) == 0
    capsys.readouterr()
    return folder


def remember(production: Path, card: Card) -> Card:
    logbook = open_logbook(production, role="dit")
    try:
        return logbook.record_card(card)
    finally:
        logbook.close()


def a_card(tmp_path: Path, label: str = "A014", **more: object) -> Card:
    """A card that was copied well to two folders that are there."""
    copies = []
    for disk in ("SHUTTLE", "RAID"):
        folder = tmp_path / disk / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "clip").write_bytes(b"x")
        copies.append(Copy(path=str(folder), verified=1, failed=0, read_back="direct", manifest=str(folder)))
    card = Card(
        id="",
        label=label,
        fingerprint="ab" * 16,
        files=1,
        size=1,
        verdict="safe",
        reasons=(),
        wall_ns=1_780_056_000_000_000_000,
        copies=tuple(copies),
        day=1,
        camera="A",
        clips=0,
    )
    return replace(card, **more)  # type: ignore[arg-type]  # fields of a card by name


def card(production: Path, *words: str) -> int:
    return main(["-p", str(production), "card", *words])


def answer(production: Path, capsys: Captured, *words: str, code: int = 0) -> dict[str, object]:
    assert card(production, *words, "--json") == code
    shown = capsys.readouterr()
    assert shown.err == ""
    found = json.loads(shown.out)
    assert isinstance(found, dict)
    return found


def test_the_first_sentence_is_not_the_answer(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path))
    assert card(production, "A014") == 0
    first, *evidence = capsys.readouterr().out.splitlines()
    assert first == "A014 may be formatted: 2 complete copies, nobody has cleared it yet."
    assert any(line.strip().startswith("COPIES: safe as of") for line in evidence)
    assert any(line.strip().startswith("LOG: ") for line in evidence)
    assert "as of" in evidence[-1]


def test_json_is_not_what_was_promised(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path, verdict="not safe", reasons=("there is 1 of 2 copies",)))
    found = answer(production, capsys, "A014")
    assert {"card", "copies", "log", "verdict", "reasons", "as_of"} <= found.keys()
    assert (found["card"], found["verdict"]) == ("A014", "not safe")
    assert found["reasons"] == ["there is 1 of 2 copies"]
    answer(production, capsys, "A014", "--require-safe", code=1)


def test_a_wrong_label_is_answered_about_another_card(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path))
    assert card(production, "A041") == 1
    assert capsys.readouterr().err == 'onset: No card "A041" is in this log; did you mean A014?\n'
    assert card(production, "a_0014") == 0  # another spelling of the same


def test_an_empty_log_is_a_traceback(production: Path, capsys: Captured) -> None:
    assert card(production) == 0
    assert "No card is in this log yet" in capsys.readouterr().out
    assert answer(production, capsys) == {"cards": []}


def test_the_list_is_wider_than_a_terminal(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path, verdict="not safe", reasons=("a very long reason " * 20,)))
    remember(production, a_card(tmp_path, "B\x1b[31m007", fingerprint="cd" * 16))
    assert card(production) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(len(line) <= 80 and "\x1b" not in line for line in lines)
    assert any("NOT SAFE" in line for line in lines)


def test_two_cards_of_one_label_are_answered_as_one(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path))
    remember(production, a_card(tmp_path, fingerprint="cd" * 16))
    found = answer(production, capsys, "A014")["cards"]
    assert isinstance(found, list)
    assert len(found) == 2
    assert card(production, "A014", "--clear", "--by", "Maya") == 1
    assert "2 cards are called A014" in capsys.readouterr().err
    assert card(production, "cdcdcdcd", "--clear", "--by", "Maya") == 0
    capsys.readouterr()
    assert answer(production, capsys, "cdcdcdcd")["cleared_by"] == "Maya"
    assert answer(production, capsys, "abababab")["cleared_by"] is None


def test_the_yes_of_one_card_stands_first_for_two(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path))
    remember(production, a_card(tmp_path, fingerprint="cd" * 16, verdict="not safe", reasons=("one copy only",)))
    assert card(production, "A014") == 0
    assert capsys.readouterr().out.startswith("2 cards are called A014; ")
    assert card(production) == 0
    out = capsys.readouterr().out
    assert ("abababab" in out, "cdcdcdcd" in out) == (True, True), "which is which"
    assert card(production, "cdcdcdcd") == 0
    assert capsys.readouterr().out.startswith("Do NOT format A014: ")


def test_cleared_by_nobody(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path))
    for words in (["A014", "--clear"], ["--clear", "--by", "Maya"], ["A014", "--clear", "--by", " "]):
        assert card(production, *words) == 2
    assert card(production, "A014", "--by", "Maya") == 2
    capsys.readouterr()
    assert card(production, "A014", "--clear", "--by", "Maya") == 0
    assert "cleared by Maya" in capsys.readouterr().out.splitlines()[0]
    assert answer(production, capsys, "A014")["verdict"] == "cleared"
    assert card(production, "A014", "--not-cleared", "--by", "Noor") == 0
    capsys.readouterr()
    assert answer(production, capsys, "A014")["verdict"] == "safe"


def test_bad_copies_are_cleared_by_a_note(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path, verdict="not safe", reasons=("there is 1 of 2 copies",)))
    assert card(production, "A014", "--clear", "--by", "Maya", "--note", "I know") == 1
    assert "whatever the reason" in capsys.readouterr().err
    assert answer(production, capsys, "A014")["cleared_by"] is None


def test_a_take_without_a_clip_is_cleared_without_a_reason(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path))
    for words in (["next", "42C", "--camera", "A=on", "--roll", "A=A014"], ["roll"], ["cut"]):
        assert main(["-p", str(production), "log", *words]) == 0
    capsys.readouterr()
    assert card(production, "A014", "--clear", "--by", "Maya") == 1
    assert "42C/1 A has no clip on it" in capsys.readouterr().err
    assert card(production, "A014", "--clear", "--by", "Maya", "--note", "A was not loaded") == 0
    assert "1 explained by a person" in capsys.readouterr().out.splitlines()[0]


def test_a_copy_that_was_deleted_still_counts(production: Path, tmp_path: Path, capsys: Captured) -> None:
    remember(production, a_card(tmp_path))
    (tmp_path / "RAID" / "B001").mkdir()
    (tmp_path / "RAID" / "A014" / "clip").unlink()
    (tmp_path / "RAID" / "A014").rmdir()
    found = answer(production, capsys, "A014")
    assert found["verdict"] == "not safe"
    assert "is gone, though its disk is there" in str(found["reasons"])


def test_a_card_in_the_reader_is_taken_for_its_label(production: Path, tmp_path: Path, capsys: Captured) -> None:
    """A014 was offloaded; what is called A014 in the reader has a file more, or was never seen at all."""
    folder = make_card(tmp_path / "reader" / "A014")
    assert card(production, str(folder)) == 0
    assert capsys.readouterr().out.startswith("Do NOT format A014: what lies in ")
    remember(production, a_card(tmp_path, fingerprint=scan_card(folder).fingerprint, files=8))
    assert card(production, str(folder)) == 0
    assert capsys.readouterr().out.startswith("A014 may be formatted: ")
    (folder / "NEW").write_bytes(b"shot after the offload")
    assert card(production, str(folder), "--require-safe") == 1
    said = capsys.readouterr().out
    assert said.startswith("Do NOT format A014: it is not what was offloaded as A014 on ")
    assert "then it held 8 files, now 9" in said
    assert card(production, str(folder), "--clear", "--by", "Maya") == 1
    assert "Do NOT format A014" in capsys.readouterr().err
    found = answer(production, capsys, str(folder))
    assert (found["verdict"], found["copies"]) == ("not safe", None)


@pytest.mark.parametrize("folder", ["{tmp}/nowhere", ".", "/dev/null"])
def test_a_folder_that_is_no_card_is_a_traceback(
    folder: str, production: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert card(production, folder.format(tmp=tmp_path)) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_older_state_alone_is_safe_for_a_program(production: Path, tmp_path: Path, capsys: Captured) -> None:
    """Its clips were deleted from the card, or somebody names it by its fingerprint: only the newest state counts."""
    older = remember(production, a_card(tmp_path))
    remember(production, a_card(tmp_path, fingerprint="cd" * 16, supersedes=older.id))
    assert card(production, "A014", "--require-safe") == 0
    capsys.readouterr()
    assert card(production, "ab" * 16, "--require-safe") == 1
    assert capsys.readouterr().out.startswith("Do NOT format A014")


@pytest.mark.parametrize("spoil", ["deleted", "cut short"])
def test_a_clip_is_gone_from_a_copy_since(production: Path, tmp_path: Path, capsys: Captured, spoil: str) -> None:
    recorded = remember(production, a_card(tmp_path, clips=1))
    copies = [Path(copy.path) for copy in recorded.copies]
    for copy in copies:
        (copy / "A014C001.mov").write_bytes(b"picture")
    clip = Clip(
        id="", name="A014C001", path=str(copies[0] / "A014C001.mov"), camera="A", tc_in=None, tc_source=None, rate="24",
        duration_frames=24, source=Source.CARD, card=recorded.id, size=7, digest=f"xxh128:{1:032x}",
    )  # fmt: skip
    logbook = open_logbook(production, role="dit")
    try:
        logbook.bring_in([clip])
        logbook.explain(f"card:{recorded.id}:clip::{logbook.media()[0].id}:A", "a chart", unit="Main", day=1)
    finally:
        logbook.close()
    assert answer(production, capsys, "A014")["verdict"] == "safe"
    if spoil == "deleted":
        (copies[1] / "A014C001.mov").unlink()
    else:
        (copies[1] / "A014C001.mov").write_bytes(b"pict")
    found = answer(production, capsys, "A014")
    assert found["verdict"] == "not safe"
    assert found["reasons"] == [f"1 of 1 clip is gone from {copies[1]} or of another size now"]


def test_a_copy_that_was_verified_and_found_bad_is_called_safe(
    production: Path, tmp_path: Path, capsys: Captured
) -> None:
    """Not before it is made anew, or verified well."""
    source, targets = make_card(tmp_path / "A014", clip_bytes=2000), make_targets(tmp_path, 2)
    bad = targets[0] / "A014"
    clip, index = bad / "CLIPS" / "A001C002.mov", bad / "CLIPS" / "A001C001M01.xml"

    def copy_it() -> None:
        made = card_of(offload(source, targets, tmp_path / "state"))
        remember(production, replace(made, verdict="safe", reasons=(), day=1, clips=0))  # as if on disks of their own

    copy_it()
    assert card(production, "A014", "--clear", "--by", "Maya") == 0
    good = clip.read_bytes()
    clip.write_bytes(bytes(2000))
    index.unlink()
    assert main(["verify", str(bad)]) == 11
    capsys.readouterr()
    assert card(production, "A014", "--require-safe") == 1
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("Do NOT format A014: cleared by Maya ")
    told = rf"{bad}: 1 file failed and 1 file was gone when it was verified at \d\d:\d\d: A001C002.mov, A001C001M01.xml"
    assert re.search(told, first)
    assert "COPIES: NOT SAFE" in rest[0]
    below = " ".join(" ".join(rest).split())  # wherever the lines are broken: the path is long
    assert "1 of 2 copies complete" in below
    assert f"{bad}: 8 verified (read back: " in below
    assert "but 1 file failed and 1 file was gone" in below
    assert card(production, "A014", "--clear", "--by", "Maya", "--note", "one is enough") == 1
    assert "cannot be cleared, whatever the reason" in capsys.readouterr().err
    clip.unlink()
    copy_it()
    assert answer(production, capsys, "A014")["verdict"] == "cleared"
    for data, verdict in ((bytes(2000), "not safe"), (good, "cleared")):
        clip.write_bytes(data)
        main(["verify", str(bad)])
        capsys.readouterr()
        assert answer(production, capsys, "A014")["verdict"] == verdict
    (bad / "ascmhl" / "ascmhl_chain.xml").write_text("torn")
    assert "history cannot be trusted" in str(answer(production, capsys, "A014")["reasons"])
