"""Images, goals, several subjects, reasons to choose from, words for our mails, and a campaign's own pace and hours."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "campaign_image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_image_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_image")),
        sa.UniqueConstraint("campaign_id", "width", name=op.f("uq_campaign_image_campaign_id_width")),
    )
    op.create_index(op.f("ix_campaign_image_digest"), "campaign_image", ["digest"], unique=False)
    op.create_table(
        "campaign_turn",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_turn_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign_turn")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("goal", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("pace", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("hours", sa.String(length=40), nullable=True))

    with op.batch_alter_table("campaign_page", schema=None) as batch_op:
        for name in ("image_alt", "confirmation", "thanks"):
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("reason_labels", sa.JSON(), nullable=False, server_default="{}"))

    with op.batch_alter_table("letter_template", schema=None) as batch_op:
        batch_op.add_column(sa.Column("more_subjects", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("reasons", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reasons", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("subject_variant", sa.Integer(), nullable=False, server_default="0"))

    with op.batch_alter_table("action_part", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject_variant", sa.Integer(), nullable=False, server_default="0"))
