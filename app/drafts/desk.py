"""Writing campaigns: begin, save, publish, rename, throw away. Whatever is typed is kept, faulty or not.

A draft becomes rows by the functions that make rows of files. Until its campaign opens that happens with every save
that leaves no mistake; afterwards supporters would see it, so somebody must say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.campaigns.content import publish
from app.campaigns.document import Document
from app.campaigns.images import whole_image
from app.campaigns.models import Campaign
from app.drafts.blank import slug_for
from app.drafts.following import follow_page
from app.drafts.models import CampaignDraft
from app.drafts.places import Place, Step, changes
from app.drafts.work import Work, check, find_work, slug_is_fixed
from app.staff.audit import Deed, record
from app.staff.models import PartnerCampaign

RESERVED = frozenset({"new", "import"})
"""Addresses of staff's own pages beside those of campaigns."""


class FilesOwnError(Exception):
    """The campaign is kept as files on the server, and can only be changed there."""


class StaleError(Exception):
    """Somebody else has saved this step meanwhile: `name` at `at`."""

    def __init__(self, name: str, at: datetime) -> None:
        super().__init__("Somebody else has saved this meanwhile.")
        self.name, self.at = name, at


class SlugTakenError(Exception):
    """The address is another campaign's."""


class SlugFixedError(Exception):
    """People have written in the campaign: links to its address are out there."""


class FaultyError(Exception):
    """A draft with mistakes cannot be published."""


@dataclass(frozen=True, slots=True)
class DraftDesk:
    """Writes for a member of staff, or for the command line; every deed is in the audit."""

    session: Session
    actor_id: int | None
    partner_id: int | None
    """Whose campaigns the member's are; none for whoever sees all."""
    now: datetime

    def begin(
        self, slug: str, document: Document | Mapping[str, str], origin: str = "", image: bytes | None = None
    ) -> CampaignDraft:
        """Begin a draft under a slug, or one like it when that is taken.

        Args:
            slug: as wished.
            document: what it says; or the files themselves, which then keep their text.
            origin: what it was copied from, for the audit.
            image: as `kept_picture` gives it.
        """
        texts = document.write({}) if isinstance(document, Document) else dict(document)
        draft = CampaignDraft(
            slug=self._free(slug),
            files=texts,
            image=image,
            partner_id=self.partner_id,
            created_by=self.actor_id,
            created_at=self.now,
            saved_by=self.actor_id,
            saved_at=self.now,
            revision=1,
            saved_steps=[],
        )
        self.session.add(draft)
        self.session.flush()
        self._record("draft.begun", draft.id, after={"slug": draft.slug, **({"from": origin} if origin else {})})
        self._publish_if_unseen(draft)
        return draft

    def save(self, slug: str, place: Place, seen: str, change: Callable[[Document], None]) -> Work:
        """Save what a step says; what it says is kept whatever is wrong with it.

        Args:
            slug: whose step.
            place: which one.
            seen: the mark of what the member saw before they changed it; somebody may have been faster.
            change: puts what they typed into the document.

        Raises:
            FilesOwnError: the campaign is kept as files.
            StaleError: somebody else has changed the same step.
        """
        draft = self._open(slug)
        document = Document.of(draft.files)
        before = place.mark(document)
        change(document)
        if before not in (seen, place.mark(document)):
            raise StaleError(draft.saver.name if draft.saver else "", draft.saved_at)
        if place.step in (Step.ASK, Step.LETTER) and self._work(draft).published_at_once:
            follow_page(document, Document.of(draft.files))
        if place.step.value not in draft.saved_steps:
            draft.saved_steps = [*draft.saved_steps, place.step.value]
        self._keep(draft, document)
        return self._work(draft)

    def set_image(self, slug: str, image: bytes | None) -> None:
        """Give a draft another image, as `kept_picture` gives it, or none; then no page says what it shows.

        Raises:
            FilesOwnError: the campaign is kept as files.
        """
        draft = self._open(slug)
        if draft.image == image:
            return
        document = Document.of(draft.files)
        for page in document.pages.values() if image is None else ():
            page.pop("image_alt", None)
        draft.image, draft.files = image, document.write(draft.files)
        self._note(draft)
        changed = "image: removed" if image is None else "image: set"
        self._record("draft.saved", draft.id, after={"slug": draft.slug, "changed": [changed]})
        self._publish_if_unseen(draft)

    def restore(self, slug: str, part: str, letter: Mapping[str, Any]) -> Work:
        """Put an old version's text back into a letter; it becomes the newest version when it is published."""
        draft = self._open(slug)
        work = self._work(draft)
        clean = not work.pending
        document = work.document
        document.letters[part] = dict(letter)
        self._keep(draft, document)
        if clean:  # nothing else waits that would be published along with it
            self._publish_if_faultless(draft)
        return self._work(draft)

    def publish(self, slug: str, revision: int) -> Campaign:
        """Let supporters see what a draft says.

        Args:
            slug: which draft.
            revision: the one that the member has looked at.

        Raises:
            FilesOwnError: the campaign is kept as files.
            StaleError: somebody else has saved it since.
            FaultyError: it has mistakes.
        """
        draft = self._open(slug)
        if draft.revision != revision:
            raise StaleError(draft.saver.name if draft.saver else "", draft.saved_at)
        if not self._publish_if_faultless(draft) or draft.campaign is None:
            raise FaultyError("The draft has mistakes.")
        return draft.campaign

    def rename(self, slug: str, new: str) -> None:
        """Give a campaign another address.

        Raises:
            FilesOwnError: the campaign is kept as files.
            SlugTakenError: there is one with that address.
            SlugFixedError: somebody has written in it.
        """
        draft = self._open(slug)
        if new == slug:
            return
        if slug_is_fixed(self.session, draft.campaign_id):
            raise SlugFixedError("People have written in this campaign.")
        if self._taken(new):
            raise SlugTakenError("That address is taken.")
        draft.slug = new
        if draft.campaign is not None:
            draft.campaign.slug = new
        self._note(draft)
        self._record("draft.renamed", draft.id, {"slug": slug}, {"slug": new})
        self.session.flush()
        self._publish_if_unseen(draft)

    def throw_away(self, slug: str) -> bool:
        """Forget what is not published; whether a campaign is left."""
        draft = self._open(slug)
        self._record("draft.thrown_away", draft.id, {"slug": slug})
        if draft.campaign is None:
            self.session.delete(draft)
            return False
        draft.files, draft.image = dict(draft.campaign.files or {}), whole_image(draft.campaign)
        self._note(draft)
        return True

    def _open(self, slug: str) -> CampaignDraft:
        """The draft, locked; made when a campaign is edited for the first time."""
        work = find_work(self.session, slug)
        if work is None or work.owned_by_files:
            raise FilesOwnError("It is kept as files.")
        if work.draft is not None:
            self.session.refresh(work.draft, with_for_update=True)
            return work.draft
        draft = CampaignDraft(
            slug=slug,
            campaign=work.campaign,
            files=dict(work.texts),
            image=work.image,
            created_by=self.actor_id,
            created_at=self.now,
            saved_at=self.now,
            revision=1,
            saved_steps=[step.value for step in Step],
        )
        self.session.add(draft)
        self.session.flush()
        return draft

    def _keep(self, draft: CampaignDraft, document: Document) -> None:
        texts = document.write(draft.files)
        if texts == draft.files:
            return
        changed = list(changes(Document.of(draft.files), document))
        draft.files = texts
        self._note(draft)
        self._record("draft.saved", draft.id, after={"slug": draft.slug, "changed": changed})
        self._publish_if_unseen(draft)

    def _note(self, draft: CampaignDraft) -> None:
        draft.revision += 1
        draft.saved_by, draft.saved_at = self.actor_id, self.now
        self.session.flush()
        self.session.expire(draft, ["saver"])

    def _work(self, draft: CampaignDraft) -> Work:
        return Work(draft.slug, draft.files, draft, draft.campaign)

    def _publish_if_unseen(self, draft: CampaignDraft) -> None:
        if self._work(draft).published_at_once:
            self._publish_if_faultless(draft)

    def _publish_if_faultless(self, draft: CampaignDraft) -> bool:
        """Make rows of a draft, if nothing is wrong with it."""
        work = find_work(self.session, draft.slug)
        checked = check(self.session, work) if work else None
        if checked is None or checked.files is None:
            return False
        new = draft.campaign is None
        campaign, note = publish(self.session, checked.files, draft.campaign, self.now, self.actor_id)
        draft.campaign = campaign
        if new and draft.partner_id is not None:
            self.session.add(PartnerCampaign(partner_id=draft.partner_id, campaign_id=campaign.id))
        if note.lines:
            after = {"slug": campaign.slug, "changed": list(note.lines), "revision": draft.revision}
            self._record("campaign.published", campaign.id, after=after)
        self.session.flush()
        return True

    def _free(self, slug: str) -> str:
        wished = slug_for(slug) or "campaign"
        number, free = 1, wished
        while self._taken(free):
            number += 1
            free = f"{wished}-{number}"
        return free

    def _taken(self, slug: str) -> bool:
        if slug in RESERVED:
            return True
        drafts = select(CampaignDraft.id).where(CampaignDraft.slug == slug)
        campaigns = select(Campaign.id).where(Campaign.slug == slug)
        return any(self.session.scalar(wanted) is not None for wanted in (drafts, campaigns))

    def _record(
        self,
        action: str,
        object_id: int,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        record(self.session, self.actor_id, Deed(action, object_id, before or {}, after or {}), self.now)
