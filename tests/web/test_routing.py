"""Rules that compile late build the same addresses as Werkzeug's own."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.routing import BuildError, Map, MapAdapter, Rule

from app.web.routing import QuickRule, SlugConverter
from tests.web.site import Site
from tests.web.test_gate import EXAMPLES


def copied(rules: Map, kind: type[Rule]) -> MapAdapter:
    """The rules of a site once more, as rules of this kind."""
    again = [
        kind(one.rule, endpoint=one.endpoint, methods=one.methods, defaults=one.defaults) for one in rules.iter_rules()
    ]
    return Map(again, converters={**rules.converters, "slug": SlugConverter}).bind("localhost")


def test_every_address_is_built_as_werkzeug_builds_it_the_first_time_and_the_next(site: Site) -> None:
    quick, plain = (copied(site.app.url_map, kind) for kind in (QuickRule, Rule))
    for rule in site.app.url_map.iter_rules():
        values = {name: EXAMPLES[name] for name in rule.arguments}
        for more in ({}, {}, {"part": "ar", "saved": "y"}, {"part": "ar", "saved": "y"}):
            assert quick.build(rule.endpoint, {**values, **more}) == plain.build(rule.endpoint, {**values, **more})


def test_what_does_not_fit_is_refused_as_by_werkzeug() -> None:
    rules = Map([QuickRule("/<any(ar, en):language>/page", endpoint="page")]).bind("localhost")
    with pytest.raises(BuildError):
        rules.build("page")
    with pytest.raises(ValueError, match="fr"):
        rules.build("page", {"language": "fr"})
    assert rules.build("page", {"language": "ar"}) == "/ar/page"
    with pytest.raises(NotFound):
        rules.match("/fr/page")


def test_nothing_is_compiled_before_an_address_is_wanted(site: Site) -> None:
    """Else a new Werkzeug has taken the way away by which starting is quick."""
    one = next(site.app.url_map.iter_rules("public.home"))
    assert isinstance(one, QuickRule)
    fresh = Map([QuickRule("/page", endpoint="page")])
    (rule,) = fresh.iter_rules()
    assert "<builder:" not in vars(rule)["_build_unknown"].__func__.__name__
    fresh.bind("localhost").build("page")
    assert "<builder:" in vars(rule)["_build_unknown"].__func__.__name__
