"""postcodes.io and MapIt: what is asked, what is read, and what counts as no answer."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from app.atlas.fetch import LARGEST_ANSWER, Server
from app.atlas.mapit import MapItAtlas
from app.atlas.port import LiveArea, NoAnswerError
from app.atlas.postcodesio import PostcodesIoAtlas
from tests.atlas.service import Say, Service, Silence

ADUR = {
    "admin_ward": "Hillside",
    "admin_district": "Adur",
    "admin_county": "West Sussex",
    "ced": "Southwick",
    "parliamentary_constituency": "East Worthing and Shoreham",
    "parliamentary_constituency_2024": "East Worthing and Shoreham",
    "codes": {
        "admin_ward": "E05007565",
        "admin_district": "E07000223",
        "admin_county": "E10000032",
        "ced": "E58001617",
        "parish": "E43000150",
        "parliamentary_constituency": "E14000681",
        "parliamentary_constituency_2024": "E14001219",
        "lsoa": "E01031371",
    },
}
ADUR_AREAS = (
    LiveArea("E05007565", "Hillside"),
    LiveArea("E07000223", "Adur"),
    LiveArea("E10000032", "West Sussex"),
    LiveArea("E58001617", "Southwick"),
    LiveArea("E14001219", "East Worthing and Shoreham"),
)


def io_says(result: Any) -> Say:
    return Say({"status": 200, "result": [{"query": "BN43 5AA", "result": result}]})


def area(number: int, kind: str, name: str, gss: str | None) -> dict[str, Any]:
    codes = {"gss": gss, "unit_id": "1"} if gss else {"unit_id": "1"}
    return {"id": number, "type": kind, "name": name, "codes": codes, "parent_area": None, "country": "E"}


TWO_TIERS = {
    "postcode": "BN43 5AA",
    "shortcuts": {"ward": {"county": 1, "district": 2}, "council": {"county": 3, "district": 4}, "WMC": 5},
    "areas": {
        "1": area(1, "CED", "Southwick", "E58001617"),
        "2": area(2, "DIW", "Hillside", "E05007565"),
        "3": area(3, "CTY", "West Sussex County Council", "E10000032"),
        "4": area(4, "DIS", "Adur District Council", "E07000223"),
        "5": area(5, "WMC", "East Worthing and Shoreham", "E14001219"),
        "6": area(6, "EUR", "South East", "E15000008"),
    },
}
ONE_TIER = {
    "postcode": "HX1 1AA",
    "shortcuts": {"ward": 2, "council": 4},
    "areas": {
        "2": area(2, "MTW", "Town", "E05001386"),
        "4": area(4, "MTD", "Calderdale Borough Council", "E08000033"),
        "9": area(9, "CPC", "A parish", None),
    },
}


@pytest.fixture
def postcodes_io(service: Service) -> PostcodesIoAtlas:
    return PostcodesIoAtlas(Server(service.url, 1))


@pytest.fixture
def mapit(service: Service) -> MapItAtlas:
    return MapItAtlas(Server(f"{service.url}/under", 1, {"X-Api-Key": "a key"}))


def test_postcodes_io_names_five_areas_and_the_newest_constituency(
    service: Service, postcodes_io: PostcodesIoAtlas
) -> None:
    service.answer = lambda _: io_says(ADUR)
    assert postcodes_io.look_up("BN43 5AA") == ADUR_AREAS


def test_the_postcode_stands_in_no_address_at_postcodes_io(service: Service, postcodes_io: PostcodesIoAtlas) -> None:
    service.answer = lambda _: io_says(ADUR)
    postcodes_io.look_up("BN43 5AA")
    [question] = service.questions
    assert (question.method, question.path, question.body) == ("POST", "/postcodes", {"postcodes": ["BN43 5AA"]})


def test_what_postcodes_io_has_no_code_for_is_left_out(service: Service, postcodes_io: PostcodesIoAtlas) -> None:
    codes = {"admin_ward": "E05007565", "admin_district": None, "parliamentary_constituency_2024": None}
    service.answer = lambda _: io_says({"admin_ward": None, "codes": codes})
    assert postcodes_io.look_up("BN43 5AA") == (LiveArea("E05007565", "E05007565"),)


def test_what_postcodes_io_does_not_know_is_unknown(service: Service, postcodes_io: PostcodesIoAtlas) -> None:
    service.answer = lambda _: io_says(None)
    assert postcodes_io.look_up("BN43 5AA") is None


def test_mapit_names_county_and_district_where_there_are_two_tiers(service: Service, mapit: MapItAtlas) -> None:
    service.answer = lambda _: Say(TWO_TIERS)
    found = mapit.look_up("BN43 5AA")
    assert found is not None
    assert {one.code for one in found} == {one.code for one in ADUR_AREAS}
    [question] = service.questions
    assert (question.method, question.path, question.headers["X-Api-Key"]) == (
        "GET",
        "/under/postcode/BN435AA",
        "a key",
    )


def test_mapit_names_one_council_where_it_does_everything(service: Service, mapit: MapItAtlas) -> None:
    service.answer = lambda _: Say(ONE_TIER)
    assert mapit.look_up("HX1 1AA") == (
        LiveArea("E05001386", "Town"),
        LiveArea("E08000033", "Calderdale Borough Council"),
    )


@pytest.mark.parametrize("status", [400, 404])
def test_what_mapit_does_not_know_is_unknown(service: Service, mapit: MapItAtlas, status: int) -> None:
    service.answer = lambda _: Say({"code": status, "error": "Postcode not found"}, status)
    assert mapit.look_up("HX1 1AA") is None


def test_a_postcode_without_shortcuts_lies_nowhere(service: Service, mapit: MapItAtlas) -> None:
    service.answer = lambda _: Say({"postcode": "JE2 3XP", "areas": {}})
    assert mapit.look_up("JE2 3XP") == ()


@pytest.mark.parametrize(
    "answer",
    [
        Say({}, 500),
        Say({}, 403),
        Say({}, 429),
        Say({}, 301),
        Say(b"<html>"),
        Say(b"[" * 100_000),
        Say([]),
        Say("text"),
        Say({"areas": {}, "shortcuts": {"ward": 7}, "result": []}),
        Say({"areas": [], "shortcuts": [], "result": [{"query": "", "result": {}}]}),
        Say(b"x" * (LARGEST_ANSWER + 1)),
        Say(b"{}", length=100),
        Silence(0),
    ],
)
def test_anything_else_is_no_answer_and_says_nothing_of_the_postcode(
    service: Service, mapit: MapItAtlas, postcodes_io: PostcodesIoAtlas, answer: Say | Silence
) -> None:
    service.answer = lambda _: answer
    for atlas in (mapit, postcodes_io):
        with pytest.raises(NoAnswerError) as none:
            atlas.look_up("HX1 1AA")
        assert "HX1" not in str(none.value)


@pytest.mark.parametrize("answer", [Silence(1.5), Say(TWO_TIERS, pause=0.1)])
def test_who_is_slow_is_not_waited_for(service: Service, answer: Say | Silence) -> None:
    service.answer = lambda _: answer
    begun = time.monotonic()
    with pytest.raises(NoAnswerError, match="TimeoutError"):
        MapItAtlas(Server(service.url, 0.3)).look_up("HX1 1AA")
    assert time.monotonic() - begun < 1


def test_a_server_that_is_not_there_is_no_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(NoAnswerError, match="ConnectionRefusedError"):
        PostcodesIoAtlas(Server(url, 1)).look_up("HX1 1AA")
