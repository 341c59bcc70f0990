"""What every log must do with files, reports and cards of other departments: part of conformance.py."""

from __future__ import annotations

import dataclasses

import pytest

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.claim import Claim, ClaimSource
from onset.domain.sound import SoundFile
from onset.errors import RefusedError
from onset.logbook.terms import Event
from tests.logging_db.originals import a_card, a_claim, a_clip, a_day, a_sound, brought
from tests.logging_db.support import OnSet


class FilesOfOthers:
    """Originals of cards and folders: each once, and as they are."""

    def test_file_comes_back_as_it_was_brought_in(self, on_set: OnSet) -> None:
        card = on_set.log.record_card(a_card())
        clip = a_clip(card=card.id, fps="24000/1001", created_ns=1, named_scene="42C", named_take="1")
        sound = a_sound(wild=False, note="plane", family="F1", pre_record=240_000, interrupted=True)
        assert on_set.log.bring_in([clip, sound]) == (2, 0)
        found = on_set.log.media(day=1)
        assert [dataclasses.replace(one, id="") for one in found] == [sound, clip]  # in order of name
        assert on_set.log.media(day=2) == []
        assert on_set.log.media() == found
        assert on_set.log.takes() == []

    def test_unknown_is_not_no(self, on_set: OnSet) -> None:
        on_set.log.bring_in([a_sound(1, circled=None), a_sound(2, circled=False), a_sound(3, circled=True)])
        assert [one.circled for one in on_set.log.media() if isinstance(one, SoundFile)] == [None, False, True]

    def test_same_file_again_is_no_second_one(self, on_set: OnSet) -> None:
        files: list[Clip | SoundFile] = [a_clip(1), a_clip(2), a_sound(1), a_sound(2, digest=None)]
        assert on_set.log.bring_in(files) == (4, 0)
        before = on_set.log.arrival()
        assert on_set.log.bring_in(files) == (0, 4)
        assert on_set.log.arrival() == before  # no edit either
        assert on_set.log.bring_in([]) == (0, 0)
        assert on_set.log.bring_in([a_clip(1, path="/media/RAID/A014/C001.mov")]) == (0, 1)
        (clip,) = [one for one in on_set.log.media() if one.path.startswith("/media/RAID")]
        assert (clip.digest, clip.source) == (a_clip(1).digest, Source.CARD)

    def test_two_files_of_one_name_are_two(self, on_set: OnSet) -> None:
        one, other = a_clip(1, name="C0001.MP4"), a_clip(2, name="C0001.MP4")
        assert on_set.log.bring_in([one, other]) == (2, 0)
        assert on_set.log.bring_in([other, one]) == (0, 2)

    def test_stick_that_is_used_again_brings_other_files(self, on_set: OnSet) -> None:
        """The same path and another day: yesterday's file stays what it was."""
        first = a_clip(1, path="/media/USB/C0001.MP4", digest=None, source=Source.FOLDER)
        today = dataclasses.replace(first, day=2, size=77, tc_in="11:00:00:00")
        assert on_set.log.bring_in([first]) == (1, 0)
        assert on_set.log.bring_in([today]) == (1, 0)
        assert on_set.log.bring_in([today]) == (0, 1)
        assert [(one.day, one.tc_in) for one in on_set.log.media()] == [(1, "10:00:00:00"), (2, "11:00:00:00")]

    def test_folder_brought_in_for_the_wrong_day_is_put_right(self, on_set: OnSet) -> None:
        on_set.log.bring_in([a_sound(1, day=2)])
        assert on_set.log.bring_in([a_sound(1, day=1)]) == (0, 1)
        assert [one.day for one in on_set.log.media()] == [1]

    def test_card_that_comes_back_next_day_leaves_its_clips_on_theirs(self, on_set: OnSet) -> None:
        first = on_set.log.record_card(a_card(day=1))
        on_set.log.bring_in([a_clip(1, card=first.id)])
        back = on_set.log.record_card(a_card(day=2, fingerprint="xxh128:0b", supersedes=first.id))
        assert on_set.log.bring_in([a_clip(1, card=back.id, day=2), a_clip(2, card=back.id, day=2)]) == (1, 1)
        assert [(one.name[:8], one.day, one.card) for one in on_set.log.media()] == [
            ("A014C001", 1, back.id),
            ("A014C002", 2, back.id),
        ]

    def test_card_that_was_given_the_wrong_day_takes_its_clips_along(self, on_set: OnSet) -> None:
        card = on_set.log.record_card(a_card(day=2))
        on_set.log.bring_in([a_clip(1, card=card.id, day=2)])
        assert on_set.log.record_card(a_card(day=1)).day == 1
        on_set.log.bring_in([a_clip(1, card=card.id, day=1)])
        assert [one.day for one in on_set.log.media()] == [1]
        assert on_set.log.record_card(a_card()).day == 1  # nobody says another

    def test_card_that_the_log_does_not_know_is_named(self, on_set: OnSet) -> None:
        for stranger in ("0" * 32, "A014", ""):
            with pytest.raises(RefusedError, match="no card with the id"):
                on_set.log.bring_in([a_clip(1, card=stranger)])
            with pytest.raises(RefusedError, match="no card with the id"):
                on_set.log.record_card(a_card(supersedes=stranger))
        assert (on_set.log.media(), on_set.log.cards()) == ([], [])

    def test_copy_brought_in_from_a_folder_is_still_of_its_card(self, on_set: OnSet) -> None:
        card = on_set.log.record_card(a_card())
        on_set.log.bring_in([a_clip(1, card=card.id)])
        on_set.log.bring_in([a_clip(1, source=Source.FOLDER, path="/media/RAID/C001.mov")])
        (clip,) = on_set.log.media()
        assert (clip.card, clip.source, clip.path) == (card.id, Source.CARD, "/media/RAID/C001.mov")

    def test_readable_file_takes_the_place_of_the_one_that_could_not_be_read(self, on_set: OnSet) -> None:
        first = on_set.log.record_card(a_card())
        take = a_day(on_set, 1)[0]
        broken = a_clip(7, card=first.id, digest=None, duration_frames=None, tc_in=None, unreadable="I/O error")
        (clip_id,) = brought(on_set, broken)
        on_set.log.decide_link(take.id, clip_id, LinkState.CONFIRMED)
        second = on_set.log.record_card(a_card(fingerprint="xxh128:0b"))
        assert on_set.log.bring_in([a_clip(7, card=second.id)]) == (0, 1)
        (clip,) = on_set.log.media()
        assert (clip.id, clip.unreadable, clip.card) == (clip_id, "", second.id)
        assert clip.duration_frames == 250
        assert on_set.log.find_take("last").angles[0].clips[0].unreadable == ""

    def test_file_that_cannot_be_read_twice_is_one(self, on_set: OnSet) -> None:
        broken = a_clip(7, digest=None, duration_frames=None, tc_in=None, unreadable="I/O error")
        for fingerprint in ("xxh128:0a", "xxh128:0b"):
            card = on_set.log.record_card(a_card(fingerprint=fingerprint))
            on_set.log.bring_in([dataclasses.replace(broken, card=card.id)])
        assert [one.card for one in on_set.log.media()] == [card.id]

    def test_other_card_of_that_label_does_not_stand_for_an_unreadable_file(self, on_set: OnSet) -> None:
        """Every camera begins a formatted card with C0001: yesterday's unreadable one stays unreadable."""
        first = on_set.log.record_card(a_card())
        plain = a_clip(1, name="C0001.MP4", path="/media/SHUTTLE/day1/C0001.MP4")
        on_set.log.bring_in([dataclasses.replace(plain, card=first.id, digest=None, size=500, unreadable="I/O error")])
        second = on_set.log.record_card(a_card(fingerprint="xxh128:0b"))
        other = dataclasses.replace(plain, card=second.id, day=2, path="/media/SHUTTLE/day2/C0001.MP4")
        assert on_set.log.bring_in([other]) == (1, 0)
        assert [one.unreadable for one in on_set.log.media()] == ["I/O error", ""]

    def test_clip_that_was_copied_before_is_not_lost_when_the_card_fails(self, on_set: OnSet) -> None:
        card = on_set.log.record_card(a_card())
        on_set.log.bring_in([a_clip(7, card=card.id)])
        failed = a_clip(7, card=card.id, digest=None, duration_frames=None, unreadable="I/O error")
        assert on_set.log.bring_in([failed]) == (0, 1)
        (clip,) = on_set.log.media()
        assert (clip.unreadable, clip.duration_frames) == ("", 250)

    def test_folder_of_our_own_recorders_brings_nothing_in(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        ours = Clip(
            id="", name="42C-1_A.mov", path="media/day01/42C-1_A.mov", camera="A", tc_in=None, tc_source=None,
            rate="25", duration_frames=10,
        )  # fmt: skip
        on_set.log.clip_opened(take.id, ours)
        found = dataclasses.replace(ours, source=Source.FOLDER, camera="B", day=1, digest="xxh128:0123456789")
        assert on_set.log.bring_in([found]) == (0, 1)
        assert on_set.log.media() == []
        assert [clip.camera for angle in on_set.log.find_take("last").angles for clip in angle.clips] == ["A"]

    @pytest.mark.parametrize(
        ("bad", "said"),
        [
            (a_clip(duration_frames=-1), "at least 0"),
            (a_clip(duration_frames=2**50), "at most"),
            (a_clip(rate="26"), "26"),
            (a_clip(tc_in="25:00:00:00"), "25:00:00:00"),
            (a_clip(size=-1), "size"),
            (a_clip(size=2**70), "too large"),
            (a_clip(day=0), "at least 1"),
            (a_clip(name="A014\udcff.mov"), "not text"),
            (a_clip(name=" "), "a name and a path"),
            (a_clip(name="x" * 30_000), "longer than"),
            (a_clip(digest="rm -rf /"), "no digest"),
            (a_clip(fps="0/1"), "frames a second"),
            (a_clip(fps="a lot"), "frames a second"),
            (dataclasses.replace(a_clip(), number=-3), "number"),
            (a_clip(source=Source.RECORDER), "our own recorders"),
            (a_clip(unit="Third"), "no unit"),
            (a_sound(samples=-1), "samples"),
            (a_sound(sample_rate=0), "sample_rate"),
            (a_sound(tracks=("x" * 30_000,)), "longer than"),
        ],
    )
    def test_file_that_cannot_be_is_refused_with_all_of_its_batch(
        self, on_set: OnSet, bad: Clip | SoundFile, said: str
    ) -> None:
        before = on_set.log.arrival()
        with pytest.raises(RefusedError) as refused:
            on_set.log.bring_in([a_clip(1), bad, a_sound(2)])
        assert said in str(refused.value)
        assert "\n" not in str(refused.value)
        assert "\udcff" not in str(refused.value)
        assert (on_set.log.media(), on_set.log.arrival()) == ([], before)


class ClaimsAndExplanations:
    """Rows of reports as they were written; explanations by the person who typed them."""

    def test_rows_come_back_as_they_were_written(self, on_set: OnSet) -> None:
        rows = [a_claim(1), a_claim(2, mos=False, wild=True), a_claim(3, circled=None, tc_in=None, note="")]
        assert on_set.log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, rows[::-1]) == 3
        assert [dataclasses.replace(one, id="") for one in on_set.log.claims(day=1)] == rows
        assert on_set.log.claims(day=2) == []
        assert on_set.log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, rows) == 0

    def test_report_that_comes_again_replaces_its_own_rows_only(self, on_set: OnSet) -> None:
        log = on_set.log
        log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, [a_claim(n) for n in (1, 2, 3)])
        log.take_claims(ClaimSource.CAMERA, "day1.csv", "Main", 1, [a_claim(1, device="A", source=ClaimSource.CAMERA)])
        log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 2, [a_claim(1, day=2)])
        assert log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, [a_claim(1), a_claim(2, take="7")]) == 1
        assert [(one.source, one.row, one.take) for one in log.claims(day=1)] == [
            (ClaimSource.CAMERA, 1, "1"),
            (ClaimSource.SOUND, 1, "1"),
            (ClaimSource.SOUND, 2, "7"),
        ]
        assert len(log.claims()) == 4
        assert log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, [a_claim(3)]) == 1  # it gave way and is back
        assert [one.row for one in log.claims(day=1) if one.source is ClaimSource.SOUND] == [3]

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ([a_claim(1), a_claim(1)], "row 1 twice"),
            ([a_claim(1), a_claim(2, duration_frames=-4)], "Row 2 of day1.csv"),
            ([a_claim(0)], "at least 1"),
            ([a_claim(1, note="\x00")], "not text"),
        ],
    )
    def test_row_that_cannot_be_is_refused_with_its_report(self, on_set: OnSet, rows: list[Claim], said: str) -> None:
        before = on_set.log.arrival()
        with pytest.raises(RefusedError, match=said):
            on_set.log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, rows)
        assert on_set.log.arrival() == before

    def test_slate_and_take_of_a_report_are_words_and_no_take_of_the_log(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        on_set.log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, [a_claim(1, take=take.id)])
        assert [line for line in on_set.log.history(take.id) if line.entity == "claim"] == []

    def test_explanation_is_kept_with_who_typed_it_and_taken_back(self, on_set: OnSet) -> None:
        log = on_set.log
        made = log.explain("clip:42C/3:A", "camera B only", unit="Main", day=1)
        assert (made.key, made.text, made.day, made.wall_ns) == (
            "clip:42C/3:A",
            "camera B only",
            1,
            log._clock.wall_ns(),
        )
        assert log.explanations(day=1) == [made]
        assert log.explanations(day=2) == []
        changed = log.explain("clip:42C/3:A", "A broke down", unit="Main", day=1)
        assert (changed.id, changed.text) == (made.id, "A broke down")
        before = log.arrival()
        log.explain("clip:42C/3:A", "A broke down", unit="Main", day=1)
        assert log.arrival() == before
        assert log.explain("clip:42C/3:A", " ", unit="Main", day=1).text == ""
        assert log.explanations() == []
        assert log.explain("nothing", "", unit="Main", day=1).text == ""
        with pytest.raises(RefusedError, match="no unit"):
            log.explain("k", "t", unit="Third", day=1)


class CardsAndAlarms:
    """A card stays what a person said of it, as long as its fingerprint is the same."""

    def test_cleared_card_stays_cleared_when_it_is_offloaded_again(self, on_set: OnSet) -> None:
        log = on_set.log
        a_day(on_set, 1)
        card = log.record_card(a_card(reel="A014R1AB", clips=7))
        assert (card.unit, card.day, card.camera, card.reel, card.clips) == ("Main", 1, "A", "A014R1AB", 7)
        cleared = log.clear_card(card.id, by=" Kim ", note="checked by eye")
        assert (cleared.cleared_by, cleared.cleared_note) == ("Kim", "checked by eye")
        assert cleared.cleared_ns == on_set.clock.wall_ns()
        again = log.record_card(a_card(verdict="safe", wall_ns=9))
        assert (again.cleared_by, again.wall_ns, again.reel) == ("Kim", 9, "A014R1AB")
        other = log.record_card(a_card(fingerprint="xxh128:0b", supersedes=card.id))
        assert (other.cleared_by, other.cleared_ns, other.supersedes) == ("", None, card.id)
        back = log.clear_card(card.id, by="Kim", cleared=False)
        assert (back.cleared_by, back.cleared_ns, back.cleared_note) == ("", None, "")

    def test_nobody_clears_a_card_and_no_card_is_cleared_without_its_id(self, on_set: OnSet) -> None:
        card = on_set.log.record_card(a_card())
        assert card.day is None  # the log has no day yet
        with pytest.raises(RefusedError, match="Say who clears A014"):
            on_set.log.clear_card(card.id, by="  ")
        with pytest.raises(RefusedError, match="no card"):
            on_set.log.clear_card("0" * 32, by="Kim")
        with pytest.raises(RefusedError, match="not text"):
            on_set.log.clear_card(card.id, by="Kim\x00")
        assert on_set.log.cards()[0].cleared_by == ""

    def test_alarm_is_told_from_an_event(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        what = "A014C007 unreadable: 42C/1 circled; B is safe"
        on_set.log.event(Event(wall_ns=1, device="A", what="gap", detail=""))
        on_set.log.event(Event(wall_ns=2, device="A", what=what, detail="", take_id=take.id, alarm=True))
        assert [(one.what, one.alarm) for one in on_set.log.events()] == [(what, True), ("gap", False)]
