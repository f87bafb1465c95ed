"""`[targets]` of campaign.toml, and the reasons of exclusions on the pages: read whole, every mistake with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.campaigns.files import CampaignFiles, load_campaigns
from app.campaigns.matching import Who
from app.campaigns.models import TargetRule
from app.campaigns.target_settings import TargetChoice
from app.campaigns.targeting import CampaignTier, Exclusion, Segment, Targeting
from tests.campaigns.conftest import LETTER, PAGE, SETTINGS, Content

HEAD = SETTINGS.partition("rule")[0]
"""Six lines, the last of them `[targets]`."""
LISTED_LETTER = LETTER.replace(" in {{ area.name }}", "").replace("\n{{ supporter.postcode }}", "")
BY_AREA = 'rule = "area"\nrole = "councillor"\narea = "ward"\n'
REASON = '[excluded]\nfriends = "They agree already."\n'
EXCLUDE = '[[targets.exclude]]\nkey = "friends"\nwho = { party = "Green Party" }\n'


def with_reasons(reasons: str = REASON) -> str:
    return PAGE.replace("+++\n##", f"{reasons}+++\n##")


def read(content: Content, targets: str, page: str = PAGE, letter: str = LISTED_LETTER) -> CampaignFiles:
    content.campaign(settings=HEAD + targets, page=page, letter=letter)
    (files,), problems = load_campaigns(content.folder, {"a", "b", "team"})
    assert problems == []
    return files


def problems(content: Content, targets: str, page: str = PAGE, letter: str = LISTED_LETTER) -> list[str]:
    content.campaign(settings=HEAD + targets, page=page, letter=letter)
    return [line.removeprefix("abolish-reporting/") for line in content.problems({"a", "b", "team"})]


def test_everything_that_a_table_can_say_is_read(content: Content) -> None:
    targets = BY_AREA + 'tier = "county"\nwho = { posts = "*leader*", party = ["Lab", "Co-op"] }\nfallback = ["team"]\n'
    files = read(content, targets + EXCLUDE, with_reasons())
    assert files.settings.targets.targeting == Targeting(
        tier=CampaignTier.COUNTY,
        who=Who.of({"posts": ["*leader*"], "party": ["Lab", "Co-op"]}),
        exclude=(Exclusion("friends", Who.of({"party": ["Green Party"]})),),
        fallback=("team",),
    )
    assert files.pages[0].excluded == {"friends": "They agree already."}


@pytest.mark.parametrize("rule", [rule for rule in TargetRule if rule is not TargetRule.AREA])
def test_every_rule_of_lists_is_read(content: Content, rule: TargetRule) -> None:
    most = "most = 3\n" if rule in (TargetRule.CHOOSE, TargetRule.RANDOM, TargetRule.ROTATE) else ""
    files = read(content, f'rule = "{rule}"\nlists = ["a", "b"]\n{most}')
    expected = Targeting(most=3 if most else 1)
    assert files.settings.targets == TargetChoice(rule, lists=("a", "b"), targeting=expected)


def test_a_description_may_stand_in_a_table_of_its_own(content: Content) -> None:
    files = read(content, 'rule = "one"\nlists = ["a"]\n[targets.who]\nexternal_id = "one-of-them"\n')
    assert files.settings.targets.targeting.who == Who.of({"external_id": ["one-of-them"]})


def test_a_whole_council_can_be_written_to_and_has_its_name_in_the_letter(content: Content) -> None:
    letter = LETTER.replace("I live in {{ area.name }}", "I write to {{ council.name }}")
    files = read(content, 'rule = "area"\nrole = "councillor"\narea = "council"\n', letter=letter)
    assert files.settings.targets.area == "council"


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        (
            BY_AREA + 'tier = "parish"',
            "campaign.toml:10: `tier` must be one of all, district, county, unitary",
        ),
        (
            'rule = "area"\nrole = "mp"\narea = "constituency"\ntier = "county"',
            "campaign.toml:10: `tier` has no place beside the role mp: tiers are of councils",
        ),
        (
            'rule = "area"\nrole = "mp"\narea = "council"',
            "campaign.toml:9: `area` must be constituency for the role mp",
        ),
        (
            'rule = "area"\nrole = "councillor"\narea = "constituency"',
            "campaign.toml:9: `area` must be ward or council for the role councillor",
        ),
        (
            'rule = "all"\nlists = ["a"]\ntier = "all"',
            'campaign.toml:9: `tier` has no place beside rule = "all": the lists say who is written to',
        ),
        (
            BY_AREA + "most = 2",
            'campaign.toml:10: `most` has no place beside rule = "area", which leaves no choice',
        ),
        ('rule = "random"\nlists = ["a"]', "campaign.toml:6: `most` is missing"),
        (
            'rule = "rotate"\nlists = ["a"]\nmost = 0',
            "campaign.toml:9: `most` must be a whole number from 1 to 100",
        ),
        (
            'rule = "choose"\nlists = ["a"]\nmost = true',
            "campaign.toml:9: `most` must be a whole number from 1 to 100",
        ),
        (
            'rule = "all"\nlists = ["a"]\nfallback = ["nowhere"]',
            "campaign.toml:9: there is no target list `nowhere`",
        ),
        (
            'rule = "all"\nlists = ["a"]\nwho = "Lab"',
            "campaign.toml:9: `who` must be a table: a line `[targets.who]` and its keys below",
        ),
        (
            'rule = "all"\nlists = ["a"]\nwho = { party = [] }',
            "campaign.toml:9: `party` must be a text in quotes or a list of them, each of up to 200 characters",
        ),
        (
            'rule = "all"\nlists = ["a"]\nwho = { party = ["Lab", 7] }',
            "campaign.toml:9: `party` must be a text in quotes or a list of them, each of up to 200 characters",
        ),
        (
            'rule = "all"\nlists = ["a"]\n\n[targets.who]\nposts = "*"\nparty = " "',
            "campaign.toml:12: `party` must be a text in quotes or a list of them, each of up to 200 characters",
        ),
        (
            'rule = "all"\nlists = ["a"]\nwho.party = 7',
            "campaign.toml:9: `party` must be a text in quotes or a list of them, each of up to 200 characters",
        ),
        (
            'rule = "all"\nlists = ["a"]\nexclude = "friends"',
            "campaign.toml:9: each of `exclude` must be a table: a line `[[targets.exclude]]` and its keys below",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(content: Content, targets: str, problem: str) -> None:
    letter = LETTER if 'rule = "area"' in targets else LISTED_LETTER
    assert problem in problems(content, targets, letter=letter)


@pytest.mark.parametrize(
    ("exclude", "problem"),
    [
        ("[[targets.exclude]]\nwho = { party = 'x' }\n", "campaign.toml:9: `key` is missing"),
        ("[[targets.exclude]]\nkey = 'friends'\n", "campaign.toml:9: `who` is missing"),
        ("[[targets.exclude]]\nkey = 'friends'\nwho = {}\n", "campaign.toml:11: `who` must say who is not written to"),
        (
            "[[targets.exclude]]\nkey = 'My friends'\nwho = { party = 'x' }\n",
            "campaign.toml:10: `My friends` is not a slug: small letters a to z, digits, and single hyphens",
        ),
        (
            EXCLUDE + "[[targets.exclude]]\nkey = 'other'\nwhom = { party = 'x' }\nwho.party = 'y'",
            "campaign.toml:14: `whom` is not a key here; did you mean `who`?",
        ),
        (
            EXCLUDE + EXCLUDE,
            "campaign.toml:13: `friends` is the key of more than one exclusion",
        ),
        (
            EXCLUDE + "[[targets.exclude]]\nkey = 'other'\n[targets.exclude.who]\nparty = 7\n",
            "campaign.toml:15: `party` must be a text in quotes or a list of them, each of up to 200 characters",
        ),
    ],
)
def test_a_mistake_in_one_of_several_exclusions_is_named_with_its_own_line(
    content: Content, exclude: str, problem: str
) -> None:
    found = problems(content, f'rule = "all"\nlists = ["a"]\n{exclude}', with_reasons())
    assert [line for line in found if line.startswith(problem)], found


@pytest.mark.parametrize(
    ("reasons", "problem"),
    [
        ("", "page.en.md:1: `excluded` is missing"),
        ("[excluded]\n", "page.en.md:6: `friends` is missing"),
        ("[excluded]\nfriends = ''\n", "page.en.md:7: `friends` must not be empty"),
        (REASON + "freinds = 'x'\n", "page.en.md:8: `freinds` is not a key here; did you mean `friends`?"),
        ("[excluded]\nfriends = '" + "x" * 301 + "'\n", "page.en.md:7: `friends` has 301 characters; 300 are the most"),
    ],
)
def test_english_gives_a_reason_for_each_exclusion(content: Content, reasons: str, problem: str) -> None:
    assert problems(content, f'rule = "all"\nlists = ["a"]\n{EXCLUDE}', with_reasons(reasons)) == [problem]


def test_another_language_may_leave_reasons_to_english(content: Content) -> None:
    targets = f'rule = "all"\nlists = ["a"]\n{EXCLUDE}'
    content.write("abolish-reporting/page.ar.md", PAGE)
    assert problems(content, targets, with_reasons()) == []


def test_a_reason_for_nobody_is_a_mistake(content: Content) -> None:
    assert problems(content, 'rule = "all"\nlists = ["a"]\n', with_reasons()) == [
        "page.en.md:7: `friends` is not a key here"
    ]


SEGMENT = '[[targets.segment]]\naudience = "supportive"\nwho = { party = "Green Party" }\n'
LISTED = 'rule = "all"\nlists = ["a"]\n'


def with_letter(content: Content, *names: str) -> None:
    for name in names:
        content.write(f"abolish-reporting/letter.{name}.md", LISTED_LETTER)


def test_segments_are_read_in_their_order_with_their_letters(content: Content) -> None:
    with_letter(content, "en.supportive", "cy.supportive", "en.leaders")
    leaders = '[[targets.segment]]\naudience = "leaders"\n[targets.segment.who]\nposts = "*leader*"\n'
    files = read(content, LISTED + SEGMENT + leaders)
    green, leader = Who.of({"party": ["Green Party"]}), Who.of({"posts": ["*leader*"]})
    assert files.settings.targets.targeting.segments == (Segment("supportive", green), Segment("leaders", leader))
    named = [(letter.language, letter.audience) for letter in files.letters]
    assert named == [("cy", "supportive"), ("en", "leaders"), ("en", "all"), ("en", "supportive")]


def test_two_segments_may_read_one_letter(content: Content) -> None:
    with_letter(content, "en.supportive")
    assert len(read(content, LISTED + SEGMENT * 2).settings.targets.targeting.segments) == 2


@pytest.mark.parametrize(
    ("segment", "problem"),
    [
        ("[[targets.segment]]\nwho = { party = 'x' }\n", "campaign.toml:9: `audience` is missing"),
        ("[[targets.segment]]\naudience = 'friends'\n", "campaign.toml:9: `who` is missing"),
        (
            "[[targets.segment]]\naudience = 'friends'\nwho = {}\n",
            "campaign.toml:11: `who` must say who reads this letter",
        ),
        (
            "[[targets.segment]]\naudience = 'My friends'\nwho.party = 'x'\n",
            "campaign.toml:10: `My friends` is not a slug",
        ),
        (
            "[[targets.segment]]\naudience = 'all'\nwho.party = 'x'\n",
            "campaign.toml:10: `all` are those who read letter.en.md: take another word",
        ),
        (
            f"[[targets.segment]]\naudience = '{'x' * 41}'\nwho.party = 'x'\n",
            "campaign.toml:10: `audience` has 41 characters; 40 are the most",
        ),
        (SEGMENT + "name = 'x'\n", "campaign.toml:12: `name` is not a key here"),
        (SEGMENT, "campaign.toml:10: there is no letter.en.supportive.md"),
        (
            SEGMENT + "".join(f"[[targets.segment]]\naudience = '{a}'\nwho.party = 'x'\n" for a in "abcd"),
            "campaign.toml:9: `segment` names more audiences than 4",
        ),
        ("segment = 'supportive'\n", "campaign.toml:9: each of `segment` must be a table"),
    ],
)
def test_a_mistake_in_a_segment_is_named_with_its_line(content: Content, segment: str, problem: str) -> None:
    found = problems(content, LISTED + segment)
    assert [line for line in found if line.startswith(problem)], found


def test_a_letter_to_nobody_is_a_mistake(content: Content) -> None:
    with_letter(content, "en.supportive", "en.suportive")
    assert problems(content, LISTED + SEGMENT) == [
        "letter.en.suportive.md:1: no [[targets.segment]] has the audience `suportive`; did you mean `supportive`?"
    ]


def test_a_letter_in_another_language_needs_the_english_one_to_the_same_audience(content: Content) -> None:
    with_letter(content, "cy.supportive")
    assert problems(content, LISTED + SEGMENT) == ["campaign.toml:10: there is no letter.en.supportive.md"]


def test_a_letter_to_a_segment_is_checked_like_the_others(content: Content) -> None:
    content.write("abolish-reporting/letter.en.supportive.md", LISTED_LETTER.replace("Please act.", "{{ nobody }}"))
    (problem,) = problems(content, LISTED + SEGMENT)
    assert problem.startswith("letter.en.supportive.md:11: `nobody` is not a placeholder here")


HANDBOOK = Path(__file__).resolve().parents[2] / "docs" / "campaigns.md"
EXAMPLES = re.findall(r"```toml\n\[targets\]\n(.*?)```", HANDBOOK.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_of_the_handbook_are_without_a_mistake(content: Content, example: str) -> None:
    page = with_reasons('[excluded]\nsupportive = "They support this already."\n') if "exclude" in example else PAGE
    content.campaign(settings=HEAD + example, page=page, letter=LISTED_LETTER)
    assert content.problems({"clearsprings", "capita", "campaign-team"}) == []
    assert len(EXAMPLES) == 4
