"""What our mails about replies say. Pure text, like `app.delivery.notices`: the first line carries the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from babel.lists import format_list

from app.delivery.notices import Notice
from app.i18n import locale_of, translations
from app.mail.answers import Attachment

KILOBYTE = 1024
RULE = "– – – – –"
"""Stands above and below another person's words."""


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """What the mail that passes an answer on may speak of."""

    language: str
    organisation: str
    supporter_name: str
    campaign_title: str
    target_name: str
    from_address: str = field(repr=False)
    """Empty where it is none that can be written to."""
    elsewhere: bool
    """Whether it came from another domain than the letter went to."""
    subject: str = field(repr=False)
    text: str = field(repr=False)
    attachments: Sequence[Attachment]
    cut: bool
    automatic: bool
    protected: bool
    """Whether those who were written to have not seen the supporter's address."""
    link: str


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """What the question who has answered may speak of."""

    language: str
    organisation: str
    supporter_name: str
    campaign_title: str
    recipients: Sequence[str]
    link: str


def answer(facts: AnswerFacts) -> Notice:
    """Passes an answer on. The warning stands above it: who has read the answer presses the button to answer."""
    _ = translations(facts.language).gettext
    values = {"target": facts.target_name, "name": facts.supporter_name, "campaign": facts.campaign_title}
    first = (
        _("An automatic reply came from %(target)s. Perhaps nobody has read your letter yet.")
        if facts.automatic
        else _("%(target)s has answered your letter about “%(campaign)s”.")
    )
    return Notice(
        facts.subject or _("Answer from %(target)s") % values,
        _paragraphs(
            first % values,
            _("Hello %(name)s,") % values,
            _warning(facts),
            _elsewhere(facts),
            _("This is what they wrote. We pass on the words only, and then delete them here."),
            RULE,
            facts.text or _("(There are no words in it that we could read.)"),
            RULE,
            _("It was longer. This is its beginning.") if facts.cut else "",
            _attached(facts),
            _("Your own page shows what became of each of your letters:"),
            facts.link,
            facts.organisation,
        ),
    )


def survey(facts: SurveyFacts) -> Notice:
    """Asks who has answered."""
    _ = translations(facts.language).gettext
    values = {
        "names": format_list(list(facts.recipients), locale=locale_of(facts.language)),
        "name": facts.supporter_name,
        "campaign": facts.campaign_title,
    }
    return Notice(
        _("Did they answer? %(campaign)s") % values,
        _paragraphs(
            _("Has anybody answered your letter to %(names)s?") % values,
            _("Hello %(name)s,") % values,
            _("If you tell us, the campaign knows who listens. It takes a minute:"),
            facts.link,
            _("We ask this once. On the same page you can say that you do not want to be asked again."),
            facts.organisation,
        ),
    )


def _warning(facts: AnswerFacts) -> str:
    """What happens when the supporter answers this mail."""
    _ = translations(facts.language).gettext
    values = {"address": facts.from_address}
    if not facts.from_address:
        return _("You cannot answer them: their mail names no address that can be written to.")
    if not facts.protected:
        return _("If you answer this mail, your answer goes to %(address)s.") % values
    return (
        _(
            "If you answer this mail, your answer goes straight to %(address)s, and they will see your e-mail address. "
            "Until then they do not know it."
        )
        % values
    )


def _elsewhere(facts: AnswerFacts) -> str:
    if not (facts.elsewhere and facts.from_address):
        return ""
    return translations(facts.language).gettext(
        "Careful: it did not come from the place that your letter went to. Anybody may have written it."
    )


def _attached(facts: AnswerFacts) -> str:
    if not facts.attachments:
        return ""
    number = len(facts.attachments)
    first = translations(facts.language).ngettext(
        "%(num)d file came with it, which we do not pass on:",
        "%(num)d files came with it, which we do not pass on:",
        number,
    )
    return "\n".join([first % {"num": number}, *(f"- {one.name} ({_size(one.size)})" for one in facts.attachments)])


def _size(size: int) -> str:
    return f"{max(1, round(size / KILOBYTE))} kB"


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
