"""The letters desk: reviews, decisions about many deliveries at once, and indexes to find deliveries by."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

PURPOSES = (
    "purpose IN ('letter', 'confirmation', 'already_written', 'thank_you', 'unreachable', 'reply', "
    "'reply_survey', 'sent_back', 'rejected', "
    "'staff_invitation', 'staff_password', 'staff_change', 'address_check')"
)
LOOKED_INTO = sa.text("state IN ('held', 'uncertain', 'bounced', 'complained', 'suppressed', 'cancelled', 'failed')")
OPEN = sa.text("state = 'open'")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    _reviews()
    _bulk_jobs()
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_delivery_purpose"), PURPOSES)
        batch_op.drop_index("ix_delivery_for_staff")
    where = {"sqlite_where": LOOKED_INTO, "postgresql_where": LOOKED_INTO}
    op.create_index("ix_delivery_for_staff", "delivery", ["state", "reason", "id"], unique=False, **where)
    op.create_index("ix_delivery_aside", "delivery", ["state", "id"], unique=False, **where)


def _reviews() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("state", _choice("state", "open", "released", "sent_back", "rejected", "withdrawn"), nullable=False),
        sa.Column("rules", sa.String(length=80), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("next_action_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_review_action_id")),
        sa.ForeignKeyConstraint(["next_action_id"], ["action.id"], name=op.f("fk_review_next_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("action_id", name=op.f("uq_review_action_id")),
        sa.UniqueConstraint("next_action_id", name=op.f("uq_review_next_action_id")),
    )
    op.create_index("ix_review_open", "review", ["id"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_review_alike", "review", ["mark"], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "alike_text",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_alike_text_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "mark", name=op.f("pk_alike_text")),
    )
    op.create_index(op.f("ix_alike_text_seen_at"), "alike_text", ["seen_at"], unique=False)


def _bulk_jobs() -> None:
    deeds = ("release", "cancel", "settle_sent", "settle_delivered", "settle_bounced", "settle_queued", "resend")
    states = (
        *("queued", "sending", "sent", "delivered", "bounced", "complained"),
        *("held", "suppressed", "cancelled", "failed", "uncertain"),
    )
    op.create_table(
        "bulk_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deed", _choice("deed", *deeds), nullable=False),
        sa.Column("state", _choice("state", "open", "finished", "cancelled"), nullable=False),
        sa.Column("origin", _choice("origin", *states), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("lane_id", sa.Integer(), nullable=True),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.Column("last_id", BIG, nullable=False),
        sa.Column("reached_id", BIG, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name=op.f("fk_bulk_job_lane_id")),
        sa.ForeignKeyConstraint(["member_id"], ["staff_member.id"], name=op.f("fk_bulk_job_member_id")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_bulk_job_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_job")),
    )
