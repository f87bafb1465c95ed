"""Campaigns that are written on staff's pages: drafts, the files that rows were made of, who wrote a letter."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "campaign_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_draft_campaign_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_campaign_draft_partner_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff_member.id"], name=op.f("fk_campaign_draft_created_by")),
        sa.ForeignKeyConstraint(["saved_by"], ["staff_member.id"], name=op.f("fk_campaign_draft_saved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_draft")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_campaign_draft_campaign_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_campaign_draft_slug")),
    )
    with op.batch_alter_table("campaign_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_draft_partner_id"), ["partner_id"], unique=False)

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("files", sa.JSON(none_as_null=True), nullable=True))

    with op.batch_alter_table("letter_template", schema=None) as batch_op:
        batch_op.add_column(sa.Column("author_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_letter_template_author_id"), "staff_member", ["author_id"], ["id"])
