"""SPF records as receivers read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.records import DnsAwayError
from app.mail.spf import MOST_LOOKUPS, Spf, SpfError, read_spf
from tests.mail.names import Names

OWN = "zedmere.example"


def spf(record: str, **others: str) -> Spf | None:
    """What a record comes to, where others stand at `<name>.example`."""
    return read_spf(Names({OWN: [record], **{f"{name}.example": [text] for name, text in others.items()}}), OWN)


@pytest.mark.parametrize(
    ("record", "ending", "lookups"),
    [
        ("v=spf1 -all", "-", 0),
        ("V=SPF1 ~ALL", "~", 0),
        ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all", "-", 0),
        ("v=spf1 a mx a:mail.zedmere.example mx/24 a/24//64 exists:%{i}.zedmere.example ptr ?all", "?", 7),
        ("v=spf1 +all", "+", 0),
        ("v=spf1 all", "+", 0),
        ("v=spf1", "?", 0),
        ("v=spf1 a", "?", 1),
        ("v=spf1 -all include:nobody.example", "-", 0),
        ("v=spf1 include:%{d}.zedmere.example -all", "-", 1),
        ("v=spf1 exp=why.zedmere.example unheard-of=x -all", "-", 0),
        ("v=spf1 redirect=nobody.example -all", "-", 0),
    ],
)
def test_a_record_comes_to_its_ending_and_its_look_ups(record: str, ending: str, lookups: int) -> None:
    assert spf(record) == Spf(ending, lookups)


def test_what_a_record_includes_counts_and_its_ending_does_not() -> None:
    assert spf("v=spf1 include:one.example -all", one="v=spf1 a include:two.example ~all", two="v=spf1 mx +all") == (
        Spf("-", 4)
    )


def test_a_redirection_ends_as_the_other_record_does() -> None:
    assert spf("v=spf1 redirect=one.example", one="v=spf1 mx ~all") == Spf("~", 2)


def test_a_domain_without_a_record_has_none() -> None:
    assert read_spf(Names({OWN: ["some-verification=1", "v=spf10 -all", "spf2.0/pra"]}), OWN) is None


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=spf1 ipv4:192.0.2.1 -all", "“ipv4:192.0.2.1”, which receivers do not understand"),
        ("v=spf1 include -all", "“include”"),
        ("v=spf1 include: -all", "“include:”"),
        ("v=spf1 -all; a", "“-all;”"),
        ("v=spf1 -all and nobody else", "“and”"),
        ("v=spf1 include:nobody.example -all", "leads to nobody.example, which has none"),
        ("v=spf1 redirect=nobody.example", "leads to nobody.example, which has none"),
        (f"v=spf1 include:{OWN} -all", "more than 10 look-ups"),
        ("v=spf1 " + "a " * (MOST_LOOKUPS + 1) + "-all", "more than 10 look-ups"),
    ],
)
def test_a_record_that_receivers_cannot_use_is_refused_in_a_sentence(record: str, said: str) -> None:
    with pytest.raises(SpfError, match=said) as caught:
        spf(record)
    assert str(caught.value).endswith(".")


def test_ten_look_ups_are_not_too_many() -> None:
    assert spf("v=spf1 " + "a " * (MOST_LOOKUPS - 1) + "include:one.example -all", one="v=spf1 -all") == Spf("-", 10)


def test_two_records_are_as_bad_as_none() -> None:
    names = Names({OWN: ["v=spf1 -all", "v=spf1 ~all"]})
    with pytest.raises(SpfError, match="2 SPF records"):
        read_spf(names, OWN)


def test_what_nobody_answers_is_not_taken_for_nothing() -> None:
    names = Names({OWN: ["v=spf1 include:one.example -all"]}, away=frozenset({"one.example"}))
    with pytest.raises(DnsAwayError):
        read_spf(names, OWN)


@given(st.text())
def test_every_record_is_read_or_refused(text: str) -> None:
    try:
        found = spf(f"v=spf1 {text}")
    except SpfError:
        return
    assert found is not None
    assert found.lookups <= MOST_LOOKUPS
