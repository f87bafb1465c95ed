"""The files of `letter_templates/`: read and checked without a database. Every mistake is told at once, with its line.

Each campaign is a folder named by its slug: `campaign.toml`, a `page.<lang>.md` and a `letter.<lang>.md` for each
language, English at least, for each segment of its targets a `letter.<lang>.<audience>.md`, and perhaps an image.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, UnknownLocaleError

from app.campaigns.fields import hint, slug_problem
from app.campaigns.folder import Folder, folder_at
from app.campaigns.models import FALLBACK_LANGUAGE
from app.campaigns.pictures import PictureRefusedError, check_picture
from app.campaigns.settings import Settings, read_settings
from app.campaigns.source import Source, read_fenced, read_toml
from app.campaigns.targeting import EVERYBODY, Targeting
from app.campaigns.texts import Beside, LetterFile, PageFile, read_letter, read_page
from app.problems import FileProblem, Flaw

SETTINGS_FILE = "campaign.toml"
REQUIRED_FILES = (SETTINGS_FILE, "page.en.md", "letter.en.md")
_OTHERS = "letter.<lang>.md, letter.<lang>.<audience>.md and one image.jpg, .png or .webp"
_IMAGE_FILE = re.compile(r"image\.(?:jpe?g|png|webp)")

_Reader = Callable[[Path, bytes, list[FileProblem]], Source | None]

_TEXT_FILE = re.compile(
    r"(?P<kind>page|letter)\.(?P<language>[a-z]{2,3}(?:-[A-Za-z]{2,8})?)(?:\.(?P<audience>[^.]+))?\.md"
)


@dataclass(frozen=True, slots=True)
class CampaignFiles:
    """One campaign's folder, without a mistake in it."""

    slug: str
    source: Source
    """`campaign.toml`, to name the line of what the database has to say to it."""
    settings: Settings
    pages: tuple[PageFile, ...]
    letters: tuple[LetterFile, ...]
    texts: Mapping[str, str]
    """The files themselves, by name; all but its image."""
    image: bytes | None = None
    """The file of its image, which has been checked."""


def load_campaigns(
    folder: Path, known_lists: Collection[str] | None = None
) -> tuple[list[CampaignFiles], list[FileProblem]]:
    """All campaigns of a folder, by slug, and all that is wrong with them, by file and line.

    A campaign with a mistake is left out of the first list: sync nothing while the second is not empty.

    Args:
        folder: holds a folder for each campaign; plain files and names that begin with a dot are passed over.
        known_lists: the slugs of all target lists, to find those that do not exist; none leaves that out.
    """
    problems: list[FileProblem] = []
    found = sorted(path for path in folder.iterdir() if _is_campaign(path)) if folder.is_dir() else []
    if not found:
        # Silence here would close every campaign that the database knows.
        return [], [FileProblem(folder, 1, "there is no campaign: the folder is missing, or has no folders in it")]
    loaded = [check_folder(folder_at(path), known_lists, problems) for path in found]
    return [files for files in loaded if files], sorted(problems, key=lambda problem: (problem.path, problem.line))


def _is_campaign(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def check_folder(
    folder: Folder, known_lists: Collection[str] | None, problems: list[FileProblem]
) -> CampaignFiles | None:
    """One campaign, read from its folder; none when it has a mistake, and what is wrong goes to `problems`."""
    own = [FileProblem(folder.path / name, 1, "the file is missing") for name in _missing(folder)]
    if refused := slug_problem(folder.path.name):
        own.append(FileProblem(folder.path, 1, refused, "slug"))
    source = _read(folder, SETTINGS_FILE, read_toml, own) if SETTINGS_FILE in folder.names else None
    settings = read_settings(source, known_lists, own) if source else None
    image = _read_image(folder, own)
    texts = [*_read_texts(folder, own)]
    pages, letters = _load_texts(texts, settings, own, with_image=image is not None)
    if source and settings:
        own += _letters_missing(folder, source, settings.targets.targeting)
        own += _letters_to_nobody(folder, letters, settings.targets.targeting)
    problems += own
    if own or source is None or settings is None:
        return None
    sources = {each.path.name: each.text for each in (source, *(each.source for each in texts))}
    return CampaignFiles(folder.path.name, source, settings, tuple(pages), tuple(letters), sources, image)


def read_files(folder: Folder, problems: list[FileProblem]) -> tuple[dict[str, str], bytes | None]:
    """A campaign's texts by name, whatever they say, and its image; what cannot be read goes to `problems`."""
    settings = _read(folder, SETTINGS_FILE, read_toml, problems) if SETTINGS_FILE in folder.names else None
    sources = [settings, *(each.source for each in _read_texts(folder, problems))]
    return {source.path.name: source.text for source in sources if source}, _read_image(folder, problems)


def _missing(folder: Folder) -> Iterator[str]:
    return (name for name in REQUIRED_FILES if name not in folder.names)


def _read(folder: Folder, name: str, read: _Reader, problems: list[FileProblem]) -> Source | None:
    raw = folder.read(name, problems)
    return None if raw is None else read(folder.path / name, raw, problems)


@dataclass(frozen=True, slots=True)
class _Text:
    """A page or a letter."""

    kind: str
    language: str
    audience: str
    source: Source


def _read_texts(folder: Folder, problems: list[FileProblem]) -> Iterator[_Text]:
    for file in folder.names:
        name = _text_name(folder.path / file, problems)
        source = _read(folder, file, read_fenced, problems) if name else None
        if name and source:
            yield _Text(name["kind"], name["language"], name["audience"] or EVERYBODY, source)


def _load_texts(
    texts: Sequence[_Text], settings: Settings | None, problems: list[FileProblem], *, with_image: bool
) -> tuple[list[PageFile], list[LetterFile]]:
    letters = [
        read_letter(each.language, each.audience, each.source, settings, problems)
        for each in texts
        if each.kind == "letter"
    ]
    beside = Beside(with_image, frozenset(reason.key for letter in letters for reason in letter.parts.reasons))
    pages = [read_page(each.language, each.source, settings, beside, problems) for each in texts if each.kind == "page"]
    return pages, letters


def _read_image(folder: Folder, problems: list[FileProblem]) -> bytes | None:
    """The campaign's image; none if there is none. One that cannot be used is a problem, and an image for all else."""
    found = [name for name in folder.names if _IMAGE_FILE.fullmatch(name)]
    if not found:
        return None
    path = folder.path / found[0]
    problems += [
        FileProblem(folder.path / name, 1, f"there is {path.name} too: a campaign has one image") for name in found[1:]
    ]
    content = folder.read(path.name, problems)
    try:
        check_picture(content or b"")
    except PictureRefusedError as refused:
        if content is not None:
            problems.append(FileProblem(path, 1, f"the image {refused}", "image"))
        return b""
    return content


def _text_name(path: Path, problems: list[FileProblem]) -> re.Match[str] | None:
    """What the name of a page or letter says: kind, language and audience; none for other files that may be there."""
    if path.name == SETTINGS_FILE or _IMAGE_FILE.fullmatch(path.name):
        return None
    match = _TEXT_FILE.fullmatch(path.name)
    if match is None or match["audience"] == EVERYBODY or (match["kind"] == "page" and match["audience"]):
        problems.append(FileProblem(path, 1, f"a campaign has {SETTINGS_FILE}, page.<lang>.md, {_OTHERS} only"))
        return None
    if not _is_language(match["language"]):
        problems.append(FileProblem(path, 1, f"`{match['language']}` is not the code of a language"))
        return None
    return match


def _letters_missing(folder: Folder, source: Source, targeting: Targeting) -> Iterator[FileProblem]:
    """Each audience must have its letter in English."""
    segments = [segment.audience for segment in targeting.segments]
    for audience in filter(None, targeting.audiences):
        name = f"letter.{FALLBACK_LANGUAGE}.{audience}.md"
        if name not in folder.names:
            yield source.problem(f"there is no {name}", f"targets.segment.{segments.index(audience)}.audience")


def _letters_to_nobody(folder: Folder, letters: Sequence[LetterFile], targeting: Targeting) -> Iterator[FileProblem]:
    """Each letter must have its readers."""
    known = targeting.audiences
    for letter in letters:
        if letter.audience not in (EVERYBODY, *known):
            path = folder.path / f"letter.{letter.language}.{letter.audience}.md"
            words = f"no [[targets.segment]] has the audience `{letter.audience}`{hint(letter.audience, known)}"
            yield FileProblem(path, 1, words, flaw=Flaw.UNREAD)


def _is_language(code: str) -> bool:
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True
