"""Targeting rules: one, random and in turn; tiers, descriptions, exclusions, fallbacks; letters counted for turns."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0004"

RULES = "target_rule IN ('area', 'all', 'one', 'choose', 'random', 'rotate')"


def upgrade() -> None:
    op.create_table(
        "rotation",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_rotation_campaign_id")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_rotation_target_id")),
        sa.PrimaryKeyConstraint("campaign_id", "target_id", name=op.f("pk_rotation")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_campaign_target_rule"), type_="check")
        batch_op.create_check_constraint(op.f("ck_campaign_target_rule"), RULES)
        # What a campaign has said before leaves everything at its default.
        batch_op.add_column(sa.Column("targeting", sa.JSON(), nullable=False, server_default="{}"))

    with op.batch_alter_table("campaign_page", schema=None) as batch_op:
        batch_op.add_column(sa.Column("excluded", sa.JSON(), nullable=False, server_default="{}"))
