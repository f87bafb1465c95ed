"""The app of a tutorial: Flask, Flask-SQLAlchemy, Flask-Mail, made when it is imported."""

from __future__ import annotations

import os

from flask import Flask
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["TUTORIAL_DATABASE"]
app.config["MAIL_SERVER"] = "127.0.0.1"
app.config["MAIL_PORT"] = int(os.environ["TUTORIAL_SMTP_PORT"])
app.config["MAIL_DEFAULT_SENDER"] = "letters@bench.example"
db = SQLAlchemy(app)
mail = Mail(app)


class Letter(db.Model):  # type: ignore[name-defined,misc]
    """A letter in the queue."""

    id = db.Column(db.Integer, primary_key=True)
    recipient = db.Column(db.String(254), nullable=False)
    reply_to = db.Column(db.String(254), nullable=False)
    subject = db.Column(db.Text, nullable=False)
    text = db.Column(db.Text, nullable=False)
    html = db.Column(db.Text, nullable=False)
    sent = db.Column(db.Boolean, default=False, nullable=False)
