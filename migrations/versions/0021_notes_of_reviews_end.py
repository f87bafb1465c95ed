"""What a supporter was told of a letter that was not let go is forgotten in time."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.alter_column("note", existing_type=sa.LargeBinary(), nullable=True)
