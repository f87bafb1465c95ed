"""What the DNS says of the domain that mail comes from: right, wrong, or not known."""

from __future__ import annotations

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.mail.sending_domain import MOST_LOST, Sender, Signature, State, check_sending_domain
from tests.mail.names import Names

OWN, SELECTOR = "zedmere.example", "autumn2026"
DKIM_NAME = f"{SELECTOR}._domainkey.{OWN}"
KEY = rsa.generate_private_key(65537, 2048).public_key()
PUBLISHED = b64encode(KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
OTHER_KEY = b64encode(
    ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
GOOD = {
    OWN: ["v=spf1 mx include:relay.example -all"],
    "relay.example": ["v=spf1 ip4:192.0.2.0/24 ~all"],
    DKIM_NAME: [f"v=DKIM1; k=rsa; p={PUBLISHED}"],
    f"_dmarc.{OWN}": ["v=DMARC1; p=reject"],
    f"MX {OWN}": ["10 mail.zedmere.example."],
}
SENDER = Sender(OWN, OWN, Signature(OWN, SELECTOR, KEY))


def told(sender: Sender = SENDER, away: str = "", **changes: list[str]) -> dict[str, tuple[State, str]]:
    """What is found of each part; of the good records those that are named are others, with `_` for the name's key."""
    keys = {"spf": OWN, "relay": "relay.example", "dkim": DKIM_NAME, "dmarc": f"_dmarc.{OWN}", "mx": f"MX {OWN}"}
    names = Names({**GOOD, **{keys[name]: records for name, records in changes.items()}}, away=frozenset(away.split()))
    return {check.name: (check.state, check.sentence) for check in check_sending_domain(sender, names)}


def test_a_domain_in_order_is_so_in_every_part() -> None:
    assert told() == {
        "SPF": (State.OK, f"{OWN} has one SPF record, which ends in -all; it takes 2 of 10 look-ups."),
        "DKIM": (State.OK, f"{DKIM_NAME} has the public key of DKIM_PRIVATE_KEY."),
        "DMARC": (State.OK, f"The DMARC record of {OWN} asks for “reject” where a mail is not proved ours."),
        "alignment": (State.OK, f"What DKIM and SPF prove counts for {OWN}."),
        f"MX of {OWN}": (State.OK, f"Mail to {OWN} goes to mail.zedmere.example."),
    }


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "has no SPF record"),
        (["v=spf1 -all", "v=spf1 -all"], "2 SPF records"),
        (["v=spf1 mx"], "lets everybody send"),
        (["v=spf1 mx ?all"], "lets everybody send"),
        (["v=spf1 +all"], "lets everybody send"),
        (["v=spf1 mx foo -all"], "do not understand"),
    ],
)
def test_an_spf_record_that_helps_nobody_is_wrong(records: list[str], said: str) -> None:
    state, sentence = told(spf=records)["SPF"]
    assert state is State.WRONG
    assert said in sentence


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([], "does not exist"),
        ([f"p={PUBLISHED}", f"p={PUBLISHED}"], "more than one record"),
        (["v=DKIM1; k=rsa; p="], "was withdrawn"),
        (["v=DKIM1; k=rsa"], "no DKIM record"),
        (["some-verification=1"], "no DKIM record"),
        ([f"v=DKIM1; k=ed25519; p={PUBLISHED}"], "no DKIM record with an RSA key"),
        ([f"v=DKIM1; p={OTHER_KEY}"], "another key"),
        (["v=DKIM1; p=AAAA"], "another key"),
        (["v=DKIM1; p=é"], "another key"),
        ([f"v=DKIM1; h=sha1; p={PUBLISHED}"], "SHA-256"),
        ([f"v=DKIM1; s=tlsrpt; p={PUBLISHED}"], "not for mail"),
    ],
)
def test_a_key_that_receivers_cannot_check_with_is_wrong(records: list[str], said: str) -> None:
    state, sentence = told(dkim=records)["DKIM"]
    assert state is State.WRONG
    assert said in sentence


@pytest.mark.parametrize(
    "record", [f"p={PUBLISHED}", f"v=DKIM1; h=sha1 : sha256; s=email; t=y; p={PUBLISHED[:70]} {PUBLISHED[70:]}"]
)
def test_our_key_is_known_however_it_is_written(record: str) -> None:
    assert told(dkim=[record])["DKIM"][0] is State.OK


def test_who_signs_is_not_known_where_we_do_not() -> None:
    found = told(Sender(OWN, OWN, None))
    assert found["DKIM"][0] is State.UNKNOWN
    assert "dkim=pass" in found["DKIM"][1]
    assert found["alignment"] == (State.OK, f"What SPF proves counts for {OWN}.")


@pytest.mark.parametrize(("records", "state"), [([], State.WRONG), (["v=DMARC1; p=rejekt"], State.WRONG)])
def test_a_domain_without_a_policy_is_wrong(records: list[str], state: State) -> None:
    assert told(dmarc=records)["DMARC"][0] is state


def test_a_policy_is_inherited_from_the_domain_above() -> None:
    sender = Sender(f"letters.{OWN}", f"letters.{OWN}", None)
    assert told(sender)["DMARC"] == (
        State.OK,
        f"The DMARC record of {OWN}, which holds for letters.{OWN}, asks for “reject” where a mail is not proved ours.",
    )


@pytest.mark.parametrize(
    ("envelope", "signed", "dmarc", "state"),
    [
        ("bounces.zedmere.example", None, "v=DMARC1; p=reject", State.OK),
        ("bounces.zedmere.example", None, "v=DMARC1; p=reject; aspf=s", State.UNKNOWN),
        ("other.example", None, "v=DMARC1; p=reject", State.UNKNOWN),
        ("other.example", "other.example", "v=DMARC1; p=reject", State.WRONG),
        ("other.example", OWN, "v=DMARC1; p=reject; adkim=s", State.OK),
        (None, None, "v=DMARC1; p=reject", State.UNKNOWN),
    ],
)
def test_what_proves_a_mail_must_belong_to_its_domain(
    envelope: str | None, signed: str | None, dmarc: str, state: State
) -> None:
    signature = None if signed is None else Signature(signed, SELECTOR, KEY)
    assert told(Sender(OWN, envelope, signature), dmarc=[dmarc])["alignment"][0] is state


def test_a_provider_has_an_envelope_of_its_own() -> None:
    found = told(Sender(OWN, None, None))
    assert found["SPF"][0] is State.UNKNOWN
    assert f"MX of {OWN}" in found


@pytest.mark.parametrize(
    ("records", "addresses", "state"),
    [
        (["0 ."], {}, State.WRONG),
        ([], {}, State.WRONG),
        ([], {f"A {OWN}": ["192.0.2.1"]}, State.OK),
        ([], {f"AAAA {OWN}": ["2001:db8::1"]}, State.OK),
        (["10 b.example.", "5 a.example."], {}, State.OK),
    ],
)
def test_mail_that_comes_back_must_arrive(records: list[str], addresses: dict[str, list[str]], state: State) -> None:
    names = Names({**GOOD, f"MX {OWN}": records, **addresses})
    [found] = [check for check in check_sending_domain(SENDER, names) if check.name.startswith("MX")]
    assert found.state is state


def test_bounces_may_go_elsewhere_and_must_arrive_there() -> None:
    found = told(Sender(OWN, "bounces.example", None))
    assert found[f"MX of {OWN}"][0] is State.OK
    assert found["MX of bounces.example"][0] is State.WRONG


@pytest.mark.parametrize(
    ("away", "part"),
    [(OWN, "SPF"), ("relay.example", "SPF"), (DKIM_NAME, "DKIM"), (f"_dmarc.{OWN}", "DMARC")],
)
def test_what_the_dns_does_not_answer_is_unknown_and_the_rest_is_not(away: str, part: str) -> None:
    found = told(away=away)
    assert found[part] == (State.UNKNOWN, f"{part} is unknown: nobody answered when it was asked for.")
    assert found[f"MX of {OWN}"][0] is State.OK


def test_without_dns_all_is_unknown_and_nobody_waits_for_every_question() -> None:
    names = Names(GOOD, away=frozenset("*"))
    found = check_sending_domain(SENDER, names)
    assert {check.state for check in found if check.name != "alignment"} == {State.UNKNOWN}
    assert all(check.away for check in found)
    assert len(names.asked) == MOST_LOST


def test_no_question_is_asked_twice() -> None:
    names = Names(GOOD)
    check_sending_domain(SENDER, names)
    assert len(names.asked) == len(set(names.asked))
