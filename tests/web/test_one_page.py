"""The campaign on one sheet: what is read back from the PDF is what the report says, in both languages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app import create_app
from app.actions.models import Letter
from app.campaigns.models import CampaignPage
from app.reporting.printer import MISSING, PangoPrinter, RefusedAddressError, TooLongError, static_file
from app.targets.models import Target
from tests.support.builders import Scene
from tests.support.chromium import required
from tests.support.fakes import NoPrinter
from tests.web.site import Site
from tests.web.test_reports import REPORT, SLUG, json_of, lead, scene
from tests.web.visitor import Visitor

__all__ = ["lead", "scene"]

SHEET = f"{REPORT}/one-page"
A4 = (595, 842)  # points


@pytest.fixture(scope="module", autouse=True)
def pango() -> None:
    """The system's Pango; without it the tests are skipped, or fail where CI=true demands it."""
    if not PangoPrinter().ready:
        if required():
            pytest.fail(MISSING)
        pytest.skip(MISSING)


def pdf_of(visitor: Visitor, prefix: str = "") -> PdfReader:
    answer = visitor.client.get(f"{prefix}{SHEET}.pdf")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert re.fullmatch(rf'attachment; filename="{SLUG}-\d{{4}}-\d\d-\d\d\.pdf"', answer.headers["Content-Disposition"])
    return PdfReader(io.BytesIO(answer.data))


def words_of(pdf: PdfReader) -> str:
    [page] = pdf.pages
    return " ".join(page.extract_text().split())


@pytest.mark.usefixtures("scene")
def test_one_sheet_says_what_the_report_says(lead: Visitor) -> None:
    pdf = pdf_of(lead)
    words = words_of(pdf)
    assert tuple(round(float(edge)) for edge in pdf.pages[0].mediabox[2:]) == A4
    assert "16 people have written" in words
    report = lead.open(REPORT)
    shown = {row.one("th").text: row for row in report.by_id("states-table").one("tbody").all("tr")}
    told = {row["state"]: row["letters"] for row in json_of(lead, "states")}
    assert len(shown) == len(told) == 11, "every state is there"
    for (name, row), letters in zip(shown.items(), told.values(), strict=True):
        number, _share, meaning = (cell.text for cell in row.all("td"))
        assert int(number) == letters
        assert re.search(rf"{re.escape(name)} {number} \S+ {re.escape(meaning)}", words), name
    for row in report.by_id("funnel-table").one("tbody").all("tr"):
        assert " ".join(cell.text for cell in row.all("th", "td")) in words


@pytest.mark.usefixtures("scene")
def test_the_sheet_can_be_read_aloud(lead: Visitor) -> None:
    for prefix, language in (("", "en"), ("/ar", "ar")):
        pdf = pdf_of(lead, prefix)
        root = pdf.trailer["/Root"].get_object()
        assert root["/Lang"] == language
        assert root["/MarkInfo"]["/Marked"]
        assert root["/StructTreeRoot"]
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert pdf.metadata is not None
        assert pdf.metadata.title
        assert pdf.metadata.author == "Solidarity Post"
        assert b"pdfuaid" in root["/Metadata"].get_data()


@pytest.mark.usefixtures("scene")
def test_arabic_letters_are_there_and_joined(lead: Visitor) -> None:
    pdf = pdf_of(lead, "/ar")
    # pypdf types every value of a PDF as the widest that it may be.
    fonts = {str(font.get_object()["/BaseFont"]) for font in pdf.pages[0]["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert any("Arabic" in font for font in fonts), fonts
    page = lead.open(f"/ar{SHEET}")
    assert page.document.one("html")["dir"] == "rtl"
    # What is read back has its letters in the order of the page or against it, by the reader; none may be missing.
    letters = set(words_of(pdf))
    assert set("".join(page.document.one("h1").text.split())) <= letters


def test_small_numbers_are_withheld_on_paper_too(scene: Scene, lead: Visitor) -> None:
    with scene.sessions.read() as session:
        written_to = set(session.scalars(select(Target.name).join(Letter, Letter.target_id == Target.id)))
    withheld = written_to - {row["target"] for row in json_of(lead, "targets")}
    words = words_of(pdf_of(lead))
    assert withheld
    assert not [name for name in withheld if name in words]
    [council] = json_of(lead, "council")
    assert f"{council['council']} {council['letters']} {council['handed_over']}" in words


def test_the_longest_campaign_is_one_sheet(site: Site, scene: Scene, lead: Visitor) -> None:
    with site.change() as session:
        for page in session.scalars(select(CampaignPage).where(CampaignPage.campaign_id == scene.campaign_id)):
            page.title = "Long words " * 40
    assert len(pdf_of(lead).pages) == 1


def test_what_fits_on_no_sheet_is_not_cut_off() -> None:
    def draft(lines: int) -> Callable[[], str]:
        return lambda: "<html lang=en><title>Long</title>" + "<p>a line" * lines

    printer = PangoPrinter()
    assert printer.one_sheet([draft(400), draft(3)]).startswith(b"%PDF-")
    with pytest.raises(TooLongError):
        printer.one_sheet([draft(400)])


def test_a_page_reaches_nothing_but_our_static_files() -> None:
    ours = "https://static.invalid/static/one_page.css?v=1"
    assert static_file(ours).name == "one_page.css"
    for other in (
        "https://example.org/static/one_page.css",
        "file:///etc/passwd",
        "http://static.invalid/static/one_page.css",
        "https://static.invalid/static/../config.py",
        "https://static.invalid/static/%2e%2e/config.py",
        "https://static.invalid/static/",
        "https://static.invalid/one_page.css",
    ):
        with pytest.raises(RefusedAddressError):
            static_file(other)


@pytest.mark.usefixtures("scene")
def test_without_pango_the_browser_prints(site: Site, lead: Visitor) -> None:
    assert "one-page.pdf" in lead.open(REPORT).html
    bare = create_app(replace(site.platform, printer=NoPrinter())).test_client()
    cookie = lead.client.get_cookie("staff")
    assert cookie is not None
    bare.set_cookie("staff", cookie.value)
    page = bare.get(REPORT).get_data(as_text=True)
    assert "one-page.pdf" not in page
    assert "Open one page to print" in page
    assert bare.get(SHEET).status_code == 200
    assert bare.get(f"{SHEET}.pdf").status_code == 404


@pytest.mark.usefixtures("site")
def test_a_campaign_that_nobody_has_written_in_has_a_sheet_too(lead: Visitor) -> None:
    answer = lead.client.get("/organise/campaigns/bibby-stockholm/report/one-page.pdf")
    assert "0 people have written" in words_of(PdfReader(io.BytesIO(answer.data)))
