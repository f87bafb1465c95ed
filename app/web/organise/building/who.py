"""The second step: who is written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.campaigns.document import Document
from app.campaigns.models import FALLBACK_LANGUAGE, TargetRule
from app.campaigns.target_settings import COUNTED
from app.campaigns.targeting import CampaignTier
from app.drafts.blank import blank_letter, fit_rule
from app.drafts.places import EXCLUDED
from app.web.organise.building.asked import Asked, Change, Typed, number_or_text, put, text_in, text_of
from app.web.organise.building.who_typed import typed_exclusion, typed_name, typed_rows, typed_segment, typed_who
from app.web.organise.building.within import Places, Within, within

BY_PLACE = {
    "ward": ("councillor", "ward"),
    "council": ("councillor", "council"),
    "constituency": ("mp", "constituency"),
}
"""Whose office it is, and of which area: what the form has one answer for, and the settings three keys."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a description: what is known of a target, and what it must say."""

    key: Asked
    texts: Asked


@dataclass(frozen=True, slots=True)
class Group:
    """Targets that are described: those who are left out, or who read a letter of their own."""

    name: Asked
    was: str
    """What the file calls it; empty for a new one."""
    conditions: Sequence[Condition]
    reason: Asked | None = None


@dataclass(frozen=True, slots=True)
class WhoFields:
    """All that the step asks for."""

    within: Within
    plain: Sequence[Asked]
    who: Sequence[Condition]
    exclude: Sequence[Group]
    segment: Sequence[Group]

    def __iter__(self) -> Iterator[Asked]:
        yield from (*self.within, *self.plain)
        for condition in self.who:
            yield from (condition.key, condition.texts)
        for group in (*self.exclude, *self.segment):
            yield group.name
            for condition in group.conditions:
                yield from (condition.key, condition.texts)
            if group.reason:
                yield group.reason


def fields(document: Document, places: Places) -> WhoFields:
    """What stands in the settings, and one empty line more of everything that there may be several of.

    Args:
        document: with the settings.
        places: those that can be chosen.
    """
    targets = document.settings.get("targets", {})
    narrowed = within(targets, places)
    reasons = document.pages.get(FALLBACK_LANGUAGE, {}).get(EXCLUDED, {})
    excluded = [*targets.get("exclude", []), {}]
    segments = [*targets.get("segment", []), {}]
    return WhoFields(
        within=narrowed,
        plain=_plain(targets),
        who=_conditions("who", narrowed.rest, "targets.who"),
        exclude=[_exclusion(number, each, reasons) for number, each in enumerate(excluded)],
        segment=[_segment(number, each) for number, each in enumerate(segments)],
    )


def _plain(targets: Mapping[str, Any]) -> list[Asked]:
    return [
        Asked("whom", _("Who gets the letter?"), _whom(targets), "targets.rule"),
        Asked("tier", _("Which councils?"), text_of(targets, "tier") or CampaignTier.ALL.value, "targets.tier"),
        Asked("lists", _("Which lists?"), _slugs(targets.get("lists")), "targets.lists"),
        Asked(
            "most",
            _("How many?"),
            text_of(targets, "most"),
            "targets.most",
            _("How many a supporter may choose, or how many each letter goes to."),
        ),
        Asked("fallback", _("When nobody is found"), _slugs(targets.get("fallback")), "targets.fallback"),
    ]


def _whom(targets: Mapping[str, Any]) -> str:
    """The one answer that the form has for the rule and, by postcode, for the area."""
    rule = text_of(targets, "rule")
    if rule != TargetRule.AREA:
        return rule
    return next((name for name, (_role, area) in BY_PLACE.items() if area == targets.get("area")), "")


def _slugs(value: Any) -> list[str]:
    return [str(slug) for slug in value] if isinstance(value, list) else []


def _conditions(prefix: str, who: Any, path: str) -> list[Condition]:
    described = dict(who) if isinstance(who, Mapping) else {}
    rows = [(key, described[key]) for key in sorted(described)] + [("", "")]
    return [_condition(f"{prefix}-{number}", key, texts, path) for number, (key, texts) in enumerate(rows)]


def _condition(name: str, key: str, texts: Any, path: str) -> Condition:
    lines = "\n".join(map(str, texts)) if isinstance(texts, list) else str(texts)
    # Only the first line answers for the description as a whole: a problem with it is told once.
    whole = path if name.endswith("-0") else ""
    return Condition(
        Asked(f"{name}-key", _("What is known of them"), key, whole),
        Asked(f"{name}-texts", _("is one of"), lines, f"{path}.{key}" if key else ""),
    )


def _exclusion(number: int, each: Mapping[str, Any], reasons: Any) -> Group:
    name, path, key = f"exclude-{number}", f"targets.exclude.{number}", str(each.get("key", ""))
    reason = reasons.get(key, "") if isinstance(reasons, Mapping) else ""
    return Group(
        name=Asked(f"{name}-name", _("A short name for them"), key, f"{path}.key", _("Such as “supportive”.")),
        was=key,
        conditions=_conditions(f"{name}-who", each.get("who"), f"{path}.who"),
        reason=Asked(
            f"{name}-reason",
            _("Why they are not written to"),
            str(reason),
            f"{EXCLUDED}.{key}" if key else "",
            _("Supporters read this. “They support this already.”"),
        ),
    )


def _segment(number: int, each: Mapping[str, Any]) -> Group:
    name, path, audience = f"segment-{number}", f"targets.segment.{number}", str(each.get("audience", ""))
    return Group(
        name=Asked(f"{name}-name", _("A short name for them"), audience, f"{path}.audience", _("Such as “leaders”.")),
        was=audience,
        conditions=_conditions(f"{name}-who", each.get("who"), f"{path}.who"),
    )


def change(typed: Typed) -> Change:
    """Put it in. What has no place beside the rule goes; a new group gets a letter, at first that to everybody."""

    def put_in(document: Document) -> None:
        targets = dict(document.settings.get("targets", {}))
        whom = text_in(typed, "whom")
        rule = TargetRule.AREA.value if whom in BY_PLACE else whom
        put(targets, "rule", rule)
        _put_place(targets, typed, whom)
        put(targets, "fallback", typed.getlist("fallback"))
        put(targets, "who", typed_who(typed, whom if whom in BY_PLACE else ""))
        exclude = [typed_exclusion(typed, name) for name in typed_rows(typed, "exclude")]
        segment = [typed_segment(typed, name) for name in typed_rows(typed, "segment")]
        put(targets, "exclude", exclude)
        put(targets, "segment", segment)
        document.settings["targets"] = targets
        for letter in document.letters.values():
            fit_rule(letter, by_place=rule == TargetRule.AREA)
        _put_reasons(document, typed)
        _put_letters(document, typed)

    return put_in


def _put_place(targets: dict[str, Any], typed: Typed, whom: str) -> None:
    """What a rule needs beside it, and nothing that another one needs."""
    for key in ("role", "area", "tier", "lists", "most"):
        targets.pop(key, None)
    if whom in BY_PLACE:
        role, area = BY_PLACE[whom]
        put(targets, "role", role)
        put(targets, "area", area)
        tier = text_in(typed, "tier")
        put(targets, "tier", "" if role == "mp" or tier == CampaignTier.ALL else tier)
        return
    put(targets, "lists", typed.getlist("lists"))
    if whom == TargetRule.CHOOSE or whom in COUNTED:
        put(targets, "most", number_or_text(text_in(typed, "most")))


def _put_reasons(document: Document, typed: Typed) -> None:
    english = document.pages.setdefault(FALLBACK_LANGUAGE, {"body": ""})
    names = {typed_name(typed, name): name for name in typed_rows(typed, "exclude")}
    put(
        english,
        EXCLUDED,
        {key: text for key, name in names.items() if (text := text_in(typed, f"{name}-reason")) and key},
    )
    for language, page in document.pages.items():
        if language != FALLBACK_LANGUAGE and EXCLUDED in page:
            put(page, EXCLUDED, {key: reason for key, reason in page[EXCLUDED].items() if key in names})


def _put_letters(document: Document, typed: Typed) -> None:
    """Letters go along with the new name of their group."""
    everybodys = document.letters.get(FALLBACK_LANGUAGE) or blank_letter()
    for name in typed_rows(typed, "segment"):
        audience, was = typed_name(typed, name), text_in(typed, f"{name}-was")
        if was and audience and was != audience:
            for part in [part for part in document.letters if part.partition(".")[2] == was]:
                document.letters[f"{part.partition('.')[0]}.{audience}"] = document.letters.pop(part)
        if audience:
            document.letters.setdefault(f"{FALLBACK_LANGUAGE}.{audience}", dict(everybodys))
