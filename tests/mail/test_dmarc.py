"""DMARC records, found by the walk up the DNS."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.dmarc import organisational_domain, read_dmarc, tags_of
from tests.mail.names import Names

REJECT = "v=DMARC1; p=reject"


def names(**records: str | Sequence[str]) -> Names:
    """The records of `_dmarc.<name>`, where the name is written with `_` for each dot."""
    return Names(
        {
            f"_dmarc.{name.replace('_', '.')}": [text] if isinstance(text, str) else text
            for name, text in records.items()
        }
    )


def test_a_domains_own_record_holds_for_it() -> None:
    found = read_dmarc(
        names(zedmere_example="v=DMARC1; p=quarantine; sp=none; rua=mailto:a@b.example"), "zedmere.example"
    )
    assert found is not None
    assert (found.domain, found.policy, found.inherited) == ("zedmere.example", "quarantine", False)


@pytest.mark.parametrize(("record", "policy"), [(REJECT, "reject"), (f"{REJECT}; sp=None", "none")])
def test_a_part_of_a_domain_inherits_and_may_have_a_policy_of_its_own(record: str, policy: str) -> None:
    found = read_dmarc(names(zedmere_example=record), "letters.zedmere.example")
    assert found is not None
    assert (found.domain, found.policy, found.inherited) == ("zedmere.example", policy, True)


@pytest.mark.parametrize(
    "record",
    [
        "",
        "v=DMARC2; p=reject",
        "p=reject; v=DMARC1",
        "v=dmarc1; p=reject",
        [REJECT, REJECT],
        "v=spf1 -all",
    ],
)
def test_what_is_no_record_or_is_several_is_none(record: str | list[str]) -> None:
    assert read_dmarc(names(zedmere_example=record), "zedmere.example") is None


def test_a_record_without_a_policy_asks_for_none() -> None:
    found = read_dmarc(names(zedmere_example="v=DMARC1"), "zedmere.example")
    assert found is not None
    assert found.policy == "none"


def test_strictness_is_by_tag() -> None:
    found = read_dmarc(names(zedmere_example=f"{REJECT}; adkim=S"), "zedmere.example")
    assert found is not None
    assert (found.strict("adkim"), found.strict("aspf")) == (True, False)


@pytest.mark.parametrize(
    ("records", "organisation"),
    [
        ({}, "a.mail.zedmere.example"),
        ({"mail_zedmere_example": REJECT, "zedmere_example": REJECT}, "zedmere.example"),
        ({"mail_zedmere_example": f"{REJECT}; psd=n", "zedmere_example": REJECT}, "mail.zedmere.example"),
        ({"example": "v=DMARC1; psd=y"}, "zedmere.example"),
        ({"mail_zedmere_example": REJECT, "example": "v=DMARC1; psd=y"}, "zedmere.example"),
        ({"a_mail_zedmere_example": f"{REJECT}; psd=y", "zedmere_example": REJECT}, "a.mail.zedmere.example"),
    ],
)
def test_the_walk_finds_the_domain_that_stands_for_all(records: dict[str, str], organisation: str) -> None:
    assert organisational_domain(names(**records), "a.mail.zedmere.example") == organisation


def test_the_policy_of_a_public_suffix_holds_where_nobody_below_has_one() -> None:
    found = read_dmarc(names(example="v=DMARC1; p=none; sp=reject; psd=y"), "letters.zedmere.example")
    assert found is not None
    assert (found.domain, found.policy) == ("example", "reject")


def test_a_long_name_is_not_asked_for_label_by_label() -> None:
    asked = names()
    read_dmarc(asked, ".".join("abcdefghijklmnop") + ".example")
    assert len(asked.asked) == 8
    assert asked.asked[1].count(".") == 7


@given(st.text())
def test_tags_are_read_from_any_text(text: str) -> None:
    assert all(name == name.strip().lower() for name in tags_of(text))


def test_the_first_tag_of_a_name_counts() -> None:
    assert tags_of(" v = DKIM1 ;p=a=b; p=c;; x") == {"v": "DKIM1", "p": "a=b"}
