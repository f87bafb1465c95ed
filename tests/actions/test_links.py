"""Links that only their holder knows."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.links import ForgedLinkError, Links

LINKS = Links("https://letters.example.org", "a key that signs the links of the tests and nothing else")
ID = uuid.UUID("0a0b0c0d-0001-4002-8003-040506070809")


@given(st.uuids())
def test_a_token_is_read_back_by_its_own_reader_only(public_id: uuid.UUID) -> None:
    assert LINKS.read_confirm_token(LINKS.confirm_token(public_id)) == public_id
    assert LINKS.read_own_token(LINKS.own_token(public_id)) == public_id
    with pytest.raises(ForgedLinkError):
        LINKS.read_own_token(LINKS.confirm_token(public_id))
    with pytest.raises(ForgedLinkError):
        LINKS.read_confirm_token(LINKS.own_token(public_id))


@given(st.text(max_size=100))
def test_what_we_did_not_sign_is_a_forgery(token: str) -> None:
    for read in (LINKS.read_confirm_token, LINKS.read_own_token):
        with pytest.raises(ForgedLinkError):
            read(token)


@given(st.data())
def test_a_token_with_any_character_changed_or_cut_is_a_forgery(data: st.DataObject) -> None:
    token = LINKS.confirm_token(ID)
    place = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("".join(set("ABCxyz019-_.") - {token[place]})))
    for forged in (token[:place] + other + token[place + 1 :], token[:place], token[:place] + token[place + 1 :]):
        with pytest.raises(ForgedLinkError):
            LINKS.read_confirm_token(forged)


def test_another_key_signs_other_links() -> None:
    other = Links(LINKS.base_url, "another key altogether, just as long as the first")
    with pytest.raises(ForgedLinkError):
        other.read_confirm_token(LINKS.confirm_token(ID))


def test_a_link_is_the_same_each_time_and_leads_to_the_page_in_its_language() -> None:
    assert LINKS.confirm(ID, "en") == LINKS.confirm(ID, "en")
    assert LINKS.confirm(ID, "en").startswith("https://letters.example.org/confirm/")
    assert LINKS.own(ID, "ar").startswith("https://letters.example.org/ar/letters/")
    assert LINKS.campaign("abolish-reporting", "ar") == "https://letters.example.org/ar/c/abolish-reporting"


def test_the_key_is_not_shown() -> None:
    assert LINKS.secret_key not in repr(LINKS)
