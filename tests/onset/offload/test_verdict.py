"""The verdict says "safe" only when everything that can be proven was; each gap is a reason in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from onset.mhl.tree import FileEntry, Kind, Tree
from onset.offload.card import Card
from onset.offload.disks import Mount
from onset.offload.outcome import Gravity, Problem, TargetOutcome
from onset.offload.readback import Method
from onset.offload.verdict import Copied, Verdict, judge_card

TREE = Tree({"a": FileEntry("a", 1, 0, 1)}, {})
CARD = Card(Path("/media/A001"), "A001", TREE, "f", frozenset({"sdc"}), None)


def copy_on(under: str, **changes: object) -> TargetOutcome:
    good = TargetOutcome(
        f"/media/{under}/A001",
        None,
        1,
        0,
        Method.DIRECT,
        "m.mhl",
        1,
        None,
        frozenset({under} if under else ()),
        None,
        0,
    )
    return replace(good, **changes)  # type: ignore[arg-type]  # a test's own keywords


def judged(
    *targets: TargetOutcome,
    card: Card = CARD,
    problems: tuple[Problem, ...] = (),
    checked: bool = True,
    earlier: tuple[str, ...] = (),
    away: tuple[str, ...] = (),
) -> Verdict:
    return judge_card(
        card,
        targets,
        problems,
        copies=2,
        source_checked=checked,
        system=frozenset({"nvme0n1"}),
        earlier=[(Copied.of(copy_on(under)), "2026-03-05 14:32") for under in earlier],
        away=away,
    )


def test_two_good_copies_are_not_enough() -> None:
    assert judged(copy_on("sda"), copy_on("sdb")) == Verdict("safe", (), ())


def test_copies_are_counted_by_targets_not_by_media() -> None:
    once = judged(copy_on("sda"), copy_on("sda"))
    assert once.word == "not safe"
    assert once.reasons == ("there is 1 complete copy on a medium of its own, 2 are wanted",)
    assert "shares its disk" in once.warnings[0]


def test_copy_of_an_earlier_run_is_forgotten() -> None:
    verdict = judged(copy_on("sda"), earlier=("sdb",))
    assert verdict == Verdict("safe", (), ("/media/sdb/A001 counts as it was read back 2026-03-05 14:32, not now",))
    assert judged(copy_on("sda"), earlier=("sda",)).word == "not safe", "on the same disk it is no second one"
    assert judged(copy_on("sda", verified=0, failed=1), earlier=("sdb", "sdd")).word == "not safe"
    assert judged(copy_on("sda"), copy_on("sdb"), earlier=("sdd",)).warnings == (), "where it is not needed"
    away = judged(copy_on("sda"), away=("/media/sdb/A001",))
    assert away.word == "not safe"
    assert "/media/sdb/A001 is not connected" in away.reasons[1]


def test_raid_that_shares_one_disk_counts_as_its_own() -> None:
    both = frozenset({"sda", "sdb"})
    assert judged(copy_on("raid", disks=both), copy_on("sda")).word == "not safe"
    assert judged(copy_on("raid", disks=both), copy_on("sdd")).word == "safe"


def test_system_disk_is_silently_trusted() -> None:
    verdict = judged(copy_on("nvme0n1"), copy_on("sda"))
    assert verdict.word == "safe"
    assert "system disk" in verdict.warnings[0]


@pytest.mark.parametrize("target", [copy_on("sdc"), copy_on("", on_card=True)])
def test_cards_own_disk_counts(target: TargetOutcome) -> None:
    verdict = judged(target, copy_on("sda"))
    assert verdict.word == "not safe"
    assert any("card's own disk" in reason for reason in verdict.reasons)


def test_unknown_hardware_counts_twice() -> None:
    assert judged(copy_on(""), copy_on("")).word == "not safe"
    assert judged(copy_on(""), copy_on("sda")).word == "safe"
    assert judged(copy_on("", disk="LTO"), copy_on("", disk="NAS")).word == "safe"
    assert judged(copy_on("", disk="NAS"), copy_on("", disk="NAS")).word == "not safe"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"verified": 0, "failed": 1}, "holds 0 of 1 files"),
        ({"lost": "it is full"}, "given up: it is full"),
        ({"manifest": None}, "no manifest"),
        ({"read_back": Method.CACHE}, "cache"),
    ],
)
def test_incomplete_copy_counts(changes: dict[str, object], reason: str) -> None:
    verdict = judged(copy_on("sda"), copy_on("sdb", **changes))
    assert verdict.word == "not safe"
    assert any(reason in each for each in verdict.reasons)


def test_weak_evidence_is_forgotten() -> None:
    assert any("second time" in reason for reason in judged(copy_on("sda"), copy_on("sdb"), checked=False).reasons)
    changed = Problem("a", None, "was changed on the card during the offload", Gravity.INCOMPLETE)
    assert judged(copy_on("sda"), copy_on("sdb"), problems=(changed,)).reasons == (f"a: {changed.what}",)
    card = replace(CARD, tree=Tree(TREE.files, {}, [], {"link": Kind.LINK}))
    link = Problem("link", None, "is a symbolic link, which was not copied", Gravity.NOTICE)
    assert judged(copy_on("sda"), copy_on("sdb"), card=card, problems=(link,)).word == "not safe"


def test_card_that_could_be_written_to_is_not_mentioned() -> None:
    card = replace(CARD, mount=Mount("/media/A001", "exfat", "/dev/sdc1", False, 1))
    verdict = judged(copy_on("sda"), copy_on("sdb"), card=card)
    assert verdict.word == "safe"
    assert "read-write" in verdict.warnings[0]


def test_a_thousand_reasons_fill_the_screen() -> None:
    problems = tuple(Problem(f"f{n}", None, "cannot be read", Gravity.INCOMPLETE) for n in range(1000))
    verdict = judged(copy_on("sda"), copy_on("sdb"), problems=problems)
    assert verdict.reasons == ("f0 (and 999 more): cannot be read",)


def test_second_read_out_of_the_cache_counts() -> None:
    verdict = judge_card(
        CARD,
        (copy_on("sda"), copy_on("sdb")),
        (),
        copies=2,
        source_checked=False,
        source_method=Method.CACHE,
        system=frozenset(),
    )
    assert (verdict.word, len(verdict.reasons)) == ("not safe", 1)
    assert "through the cache" in verdict.reasons[0]


def test_declared_name_makes_two_disks_of_one() -> None:
    """A declaration is for hardware that cannot be told apart; what the system knows stands."""
    assert judged(copy_on("loop0", disk="shuttle"), copy_on("loop0", disk="raid")).word == "not safe"
    assert judged(copy_on("sda", disk="same"), copy_on("sdb", disk="same")).word == "safe"
    one_file_system = judged(copy_on("", disk="shuttle", device=7), copy_on("", disk="raid", device=7))
    assert one_file_system.word == "not safe"
    system = judged(copy_on("nvme0n1", disk="shuttle"), copy_on("sda"))
    assert "system disk" in system.warnings[0]
