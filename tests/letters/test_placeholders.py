"""The template language: what it takes, what it says about mistakes, and what it keeps out."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from minijinja import TemplateError

from app.letters.grammar import DEEPEST_IF, LONGEST_TEMPLATE
from app.letters.placeholders import CACHED_TEMPLATES, TemplateFault, _bare_engine, _compiled, check_template, render

ALLOWED = frozenset({"supporter.name", "supporter.postcode", "area.name", "salutation"})
VALUES = {
    "supporter": {"name": "Alice", "postcode": "ZZ1 1AA"},
    "area": {"name": "Canalside"},
    "salutation": "Dear Cllr Sample",
}

HOSTILE = [
    '{{ ("%1000000000d"|format(1))|length }}',
    "{{ debug() }}",
    "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    "{% for i in range(1000000000) %}x{% endfor %}",
    "{% for a in supporter.name %}{{ a }}{% endfor %}",
    "{% set x = 1 %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include 'letter' %}",
    "{% extends 'letter' %}",
    "{% import 'letter' as l %}",
    "{% block b %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% raw %}{{ area.name }}{% endraw %}",
    "{% autoescape true %}{% endautoescape %}",
    "{% do area.name %}",
    "{% call area.name() %}{% endcall %}",
    "{% with x = 1 %}{% endwith %}",
    "{% if area.name == 'x' %}{% endif %}",
    "{% if not area.name %}{% endif %}",
    "{% if area.name or salutation %}{% endif %}",
    "{% if area.name is defined %}{% endif %}",
    "{% elif area.name %}",
    "{{ area.name|upper }}",
    "{{ area.name ~ area.name }}",
    "{{ area['name'] }}",
    "{{ area.name[0] }}",
    "{{ area.name() }}",
    "{{ 'x' * 1000000000 }}",
    "{{ 1 }}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ }}",
    "{{ area . name }}",
    "{{- area.name -}}",
    "{%- if area.name -%}x{%- endif -%}",
    "{%+ if area.name %}x{% endif %}",
    "{{\narea.name\n}}",
    "{# a comment #}",
    "{# {{ area.name }} #}",
    "{{ area.name",
    "area.name }}",
    "{ area.name }",
    "{{{ area.name }}}",
    "{{ аrea.name }}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{{ {{ area.name }} }}",
]


def messages(source: str) -> list[str]:
    return [f"{problem.line}: {problem.message}" for problem in check_template(source, ALLOWED)]


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_but_the_four_tags_is_taken(source: str) -> None:
    assert check_template(source, ALLOWED)
    with pytest.raises(TemplateFault):
        render(source, VALUES)


@pytest.mark.parametrize(
    "path", ["loop", "self", "true", "none", "supporter", "supporter.keys", "supporter.__class__", "salutation.upper"]
)
def test_a_path_reads_a_text_of_its_own_variables_or_nothing(path: str) -> None:
    for source in (f"{{{{ {path} }}}}", f"{{% if {path} %}}x{{% endif %}}"):
        assert check_template(source, ALLOWED)
        with pytest.raises(TemplateFault, match="has no value here"):
            render(source, VALUES)


@pytest.mark.parametrize(
    "source", ["{{ debug() }}", "{{ range(3) }}", "{{ 'a'|upper }}", "{{ '%9d'|format(1) }}", "{{ 1 is odd }}"]
)
def test_behind_the_grammar_the_engine_itself_is_empty(source: str) -> None:
    with pytest.raises(TemplateError, match="unknown"):
        _bare_engine().render_str(source)


def test_every_line_with_a_mistake_is_named() -> None:
    assert messages("{{ salutation }}\n{{ area.nmae }}\n\n{% if area.name %}x\n{{ x|y }}") == [
        "2: `area.nmae` is not a placeholder here; did you mean `area.name`?",
        "4: this `{% if … %}` has no `{% endif %}`",
        "5: `{{ x|y }}` is not understood; there are `{{ path }}`, `{% if path %}`, `{% else %}`, `{% endif %}`",
    ]


def test_a_placeholder_in_capitals_is_recognised() -> None:
    assert messages("{{ Area.Name }}") == ["1: `Area.Name` is not a placeholder here; did you mean `area.name`?"]


def test_a_placeholder_of_another_part_is_not_taken_for_a_slip() -> None:
    assert messages("{{ target.name }}")[0].startswith(
        "1: `target.name` is not a placeholder here; there are `area.name`"
    )


def test_a_placeholder_like_no_other_is_answered_with_the_list() -> None:
    problems = check_template("{{ zzz }}", frozenset({"area.name", "salutation"}))
    assert [p.message for p in problems] == ["`zzz` is not a placeholder here; there are `area.name`, `salutation`"]


def test_a_long_mistake_is_cut() -> None:
    (message,) = messages("{{ " + "x|" * 5000 + "}}")
    assert len(message) < 200


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% endif %}", "1: `{% endif %}` has no `{% if … %}` before it"),
        ("{% else %}", "1: `{% else %}` has no `{% if … %}` before it"),
        (
            "{% if area.name %}{% else %}\n{% else %}{% endif %}",
            "2: a second `{% else %}` for the same `{% if … %}`",
        ),
        (
            "{% if salutation %}" * (DEEPEST_IF + 1) + "{% endif %}" * (DEEPEST_IF + 1),
            f"1: more than {DEEPEST_IF} `if` stand inside each other",
        ),
        ("x" * (LONGEST_TEMPLATE + 1), f"1: the template is longer than {LONGEST_TEMPLATE:,} characters"),
    ],
)
def test_ifs_are_closed_once_and_lengths_are_kept(source: str, said: str) -> None:
    assert messages(source) == [said]


@pytest.mark.parametrize(
    ("source", "blank"),
    [
        ("I live at {{ supporter.postcode }}.", True),
        ("{{ supporter.name }}\n  {{ supporter.postcode }}\n", False),
        ("{{ supporter.postcode }}", False),
        ("{% if supporter.postcode %}I live at {{ supporter.postcode }}.{% endif %}", False),
        ("{% if supporter.postcode %}x{% else %}I live at {{ supporter.postcode }}.{% endif %}", True),
        ("{% if area.name %}I live at {{ supporter.postcode }}.{% endif %}", True),
        ("{% if supporter.postcode %}{% if area.name %}at {{ supporter.postcode }}{% endif %}{% endif %}", False),
        ("{% if supporter.postcode %}x{% endif %} {{ supporter.postcode }}", True),
    ],
)
def test_a_value_that_can_be_empty_never_leaves_a_blank_in_a_sentence(source: str, blank: bool) -> None:  # noqa: FBT001
    problems = check_template(source, ALLOWED, may_be_empty=frozenset({"supporter.postcode"}))
    assert bool(problems) is blank
    assert all("can be empty" in problem.message for problem in problems)


def test_a_template_is_filled() -> None:
    source = "{{ salutation }},\n{% if supporter.postcode %}at {{ supporter.postcode }}{% else %}here{% endif %}\n"
    assert render(source, VALUES) == "Dear Cllr Sample,\nat ZZ1 1AA\n"
    elsewhere = VALUES | {"supporter": {"name": "Bob", "postcode": ""}}
    assert render(source, elsewhere) == "Dear Cllr Sample,\nhere\n"


def test_a_missing_value_is_a_fault_that_names_the_placeholder_and_no_value() -> None:
    with pytest.raises(TemplateFault) as caught:
        render("{{ supporter.name }} of {{ area.name }}", {"supporter": {"name": "Alice"}})
    assert str(caught.value) == "`area.name` has no value here"


def test_an_optional_part_needs_its_value_too() -> None:
    with pytest.raises(TemplateFault):
        render("{% if area.name %}x{% endif %}", {})


def test_only_texts_are_values() -> None:
    with pytest.raises(TemplateFault):
        render("{{ area.name }}", {"area": {"name": 7}})


@pytest.mark.parametrize("value", ["{{ area.name }}", "{% if x %}", "{#", "}}", "<b>&amp;'\"", "%s {0} $x ${y}"])
def test_a_value_stays_as_it_was_typed(value: str) -> None:
    assert render("[{{ supporter.name }}]", {"supporter": {"name": value}}) == f"[{value}]"


@pytest.mark.parametrize(
    "densest",
    ["{{a}}", "{%if a%}{{a}}{%else%}{%endif%}", "{%if a%}" * DEEPEST_IF + "{{a}}" + "{%endif%}" * DEEPEST_IF],
)
def test_the_densest_template_has_fuel_enough(densest: str) -> None:
    source = densest * (LONGEST_TEMPLATE // len(densest))
    assert check_template(source, frozenset({"a"})) == []
    assert render(source, {"a": "x"}).count("x") == source.count("{{a}}")


@pytest.mark.parametrize("piece", ["{", "{{", "{{ ", "{% if ", "{%", "{#", "{{ a", "}}", "{{}", "{%}", "\n{", "{{ \t"])
def test_a_scan_of_hostile_braces_takes_no_time(piece: str) -> None:
    started = time.perf_counter()
    assert check_template(piece * (LONGEST_TEMPLATE // len(piece)), ALLOWED)
    assert time.perf_counter() - started < 2


def test_the_cache_of_compiled_templates_is_bounded() -> None:
    for number in range(CACHED_TEMPLATES + 10):
        render(f"{number} {{{{ salutation }}}}", VALUES)
    assert _compiled.cache_info().currsize == CACHED_TEMPLATES


TAGS = ["{{ area.name }}", "{{salutation}}", "{% if area.name %}", "{% else %}", "{% endif %}"]
CRUMBS = [
    "{",
    "}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    " if ",
    "area",
    ".name",
    "|",
    "set x",
    "-",
    "debug()",
    "Dear ",
    "\n",
]
sources = st.lists(st.sampled_from(TAGS + CRUMBS), max_size=30).map("".join) | st.text(
    alphabet="{}%#-ab. \n|", max_size=40
)


@settings(max_examples=400, deadline=None)
@given(source=sources, name=st.text(max_size=50))
@example(source="{{ area.name }}" * 50, name="x" * 50)
def test_what_passes_the_check_renders_within_bounds_and_what_does_not_never_renders(source: str, name: str) -> None:
    allowed = frozenset({"area.name", "salutation"})
    values = {"area": {"name": name}, "salutation": "Dear Cllr Sample"}
    if check_template(source, allowed):
        with pytest.raises(TemplateFault):
            render(source, values)
    else:
        longest = max(len(name), len(values["salutation"]))
        assert len(render(source, values)) <= len(source) + source.count("{{") * longest
