"""The composition root: a Config becomes a Platform. Only here are the adapters of the four ports named."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from urllib.parse import urlsplit

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import configure_mappers

from app.actions.links import Links
from app.actions.throttle import Gate
from app.atlas.desk import AtlasDesk
from app.atlas.fetch import Server
from app.atlas.mapit import MapItAtlas
from app.atlas.port import Atlas
from app.atlas.postcodesio import PostcodesIoAtlas
from app.atlas.valve import Valve
from app.atlas_settings import AtlasSettings, PostcodeLookup
from app.config import Config, ConfigError, DkimSettings, MailTransport, load_config
from app.db import Sessions, make_engine
from app.delivery.batch import Clock
from app.delivery.dispatch import Dispatcher
from app.delivery.lateness import Lateness
from app.delivery.prepared import Address
from app.delivery.render import Renderer
from app.doorbell.embedded import address, find_server
from app.doorbell.port import Doorbell
from app.doorbell.queue import QueueDoorbell
from app.doorbell.silent import SilentDoorbell
from app.hooks.announcer import Announcer
from app.hooks.https import HttpsOutlet
from app.hooks.outlet import Outlet
from app.hours import Hours
from app.mail.dkim_signature import DkimKeyError, DkimSigner, load_private_key
from app.mail.outbox import OutboxTransport
from app.mail.records import DnsLookUp, LookUp
from app.mail.sendgrid import SendGridTransport
from app.mail.sendgrid_events import PublicKeyError, load_public_key
from app.mail.sending_domain import Sender, Signature
from app.mail.smtp import SmtpTransport
from app.mail.transport import Transport
from app.queue.lanes import LaneRules
from app.replies.inbox import Inbox
from app.replies.mails import PREPARES
from app.reporting.digest import DigestRound
from app.reporting.printer import PangoPrinter, Printer
from app.reporting.publication import PublicationRound
from app.running.checks import Checker
from app.running.clockwork import Clockwork
from app.staff.passkeys import RelyingParty
from app.staff.passwords import Passwords
from app.staff.sign_in import Porter

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything that web, worker and command line share."""

    config: Config
    sessions: Sessions
    transport: Transport
    doorbell: Doorbell
    clock: Clock
    atlas_desk: AtlasDesk
    webhook_key: ec.EllipticCurvePublicKey | None = None
    """What SendGrid's event webhook is signed with; without it there is no webhook."""
    random: Random = field(default_factory=Random)
    look_up: LookUp = field(default_factory=DnsLookUp)
    """Asks the DNS; not before somebody wants to know."""
    outlet: Outlet = field(default_factory=HttpsOutlet)
    """Takes announcements to webhooks."""
    printer: Printer = field(default_factory=PangoPrinter)
    """Makes PDFs where it can."""

    @property
    def links(self) -> Links:
        """Makes and reads the links of mails."""
        return Links(self.config.base_url, self.config.secret_key)

    @property
    def gate(self) -> Gate:
        """Counts what is asked of the public forms."""
        return Gate(self.config.limits, self.config.field_keys)

    @property
    def passwords(self) -> Passwords:
        """Makes and compares staff's stored passwords; the pepper is of the key that never changes."""
        return Passwords(self.config.field_keys.blind_index("staff_member.password", "pepper"))

    @property
    def porter(self) -> Porter:
        """Lets staff in."""
        return Porter(self.sessions, self.gate, self.passwords)

    @property
    def relying_party(self) -> RelyingParty:
        """Who asks for passkeys: the site by its own address."""
        config = self.config
        host = urlsplit(config.base_url).hostname or ""
        return RelyingParty(host, config.base_url, config.organisation, config.field_keys)

    @property
    def dispatcher(self) -> Dispatcher:
        """Delivers what is due."""
        config = self.config
        return Dispatcher(
            sessions=self.sessions,
            transport=self.transport,
            renderer=self.renderer,
            clock=self.clock,
            rules=self.lane_rules,
            lateness=Lateness(config.max_lateness if self.transport.reaches_people else None),
            journals=config.instance_dir / "journal",
            random=self.random,
        )

    @property
    def announcer(self) -> Announcer:
        """Tells webhooks what has happened."""
        return Announcer(self.sessions, self.outlet, self.clock, self.random)

    @property
    def clockwork(self) -> Clockwork:
        """Opens and closes campaigns."""
        return Clockwork(self.sessions, self.config.launch)

    @property
    def digest_round(self) -> DigestRound:
        """Queues the weekly mails to staff."""
        return DigestRound(self.sessions, self.lane_rules)

    @property
    def publication_round(self) -> PublicationRound:
        """Publishes the numbers of places and languages."""
        return PublicationRound(self.sessions)

    @property
    def checker(self) -> Checker:
        """Makes the checks that staff have asked for."""
        return Checker(self.sessions, self.sender, self.look_up, self.clock, self.config.replies_to)

    @property
    def renderer(self) -> Renderer:
        """Makes the mails."""
        config = self.config
        sender = Address(
            links=self.links,
            mail_from=config.mail_from,
            bounces_to=config.bounces_to or config.mail_from,
            reaches_people=self.transport.reaches_people,
            replies_to=config.replies_to,
        )
        return Renderer(sender, config.organisation, PREPARES)

    @property
    def inbox(self) -> Inbox:
        """Takes in what comes to the address of answers."""
        config = self.config
        own = [address for address in (config.mail_from, config.bounces_to, config.replies_to) if address]
        return Inbox(self.links, own, self.random)

    @property
    def sender(self) -> Sender | None:
        """Whose mail receivers will see; none where mail reaches nobody."""
        config = self.config
        if not self.transport.reaches_people:
            return None
        own_envelope = config.mail_transport is MailTransport.SENDGRID
        return Sender(
            domain=_domain(config.mail_from),
            envelope=None if own_envelope else _domain(config.bounces_to or config.mail_from),
            signature=None if config.dkim is None else _public_signature(config.dkim),
        )

    @property
    def lane_rules(self) -> LaneRules:
        """What holds for lanes without rules of their own. Files that reach nobody need neither pace nor hours."""
        if not self.transport.reaches_people:
            return LaneRules(0, Hours())
        return LaneRules(self.config.lanes.pace, Hours.parse(self.config.lanes.hours))


def utc_now() -> datetime:
    """The time of the wall clock."""
    return datetime.now(UTC)


def build_platform(config: Config, *, clock: Clock = utc_now) -> Platform:
    """Wire the platform for `config`. Nothing is contacted yet.

    Raises:
        ConfigError: a key cannot be read.
    """
    sessions = Sessions(make_engine(config.database_url, config.field_keys))
    return Platform(
        config=config,
        sessions=sessions,
        transport=_transport(config, clock),
        doorbell=_doorbell(config),
        clock=clock,
        atlas_desk=AtlasDesk(sessions, _atlas(config.atlas), Valve(time.monotonic), clock),
        webhook_key=_webhook_key(config),
        outlet=HttpsOutlet(anywhere=config.development),
    )


def platform_from_environment(environ: Mapping[str, str] = os.environ) -> Platform:
    """The platform that the environment describes.

    Raises:
        ConfigError: a setting is missing or wrong.
    """
    return build_platform(load_config(environ))


def warm_up() -> None:
    """Do what a process that lives long does once, now, before anybody waits for it.

    The models get to know each other; and what is loaded stays, so the garbage collector need not go through it again
    and again (in a worker that cost 20 µs of each letter), and processes that are forked from this one share it.
    """
    configure_mappers()
    gc.freeze()
    gc.enable()


def _transport(config: Config, clock: Clock) -> Transport:
    match config.mail_transport:
        case MailTransport.OUTBOX:
            return OutboxTransport(config.outbox_dir, clock)
        case MailTransport.SMTP:
            assert config.smtp is not None  # noqa: S101 - load_config reads it for this transport
            ehlo_name = urlsplit(config.base_url).hostname or "localhost"
            return SmtpTransport(config.smtp, clock, ehlo_name, sign=_signature(config, clock))
        case MailTransport.SENDGRID:
            assert config.sendgrid is not None  # noqa: S101 - as above
            return SendGridTransport(config.sendgrid, clock)


def _signature(config: Config, clock: Clock) -> Callable[[bytes], bytes]:
    """Gives a mail back with our signature; without a key as it is, for the relay to sign."""
    if config.dkim is None:
        return lambda mime: mime
    try:
        key = load_private_key(config.dkim.private_key)
    except DkimKeyError as error:
        raise ConfigError(
            f"Set DKIM_PRIVATE_KEY (or DKIM_PRIVATE_KEY_FILE) to an RSA key as PEM: what is there {error}."
        ) from None
    return DkimSigner(config.dkim.domain, config.dkim.selector, key, clock).sign


def _public_signature(dkim: DkimSettings) -> Signature:
    return Signature(dkim.domain, dkim.selector, load_private_key(dkim.private_key).public_key())


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _webhook_key(config: Config) -> ec.EllipticCurvePublicKey | None:
    if config.sendgrid_webhook_key is None:
        return None
    try:
        return load_public_key(config.sendgrid_webhook_key)
    except PublicKeyError as error:
        raise ConfigError(
            f"Set SENDGRID_WEBHOOK_KEY to the verification key that SendGrid shows for the webhook: {error}."
        ) from None


def _doorbell(config: Config) -> Doorbell:
    if config.redis_url:
        return QueueDoorbell(config.redis_url, time.monotonic)
    if find_server() is None:
        _log.warning("no redis-server here and no REDIS_URL", instead="letters leave by the worker's sweep")
        return SilentDoorbell()
    return QueueDoorbell(address(config.instance_dir), time.monotonic)


def _atlas(settings: AtlasSettings | None) -> Atlas | None:
    if settings is None:
        return None
    seconds = settings.timeout.total_seconds()
    if settings.service is PostcodeLookup.MAPIT:
        return MapItAtlas(Server(settings.url, seconds, {"X-Api-Key": settings.key} if settings.key else {}))
    return PostcodesIoAtlas(Server(settings.url, seconds))
