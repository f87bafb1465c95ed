"""What is wrong with a draft, in words for who fills in a form."""

from __future__ import annotations

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from app.problems import FileProblem, Flaw


def problem_words(problem: FileProblem, name: str) -> str:
    """The problem in words that name the field; what only files have words for stays English, and is marked so."""
    if problem.bounds:
        return _counted(problem, name)
    if problem.flaw in (Flaw.MISSING, Flaw.LINES, Flaw.CHOICE) and not name:
        return _english(problem)
    words = {
        Flaw.MISSING: _("Please fill this in: %(field)s.", field=name.rstrip("?؟")),
        Flaw.BLANK: _("%(field)s: please put your own words where [[ ]] stands.", field=name),
        Flaw.LINES: _("%(field)s: please write it on one line.", field=name),
        Flaw.CHOICE: _("Please choose: %(field)s.", field=name.rstrip("?؟")),
        Flaw.LISTS: _("Please choose at least one list."),
        Flaw.UNKNOWN_LIST: _("A list that was chosen is not there any more. Please look at the lists again."),
        Flaw.UNREAD: _(
            "Nobody reads this letter: no group of the step before has its name. Add it, or remove the letter."
        ),
        Flaw.COLOUR: _("Please choose a colour."),
    }
    return words.get(problem.flaw) or _english(problem) if problem.flaw else _english(problem)


def _counted(problem: FileProblem, name: str) -> str:
    """The same for mistakes that numbers belong to."""
    first, second = (format_decimal(round(number, 1)) for number in problem.bounds)
    if problem.flaw is Flaw.LONG:
        return _(
            "%(field)s: %(count)s characters are too many; %(most)s are the most.", field=name, count=first, most=second
        )
    if problem.flaw is Flaw.NUMBER:
        return _("%(field)s: please write a number from %(least)s to %(most)s.", field=name, least=first, most=second)
    return _(
        "White letters on this colour are hard to read: their contrast is %(reached)s, and %(least)s is needed."
        " Please take a darker one.",
        reached=first,
        least=second,
    )


def _english(problem: FileProblem) -> Markup:
    message = Markup('<span lang="en" dir="ltr">{}</span>').format(problem.message)
    if not problem.text_line:
        return message
    return Markup("{} {}").format(_("Line %(line)d:", line=problem.text_line), message)
