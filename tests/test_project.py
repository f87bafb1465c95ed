"""The project checks itself: what its documents say, what its code keeps to, and what it ships."""

from __future__ import annotations

import ast
import gc
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import tinycss2
from flask import Flask

from app import create_app
from app.bootstrap import build_platform
from app.campaigns.colours import PAPER, READABLE, readable_contrast
from app.campaigns.files import load_campaigns
from app.config import ROOT, AppEnv, Config, load_config
from app.i18n import DEFAULT_LANGUAGE, LANGUAGES
from app.queue.states import TRANSITIONS, DeliveryState
from app.targets.datasets import Holds
from app.targets.files import read_datasets
from app.web.policy import Access, Csrf, policy_of
from tests.conftest import FIELD_KEYS, INDEX_KEY, SECRET_KEY

TRANSLATED = [language for language in LANGUAGES if language != DEFAULT_LANGUAGE]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
LARGEST_STYLESHEET = 15_000
SLUGS = {
    "abolish-reporting",
    "access-to-justice",
    "bibby-stockholm",
    "capita-gps-tagging",
    "clearsprings-housing",
    "climate-and-migrant-justice",
    "justice-for-omisha",
    "patients-not-passports",
    "solidarity-knows-no-borders",
    "truth-in-the-media",
}
"""The campaigns that the project is for."""

CODE = ("app", "migrations", "tests", "worker.py", "wsgi.py", "Makefile", "Procfile", "pyproject.toml", ".ci")
TEXTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs", "letter_templates", "targets", "deploy")
STYLESHEET = ROOT / "app" / "static" / "site.css"
STYLESHEETS = sorted(STYLESHEET.parent.glob("*.css"))


def files(*names: str, suffix: str = "") -> Iterator[Path]:
    """The files of the project under these names; nothing that was made by running it."""
    for name in names:
        path = ROOT / name
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        made = {"__pycache__", "node_modules"}
        yield from (one for one in found if one.is_file() and one.name.endswith(suffix) and not made & set(one.parts))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# Directions and sizes


def test_rooms_import_only_what_they_may() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(  # noqa: S603 - our own command
        [program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_is_longer_than_a_subject() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in files("app", "worker.py", "wsgi.py", suffix=".py")}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_page() -> None:
    too_long = {}
    for path in files("app", "worker.py", suffix=".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    too_long[f"{path}:{node.name}"] = length
    assert too_long == {}


def test_nothing_is_left_to_do_in_the_code() -> None:
    mark = re.compile(r"\b(TO" + "DO|FIX" + r"ME)\b")
    found = [str(path) for path in files(*CODE, *TEXTS) if mark.search(path.read_text(errors="ignore"))]
    assert found == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in files("app", "worker.py", "wsgi.py", suffix=".py")
        if re.search(r"os\.(environ|getenv)", path.read_text())
    }
    assert readers == {"app/bootstrap.py", "worker.py"}


# Settings


class Asked(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_of = values
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self.values_of[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("whoever lists the environment reads more than what is documented")

    def __len__(self) -> int:
        return len(self.values_of)


PRODUCTION = {
    "APP_ENV": "production",
    "BASE_URL": "https://letters.example.org",
    "CONTACT_EMAIL": "help@example.org",
    "MAIL_FROM": "letters@example.org",
    "MAIL_TRANSPORT": "smtp",
    "SMTP_HOST": "smtp.example.org",
    "TRUSTED_PROXIES": "1",
}

SENDGRID = {"MAIL_TRANSPORT": "sendgrid", "SENDGRID_API_KEY": "SG.key"}


@pytest.fixture
def settings_read(tmp_path: Path) -> set[str]:
    """Every setting that `load_config` asks for, in development and in production with each way out."""
    keys = {"SECRET_KEY": SECRET_KEY, "FIELD_KEYS": FIELD_KEYS, "INDEX_KEY": INDEX_KEY}
    environments = [
        Asked({"INSTANCE_DIR": str(tmp_path / "other")}),
        Asked({"INSTANCE_DIR": str(tmp_path / "other"), **keys, **PRODUCTION}),
        Asked({"INSTANCE_DIR": str(tmp_path / "other"), **keys, **PRODUCTION, **SENDGRID, "POSTCODE_LOOKUP": "mapit"}),
    ]
    production = AppEnv.PRODUCTION
    assert [load_config(asked).env for asked in environments] == [AppEnv.DEVELOPMENT, production, production]
    return set().union(*(asked.names for asked in environments))


def documented_settings() -> dict[str, str]:
    """Each setting of the tables in docs/settings.md and its default as written there."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \|", read("docs/settings.md"), re.MULTILINE)
    return {name: default.strip() for name, default in rows}


def test_every_setting_is_documented_and_no_other(settings_read: set[str]) -> None:
    documented = documented_settings()
    by_file = {name for name in settings_read if name.endswith("_FILE")}
    assert set(documented) == settings_read - by_file
    assert set(re.findall(r"`([A-Z_]+_FILE)`", read("docs/settings.md"))) == by_file


def test_the_documented_defaults_are_those_of_the_code(make_config: Callable[..., Config]) -> None:
    plain = {name: text[1:-1] for name, text in documented_settings().items() if re.fullmatch(r"`[^`]+`", text)}
    assert len(plain) > 10
    smtp = {"MAIL_TRANSPORT": "smtp", "SMTP_HOST": "smtp.example.org"}
    for name, default in plain.items():
        others = {} if name == "MAIL_TRANSPORT" else SENDGRID if name.startswith("SENDGRID_") else smtp
        left_out, written = make_config(**others), make_config(**others | {name: default})
        assert repr(left_out) == repr(written), name
        assert left_out.database_url == written.database_url


# Routes and commands


@pytest.fixture
def site(config: Config) -> Iterator[Flask]:
    platform = build_platform(config)
    yield create_app(platform)
    platform.sessions.engine.dispose()


def test_every_route_says_who_may_use_it_and_how_forged_requests_are_stopped(site: Flask) -> None:
    for rule in site.url_map.iter_rules():
        decision = policy_of(site, rule.endpoint)
        assert decision is not None, rule
        reads = (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"}
        assert (decision.csrf is Csrf.READ_ONLY) == reads, rule
        assert (decision.access is Access.DEVELOPMENT) == rule.rule.startswith(("/outbox", "/organise/demo/")), rule


def test_the_makefiles_commands_are_named_and_explained_and_no_others_are() -> None:
    offered = set(re.findall(r"^([a-z]+):.*## ", read("Makefile"), re.MULTILINE))
    in_readme, in_contributing = (
        set(re.findall(r"\bmake ([a-z]+)\b", code_of(read(name)))) for name in ("README.md", "CONTRIBUTING.md")
    )
    assert {"run", "test", "check"} <= in_readme
    assert in_readme | in_contributing == offered
    assert set(re.findall(r"\w+", phony_of(read("Makefile")))) == offered


def phony_of(makefile: str) -> str:
    phony = re.search(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)
    assert phony is not None
    return phony[1]


def test_documents_name_only_flask_commands_that_exist(site: Flask) -> None:
    commands = re.compile(r"(?:^|bin/)flask ([a-z]+(?: [a-z]+(?:-[a-z]+)*)?)", re.MULTILINE)
    texts = [code_of(path.read_text()) for path in files(*TEXTS, suffix=".md")]
    named = {command for text in texts for command in commands.findall(text)}
    assert len(named) > 3
    for command in named:
        first, *rest = command.split()
        assert first in site.cli.commands, command
        group = site.cli.commands[first]
        if rest and isinstance(group, click.Group):
            assert rest[0] in group.commands, command


def code_of(markdown: str) -> str:
    """What stands as code in a Markdown text: blocks and spans, a line each."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^ {4}(.+)$", markdown, re.MULTILINE)
    return "\n".join([*blocks, *indented, *re.findall(r"`([^`\n]+)`", markdown)])


# Documents


def test_decisions_are_numbered_without_a_gap_and_say_when() -> None:
    decisions = sorted(files("docs/adr", suffix=".md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for number, path in enumerate(decisions, 1):
        title, _, status = path.read_text().split("\n")[:3]
        assert title.startswith(f"# {number}. "), path
        assert re.match(r"(Proposed|Accepted|Superseded), \d{4}-\d{2}-\d{2}\.", status), path


def test_links_lead_somewhere() -> None:
    broken = [
        f"{path}: {link}"
        for path in files(*TEXTS, suffix=".md")
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text())
        if not leads_somewhere(path, link)
    ]
    assert broken == []


def test_every_picture_of_the_documents_is_shown() -> None:
    shown = {
        name
        for path in files("README.md", "docs", suffix=".md")
        for name in re.findall(r"images/([\w-]+\.png)", path.read_text())
    }
    assert {path.name for path in files("docs/images", suffix=".png")} == shown


def leads_somewhere(path: Path, link: str) -> bool:
    """Whether a link leads out into the world, to a file of ours, or from a campaign’s page to a campaign."""
    if campaign := re.fullmatch(r"(?:/(\w+))?/c/([\w-]+)", link):
        return path.name.startswith("page.") and campaign[1] in (None, *TRANSLATED) and campaign[2] in SLUGS
    return link.startswith(("https://", "mailto:")) or (path.parent / link).exists()


def test_the_drawing_of_states_is_the_table_of_moves() -> None:
    drawing = re.search(r"```\n(queued ─►.*?)```", read("docs/architecture.md"), re.DOTALL)
    assert drawing is not None
    drawn = moves_of(drawing[1].splitlines())
    assert drawn == {(origin.value, to.value) for origin, moves in TRANSITIONS.items() for to in moves}


def moves_of(lines: list[str]) -> set[tuple[str, str]]:
    """The moves of a drawing: chains side by side, and branches that hang below one word of the first line."""
    found: set[tuple[str, str]] = set()
    for line in lines:
        if branch := re.match(r"( +)[│└├].*?─► +(.*)", line):
            above = next(word for word in re.finditer(r"\w+", lines[0]) if word.end() > len(branch[1]))
            chains = [[{above[0]}, states_of(branch[2])]]
        else:
            chains = [[states_of(part) for part in chain.split("─►")] for chain in re.split(r" {3,}", line)]
        for one in chains:
            found |= {(origin, to) for origins, tos in pairwise(one) for origin in origins for to in tos}
    return found


def states_of(text: str) -> set[str]:
    """The states that a part of the drawing begins with, alternatives separated by a bar or a comma."""
    words = re.match(r"\s*(\w+(?:\s*[|,]\s*\w+)*)", text)
    assert words is not None, text
    return {DeliveryState(word).value for word in re.findall(r"\w+", words[1])}


# Deployment


def test_systemd_starts_what_the_procfile_starts() -> None:
    processes = dict(re.findall(r"^(\w+): (?:exec )?(.*)$", read("Procfile"), re.MULTILINE))
    assert set(processes) == {"web", "worker"}
    for name, command in processes.items():
        [started] = re.findall(r"^ExecStart=(.*)$", read(f"deploy/solidarity-post-{name}.service"), re.MULTILINE)
        assert started.removeprefix("/opt/solidarity-post/.venv/bin/") == command.replace("${PORT:-8000}", "8000")


def test_the_example_settings_lack_nothing_but_their_secrets() -> None:
    lines = [line for line in read("deploy/solidarity-post.env.example").splitlines() if not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    assert set(given) <= set(documented_settings())
    keys = {"SECRET_KEY": SECRET_KEY, "FIELD_KEYS": FIELD_KEYS, "INDEX_KEY": INDEX_KEY}
    assert {name for name, value in given.items() if not value} == {*keys, "SMTP_PASSWORD"}
    config = load_config({**given, **keys})
    assert (config.env, config.hosts) == (AppEnv.PRODUCTION, ["letters.example.org"])


# Requirements


def wanted(name: str) -> set[str]:
    """The packages that a .in file asks for, those of the files that it includes too."""
    names: set[str] = set()
    for line in read(name).splitlines():
        if included := re.fullmatch(r"-r (\S+)", line):
            names |= wanted(included[1])
        elif asked := re.match(r"[A-Za-z0-9._-]+", line):
            names |= {canonical(asked[0])} if not line.startswith("-") else set()
    return names


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_what_is_asked_for_is_locked_with_hashes(name: str) -> None:
    locked = re.findall(r"^(\S+?)==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", read(f"{name}.txt"), re.MULTILINE)
    pinned = re.findall(r"^([A-Za-z0-9][^=\s]*)", read(f"{name}.txt"), re.MULTILINE)
    assert locked == pinned, "each pin has a hash"
    assert wanted(f"{name}.in") <= {canonical(one) for one in locked}
    assert "://" not in re.sub(r"#.*", "", read(f"{name}.txt")), "the lock names no index"


def test_development_installs_the_very_releases_of_production() -> None:
    production, development = (
        dict(re.findall(r"^(\S+?)==([^\s;]+)", read(name), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert {name: development.get(name) for name in production} == production


# Translations (what the catalogues hold: test_translations.py)


def test_compiled_catalogues_are_made_and_not_kept() -> None:
    assert "*.mo" in read(".gitignore").splitlines()
    if (ROOT / ".git").exists():
        kept = subprocess.run(
            ["git", "ls-files", "*.mo"],  # noqa: S607 - wherever git is
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert kept.stdout == ""


# What is shipped


def test_shipped_content_has_no_mistake() -> None:
    datasets, problems = read_datasets(ROOT / "targets")
    lists = {dataset.head.slug for dataset in datasets if dataset.head.holds is Holds.TARGETS}
    campaigns, found = load_campaigns(ROOT / "letter_templates", lists)
    assert [str(problem) for problem in (*problems, *found)] == []
    assert {campaign.slug for campaign in campaigns} == SLUGS


def test_shipped_content_mails_nobody_who_is_real() -> None:
    address = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
    real = {
        f"{path}: {found[0]}"
        for path in files("letter_templates", "targets")
        for found in address.finditer(path.read_text())
        if not found[1].endswith(".example")
    }
    assert real == set()


def test_each_campaigns_colour_can_be_read_and_the_paper_is_the_stylesheets() -> None:
    campaigns, _ = load_campaigns(ROOT / "letter_templates")
    contrasts = {campaign.slug: readable_contrast(campaign.settings.colour) for campaign in campaigns}
    assert {slug: contrast for slug, contrast in contrasts.items() if contrast < READABLE} == {}
    assert len({campaign.settings.colour for campaign in campaigns}) == len(campaigns), "a colour of its own for each"
    assert f"--ground: {PAPER};" in STYLESHEET.read_text()


# The stylesheets

PHYSICAL = re.compile(
    r"(?:top|right|bottom|left"
    r"|(?:min-|max-)?(?:width|height)"
    r"|(?:margin|padding|border|scroll-margin|scroll-padding)-(?:top|right|bottom|left)(?:-\w+)?"
    r"|border-(?:top|bottom)-(?:left|right)-radius|overflow-[xy]|resize-[xy])"
)
SIDED = {"text-align", "float", "clear", "caption-side"}


def declarations(nodes: list[Any]) -> Iterator[Any]:
    """Every declaration below these nodes, inside rules and at-rules alike."""
    for node in nodes:
        if node.type == "declaration":
            yield node
        elif node.type in ("qualified-rule", "at-rule") and node.content is not None:
            yield from declarations(tinycss2.parse_blocks_contents(node.content))
        assert node.type != "error", node.message


@pytest.mark.parametrize("sheet", STYLESHEETS, ids=lambda path: path.name)
def test_a_stylesheet_knows_no_left_and_no_right(sheet: Path) -> None:
    found = list(declarations(tinycss2.parse_stylesheet(sheet.read_text(), skip_comments=True)))
    assert len(found) > 40
    physical = [f"line {one.source_line}: {one.name}" for one in found if PHYSICAL.fullmatch(one.lower_name)]
    sided = [
        f"line {one.source_line}: {one.name}"
        for one in found
        if one.lower_name in SIDED and {"left", "right"} & {getattr(token, "lower_value", "") for token in one.value}
    ]
    assert physical + sided == []


@pytest.mark.parametrize("sheet", STYLESHEETS, ids=lambda path: path.name)
def test_a_stylesheet_is_small(sheet: Path) -> None:
    assert sheet.stat().st_size < LARGEST_STYLESHEET


def test_no_module_of_the_suite_turns_off_the_collecting_of_rubbish() -> None:
    """The site and the worker load without it; a suite without it grows to gigabytes, and hears of fewer leaks."""
    assert gc.isenabled()
