"""A mail to staff may speak of a deed in the audit: how an approval was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    with op.batch_alter_table("staff_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deed_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_staff_mail_deed_id"), "audit_entry", ["deed_id"], ["id"])
