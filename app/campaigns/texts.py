"""`page.<lang>.md`, `letter.<lang>.md` and `letter.<lang>.<audience>.md`: a campaign's page and its letters."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.campaigns.fields import Fields
from app.campaigns.models import CampaignKind, CampaignState, TargetRule
from app.campaigns.settings import Settings
from app.campaigns.source import Source
from app.campaigns.target_settings import AreaRole, TargetArea, TargetChoice
from app.letters.compose import MAY_BE_EMPTY, TemplateParts
from app.letters.placeholders import check_template
from app.letters.sanitise import page_problems
from app.problems import FileProblem, Flaw

LONGEST_LETTER = 10_000
LONGEST_PAGE = 20_000
LONGEST_REASON = 300
COMPLETE_LANGUAGE = "en"
"""The language in which a campaign says everything; a page in another one may leave out reasons."""

ANY_CHOICE = TargetChoice(TargetRule.AREA, AreaRole.COUNCILLOR, TargetArea.WARD)
"""The choice that allows all placeholders, for letters whose campaign does not say whom it writes to."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """What `page.<lang>.md` says; the fields are those of `app.campaigns.models.CampaignPage`."""

    language: str
    title: str
    ask: str
    summary: str
    invitation: str
    won: str
    markdown: str
    excluded: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LetterFile:
    """What `letter.<lang>.md` says, which is to everybody, or `letter.<lang>.<audience>.md`."""

    language: str
    audience: str
    parts: TemplateParts


def read_page(language: str, source: Source, settings: Settings | None, problems: list[FileProblem]) -> PageFile:
    """What a page says. Without settings, what depends on them is left unchecked."""
    fields = Fields(source, problems)
    page = PageFile(
        language=language,
        title=fields.text("title", longest=120),
        ask=fields.text("ask", longest=300),
        summary=fields.text("summary", longest=200),
        invitation=fields.text("invitation", longest=500, required=settings is not None and settings.invites_own_words),
        won=_won(fields, settings),
        markdown=_body(source, LONGEST_PAGE, problems),
        excluded=_excluded(fields, settings, required=language == COMPLETE_LANGUAGE),
    )
    fields.finish()
    problems += [source.body_problem(problem.message, problem.line) for problem in page_problems(source.body)]
    return page


def read_letter(
    language: str, audience: str, source: Source, settings: Settings | None, problems: list[FileProblem]
) -> LetterFile:
    """What a letter says. Without settings, it is checked against all placeholders that any rule allows."""
    targets = settings.targets if settings else ANY_CHOICE
    fields = Fields(source, problems)
    pledge = settings is None or settings.kind is CampaignKind.PLEDGE
    once = targets.placeholders(per_target=False, pledge=pledge)
    each = targets.placeholders(per_target=True, pledge=pledge)
    parts = TemplateParts(
        subject=_template(fields, "subject", once, longest=200),
        opening=_template(fields, "opening", each, longest=500),
        body=_body(source, LONGEST_LETTER, problems),
        closing=_template(fields, "closing", each, longest=2000),
    )
    fields.finish()
    problems += [
        source.body_problem(problem.message, problem.line)
        for problem in check_template(source.body, once, may_be_empty=MAY_BE_EMPTY)
    ]
    return LetterFile(language, audience, parts)


def _won(fields: Fields, settings: Settings | None) -> str:
    if settings is None or settings.state is CampaignState.WON:
        return fields.text("won", longest=1000, required=settings is not None)
    fields.absent("won", 'has its place on the page of a campaign with state = "won" only')
    return ""


def _excluded(fields: Fields, settings: Settings | None, *, required: bool) -> dict[str, str]:
    """Why the targets of each exclusion are not written to, by its key."""
    exclusions = settings.targets.targeting.exclude if settings else ()
    table = fields.table("excluded", required=required and bool(exclusions))
    keys = [each.key for each in exclusions] if settings else table.keys
    reasons = {key: table.text(key, longest=LONGEST_REASON, required=required) for key in keys}
    table.finish()
    return {key: reason for key, reason in reasons.items() if reason}


def _template(fields: Fields, key: str, allowed: frozenset[str], *, longest: int) -> str:
    template = fields.text(key, longest=longest, lines=key != "subject")
    for problem in check_template(template, allowed, may_be_empty=MAY_BE_EMPTY):
        fields.refuse(key, f"`{key}`: {problem.message}", text_line=problem.line)
    return template.strip()


def _body(source: Source, longest: int, problems: list[FileProblem]) -> str:
    body = source.body.strip()
    if not body:
        problems.append(source.body_problem("there is no text after the second `+++`", flaw=Flaw.MISSING))
    elif len(body) > longest:
        long = f"the text has {len(body):,} characters; {longest:,} are the most"
        problems.append(source.body_problem(long, flaw=Flaw.LONG, bounds=(len(body), longest)))
    return body
