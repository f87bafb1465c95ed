"""Options and kinds of value that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

DAY = click.DateTime(["%Y-%m-%d"])
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)

with_reason = click.option("--why", required=True, help="The reason, for those who come after.")
