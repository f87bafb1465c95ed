"""A database as the first schema (migration 0001) kept it, with rows in every state that it knew, in plain SQL."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from app.letters.compose import ActionText, Recipient, TemplateParts, compose
from app.privacy.fields import keys_of

TARGETS = ("Office@Zedmere.EXAMPLE", "mayor@zedmere.example", "rents@landlord.example", "")
"""The addresses of the targets 1 to 4: two at one domain, one at another, one without."""

PATHS = {
    "queued": "queued",
    "sending": "queued sending",
    "sent": "queued sending sent",
    "delivered": "queued sending sent delivered",
    "bounced": "queued sending sent bounced",
    "complained": "queued sending sent delivered complained",
    "held": "queued sending held",
    "suppressed": "queued suppressed",
    "cancelled": "queued held cancelled",
    "failed": "queued sending queued sending failed",
    "uncertain": "queued sending uncertain",
}
"""Every state, and a way there."""

LETTERS = ("queued", "queued", "sending", "queued", *list(PATHS)[1:], "held", "queued")
"""The states of the letters 1 to 16: four supporters wrote to all four targets, in their order."""

NOTICES = {"confirmation": "queued", "already_written": "sent", "thank_you": "sending"}
"""The states of the mails to the first supporter."""

_PARTS = TemplateParts("About {{ campaign.title }}", "{{ salutation }},", "Please act.", "{{ supporter.name }}")
_VARIABLES = {"campaign": {"title": "Warm homes"}}


def fill(engine: Engine, now: datetime) -> None:
    """Write a campaign with its letters and mails, and a campaign that nobody has written in."""
    with engine.begin() as connection:
        _Filling(connection, now).fill()


class _Filling:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection, self._keys = connection, keys_of(connection.dialect)
        zone = "" if connection.dialect.name == "sqlite" else "+00"
        self._now, self._week = (f"{moment:%Y-%m-%d %H:%M:%S.%f}{zone}" for moment in (now, now + timedelta(days=7)))

    def fill(self) -> None:
        self._campaigns()
        self._targets()
        for supporter in range(1, 5):
            self._supporter(supporter)
        for number, state in enumerate(LETTERS):
            self._letter(number + 1, number // 4 + 1, number % 4 + 1, state)
        for number, (purpose, state) in enumerate(NOTICES.items(), len(LETTERS) + 1):
            self._delivery(number, purpose, state, action=5 if purpose == "confirmation" else 1)
        if self._connection.dialect.name != "sqlite":  # rows that bring their numbers leave the sequences behind
            for table in ("letter", "delivery", "action", "supporter"):
                self._connection.execute(text(f"SELECT setval('{table}_id_seq', 100)"))

    def _insert(self, table: str, **columns: Any) -> None:
        values = ", ".join(f":{name}" for name in columns)
        self._connection.execute(text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"), columns)  # noqa: S608 - names of ours

    def _campaigns(self) -> None:
        rule: dict[str, Any] = {"target_rule": "all", "target_lists": "landlords"}
        look: dict[str, Any] = {"kind": "letter", "colour": "#7a1f5c", "position": 1, "created_at": self._now}
        for number, slug, confirmed in ((1, "warm-homes", 4), (2, "dry-homes", 0)):
            self._insert("campaign", id=number, slug=slug, state="live", confirmed_count=confirmed, **look, **rule)
        words = dict.fromkeys(("ask", "summary", "invitation", "won", "body_html"), "words")
        self._insert("campaign_page", campaign_id=1, language="en", title="Warm homes", **words)
        parts = {"subject": _PARTS.subject, "opening": _PARTS.opening, "body": _PARTS.body, "closing": _PARTS.closing}
        template = {"language": "en", "audience": "", "version": 1, "created_at": self._now}
        self._insert("letter_template", id=1, campaign_id=1, **template, **parts)

    def _targets(self) -> None:
        source = {"source": "a test", "source_url": "", "as_of": "2026-11-01", "licence": "CC0-1.0", "demo": False}
        self._insert("target_list", id=1, slug="landlords", name="Landlords", owner="import", **source)
        empty = dict.fromkeys(("organisation", "address", "party"), "")
        for number, email in enumerate(TARGETS, 1):
            about = {"role": "company", "name": f"Company {number}", "salutation": "Dear all", "email": email}
            checked = {"verified_at": self._now, "verified_how": "a test"}
            self._insert("target", id=number, list_id=1, external_id=str(number), **about, **checked, **empty)

    def _supporter(self, number: int) -> None:
        email = f"supporter-{number}@supporter.example"
        columns = {"name": f"Supporter {number}", "email": email}
        sealed = {name: self._keys.encrypt(f"supporter.{name}", value) for name, value in columns.items()}
        email_hash = self._keys.blind_index("supporter.email", email)
        self._insert("supporter", id=number, email_hash=email_hash, created_at=self._now, **sealed)
        self._action(number, number, "confirmed")
        if number == 1:
            self._action(5, number, "pending")

    def _action(self, number: int, supporter: int, state: str) -> None:
        own = {"name": f"Supporter {supporter}", "postcode": "", "own_words": ""}
        sealed = {name: self._keys.encrypt(f"action.{name}", value) for name, value in own.items()}
        self._insert(
            "action",
            id=number,
            public_id=uuid.UUID(int=number).hex,
            campaign_id=1,
            supporter_id=supporter,
            template_id=1,
            state=state,
            language="en",
            variables=json.dumps(_VARIABLES),
            submitted_at=self._now,
            expires_at=self._week,
            **sealed,
        )

    def _letter(self, number: int, action: int, target: int, state: str) -> None:
        name, salutation = f"Company {target}", "Dear all"
        words = ActionText(f"Supporter {action}", "", "", None, None, _VARIABLES)
        digest = compose(_PARTS, words, Recipient(name, "", salutation)).digest
        frozen = {"target_name": name, "target_organisation": "", "salutation": salutation, "text_hash": digest}
        letter = len(LETTERS) + 1 - number  # a number of its own, as every letter had
        self._insert("letter", id=letter, action_id=action, target_id=target, **frozen)
        self._delivery(number, "letter", state, action=action, letter=letter)

    def _delivery(self, number: int, purpose: str, state: str, *, action: int, letter: int | None = None) -> None:
        path = PATHS[state].split()
        times = dict.fromkeys(("due_at", "created_at", "changed_at"), self._now)
        lease = {"lease": "old", "lease_until": self._now if state == "sending" else None}
        owner = {"campaign_id": 1, "action_id": action, "letter_id": letter}
        tries = {"attempts": path.count("sending"), "reason": "no_address" if state == "held" else ""}
        self._insert("delivery", id=number, purpose=purpose, state=state, **owner, **times, **lease, **tries)
        for origin, to in zip([None, *path], path, strict=False):
            fact = {"source": "worker", "from_state": origin, "to_state": to, "detail": ""}
            self._insert("delivery_event", delivery_id=number, at=self._now, **fact)
