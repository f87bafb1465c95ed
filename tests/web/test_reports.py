"""The reports of staff: who sees which, that page, CSV and JSON say the same, and what a browser may do with them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from sqlalchemy import select

from app.campaigns.models import Campaign
from app.queue.states import DeliveryState
from app.reporting.report import CAMPAIGN, HOUSE
from app.roles import Role
from app.staff.models import PartnerCampaign, StaffMember
from tests.reporting.conftest import fill
from tests.support.builders import Scene
from tests.web.site import Site
from tests.web.staff import add_member, signed_in
from tests.web.visitor import Visitor

SLUG = "own-streets"


def lead(site: Site) -> Visitor:
    return signed_in(site, add_member(site, role=Role.LEAD))


@pytest.fixture
def scene(site: Site) -> Scene:
    """The campaign `abolish-reporting` of the site with letters in every state."""
    with site.platform.sessions.read() as session:
        campaign_id = session.scalars(select(Campaign.id).where(Campaign.slug == "abolish-reporting")).one()
    return Scene(site.platform.sessions, site.clock(), campaign_id)


def test_a(site: Site, scene: Scene) -> None:
    pass
