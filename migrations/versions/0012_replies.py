"""Replies: protected answers on their way to supporters, what supporters tell of answers, and their counts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

PURPOSES = (
    "purpose IN ('letter', 'confirmation', 'already_written', 'thank_you', 'unreachable', 'reply', 'reply_survey', "
    "'staff_invitation', 'staff_password', 'staff_change', 'address_check')"
)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replies", sa.String(length=20), nullable=False, server_default="direct"))
        batch_op.create_check_constraint(op.f("ck_campaign_replies"), "replies IN ('direct', 'protected')")

    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.add_column(sa.Column("protected", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_action_ask_at",
            ["ask_at"],
            unique=False,
            sqlite_where=sa.text("ask_at IS NOT NULL"),
            postgresql_where=sa.text("ask_at IS NOT NULL"),
        )

    with op.batch_alter_table("supporter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unasked_since", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_delivery_purpose"), PURPOSES)

    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("kind", "relayed", "told"), nullable=False),
        sa.Column("answer", _one_of("answer", "answered", "automatic", "none"), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_reply_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_reply_fingerprint")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_letter_id"), ["letter_id"], unique=False)
        batch_op.create_index(
            "uq_reply_told_once",
            ["letter_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'told'"),
            postgresql_where=sa.text("kind = 'told'"),
        )
        batch_op.create_index(
            "ix_reply_noted",
            ["at"],
            unique=False,
            sqlite_where=sa.text("note IS NOT NULL"),
            postgresql_where=sa.text("note IS NOT NULL"),
        )

    op.create_table(
        "relayed_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("from_name", sa.LargeBinary(), nullable=False),
        sa.Column("from_address", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("attachments", sa.LargeBinary(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_relayed_mail_delivery_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_relayed_mail_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relayed_mail")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_relayed_mail_delivery_id")),
        sa.UniqueConstraint("reply_id", name=op.f("uq_relayed_mail_reply_id")),
    )

    op.create_table(
        "reply_count",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("answer", _one_of("answer", "answered", "automatic", "none"), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_reply_count_campaign_id")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_reply_count_target_id")),
        sa.PrimaryKeyConstraint("campaign_id", "target_id", "answer", name=op.f("pk_reply_count")),
    )
