"""The site as a test sees it: real pages on a real database, its clock in the test's hand, its mail in a folder."""

from __future__ import annotations

import atexit
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from app.bootstrap import build_platform
from app.campaigns.models import Campaign, CampaignState
from app.columns import Base
from app.config import Config
from app.doorbell.silent import SilentDoorbell
from app.mail.outbox import OutboxMail, list_mails, read_mail
from app.targets.models import Area, Target
from app.web.public.steps import STEPS, Steps
from tests.web.visitor import Visitor

LINK = re.compile(r"https?://\S+")


class _Client(FlaskClient):
    """Reads every answer to its end, so that no file stays open."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **kwargs})


class _Compiled(BytecodeCache):
    """Templates are compiled once, not once for each site that a test makes."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


@dataclass
class Clock:
    """Says the time that it is set to."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time

    def forward(self, by: timedelta) -> None:
        self.time += by


class Site:
    """The whole site on `config`, without a worker: mail goes out when the test says so."""

    def __init__(self, config: Config, now: datetime) -> None:
        self.clock = Clock(now)
        self.platform = replace(build_platform(config, clock=self.clock), doorbell=SilentDoorbell())
        self.app: Flask = create_app(self.platform)
        self.app.test_client_class = _Client
        self.app.jinja_env.bytecode_cache = _COMPILED

    def forget_verification(self) -> None:
        """Nobody has looked at any target's address yet, not at the invented ones either."""
        with self.change() as session:
            session.execute(update(Target).values(verified_at=None, verified_how="", verified_by=""))

    def visitor(self) -> Visitor:
        """Somebody with a browser of their own."""
        return Visitor(self.app.test_client())

    def deliver(self) -> list[OutboxMail]:
        """Let the worker deliver what is due; the mails it wrote, oldest first."""
        folder = self.platform.config.outbox_dir
        before = {mail.name for mail in list_mails(folder)}
        self.platform.dispatcher.deliver_due()
        mails = [read_mail(folder, mail.name) for mail in list_mails(folder) if mail.name not in before]
        return [mail for mail in reversed(mails) if mail is not None]

    def deliver_to(self, *addresses: str) -> list[OutboxMail]:
        """Like `deliver`; only the mails to these addresses."""
        return [mail for mail in self.deliver() if address_of(mail) in addresses]

    def delivered_link(self) -> str:
        """The link of the one mail that is due."""
        (mail,) = self.deliver()
        return link_in(mail)

    @contextmanager
    def change(self) -> Iterator[Session]:
        """Behind the site's back."""
        with self.platform.sessions.write() as session:
            yield session

    def move(self, slug: str, state: CampaignState) -> None:
        """Give a campaign another state."""
        with self.change() as session:
            session.scalars(select(Campaign).where(Campaign.slug == slug)).one().state = state

    def archive(self, *names: str) -> None:
        """Let targets leave their list."""
        with self.change() as session:
            rows = session.scalars(select(Target).where(Target.name.in_(names))).all()
            assert len(rows) == len(names)
            for target in rows:
                target.archived_at = self.clock()

    def area_id(self, name: str) -> int:
        with self.platform.sessions.read() as session:
            return session.scalars(select(Area.id).where(Area.name == name)).one()

    def target_id(self, name: str) -> int:
        with self.platform.sessions.read() as session:
            return session.scalars(select(Target.id).where(Target.name == name)).one()

    def count(self, row: type[Base]) -> int:
        """How many rows there are of a kind."""
        with self.platform.sessions.read() as session:
            return session.scalar(select(func.count()).select_from(row)) or 0

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table, to see whether anything has changed."""
        with self.platform.sessions.read() as session:
            return {
                table.name: [tuple(row) for row in session.execute(table.select().order_by(*table.primary_key))]
                for table in Base.metadata.sorted_tables
            }

    def begin_anew(self, database: Path, now: datetime) -> None:
        """Forget everything but what a database file holds (SQLite only)."""
        self.close()
        own = Path(self.platform.sessions.engine.url.database or "")
        for name in (own, own.with_name(f"{own.name}-wal"), own.with_name(f"{own.name}-shm")):
            name.unlink(missing_ok=True)
        shutil.copyfile(database, own)
        self.app.extensions[STEPS] = Steps(self.platform)  # who looked at the last one is nobody here
        shutil.rmtree(self.platform.config.outbox_dir, ignore_errors=True)
        self.clock.time = now

    def close(self) -> None:
        """Leave the database alone from now on, at the end of the process too."""
        atexit.unregister(self.app.extensions[STEPS].write)
        self.platform.sessions.engine.dispose()


def address_of(mail: OutboxMail) -> str:
    """The bare address that a mail is to."""
    return parseaddr(mail.to)[1]


def link_in(mail: OutboxMail) -> str:
    """The only link of a mail."""
    (link,) = LINK.findall(mail.text)
    return link
