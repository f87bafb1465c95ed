"""Decisions about many deliveries in real workers: carried out while all mail is stopped, and outliving a worker."""

from __future__ import annotations

import pytest

from app.delivery.bulk import begin, plan
from app.delivery.bulk_models import BulkDeed, BulkJob, JobState
from app.delivery.find import Sought
from app.delivery.ledger import differences
from app.queue.brakes import put_on
from app.queue.models import BrakeScope
from app.queue.states import DeliveryState, Purpose
from tests.worker.conftest import MakeInstallation
from tests.worker.installation import Installation, wait_until

TARGETS = 1200


def decide(installation: Installation) -> int:
    """Cancel all that waits, while all mail is stopped; the job."""
    site = installation.platform
    with site.sessions.write() as session:
        put_on(session, BrakeScope.EVERYTHING, 0, "they rang", site.clock())
        wanted = plan(session, BulkDeed.CANCEL, Sought(DeliveryState.QUEUED))
        return begin(session, wanted, "the campaign was a mistake", None, site.clock()).id


def job_of(installation: Installation, job_id: int) -> BulkJob:
    with installation.platform.sessions.read() as session:
        return session.get_one(BulkJob, job_id)


@pytest.mark.parametrize("database", ["sqlite_url", "postgresql_url"])
def test_a_job_outlives_its_worker(
    make_installation: MakeInstallation, request: pytest.FixtureRequest, database: str
) -> None:
    installation = make_installation(request.getfixturevalue(database))
    installation.found_campaign(TARGETS)
    installation.write_letters("Alice")
    job_id = decide(installation)
    with installation.worker() as first:
        wait_until(lambda: job_of(installation, job_id).done, "the first batch")
        first.kill()
    with installation.worker() as second:
        wait_until(lambda: job_of(installation, job_id).state is JobState.FINISHED, "the end of the job")
        assert second.stop() == 0
    job = job_of(installation, job_id)
    assert (job.done, job.skipped, job.failed) == (job.total, 0, 0)
    assert set(installation.states(Purpose.LETTER)) == {DeliveryState.CANCELLED}
    with installation.platform.sessions.read() as session:
        assert list(differences(session)) == []
