"""Campaigns open and close by time; checks, approvals, and what is still to be done after a campaign's end."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

STATES = "'draft', 'scheduled', 'live', 'paused', 'closed', 'won'"
PURPOSES = (
    "purpose IN ('letter', 'confirmation', 'already_written', 'thank_you', 'unreachable', 'reply', 'reply_survey', "
    "'sent_back', 'rejected', 'won', 'address_check', "
    "'staff_invitation', 'staff_password', 'staff_change', "
    "'staff_approval', 'staff_decision', 'staff_waiting', 'staff_test')"
)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        for name in ("opens_at", "closes_at"):
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("opening_held", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("letters_expected", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("keeps_sending", sa.Boolean(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_campaign_opening_held"), "opening_held IN ('late', 'approval')")
        for name in ("state", "files_state"):
            batch_op.drop_constraint(op.f(f"ck_campaign_{name}"), type_="check")
            batch_op.create_check_constraint(op.f(f"ck_campaign_{name}"), f"{name} IN ({STATES})")

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_delivery_purpose"), PURPOSES)

    with op.batch_alter_table("staff_mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("campaign_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_staff_mail_campaign_id"), "campaign", ["campaign_id"], ["id"])

    op.create_table(
        "test_letter",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_test_letter_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_test_letter")),
    )
    op.create_table(
        "campaign_check",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", _enum("state", "asked", "running", "done", "failed"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_check_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign_check")),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", _enum("state", "asked", "granted", "declined", "withdrawn"), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_approval_campaign_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff_member.id"], name=op.f("fk_approval_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff_member.id"], name=op.f("fk_approval_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_table(
        "ending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", _enum("state", "draft", "scheduled", "live", "paused", "closed", "won"), nullable=False),
        sa.Column("cancels", sa.Boolean(), nullable=False),
        sa.Column("tells", sa.Boolean(), nullable=False),
        sa.Column("cancelled_to", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("told_to", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_ending_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ending")),
    )
    for table, index, where in (
        ("approval", "uq_approval_asked_once", "state = 'asked'"),
        ("ending", "uq_ending_open_once", "finished_at IS NULL"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_campaign_id"), ["campaign_id"], unique=False)
            batch_op.create_index(
                index,
                ["campaign_id"],
                unique=True,
                sqlite_where=sa.text(where),
                postgresql_where=sa.text(where),
            )
