"""The languages of the interface, for pages and mails alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale
from babel.support import NullTranslations, Translations

TRANSLATIONS = Path(__file__).parent / "translations"
DEFAULT_LANGUAGE = "en"
LANGUAGES = ("en", "ar")
"""Languages that the interface speaks; the default one first."""
RIGHT_TO_LEFT = frozenset({"ar"})
"""Those of them that are written from right to left."""


def locale_of(language: str) -> str:
    """The locale that dates, numbers and lists are written in: English is that of the United Kingdom."""
    return "en_GB" if language == "en" else language


def direction(language: str) -> str:
    """`rtl` or `ltr`. Letters need it, and Babel's data take a worker long to load."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def own_name(language: str) -> str:
    """What the language calls itself, as in "English" or "العربية"."""
    return Locale.parse(language).get_display_name(language) or language


@cache
def translations(language: str) -> NullTranslations:
    """The message catalogue of a language; a language without one speaks English."""
    return Translations.load(TRANSLATIONS, [language])
