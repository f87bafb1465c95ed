"""What SendGrid is told: which messages share a request, and that each person gets exactly their own letter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.headers import UnsendableMessageError
from app.mail.message import Common, Message
from app.mail.sendgrid_request import LARGEST_SUBSTITUTIONS, MOST_AT_ONCE, payload, requests
from tests.mail.conftest import MakeMessage
from tests.mail.sendgrid_letters import ANY_GROUPS, letter

OFF = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


def ids_of(messages: list[Message]) -> list[list[int]]:
    """The ids in each request, when none is refused."""
    return [[message.id for message in request] for request in requests(iter(messages), pytest.fail)]


def told(*messages: Message) -> Any:
    return json.loads(payload(messages))


def received(mail: Any, place: int) -> list[list[str]]:
    """The text and HTML that this personalization's reader gets, for each order in which SendGrid may replace."""
    values = mail["personalizations"][place].get("substitutions", {})
    outcomes = []
    for order in permutations(values):
        parts = [part["value"] for part in mail["content"]]
        for tag in order:
            parts = [part.replace(tag, values[tag]) for part in parts]
        outcomes.append(parts)
    return outcomes


# One request


def test_a_letter_is_told_in_full(make_message: MakeMessage) -> None:
    message = make_message(7, html="<p>Please act.</p>", headers={"Auto-Submitted": "no"}, language="cy", group=3)
    assert told(message) == {
        "personalizations": [
            {
                "to": [{"email": "bob.sample@zedmere.example", "name": "Cllr Bob Sample"}],
                "custom_args": {"delivery_id": "7"},
            }
        ],
        "from": {"email": "letters@solidarity-post.example", "name": "Alice Adams"},
        "reply_to": {"email": "alice@supporter.example", "name": "Alice Adams"},
        "subject": "Please oppose immigration reporting",
        "content": [
            {"type": "text/plain", "value": message.text},
            {"type": "text/html", "value": message.html},
        ],
        "headers": {"Auto-Submitted": "no", "Content-Language": "cy"},
        "tracking_settings": OFF,
    }


def test_a_mail_without_names_html_or_reply_address_has_none(make_message: MakeMessage) -> None:
    mail = told(make_message(reply_to=None, from_name="", to_name=" "))
    assert mail["from"] == {"email": "letters@solidarity-post.example"}
    assert mail["personalizations"][0]["to"] == [{"email": "bob.sample@zedmere.example"}]
    assert [part["type"] for part in mail["content"]] == ["text/plain"]
    assert "reply_to" not in mail


@pytest.mark.parametrize(
    ("name", "sent"),
    [("Sample, Bob", "Sample Bob"), ("Bob Sample,MBE; JP ;", "Bob Sample MBE JP"), (",;", None), ("Zoë Ó", "Zoë Ó")],
)
def test_a_receivers_name_has_no_comma_or_semicolon(make_message: MakeMessage, name: str, sent: str | None) -> None:
    (person,) = told(make_message(to_name=name))["personalizations"][0]["to"]
    assert person.get("name") == sent


def test_other_names_keep_their_commas(make_message: MakeMessage) -> None:
    mail = told(make_message(from_name="Adams, Alice", reply_to_name="Adams; Alice"))
    assert (mail["from"]["name"], mail["reply_to"]["name"]) == ("Adams, Alice", "Adams; Alice")


def test_an_address_is_written_in_ascii_and_never_taken_apart(make_message: MakeMessage) -> None:
    local = "o'hara!#$%&*+/=?^_`{|}~-.x"
    mail = told(make_message(to_address=f"{local}@bücher.example", to_name="", reply_to=f"{local}@bücher.example"))
    assert mail["personalizations"][0]["to"] == [{"email": f"{local}@xn--bcher-kva.example"}]
    assert mail["reply_to"]["email"] == f"{local}@xn--bcher-kva.example"


# What is refused


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "One\r\nBcc: eve@x.example"},
        {"subject": "\ud800"},
        {"from_name": "Alice\nAdams"},
        {"to_name": "Bob\x00"},
        {"reply_to_name": "Alice\rAdams"},
        {"to_address": "żółw@zedmere.example"},
        {"to_address": "bob"},
        {"from_address": "letters@-"},
        {"reply_to": "alice@supporter.example, eve@x.example"},
        {"headers": {"X-A": "b\r\nc"}},
        {"headers": {"X:A": "b"}},
        {"headers": {"Subject": "b"}},
        {"headers": {"Content-Type": "b"}},
        {"headers": {"DKIM-Signature": "b"}},
        {"headers": {"x-sg-eid": "b"}},
        {"headers": {"Received": "b"}},
        {"language": "en\r\nX: y"},
        {"text": "\udfff"},
        {"html": "\udfff"},
        {"text": ""},
        {"html": ""},
        {"subject": ""},
        {"text": "SG.ab12.cd34 is what my letter begins with"},
    ],
)
def test_what_cannot_be_sent_is_refused_and_harms_no_other(make_message: MakeMessage, changes: dict[str, Any]) -> None:
    messages = [make_message(1), make_message(2, **changes), make_message(3)]
    refused: list[tuple[Message, UnsendableMessageError]] = []
    sent = list(requests(iter(messages), lambda message, error: refused.append((message, error))))
    assert [[one.id for one in request] for request in sent] == [[1], [3]]
    ((message, error),) = refused
    assert message is messages[1]
    for text in (message.text, message.to_address, message.to_name, message.reply_to or "-"):
        assert not text or text not in str(error)


# Which messages share a request


def test_a_groups_messages_share_a_request_and_others_go_alone(make_message: MakeMessage) -> None:
    groups = [None, 1, 1, 1, 2, None, None, 3, 3]
    messages = [letter(make_message, number, group=group) for number, group in enumerate(groups)]
    assert ids_of(messages) == [[0], [1, 2, 3], [4], [5], [6], [7, 8]]


def test_only_the_message_that_ends_a_group_is_taken_early(make_message: MakeMessage) -> None:
    taken = []

    def feed() -> Iterator[Message]:
        for number, group in enumerate([None, None, 1, 1, 2, None]):
            taken.append(number)
            yield letter(make_message, number, group=group)

    batches = requests(feed(), pytest.fail)
    seen = [([message.id for message in request], len(taken)) for request in batches]
    assert seen == [([0], 1), ([1], 2), ([2, 3], 5), ([4], 6), ([5], 6)]


def test_a_request_holds_no_more_than_sendgrid_takes(make_message: MakeMessage) -> None:
    messages = [letter(make_message, number, group=1) for number in range(MOST_AT_ONCE + 2)]
    assert [len(ids) for ids in ids_of(messages)] == [MOST_AT_ONCE, 2]


def test_an_address_stands_in_a_request_once(make_message: MakeMessage) -> None:
    addresses = ["office@zedmere.example", "bob@zedmere.example", "Office@ZEDMERE.example", "eve@zedmere.example"]
    messages = [letter(make_message, n, group=1, to_address=address) for n, address in enumerate(addresses)]
    assert ids_of(messages) == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Another"},
        {"from_name": "Another"},
        {"from_address": "another@solidarity-post.example"},
        {"reply_to": "another@supporter.example"},
        {"reply_to_name": "Another"},
        {"headers": {"X-Another": "yes"}},
        {"language": "cy"},
        {"html": None},
        {"common": None},
        {"text": "Another letter altogether"},
    ],
)
def test_messages_that_are_not_alike_after_all_do_not_share_a_request(
    make_message: MakeMessage, changes: dict[str, Any]
) -> None:
    messages = [letter(make_message, 1, group=1), letter(make_message, 2, group=1, **changes)]
    assert ids_of(messages) == [[1], [2]]
    assert received(told(messages[1]), 0) == [[text for text in (messages[1].text, messages[1].html) if text]]


def test_a_message_with_too_much_of_its_own_goes_alone_and_parts_nobody(make_message: MakeMessage) -> None:
    messages = [letter(make_message, number, group=1) for number in range(3)]
    messages[1] = letter(make_message, 1, group=1, opening="é" * (LARGEST_SUBSTITUTIONS // 4))
    requests_made = ids_of(messages)
    assert sorted(requests_made) == [[0, 2], [1]]
    assert "substitutions" not in told(messages[1])["personalizations"][0]


@given(st.integers(0, 2 * LARGEST_SUBSTITUTIONS), st.sampled_from("aé\n\"'\x01🐎"))
def test_substitutions_are_never_larger_than_sendgrid_takes(size: int, char: str) -> None:
    own = char * (size // 2)
    message = Message(
        id=1,
        message_id="<1@x.example>",
        from_address="a@x.example",
        from_name="",
        to_address="b@x.example",
        to_name="",
        subject="s",
        text=f"{own}common",
        html=f"common{own}",
        group=1,
        common=lambda: Common(slice(len(own), None), slice(0, len("common"))),
    )
    other = Message(
        **{name: getattr(message, name) for name in message.__slots__} | {"id": 2, "to_address": "c@x.example"}
    )
    for request in requests(iter([message, other]), pytest.fail):
        for person in json.loads(payload(request))["personalizations"]:
            values = person.get("substitutions", {})
            assert len(json.dumps(values, ensure_ascii=False).encode()) <= LARGEST_SUBSTITUTIONS


# Substitutions


def test_what_differs_is_substituted_and_the_rest_is_told_once(make_message: MakeMessage) -> None:
    mail = told(*(letter(make_message, number, group=1, opening=name) for number, name in ((1, "Bob"), (2, "Eve"))))
    assert [part["value"] for part in mail["content"]] == [
        "%own1a%\n\nPlease act.\n\nAlice",
        "%own1c%</p><p>Please act.</p><p>Alice</p>",
    ]
    assert [person["substitutions"] for person in mail["personalizations"]] == [
        {"%own1a%": "Bob", "%own1c%": "<p>Bob"},
        {"%own1a%": "Eve", "%own1c%": "<p>Eve"},
    ]
    assert [person["custom_args"] for person in mail["personalizations"]] == [
        {"delivery_id": "1"},
        {"delivery_id": "2"},
    ]


@pytest.mark.parametrize("trap", ["%own1a%", "own1", "%own1", "%own2b%own3", "%%own1a%%"])
def test_a_letter_that_speaks_of_tags_arrives_as_it_was_written(make_message: MakeMessage, trap: str) -> None:
    messages = [letter(make_message, 1, group=1, opening=trap), letter(make_message, 2, group=1, opening="Bob" + trap)]
    mail = told(*messages)
    for place, message in enumerate(messages):
        for parts in received(mail, place):
            assert parts == [message.text, message.html]


@settings(deadline=None)
@given(ANY_GROUPS)
def test_everyone_gets_exactly_their_own_letter(messages: list[Message]) -> None:
    by_id = {message.id: message for message in messages}
    seen = []
    for request in requests(iter(messages), pytest.fail):
        mail = json.loads(payload(request))
        for place, person in enumerate(mail["personalizations"]):
            message = by_id[int(person["custom_args"]["delivery_id"])]
            seen.append(message.id)
            wanted = [message.text] if message.html is None else [message.text, message.html]
            for parts in received(mail, place):
                assert parts == wanted
            assert person["to"][0]["email"] == message.to_address
            assert mail["subject"] == message.subject
            assert not any(tag in mail["subject"] for tag in person.get("substitutions", {}))
    assert sorted(seen) == sorted(by_id)


@settings(deadline=None)
@given(ANY_GROUPS)
def test_nothing_personal_is_kept_beside_the_mail(messages: list[Message]) -> None:
    for request in requests(iter(messages), pytest.fail):
        mail = json.loads(payload(request))
        assert not {"custom_args", "categories", "mail_settings", "batch_id", "asm"} & set(mail)
        for person in mail["personalizations"]:
            assert set(person) <= {"to", "custom_args", "substitutions"}
            assert set(person["custom_args"]) == {"delivery_id"}
