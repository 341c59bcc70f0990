"""Which test proves which promise of the log: the scenarios of its acceptance, by number.

Durability 1-15, time and numbering 16-21, several seats 22-31 (27 and 28 are of a server and not yet of this program).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_TESTS = Path(__file__).parent

# What is promised, and the tests of it: file, colon, names.
SCENARIOS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "killed right after the acknowledgement, the take is there, 100 of 100 times",
        ("faults/test_log_kills.py: test_killed_right_after_each_acknowledged_take",),
    ),
    2: (
        "power cut after the acknowledgement, on ext4 and XFS; and a kill or a refusal at every change of a file",
        (
            "faults/test_power_cuts.py: test_power_cut_loses_no_acknowledged_edit test_cut_that_loses_edits_is_noticed",
            "faults/test_log_sweep.py: test_killed_at_every_change_of_a_file_while_a_take_is_logged "
            "test_killed_at_every_change_of_a_file_while_a_log_is_made test_refused_at_every_change_of_the_log",
        ),
    ),
    3: (
        "killed while a take rolls: told as interrupted, closed by a person, the next number right",
        (
            "cli/test_log_interrupted.py: test_take_of_a_killed_program_is_listed_as_interrupted_and_closed",
            "logging_db/conformance_interrupted.py: test_program_that_rolled_it_is_gone",
            "stories/test_tui_day.py: test_the_app_is_killed_while_rolling_and_shows_the_take_still_rolling",
        ),
    ),
    5: (
        "the disk is full: the reserve is released, the take goes in, and it is told how many more do",
        (
            "faults/test_log_disk.py: test_take_is_lost_though_there_is_a_reserve test_command_meets_a_full_disk",
            "logging_db/test_reserve.py: test_reserve_is_a_hole_or_takes_more_than_a_tenth",
        ),
    ),
    6: (
        "the disk stays full: the take is shown, stands in the second journal, and goes into the log later",
        ("faults/test_log_disk.py: test_take_is_lost_when_the_disk_stays_full",),
    ),
    7: (
        "the disk fails or dies: it is told so and not called damaged, and logging goes on on the second disk",
        (
            "faults/test_log_disk.py: test_command_on_a_failing_disk_loses_its_note test_logging_ends_with_the_disk "
            "test_commands_end_with_the_disk",
            "logging_db/test_journal.py: test_edits_of_the_journal_come_into_the_log_twice_or_out_of_order "
            "test_edit_that_was_committed_after_all_forks_the_seat",
            "tui/test_alarms.py: test_take_that_is_in_the_journal_only_is_never_called_saved",
        ),
    ),
    8: (
        "cut in half, or a page zeroed: it is not written to, and made again with counts before and after",
        (
            "logging_db/test_opening.py: test_log_cut_in_half test_zeroed_page",
            "logging_db/test_recover.py: test_take_is_lost_that_backup_and_journal_have",
            "cli/test_doctor.py: test_damaged_log_is_replaced_without_a_yes",
        ),
    ),
    9: (
        "one bit flipped is found although SQLite's own check finds nothing, with the take it is about",
        (
            "logging_db/test_doctor.py: test_flipped_bit_is_found_without_its_take",
            "logging_db/test_opening.py: test_doctor_finds_one_flipped_bit",
            "cli/test_doctor.py: test_bit_flipped_in_the_log",
        ),
    ),
    10: (
        "a row changed with a shell breaks the chain; a cut tail or a chain made anew shows beside what lies elsewhere",
        (
            "logging_db/test_opening.py: test_doctor_finds_a_note_changed_with_a_shell",
            "logging_db/test_doctor.py: test_changed_note_is_found_without_its_take_and_what_it_was "
            "test_cut_tail_is_not_noticed test_chain_that_was_computed_anew_is_believed",
        ),
    ),
    11: (
        "a newer log is only read, or refused with both versions named",
        (
            "logging_db/test_opening.py: test_newer_log_that_may_be_read_is_only_read "
            "test_newer_log_that_cannot_be_read_names_both_versions",
        ),
    ),
    12: (
        "a log of every older version is brought up, with a backup beside it; killed at any step, it still opens",
        (
            "logging_db/test_upgrade.py: test_every_take_is_what_version_1_said_it_is "
            "test_every_take_is_what_version_2_said_it_is test_backup_beside_it_is_the_old_log",
            "faults/test_upgrade_kills.py: test_killed_while_it_is_brought_up_it_is_old_or_new",
        ),
    ),
    13: (
        "another program's file is refused and unchanged",
        ("logging_db/test_opening.py: test_database_of_another_program test_file_that_is_no_database",),
    ),
    14: (
        "a log on a read-only stick shows the newest takes, which are in its -wal",
        ("logging_db/test_opening.py: test_log_on_a_read_only_medium_shows_what_lies_in_its_wal",),
    ),
    15: (
        "five programs write for a minute: nobody is refused, no number twice, reading is quick",
        (
            "faults/test_log_busy.py: test_nobody_finds_the_log_locked test_no_take_number_is_missing_or_given_twice "
            "test_a_screen_is_not_held_up_by_the_writers",
        ),
    ),
    16: (
        "midnight passes in a take: it is of the day of its start, and its duration is right",
        ("logging_db/conformance_clocks.py: test_midnight_passes_while_a_take_rolls",),
    ),
    17: (
        "the clock jumps back an hour in a take: the duration is right, the list goes by logging",
        ("logging_db/conformance_clocks.py: test_clock_jumps_back_an_hour_while_a_take_rolls",),
    ),
    18: (
        "the clock is a year wrong: it is told, and the order stays right",
        (
            "logging_db/conformance_clocks.py: test_clock_a_year_wrong_changes_a_place_within_the_day_alone",
            "onset/logbook/test_clock_set.py: test_clock_that_was_set_is_told",
        ),
    ),
    19: (
        "drop-frame over ten-minute marks and the end of the day as in the standard's table",
        (
            "onset/test_timecode.py: test_well_known_count_is_missed test_midnight_is_crossed_in_silence",
            "logging_db/test_drop_frame.py: test_drop_frame_take_over_a_mark_or_midnight",
        ),
    ),
    20: (
        "skipped letters, suffixes past Z, pickups and series",
        (
            "onset/test_slate.py: test_letter_is_skipped_or_given_twice test_take_number_is_given_twice",
            "logging_db/conformance_slating.py: test_after_z_as_the_production_says "
            "test_slate_of_an_undone_take_is_free_again",
        ),
    ),
    21: (
        "undo after a restart, with both states in the history",
        (
            "logging_db/conformance_clocks.py: test_undo_leaves_both_states_in_the_history",
            "cli/test_log.py: test_undo_and_redo_in_words",
        ),
    ),
    22: (
        "different fields of one take, set apart: both stand",
        ("cli/test_merge.py: test_scenario_22_different_fields_of_one_take_both_stand",),
    ),
    23: (
        "the same field, set apart: the same value and the same open conflict on every laptop",
        (
            "cli/test_merge.py: test_scenario_23_same_field_is_the_same_open_conflict_everywhere",
            "logging_db/conformance_merging.py: "
            "test_same_field_is_a_conflict_until_a_person_picks_and_undo_brings_it_back",
        ),
    ),
    24: (
        "one number given twice: both takes stay and are marked",
        (
            "cli/test_merge.py: test_scenario_24_one_number_given_twice_survives_twice_and_is_marked",
            "logging_db/conformance_merging.py: test_both_takes_survive_and_are_marked",
        ),
    ),
    25: (
        "deleted here, edited there: the edit survives with a conflict",
        (
            "cli/test_merge.py: test_scenario_25_what_one_deleted_and_one_edited_survives_with_a_conflict",
            "logging_db/conformance_merging.py: test_take_that_one_deleted_and_one_edited_stays",
        ),
    ),
    26: (
        "a clock a day ahead is named on both sides, and a later informed edit wins",
        (
            "cli/test_merge.py: test_scenario_26_clock_a_day_ahead_is_named_and_a_later_informed_edit_wins",
            "logging_db/test_taking_in.py: test_clock_a_day_ahead_is_told_on_both_sides_and_drags_nobody",
        ),
    ),
    29: (
        "fifty seats log at once, each sees all takes within two seconds",
        ("faults/test_fifty_seats.py: test_seat_is_told_late_of_what_the_others_log",),
    ),
    30: (
        "a copied log is another seat; a cloned laptop is told, and nothing of it lost",
        (
            "cli/test_merge.py: test_scenario_30_cloned_laptop_is_told_and_saved",
            "logging_db/test_merge_files.py: test_restored_backup_is_another_seat_and_loses_nothing "
            "test_two_logs_that_save_a_clone_make_the_same_seat_of_it",
            "logging_db/test_exchange.py: test_copies_of_one_log_meet_in_a_folder",
        ),
    ),
    31: (
        "killed at any moment, a merge or an exchange done again ends where an undisturbed one does",
        (
            "faults/test_merge_kills.py: test_scenario_31_merge_killed_at_every_write "
            "test_scenario_31_exchange_killed_at_every_write_and_rename test_stick_cut_off_at_any_byte_costs_nothing",
        ),
    ),
}


def test_promise_without_a_test() -> None:
    elsewhere = {4}  # a recording that was cut off: tests/faults/test_recording_kills.py
    of_a_server = {27, 28}
    assert set(SCENARIOS) | elsewhere | of_a_server == set(range(1, 32))


@pytest.mark.parametrize("number", SCENARIOS)
def test_promise_has_lost_its_test(number: int) -> None:
    _, proofs = SCENARIOS[number]
    for proof in proofs:
        file, _, names = proof.partition(": ")
        there = set(re.findall(r"def (test_\w+)\(", (_TESTS / file).read_text(encoding="utf-8")))
        assert names.split()
        assert set(names.split()) <= there
