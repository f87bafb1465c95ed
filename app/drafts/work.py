"""A campaign as it is being written: found by its slug, and looked at; nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.actions.described import description_problem
from app.actions.models import Action
from app.campaigns.document import Document
from app.campaigns.files import CampaignFiles, check_folder
from app.campaigns.folder import files_of, folder_of
from app.campaigns.images import whole_image
from app.campaigns.models import FALLBACK_LANGUAGE, Campaign, CampaignState
from app.drafts.models import CampaignDraft
from app.drafts.places import Step
from app.problems import FileProblem
from app.staff.models import StaffMember
from app.targets.models import TargetList


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
    def complete_draft(self) -> bool:
        """Whether all that has to be written is there, and nobody but staff can see it: the check comes next."""
        return self.campaign is not None and self.published_at_once and not self.pending

    def has_saved(self, step: Step) -> bool:
        """Whether somebody has decided about a step, if only that it stays as it is."""
        return self.draft is None or step.value in self.draft.saved_steps

    @property
    def published(self) -> Work:
        """What of it everybody can read."""
        return replace(self, texts=(self.campaign.files if self.campaign else None) or {}, draft=None)

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


def has_unpublished(session: Session, slug: str) -> bool:
    """Whether somebody has written what the campaign does not say yet: complete, or with something missing."""
    work = find_work(session, slug)
    return work is not None and work.draft is not None and work.pending


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


def slug_is_fixed(session: Session, campaign_id: int | None) -> bool:
    """Whether somebody has written in the campaign."""
    return session.scalar(select(Action.id).where(Action.campaign_id == campaign_id).limit(1)) is not None
