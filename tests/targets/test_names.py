"""People's names as registries publish them, and the greeting made of them."""

from __future__ import annotations

import pytest

from app.targets.names import clean_name, councillor_salutation, surname


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
