"""What our own mails to supporters say. Pure text: who calls gives the facts.

The first line carries the message, for it is what a phone shows of a mail before it is opened. Above all of a
confirmation: people believe that their letter has gone (writetothem #68, #299).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.lists import format_list

from app.i18n import locale_of, translations


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail's subject and its text, in paragraphs separated by a blank line."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a notice may speak of."""

    language: str
    organisation: str
    supporter_name: str
    campaign_title: str
    recipients: Sequence[str]
    """Names of those who are written to."""
    unreachable: Sequence[str]
    """Names of those of them whom the letter could not reach."""
    pledge: bool
    protected: bool
    """Whether answers come to us first, and those who are written to do not see the supporter's address."""
    link: str
    """The page that the notice asks to open."""
    until: date
    """The day until which the link of a confirmation works."""
    note: str = ""
    """What a person who has read the letter says of it."""
    won: str = ""
    """What was won, in the campaign's own words, if anything."""
    confirmation: str = ""
    """What the campaign itself says in the mail that asks to confirm; may be empty, as its thanks."""
    thanks: str = ""
    stop_link: str = ""
    """Where the supporter takes their consent back; empty where they have given none."""

    @property
    def names(self) -> str:
        """The recipients as one phrase."""
        return format_list(list(self.recipients), locale=locale_of(self.language))

    @property
    def names_unreached(self) -> str:
        """Those whom the letter could not reach, as one phrase."""
        return format_list(list(self.unreachable), locale=locale_of(self.language))


def confirmation(facts: Facts) -> Notice:
    """Asks the supporter to read the letter once more and send it.

    It may reach somebody whose address a stranger typed, so nothing that was typed stands in it, the name neither.
    """
    _ = translations(facts.language).gettext
    values = _values(facts)
    if facts.pledge:
        return Notice(
            _("Please confirm that you want to join: %(campaign)s") % values,
            _paragraphs(
                _("You have not joined yet.") % values,
                _("Hello,"),
                _("To join “%(campaign)s”, open this page and press the button:") % values,
                facts.link,
                _("The link works until %(until)s.") % values,
                facts.confirmation,
                _not_you(facts),
                facts.organisation,
            ),
        )
    return Notice(
        _("Please confirm your letter: %(campaign)s") % values,
        _paragraphs(
            _("Your letter has not been sent yet."),
            _("Hello,"),
            _("You wrote a letter to %(names)s. To send it, open this page, read it once more, and press the button:")
            % values,
            facts.link,
            _("The link works until %(until)s.") % values,
            facts.confirmation,
            _not_you(facts),
            facts.organisation,
        ),
    )


def already_written(facts: Facts) -> Notice:
    """Tells the address, and nobody else, that it has taken part before."""
    _ = translations(facts.language).gettext
    values = _values(facts)
    return Notice(
        _("You have already taken part: %(campaign)s") % values,
        _paragraphs(
            _("You have already taken part in “%(campaign)s”. Nothing new was sent.") % values,
            _hello(facts),
            _("Each person can write once in a campaign. On your own page you can see what became of your letters:"),
            facts.link,
            _("If it was not you who tried again, you need do nothing."),
            facts.organisation,
        ),
    )


def thank_you(facts: Facts) -> Notice:
    """Thanks, and the way to the supporter's own page."""
    _ = translations(facts.language).gettext
    values = _values(facts)
    first = (
        _("Thank you. You have joined “%(campaign)s”.")
        if facts.pledge
        else _("Thank you. You have confirmed your letter to %(names)s.")
    )
    return Notice(
        _("Thank you: %(campaign)s") % values,
        _paragraphs(
            first % values,
            _hello(facts),
            facts.thanks,
            _("This is your own page. It shows what happens, and lets you withdraw what has not gone out yet:"),
            facts.link,
            _("Keep this link to yourself: whoever has it can see your page."),
            _("If they answer, the answer comes to us, and we pass it on to you. They do not see your e-mail address.")
            if facts.protected
            else _("If they answer, the answer comes straight to you."),
            *_way_to_stop(facts),
            facts.organisation,
        ),
    )


def unreachable(facts: Facts) -> Notice:
    """Says, after every try, whom the letter could not reach."""
    _ = translations(facts.language).gettext
    values = _values(facts)
    return Notice(
        _("Your letter could not be delivered: %(campaign)s") % values,
        _paragraphs(
            _("Your letter could not be delivered to %(unreached)s.") % values,
            _hello(facts),
            _("Their mail server does not take it. You did nothing wrong."),
            _("Your own page shows what became of each of your letters:"),
            facts.link,
            facts.organisation,
        ),
    )


def _way_to_stop(facts: Facts) -> tuple[str, ...]:
    """How to take back that we may write; nothing for who has not said so."""
    if not facts.stop_link:
        return ()
    _ = translations(facts.language).gettext
    return (_("You said that we may write to you. To take that back, open this page:"), facts.stop_link)


def sent_back(facts: Facts) -> Notice:
    """Gives a letter back to its writer, with what a person says of it, and the way to change it and send it."""
    _ = translations(facts.language).gettext
    values = _values(facts)
    return Notice(
        _("Please change your letter: %(campaign)s") % values,
        _paragraphs(
            _("Your letter to %(names)s has not been sent yet.") % values,
            _hello(facts),
            _("One of us has read it, and asks you to change something before it goes out:"),
            facts.note,
            _("Everything you wrote is still there. Open this page, change what you like, and send it:"),
            facts.link,
            _("The link works until %(until)s.") % values,
            facts.organisation,
        ),
    )


def rejected(facts: Facts) -> Notice:
    """Says that a letter is not sent, and why."""
    _ = translations(facts.language).gettext
    values = _values(facts)
    return Notice(
        _("Your letter was not sent: %(campaign)s") % values,
        _paragraphs(
            _("Your letter to %(names)s was not sent, and will not be.") % values,
            _hello(facts),
            _("One of us has read it, and we cannot send it in our name. This is why:"),
            facts.note,
            _("You are welcome to write another letter. This is your own page:"),
            facts.link,
            facts.organisation,
        ),
    )


def won(facts: Facts) -> Notice:
    """Tells what was won. It asks for nothing: whoever wrote gets this one mail, whether they want others or not."""
    _ = translations(facts.language).gettext
    values = _values(facts)
    because = (
        _("You get this one mail because you have joined.")
        if facts.pledge
        else _("You get this one mail because you wrote a letter.")
    )
    return Notice(
        _("Won: %(campaign)s") % values,
        _paragraphs(
            _("“%(campaign)s” is won, and you were part of it. Thank you.") % values,
            _hello(facts),
            facts.won,
            _("Your own page shows what became of each of your letters:"),
            facts.link,
            because,
            facts.organisation,
        ),
    )


def _values(facts: Facts) -> dict[str, str]:
    return {
        "campaign": facts.campaign_title,
        "names": facts.names,
        "unreached": facts.names_unreached,
        "until": format_date(facts.until, format="long", locale=locale_of(facts.language)),
    }


def _hello(facts: Facts) -> str:
    return translations(facts.language).gettext("Hello %(name)s,") % {"name": facts.supporter_name}


def _not_you(facts: Facts) -> str:
    return translations(facts.language).gettext(
        "If you did not ask for this, you need do nothing: nothing is sent, and what was typed is deleted."
    )


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(filter(None, parts)) + "\n"
