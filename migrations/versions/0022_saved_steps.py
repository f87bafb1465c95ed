"""A draft knows which steps somebody has saved; of those that there are already, all count as saved."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    every_step = '["ask", "who", "letter", "mails", "delivery", "look"]'
    with op.batch_alter_table("campaign_draft", schema=None) as batch_op:
        batch_op.add_column(sa.Column("saved_steps", sa.JSON(), nullable=False, server_default=every_step))
    with op.batch_alter_table("campaign_draft", schema=None) as batch_op:
        batch_op.alter_column("saved_steps", existing_type=sa.JSON(), server_default=None)
