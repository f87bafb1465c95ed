"""Whether the DNS lets receivers believe that our mail is ours: SPF, DKIM, DMARC, and where mail comes back to.

What is told here is what any receiver can read. Whether the relay signs, and whether SPF names its address, only a
letter to oneself shows: its source says `dkim=pass` and `spf=pass`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.mail.dkim_record import fault_of_record
from app.mail.dmarc import POLICIES, Dmarc, organisational_domain, read_dmarc
from app.mail.records import DnsAwayError, LookUp, RecordKind
from app.mail.spf import MOST_LOOKUPS, SpfError, read_spf
from app.sentences import say as _l

MOST_LOST = 2
"""After so many questions that nobody answered nothing more is asked, so that a check takes seconds without DNS."""


class State(enum.StrEnum):
    """What is known of one part."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """One part of what receivers look at, and a sentence on it."""

    name: str
    state: State
    sentence: str
    away: bool = False
    """Whether it is unknown because nobody answered; else it cannot be told from here."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How mail is signed here."""

    domain: str
    selector: str
    key: RSAPublicKey


@dataclass(frozen=True, slots=True)
class Sender:
    """What the settings say of our mail; domains in small letters."""

    domain: str
    """That of the address that mail comes from."""
    envelope: str | None
    """That of the envelope, which SPF is asked for and bounces come back to; none where a provider has its own."""
    signature: Signature | None
    """None where the relay or provider signs, or nobody."""


def check_sending_domain(sender: Sender, look_up: LookUp) -> list[DomainCheck]:
    """Look at what the DNS says of the sender; seconds at the most, and never an error."""
    asked = _Asked(look_up)
    checks: list[tuple[str, Callable[[], DomainCheck]]] = [
        ("SPF", lambda: _spf(sender, asked)),
        ("DKIM", lambda: _dkim(sender, asked)),
        ("DMARC", lambda: _dmarc(sender, asked)),
        (_l("alignment"), lambda: _alignment(sender, asked)),
        *(
            (_l("MX of %(domain)s", domain=domain), lambda domain=domain: _mx(domain, asked))
            for domain in _mail_domains(sender)
        ),
    ]
    return [_answered(name, check) for name, check in checks]


@dataclass(slots=True)
class _Asked:
    """Asks each question once, and none any more when nobody seems to be there."""

    look_up: LookUp
    known: dict[tuple[str, RecordKind], Sequence[str]] = field(default_factory=dict)
    lost: set[tuple[str, RecordKind]] = field(default_factory=set)

    def __call__(self, name: str, kind: RecordKind) -> Sequence[str]:
        question = name.lower().rstrip("."), kind
        if question not in self.known:
            if question in self.lost or len(self.lost) >= MOST_LOST:
                raise DnsAwayError("nobody answered before")
            try:
                self.known[question] = self.look_up(*question)
            except DnsAwayError:
                self.lost.add(question)
                raise
        return self.known[question]


def _answered(name: str, check: Callable[[], DomainCheck]) -> DomainCheck:
    try:
        return check()
    except DnsAwayError:
        return DomainCheck(
            name, State.UNKNOWN, _l("%(name)s is unknown: nobody answered when it was asked for.", name=name), away=True
        )


def _spf(sender: Sender, look_up: LookUp) -> DomainCheck:
    def told(state: State, sentence: str) -> DomainCheck:
        return DomainCheck("SPF", state, sentence)

    domain = sender.envelope
    if domain is None:
        return told(State.UNKNOWN, _l("SPF is the provider's affair: mail leaves under an envelope of its own."))
    try:
        spf = read_spf(look_up, domain)
    except SpfError as error:
        return told(State.WRONG, error.args[0])
    if spf is None:
        return told(
            State.WRONG, _l("%(domain)s has no SPF record: it does not say who may send for it.", domain=domain)
        )
    if spf.ending not in "-~":
        return told(
            State.WRONG,
            _l("The SPF record of %(domain)s lets everybody send: it should end in -all or ~all.", domain=domain),
        )
    return told(
        State.OK,
        _l(
            "%(domain)s has one SPF record, which ends in %(ending)sall; it takes %(number)s of %(most)s look-ups.",
            domain=domain,
            ending=spf.ending,
            number=spf.lookups,
            most=MOST_LOOKUPS,
        ),
    )


def _dkim(sender: Sender, look_up: LookUp) -> DomainCheck:
    signature = sender.signature
    if signature is None:
        sentence = _l("Who signs is not known here: send yourself a letter and look for dkim=pass in its source.")
        return DomainCheck("DKIM", State.UNKNOWN, sentence)
    name = f"{signature.selector}._domainkey.{signature.domain}"
    records = [text for text in look_up(name, RecordKind.TXT) if text.strip()]
    if fault := fault_of_record(name, records, signature.key):
        return DomainCheck("DKIM", State.WRONG, fault)
    return DomainCheck("DKIM", State.OK, _l("%(name)s has the public key of DKIM_PRIVATE_KEY.", name=name))


def _dmarc(sender: Sender, look_up: LookUp) -> DomainCheck:
    def told(state: State, sentence: str) -> DomainCheck:
        return DomainCheck("DMARC", state, sentence)

    dmarc = read_dmarc(look_up, sender.domain)
    if dmarc is None:
        return told(
            State.WRONG,
            _l(
                "%(domain)s has no DMARC record (or several): large receivers ask bulk senders for one.",
                domain=sender.domain,
            ),
        )
    if dmarc.policy not in POLICIES:
        return told(
            State.WRONG, _l("The DMARC record of %(domain)s has a policy that does not exist.", domain=dmarc.domain)
        )
    whose = (
        _l("%(domain)s, which holds for %(other)s,", domain=dmarc.domain, other=sender.domain)
        if dmarc.inherited
        else dmarc.domain
    )
    return told(
        State.OK,
        _l(
            "The DMARC record of %(domain)s asks for “%(policy)s” where a mail is not proved ours.",
            domain=whose,
            policy=dmarc.policy,
        ),
    )


def _alignment(sender: Sender, look_up: LookUp) -> DomainCheck:
    """Whether the domains by which SPF and DKIM prove a mail belong to the one that it comes from."""

    def told(state: State, sentence: str) -> DomainCheck:
        return DomainCheck("alignment", state, sentence)

    signed = sender.signature.domain if sender.signature else None
    dmarc = read_dmarc(look_up, sender.domain)
    by = [
        name
        for name, tag, domain in (("DKIM", "adkim", signed), ("SPF", "aspf", sender.envelope))
        if domain and _is_aligned(sender.domain, domain, dmarc, tag, look_up)
    ]
    if by:
        return told(
            State.OK,
            _l("What %(proof)s proves counts for %(domain)s.", proof=by[0], domain=sender.domain)
            if len(by) == 1
            else _l("What DKIM and SPF prove counts for %(domain)s.", domain=sender.domain),
        )
    if signed is None:
        return told(
            State.UNKNOWN, _l("Whether mail counts as %(domain)s's depends on who signs it.", domain=sender.domain)
        )
    return told(
        State.WRONG, _l("Neither DKIM nor SPF proves mail for %(domain)s, but for other domains.", domain=sender.domain)
    )


def _is_aligned(own: str, other: str, dmarc: Dmarc | None, tag: str, look_up: LookUp) -> bool:
    if own == other:
        return True
    if dmarc is None or dmarc.strict(tag):
        return False
    return organisational_domain(look_up, own) == organisational_domain(look_up, other)


def _mail_domains(sender: Sender) -> Iterator[str]:
    yield sender.domain
    if sender.envelope not in (None, sender.domain):
        yield sender.envelope or ""


def _mx(domain: str, look_up: LookUp) -> DomainCheck:
    """Whether mail to the domain arrives: answers of machines, and what bounces (RFC 5321, section 5.1; RFC 7505)."""

    def told(state: State, sentence: str) -> DomainCheck:
        return DomainCheck(f"MX of {domain}", state, sentence)

    hosts = [record.rpartition(" ")[2].rstrip(".") for record in look_up(domain, RecordKind.MX)]
    if hosts == [""]:
        return told(State.WRONG, _l("%(domain)s says that it takes no mail: what bounces is lost.", domain=domain))
    if hosts:
        return told(
            State.OK,
            _l("Mail to %(domain)s goes to %(host)s.", domain=domain, host=hosts[0])
            if len(hosts) == 1
            else _l("Mail to %(domain)s goes to %(host)s and others.", domain=domain, host=min(hosts)),
        )
    if look_up(domain, RecordKind.A) or look_up(domain, RecordKind.AAAA):
        return told(
            State.OK, _l("%(domain)s has no MX record; mail to it goes to the machine of that name.", domain=domain)
        )
    return told(
        State.WRONG,
        _l("Mail to %(domain)s goes nowhere: what bounces is lost, and receivers distrust the domain.", domain=domain),
    )
