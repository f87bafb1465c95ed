"""Reading campaign folders: a good one is read whole, and every mistake is named with its true line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.campaigns.files import load_campaigns
from app.campaigns.models import CampaignKind, CampaignState, Replies, TargetRule
from app.campaigns.target_settings import ANSWERS_FOR
from app.letters.compose import TemplateParts
from app.targets.records import TargetRole
from tests.campaigns.conftest import LETTER, LISTED, PAGE, SETTINGS, WON_PAGE, Content

Said = Callable[..., list[str]]
ROOT = Path(__file__).resolve().parents[2]


def test_a_campaign_is_read_whole(content: Content) -> None:
    content.campaign()
    (files,), problems = load_campaigns(content.folder)
    assert problems == []
    assert files.slug == "abolish-reporting"
    assert (files.settings.kind, files.settings.state) == (CampaignKind.LETTER, CampaignState.LIVE)
    assert (files.settings.colour, files.settings.position) == ("#7a1f5c", 10)
    assert files.settings.time_zone == "Europe/London"
    assert (files.settings.targets.role, files.settings.targets.area) == ("councillor", "ward")
    assert (files.pages[0].language, files.pages[0].title, files.pages[0].won) == ("en", "Abolish reporting", "")
    assert files.pages[0].markdown == "## Why\n\nIt *matters*."
    assert files.letters[0].parts == TemplateParts(
        subject="Please oppose reporting in {{ area.name }}",
        opening="{{ salutation }},",
        body="I live in {{ area.name }}.\n\nPlease act.",
        closing="Yours sincerely,\n\n{{ supporter.name }}\n{{ supporter.postcode }}",
    )


@pytest.mark.parametrize("replies", list(Replies))
def test_a_campaign_says_who_sees_its_writers_addresses(content: Content, replies: Replies) -> None:
    content.campaign(settings=f'{SETTINGS}\n[delivery]\nreplies = "{replies}"\n')
    (files,), problems = load_campaigns(content.folder)
    assert problems == []
    assert files.settings.delivery.replies is replies


@pytest.mark.parametrize(
    ("kind", "replies", "said"),
    [
        ("letter", "hidden", "`replies` must be one of direct, protected"),
        ("pledge", "protected", "`replies` of a pledge must be direct"),
    ],
)
def test_what_replies_cannot_be_is_named(content: Content, kind: str, replies: str, said: str) -> None:
    settings = SETTINGS.replace('kind = "letter"', f'kind = "{kind}"')
    content.campaign(settings=f'{settings}\n[delivery]\nreplies = "{replies}"\n')
    _files, problems = load_campaigns(content.folder)
    assert any(said in problem.message for problem in problems)


def test_targets_can_be_listed(content: Content) -> None:
    letter = LETTER.replace(" in {{ area.name }}", "").replace("\n{{ supporter.postcode }}", "")
    content.campaign(settings=SETTINGS.partition("[targets]")[0] + LISTED, letter=letter)
    (files,), problems = load_campaigns(content.folder, {"demo-companies"})
    assert problems == []
    assert (files.settings.targets.rule, files.settings.targets.lists) == (TargetRule.CHOOSE, ("demo-companies",))


def test_other_languages_windows_line_ends_and_a_byte_order_mark_are_taken(content: Content) -> None:
    content.campaign()
    content.write("abolish-reporting/page.ar.md", b"\xef\xbb\xbf" + PAGE.replace("\n", "\r\n").encode())
    content.write("abolish-reporting/letter.pt-BR.md", LETTER)
    content.write("abolish-reporting/.page.en.md.swp", b"\0")
    content.write(".git/config", "")
    content.write("README.md", "How to add a campaign")
    (files,), problems = load_campaigns(content.folder)
    assert problems == []
    assert [page.language for page in files.pages] == ["ar", "en"]
    assert [letter.language for letter in files.letters] == ["en", "pt-BR"]
    assert files.pages[0].markdown == files.pages[1].markdown


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('kind = "letter"', 'kind = "leter"', "1: `kind` must be one of letter, pledge; did you mean `letter`?"),
        ('kind = "letter"\n', "", "1: `kind` is missing"),
        ('"live"', "true", "2: `state` must be one of draft, scheduled, live, paused, closed, won"),
        ('"live"', "live", "2: this is not TOML: "),
        ("#7a1f5c", "#7a1f5", "3: `colour` must be # and six hexadecimal digits, such as #7a1f5c"),
        ("#7a1f5c", "rebeccapurple", "3: `colour` has 13 characters; 7 are the most"),
        (
            "#7a1f5c",
            "#F0A000",
            "3: `colour` #F0A000 has a contrast of 2.07:1 with the page, not 4.5:1: take a darker one",
        ),
        ("10", '"10"', "4: `position` must be a whole number from 0 to 9999"),
        ("10", "true", "4: `position` must be a whole number from 0 to 9999"),
        ("10", "-1", "4: `position` must be a whole number from 0 to 9999"),
        ("position", "postion", "4: `postion` is not a key here; did you mean `position`?"),
        ("[targets]", "[target]", "6: `target` is not a key here; did you mean `targets`?"),
        ("[targets]", "[targets", "6: this is not TOML: "),
        ('"area"', '"region"', "7: `rule` must be one of area, all, one, choose, random, rotate"),
        ('"councillor"', '"councilor"', "8: `role` must be one of councillor, mp; did you mean `councillor`?"),
        ('"councillor"', '"mp"', "9: `area` must be constituency for the role mp"),
        ('role = "councillor"\n', "", "6: `role` is missing"),
        ('area = "ward"', 'area = "ward"\ncolour = "x"', "10: `colour` is not a key here"),
        (
            'area = "ward"',
            'area = "ward"\nlists = ["x"]',
            '10: `lists` has no place beside rule = "area": role and area say who is written to',
        ),
        ('area = "ward"', 'area = "ward"\nname = """', "11: this is not TOML: "),
    ],
)
def test_a_mistake_in_the_settings_is_named(said: Said, old: str, new: str, problem: str) -> None:
    problems = said(settings=SETTINGS.replace(old, new, 1))
    assert [line for line in problems if line.startswith(f"campaign.toml:{problem}")], problems


ZONE = "5: `time_zone` must be a name such as Europe/London"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ('"Europe/Londn"', f"{ZONE}; did you mean `Europe/London`?"),
        ('"europe/london"', f"{ZONE}; did you mean `Europe/London`?"),
        ('"BST"', ZONE),
        ('"+01:00"', ZONE),
        ('"../../../etc/passwd"', ZONE),
        ('"/usr/share/zoneinfo/Europe/London"', ZONE),
        ('"Europe"', ZONE),
        ('""', "5: `time_zone` must not be empty"),
        ("1", "5: `time_zone` must be text in quotes"),
        (f'"{"x" * 41}"', "5: `time_zone` has 41 characters; 40 are the most"),
    ],
)
def test_a_time_zone_is_one_by_its_exact_name(said: Said, value: str, problem: str) -> None:
    [line] = said(settings=SETTINGS.replace("position = 10", f"position = 10\ntime_zone = {value}"))
    assert line.startswith(f"campaign.toml:{problem}")


@pytest.mark.parametrize("name", ["Europe/London", "America/New_York", "Asia/Kathmandu", "UTC"])
def test_a_campaign_may_have_a_time_zone_of_its_own(content: Content, name: str) -> None:
    content.campaign(settings=f'time_zone = "{name}"\n{SETTINGS}')
    (files,), problems = load_campaigns(content.folder)
    assert (files.settings.time_zone, problems) == (name, [])


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        ('rule = "all"', "6: `lists` is missing"),
        ('rule = "all"\nlists = []', "8: `lists` must be a list of one or more slugs in quotes"),
        ('rule = "all"\nlists = "demo"', "8: `lists` must be a list of one or more slugs in quotes"),
        ('rule = "all"\nlists = ["No Slug"]', "8: `lists` must be a list of one or more slugs in quotes"),
        ('rule = "all"\nlists = ["a", "a"]', "8: `lists` names a list twice"),
        ('rule = "all"\nlists = ["a"]\nrole = "mp"', '9: `role` has no place beside rule = "all"'),
        ('rule = "all"\nlists = ["nowhere"]', "8: there is no target list `nowhere`"),
    ],
)
def test_a_mistake_in_the_choice_of_lists_is_named(content: Content, targets: str, problem: str) -> None:
    content.campaign(settings=SETTINGS.partition("rule")[0] + targets)
    problems = content.problems(known_lists={"a", "demo"})
    assert [line for line in problems if line.startswith(f"abolish-reporting/campaign.toml:{problem}")], problems


def test_a_table_that_is_missing_is_said_once(said: Said) -> None:
    assert said(settings=SETTINGS.partition("[targets]")[0]) == ["campaign.toml:1: `targets` is missing"]


def test_a_table_that_is_none_is_said_once(said: Said) -> None:
    assert said(settings=SETTINGS.partition("[targets]")[0] + "targets = 3\n") == [
        "campaign.toml:6: `targets` must be a table: a line `[targets]` and its keys below"
    ]


@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ("+++\ntitle", "title", ["1: the file must begin with a line that is `+++`"]),
        ("+++\n##", "##", ["1: the `+++` of this line is never closed by another"]),
        ('title = "Abolish reporting"\n', "", ["1: `title` is missing"]),
        ('"Abolish reporting"', "7", ["2: `title` must be text in quotes"]),
        ('"Abolish reporting"', '" "', ["2: `title` must not be empty"]),
        ('"Abolish reporting"', '"Abolish\\nreporting"', ["2: `title` must be on one line"]),
        ('"Abolish reporting"', '"Abolish\\u0000reporting"', ["2: `title` holds a control character (U+0000)"]),
        ('"Abolish reporting"', f'"{"x" * 121}"', ["2: `title` has 121 characters; 120 are the most"]),
        ('"Abolish reporting"', "Abolish", ["2: this is not TOML: "]),
        ("ask =", "ask", ["3: this is not TOML: "]),
        ("summary", "sumary", ["1: `summary` is missing", "4: `sumary` is not a key here; did you mean `summary`?"]),
        ('invitation = "Why does it matter to you?"\n', "", ["1: `invitation` is missing"]),
        (
            "invitation",
            'won = "We won."\ninvitation',
            ['5: `won` has its place on the page of a campaign with state = "won" only'],
        ),
        ("## Why\n\nIt *matters*.\n", "\n", ["7: there is no text after the second `+++`"]),
        (
            "## Why",
            "<b>Why</b>",
            ["7: HTML tags such as <b> do not work on a page; write **bold** or *slanted* instead"],
        ),
        ("It *matters*.", "It\n[matters](http://x.example).", ["10: a link must start with https://, with mailto: or"]),
        ("It *matters*.", "It\x07", ["9: this line holds a control character (U+0007)"]),
        ("It *matters*.", "x" * 20_001, ["7: the text has 20,009 characters; 20,000 are the most"]),
        ("It *matters*.", "x" * 70_000, ["1: the file is longer than 64 kB"]),
    ],
)
def test_a_mistake_in_a_page_is_named(said: Said, old: str, new: str, problems: list[str]) -> None:
    found = said(page=PAGE.replace(old, new, 1))
    assert len(found) == len(problems), found
    for line, problem in zip(found, problems, strict=True):
        assert line.startswith(f"page.en.md:{problem}")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("in {{ area.", "in {{ aera.", "2: `subject`: `aera.name` is not a placeholder here; did you mean"),
        ("in {{ area.name }}", "{{ salutation }}", "2: `subject`: `salutation` is not a placeholder here; there are"),
        ("{{ salutation }},", "{{ salutation|upper }},", "3: `opening`: `{{ salutation|upper }}` is not understood"),
        ("{{ supporter.name }}", "{{ supporter.email }}", "7: `closing`: `supporter.email` is not a placeholder here"),
        ("{{ supporter.name }}", "{{ supporter.name }", "7: `closing`: `{{ supporter.name }` is not understood"),
        ('"""\nYours', '"""Yours {{ x }}', "4: `closing`: `x` is not a placeholder here"),
        ('"""\nYours sincerely,', "'''\nYours {{ x }}", "5: `closing`: `x` is not a placeholder here"),
        ("Please act.", "Please {{ target.name }}.", "12: `target.name` is not a placeholder here"),
        ("Please act.", "Please act in {{ supporter.postcode }}.", "12: `supporter.postcode` can be empty"),
        ("Please act.", "{% if area.name %}Please act.", "12: this `{% if … %}` has no `{% endif %}`"),
        ("Please act.", "x" * 10_001, "10: the text has 10,029 characters; 10,000 are the most"),
        ("+++\nI live", 'tilte = "x"\n+++\nI live', "9: `tilte` is not a key here"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_letter_is_named_with_its_true_line(said: Said, old: str, new: str, problem: str) -> None:
    letter = LETTER.replace(old, new, 1)
    if "'''" in letter:
        letter = letter.replace('}}"""', "}}'''")
    (found,) = said(letter=letter)
    assert found.startswith(f"letter.en.md:{problem}")


def test_a_fixed_target_knows_no_area(content: Content) -> None:
    content.campaign(settings=SETTINGS.partition("[targets]")[0] + LISTED)
    assert [line.partition(":")[2].partition(" is")[0] for line in content.problems()] == [
        "2: `subject`: `area.name`",
        "8: `closing`: `supporter.postcode`",
        "10: `area.name`",
    ]


def test_keys_inside_long_texts_are_not_mistaken_for_keys(said: Said) -> None:
    letter = LETTER.replace("Yours sincerely,", 'subject = "not a key"\n[opening]').replace("area.name }}.", "x }}.")
    (problem,) = said(letter=letter)
    assert problem.startswith(
        "letter.en.md:11: `x` is not a placeholder here; there are `area.name`, `campaign.title`,"
    )


def test_a_file_that_is_not_utf_8_is_named_with_its_line(content: Content) -> None:
    content.campaign()
    content.write("abolish-reporting/page.en.md", PAGE.replace("matters", "m\u00e4tters").encode("latin-1"))
    assert content.problems() == ["abolish-reporting/page.en.md:9: this line is not UTF-8 text: save the file as UTF-8"]


NO_PLACE = (
    "a campaign has campaign.toml, page.<lang>.md, letter.<lang>.md, letter.<lang>.<audience>.md "
    "and one image.jpg, .png or .webp only"
)


def test_files_that_are_missing_or_have_no_place_are_named(content: Content) -> None:
    folder = content.campaign()
    (folder / "letter.en.md").unlink()
    content.write("abolish-reporting/leter.en.md", LETTER)
    content.write("abolish-reporting/page.xx.md", PAGE)
    content.write("abolish-reporting/page.en.supportive.md", PAGE)
    content.write("abolish-reporting/letter.en.all.md", LETTER)
    assert content.problems() == [
        f"abolish-reporting/leter.en.md:1: {NO_PLACE}",
        f"abolish-reporting/letter.en.all.md:1: {NO_PLACE}",
        "abolish-reporting/letter.en.md:1: the file is missing",
        f"abolish-reporting/page.en.supportive.md:1: {NO_PLACE}",
        "abolish-reporting/page.xx.md:1: `xx` is not the code of a language",
    ]


def test_a_folder_where_a_file_should_be_is_named(content: Content) -> None:
    folder = content.campaign()
    (folder / "page.en.md").unlink()
    (folder / "page.en.md").mkdir()
    assert content.problems() == ["abolish-reporting/page.en.md:1: the file cannot be read: Is a directory"]


@pytest.mark.parametrize("slug", ["Abolish", "abolish_reporting", "-abolish", "a--b", "x" * 81, "abölish"])
def test_a_folder_whose_name_is_no_slug_is_named(content: Content, slug: str) -> None:
    content.campaign(slug)
    (problem,) = content.problems()
    assert problem.startswith(f"{slug}:1: `{slug}` is not a slug")


def test_a_won_campaign_says_what_was_won(content: Content) -> None:
    won = SETTINGS.replace("live", "won")
    content.campaign("won-with", won, WON_PAGE)
    content.campaign("won-without", won)
    assert content.problems() == ["won-without/page.en.md:1: `won` is missing"]


def test_a_pledge_need_not_invite_own_words(content: Content) -> None:
    page = PAGE.replace('invitation = "Why does it matter to you?"\n', "")
    content.campaign(settings=SETTINGS.replace('"letter"', '"pledge"'), page=page)
    assert content.problems() == []


def test_all_mistakes_of_all_files_are_named_at_once(content: Content) -> None:
    content.campaign(
        "one", SETTINGS.replace("10", "ten"), PAGE.replace("title", "titel"), LETTER.replace("area.", "a.")
    )
    content.campaign("two", LISTED)
    content.campaign("three")
    campaigns, problems = load_campaigns(content.folder)
    assert [files.slug for files in campaigns] == ["three"]
    assert {problem.path.relative_to(content.folder).as_posix() for problem in problems} == {
        "one/campaign.toml",
        "one/page.en.md",
        "one/letter.en.md",
        "two/campaign.toml",
    }


def test_an_empty_or_missing_folder_is_a_mistake_and_no_empty_list(content: Content) -> None:
    for folder in (content.folder, content.folder / "nowhere"):
        campaigns, problems = load_campaigns(folder)
        assert campaigns == []
        assert "there is no campaign" in str(problems[0])


def test_the_campaigns_that_ship_are_without_a_mistake() -> None:
    known = {path.stem for path in (ROOT / "targets").glob("*.toml")}
    _, problems = load_campaigns(ROOT / "letter_templates", known)
    assert [str(problem) for problem in problems] == []


def test_roles_and_areas_are_those_of_the_registry() -> None:
    registry = {role.value: role.area_kinds[0].value for role in TargetRole if role.area_kinds}
    assert {role.value: areas[0].value for role, areas in ANSWERS_FOR.items()} == registry
