"""How something that the check of a campaign found is put right, and the very page where that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.text import LETTER_LANGUAGE
from app.campaigns.models import Campaign
from app.campaigns.targeting import EVERYBODY
from app.drafts.places import Step
from app.letters.findings import Remedy
from app.roles import Permission, may
from app.running.reports import Found
from app.targets.models import Target, TargetList
from app.targets.search import Shown
from app.web.organise.building.here import step_words
from app.web.organise.door import me

_FIELDS = ("subject", "opening", "closing")
"""What a finding says of where in a letter it was made, where the letter's step has a field of that name."""


class Way(NamedTuple):
    """What is to be done about a finding."""

    words: str = ""
    url: str = ""
    """Empty where there is no page for it, or none that the member may enter."""
    place: str = ""
    """What the page is called."""


@dataclass(frozen=True, slots=True)
class Mending:
    """Knows the ways, for one campaign and the member who asks."""

    session: Session
    campaign: Campaign

    def of_letter(self, found: Found) -> Way:
        """How something that was found in letters is put right."""
        if found.remedy is Remedy.GREETING:
            return self._greeting(found)
        if found.remedy is Remedy.PLACEHOLDER:
            words = _("Put the placeholder right in the letter, or give the targets what it asks for.")
        elif found.where == "subject":
            words = _("Change the subject of the letter.")
        else:
            words = _("Change the text of the letter.")
        part = LETTER_LANGUAGE if found.audience in ("", EVERYBODY) else f"{LETTER_LANGUAGE}.{found.audience}"
        field = found.where if found.where in _FIELDS else None
        return self._step(words, Step.LETTER, part, field)

    def of_campaign(self, found: Found) -> Way:
        """How something that was found in the campaign is put right; nothing where nothing is wrong."""
        if found.remedy is Remedy.TEXT:
            words = _("Change the words of the campaign’s page, or of your mails to supporters.")
            return self._step(words, Step.ASK)
        if found.remedy is Remedy.REPLIES:
            words = _("Let answers go straight to the supporter, or ask whoever runs the site for a mailbox.")
            return self._step(words, Step.DELIVERY)
        return self._in_targets(found.remedy) or self._choice(found.remedy)

    def _in_targets(self, remedy: Remedy) -> Way | None:
        """What is done in the room of the targets."""
        match remedy:
            case Remedy.UNVERIFIED:
                words = _("Look at the addresses that this campaign writes to, and say how you checked them.")
                url = url_for("organise.vouch", slug=self.campaign.slug)
                return _for_keepers(words, url, _("Look at the addresses"))
            case Remedy.STALE:
                words = _("Import newer data of these councils, or accept what is there.")
                return _for_keepers(words, url_for("organise.coverage", show="stale"), _("Look at the councils"))
            case Remedy.SUPPRESSED:
                words = _("Look why these addresses are suppressed, and lift it where that was a mistake.")
                return _for_keepers(words, url_for("organise.suppressions"), _("Addresses that are not mailed"))
            case Remedy.NO_ADDRESS:
                return self._mute()
        return None

    def _choice(self, remedy: Remedy) -> Way:
        """What is done at the step that chooses whom the campaign writes to."""
        ways = {
            Remedy.EXCLUSION: _("Change the exclusion, or take it out."),
            Remedy.FALLBACK: _("Fill the fallback list, or name another one."),
            Remedy.AUDIENCE: _("Change who this letter is for, or take it out."),
            Remedy.TARGETS: _("Change who is written to, or fill the list."),
            Remedy.LISTS: _("Fill the list, or take it out of the campaign."),
        }
        words = ways.get(remedy, "")
        return self._step(words, Step.WHO) if words else Way()

    def _mute(self) -> Way:
        words = _("Find their addresses and put them into the list, or offer the post.")
        if self.campaign.asks_postcode:
            return _for_keepers(words, url_for("organise.coverage", show="without"), _("Look at the councils"))
        lists = select(TargetList.id).where(TargetList.slug.in_(self.campaign.list_slugs))
        ids = self.session.scalars(lists).all()
        url = url_for("organise.targets")
        if len(ids) == 1:
            url = url_for("organise.target_list", list_id=ids[0], shown=Shown.NO_ADDRESS.value)
        return _for_keepers(words, url, _("Look at the list"))

    def _greeting(self, found: Found) -> Way:
        """The card of the one who is greeted so, where their name tells who it is."""
        words = _("Change the greeting of this target in its list, or override it.")
        names = [whom for whom, _greeting in found.examples][:1]
        there = select(Target.id).where(Target.name.in_(names), Target.archived_at.is_(None)).limit(2)
        ids = self.session.scalars(there).all()
        if len(ids) == 1:
            return _for_keepers(words, url_for("organise.target", target_id=ids[0]), names[0])
        return _for_keepers(words, url_for("organise.targets"), _("Look at the list"))

    def _step(self, words: str, step: Step, part: str | None = None, field: str | None = None) -> Way:
        url = url_for("organise.build_step", slug=self.campaign.slug, step=step.value, part=part, _anchor=field)
        return Way(words, url, _("Go to “%(step)s”", step=step_words(step)[0]))


def _for_keepers(words: str, url: str, place: str) -> Way:
    """A way into the room of the targets, which not every member may enter."""
    if may(me().role, Permission.TARGETS):
        return Way(words, url, place)
    return Way(_("%(words)s An admin or an organiser of the house can do that.", words=words))
