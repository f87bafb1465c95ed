"""Every request that the SendGrid adapter can make, held against the contract that SendGrid publishes."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, ValidationError

from app.mail.message import Message
from app.mail.sendgrid_request import MOST_AT_ONCE, payload, requests
from tests.mail.sendgrid_letters import ANY_GROUPS, numbered

pytestmark = pytest.mark.realdata

SCHEMA = "#/components/requestBodies/PostMailSend/content/application~1json/schema"


@cache
def contract() -> Draft202012Validator:
    """The contract of mail/send, which is OpenAPI 3.1 and so JSON Schema 2020-12; what it does not name is refused."""
    published = json.loads((Path(os.environ["REAL_DATA_DIR"]) / "sendgrid" / "tsg_mail_v3.json").read_bytes())
    _refuse_the_unnamed(published["components"])
    schema = {"$ref": SCHEMA, "components": published["components"]}
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _refuse_the_unnamed(part: Any) -> None:
    if isinstance(part, dict):
        if part.get("type") == "object" and "properties" in part:
            part.setdefault("additionalProperties", False)
        for inner in part.values():
            _refuse_the_unnamed(inner)
    elif isinstance(part, list):
        for inner in part:
            _refuse_the_unnamed(inner)


def hold_to_the_contract(messages: Sequence[Message]) -> None:
    for request in requests(iter(messages), pytest.fail):
        contract().validate(json.loads(payload(request)))


@settings(deadline=None)
@given(ANY_GROUPS)
def test_every_request_keeps_the_contract(messages: list[Message]) -> None:
    hold_to_the_contract(messages)


@pytest.mark.parametrize("size", [1, 2, 999, MOST_AT_ONCE, MOST_AT_ONCE + 1])
def test_a_group_of_any_size_keeps_the_contract(size: int) -> None:
    hold_to_the_contract([numbered(number) for number in range(size)])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda mail: mail.update(colour="red"),
        lambda mail: mail.update(custom_args={"delivery_id": "1"}),
        lambda mail: mail["personalizations"][0].update(text="x"),
        lambda mail: mail["personalizations"][0].update(substitutions={"%a%": 1}),
        lambda mail: mail["personalizations"][0].pop("to"),
        lambda mail: mail["content"][0].update(value=""),
        lambda mail: mail.update(subject=""),
        lambda mail: mail["from"].pop("email"),
        lambda mail: mail["tracking_settings"]["click_tracking"].update(enable="no"),
        lambda mail: mail["from"].update(email="nobody"),
        lambda mail: mail.update(personalizations=mail["personalizations"] * (MOST_AT_ONCE + 1)),
    ],
)
def test_the_contract_is_held_strictly(spoil: Any) -> None:
    mail = json.loads(payload([numbered(1)]))
    contract().validate(mail)
    spoil(mail)
    with pytest.raises(ValidationError):
        contract().validate(mail)
