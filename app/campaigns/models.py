"""Campaigns: what is asked, of whom, from when to when; their pages, and the immutable versions of their letters."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.campaigns.targeting import EVERYBODY, LONGEST_AUDIENCE, Targeting, TargetingColumn
from app.columns import Base, UtcDateTime, enum_column
from app.letters.compose import TemplateParts
from app.letters.reasons import Reason

DEFAULT_TIME_ZONE = "Europe/London"
LONGEST_TIME_ZONE = 40
LONGEST_HOURS = 40
FALLBACK_LANGUAGE = "en"
"""The language in which every campaign has its page and its letters."""


class CampaignKind(enum.StrEnum):
    """A letter that supporters make their own, or a pledge that tells the campaign's team of a new member."""

    LETTER = "letter"
    PLEDGE = "pledge"


class CampaignState(enum.StrEnum):
    """draft → scheduled → live ⇄ paused → closed, or won."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    """Opens by itself at its time; its page can be read, and says when that is."""
    LIVE = "live"
    PAUSED = "paused"
    CLOSED = "closed"
    WON = "won"


class OpeningHeld(enum.StrEnum):
    """Why a scheduled campaign that should be open waits for a person instead."""

    LATE = "late"
    """Nobody was there to open it at its time: the house was down, or this is a restored copy."""
    APPROVAL = "approval"
    """It needs a second person's approval and has none, or none of what it says now."""


class TargetRule(enum.StrEnum):
    """Who is written to. All but the first take targets from the campaign's lists."""

    AREA = "area"
    """Whoever answers for the place where the supporter lives."""
    ALL = "all"
    """Everyone."""
    ONE = "one"
    """The one that the campaign describes."""
    CHOOSE = "choose"
    """Those whom the supporter chooses, up to a number."""
    RANDOM = "random"
    """Some of them, by chance."""
    ROTATE = "rotate"
    """Those who have had the fewest letters of the campaign."""


class Replies(enum.StrEnum):
    """Where the answers to a campaign's letters go."""

    DIRECT = "direct"
    """To the supporter, whose address the letter shows."""
    PROTECTED = "protected"
    """To an address of ours, which passes them on: nobody but us sees the supporter's."""


class Campaign(Base):
    """What is asked, of whom, from when to when."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[CampaignKind] = mapped_column(enum_column(CampaignKind, "kind"))
    state: Mapped[CampaignState] = mapped_column(enum_column(CampaignState, "state"))
    colour: Mapped[str] = mapped_column(String(7))
    position: Mapped[int]
    target_rule: Mapped[TargetRule] = mapped_column(enum_column(TargetRule, "target_rule"))
    target_role: Mapped[str | None] = mapped_column(String(40))
    target_area: Mapped[str | None] = mapped_column(String(20))
    target_lists: Mapped[str] = mapped_column(Text, default="")
    """Slugs of target lists, separated by spaces; for all rules but `area`."""
    targeting: Mapped[Targeting] = mapped_column(TargetingColumn, default=Targeting())
    """What the rule leaves open."""
    files_state: Mapped[CampaignState | None] = mapped_column(enum_column(CampaignState, "files_state"))
    """The state that the campaign's files gave last; a sync moves the campaign only when that has changed."""
    confirmed_count: Mapped[int] = mapped_column(default=0)
    """How many actions were confirmed; moved in the transactions that confirm and withdraw."""
    letter_count: Mapped[int] = mapped_column(default=0)
    """How many letters were confirmed, whatever became of them; the ledger's other side."""
    time_zone: Mapped[str] = mapped_column(String(LONGEST_TIME_ZONE), default=DEFAULT_TIME_ZONE)
    """Whose clock says when its letters may leave (an IANA name)."""
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a scheduled campaign opens by itself; of another, when it should have opened, or did."""
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it closes by itself; of one that is closed, when it did, where that is known."""
    opening_held: Mapped[OpeningHeld | None] = mapped_column(enum_column(OpeningHeld, "opening_held"))
    """Why it did not open at its time; a person opens it, or gives it another one."""
    letters_expected: Mapped[int | None]
    """How many letters whoever opened it counts on; none where nobody was asked, as with a campaign of files."""
    keeps_sending: Mapped[bool | None]
    """Whether letters that wait still go out now that it is over; none where nobody has said so: then those of a closed
    campaign do, and those of a won one do not."""
    replies: Mapped[Replies] = mapped_column(enum_column(Replies, "replies"), default=Replies.DIRECT)
    goal: Mapped[int | None]
    """How many are hoped for to take part."""
    pace: Mapped[int | None]
    """Letters an hour, over all lanes together; none is as fast as the lanes allow."""
    hours: Mapped[str | None] = mapped_column(String(LONGEST_HOURS))
    """When its letters may leave, as `app.hours` reads it; the lane must be open too. None is whenever the lane is."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    files: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    """The files that its rows were made of, by name: to take away, to copy, to edit. None until it is synced again."""

    pages: Mapped[list[CampaignPage]] = relationship(back_populates="campaign", order_by="CampaignPage.language")
    templates: Mapped[list[LetterTemplate]] = relationship(
        back_populates="campaign", order_by="LetterTemplate.version.desc()"
    )
    images: Mapped[list[CampaignImage]] = relationship(
        back_populates="campaign", order_by="CampaignImage.width", cascade="all, delete-orphan"
    )
    """The one image of its page in each width, the narrowest first; none if it has no image."""

    @property
    def accepts_letters(self) -> bool:
        """Whether a supporter may write now."""
        return self.state is CampaignState.LIVE

    @property
    def of_files(self) -> bool:
        """Whether files own it: they say what it is and in which state, and staff only put brakes on."""
        return self.files_state is not None

    @property
    def protects_replies(self) -> bool:
        """Whether those who are written to do not see the supporter's address."""
        return self.replies is Replies.PROTECTED

    @property
    def asks_postcode(self) -> bool:
        """Whether the targets follow from where the supporter lives."""
        return self.target_rule is TargetRule.AREA

    @property
    def audiences(self) -> tuple[str, ...]:
        """All that the campaign has letters for, everybody first."""
        return EVERYBODY, *self.targeting.audiences

    def page_in(self, language: str) -> CampaignPage:
        """The campaign's page in the language, or in English, which the sync sees to, where it has none."""
        by_language = {page.language: page for page in self.pages}
        return by_language.get(language) or by_language["en"]

    def why_excluded(self, key: str, language: str) -> tuple[str, str]:
        """Why the targets of an exclusion are not written to, and the language that this is said in."""
        page = self.page_in(language)
        if key in page.excluded:
            return page.excluded[key], page.language
        return self.page_in("en").excluded.get(key, ""), "en"

    @property
    def list_slugs(self) -> list[str]:
        """The target lists of all rules but `area`."""
        return self.target_lists.split()


class CampaignPage(Base):
    """A campaign's page in one language; `body_html` is cleaned where it is saved."""

    __tablename__ = "campaign_page"
    __table_args__ = (UniqueConstraint("campaign_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    language: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120))
    ask: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    invitation: Mapped[str] = mapped_column(Text, default="")
    """What the supporter is invited to tell in their own words."""
    won: Mapped[str] = mapped_column(Text, default="")
    """What was won, for a campaign in state `won`."""
    excluded: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """By the key of each exclusion of the campaign, why those are not written to; English has all of them."""
    body_html: Mapped[str] = mapped_column(Text)
    image_alt: Mapped[str] = mapped_column(Text, default="")
    """What the campaign's image shows, for who cannot see it; every page of a campaign with an image says it."""
    confirmation: Mapped[str] = mapped_column(Text, default="")
    """Plain text that the mail asking to confirm says in the campaign's own words; may be empty."""
    thanks: Mapped[str] = mapped_column(Text, default="")
    """Plain text that thanks who has taken part, in the mail and on their own page; may be empty."""
    reason_labels: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """By the key of a letter's reason, what it is called on a page that is not in English; may lack some."""

    campaign: Mapped[Campaign] = relationship(back_populates="pages")


class CampaignImage(Base):
    """The image of a campaign's page in one width, as `app.campaigns.pictures` makes it: without metadata."""

    __tablename__ = "campaign_image"
    __table_args__ = (UniqueConstraint("campaign_id", "width"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    width: Mapped[int]
    height: Mapped[int]
    content_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    """SHA-256 of the content in hexadecimal: its address."""
    source_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file that it was made from, by which a sync sees that nothing has changed."""

    campaign: Mapped[Campaign] = relationship(back_populates="images")


class LetterTemplate(Base):
    """One immutable version of a campaign's letter in one language, for one audience. The newest version is in use."""

    __tablename__ = "letter_template"
    __table_args__ = (UniqueConstraint("campaign_id", "language", "audience", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    language: Mapped[str] = mapped_column(String(12))
    audience: Mapped[str] = mapped_column(String(LONGEST_AUDIENCE), default=EVERYBODY)
    version: Mapped[int]
    subject: Mapped[str] = mapped_column(Text)
    more_subjects: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Further subjects, up to four. Each supporter is shown one of all of them by an even draw."""
    opening: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    closing: Mapped[str] = mapped_column(Text)
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    """Paragraphs that a supporter may choose: `key`, `label` (what is ticked) and `text` (what is said) of each."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    """Who of staff wrote it; none where it came from files."""

    campaign: Mapped[Campaign] = relationship(back_populates="templates")

    @property
    def parts(self) -> TemplateParts:
        """Its sources, as letters are made from them."""
        return TemplateParts(
            subject=self.subject,
            opening=self.opening,
            body=self.body,
            closing=self.closing,
            more_subjects=tuple(self.more_subjects),
            reasons=tuple(map(Reason.of, self.reasons)),
        )
