"""Writing campaigns: begin, save, publish, rename, throw away. Whatever is typed is kept, faulty or not.

A draft becomes rows by the functions that make rows of files. Until its campaign opens that happens with every save
that leaves no mistake; afterwards supporters would see it, so somebody must say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.actions.described import description_problem
from app.actions.models import Action
from app.campaigns.content import publish
from app.campaigns.document import Document
from app.campaigns.files import CampaignFiles, check_folder
from app.campaigns.folder import files_of, folder_of
from app.campaigns.images import whole_image
from app.campaigns.models import FALLBACK_LANGUAGE, Campaign, CampaignState
from app.drafts.blank import slug_for
from app.drafts.models import CampaignDraft
from app.drafts.places import Place, changes
from app.problems import FileProblem
from app.staff.audit import Deed, record
from app.staff.models import PartnerCampaign, StaffMember
from app.targets.models import TargetList

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
class Work:
    """A campaign as it is being written, and what it is published as, if it is."""

    slug: str
    texts: Mapping[str, str]
    draft: CampaignDraft | None
    """None as long as nobody has edited a campaign."""
    campaign: Campaign | None

    @property
    def document(self) -> Document:
        """The files, structured; each call gives one of its own, to be changed at will."""
        return Document.of(self.texts)

    @property
    def image(self) -> bytes | None:
        """Its image, if it has one."""
        if self.draft is not None:
            return self.draft.image
        return whole_image(self.campaign) if self.campaign else None

    @property
    def owned_by_files(self) -> bool:
        """Whether it is kept as files on the server."""
        return self.campaign is not None and self.campaign.files_state is not None

    @property
    def pending(self) -> bool:
        """Whether it says something that is not published."""
        if self.campaign is None:
            return True
        return dict(self.texts) != self.campaign.files or self.image != whole_image(self.campaign)

    @property
    def published_at_once(self) -> bool:
        """Whether nobody but staff can see what is published."""
        return self.campaign is None or self.campaign.state is CampaignState.DRAFT

    @property
    def revision(self) -> int:
        """Which save this is."""
        return self.draft.revision if self.draft else 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft that was looked at."""

    files: CampaignFiles | None
    """None when something is wrong."""
    problems: Sequence[FileProblem]


def find_work(session: Session, slug: str) -> Work | None:
    """The campaign or draft of that slug; none when there is neither, or nothing of it that could be edited."""
    draft = session.scalars(select(CampaignDraft).where(CampaignDraft.slug == slug)).one_or_none()
    campaign = session.scalars(
        select(Campaign).where(Campaign.slug == slug).options(undefer(Campaign.files))
    ).one_or_none()
    if campaign is not None and campaign.files_state is not None:
        return Work(slug, campaign.files or {}, None, campaign)
    if draft is not None:
        return Work(slug, draft.files, draft, campaign)
    return None if campaign is None else Work(slug, campaign.files or {}, None, campaign)


def check(session: Session, work: Work) -> Checked:
    """Look at a draft as the command line looks at files; nothing is written."""
    problems: list[FileProblem] = []
    folder = folder_of(work.slug, files_of(work.texts, work.image))
    files = check_folder(folder, set(session.scalars(select(TargetList.slug))), problems)
    if files is not None and (problem := description_problem(session, files)):
        problems.append(problem)
    if work.draft and work.campaign and work.campaign.id != work.draft.campaign_id:
        problems.append(FileProblem(folder.path, 1, "another campaign has this address: choose another one", "slug"))
    return Checked(None if problems else files, problems)


def title_in(texts: Mapping[str, str]) -> str:
    """What a draft is called so far; empty when it is not called anything."""
    return str(Document.of(texts).pages.get(FALLBACK_LANGUAGE, {}).get("title", ""))


def sees_draft(member: StaffMember, draft: CampaignDraft) -> bool:
    """Whether a draft that is no campaign yet is one that the member may see: any, or those of their organisation."""
    return member.partner_id is None or draft.partner_id == member.partner_id


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


def slug_is_fixed(session: Session, campaign_id: int | None) -> bool:
    """Whether somebody has written in the campaign."""
    return session.scalar(select(Action.id).where(Action.campaign_id == campaign_id).limit(1)) is not None
