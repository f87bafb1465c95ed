"""`page.<lang>.md`, `letter.<lang>.md` and `letter.<lang>.<audience>.md`: a campaign's page and its letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.campaigns.fields import Fields, slug_problem
from app.campaigns.models import CampaignKind, CampaignState, TargetRule
from app.campaigns.settings import Settings
from app.campaigns.source import Source
from app.campaigns.target_settings import AreaRole, TargetArea, TargetChoice
from app.letters.blanks import first_blank
from app.letters.compose import MAY_BE_EMPTY, TemplateParts
from app.letters.placeholders import check_template
from app.letters.reasons import PLACE, Reason
from app.letters.sanitise import page_problems
from app.problems import FileProblem, Flaw

LONGEST_LETTER = 10_000
LONGEST_PAGE = 20_000
LONGEST_EXCUSE = 300
LONGEST_SUBJECT = 200
LONGEST_SUMMARY = 200
MOST_SUBJECTS = 5
MOST_REASONS = 8
"""More than that nobody reads on a phone."""
LONGEST_KEY = 40
LONGEST_LABEL = 120
LONGEST_REASON = 1000
LONGEST_ALT = 300
LONGEST_MAIL_WORDS = 1000
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
    image_alt: str = ""
    confirmation: str = ""
    thanks: str = ""
    reason_labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Beside:
    """What else the campaign's folder holds, of which a page speaks."""

    image: bool = False
    reasons: frozenset[str] = frozenset()
    """The keys of the reasons that its letters offer."""


@dataclass(frozen=True, slots=True)
class LetterFile:
    """What `letter.<lang>.md` says, which is to everybody, or `letter.<lang>.<audience>.md`."""

    language: str
    audience: str
    parts: TemplateParts


def read_page(
    language: str, source: Source, settings: Settings | None, beside: Beside, problems: list[FileProblem]
) -> PageFile:
    """What a page says. Without settings, what depends on them is left unchecked."""
    fields = Fields(source, problems)
    page = PageFile(
        language=language,
        title=fields.text("title", longest=120),
        ask=fields.text("ask", longest=300),
        summary=fields.text("summary", longest=LONGEST_SUMMARY),
        invitation=fields.text("invitation", longest=500, required=settings is not None and settings.invites_own_words),
        won=_won(fields, settings),
        markdown=_body(source, LONGEST_PAGE, problems),
        excluded=_excluded(fields, settings, required=language == COMPLETE_LANGUAGE),
        image_alt=_image_alt(fields, beside),
        confirmation=_confirmation(fields),
        thanks=fields.text("thanks", longest=LONGEST_MAIL_WORDS, required=False, lines=True).strip(),
        reason_labels=_reason_labels(fields, language, beside),
    )
    fields.finish()
    problems += _blanks(source)
    if len(page.markdown) <= LONGEST_PAGE:  # one that is far too long may take very long to read
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
    subject, *more_subjects = _subjects(fields, once, only_one=pledge and settings is not None) or [""]
    reasons = _reasons(fields, once, settings)
    parts = TemplateParts(
        subject=subject,
        opening=_template(fields, "opening", each, longest=500),
        body=_body(source, LONGEST_LETTER, problems),
        closing=_template(fields, "closing", each, longest=2000),
        more_subjects=tuple(more_subjects),
        reasons=reasons,
    )
    fields.finish()
    problems += _blanks(source)
    in_body = once | {PLACE} if reasons else once
    problems += [
        source.body_problem(problem.message, problem.line)
        for problem in check_template(source.body, in_body, may_be_empty=MAY_BE_EMPTY)
    ]
    return LetterFile(language, audience, parts)


def _blanks(source: Source) -> Iterator[FileProblem]:
    """Each text in which a marked blank is left; one is told of, and its like are found when it is filled in."""
    for key, value in source.values.items():
        texts = value if isinstance(value, list) else [value]
        blank = next(filter(None, (first_blank(text) for text in texts if isinstance(text, str))), "")
        if blank:
            yield source.problem(f"`{key}`: put your own words in place of {blank}", key, flaw=Flaw.BLANK)
    if blank := first_blank(source.body):
        line = source.body[: source.body.index(blank)].count("\n") + 1
        yield source.body_problem(f"put your own words in place of {blank}", line, flaw=Flaw.BLANK)


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
    reasons = {key: table.text(key, longest=LONGEST_EXCUSE, required=required) for key in keys}
    table.finish()
    return {key: reason for key, reason in reasons.items() if reason}


def _image_alt(fields: Fields, beside: Beside) -> str:
    """What the image shows: somebody who cannot see it reads every page."""
    if beside.image:
        return fields.text("image_alt", longest=LONGEST_ALT)
    fields.absent("image_alt", "says what an image shows, and there is no image.jpg, image.png or image.webp")
    return ""


def _confirmation(fields: Fields) -> str:
    text = fields.text("confirmation", longest=LONGEST_MAIL_WORDS, required=False, lines=True).strip()
    if "://" in text or "www." in text:
        # Whoever opens another page first may believe that the letter has gone.
        fields.refuse("confirmation", "`confirmation` must have no link: the mail asks to open one page, to confirm")
    return text


def _reason_labels(fields: Fields, language: str, beside: Beside) -> dict[str, str]:
    """What the reasons of the campaign's letters are called on a page in another language than theirs."""
    if language == COMPLETE_LANGUAGE:
        fields.absent("reasons", "has no place here: the labels in English stand in the letters")
        return {}
    table = fields.table("reasons", required=False)
    labels = {key: table.text(key, longest=LONGEST_LABEL, required=False) for key in sorted(beside.reasons)}
    table.finish()
    return {key: label for key, label in labels.items() if label}


def _subjects(fields: Fields, allowed: frozenset[str], *, only_one: bool) -> list[str]:
    subjects = fields.text_or_texts("subject", longest=LONGEST_SUBJECT, most=MOST_SUBJECTS)
    if only_one and len(subjects) > 1:
        fields.refuse("subject", "`subject` must be one: nobody is shown the letter of a pledge to write it")
    for subject in subjects:
        for problem in check_template(subject, allowed, may_be_empty=MAY_BE_EMPTY):
            fields.refuse("subject", f"`subject`: {problem.message}")
    return [subject.strip() for subject in subjects]


def _reasons(fields: Fields, allowed: frozenset[str], settings: Settings | None) -> tuple[Reason, ...]:
    if settings is not None and settings.kind is CampaignKind.PLEDGE:
        fields.absent("reasons", "has no place in the letter of a pledge, which nobody writes")
        return ()
    tables = fields.tables("reasons")
    reasons = [_reason(table, allowed) for table in tables]
    times = Counter(reason.key for reason in reasons)
    for table, reason in zip(tables, reasons, strict=True):
        if reason.key and times[reason.key] > 1:
            table.refuse("key", f"`{reason.key}` is the key of more than one reason")
    if len(reasons) > MOST_REASONS:
        fields.refuse("reasons", f"there are {len(reasons)} reasons; {MOST_REASONS} are the most")
    return tuple(reasons)


def _reason(fields: Fields, allowed: frozenset[str]) -> Reason:
    key = fields.text("key", longest=LONGEST_KEY)
    if key and (refused := slug_problem(key)):
        fields.refuse("key", refused)
    label = fields.text("label", longest=LONGEST_LABEL)
    text = _template(fields, "text", allowed, longest=LONGEST_REASON)
    fields.finish()
    return Reason(key, label, text)


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
