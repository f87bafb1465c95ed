"""Templates of letters: checked when they are saved, rendered when a letter is made.

The engine is minijinja, and it only ever sees what keeps to `app.letters.grammar`. Its own language is far richer:
with its defaults one `format` filter takes a gigabyte, and a doubling loop escapes the fuel limit, which counts
instructions and not bytes (measured in docs/adr/0002-letter-template-language.md).

A supporter's text is never a template: it enters as a value, and braces in it stay braces.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from minijinja import Environment, TemplateError

from app.letters.grammar import Tag, parse
from app.letters.problem import Problem
from app.sentences import say as _l

CACHED_TEMPLATES = 256
KEPT_RENDERINGS = 2048
"""Renderings that are kept: in one campaign subject and middle of most letters are the same, and how they begin is for
each recipient."""
SLIPS = 0.85
"""How alike (see `difflib`) a name must be to be taken for a slip: `target.name` is none for `area.name`."""
FUEL = 50_000
"""Engine instructions for one rendering: five times what the densest template of the greatest length takes."""

_NAME = "letter"
_WRITER = "supporter"
_GLOBALS = "cycler debug dict joiner namespace range"
_FILTERS = """abs attr batch bool capitalize chain count d default dictsort e escape filesizeformat first float format
    groupby indent int items join last length lines list lower map max min pluralize pprint reject rejectattr replace
    reverse round safe select selectattr slice sort split string striptags sum title tojson trim truncate unique upper
    urlencode wordwrap zip"""
_TESTS = """!= < <= == > >= boolean defined divisibleby endingwith eq equalto escaped even false filter float ge
    greaterthan gt in int integer iterable le lessthan lower lt mapping ne none number odd safe sameas sequence
    startingwith string test true undefined upper"""


class TemplateFault(Exception):  # noqa: N818 - a fault is an error; the suffix would say it twice
    """A template cannot be rendered. The text names the placeholder or the line, never a value."""


def check_template(
    source: str, allowed: frozenset[str], *, may_be_empty: frozenset[str] = frozenset()
) -> list[Problem]:
    """What is wrong with a template, in the order of its lines; nothing when it can be rendered.

    Args:
        source: the template.
        allowed: the placeholders that have a value where this template is used.
        may_be_empty: those of them whose value can be empty. They may stand alone on a line, or inside an `if` that
            asks for them; elsewhere they would leave a blank in a sentence.
    """
    parsed = parse(source)
    problems = list(parsed.problems)
    for tag in parsed.tags:
        problems += _tag_problems(tag, allowed, may_be_empty)
    return sorted(problems, key=lambda problem: problem.line)


def render(source: str, variables: Mapping[str, Any]) -> str:
    """The template with its placeholders filled; `variables` are texts, or mappings of texts.

    Raises:
        TemplateFault: the source is not of the grammar, or a placeholder has no text in `variables`.
    """
    filled = _filled if speaks_of_writer(source) else _kept_filled
    return filled(source, tuple(_text_of(path, variables) for path in _compiled(source).paths))


def speaks_of_writer(source: str) -> bool:
    """Whether a template has a place for something of whoever writes: what is made of it is nobody else's, and is kept
    nowhere.

    Raises:
        TemplateFault: the source is not of the grammar.
    """
    return _compiled(source).speaks_of_writer


def _filled(source: str, texts: tuple[str, ...]) -> str:
    template = _compiled(source)
    context: dict[str, Any] = {}
    for path, text in zip(template.paths, texts, strict=True):
        _put(path, text, context)
    try:
        return template.engine.render_template(_NAME, **context)
    except TemplateError as error:
        raise TemplateFault(f"the template cannot be rendered: {error.kind} on line {error.line}") from None


_kept_filled = lru_cache(KEPT_RENDERINGS)(_filled)


@dataclass(frozen=True, slots=True)
class _Template:
    """A template that keeps to the grammar, compiled, and the paths that it reads."""

    engine: Environment
    paths: tuple[tuple[str, ...], ...]
    speaks_of_writer: bool


@lru_cache(maxsize=CACHED_TEMPLATES)
def _compiled(source: str) -> _Template:
    parsed = parse(source)
    if parsed.problems:
        raise TemplateFault(f"line {parsed.problems[0].line}: {parsed.problems[0].message}")
    engine = _bare_engine()
    try:
        engine.add_template(_NAME, source)
    except TemplateError as error:
        raise TemplateFault(f"the template cannot be read: {error.kind} on line {error.line}") from None
    paths = tuple({tuple(tag.path.split(".")): None for tag in parsed.tags})
    return _Template(engine, paths, any(path[0] == _WRITER for path in paths))


def _bare_engine() -> Environment:
    """The engine with nothing in it: a second wall behind the grammar."""
    engine = Environment(
        undefined_behavior="strict",
        fuel=FUEL,
        debug=False,
        pycompat=False,
        keep_trailing_newline=True,
        auto_escape_callback=lambda _name: False,
    )
    for name in _GLOBALS.split():
        engine.remove_global(name)
    for name in _FILTERS.split():
        engine.remove_filter(name)
    for name in _TESTS.split():
        engine.remove_test(name)
    return engine


def _text_of(path: tuple[str, ...], variables: Mapping[str, Any]) -> str:
    value: Any = variables
    try:
        for name in path:
            value = value[name]
    except (LookupError, TypeError):
        value = None
    if not isinstance(value, str):
        raise TemplateFault(_l("`%(placeholder)s` has no value here", placeholder=".".join(path)))
    return value


def _put(path: tuple[str, ...], text: str, context: dict[str, Any]) -> None:
    """Put one text into plain dictionaries: the engine never gets an object of ours to look into."""
    for name in path[:-1]:
        context = context.setdefault(name, {})
    context[path[-1]] = text


def _tag_problems(tag: Tag, allowed: frozenset[str], may_be_empty: frozenset[str]) -> Iterator[Problem]:
    path = tag.path
    if path not in allowed:
        near = difflib.get_close_matches(path.lower(), sorted(allowed), n=1, cutoff=SLIPS)
        hint = f"did you mean `{near[0]}`?" if near else f"there are {_listed(allowed)}"
        yield Problem(tag.line, f"`{path}` is not a placeholder here; {hint}")
    elif tag.shows and path in may_be_empty and path not in tag.sure and not tag.alone:
        yield Problem(
            tag.line,
            f"`{path}` can be empty: put it on a line of its own, or between `{{% if {path} %}}` and `{{% endif %}}`",
        )


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"
