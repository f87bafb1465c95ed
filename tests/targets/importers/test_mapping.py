"""Columns mapped to our fields: guessed, shown, and put right by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.targets.importers.mapping import Mapping, MappingError

HEADER = ["Title", "First Name", "Surname", "Job title", "Company", "E-mail", "Address 1", "Town", "Postcode", "Phone"]


def test_columns_in_common_use_are_guessed_and_shown_with_what_is_left() -> None:
    assert Mapping.guess(HEADER).lines() == [
        "first_name <- First Name",
        "last_name <- Surname",
        "title <- Title",
        "email <- E-mail",
        "organisation <- Company",
        "posts <- Job title",
        'address <- Address 1, Town, Postcode (joined by " / ")',
        (
            "id <- made of name and organisation, and of the e-mail address too where several rows share them; who "
            "gets another name then counts as somebody else"
        ),
        "not used: Phone",
    ]


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        (["Councillor", "Ward", "Party"], ["name=Councillor", "party=Party", "ward=Ward"]),
        (["ID", "MP", "Constituency"], ["id=ID", "name=MP", "constituency=Constituency"]),
        (["Trust", "GSS code", "URL"], ["organisation=Trust", "gss_code=GSS code", "source_url=URL"]),
        (["Company name", "Company number"], ["organisation=Company name", "registration=Company number"]),
        (["Full name", "First name", "Surname"], ["name=Full name"]),
        (["First name", "Name"], ["first_name=First name", "last_name=Name"]),
        (["Email 2", "Email"], ["email=Email", "email=Email 2"]),
        (["Greeting", "Role", "Start date"], ["salutation=Greeting", "posts=Role", "valid_from=Start date"]),
        (["Name", "name", "", "Email"], ["email=Email"]),
        ([], []),
    ],
)
def test_a_guess(header: list[str], texts: list[str]) -> None:
    assert Mapping.guess(header).texts() == texts


def test_a_mapping_by_hand_wins_for_its_fields_and_for_its_columns() -> None:
    mapping = Mapping.parse(["posts = title", "attribute.sector=Phone", "address=Postcode", "address=Town"], HEADER)
    assert mapping.columns == {
        "first_name": ("First Name",),
        "last_name": ("Surname",),
        "email": ("E-mail",),
        "organisation": ("Company",),
        "posts": ("Title",),
        "address": ("Postcode", "Town"),
        "attribute.sector": ("Phone",),
    }
    assert mapping.left == ("Job title", "Address 1")


def test_a_field_can_be_left_out_by_hand() -> None:
    mapping = Mapping.parse(["organisation="], HEADER)
    assert "organisation" not in mapping.columns
    assert mapping.texts()[-1] == "organisation="


@pytest.mark.parametrize("by_hand", [["name=Phone"], ["last_name=Phone"], ["name=Phone", "first_name="]])
def test_there_is_one_way_to_a_name(by_hand: list[str]) -> None:
    columns = Mapping.parse(by_hand, ["Phone", "Name", "First name", "Surname"]).columns
    assert ("name" in columns) != bool({"first_name", "last_name"} & {*columns})
    assert ("Phone",) in columns.values()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name", "'name' is not of the form field=column."),
        ("nickname=Phone", "There is no field 'nickname'. The fields are id, name, first_name, "),
        ("attribute.A b=Phone", "There is no field 'attribute.A b'."),
        ("name=Full", "The column 'Full' is not in the file. The columns are Phone, phone, Name."),
        ("name=Phone", "The column 'Phone' is named more than once."),
    ],
)
def test_a_mapping_that_cannot_be_used_says_what_there_is(text: str, message: str) -> None:
    with pytest.raises(MappingError) as refused:
        Mapping.parse([text], ["Phone", "phone", "Name", ""])
    assert str(refused.value).startswith(message)


def test_only_some_fields_come_from_several_columns() -> None:
    with pytest.raises(MappingError, match="name is read from one column; only address, email, posts may have several"):
        Mapping.parse(["name=Surname", "name=Phone"], HEADER)


NAMES = ["Name", "First name", "Surname", "Email", "Email 2", "Title", "Town", "Role", "Ward", "Other", "Notes", ""]
FIELDS = ["name", "first_name", "last_name", "title", "posts", "ward", "attribute.note"]


@given(st.lists(st.sampled_from(NAMES), unique=True), st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(NAMES)))
def test_a_mapping_that_is_written_down_and_given_again_is_the_same(header: list[str], by_hand: dict[str, str]) -> None:
    texts = [f"{field}={column if column in header else ''}" for field, column in by_hand.items()]
    mapping = Mapping.parse(texts, header)
    assert Mapping.parse(mapping.texts(), header) == mapping
    assert {*mapping.left} == {*header} - {""} - {column for columns in mapping.columns.values() for column in columns}
