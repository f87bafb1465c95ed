"""One frozen, typed, strict configuration, read from the environment once.

`load_config` takes the environment as a mapping and returns a `Config`, or raises `ConfigError` with one sentence for
each setting that is missing or wrong. Nothing is read at import. Each secret may be given directly (`SECRET_KEY`) or as
the path of a file that holds it (`SECRET_KEY_FILE`). `docs/settings.md` lists every setting; a test keeps it complete.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.atlas_settings import AtlasSettings, read_atlas
from app.environment import ConfigError, Reader
from app.limit_settings import Limits, read_limits
from app.mail_settings import (
    DkimSettings,
    LaneSettings,
    MailTransport,
    SendGridSettings,
    SmtpSecurity,
    SmtpSettings,
    read_address,
    read_dkim,
    read_lanes,
    read_replies_to,
    read_sendgrid,
    read_smtp,
)
from app.privacy.keys import FieldKeys, KeyFormatError, load_or_create_development_keys
from app.roles import Role
from app.site_settings import read_base_url, read_source_url, split_address
from app.staff_settings import LaunchSettings, read_launch, read_second_factor


class AppEnv(enum.StrEnum):
    """Where the platform runs. Development shows the outbox and makes its own keys; production does neither."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the platform needs to know to start. Secrets are kept out of `repr`."""

    env: AppEnv
    instance_dir: Path
    content_dir: Path
    targets_dir: Path
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    base_url: str
    organisation: str
    source_url: str
    contact: str
    mail_transport: MailTransport
    mail_from: str
    bounces_to: str
    replies_to: str
    """The mailbox of protected answers; empty where there is none."""
    smtp: SmtpSettings | None
    dkim: DkimSettings | None
    sendgrid: SendGridSettings | None
    sendgrid_webhook_key: str | None
    secret_key: str = field(repr=False)
    field_keys: FieldKeys = field(repr=False)
    limits: Limits
    lanes: LaneSettings
    max_lateness: timedelta
    confirm_within: timedelta
    reply_survey_after: timedelta | None
    """How long after their letters went supporters are asked who has answered; none asks nobody."""
    sweep_every: timedelta
    trusted_proxies: int
    atlas: AtlasSettings | None
    metrics_token: str | None = field(repr=False)
    """What opens `/metrics`; without it there is no such page."""
    second_factor: frozenset[Role]
    """The roles that must have one."""
    launch: LaunchSettings

    @property
    def development(self) -> bool:
        """Whether this is a developer's own machine."""
        return self.env is AppEnv.DEVELOPMENT

    @property
    def outbox_dir(self) -> Path:
        """The folder that the local outbox writes `.eml` files to."""
        return self.instance_dir / "outbox"

    @property
    def hosts(self) -> list[str]:
        """The host names that the site answers to; anything else is refused before a route runs."""
        own = urlsplit(self.base_url).hostname or ""
        return [own, "localhost", "127.0.0.1", "[::1]"] if self.development else [own]


__all__ = [
    "AppEnv",
    "AtlasSettings",
    "Config",
    "ConfigError",
    "DkimSettings",
    "LaneSettings",
    "Limits",
    "MailTransport",
    "SendGridSettings",
    "SmtpSecurity",
    "SmtpSettings",
    "load_config",
]

SHORTEST_SECRET = 32
DEVELOPMENT_FROM = "letters@solidarity-post.example"

_TOKEN = re.compile(r"[\w.~+/-]+=*", re.ASCII)  # as RFC 6750 has it in a header
ROOT = Path(__file__).resolve().parent.parent


def load_config(environ: Mapping[str, str]) -> Config:
    """Read the configuration.

    Raises:
        ConfigError: a setting is missing or wrong; the text has a line for each.
    """
    read = Reader(environ)
    env = read.parsed("APP_ENV", "development", AppEnv, "development or production")
    development = env is AppEnv.DEVELOPMENT
    instance_dir = Path(read.text("INSTANCE_DIR", str(ROOT / "instance"))).absolute()
    secret_key, field_keys = _secrets(read, env, instance_dir)
    transport = read.parsed("MAIL_TRANSPORT", "outbox", MailTransport, "outbox, smtp or sendgrid")
    config = Config(
        env=env,
        instance_dir=instance_dir,
        content_dir=Path(read.text("CONTENT_DIR", str(ROOT / "letter_templates"))).absolute(),
        targets_dir=Path(read.text("TARGETS_DIR", str(ROOT / "targets"))).absolute(),
        database_url=_database_url(read, instance_dir),
        redis_url=_redis_url(read),
        base_url=read_base_url(read, development=development),
        organisation=read.text("ORGANISATION", "Solidarity Post"),
        source_url=read_source_url(read),
        contact=read_address(read, "CONTACT_EMAIL", "" if development else None),
        mail_transport=transport,
        mail_from=(mail_from := read_address(read, "MAIL_FROM", DEVELOPMENT_FROM if development else None)),
        bounces_to=(bounces_to := read_address(read, "BOUNCE_ADDRESS", "")),
        replies_to=read_replies_to(read, (mail_from, bounces_to), development=development),
        smtp=read_smtp(read) if transport is MailTransport.SMTP else None,
        dkim=read_dkim(read, transport, mail_from),
        sendgrid=read_sendgrid(read) if transport is MailTransport.SENDGRID else None,
        sendgrid_webhook_key=read.secret("SENDGRID_WEBHOOK_KEY"),
        secret_key=secret_key,
        field_keys=field_keys,
        limits=read_limits(read),
        lanes=read_lanes(read),
        max_lateness=timedelta(hours=read.count("MAX_LATENESS_HOURS", 12)),
        confirm_within=timedelta(days=read.count("CONFIRM_DAYS", 7)),
        reply_survey_after=timedelta(days=read.count("REPLY_SURVEY_DAYS", 14, least=0, most=90)) or None,
        sweep_every=timedelta(seconds=read.count("SWEEP_SECONDS", 15)),
        trusted_proxies=read.count("TRUSTED_PROXIES", 0 if development else None, least=0),
        atlas=read_atlas(read),
        metrics_token=_metrics_token(read),
        second_factor=read_second_factor(read, development=development),
        launch=read_launch(read),
    )
    if env is AppEnv.PRODUCTION and transport is MailTransport.OUTBOX:
        read.problems.append(
            "Set MAIL_TRANSPORT to smtp or sendgrid: in production the local outbox would deliver nothing."
        )
    if read.problems:
        raise ConfigError("\n".join(read.problems))
    return config


def _secrets(read: Reader, env: AppEnv, instance_dir: Path) -> tuple[str, FieldKeys]:
    """The signing key and the field keys: from the environment, or (development only) made on the first run."""
    secret_key, keys, index_key = read.secret("SECRET_KEY"), read.secret("FIELD_KEYS"), read.secret("INDEX_KEY")
    if env is AppEnv.DEVELOPMENT and not (secret_key and keys and index_key):
        made = load_or_create_development_keys(instance_dir / "development-keys.json")
        secret_key, keys = secret_key or made.secret_key, keys or made.field_keys
        index_key = index_key or made.index_key
    for name, value in (("SECRET_KEY", secret_key), ("FIELD_KEYS", keys), ("INDEX_KEY", index_key)):
        if not value:
            read.problems.append(f"Set {name} (or {name}_FILE): `python -m app.privacy` prints a fresh one.")
    if secret_key and len(secret_key) < SHORTEST_SECRET:
        read.problems.append(f"Set SECRET_KEY to {SHORTEST_SECRET} characters: `python -m app.privacy` prints one.")
    try:
        return secret_key or "", FieldKeys.parse(keys or "", index_key or "")
    except KeyFormatError as error:
        if keys and index_key:
            read.problems.append(f"Set FIELD_KEYS and INDEX_KEY as `python -m app.privacy` prints them: {error}.")
        return secret_key or "", FieldKeys.random()


def _metrics_token(read: Reader) -> str | None:
    token = read.secret("METRICS_TOKEN")
    if token and not (len(token) >= SHORTEST_SECRET and _TOKEN.fullmatch(token)):
        read.problems.append(f"Set METRICS_TOKEN to {SHORTEST_SECRET} or more letters and digits, or leave it out.")
    return token


def _database_url(read: Reader, instance_dir: Path) -> str:
    """SQLite in the instance folder unless DATABASE_URL names another; PostgreSQL always through psycopg 3."""
    given = read.secret("DATABASE_URL") or f"sqlite:///{instance_dir / 'solidarity.sqlite3'}"
    scheme, _, rest = given.partition("://")
    if scheme in ("postgres", "postgresql"):
        given = f"postgresql+psycopg://{rest}"
    if not _usable(given):
        read.problems.append("Set DATABASE_URL to a postgresql:// address, or to sqlite:/// and the path of a file.")
    return given


def _usable(database_url: str) -> bool:
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        return False
    if url.drivername == "sqlite":
        return (url.database or "").strip("/") not in ("", ":memory:")
    return url.drivername == "postgresql+psycopg"


def _redis_url(read: Reader) -> str | None:
    """The configured Redis, or none, for which the worker runs a server of its own."""
    url = read.secret("REDIS_URL")
    if url and (
        split_address(url.partition("?")[0]) is None or not url.startswith(("redis://", "rediss://", "unix://"))
    ):
        read.problems.append("Set REDIS_URL to a redis://, rediss:// or unix:// address, or leave it out.")
    return url
