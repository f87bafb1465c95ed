"""The datasets of `targets/` into the database: whole, in bulk, and with no change where nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.targets.areas import store_areas
from app.targets.changes import Changes
from app.targets.datasets import Dataset, Holds
from app.targets.freshness import refresh_staleness
from app.targets.lists import ListHead, archive_lists_except, store_list
from app.targets.models import ListOwner
from app.targets.postcode_sets import SourceHead, gather, store_postcodes
from app.targets.turn import take_turn


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What the sync of one dataset did; `changes.gone` are archived targets or removed postcodes."""

    slug: str
    holds: Holds
    changes: Changes


def sync_datasets(
    session: Session, datasets: Iterable[Dataset], now: datetime, *, include_demo: bool
) -> list[SyncReport]:
    """Make the registry hold what the files say, in the caller's transaction; areas first, then postcodes, targets.

    `datasets` are all there are: the targets of a list whose file is gone are archived as of `now`, and so are those of
    invented lists when `include_demo` is false. Lists that staff have imported are left alone.

    Raises:
        ListOwnedError: a list of a dataset's name was imported by staff.
        UnknownAreaError: a row refers to an area that no dataset has; `read_datasets` tells this with its line.
    """
    take_turn(session)
    wanted = [dataset for dataset in datasets if include_demo or not dataset.head.demo]
    reports = [
        SyncReport(dataset.head.slug, holds, _sync(session, dataset, now))
        for holds in Holds
        for dataset in wanted
        if dataset.head.holds is holds
    ]
    lists = {report.slug for report in reports if report.holds is Holds.TARGETS}
    left = archive_lists_except(session, lists, now)
    reports += [SyncReport(slug, Holds.TARGETS, changes) for slug, changes in left.items()]
    refresh_staleness(session)
    return reports


def _sync(session: Session, dataset: Dataset, now: datetime) -> Changes:
    head = dataset.head
    match head.holds:
        case Holds.AREAS:
            return store_areas(session, dataset.areas, demo=head.demo)
        case Holds.POSTCODES:
            source = SourceHead(head.slug, head.provenance, head.demo)
            return store_postcodes(session, source, gather(dataset.postcodes))
        case Holds.TARGETS:
            target_list = ListHead(head.slug, head.name, ListOwner.FILES, head.provenance, head.demo)
            return store_list(session, target_list, dataset.targets, now)
