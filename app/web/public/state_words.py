"""What a letter's state means, in words for the person who wrote it. True before comforting."""

from __future__ import annotations

from flask_babel import gettext as _

from app.campaigns.models import Campaign, CampaignState
from app.queue.states import DeliveryState


def state_words(state: DeliveryState, reason: str, campaign: Campaign) -> tuple[str, str]:
    """The state's name and what it means.

    Args:
        state: where the letter stands.
        reason: the delivery's short code, where the state alone does not say why.
        campaign: the letter's campaign: one that waits goes by its state.
    """
    if state is DeliveryState.QUEUED and campaign.state is CampaignState.PAUSED:
        return _("Waiting"), _("The campaign rests for now. Your letter goes out when it goes on.")
    if state is DeliveryState.QUEUED and _is_won_and_rests(campaign):
        return _stopped_for()["campaign_won"]
    if state is DeliveryState.FAILED and reason == "gave_up":
        return _("Not delivered"), _("We tried for seven days and could not hand your letter over.")
    if state is DeliveryState.CANCELLED and reason in (stopped := _stopped_for()):
        return stopped[reason]
    if state is DeliveryState.HELD and reason in (waiting := _held_for()):
        return _("Waiting"), waiting[reason]
    return _words()[state]


def state_name(state: DeliveryState) -> str:
    """What a state is called, whatever the campaign does."""
    return _words()[state][0]


def _is_won_and_rests(campaign: Campaign) -> bool:
    return campaign.state is CampaignState.WON and not campaign.keeps_sending


def _held_for() -> dict[str, str]:
    """What is told of a letter that is held until something is done, by the reason."""
    return {
        "unverified_target": _("We are checking that this address is right. Your letter goes out when that is done."),
        "stale_target": _(
            "There was an election. We are checking who sits there now, and your letter goes out when that is done."
        ),
        "review": _("One of us reads your letter before it goes out. You need do nothing; we write to you if we must."),
        "target_paused": _("Letters to them are paused for now. Yours is kept, and goes out when they go on."),
    }


def _stopped_for() -> dict[str, tuple[str, str]]:
    """What is told of a letter that was stopped by us and not by its writer, by the reason."""
    return {
        "sent_back": (
            _("Sent back to you"),
            _("We asked you to change something. The link in our e-mail leads to your letter; it was not sent."),
        ),
        "rejected": (_("Not sent"), _("One of us has read your letter, and we cannot send it. We wrote to you why.")),
        "cancelled": (_("Not sent"), _("We have stopped this letter. It was not sent.")),
        "campaign_won": (
            _("Not sent"),
            _("The campaign was won before your letter went out, so it was not needed any more."),
        ),
        "campaign_closed": (_("Not sent"), _("The organisers ended the campaign before your letter went out.")),
    }


def _words() -> dict[DeliveryState, tuple[str, str]]:
    return {
        DeliveryState.QUEUED: (
            _("Waiting"),
            _("Your letter waits for its turn. We send letters slowly, so that they are not blocked."),
        ),
        DeliveryState.SENDING: (_("Going out"), _("Your letter is being handed over now.")),
        DeliveryState.SENT: (
            _("Handed over"),
            _("We have handed your letter to the mail. Nobody can know whether it was read."),
        ),
        DeliveryState.DELIVERED: (_("Delivered"), _("Your letter is in their mailbox.")),
        DeliveryState.BOUNCED: (_("Came back"), _("Their mail server sent your letter back. We will look into it.")),
        DeliveryState.COMPLAINED: (_("Marked as unwanted"), _("They marked your letter as unwanted.")),
        DeliveryState.HELD: (_("Held"), _("A person has to look at this before it goes out.")),
        DeliveryState.SUPPRESSED: (_("Not sent"), _("This address must not be written to, so nothing was sent.")),
        DeliveryState.CANCELLED: (_("Withdrawn"), _("You withdrew this letter. It was not sent.")),
        DeliveryState.FAILED: (
            _("Not delivered"),
            _("Your letter was turned away. The address may be wrong."),
        ),
        DeliveryState.UNCERTAIN: (
            _("Not certain"),
            _("We do not know whether it arrived. We do not send it again, so that they do not get it twice."),
        ),
    }
