"""What staff do to the registry, each deed written to the audit in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.staff.audit import Deed, record
from app.targets.correction_models import Correction
from app.targets.corrections import accept, dismiss
from app.targets.imports import TargetImport
from app.targets.models import Target, TargetList, TargetOverride
from app.targets.overlay import Standing
from app.targets.overrides import end_override, override
from app.targets.removal import remove_target, restore_target
from app.targets.verify import verify, verify_list


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is done about a correction that is accepted: the target is removed, or values are put over its own."""

    remove: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None
    """Until when the values stand."""


@dataclass(frozen=True, slots=True)
class Registrar:
    """Acts for somebody. Targets and lists that are handed in are those of `session`, and nobody else changes them."""

    session: Session
    actor_id: int | None
    """Who of staff; none for the command line."""
    by: str
    """What the registry's rows say of who it was."""
    now: datetime

    def verify(self, target: Target, how: str) -> None:
        """See `app.targets.verify.verify`."""
        verify(target, how, self.now, by=self.by)
        self._record("target.verified", target.id, after={"email": target.email}, note=how)

    def verify_list(self, of: TargetList, how: str, *, seen: str | None = None) -> int:
        """See `app.targets.verify.verify_list`."""
        number = verify_list(self.session, of, how, self.now, by=self.by, seen=seen)
        self._record("target_list.verified", of.id, after={"addresses": number}, note=how)
        return number

    def imported(self, of: TargetList, done: TargetImport) -> None:
        """Keep that a list was filled from a file."""
        counts = done.targets
        after = {
            "list": of.slug,
            "as_of": of.as_of.isoformat(),
            "added": counts.added,
            "changed": counts.changed,
            "archived": counts.gone,
            "rejected": len(done.rejected),
        }
        self._record("target_list.imported", of.id, after=after, note=of.source)

    def put_over(self, target: Target, field: str, value: str, *, why: str, expires_at: datetime) -> TargetOverride:
        """See `app.targets.overrides.override`."""
        before = getattr(target, field, "")
        made = override(self.session, target, field, value, why=why, by=self.by, now=self.now, expires_at=expires_at)
        after = {field: made.value, "until": f"{expires_at:%Y-%m-%d}"}
        self._record("target.overridden", target.id, before={field: before}, after=after, note=why)
        return made

    def end_override(self, target: Target, field: str) -> Standing:
        """See `app.targets.overrides.end_override`."""
        ended = end_override(self.session, target, field, self.now)
        self._record("target.override_ended", target.id, before={field: ended.value}, after={field: ended.published})
        return ended

    def remove(self, target: Target, why: str) -> None:
        """See `app.targets.removal.remove_target`."""
        remove_target(self.session, target.list.slug, target.external_id, why=why, by=self.by, now=self.now)
        self._record("target.removed", target.id, before={"name": target.name}, note=why)

    def restore(self, target: Target) -> None:
        """See `app.targets.removal.restore_target`."""
        restore_target(self.session, target.list.slug, target.external_id)
        self._record("target.restored", target.id, after={"name": target.name})

    def accept(self, correction_id: int, note: str, remedy: Remedy) -> Correction:
        """Accept a correction and do what follows from it, both or neither; see `app.targets.corrections.accept`."""
        decided = accept(self.session, correction_id, by=self.by, note=note, now=self.now)
        self._record("correction.accepted", correction_id, after={"target": decided.target_id}, note=note)
        for name, value in remedy.values.items():
            assert remedy.expires_at is not None, "values stand until a day"  # noqa: S101 - who calls sees to it
            self.put_over(decided.target, name, value, why=note, expires_at=remedy.expires_at)
        if remedy.remove:
            self.remove(decided.target, note)
        return decided

    def dismiss(self, correction_id: int, note: str) -> Correction:
        """See `app.targets.corrections.dismiss`."""
        decided = dismiss(self.session, correction_id, by=self.by, note=note, now=self.now)
        self._record("correction.dismissed", correction_id, after={"target": decided.target_id}, note=note)
        return decided

    def _record(
        self,
        action: str,
        object_id: int,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        note: str = "",
    ) -> None:
        deed = Deed(action, object_id, before or {}, after or {}, note.strip())
        record(self.session, self.actor_id, deed, self.now)
