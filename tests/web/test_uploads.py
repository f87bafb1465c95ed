"""Filling a list from a file: upload, mapping, preview, taking over; and what of files is turned away."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.registrar.models import Upload
from app.registrar.uploads import KEPT, LARGEST, forget_uploads
from app.roles import Role
from app.staff.models import AuditEntry
from app.targets.find import targets_of_lists
from app.targets.models import Target
from tests.support.dumps import raw_bytes
from tests.support.staff import ADA, BEN
from tests.web.reading import Page
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor

HEADER = "Publication,Editor,Kontakt,Web\n"
ALICE = "Zed News,Alice Sample,alice@zed.example,https://www.zed.example/a\n"
BOB = "Zed Post,Bob Verde,bob@zed.example,\n"
NEW = {
    "role": "Broadcaster",
    "list_name": "Editors of Zedmere",
    "source": "Rung by us",
    "as_of": "2026-11-20",
    "licence": "Our own work",
}
COLUMNS = {"column-0": "Organisation", "column-1": "Name", "column-2": "E-mail address"}


@pytest.fixture
def olu(site: Site) -> Visitor:
    """An organiser who has just signed in."""
    visitor = signed_in(site, add_member(site, BEN, Role.ORGANISER, "Olu Organiser"))
    site.deliver()
    return visitor


def upload(visitor: Visitor, content: str | bytes, name: str = "editors.csv") -> Page:
    """Choose a file and press the button, as a browser sends it."""
    visitor.open("/organise/targets/upload")
    token = visitor.page.form_with("file").value("csrf_token")
    raw = content.encode() if isinstance(content, str) else content
    boundary, body = encode_multipart({"csrf_token": token, "file": FileStorage(io.BytesIO(raw), name)})
    kind = f"multipart/form-data; boundary={boundary}"
    answer = visitor.client.post("/organise/targets/upload", data=body, content_type=kind)
    if answer.status_code == 303:
        return visitor.open(answer.headers["Location"])
    visitor.page = Page(answer.status_code, answer.get_data(as_text=True))
    return visitor.page


def look(visitor: Visitor, content: str, **said: str) -> Page:
    """Upload a file, say what it is, and look at what it would change."""
    upload(visitor, content)
    return visitor.press("Show what would change", **{**NEW, **COLUMNS, **said})


def editors(site: Site, slug: str = "editors-of-zedmere") -> dict[str, Target]:
    with site.platform.sessions.read() as session:
        return {one.name: one for one in targets_of_lists(session, [slug])}


def test_a_table_is_mapped_looked_at_and_taken_over(site: Site, olu: Visitor) -> None:
    page = upload(olu, HEADER + ALICE + BOB)
    assert (page.heading, "editors.csv" in page.text) == ("What is this file?", True)
    assert "alice@zed.example – bob@zed.example" in page.text
    olu.press("Show what would change", **NEW, **COLUMNS)
    assert olu.page.heading == "What would change"
    assert "2 added, 0 changed, 0 archived, 0 as they were, 0 rows rejected" in olu.page.text
    assert "Alice Sample" in olu.page.text
    assert editors(site) == {}
    olu.press("Take it over")
    assert olu.page.heading == "Editors of Zedmere"
    alice = editors(site)["Alice Sample"]
    assert (alice.email, alice.organisation, alice.role) == ("alice@zed.example", "Zed News", "broadcaster")
    assert not alice.verified
    assert site.count(Upload) == 0
    with site.platform.sessions.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "target_list.imported")).one()
        assert (entry.after["added"], entry.after["list"], entry.note) == (2, "editors-of-zedmere", "Rung by us")


def test_its_addresses_can_be_vouched_for_in_the_same_step(site: Site, olu: Visitor) -> None:
    look(olu, HEADER + ALICE + BOB)
    assert "2 published addresses of the list would not be verified yet" in olu.page.text
    olu.press("Take it over", how="rang each of them")
    assert [one.verified_how for one in editors(site).values()] == ["rang each of them"] * 2


def test_the_next_file_says_what_is_added_changed_and_gone(site: Site, olu: Visitor) -> None:
    look(olu, HEADER + ALICE + BOB)
    olu.press("Take it over", how="rang each of them")
    upload(olu, HEADER + ALICE.replace("alice@", "news@") + "Zed TV,Carol Moss,carol@zed.example,\n" + "Zed,X\n")
    said = {"role": "Broadcaster", "list": "Editors of Zedmere (editors-of-zedmere)", "as_of": "2026-11-25", **COLUMNS}
    page = olu.press("Show what would change", **said)
    assert "1 added, 1 changed, 1 archived, 0 as they were, 1 rows rejected" in page.text
    assert "line 4" in page.text
    assert "it cannot be told whom they are about" in page.text
    olu.press("Take it over")
    assert olu.page.error_beside("allow_shrink").startswith("Please say that those who would be archived")
    assert set(editors(site)) == {"Alice Sample", "Bob Verde"}
    olu.press("Take it over", allow_shrink="I have looked: those who would be archived have really left")
    found = editors(site)
    assert set(found) == {"Alice Sample", "Carol Moss"}
    assert (found["Alice Sample"].email, found["Alice Sample"].verified) == ("news@zed.example", False)


def test_a_file_that_would_empty_a_list_needs_a_word_for_it(site: Site, olu: Visitor) -> None:
    people = "".join(f"Zed {name},{name} Sample,{name.lower()}@zed.example,\n" for name in ("Ann", "Ben", "Cat", "Dan"))
    more = "".join(f"Zed {name},{name} Verde,{name.lower()}@zed.example,\n" for name in ("Eve", "Fay", "Gus", "Hal"))
    look(olu, HEADER + people + more)
    olu.press("Take it over")
    page = look(olu, HEADER + people.splitlines()[0] + "\n")
    assert "7 of 8 on editors-of-zedmere" in page.text
    olu.press("Take it over")
    assert olu.page.status == 422
    assert len(editors(site)) == 8


def test_what_has_changed_meanwhile_is_looked_at_once_more(site: Site, olu: Visitor) -> None:
    look(olu, HEADER + ALICE)
    other = signed_in(site, add_member(site, ADA))
    look(other, HEADER + BOB)
    other.press("Take it over")
    olu.press("Take it over")
    assert olu.page.status == 422
    assert "changed meanwhile" in olu.page.summary_texts[0]
    assert set(editors(site)) == {"Bob Verde"}


def test_a_known_kind_of_file_is_recognised(site: Site, olu: Visitor) -> None:
    mps = "Person ID,First name,Last name,Party,Constituency,URI\n10007,Bob,Verde,Lantern,Zedmere and Thornby,\n"
    page = upload(olu, mps, "mps.csv")
    assert page.form_with("format").value("format") == "theyworkforyou"
    olu.press("Show what would change", source="TheyWorkForYou", as_of="2026-11-20", licence="OGL")
    assert "1 added" in olu.page.text
    olu.press("Take it over")
    assert set(editors(site, "mps")) == {"Bob Verde"}


def test_the_kind_can_be_chosen_and_its_questions_follow(olu: Visitor) -> None:
    page = upload(olu, "Name,Ward,Email,Party,Page\nAlice Sample,Canalside,a@z.example,,\n")
    page = olu.press(
        "Show what would change", format="Trafford Data Lab: councillors (CSV)", as_of="2026-11-20", source="x"
    )
    assert page.heading == "What is this file?"
    assert "council_code" in page.form_with("format").names
    assert "column-0" not in page.form_with("format").names


@pytest.mark.parametrize(
    ("said", "name", "message"),
    [
        ({"as_of": ""}, "as_of", "Please give a day, as in 2026-11-28."),
        ({"as_of": "soon"}, "as_of", "Please give a day, as in 2026-11-28."),
        ({"source": ""}, "source", "Please say who published it."),
        ({"licence": " "}, "licence", "Please say under which licence it may be used."),
        ({"list_name": "公司"}, "list_name", "Please choose a list, or give the new one a name in Latin letters."),
        (
            {"source_url": "javascript:alert(1)"},
            "source_url",
            "Please write a whole address, like https://www.example.org/page.",
        ),
        ({"source": "x" * 301}, "source", "This is too long. Please use at most 300 characters."),
    ],
)
def test_what_is_missing_is_asked_for_and_what_was_said_stays(
    olu: Visitor, said: dict[str, str], name: str, message: str
) -> None:
    page = look(olu, HEADER + ALICE, **said)
    assert page.status == 422
    assert message in page.error_beside(name)
    form = page.form_with("format")
    assert (form.value("column-2"), form.value("role")) == ("email", "broadcaster")


def test_a_mapping_that_cannot_be_used_is_told(olu: Visitor) -> None:
    upload(olu, HEADER + ALICE)
    page = olu.press("Show what would change", forged={"column-0": "", "column-1": "forged"}, **NEW)
    assert page.status == 422
    assert "need a column for name" in page.summary_texts[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Please choose a file."),
        (b"%PDF-1.7 \xff", "PDF"),
        (b"PK\x03\x04 workbook", "save the sheet as CSV"),
        (b"<!doctype html><title>Log in</title>", "page of HTML"),
        (b"\x00\x01\x02\x03", "zero bytes"),
        (b"just words", "This is no table"),
        (b'{"a": ' * 5000, "no table"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "no table"),
    ],
)
def test_what_is_no_list_is_turned_away(site: Site, olu: Visitor, content: bytes, said: str) -> None:
    page = upload(olu, content)
    assert page.status == 422
    assert said in page.error_beside("file")
    assert site.count(Upload) == 0


def test_hostile_cells_stay_text(olu: Visitor) -> None:
    script = "<script>alert(1)</script>"
    page = upload(olu, f'Name,{script}\n"{script}","<img src=x onerror=alert(1)>"\n', f"../{script}.csv")
    assert page.root.all("script", "img") == page.root.all("img")[:1]
    formula = look(olu, HEADER + '"=HYPERLINK(""http://x.example"";""y"")",+1,-2,@SUM(A1)\n' + ALICE)
    assert "1 rows rejected" in formula.text
    assert formula.root.all("script") == []


def test_a_file_that_is_too_large_is_not_read(site: Site, olu: Visitor) -> None:
    page = upload(olu, b"a,b\n" + b"x" * (LARGEST + 100_000))
    assert page.status == 413
    assert "at most 5 MB" in page.error_beside("file")
    page = upload(olu, b"a,b\n" + b"x" * (LARGEST - 3))
    assert page.status == 422
    assert site.count(Upload) == 0


def test_a_file_is_there_for_who_brought_it_alone_and_for_a_day(site: Site, olu: Visitor) -> None:
    upload(olu, HEADER + ALICE)
    address = olu.address
    other = signed_in(site, add_member(site, ADA))
    for path in (address, f"{address}/preview"):
        assert other.open(path).status == 404
    assert b"alice@zed.example" not in raw_bytes(site.platform.sessions.engine)
    site.clock.forward(KEPT - timedelta(minutes=1))
    olu = signed_in(site, 1)
    assert olu.open(address).status == 200
    site.clock.forward(timedelta(minutes=1))
    assert olu.open(address).status == 404
    with site.change() as session:
        forget_uploads(session, site.clock())
    assert site.count(Upload) == 0


def test_a_file_is_thrown_away(site: Site, olu: Visitor) -> None:
    look(olu, HEADER + ALICE)
    olu.press("Throw this file away")
    assert olu.page.heading == "Targets"
    assert (site.count(Upload), editors(site)) == (0, {})


def test_a_list_of_the_files_is_not_taken_over(olu: Visitor) -> None:
    page = look(olu, HEADER + ALICE, list_name="demo-broadcasters")
    assert page.status == 422
    assert "kept by the files of targets/" in page.summary_texts[0]


def test_a_council_that_is_not_known_has_to_be_named(site: Site, olu: Visitor) -> None:
    upload(olu, "Name,Ward,Email,Party,Page\nAlice Sample,Canalside,a@z.example,,https://z.example/?UID=7\n")
    said = {"as_of": "2026-11-20", "source": "its page", "licence": "OGL"}
    assert olu.page.form_with("format").value("format") == "trafford"
    page = olu.press("Show what would change", **said)
    assert page.error_beside("council_code") == "Please give the code of the council that it is about."
    page = olu.press("Show what would change", council_code="E09999999")
    assert page.summary_texts == ["Give the council’s code, as in E08000035, and its name."]
    page = olu.press("Show what would change", council_name="Weirdale")
    assert "1 added" in page.text
    assert "Canalside" in page.text
    olu.press("Take it over")
    assert set(editors(site, "councillors-e09999999")) == {"Alice Sample"}
