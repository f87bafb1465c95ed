"""People's names as registries publish them, and the greeting made of them."""

from __future__ import annotations

import pytest

from app.targets.names import (
    SplitName,
    clean_name,
    councillor_salutation,
    formal_salutation,
    is_vacant,
    split_name,
    surname,
)


@pytest.mark.parametrize(
    ("published", "name"),
    [
        ("Alice Sample", "Alice Sample"),
        ("  Alice \u00a0 Sample ", "Alice Sample"),
        ("Councillor Alice Sample", "Alice Sample"),
        ("Councillor Mrs. Alice Sample", "Alice Sample"),
        ("Cllr. Dr Alice Sample MBE, JP", "Alice Sample"),
        ("Sample, Alice", "Alice Sample"),
        ("Cllr Sample, Mrs Alice OBE", "Alice Sample"),
        ("Alice Sample (Chair)", "Alice Sample"),
        ("The Rt. Hon. the Lord Provost Bob Verde", "Bob Verde"),
        ("Right Honourable Bob Verde", "Bob Verde"),
        ("Bob Lord", "Bob Lord"),
        ("Cllr Lord, Bob", "Bob Lord"),
        ("Hon Wai Sample", "Hon Wai Sample"),
        ("Ste\u0301phane Sample", "St\u00e9phane Sample"),
        ("Cllr.Mrs.Alice Sample", "Alice Sample"),
        ("County Councillor Alice Sample", "Alice Sample"),
        ("Ald. Alice Sample", "Alice Sample"),
        ("Hon. Alderman Alice Sample", "Alice Sample"),
        ("Y Cynghorydd Alice Sample", "Alice Sample"),
        ("The Right Worshipful the Lord Mayor, Councillor Alice Sample", "Alice Sample"),
        ("Mayor of Zedmere, Councillor Alice Sample", "Alice Sample"),
        ("Councillor Alice Sample, Leader of the Council", "Alice Sample"),
        ("Councillor Alice Sample - Leader of the Council", "Alice Sample"),
        ("Alice Sample – Canalside Ward", "Alice Sample"),
        ("Alice Sample - Verde", "Alice Sample - Verde"),
        ("Councillor, Alice Sample", "Alice Sample"),
        ("Alice Sample, Cllr", "Alice Sample"),
        ("Bob Verde, Jr", "Bob Verde Jr"),
        ("Cllr Mayor, Bob", "Bob Mayor"),
        ('Cllr Alice "Ali" Sample', "Alice Sample"),
        ("Cllr Alice Sample*", "Alice Sample"),
        ("\u200bCllr\ufeff Alice Sample", "Alice Sample"),
        ("Mr & Mrs Sample", "Mr & Mrs Sample"),
        ("Cllr Bob Kc", "Bob Kc"),
        ("Cllr Bob Verde KC", "Bob Verde"),
        ("Cllr Bob Om", "Bob Om"),
        ("Cllr Bob Verde OM", "Bob Verde"),
        ("TBC", ""),
        ("N/A", ""),
        ("-", ""),
        ("alice@zedmere.example", ""),
        ("Vacant", ""),
        ("Councillor Vacancy", ""),
        ("Seat vacant", ""),
        ("Cllr", ""),
        ("", ""),
    ],
)
def test_a_name_is_freed_of_what_is_not_the_name(published: str, name: str) -> None:
    assert clean_name(published) == name


@pytest.mark.parametrize(
    ("name", "email", "last"),
    [
        ("Alice Sample", "", "Sample"),
        ("Alice", "", "Alice"),
        ("Alice O'Sample", "", "O'Sample"),
        ("Alice Sample-Verde", "", "Sample-Verde"),
        ("Alice B. Sample", "", "Sample"),
        ("A. B. Sample", "", "Sample"),
        ("Alice Berta Sample", "alice.sample@zedmere.example", "Sample"),
        ("Alice Sample Verde", "cllr.alice.sampleverde@zedmere.example", "Sample Verde"),
        ("Alice Sample Verde", "Alice.Sample-Verde@zedmere.example", "Sample Verde"),
        ("Alice Sampl\u00e9 Verde", "alice_sampleverde@zedmere.example", "Sampl\u00e9 Verde"),
        ("Alice van der Sample", "", "van der Sample"),
        ("Alice Van Sample", "", ""),
        ("Alice Van der Sample", "", "Van der Sample"),
        ("A. van Sample", "", "van Sample"),
        ("Alice del Carmen Sample", "", ""),
        ("Ali bin Omar", "", ""),
        ("Ali al-Sample", "", "al-Sample"),
        ("Seán Ó Sample", "", "Ó Sample"),
        ("S. Ó Sample", "", "Ó Sample"),
        ("Alice O Sample", "", ""),
        ("Alice O’Sample", "", "O’Sample"),
        ("Wong Siu-ming", "", ""),
        ("Wong Siuming", "siuming.wong@zedmere.example", ""),
        ("Siuming Wong", "siuming.wong@zedmere.example", "Wong"),
        ("Siu-Ming MA", "", ""),
        ("Bob Verde Jr", "", "Verde"),
        ("Bob Verde III", "", "Verde"),
        ("Alice Sample & Bob Verde", "", ""),
        ("Alice 1", "", ""),
        ("Alice Berta Sample", "members@zedmere.example", ""),
        ("Alice Berta Sample", "", ""),
        ("", "", ""),
    ],
)
def test_the_surname_is_known_or_left_open(name: str, email: str, last: str) -> None:
    assert surname(name, email) == last


def test_a_councillor_is_greeted_by_surname() -> None:
    assert councillor_salutation("Alice Sample") == "Dear Cllr Sample"


def test_a_councillor_whose_surname_is_not_clear_is_greeted_by_the_whole_name() -> None:
    assert councillor_salutation("Alice Berta Sample") == "Dear Cllr Alice Berta Sample"


@pytest.mark.parametrize(
    ("published", "split"),
    [
        ("Alice Sample", SplitName((), "Alice Sample")),
        ("Cllr Dr Bola Sample-Okoro MBE", SplitName(("Cllr", "Dr"), "Bola Sample-Okoro", ("MBE",))),
        ("Cllr. Prof. Alice Sample OBE, JP", SplitName(("Cllr", "Prof"), "Alice Sample", ("OBE", "JP"))),
        ("Sample MBE, Dr Alice", SplitName(("Dr",), "Alice Sample", ("MBE",))),
        ("Alice Sample BA", SplitName((), "Alice Sample", ("BA",))),
        ("Alice Ma", SplitName((), "Alice Ma")),
        ("ALICE MA", SplitName((), "ALICE MA")),
        ("The Deputy Mayor Bob Verde", SplitName(("The", "Deputy", "Mayor"), "Bob Verde")),
        ("Alice Sample (Chair) [Ali]", SplitName((), "Alice Sample", (), "Chair Ali")),
        ("Councillor Vacancy", SplitName(("Councillor",), "")),
    ],
)
def test_a_name_is_split_from_titles_honours_and_brackets(published: str, split: SplitName) -> None:
    assert split_name(published) == split


@pytest.mark.parametrize(
    "text",
    [
        "VACANT SEAT",
        "Vacancy",
        "Vacant",
        "Councillor Vacant",
        "Casual Vacancy",
        "Cllr Vacant Vacant",
        "Vacant Seat 2",
        "Seat vacant",
        "Vacant (by-election)",
        "Position is currently vacant",
        "Vacancy - Canalside",
        "Councillor Vacancy Canalside",
        "Canalside (Vacant)",
        "Canalside – vacant",
        "Vacant since 3 May",
        "** VACANT **",
        "2 Vacancies",
        "No councillor",
        "Awaiting by-election",
        "Sedd wag",
        "Councillor Bob Verde (deceased)",
        "The late Councillor Bob Verde",
    ],
)
def test_a_vacant_seat_is_known_by_its_words(text: str) -> None:
    assert is_vacant(text)
    assert clean_name(text) == ""


@pytest.mark.parametrize("text", ["", "Cllr", "Alice Vacant", "Alice Sample", "Ward Sample", "TBC"])
def test_who_is_somebody_or_nobody_is_no_vacant_seat(text: str) -> None:
    assert not is_vacant(text)


@pytest.mark.parametrize(
    ("full_name", "greeting"),
    [
        ("Cllr Dr Bola Sample-Okoro MBE", "Dear Cllr Dr Sample-Okoro"),
        ("Councillor Professor Alice Sample", "Dear Cllr Prof Sample"),
        ("Cllr Mrs Alice Sample", "Dear Cllr Sample"),
        ("Rev. Canon Dr Alice Sample", "Dear Cllr Rev Canon Dr Sample"),
        ("Sir Bob Verde", "Dear Cllr Sir Bob Verde"),
        ("Cllr Dame Alice Sample DBE", "Dear Cllr Dame Alice Sample"),
        ("Lady Sample", "Dear Cllr Lady Sample"),
        ("Lady Alice Sample", "Dear Cllr Lady Alice Sample"),
        ("Viscount Sample", "Dear Cllr Viscount Sample"),
        ("Captain Bob Verde", "Dear Cllr Captain Bob Verde"),
        ("Baroness Sample of Zedmere", "Dear Cllr Baroness Sample of Zedmere"),
        ("The Rt Hon the Lord Provost Bob Verde", "Dear Cllr Verde"),
        ("The Lord Mayor, Councillor Bob Verde", "Dear Cllr Verde"),
        ("Mayor Bob Verde", "Dear Cllr Verde"),
        ("Bob Lord", "Dear Cllr Lord"),
    ],
)
def test_a_greeting_keeps_the_titles_that_letters_keep(full_name: str, greeting: str) -> None:
    assert formal_salutation("Cllr", full_name) == greeting


@pytest.mark.parametrize(
    ("full_name", "email", "greeting"),
    [
        ("Ms Alice Sample", "", "Dear Ms Sample"),
        ("Mr Dr Bob Verde", "", "Dear Dr Verde"),
        ("Sir Bob Verde", "", "Dear Sir Bob Verde"),
        ("Dr Alice Berta Sample MP", "alice.sample@zedmere.example", "Dear Dr Sample"),
        ("Alice Sample MP", "", "Dear Alice Sample"),
    ],
)
def test_who_has_no_office_is_greeted_by_title_and_surname_or_by_the_whole_name(
    full_name: str, email: str, greeting: str
) -> None:
    assert formal_salutation("", full_name, email) == greeting
