"""The tutorial's job: one letter, on a new connection to the server."""

from __future__ import annotations

from flask_mail import Message

from benchmarks.peers.tutorial.app import Letter, app, db, mail


def send_letter(letter_id: int) -> None:
    """Send a letter and keep that it was sent."""
    with app.app_context():
        letter = db.session.get(Letter, letter_id)
        mail.send(
            Message(
                letter.subject,
                recipients=[letter.recipient],
                reply_to=letter.reply_to,
                body=letter.text,
                html=letter.html,
            )
        )
        letter.sent = True
        db.session.commit()
