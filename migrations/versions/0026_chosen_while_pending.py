"""Whom an action was shown is kept until it is confirmed; from then on its letters say it."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("DELETE FROM action_target WHERE action_id IN (SELECT action_id FROM letter)")
