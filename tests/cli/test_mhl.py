"""`onset mhl` as a person or a program calls it: what is printed, JSON and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from onset.cli.main import main
from tests.onset.mhl.samples import assert_valid

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    root = tmp_path / "A001"
    (root / "Clips").mkdir(parents=True)
    (root / "Clips" / "a.mov").write_bytes(b"aaaa")
    (root / "b.txt").write_bytes(b"b")
    return root


def mhl(capsys: Captured, verb: str, *arguments: str | Path) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main(["mhl", verb, "--json", *map(str, arguments)])
    shown = capsys.readouterr()
    assert shown.err == ""
    return code, json.loads(shown.out)


def refused(capsys: Captured, *arguments: str | Path) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["mhl", *map(str, arguments)])
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert "Traceback" not in shown.err
    return code, shown.err


def test_json_of_a_creation_lacks_what_was_made(card: Path, capsys: Captured) -> None:
    code, made = mhl(capsys, "create", card, "--hash", "xxh128, MD5", "--author", "Ada", "--email", "ada@unit.example")
    assert code == 0
    assert {key: made[key] for key in ("path", "added", "verified", "failed", "missing", "problems", "generation")} == {
        "path": str(card),
        "added": 2,
        "verified": 0,
        "failed": 0,
        "missing": 0,
        "problems": [],
        "generation": 1,
    }
    assert made["manifests"] == [str(path) for path in (card / "ascmhl").glob("0001_*")]
    assert made["hashes"] == ["md5", "xxh128"]
    assert_valid(card)


def test_litter_of_a_disk_is_taken_in(card: Path, capsys: Captured) -> None:
    (card / ".Spotlight-V100").mkdir()
    (card / ".Spotlight-V100" / "store").write_bytes(b"index")
    assert mhl(capsys, "create", card)[1]["added"] == 2
    (card / ".Spotlight-V100" / "store").write_bytes(b"another index")
    assert mhl(capsys, "create", card)[0] == 0
    assert mhl(capsys, "diff", card)[0] == 0


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("flip", 11, "1 failed"),
        ("remove", 20, "1 missing"),
        ("none", 0, "generation 2 written"),
    ],
)
def test_exit_code_of_a_creation_does_not_follow_what_it_found(
    fault: str, code: int, words: str, card: Path, capsys: Captured
) -> None:
    assert main(["mhl", "create", str(card)]) == 0
    if fault == "flip":
        (card / "b.txt").write_bytes(b"c")
    if fault == "remove":
        (card / "b.txt").unlink()
    assert main(["mhl", "create", str(card)]) == code
    assert words in capsys.readouterr().out


def test_diff_says_nothing_or_too_much(card: Path, capsys: Captured) -> None:
    main(["mhl", "create", str(card)])
    capsys.readouterr()
    assert main(["mhl", "diff", str(card)]) == 0
    assert capsys.readouterr().out == f"{card}: nothing missing, nothing new\n"
    (card / "b.txt").rename(card / "c.txt")
    code, found = mhl(capsys, "diff", card)
    assert (code, found["missing"], found["new"]) == (20, 1, 1)
    (card / "c.txt").rename(card / "b.txt")
    (card / "new.txt").write_bytes(b"n")
    assert mhl(capsys, "diff", card)[0] == 21


def test_verify_of_mhl_differs_from_verify(card: Path, capsys: Captured) -> None:
    main(["mhl", "create", str(card)])
    code, found = mhl(capsys, "verify", card, "--no-append")
    capsys.readouterr()
    assert (main(["verify", "--json", "--no-append", str(card)]), json.loads(capsys.readouterr().out)) == (code, found)


def test_info_leaves_out_who_made_it(card: Path, capsys: Captured) -> None:
    arguments = ["--author", "Ada", "--role", "DIT", "--location", "Stage 4", "--comment", "before the\tlunch"]
    assert main(["mhl", "create", str(card), *arguments]) == 0
    assert main(["mhl", "create", str(card.parent)]) == 0
    (card / "b.txt").write_bytes(b"c")
    assert main(["mhl", "create", str(card)]) == 11
    code, told = mhl(capsys, "info", card)
    assert code == 0
    generations = told["generations"]
    assert isinstance(generations, list)
    assert [(each["number"], each["files"], each["failed"], each["chain"]) for each in generations] == [
        (1, 2, 0, "intact"),
        (2, 2, 0, "intact"),
        (3, 2, 1, "intact"),
    ]
    assert generations[0]["authors"] == [{"name": "Ada", "email": None, "phone": None, "role": "DIT"}]
    capsys.readouterr()
    assert main(["mhl", "info", str(card)]) == 0
    shown = capsys.readouterr().out
    assert "in-place by Ada, onset " in shown
    assert " at Stage 4: 2 files, xxh128, chain intact\n       before the\\tlunch\n" in shown
    assert "1 failed" in shown
    assert main(["mhl", "info", str(card.parent)]) == 0
    assert f"{card}: 3 generations" in capsys.readouterr().out


def test_info_of_a_file_needs_one_way_of_naming_it(
    card: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["mhl", "create", str(card)])
    (card / "Clips" / "a.mov").write_bytes(b"bbbb")
    main(["mhl", "create", str(card)])
    monkeypatch.chdir(card)
    for given in ("Clips/a.mov", str(card / "Clips" / "a.mov"), "./Clips/a.mov"):
        code, told = mhl(capsys, "info", card, "--file", given)
        records = told["records"]
        assert isinstance(records, list)
        assert (code, [each["digests"][0]["action"] for each in records]) == (0, ["failed", "original"])
    (card / "Clips" / "a.mov").unlink()
    assert mhl(capsys, "info", card, "--file", "Clips/a.mov")[0] == 0
    code, said = refused(capsys, "info", card, "--file", "nowhere")
    assert code == 20
    assert "nowhere is on no record" in said


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["create", "{card}/nowhere"], 2, "nothing at"),
        (["create", "{card}/b.txt"], 2, "is a file"),
        (["create", "{card}", "--hash", "sha256"], 2, "ASC MHL has no sha256"),
        (["create", "{card}", "--email", "ada@unit.example"], 2, "belong to --author"),
        (["create", "{card}", "--author", "Ada", "--email", "ada"], 2, "is no address"),
        (["create", "{card}", "--author", "A\x1b[2J"], 2, "control characters"),
        (["create", "{card}", "--comment", "A\udcff"], 2, "control characters"),
        (["create", "{card}", "--ignore", "!"], 2, "is no pattern"),
        (["create", "{card}", "--ignore", ""], 2, "is no pattern"),
        (["create", "{card}", "--file", "{card}/nowhere.mov"], 20, "no file"),
        (["create", "{card}", "--file", "/etc/passwd"], 1, "does not lie in"),
        (["create", "{card}", "--legacy", "xxhash"], 2, "xxhash is not written; give xxhash64be, sha1, md5"),
        (["create", "{card}", "--legacy", ""], 2, "give xxhash64be"),
        (["create", "{card}", "--legacy", "md5", "--location", "Stage 4"], 2, "no place for --location"),
        (["diff", "{card}"], 30, "no ASC MHL history"),
        (["info", "{card}"], 30, "no ASC MHL history"),
        (["made", "{card}"], 2, 'There is no verb "made"'),
        (["creat", "{card}"], 2, 'did you mean "create"'),
    ],
)
def test_refusal_is_no_sentence(arguments: list[str], code: int, words: str, card: Path, capsys: Captured) -> None:
    given, said = refused(capsys, *(each.format(card=card) for each in arguments))
    assert given == code
    assert words in said
    assert not (card / "ascmhl").exists()


def test_rename_is_not_told(card: Path, capsys: Captured) -> None:
    main(["mhl", "create", str(card)])
    code, done = mhl(capsys, "rename", card / "Clips", card / "Camera", "--author", "Ada")
    assert (code, done["renamed"], done["generation"]) == (0, {"from": "Clips", "to": "Camera"}, 2)
    assert mhl(capsys, "verify", card, "--no-append")[0] == 0
    assert main(["mhl", "rename", str(card / "b.txt"), str(card / "c.txt")]) == 0
    assert "b.txt is called c.txt now" in capsys.readouterr().out
    (card / "c.txt").write_bytes(b"c")
    assert main(["mhl", "rename", str(card / "c.txt"), str(card / "d.txt")]) == 11
    assert "was not renamed" in capsys.readouterr().out
    code, said = refused(capsys, "rename", card / "c.txt", card / "Camera" / "a.mov")
    assert code == 1
    assert "is there already" in said


def test_rename_replaces_what_came_in_between(card: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    main(["mhl", "create", str(card)])
    monkeypatch.setattr("onset.mhl.rename._taken", lambda rename: False)
    (card / "c.txt").write_bytes(b"somebody else's")
    code, said = refused(capsys, "rename", card / "b.txt", card / "c.txt")
    assert code == 1
    assert "c.txt is there already" in said
    assert (card / "c.txt").read_bytes() == b"somebody else's"


def test_packing_list_cannot_be_verified(card: Path, tmp_path: Path, capsys: Captured) -> None:
    main(["mhl", "create", str(card)])
    code, made = mhl(capsys, "flatten", card, tmp_path / "post")
    assert (code, made["files"], made["left_out"]) == (0, 2, [])
    packing_list = str(made["manifest"])
    assert main(["verify", packing_list, "--root", str(card)]) == 0
    code, found = mhl(capsys, "verify", tmp_path / "post")
    assert (code, found["verified"], found["problems"]) == (0, 0, [])
    capsys.readouterr()
    assert main(["verify", packing_list]) == 10
    assert "--root DIR where they lie" in capsys.readouterr().err
    (card / "b.txt").write_bytes(b"c")
    code, found = mhl(capsys, "verify", packing_list, "--root", card)
    assert (code, found["failed"], found["verified"]) == (11, 1, 1)
    Path(packing_list).write_bytes(Path(packing_list).read_bytes().replace(b"b.txt", b"c.txt"))
    assert main(["verify", packing_list, "--root", str(card)]) == 31
    capsys.readouterr()
    for wrong in ([packing_list, "--root", packing_list], [str(card), "--root", str(card)]):
        code, said = refused(capsys, "verify", *wrong)
        assert code == 2
        assert "--root is the folder" in said


def test_legacy_list_is_not_what_was_asked_for(card: Path, capsys: Captured) -> None:
    code, made = mhl(capsys, "create", card, "--legacy", "MD5, xxhash64be", "--author", "Ada")
    assert (code, made["added"], made["hashes"], made["generation"]) == (0, 2, ["xxhash64be", "md5"], None)
    assert made["manifests"] == [str(path) for path in card.glob("A001_*.mhl")]
    assert not (card / "ascmhl").exists()
    assert mhl(capsys, "verify", card)[1]["verified"] == 2


def test_disk_that_refuses_a_list_is_not_named(card: Path, tmp_path: Path, capsys: Captured) -> None:
    main(["mhl", "create", str(card)])
    (tmp_path / "post").write_bytes(b"in the way")
    code, said = refused(capsys, "flatten", card, tmp_path / "post" / "lists")
    assert code == 1
    assert f"{tmp_path}/post/lists" in said
    assert "cannot be read or written (Not a directory)" in said
    assert "--debug" not in said
