"""The weekly mail to staff: who wants it, who has been seen to, and what it tells."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

PURPOSES = (
    "purpose IN ('letter', 'confirmation', 'already_written', 'thank_you', 'unreachable', 'reply', 'reply_survey', "
    "'sent_back', 'rejected', 'won', 'address_check', "
    "'staff_invitation', 'staff_password', 'staff_change', 'staff_hook', "
    "'staff_approval', 'staff_decision', 'staff_waiting', 'staff_digest', 'staff_test')"
)


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_digest_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_digest")),
    )
    with op.batch_alter_table("staff_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wants_digest", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("digested_for", sa.Date(), nullable=True))
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_delivery_purpose"), PURPOSES)
