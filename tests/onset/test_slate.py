"""What goes wrong with slates on set: letters that look like digits, numbers given twice, labels changed."""

from __future__ import annotations

import random
from itertools import islice, product
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.errors import SlateError
from onset.slate import (
    MAX_LABEL,
    Overflow,
    Slating,
    check_label,
    false_start_label,
    first_setup,
    next_setup,
    next_take,
    scene_of,
    sort_key,
    split_take,
)

US = Slating("us")
EU = Slating("eu")
NONE = Slating("none")
KINDS = {"PU", "PK", "WT", "MOS", "SER"}

scenes = st.from_regex(r"[1-9][0-9]{0,2}[A-H]?(\+[1-9][0-9]?)?", fullmatch=True)
labels = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=MAX_LABEL)


def shot(scene: str, slating: Slating, count: int) -> list[str]:
    """The slates of a scene shot in one go."""
    slates = [first_setup(scene, slating)]
    while len(slates) < count:
        slates.append(next_setup(slates[-1], scene, slating, slates))
    return slates


def letters_by_counting(skipped: str) -> list[str]:
    """A … Z, AA … ZZ by the alphabet alone, without the pairs that name a kind of take."""
    alphabet = [letter for letter in ascii_uppercase if letter not in skipped]
    return [*alphabet, *("".join(pair) for pair in product(alphabet, repeat=2) if "".join(pair) not in KINDS)]


@pytest.mark.parametrize("skipped", ["IO", "IOYZ", "", "A", "ABCDEFGHIJKLMNOPQRSTUVWX"])
def test_letter_is_skipped_or_given_twice(skipped: str) -> None:
    expected = ["24", *("24" + letters for letters in letters_by_counting(skipped))]
    assert shot("24", Slating("us", skipped), len(expected)) == expected


@pytest.mark.parametrize("skipped", ["IO", "IOYZ", ""])
def test_doubled_letters_are_counted_on(skipped: str) -> None:
    """A show that doubles: A … Z, AA, BB … ZZ, AAA; never AB."""
    alphabet = [letter for letter in ascii_uppercase if letter not in skipped]
    expected = ["24", *(f"24{letter * times}" for times in (1, 2, 3) for letter in alphabet)]
    assert shot("24", Slating("us", skipped, Overflow.AA_BB), len(expected)) == expected
    assert next_setup("24AB", "24", Slating("us", skipped, Overflow.AA_BB)) == "24BB"  # somebody wrote one all the same


@given(
    scenes,
    st.sets(st.sampled_from(ascii_uppercase), max_size=20),
    st.integers(1, 80),
    st.sampled_from(Overflow),
    st.sampled_from(["", "X", "SU"]),
)
def test_setup_is_out_of_order_or_of_another_scene(
    scene: str, skipped: set[str], count: int, overflow: Overflow, prefix: str
) -> None:
    slates = shot(scene, Slating("us", "".join(skipped), overflow, prefix), count)
    assert len(set(map(sort_key, slates))) == count
    assert sorted(random.Random(1).sample(slates, count), key=sort_key) == slates
    assert {scene_of(slate, [scene], prefix) for slate in slates} == {scene}
    assert {slate[: len(prefix)] for slate in slates} == {prefix}
    assert not skipped & set("".join(slate[len(prefix + scene) :] for slate in slates))


@given(
    st.lists(st.one_of(scenes, st.from_regex(r"[1-9][0-9]{0,2}[A-Z]{0,2}", fullmatch=True)), max_size=30),
    scenes,
    st.sampled_from([Slating("us"), Slating("us", "", Overflow.AA_BB), Slating("us", "IO", prefix="X"), Slating("eu")]),
    st.integers(1, 12),
)
def test_taken_slate_is_proposed(typed: list[str], scene: str, slating: Slating, count: int) -> None:
    """Whatever people typed by hand before: each proposal is new, and the one after it too."""
    taken = list(typed)
    slate = first_setup(scene, slating, taken)
    for _ in range(count):
        assert sort_key(slate) not in set(map(sort_key, taken))
        taken.append(slate)
        slate = next_setup(slate, scene, slating, taken)


@given(st.lists(st.tuples(scenes, st.booleans()), max_size=30))
def test_running_number_is_given_twice_by_two_units(shots: list[tuple[str, bool]]) -> None:
    units = {False: Slating("eu"), True: Slating("eu", prefix="X")}
    taken: list[str] = []
    for scene, second in shots:
        taken.append(first_setup(scene, units[second], taken))
    assert [slate.lstrip("X") for slate in taken] == [str(number) for number in range(1, len(shots) + 1)]


@given(labels.filter(lambda text: "/" not in text and text.strip()), labels.filter(lambda text: text.strip()))
def test_slate_and_take_are_parted_where_they_were_joined(slate: str, take: str) -> None:
    if "/" not in take:
        assert split_take(f"{slate}/{take}") == (slate.strip(), take.strip())


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("41+122A/4", ("41+122A", "4")),
        ("27/7/3", ("27/7", "3")),
        ("3/P/U", ("3", "P/U")),
        ("42C/3 P/U", ("42C", "3 P/U")),
        ("42C/3P/U", ("42C", "3P/U")),
        ("42C/3 p/u", ("42C", "3 p/u")),
        ("49/WT 01", ("49", "WT 01")),
        ("42C/", ("", "")),
        ("/3", ("", "")),
        ("", ("", "")),
        ("P/U", ("", "")),
    ],
)
def test_slash_of_a_pickup_parts_a_label(label: str, parts: tuple[str, str]) -> None:
    assert split_take(label) == parts


@given(st.integers(1, 99).map(str), st.integers(0, 5))
def test_false_start_counts_as_another_number(number: str, count: int) -> None:
    existing = [number]
    for _ in range(count):
        existing.append(false_start_label(number, existing))
    assert len(set(map(sort_key, existing))) == count + 1
    assert next_take(existing) == str(int(number) + 1)
    assert sorted(existing, key=sort_key)[0] == number


def test_inserted_scene_takes_the_letters_of_its_neighbour() -> None:
    assert next_setup("10A", "10A", US) == "10AA"
    assert next_setup("10", "10", US, taken=["10A"]) == "10B"  # 10A is the master of scene 10A
    assert scene_of("10AB", ["10", "10A"]) == "10A"
    assert first_setup("A10", US, ["10", "A10"]) == "A10A"
    assert next_setup("10FB", "10F", US) == "10FC"  # no false start of scene 10


def test_setup_counts_on_from_a_board_that_shows_another_scene() -> None:
    assert next_setup("49WT", "49", US, taken=["49", "49WT"]) == "49A"
    assert next_setup("12C", "13", US) == "13A"
    assert next_setup("12C", "", US) == "12D"
    assert next_setup("12a", "12", US) == "12B"
    assert next_setup("12I", "12", US) == "12J"  # somebody wrote a letter that is skipped


def test_setup_that_was_shot_already_is_proposed() -> None:
    assert next_setup("12", "12", US, taken=["12", "12a", "12 B"]) == "12C"
    assert first_setup("12", US, taken=["12", "12A"]) == "12B"
    assert first_setup("12", US, taken=["120"]) == "12"


def test_european_number_starts_again_with_the_scene() -> None:
    taken: list[str] = []
    for scene in ["3", "3", "3", "4", "4", "12"]:
        taken.append(first_setup(scene, EU, taken))
    assert taken == ["1", "2", "3", "4", "5", "6"]
    assert next_setup("2", "3", EU, taken) == "7"
    assert next_setup("4/4", "4", EU, ["3/1", "3/2", "3/3", "4/4", "49WT"]) == "4/5"


def test_documentary_has_no_slate_to_count() -> None:
    assert first_setup("KITCHEN", NONE) == "KITCHEN"
    assert first_setup("", NONE) == "1"
    assert next_setup("KITCHEN", "KITCHEN", NONE, ["KITCHEN 2"]) == "KITCHEN 3"


@given(st.lists(st.one_of(labels, st.integers(1, 99).map(str), st.integers(1, 99).map("{} PU".format))))
def test_take_number_is_given_twice(existing: list[str]) -> None:
    proposed = next_take(existing)
    assert proposed.isascii()
    assert int(proposed) >= 1
    assert proposed not in {label.strip() for label in existing}


def test_take_label_is_not_counted() -> None:
    assert next_take(["1", "2PK", "3 PU"]) == "4"
    assert next_take(["2.1", "2.2"]) == "3"
    assert next_take(["1", "2 SER", "FALSE"]) == "3"


# Orders a script supervisor's sheet is in (facts on real sheets: inserted scenes, part takes, compound slates).
@pytest.mark.parametrize(
    "in_order",
    [
        ["9", "10", "10A", "10B", "10Z", "10AA", "10AB", "11", "100"],
        ["9", "A10", "10", "A10A", "10A", "11"],
        ["10", "10aA", "10A"],
        ["1", "2.1", "2.2", "2.10", "2 SER", "3", "3 PU", "10"],
        ["41", "41+122", "41+122A", "41+122B", "41+123", "41A", "42"],
        ["27/7", "27/8", "27/10", "28/1"],
        ["49", "49WT", "49A", "50"],
        ["1", "FALSE", "WT"],
    ],
)
def test_labels_sort_as_text(in_order: list[str]) -> None:
    mixed = random.Random(7).sample(in_order, len(in_order))
    assert sorted(mixed, key=sort_key) == in_order
    assert len(set(map(sort_key, in_order))) == len(in_order)


@pytest.mark.parametrize(
    "spellings",
    [
        ["49WT", "49 WT", "49wt", "WT 49", "WT49", "049WT"],
        ["12a", "12A", "12 A"],
        ["41+122A", "41 + 122a"],
        ["3PU", "3 pu", "3 P/U"],
    ],
)
def test_same_label_in_another_spelling_is_another_label(spellings: list[str]) -> None:
    assert len(set(map(sort_key, spellings))) == 1


@given(st.text(max_size=200), st.text(max_size=200))
def test_label_of_any_kind_breaks_the_order(one: str, other: str) -> None:
    """Order by code point and by UTF-8 byte agree, so SQLite's BINARY sorts as Python does."""
    keys = [sort_key(each) for each in (one, other)]
    if all(each.isprintable() for each in keys):
        assert (keys[0] < keys[1]) == (keys[0].encode() < keys[1].encode())


@given(labels)
def test_label_is_changed_behind_ones_back(text: str) -> None:
    try:
        label = check_label(text)
    except SlateError:
        assert not text.strip() or not text.strip().isprintable()
    else:
        assert label == text.strip()


@pytest.mark.parametrize("label", ["", "   ", "12\x1bA", "12\nA", "12\u202eA", "A" * 33, "\udcff", "12\x00"])
def test_label_that_no_board_can_show_is_kept(label: str) -> None:
    with pytest.raises(SlateError) as raised:
        check_label(label)
    assert str(raised.value).isprintable()
    with pytest.raises(SlateError):
        next_setup(label, "", US)


def test_label_grows_past_the_board() -> None:
    with pytest.raises(SlateError):
        next_setup("1" * MAX_LABEL, "1" * MAX_LABEL, US)


@pytest.mark.parametrize("prefix", ["2U", "X1", "X-", "Ä", "WT", "pu", "SECOND"])
def test_prefix_that_hides_the_number(prefix: str) -> None:
    with pytest.raises(SlateError, match="prefix"):
        Slating("us", prefix=prefix)


@pytest.mark.parametrize("skipped", ["1", "Ä", "A B", ascii_uppercase, ascii_uppercase[:25]])
def test_alphabet_without_letters(skipped: str) -> None:
    with pytest.raises(SlateError):
        Slating("us", skipped)


def test_letters_run_out() -> None:
    """A show with thousands of setups in a scene still gets a new one each time."""
    taken = set(islice(("7" + "".join(p) for n in (1, 2, 3) for p in product("AB", repeat=n)), 14))
    assert next_setup("7", "7", Slating("us", "CDEFGHIJKLMNOPQRSTUVWXYZ"), taken) == "7AAAA"
