"""How one letter addresses several recipients behind one mailbox."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.letters.compose import Recipient
from app.letters.joint import LONGEST, joint_recipient

SAMPLE = Recipient("A Sample", "Zedmere Borough Council", "Dear Cllr Sample")
EXAMPLE = Recipient("B Example", "Zedmere Borough Council", "Dear Cllr Example")
TEST = Recipient("C Test", "Zedmere Borough Council", "Dear Cllr Test")


def greeting(*recipients: Recipient) -> str:
    return joint_recipient(recipients).salutation


def councillors(number: int, surname: str = "Featherstonehaugh") -> list[Recipient]:
    return [Recipient(f"Ada{n} {surname}{n}", "", f"Dear Cllr {surname}{n}") for n in range(number)]


def test_one_alone_is_addressed_as_ever() -> None:
    assert joint_recipient([SAMPLE]) is SAMPLE


def test_two_are_both_named_and_both_greeted() -> None:
    assert joint_recipient([SAMPLE, EXAMPLE]) == Recipient(
        "A Sample and B Example", "Zedmere Borough Council", "Dear Cllr Sample and Cllr Example"
    )


def test_three_are_joined_as_english_joins_them() -> None:
    joint = joint_recipient([SAMPLE, EXAMPLE, TEST])
    assert joint.name == "A Sample, B Example and C Test"
    assert joint.salutation == "Dear Cllr Sample, Cllr Example and Cllr Test"


def test_a_greeting_that_all_have_is_said_once() -> None:
    first = Recipient("The Directors of Capita plc", "Capita plc", "Dear Directors")
    second = Recipient("The Directors of Acme plc", "Acme plc", "Dear Directors")
    assert joint_recipient([first, second]) == Recipient(
        "The Directors of Capita plc and The Directors of Acme plc", "Capita plc and Acme plc", "Dear Directors"
    )


def test_two_of_the_same_surname_are_greeted_by_their_whole_names() -> None:
    ann, bob = (Recipient(name, "", "Dear Cllr Sample") for name in ("Ann Sample", "Cllr Bob Sample MBE"))
    assert greeting(ann, bob) == "Dear Cllr Ann Sample and Cllr Bob Sample MBE"
    assert greeting(ann, EXAMPLE, bob) == "Dear Cllr Ann Sample, Cllr Example and Cllr Bob Sample MBE"


def test_somebody_who_is_on_two_lists_is_named_once() -> None:
    assert joint_recipient([SAMPLE, SAMPLE]) == SAMPLE
    assert joint_recipient([SAMPLE, EXAMPLE, SAMPLE]).name == "A Sample and B Example"


def test_a_greeting_of_another_kind_gives_way_to_the_name() -> None:
    team = Recipient("Housing team", "", "To the housing team")
    assert greeting(team, team) == "To the housing team"
    assert greeting(SAMPLE, team) == "Dear Cllr Sample and Housing team"


def test_an_organisation_that_only_some_have_is_named_and_a_missing_one_leaves_nothing() -> None:
    assert joint_recipient([SAMPLE, Recipient("D", "", "Dear D")]).organisation == "Zedmere Borough Council"
    assert joint_recipient([Recipient("D", "", "Dear D"), Recipient("E", "", "Dear E")]).organisation == ""


def test_a_whole_council_behind_one_mailbox_is_greeted_as_councillors() -> None:
    joint = joint_recipient(councillors(40))
    assert joint.salutation == "Dear Councillors"
    assert joint.name.startswith("Ada0 Featherstonehaugh0, Ada1 Featherstonehaugh1, ")
    assert re.search(r"Featherstonehaugh(\d+) and (\d+) others$", joint.name)[2] == "33"


def test_many_of_other_kinds_are_greeted_as_far_as_there_is_room() -> None:
    people = [Recipient(f"Editor {n}", "", f"Dear Editor of the Zedmere Gazette, number {n}") for n in range(30)]
    assert greeting(*people).endswith("number 3 and 26 others")


@pytest.mark.parametrize("number", [2, 30])
def test_names_that_fill_the_whole_room_are_counted(number: int) -> None:
    people = [
        Recipient(f"{n:04}" + "x" * 196, f"{n:04}" + "y" * 196, f"Dear {n:04}" + "z" * 190) for n in range(number)
    ]
    assert joint_recipient(people) == Recipient(f"{number} recipients", f"{number} organisations", "Dear all")


TEXTS = st.text("abcdefghij KLM-'", min_size=1, max_size=LONGEST).map(str.strip).filter(bool)
PEOPLE = st.builds(
    Recipient,
    name=TEXTS,
    organisation=st.just("") | TEXTS,
    salutation=st.one_of(
        TEXTS.map(lambda text: f"Dear Cllr {text}"[:LONGEST].strip()), st.just("Dear Directors"), TEXTS
    ),
)


@given(st.lists(PEOPLE, min_size=1, max_size=12))
@example([Recipient("x", "", "Dear x")] * 2)
def test_whoever_they_are_it_fits_its_columns(people: list[Recipient]) -> None:
    joint = joint_recipient(people)
    assert max(map(len, (joint.name, joint.organisation, joint.salutation))) <= LONGEST
    assert joint.name
    assert joint.salutation


@given(st.lists(PEOPLE, min_size=2, max_size=12))
def test_no_name_is_cut_and_nobody_is_left_out_unsaid(people: list[Recipient]) -> None:
    names = list(dict.fromkeys(one.name for one in people))
    said = joint_recipient(people).name
    if others := re.fullmatch(r"(.*) and (\d+) others?", said):
        shown = len(names) - int(others[2])
        assert others[1] == ", ".join(names[:shown])
    elif said != f"{len(names)} recipients":
        assert said.replace(" and ", ", ") == ", ".join(names).replace(" and ", ", ")


@given(st.lists(st.sampled_from(["Ann Sample", "Bob Sample", "Cleo Verde", "Dan Moss"]), min_size=2, unique=True))
def test_each_of_a_few_councillors_finds_their_own_name_in_the_greeting(names: list[str]) -> None:
    said = greeting(*(Recipient(name, "", f"Dear Cllr {name.split()[-1]}") for name in names))
    assert said.startswith("Dear Cllr ")
    for name in names:
        alone = [other for other in names if other.split()[-1] == name.split()[-1]] == [name]
        assert (name.split()[-1] if alone else name) in said
