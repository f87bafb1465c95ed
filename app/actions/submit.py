"""Submitting: a letter waits for its writer to confirm it from their own mailbox."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.activity import Step, count_act
from app.actions.addresses import lookup_form, mailbox_form
from app.actions.audiences import Audience
from app.actions.models import Action, ActionPart, ActionState, ActionTarget, Consent, Supporter
from app.actions.recipients import Recipients
from app.actions.sources import Source
from app.actions.text import stored_reasons
from app.actions.throttle import Gate
from app.campaigns.models import Campaign
from app.letters.compose import ActionText
from app.queue.lanes import notices_lane
from app.queue.rows import Parcel, put
from app.queue.states import Purpose
from app.statements import insert_or


class CampaignNotOpenError(Exception):
    """The campaign takes no letters now."""


@dataclass(frozen=True, slots=True)
class Submission:
    """All that a supporter hands in. Text is checked and normalised before it comes here."""

    text: ActionText
    """What is said to the first audience."""
    email: str
    language: str
    """The language that the supporter reads."""
    consent: bool
    consent_wording: str
    network: str
    """The address that the request came from; only its keyed hash is kept, and only to count."""
    source: Source = Source.DIRECT
    """By which way the supporter came."""
    further: Sequence[ActionText] = ()
    """What is said to each further audience, in their order; it differs in its subject and middle, and in the subject
    that it began with."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes submissions."""

    gate: Gate
    confirm_within: timedelta

    def submit(
        self,
        session: Session,
        audiences: Sequence[Audience],
        recipients: Recipients,
        submission: Submission,
        now: datetime,
    ) -> int | None:
        """Keep the letter as a pending action and queue the mail that asks to confirm it.

        Whoever has taken part already gets a mail that says so instead, and a mailbox that has had its share of mail
        today gets none; in neither case is anything kept. The page is to be the same in all three, so that nobody
        learns from it who has signed (action-center-platform #3).

        Returns:
            The id of the delivery that was queued, if any.

        Raises:
            CampaignNotOpenError: the campaign is not live (any more).
            ThrottledError: too much was asked from this network, or by all together.
        """
        campaign = session.get_one(Campaign, audiences[0].template.campaign_id)
        if not campaign.accepts_letters:
            raise CampaignNotOpenError
        if not self.gate.admit(session, mailbox_form(submission.email), submission.network, now):
            self.gate.release(session, now)
            return None
        supporter_id = self._supporter_id(session, submission, now)
        confirmed = _confirmed_action(session, campaign.id, supporter_id)
        if confirmed is not None:
            self.gate.release(session, now)
            return put(session, [Parcel(Purpose.ALREADY_WRITTEN, campaign.id, confirmed, notices_lane(session))], now)[
                0
            ]
        action = self._pending(audiences, recipients, submission, now)
        action.supporter_id, action.protected = supporter_id, campaign.protects_replies
        session.add(action)
        session.flush()
        count_act(session, action, Step.SUBMITTED, now)
        session.add(
            Consent(
                supporter_id=supporter_id,
                action_id=action.id,
                given=submission.consent,
                wording=submission.consent_wording,
                at=now,
            )
        )
        return put(session, [Parcel(Purpose.CONFIRMATION, campaign.id, action.id, notices_lane(session))], now)[0]

    def _pending(
        self, audiences: Sequence[Audience], recipients: Recipients, submission: Submission, now: datetime
    ) -> Action:
        first, *others = audiences
        further = [
            (
                audience,
                ActionPart(
                    template_id=audience.template.id,
                    subject=text.subject,
                    body=text.body,
                    subject_variant=text.subject_variant,
                ),
            )
            for audience, text in zip(others, submission.further, strict=True)
        ]
        return Action(
            public_id=uuid.uuid4(),
            campaign_id=first.template.campaign_id,
            template_id=first.template.id,
            area_id=recipients.area.id if recipients.area else None,
            state=ActionState.PENDING,
            language=submission.language,
            source=submission.source,
            name=submission.text.name,
            postcode=submission.text.postcode,
            own_words=submission.text.own_words,
            subject=submission.text.subject,
            body=submission.text.body,
            reasons=stored_reasons(submission.text.reasons),
            subject_variant=submission.text.subject_variant,
            variables=dict(submission.text.variables),
            submitted_at=now,
            expires_at=now + self.confirm_within,
            parts=[part for _audience, part in further],
            choices=[
                ActionTarget(target_id=target.id, part=part)
                for audience, part in [(first, None), *further]
                for target in audience.targets
            ],
        )

    def _supporter_id(self, session: Session, submission: Submission, now: datetime) -> int:
        email_hash = self.gate.keys.blind_index("supporter.email", lookup_form(submission.email))
        statement = insert_or(session, Supporter).values(
            name=submission.text.name, email=submission.email, email_hash=email_hash, created_at=now
        )
        # The update that changes nothing locks the row: a supporter who is being forgotten at this moment is forgotten
        # before, and made anew, or is seen to have an action again.
        found = statement.on_conflict_do_update(
            index_elements=[Supporter.email_hash], set_={"email_hash": email_hash}
        ).returning(Supporter.id)
        return session.scalars(found).one()


def _confirmed_action(session: Session, campaign_id: int, supporter_id: int) -> int | None:
    return session.scalars(
        select(Action.id).where(
            Action.campaign_id == campaign_id,
            Action.supporter_id == supporter_id,
            Action.state == ActionState.CONFIRMED,
        )
    ).one_or_none()
