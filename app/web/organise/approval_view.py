"""The last approval of a campaign that was asked for, and what its reader reads before they decide."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.campaigns.models import FALLBACK_LANGUAGE, Campaign
from app.i18n import direction, own_name
from app.roles import Permission, may
from app.running.approvals import lapsed, newest_of
from app.running.checks import last_check, report_of
from app.running.models import Approval, ApprovalState
from app.web.organise.door import me
from app.web.organise.run_words import approval_words, verdict_of
from app.web.organise.sheets import sheets_of


def approval_view(session: Session, campaign: Campaign) -> dict[str, Any] | None:
    """How it stands; none where nobody has asked."""
    approval = newest_of(session, campaign.id)
    if approval is None:
        return None
    out = lapsed(approval)
    waits = approval.state is ApprovalState.ASKED and not out
    return {
        "id": approval.id,
        "look": approval_words(approval.state, lapsed=out),
        "letters": approval.letters,
        "asker": approval.asker.name,
        "asked_at": approval.asked_at,
        "note": approval.note,
        "decider": "" if approval.decider is None else approval.decider.name,
        "decided_at": approval.decided_at,
        "answer": approval.answer,
        "waits": waits,
        "to_read": _to_read(session, campaign) if waits and _may_decide(approval) else None,
    }


def _may_decide(approval: Approval) -> bool:
    return approval.asked_by != me().id and may(me().role, Permission.APPROVAL)


def _to_read(session: Session, campaign: Campaign) -> dict[str, Any]:
    """What the check came to, letters as they would arrive, and the campaign's pages."""
    report = report_of(last_check(session, campaign))
    pages = sorted(campaign.pages, key=lambda page: (page.language != FALLBACK_LANGUAGE, page.language))
    return {
        "verdict": None if report is None else verdict_of(report),
        "number": 0 if report is None else report.letters,
        "letters": [] if report is None else sheets_of(report)[:1],
        "pages": [
            {
                "name": own_name(page.language),
                "language": page.language,
                "direction": direction(page.language),
                "ask": page.ask,
                "body_html": page.body_html,
            }
            for page in pages
        ],
    }
