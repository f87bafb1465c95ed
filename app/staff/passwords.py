"""Passwords: which are good enough, and how they are kept (Argon2id, with a pepper that is not in the database)."""

from __future__ import annotations

import enum
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from zxcvbn import zxcvbn

SHORTEST = 12
"""Characters. Length is what makes a password; no kind of character is asked for (NIST SP 800-63B, 3.1.1.2)."""
LONGEST = 128
_LOOKED_AT = 72
"""Characters that strength is judged by; beyond them it only grows, and so does the time that judging takes."""
_GOOD_ENOUGH = 3
"""Of 4: safe from whoever has stolen slow hashes."""

_PASSES, _MEMORY_KIB, _LANES = 3, 32 * 1024, 1
_MARK = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}$"
"""How a stored password begins that was made at today's cost."""


class PasswordProblem(enum.StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    GUESSABLE = "guessable"
    """A common one, a pattern, or made of what everybody knows of its owner."""


def problem_of(password: str, known: Sequence[str]) -> PasswordProblem | None:
    """What is wrong with a password, if anything.

    Args:
        password: as typed.
        known: words about its owner that a stranger would try: name, address, organisation.
    """
    plain = _normal(password)
    if len(plain) < SHORTEST:
        return PasswordProblem.SHORT
    if len(plain) > LONGEST:
        return PasswordProblem.LONG
    words = [part for word in known for part in (word, *word.replace("@", " ").replace(".", " ").split())]
    score = zxcvbn(plain[:_LOOKED_AT], user_inputs=words)["score"]
    return PasswordProblem.GUESSABLE if score < _GOOD_ENOUGH else None


@dataclass(frozen=True, slots=True)
class Passwords:
    """Makes and compares stored passwords. Both take a while: never inside a transaction that writes."""

    pepper: bytes = field(repr=False)

    def store(self, password: str) -> str:
        """The text to keep of a password."""
        kept = Argon2id(
            salt=os.urandom(16),
            length=32,
            iterations=_PASSES,
            lanes=_LANES,
            memory_cost=_MEMORY_KIB,
            secret=self.pepper,
        )
        return kept.derive_phc_encoded(_normal(password).encode())

    def match(self, password: str, stored: str) -> bool:
        """Whether it is the password that was stored. Where nothing is stored the answer takes as long, and is no."""
        typed = _normal(password)[: LONGEST + 1]
        if not stored:
            self.store(typed)
            return False
        try:
            Argon2id.verify_phc_encoded(typed.encode(), stored, secret=self.pepper)
        except InvalidKey:
            return False
        return True


def outdated(stored: str) -> bool:
    """Whether a stored password was made at another cost than today's."""
    return not stored.startswith(_MARK)


def _normal(password: str) -> str:
    """One form for what keyboards spell in several."""
    return unicodedata.normalize("NFKC", password)
