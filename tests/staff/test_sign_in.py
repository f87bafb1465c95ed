"""Signing in: what lets somebody in, and what everybody else is told, which is always the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import select

from app.actions.throttle import ThrottledError
from app.staff.models import LinkKind, StaffMember, StaffSession
from app.staff.second_factor import recovery_codes_left
from app.staff.sessions import IDLE, LONGEST, forget_sessions, sessions_of
from app.staff.sign_in import (
    LOCK_AFTER,
    LOCKED_FOR,
    RESETS_PER_DAY,
    TRIES_PER_ADDRESS,
    TRIES_PER_NETWORK,
    WINDOW,
    Caller,
)
from tests.staff.conftest import CALLER, House
from tests.support.staff import ADA, BEN, OTHER_PASSWORD, PASSWORD, code_at


def test_the_right_password_signs_in_and_the_token_is_nowhere_in_the_database(house: House) -> None:
    member_id = house.join()
    token = house.sign_in()
    session = house.session_of(token)
    assert token is not None
    assert session is not None
    assert (session.member_id, session.owes_factor, session.browser) == (member_id, False, CALLER.browser)
    assert token.encode() not in session.token_hash
    assert house.member(member_id).signed_in_at == house.clock.now


@pytest.mark.parametrize("spelling", [ADA.upper(), f" {ADA} ", "Ada@Staff.example"])
def test_an_address_is_known_however_it_is_spelled(sqlite_house: House, spelling: str) -> None:
    sqlite_house.join()
    assert sqlite_house.sign_in(spelling) is not None


@pytest.mark.parametrize("email", [ADA, BEN, "not an address", "", "x@mailinator.com"])
def test_a_wrong_password_and_an_unknown_address_are_the_same(sqlite_house: House, email: str) -> None:
    sqlite_house.join()
    assert sqlite_house.sign_in(email, OTHER_PASSWORD) is None


def test_who_is_only_invited_or_was_deactivated_does_not_get_in(house: House) -> None:
    house.join()
    ben = house.invite(BEN)
    assert house.sign_in(BEN, "") is None
    assert house.sign_in(BEN) is None
    with house.account(ben) as account:
        account.accept(house.link(ben, LinkKind.INVITATION), house.porter.passwords.store(PASSWORD))
    token = house.sign_in(BEN)
    assert house.session_of(token) is not None
    with house.personnel() as personnel:
        personnel.deactivate(personnel.session.get_one(StaffMember, ben))
    assert house.session_of(token) is None
    assert house.sign_in(BEN) is None


def test_an_address_is_tried_ten_times_in_a_while_whoever_it_belongs_to(sqlite_house: House) -> None:
    house = sqlite_house
    house.join()
    for email in (ADA, BEN):
        for _ in range(TRIES_PER_ADDRESS):
            assert house.sign_in(email, "wrong") is None
        with pytest.raises(ThrottledError) as stopped:
            house.sign_in(email)
        assert house.clock.now < stopped.value.again_at <= house.clock.now + WINDOW
    house.clock.advance(WINDOW)
    assert house.sign_in() is not None


def test_a_network_tries_fifty_times_in_a_while(sqlite_house: House) -> None:
    for number in range(TRIES_PER_NETWORK):
        sqlite_house.sign_in(f"somebody{number}@staff.example", "wrong")
    with pytest.raises(ThrottledError):
        sqlite_house.sign_in()
    elsewhere = Caller("198.51.100.9", "")
    assert sqlite_house.porter.sign_in(BEN, "wrong", elsewhere, sqlite_house.clock.now) is None


def test_too_many_failures_in_a_row_lock_an_account_until_the_lock_ends_by_itself(house: House) -> None:
    member_id = house.join()
    for number in range(LOCK_AFTER):
        if number % TRIES_PER_ADDRESS == 0:
            house.clock.advance(WINDOW)
        assert house.sign_in(ADA, "wrong") is None
    assert house.member(member_id).locked_until == house.clock.now + LOCKED_FOR
    house.clock.advance(WINDOW)
    assert house.sign_in() is None, "the right password does not tell that the account is locked"
    house.clock.advance(LOCKED_FOR)
    assert house.sign_in() is not None
    assert house.member(member_id).failures == 0
    assert [deed[0] for deed in house.deeds()].count("staff.locked") == 1


def test_an_admin_unlocks(sqlite_house: House) -> None:
    member_id = sqlite_house.join()
    with sqlite_house.account(member_id) as account:
        account.member.locked_until = sqlite_house.clock.now + LOCKED_FOR
    assert sqlite_house.sign_in() is None
    with sqlite_house.personnel() as personnel:
        personnel.unlock(personnel.session.get_one(StaffMember, member_id))
    assert sqlite_house.sign_in() is not None


def test_a_password_kept_at_another_cost_is_kept_anew(sqlite_house: House) -> None:
    member_id = sqlite_house.join()
    kept = sqlite_house.member(member_id).password
    cheap = _cheap(sqlite_house)
    with sqlite_house.account(member_id) as account:
        account.member.password = cheap
    assert sqlite_house.sign_in() is not None
    assert sqlite_house.member(member_id).password.split("$")[:4] == kept.split("$")[:4]


def _cheap(house: House) -> str:
    pepper = house.porter.passwords.pepper
    argon = Argon2id(salt=b"sixteen bytes ok", length=32, iterations=1, lanes=1, memory_cost=1024, secret=pepper)
    return argon.derive_phc_encoded(PASSWORD.encode())


# The second factor


def half_way(house: House) -> StaffSession:
    half = house.session_of(house.sign_in())
    assert half is not None
    assert half.owes_factor
    return half


def give(house: House, code: str) -> str | None:
    return house.porter.give_code(half_way(house).id, code, CALLER, house.clock.now)


def test_with_a_second_factor_the_password_opens_half_the_door(house: House) -> None:
    house.add_second_factor(house.join())
    half = half_way(house)
    token = house.porter.give_code(half.id, code_at(house.clock.now), CALLER, house.clock.now)
    session = house.session_of(token)
    assert session is not None
    assert not session.owes_factor
    assert session.token_hash != half.token_hash
    with house.sessions.read() as rows:
        assert rows.get(StaffSession, half.id) is None


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_code_of_the_step_before_or_after_is_right(sqlite_house: House, seconds: int) -> None:
    sqlite_house.add_second_factor(sqlite_house.join())
    sqlite_house.clock.advance(timedelta(minutes=1))
    assert give(sqlite_house, code_at(sqlite_house.clock.now + timedelta(seconds=seconds))) is not None


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "1234567", "١٢٣٤٥٦", "000 000"])
def test_what_is_no_code_of_now_is_not_right(sqlite_house: House, code: str) -> None:
    sqlite_house.add_second_factor(sqlite_house.join())
    assert give(sqlite_house, code) is None


def test_a_code_counts_once(house: House) -> None:
    house.add_second_factor(house.join())
    code = code_at(house.clock.now)
    assert give(house, code) is not None
    assert give(house, code) is None
    before = code_at(house.clock.now - timedelta(seconds=30))
    assert give(house, before) is None, "nor does an earlier one after it"
    house.clock.advance(timedelta(seconds=30))
    assert give(house, code_at(house.clock.now)) is not None


def test_the_code_that_added_the_app_signs_nobody_in(sqlite_house: House) -> None:
    added_at = sqlite_house.clock.now
    sqlite_house.add_second_factor(sqlite_house.join())
    sqlite_house.clock.now = added_at
    assert give(sqlite_house, code_at(added_at)) is None


def test_a_recovery_code_stands_in_once_however_it_is_typed(house: House) -> None:
    member_id = house.join()
    first, second, *others = house.add_second_factor(member_id)
    assert give(house, first) is not None
    assert give(house, first) is None
    assert give(house, f" {second.upper().replace('-', ' ')} ") is not None
    with house.sessions.read() as session:
        assert recovery_codes_left(session, member_id) == len(others)
    assert [deed[0] for deed in house.deeds()].count("staff.recovery_code_used") == 2


def test_another_members_recovery_code_is_worth_nothing(sqlite_house: House) -> None:
    sqlite_house.add_second_factor(sqlite_house.join())
    [code, *_rest] = sqlite_house.add_second_factor(sqlite_house.join(BEN))
    assert give(sqlite_house, code) is None


def test_wrong_codes_lock_the_account_too(sqlite_house: House) -> None:
    house = sqlite_house
    member_id = house.join()
    house.add_second_factor(member_id)
    with house.account(member_id) as account:
        account.member.failures = LOCK_AFTER - 1
    assert give(house, "000000") is None
    assert house.member(member_id).locked_until is not None


def test_half_a_sign_in_lasts_ten_minutes(sqlite_house: House) -> None:
    sqlite_house.add_second_factor(sqlite_house.join())
    token = sqlite_house.sign_in()
    sqlite_house.clock.advance(timedelta(minutes=9))
    assert sqlite_house.session_of(token) is not None
    sqlite_house.clock.advance(timedelta(minutes=1))
    assert sqlite_house.session_of(token) is None


# Sessions


def test_a_session_ends_when_it_is_not_used_and_after_a_week(house: House) -> None:
    member_id = house.join()
    token = house.sign_in()
    house.clock.advance(IDLE)
    assert house.session_of(token) is None
    token, began = house.sign_in(), house.clock.now
    while house.clock.now < began + LONGEST:
        session = house.session_of(token)
        assert session is not None
        with house.sessions.write() as rows:
            rows.get_one(StaffSession, session.id).seen_at = house.clock.now
        house.clock.advance(IDLE / 2)
    assert house.session_of(token) is None
    with house.sessions.write() as rows:
        assert sessions_of(rows, member_id, house.clock.now) == []
        forget_sessions(rows, house.clock.now)
        assert rows.scalars(select(StaffSession)).all() == []


def test_a_new_password_signs_out_everywhere_else_and_is_told_by_mail(house: House) -> None:
    member_id = house.join()
    here, there = house.sign_in(), house.sign_in()
    session = house.session_of(here)
    assert session is not None
    with house.account(member_id) as account:
        account.change_password(house.porter.passwords.store(OTHER_PASSWORD), session.id)
    assert house.session_of(here) is not None
    assert house.session_of(there) is None
    assert house.sign_in() is None
    assert house.sign_in(password=OTHER_PASSWORD) is not None


def test_what_matters_asks_for_the_password_again(sqlite_house: House) -> None:
    house = sqlite_house
    house.join()
    session = house.session_of(house.sign_in())
    assert session is not None
    house.clock.advance(timedelta(hours=1))
    assert not house.porter.prove_again(session.id, OTHER_PASSWORD, CALLER, house.clock.now)
    assert house.porter.prove_again(session.id, PASSWORD, CALLER, house.clock.now)
    with house.sessions.read() as rows:
        assert rows.get_one(StaffSession, session.id).proved_at == house.clock.now


# A forgotten password


def test_a_forgotten_password_mails_one_link_that_works_once(house: House) -> None:
    member_id = house.join()
    token = house.sign_in()
    assert house.porter.forgot(ADA, CALLER, house.clock.now) is not None
    first = house.link(member_id, LinkKind.PASSWORD)
    assert house.porter.forgot(ADA, CALLER, house.clock.now) is not None
    link = house.link(member_id, LinkKind.PASSWORD)
    assert (first.id != link.id, house.link(member_id, LinkKind.PASSWORD).used_at) == (True, None)
    with house.account(member_id) as account:
        account.set_forgotten(link, house.porter.passwords.store(OTHER_PASSWORD))
    assert house.session_of(token) is None
    assert house.sign_in(password=OTHER_PASSWORD) is not None
    with house.sessions.read() as session:
        assert [row.used_at is not None for row in session.scalars(select(type(link)))] == [True, True, True]


@pytest.mark.parametrize("email", [BEN, "nobody@staff.example", "nonsense"])
def test_nobody_else_gets_a_link(sqlite_house: House, email: str) -> None:
    sqlite_house.join()
    sqlite_house.invite(BEN)
    assert sqlite_house.porter.forgot(email, CALLER, sqlite_house.clock.now) is None


def test_an_address_gets_three_links_a_day(sqlite_house: House) -> None:
    sqlite_house.join()
    for email in (ADA, BEN):
        for _ in range(RESETS_PER_DAY):
            sqlite_house.porter.forgot(email, CALLER, sqlite_house.clock.now)
        with pytest.raises(ThrottledError):
            sqlite_house.porter.forgot(email, CALLER, sqlite_house.clock.now)
