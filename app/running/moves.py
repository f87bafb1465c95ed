"""What staff do with a campaign: schedule, open, pause, close, win. Each deed is checked, done and written down."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.campaigns.lifecycle import UNDER_WAY, IllegalMoveError, move_campaign
from app.campaigns.models import Campaign, CampaignState
from app.queue.brakes import put_on, take_off
from app.queue.models import BrakeScope
from app.running.approvals import Approvals
from app.running.checks import is_of_now, last_check
from app.running.endings import begin_ending, give_up
from app.staff.audit import Deed, record

_S = CampaignState


class OfFilesError(Exception):
    """Files own the campaign: they say in which state it is."""


class NotCheckedError(Exception):
    """Nobody has looked at the campaign as it is now."""


class NotApprovedError(Exception):
    """So many letters need a second person's approval."""


class TimesError(Exception):
    """The times do not follow each other: now, the opening, the closing."""


@dataclass(frozen=True, slots=True)
class Conductor:
    """Moves one campaign for a member of staff."""

    session: Session
    campaign: Campaign
    actor_id: int
    approvals: Approvals

    @property
    def now(self) -> datetime:
        """The time of the deed."""
        return self.approvals.now

    def schedule(self, opens_at: datetime, closes_at: datetime | None, letters: int) -> None:
        """Let it open by itself, and close if it shall; also to give a scheduled one other times.

        Raises:
            OfFilesError, NotCheckedError, NotApprovedError, TimesError, IllegalMoveError: why it cannot be.
        """
        self._may_open(letters)
        if opens_at <= self.now or (closes_at is not None and closes_at <= opens_at):
            raise TimesError("The opening lies ahead, and the closing after it.")
        before = self._told()
        self._move(_S.SCHEDULED)
        self.campaign.opens_at, self.campaign.closes_at, self.campaign.opening_held = opens_at, closes_at, None
        self.campaign.letters_expected = letters
        self._record("scheduled", before)

    def plan(self, opens_at: datetime | None, closes_at: datetime | None, letters: int) -> None:
        """Keep what a draft is meant to do while somebody has still to approve it."""
        if self.campaign.state is _S.DRAFT and not self.campaign.of_files:
            self.campaign.opens_at, self.campaign.closes_at = opens_at, closes_at
            self.campaign.letters_expected = letters

    @property
    def planned(self) -> datetime | None:
        """When a draft is to open once it is approved; none where nobody has planned it, or that time has passed."""
        campaign = self.campaign
        waits = campaign.state is _S.DRAFT and not campaign.of_files and campaign.letters_expected is not None
        return campaign.opens_at if waits and campaign.opens_at and campaign.opens_at > self.now else None

    def keep_plan(self) -> None:
        """Put a draft on the schedule as it was planned, where it is approved for that; else it stays a draft."""
        opens_at, letters = self.planned, self.campaign.letters_expected
        if opens_at is not None and letters is not None:
            with suppress(NotCheckedError, NotApprovedError, TimesError):
                self.schedule(opens_at, self.campaign.closes_at, letters)

    def unschedule(self) -> None:
        """Make a scheduled campaign a draft again."""
        self._of_ours()
        before = self._told()
        self._move(_S.DRAFT)
        self._record("unscheduled", before)

    def open(self, letters: int, closes_at: datetime | None = None) -> None:
        """Open it now, or once more after its end.

        Raises:
            OfFilesError, NotCheckedError, NotApprovedError, TimesError, IllegalMoveError: why it cannot be.
        """
        self._may_open(letters)
        if closes_at is not None and closes_at <= self.now:
            raise TimesError("The closing lies ahead.")
        if self.campaign.state is _S.PAUSED:
            raise IllegalMoveError("a paused campaign goes on, it is not opened")
        before = self._told()
        self._move(_S.LIVE)
        self.campaign.opens_at, self.campaign.closes_at = self.now, closes_at
        self.campaign.letters_expected = letters
        self._record("opened", before)

    def open_held(self) -> None:
        """Open a scheduled campaign that waits for a person, as it was meant to be; those of files too.

        Raises:
            IllegalMoveError: it does not wait.
            NotApprovedError: it waits for an approval, and still has none.
        """
        if self.campaign.opening_held is None or self.campaign.state is not _S.SCHEDULED:
            raise IllegalMoveError("it does not wait for a person")
        expected = self.campaign.letters_expected
        if expected is not None and not self.approvals.enough(self.campaign, expected):
            raise NotApprovedError
        before = self._told()
        self._move(_S.LIVE)
        if self.campaign.closes_at is not None and self.campaign.closes_at <= self.now:
            self.campaign.closes_at = None
        self._record("opened", before)

    def pause(self) -> None:
        """Take no more letters; what was confirmed waits."""
        self._plainly(_S.PAUSED, "paused", of=(_S.LIVE,))

    def go_on(self) -> None:
        """Go on after a pause."""
        self._plainly(_S.LIVE, "resumed", of=(_S.PAUSED,))

    def close_at(self, closes_at: datetime | None) -> None:
        """Give a campaign under way another closing, or none: then it closes when somebody says so.

        Raises:
            OfFilesError, TimesError, IllegalMoveError: why it cannot be.
        """
        self._of_ours()
        self.session.refresh(self.campaign, ["state", "closes_at"], with_for_update=True)
        if self.campaign.state not in UNDER_WAY:
            raise IllegalMoveError(f"it is {self.campaign.state}")
        if closes_at is not None and closes_at <= self.now:
            raise TimesError("The closing lies ahead.")
        if closes_at != self.campaign.closes_at:
            before = self._told()
            self.campaign.closes_at = closes_at
            self._record("last_day_changed", before)

    def close(self, *, sends: bool) -> None:
        """Take no letters any more; what waits is still sent, or cancelled."""
        self._of_ours()
        before = self._told()
        self._move(_S.CLOSED)
        self._end(sends=sends, tells=False)
        self._record("closed", before, {"waiting": "sent" if sends else "cancelled"})

    def win(self, texts: Mapping[str, str], *, sends: bool, tells: bool) -> None:
        """Say that it is won, in the languages of its pages; what waits is still sent, or cancelled."""
        self._of_ours()
        before = self._told()
        self._move(_S.WON)
        for page in self.campaign.pages:
            page.won = texts.get(page.language, page.won)
        self._end(sends=sends, tells=tells)
        told = {"waiting": "sent" if sends else "cancelled", "supporters_told": tells}
        self._record("won", before, told)

    def stop_letters(self, why: str) -> None:
        """Put the brake on its letters: letters are still taken, and wait. Campaigns of files too."""
        if put_on(self.session, BrakeScope.CAMPAIGN, self.campaign.id, why, self.now):
            record(self.session, self.actor_id, Deed("campaign.letters_stopped", self.campaign.id, note=why), self.now)

    def let_letters_go(self) -> None:
        """Take the brake off."""
        if take_off(self.session, BrakeScope.CAMPAIGN, self.campaign.id):
            record(self.session, self.actor_id, Deed("campaign.letters_go_on", self.campaign.id), self.now)

    def _may_open(self, letters: int) -> None:
        self._of_ours()
        if not is_of_now(last_check(self.session, self.campaign), self.campaign):
            raise NotCheckedError
        if not self.approvals.enough(self.campaign, letters):
            raise NotApprovedError

    def _of_ours(self) -> None:
        if self.campaign.of_files:
            raise OfFilesError

    def _plainly(self, to: CampaignState, verb: str, of: Collection[CampaignState]) -> None:
        self._of_ours()
        before = self._told()
        if self.campaign.state not in (*of, to):
            raise IllegalMoveError(f"it is {self.campaign.state}")
        if self._move(to):
            self._record(verb, before)

    def _end(self, *, sends: bool, tells: bool) -> None:
        self.campaign.keeps_sending = sends
        if self.campaign.closes_at is None or self.campaign.closes_at > self.now:
            self.campaign.closes_at = self.now
        begin_ending(self.session, self.campaign, cancels=not sends, tells=tells, now=self.now)

    def _move(self, to: CampaignState) -> bool:
        moved = move_campaign(self.session, self.campaign, to, self.now)
        if moved and to is _S.LIVE:
            give_up(self.session, self.campaign.id, self.now)
        return moved

    def _told(self) -> dict[str, Any]:
        campaign = self.campaign
        times = {"opens_at": campaign.opens_at, "closes_at": campaign.closes_at}
        told: dict[str, Any] = {name: at.isoformat(timespec="minutes") for name, at in times.items() if at is not None}
        return {"state": campaign.state.value, "letters_expected": campaign.letters_expected, **told}

    def _record(self, verb: str, before: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> None:
        self.session.flush()
        after = {**self._told(), **(more or {})}
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        deed = Deed(
            f"campaign.{verb}",
            self.campaign.id,
            {name: value for name, value in before.items() if name in changed},
            {name: value for name, value in after.items() if name in changed},
        )
        record(self.session, self.actor_id, deed, self.now)
