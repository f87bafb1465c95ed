"""Rows that tests start from: an invented borough, a campaign, and supporters who write in it.

Everything is made by the functions that the platform uses itself, on whichever database the sessions are of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.audiences import audiences_among
from app.actions.confirm import Confirmation, confirm_action
from app.actions.models import Action
from app.actions.recipients import Wish, find_recipients
from app.actions.submit import Desk, Submission
from app.actions.text import variables_for
from app.actions.throttle import Gate
from app.actions.withdraw import withdraw_action
from app.campaigns.matching import Who
from app.campaigns.models import (
    Campaign,
    CampaignKind,
    CampaignPage,
    CampaignState,
    LetterTemplate,
    TargetRule,
)
from app.campaigns.targeting import EVERYBODY, Segment, Targeting
from app.config import Limits
from app.db import Sessions
from app.letters.compose import ActionText
from app.privacy.fields import keys_of
from app.queue.models import Delivery
from app.queue.states import DeliveryState, Purpose
from app.queue.story import Change, story_of
from app.targets.areas import store_areas
from app.targets.datasets import Dataset, DatasetHead, Holds
from app.targets.lists import ListHead, store_list
from app.targets.models import Area, AreaKind, ListOwner, Target
from app.targets.postcode_sets import SourceHead, gather, store_postcodes
from app.targets.records import AreaRecord, PostcodeRecord, Provenance, TargetRecord, TargetRole
from app.targets.sync import sync_datasets

ALICE = "alice@supporter.example"
BOB = "bob@supporter.example"
CHARLIE = "charlie@supporter.example"
CONFIRM_WITHIN = timedelta(days=7)
WIDE_LIMITS = Limits(address_per_day=1000, network_per_hour=1000, unconfirmed_per_hour=1000)
"""Limits that no test reaches without meaning to."""

CANALSIDE, STATION_ROAD, HILLTOP = "ZZ1 1AA", "ZZ1 2BB", "ZZ1 3DD"
"""Postcodes in one ward each; nobody in Hilltop has an address."""
STRADDLING = "ZZ1 9ZZ"
"""A postcode in Canalside and in Station Road."""
UNKNOWN = "ZZ9 9ZZ"

SOURCE = Provenance("Invented for a test", date(2026, 11, 1), "CC0-1.0")
_AREAS = (
    AreaRecord("Z09000001", "Zedmere", AreaKind.COUNCIL),
    AreaRecord("Z05000001", "Canalside", AreaKind.WARD, "Z09000001"),
    AreaRecord("Z05000002", "Station Road", AreaKind.WARD, "Z09000001"),
    AreaRecord("Z05000003", "Hilltop", AreaKind.WARD, "Z09000001"),
    AreaRecord("Z14000001", "Zedmere and Thornby", AreaKind.CONSTITUENCY),
)
_POSTCODES = {
    CANALSIDE: "Z05000001 Z09000001 Z14000001",
    STATION_ROAD: "Z05000002 Z09000001 Z14000001",
    HILLTOP: "Z05000003 Z09000001 Z14000001",
    STRADDLING: "Z05000001 Z05000002 Z09000001 Z14000001",
}
_COUNCILLOR = TargetRecord(
    "bob-sample",
    TargetRole.COUNCILLOR,
    "Cllr Bob Sample",
    "Dear Cllr Sample",
    organisation="Zedmere Borough Council",
    email="bob.sample@zedmere.example",
    area_code="Z05000001",
)


def _councillor(external_id: str, first: str, last: str, area_code: str, email: str) -> TargetRecord:
    return replace(
        _COUNCILLOR,
        external_id=external_id,
        name=f"Cllr {first} {last}",
        salutation=f"Dear Cllr {last}",
        area_code=area_code,
        email=email,
    )


COUNCILLORS = (
    _COUNCILLOR,
    _councillor("carla-verde", "Carla", "Verde", "Z05000001", "carla.verde@zedmere.example"),
    _councillor("dan-moss", "Dan", "Moss", "Z05000002", "dan.moss@zedmere.example"),
    _councillor("eve-silent", "Eve", "Silent", "Z05000003", ""),
)
"""Two of Canalside, one of Station Road, and one of Hilltop without an address. None is verified."""
TWO_TIERS = "ZZ2 1AA"
"""A postcode in one ward of a district and one division of the county above it."""
TWO_DIVISIONS = "ZZ2 9ZZ"
"""In one ward, but in two divisions."""
TWO_OF_EACH = "ZZ2 9YY"
"""In two wards and two divisions."""
BORDER = "ZZ2 9XX"
"""In a ward of a council that does everything, and in a ward of a district under a county."""
COUNTY_AREAS = (
    AreaRecord("Z10000001", "Thornshire", AreaKind.COUNTY),
    AreaRecord("Z07000001", "Weirdale", AreaKind.COUNCIL, "Z10000001"),
    AreaRecord("Z05000101", "Weir End", AreaKind.WARD, "Z07000001"),
    AreaRecord("Z05000102", "Mill Bank", AreaKind.WARD, "Z07000001"),
    AreaRecord("Z58000001", "Lower Thorn", AreaKind.DIVISION, "Z10000001"),
    AreaRecord("Z58000002", "Upper Thorn", AreaKind.DIVISION, "Z10000001"),
)
_COUNTY_POSTCODES = {
    TWO_TIERS: "Z05000101 Z58000001 Z07000001 Z10000001 Z14000001",
    TWO_DIVISIONS: "Z05000101 Z58000001 Z58000002 Z07000001 Z10000001 Z14000001",
    TWO_OF_EACH: "Z05000101 Z05000102 Z58000001 Z58000002 Z07000001 Z10000001 Z14000001",
    BORDER: "Z05000001 Z05000101 Z58000001 Z07000001 Z09000001 Z10000001 Z14000001",
}
COUNTY_COUNCILLORS = (
    _councillor("fay-weir", "Fay", "Weir", "Z05000101", "fay.weir@weirdale.example"),
    _councillor("gil-bank", "Gil", "Bank", "Z05000102", "gil.bank@weirdale.example"),
    _councillor("hana-lower", "Hana", "Lower", "Z58000001", "hana.lower@thornshire.example"),
    _councillor("ivo-upper", "Ivo", "Upper", "Z58000002", "ivo.upper@thornshire.example"),
)
"""One of each ward of the district, one of each division of the county."""
COMPANIES = (
    TargetRecord("acme", TargetRole.COMPANY, "ACME plc", "Dear Sir or Madam", email="press@acme.example"),
    TargetRecord("bizco", TargetRole.COMPANY, "Bizco Ltd", "Dear Sir or Madam", email="info@bizco.example"),
    TargetRecord("mute", TargetRole.COMPANY, "Mute Ltd", "Dear Sir or Madam"),
)
"""Two to write to, and one without an address."""


def head(slug: str, holds: Holds) -> DatasetHead:
    """What an invented dataset is."""
    return DatasetHead(slug, holds, f"The list {slug}", SOURCE, demo=True)


def add_borough(session: Session, now: datetime) -> None:
    """Zedmere: three wards, a constituency, four postcodes, and the lists `councillors` and `companies`."""
    postcodes = tuple(PostcodeRecord(postcode, frozenset(codes.split())) for postcode, codes in _POSTCODES.items())
    datasets = (
        Dataset(head("places", Holds.AREAS), areas=_AREAS),
        Dataset(head("postcodes", Holds.POSTCODES), postcodes=postcodes),
        Dataset(head("councillors", Holds.TARGETS), targets=COUNCILLORS),
        Dataset(head("companies", Holds.TARGETS), targets=COMPANIES),
    )
    sync_datasets(session, datasets, now, include_demo=True)


def add_county(session: Session, now: datetime) -> None:
    """Thornshire beside Zedmere: a county with one district, and the list `county` with the councillors of both."""
    store_areas(session, COUNTY_AREAS, demo=True)
    postcodes = [PostcodeRecord(postcode, frozenset(codes.split())) for postcode, codes in _COUNTY_POSTCODES.items()]
    store_postcodes(session, SourceHead("county-postcodes", SOURCE, demo=True), gather(postcodes))
    store_list(session, ListHead("county", "The county", ListOwner.FILES, SOURCE, demo=True), COUNTY_COUNCILLORS, now)


def add_campaign(session: Session, now: datetime, **changes: Any) -> Campaign:
    """A live campaign to the councillors of the supporter's ward, in English and Arabic; any column may be replaced.

    With all rules but `area` it writes to the list `companies`.
    """
    rule = changes.get("target_rule", TargetRule.AREA)
    by_area = rule is TargetRule.AREA
    columns: dict[str, Any] = {
        "slug": "abolish-reporting",
        "kind": CampaignKind.LETTER,
        "state": CampaignState.LIVE,
        "colour": "#7a1f5c",
        "position": 10,
        "target_rule": rule,
        "target_role": "councillor" if by_area else None,
        "target_area": "ward" if by_area else None,
        "target_lists": "" if by_area else "companies",
        "created_at": now,
        "pages": [_page("en", "Abolish reporting"), _page("ar", "ألغوا التبليغ")],
        "templates": [letter_template(now, by_area=by_area)],
    }
    campaign = Campaign(**columns | changes)
    session.add(campaign)
    session.flush()
    return campaign


def letter_template(
    now: datetime, *, version: int = 1, by_area: bool = True, audience: str = EVERYBODY
) -> LetterTemplate:
    """A letter that shows every placeholder that its campaign has; versions and audiences differ in their middle."""
    place = " in {{ area.name }}, {{ council.name }}" if by_area else ""
    said = "" if audience == EVERYBODY else f"You are {audience}. "
    return LetterTemplate(
        language="en",
        audience=audience,
        version=version,
        subject=f"{said}Please oppose reporting{place}",
        opening="{{ salutation }},",
        body=f"{said}I write to you about “{{{{ campaign.title }}}}”{place}.\n\nPlease act. (Version {version})",
        closing="Yours sincerely,\n\n{{ supporter.name }}" + ("\n{{ supporter.postcode }}" if by_area else ""),
        created_at=now,
    )


def segment_of(audience: str, *external_ids: str) -> Targeting:
    """A campaign's segment: these targets read a letter of their own."""
    return Targeting(segments=(Segment(audience, Who.of({"external_id": external_ids})),))


def with_segment(now: datetime, audience: str, *external_ids: str) -> dict[str, Any]:
    """The columns of a campaign to ward councillors with a letter of their own for these targets."""
    templates = [letter_template(now), letter_template(now, audience=audience)]
    return {"templates": templates, "targeting": segment_of(audience, *external_ids)}


def _page(language: str, title: str) -> CampaignPage:
    return CampaignPage(
        language=language,
        title=title,
        ask="Ask your councillors to oppose immigration reporting.",
        summary="Stand against reporting.",
        invitation="Why does it matter to you?",
        body_html="<p>It matters.</p>",
    )


@dataclass(frozen=True, slots=True)
class Scene:
    """A borough and one campaign in a database, and what supporters do there; see `make_scene`."""

    sessions: Sessions
    now: datetime
    campaign_id: int
    limits: Limits = field(default=WIDE_LIMITS)

    @property
    def gate(self) -> Gate:
        return Gate(self.limits, keys_of(self.sessions.engine.dialect))

    def submit(
        self, email: str = ALICE, *, now: datetime | None = None, session: Session | None = None, **told: Any
    ) -> int | None:
        """Hand in a letter; the id of the delivery that was queued, if any. For what may be told see `hand_in`."""
        if session is not None:
            return hand_in(session, self.gate, self.campaign_id, email, now or self.now, **told)
        with self.sessions.write() as own:
            return hand_in(own, self.gate, self.campaign_id, email, now or self.now, **told)

    def pending(self, email: str = ALICE, **told: Any) -> int:
        """Hand in a letter; the id of its action."""
        delivery_id = self.submit(email, **told)
        assert delivery_id is not None
        with self.sessions.read() as session:
            return session.get_one(Delivery, delivery_id).action_id

    def confirm(self, action_id: int, *, now: datetime | None = None) -> Confirmation:
        """Press the button behind the confirmation link."""
        with self.sessions.write() as session:
            return self.confirm_in(session, action_id, now=now)

    def confirm_in(self, session: Session, action_id: int, *, now: datetime | None = None) -> Confirmation:
        """The same in an open transaction."""
        return confirm_action(session, self.gate, session.get_one(Action, action_id), now or self.now)

    def confirmed(self, email: str = ALICE, **told: Any) -> int:
        """Hand in a letter and confirm it; the id of its action."""
        action_id = self.pending(email, **told)
        self.confirm(action_id, now=told.get("now"))
        return action_id

    def withdraw(self, action_id: int, *, now: datetime | None = None) -> int:
        """Withdraw what has not gone; how many letters that was."""
        with self.sessions.write() as session:
            return withdraw_action(session, session.get_one(Action, action_id), now or self.now)

    def move_campaign(self, state: CampaignState) -> None:
        with self.sessions.write() as session:
            session.get_one(Campaign, self.campaign_id).state = state

    def change_target(self, external_id: str, **columns: Any) -> None:
        """Set columns of a target, as in `change_target("bob-sample", archived_at=now)`."""
        with self.sessions.write() as session:
            target = session.scalars(select(Target).where(Target.external_id == external_id)).one()
            for name, value in columns.items():
                setattr(target, name, value)

    def target_id(self, external_id: str) -> int:
        with self.sessions.read() as session:
            return session.scalars(select(Target.id).where(Target.external_id == external_id)).one()

    def area_id(self, name: str) -> int:
        with self.sessions.read() as session:
            return session.scalars(select(Area.id).where(Area.name == name)).one()

    def deliveries(self, purpose: Purpose | None = None, *, action_id: int | None = None) -> list[Delivery]:
        """The deliveries, oldest first."""
        wanted = select(Delivery).order_by(Delivery.id)
        if purpose is not None:
            wanted = wanted.where(Delivery.purpose == purpose)
        if action_id is not None:
            wanted = wanted.where(Delivery.action_id == action_id)
        with self.sessions.read() as session:
            return list(session.scalars(wanted))

    def states(self, purpose: Purpose | None = None) -> list[DeliveryState]:
        """The states of the deliveries, oldest first."""
        return [delivery.state for delivery in self.deliveries(purpose)]

    def story(self, delivery_id: int) -> list[Change]:
        """What happened to a delivery, oldest first."""
        with self.sessions.read() as session:
            return story_of(session, session.get_one(Delivery, delivery_id))

    def count(self) -> int:
        """How many have taken part, as the campaign's page says."""
        with self.sessions.read() as session:
            return session.get_one(Campaign, self.campaign_id).confirmed_count


def make_scene(sessions: Sessions, now: datetime, *, limits: Limits = WIDE_LIMITS, **campaign: Any) -> Scene:
    """The borough and one campaign, committed; `campaign` goes to `add_campaign`."""
    with sessions.write() as session:
        add_borough(session, now)
        campaign_id = add_campaign(session, now, **campaign).id
    return Scene(sessions, now, campaign_id, limits)


def hand_in(
    session: Session,
    gate: Gate,
    campaign_id: int,
    email: str,
    now: datetime,
    *,
    wish: Wish | None = None,
    name: str = "Alice Adams",
    own_words: str = "",
    subject: str | None = None,
    body: str | None = None,
    language: str = "en",
    consent: bool = False,
    network: str = "192.0.2.7",
    targets: Sequence[Target] | None = None,
    further: Sequence[tuple[str | None, str | None]] = (),
    reasons: Sequence[str] = (),
    subject_variant: int = 0,
) -> int | None:
    """Submit a letter as the site does; the id of the delivery that was queued.

    `subject` and `body` are none while they are the template's own; `further` has both for each further audience.
    `wish` says who to write to, by default the councillors of Canalside, or ACME; `targets` replaces those whom the
    campaign's rule finds.
    """
    campaign = session.get_one(Campaign, campaign_id)
    chance = Random(1)  # noqa: S311 - chance, not secrecy
    recipients = find_recipients(session, campaign, wish or _usual_wish(session, campaign), chance)
    if targets is not None:
        recipients = replace(recipients, targets=targets)
    text = ActionText(
        name=name,
        postcode=recipients.postcode,
        own_words=own_words,
        subject=subject,
        body=body,
        variables=variables_for(campaign.page_in("en").title, recipients.area),
        reasons=tuple(reasons),
        subject_variant=subject_variant,
    )
    audiences = audiences_among(session, campaign, recipients.targets)
    edits = [*further, *[(None, None)] * (len(audiences) - 1 - len(further))]
    submission = Submission(
        text=text,
        further=[replace(text, subject=subject, body=body) for subject, body in edits],
        email=email,
        language=language,
        consent=consent,
        consent_wording="Yes, you may write to me.",
        network=network,
    )
    return Desk(gate, CONFIRM_WITHIN).submit(session, audiences, recipients, submission, now)


def _usual_wish(session: Session, campaign: Campaign) -> Wish:
    if campaign.target_rule is TargetRule.AREA:
        return Wish(postcode=CANALSIDE)
    return Wish(target_ids=session.scalars(select(Target.id).where(Target.external_id == "acme")).all())
