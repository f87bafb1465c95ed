"""Notices of an action are found by an index of their own; letters by their action's letters."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.drop_index("ix_delivery_action_id", table_name="delivery")
    where = sa.text("letter_id IS NULL")
    op.create_index("ix_delivery_of_notice", "delivery", ["action_id"], sqlite_where=where, postgresql_where=where)
