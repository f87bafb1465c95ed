"""A notice as the mail that its supporter gets."""

from __future__ import annotations

from app.actions.models import Action
from app.delivery.notices import Notice
from app.delivery.page import mail_page
from app.delivery.prepared import AUTOMATIC, Address
from app.mail.message import Message
from app.queue.models import Delivery


def notice_mail(delivery: Delivery, action: Action, notice: Notice, sender: Address, from_name: str) -> Message:
    """The mail, marked as a machine's."""
    message_id, bounce_address = sender.names(delivery.id)
    html = mail_page(notice.text, action.language)
    return Message(
        id=delivery.id,
        message_id=message_id,
        from_address=sender.mail_from,
        from_name=from_name,
        to_address=action.supporter.email,
        to_name="",
        subject=notice.subject,
        text=notice.text,
        html=html,
        language=action.language,
        headers=AUTOMATIC,
        bounce_address=bounce_address,
    )
