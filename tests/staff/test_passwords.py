"""Passwords: which are taken, and how they are kept."""

from __future__ import annotations

import time

import pytest

from app.staff.passwords import LONGEST, PasswordProblem, Passwords, outdated, problem_of
from tests.support.staff import OTHER_PASSWORD, PASSWORD

PASSWORDS = Passwords(b"pepper")
KNOWN = ("Ada Sandringham", "ada@staff.example", "Solidarity Post")


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        (PASSWORD, None),
        (OTHER_PASSWORD, None),
        ("x7#kQ!mz2pLw", None),
        ("short but no", None),
        ("eleven char", PasswordProblem.SHORT),
        ("", PasswordProblem.SHORT),
        ("password1234", PasswordProblem.GUESSABLE),
        ("aaaaaaaaaaaaaaaaaaaa", PasswordProblem.GUESSABLE),
        ("qwertyuiop123", PasswordProblem.GUESSABLE),
        ("Ada Sandringham 1", PasswordProblem.GUESSABLE),
        ("ada@staff.example", PasswordProblem.GUESSABLE),
        ("solidaritypost", PasswordProblem.GUESSABLE),
        ("سبعة طيور فوق الماء", None),
        ("k7" * (LONGEST // 2) + "x", PasswordProblem.LONG),
    ],
)
def test_length_and_what_guessers_try_decide_and_no_kind_of_character(
    password: str, problem: PasswordProblem | None
) -> None:
    assert problem_of(password, KNOWN) is problem


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    kept = PASSWORDS.store(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=32768,t=3,p=1$")
    assert len(kept) < 200
    assert kept != PASSWORDS.store(PASSWORD)
    assert not outdated(kept)
    assert outdated(kept.replace("m=32768", "m=4096"))
    assert PASSWORDS.match(PASSWORD, kept)
    assert not PASSWORDS.match(OTHER_PASSWORD, kept)


def test_whoever_has_the_rows_but_not_the_pepper_cannot_even_try() -> None:
    assert not Passwords(b"another").match(PASSWORD, PASSWORDS.store(PASSWORD))


def test_spellings_that_look_alike_are_one_password() -> None:
    assert PASSWORDS.match("caf\u00e9 an der stra\u00dfe", PASSWORDS.store("cafe\u0301 an der stra\u00dfe"))


def test_nothing_stored_matches_nothing_and_takes_as_long() -> None:
    kept = PASSWORDS.store(PASSWORD)
    wrong = min(_took(kept) for _ in range(5))
    nobody = min(_took("") for _ in range(5))
    assert nobody > wrong / 2
    assert not PASSWORDS.match("", "")


def _took(stored: str) -> float:
    began = time.perf_counter()
    assert not PASSWORDS.match("something else", stored)
    return time.perf_counter() - began
