"""The `flask` commands. Each parses, calls one function, and prints what it did."""

from __future__ import annotations

from flask import Flask

from app.bootstrap import Platform
from app.cli.bounces import bounces
from app.cli.campaigns import campaigns
from app.cli.corrections import corrections
from app.cli.councils import councils
from app.cli.deliveries import deliveries
from app.cli.hooks import hooks
from app.cli.house import content, db, keys, prepare
from app.cli.lanes import lanes
from app.cli.ledger import ledger, suppressions
from app.cli.metrics import metrics
from app.cli.postcodes import areas, postcodes
from app.cli.replies import replies
from app.cli.staff import staff
from app.cli.supporters import supporters
from app.cli.targets import targets


def install_commands(app: Flask, platform: Platform) -> None:
    """Add the commands, working on `platform`."""
    rooms = (
        prepare,
        db,
        content,
        keys,
        campaigns,
        corrections,
        councils,
        targets,
        areas,
        postcodes,
        deliveries,
        lanes,
        ledger,
        suppressions,
        bounces,
        replies,
        metrics,
        staff,
        supporters,
        hooks,
    )
    for command in rooms:
        app.cli.add_command(command(platform))
