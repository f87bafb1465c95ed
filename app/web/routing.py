"""The language in the path: `/c/…` is English, `/ar/c/…` is Arabic, one endpoint for both."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, current_app, g, request, url_for
from werkzeug.routing import BaseConverter, Rule

from app.i18n import DEFAULT_LANGUAGE, LANGUAGES, own_name

View = TypeVar("View", bound=Callable[..., Any])

_ALL = ",".join(LANGUAGES)


def localized(blueprint: Blueprint, rule: str, methods: list[str]) -> Callable[[View], View]:
    """Register a view at `rule` (English) and at `/<language>` before it; `/en…` leads to the plain address.

    `g.language` is set before the view runs, and `url_for` keeps the language of the page that calls it.
    """

    def register(view: View) -> View:
        blueprint.add_url_rule(rule, view_func=view, methods=methods, defaults={"language": DEFAULT_LANGUAGE})
        blueprint.add_url_rule(f"/<any({_ALL}):language>{rule}", view_func=view, methods=methods)
        return view

    return register


class QuickRule(Rule):
    """A rule that compiles the code which builds its addresses when the first one is wanted.

    Werkzeug compiles two functions for each rule as it is added: of the hundreds of a site, most are not asked in the
    life of a process, least of all of a command.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - Werkzeug's
        compiled = super()._compile_builder

        def build_first(_rule: Rule, **values: Any) -> tuple[str, str]:
            build = compiled(append_unknown).__get__(self, None)
            setattr(self, "_build_unknown" if append_unknown else "_build", build)
            return cast("tuple[str, str]", build(**values))

        return build_first


class SlugConverter(BaseConverter):
    """A campaign's slug; any other text in its place is a page that is not here."""

    regex = "[a-z0-9-]{1,80}"


def install(app: Flask) -> None:
    """Take the language out of the path before a view runs, and put it into addresses made with `url_for`."""
    app.url_map.converters["slug"] = SlugConverter

    @app.url_value_preprocessor
    def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.language = (values or {}).pop("language", None) or _language_of_path()

    @app.url_defaults
    def give_language(endpoint: str, values: dict[str, Any]) -> None:
        if "language" not in values and app.url_map.is_endpoint_expecting(endpoint, "language"):
            values["language"] = g.get("language", DEFAULT_LANGUAGE)


def _language_of_path() -> str:
    """The language of an address that no route has, for the page that says so."""
    first = request.path.split("/", 2)[1]
    return first if first in LANGUAGES else DEFAULT_LANGUAGE


def languages_of_page(written: Collection[str] = LANGUAGES) -> list[dict[str, str]]:
    """This page in the languages of the interface: code, own name, address.

    Args:
        written: those in which it has something to say; that of this request is always among them.
    """
    endpoint = request.endpoint
    if endpoint is None or request.method not in ("GET", "HEAD"):
        return []
    if not current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        return []
    values = dict(request.view_args or {})
    return [
        {"code": code, "name": own_name(code), "url": url_for(endpoint, **{**values, "language": code})}
        for code in LANGUAGES
        if code in written or code == g.language
    ]
