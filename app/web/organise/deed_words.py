"""What staff did, in words: for the audit."""

from __future__ import annotations

from flask_babel import gettext as _


def deed_words(action: str) -> str:
    """What somebody did; a deed without words of its own keeps its code."""
    words = {**_staff(), **_campaigns(), **_letters(), **_others()}
    return words.get(action, action)


def _staff() -> dict[str, str]:
    """What is done about staff, and by them about themselves."""
    return {
        "staff.invited": _("Invited a member of staff"),
        "staff.invited_again": _("Sent an invitation again"),
        "staff.joined": _("Accepted an invitation"),
        "staff.role_changed": _("Gave somebody another role"),
        "staff.deactivated": _("Deactivated an account"),
        "staff.activated": _("Activated an account again"),
        "staff.locked": _("An account was locked after too many tries"),
        "staff.unlocked": _("Unlocked an account"),
        "staff.password_changed": _("Changed their password"),
        "staff.second_factor_added": _("Added an authenticator app"),
        "staff.second_factor_removed": _("Removed an authenticator app"),
        "staff.passkey_added": _("Added a passkey"),
        "staff.passkey_removed": _("Removed a passkey"),
        "staff.second_factor_reset": _("Took away somebody’s second factor"),
        "staff.recovery_code_used": _("Signed in with a recovery code"),
        "staff.recovery_codes_renewed": _("Made new recovery codes"),
        "staff.digest_switched": _("Switched their weekly mail on or off"),
        "staff.signed_out_elsewhere": _("Signed out in all other browsers"),
    }


def _campaigns() -> dict[str, str]:
    """What is done with campaigns."""
    return {
        "draft.begun": _("Began to write a campaign"),
        "draft.saved": _("Saved a draft"),
        "draft.renamed": _("Gave a campaign another address"),
        "draft.thrown_away": _("Threw away what was not published"),
        "campaign.published": _("Published a draft"),
        "campaign.thrown_away": _("Threw a campaign’s draft away"),
        "campaign.shared": _("Shared a campaign with partners"),
        "campaign.checked": _("Checked a campaign"),
        "campaign.tested": _("Sent sample letters to themselves"),
        "campaign.scheduled": _("Scheduled a campaign"),
        "campaign.unscheduled": _("Took a campaign off the schedule"),
        "campaign.opened": _("Opened a campaign"),
        "campaign.opening_held": _("A campaign did not open by itself"),
        "campaign.paused": _("Paused a campaign"),
        "campaign.resumed": _("Let a campaign go on"),
        "campaign.last_day_changed": _("Changed the last day of a campaign"),
        "campaign.closed": _("Closed a campaign"),
        "campaign.won": _("Said that a campaign is won"),
        "campaign.letters_stopped": _("Stopped the letters of a campaign"),
        "campaign.letters_go_on": _("Let the letters of a campaign go on"),
        "campaign.approval_asked": _("Asked for approval"),
        "campaign.approval_granted": _("Approved a campaign"),
        "campaign.approval_declined": _("Declined to approve a campaign"),
    }


def _letters() -> dict[str, str]:
    """What is done with letters, and with the mail as a whole."""
    return {
        "letter.release": _("Let a letter go"),
        "letter.cancel": _("Cancelled a letter"),
        "letter.settle_sent": _("Said that a letter was handed over"),
        "letter.settle_delivered": _("Said that a letter has arrived"),
        "letter.settle_bounced": _("Said that a letter did not arrive"),
        "letter.settle_queued": _("Had a doubtful letter sent once more"),
        "letter.resend": _("Had a blocked letter sent once more"),
        "bulk.release": _("Let many letters go"),
        "bulk.cancel": _("Cancelled many letters"),
        "bulk.settle_sent": _("Said that many letters were handed over"),
        "bulk.settle_delivered": _("Said that many letters have arrived"),
        "bulk.settle_bounced": _("Said that many letters did not arrive"),
        "bulk.settle_queued": _("Had many doubtful letters sent once more"),
        "bulk.resend": _("Had many blocked letters sent once more"),
        "bulk.stopped": _("Stopped a decision about many letters"),
        "bulk.finished": _("A decision about many letters was carried out"),
        "review.released": _("Read a letter and let it go"),
        "review.sent_back": _("Read a letter and sent it back"),
        "review.rejected": _("Read a letter and rejected it"),
        "stop.put_on": _("Stopped mail"),
        "stop.taken_off": _("Let mail go on"),
        "lane.set": _("Set the pace and hours of a mail domain"),
        "lane.tried": _("Let one letter try a mail domain"),
        "lane.sound": _("Took a mail domain for sound again"),
    }


def _others() -> dict[str, str]:
    """What is done with supporters, tokens, webhooks and the rest."""
    return {
        "target.verified": _("Verified an address"),
        "target.asked": _("Sent a code to an address"),
        "target.overridden": _("Put a value over the source’s"),
        "target.override_ended": _("Let the source’s value count again"),
        "target.removed": _("Took a target off its list"),
        "target.restored": _("Put a target on its list again"),
        "target_list.imported": _("Filled a list from a file"),
        "target_list.verified": _("Said that the addresses of a list are right"),
        "correction.accepted": _("Accepted a correction"),
        "correction.dismissed": _("Dismissed a correction"),
        "suppression.added": _("Stopped mail to an address"),
        "suppression.lifted": _("Let an address be mailed again"),
        "supporters.export_begun": _("Began to take supporters away"),
        "supporters.exported": _("Took supporters away"),
        "token.made": _("Made a token"),
        "token.revoked": _("Revoked a token"),
        "hook.added": _("Added a webhook"),
        "hook.paused": _("Paused a webhook"),
        "hook.resumed": _("Let a webhook go on"),
        "hook.secret_changed": _("Changed a webhook’s secret"),
        "hook.tested": _("Tested a webhook"),
        "hook.removed": _("Removed a webhook"),
    }


def kind_words(kind: str) -> str:
    """What kind of thing it was done to."""
    words = {
        "staff": _("Staff"),
        "campaign": _("Campaigns"),
        "target": _("Targets"),
        "target_list": _("Target lists"),
        "correction": _("Corrections"),
        "suppression": _("Addresses that are not mailed"),
        "draft": _("Drafts of campaigns"),
        "letter": _("Single letters"),
        "bulk": _("Many letters at once"),
        "review": _("Letters that were read first"),
        "stop": _("Stops"),
        "lane": _("Mail domains"),
        "supporters": _("Supporters"),
        "token": _("Tokens"),
        "hook": _("Webhooks"),
    }
    return words.get(kind, kind)
