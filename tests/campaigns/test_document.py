"""A campaign's files as a document and back: what nobody changed stays to the byte."""

from __future__ import annotations

import io
import tomllib
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.campaigns.document import Document, read_values, toml_text
from app.campaigns.files import check_folder, read_files
from app.campaigns.folder import (
    LARGEST_UNPACKED,
    MOST_FILES,
    NotAFolderError,
    files_of,
    folder_in,
    folder_of,
    packed,
)
from app.campaigns.pictures import LARGEST_FILE

SHIPPED = sorted(path for path in (Path(__file__).parents[2] / "letter_templates").iterdir() if path.is_dir())

LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.just("\n"), max_size=40)
"""What a form lets through: no control characters but line feeds."""
AWKWARD = LINES | st.sampled_from(
    ["+++", "a\n+++\nb", "+++ \n", '"""', "\\", "'''\n", '"', "\n\n", " x ", "[targets]", "a = 1"]
)
KEYS = st.sampled_from(["title", "ask", "subject", "closing", "colour", "zebra", "own-key"])
TABLE = st.dictionaries(KEYS, AWKWARD | st.integers(0, 99) | st.lists(AWKWARD, max_size=3), max_size=5)
SETTINGS = st.fixed_dictionaries(
    {"kind": AWKWARD},
    optional={
        "position": st.integers(),
        "targets": st.fixed_dictionaries(
            {"rule": AWKWARD},
            optional={
                "who": TABLE,
                "exclude": st.lists(st.fixed_dictionaries({"key": AWKWARD, "who": TABLE}), max_size=3),
            },
        ),
    },
)
TEXT = TABLE.flatmap(lambda table: AWKWARD.map(lambda body: {**table, "body": body.strip()}))
DOCUMENTS = st.builds(
    Document,
    SETTINGS,
    st.dictionaries(st.sampled_from(["en", "ar", "pt-BR"]), TEXT, max_size=3),
    st.dictionaries(st.sampled_from(["en", "en.leaders", "cy"]), TEXT, max_size=3),
)


@given(DOCUMENTS)
@settings(deadline=None)
def test_what_is_exported_imported_and_exported_again_is_the_same(document: Document) -> None:
    texts = document.write({})
    problems: list[object] = []
    again, _image = read_files(folder_in(packed("own-streets", files_of(texts))), problems)  # type: ignore[arg-type]
    assert problems == []
    assert again == texts
    assert Document.of(again) == document, "and says what was written"
    assert Document.of(again).write({}) == texts, "written anew it is the same too"
    assert packed("own-streets", files_of(again)) == packed("own-streets", files_of(texts))


@given(DOCUMENTS, TEXT)
@settings(deadline=None)
def test_only_what_was_changed_is_written_anew(document: Document, page: dict[str, object]) -> None:
    before = {name: text.replace("+++\n", "+++ \n", 1) for name, text in document.write({}).items()}
    changed = Document.of(before)
    changed.pages["cy"] = page
    after = changed.write(before)
    assert {name: text for name, text in after.items() if name != "page.cy.md"} == before


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_campaigns_say_the_same_when_they_are_written_anew(folder: Path) -> None:
    texts = {path.name: path.read_text() for path in folder.iterdir() if path.suffix in (".md", ".toml")}
    image = next((path.read_bytes() for path in folder.glob("image.*")), None)
    anew = Document.of(texts).write({})
    problems: list[object] = []
    old, new = (check_folder(folder_of(folder.name, files_of(each, image)), None, problems) for each in (texts, anew))  # type: ignore[arg-type]
    assert problems == []
    assert old is not None
    assert new is not None
    assert (new.settings, new.pages, new.letters) == (old.settings, old.pages, old.letters)
    assert Document.of(texts).write(texts) == texts


def test_a_text_with_lines_keeps_them_unless_one_looks_like_the_fence() -> None:
    assert toml_text({"closing": "Yours,\n\nA"}) == 'closing = """\nYours,\n\nA"""\n'
    assert toml_text({"closing": "Yours,\n+++\nA"}) == 'closing = "Yours,\\n+++\\nA"\n'
    assert tomllib.loads(toml_text({"closing": "a\n+++"})) == {"closing": "a\n+++"}


@pytest.mark.parametrize("text", ["", "+++", "+++\ntitle = 1", "x\n+++\n+++\n", "+++\nnot toml\n+++\nbody"])
def test_what_cannot_be_read_holds_no_values(text: str) -> None:
    assert "title" not in read_values(text)


def test_an_archive_of_something_else_is_refused() -> None:
    for archive in (b"", b"PK", b"no archive"):
        with pytest.raises(NotAFolderError):
            folder_in(archive)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_is_damaged_inside_is_refused(method: int) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        archive.writestr("own-streets/page.en.md", bytes(range(256)) * 20)
    raw = whole.getvalue()
    begins = raw.index(b"page.en.md") + len(b"page.en.md")
    for place in range(begins, begins + 12):
        damaged = bytearray(raw)
        damaged[place] ^= 0xFF
        with suppress(NotAFolderError):  # not every byte matters; no other error may come of any
            folder_in(bytes(damaged))


def test_an_archive_that_unpacks_to_far_more_than_it_weighs_is_refused() -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(MOST_FILES):
            archive.writestr(f"own-streets/{number}.png", bytes(LARGEST_FILE))
    assert len(whole.getvalue()) < LARGEST_FILE
    tracemalloc.start()
    with pytest.raises(NotAFolderError):
        folder_in(whole.getvalue())
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * LARGEST_UNPACKED


def test_a_link_in_an_archive_leads_nowhere(tmp_path: Path) -> None:
    """Packed symbolic links are files with an address in them; and no name leads out of its folder."""
    secret = tmp_path / "secret"
    secret.write_text("of the server", encoding="utf-8")
    link = zipfile.ZipInfo("own-streets/page.en.md")
    link.external_attr = 0o120777 << 16
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(link, str(secret))
        archive.writestr("own-streets/campaign.toml", "")
    folder = folder_in(whole.getvalue())
    assert folder.reader("page.en.md") == str(secret).encode()
    for name in ("../../etc/passwd", "/etc/passwd", "own-streets/../../x.md"):
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr(name, "x")
        try:
            names = folder_in(whole.getvalue()).names
        except NotAFolderError:
            continue
        assert not any("/" in each or each.startswith(".") for each in names)
