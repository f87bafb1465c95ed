"""What staff have under way with the registry: uploaded files, and mails that ask an address."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

PURPOSES = (
    "purpose IN ('letter', 'confirmation', 'already_written', 'thank_you', 'unreachable', "
    "'staff_invitation', 'staff_password', 'staff_change', 'address_check')"
)


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["staff_member.id"], name=op.f("fk_upload_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_member_id"), ["member_id"], unique=False)

    op.create_table(
        "address_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_address_check_delivery_id")),
        sa.ForeignKeyConstraint(["member_id"], ["staff_member.id"], name=op.f("fk_address_check_member_id")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_address_check_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_check")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_address_check_delivery_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_address_check_public_id")),
    )
    with op.batch_alter_table("address_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_check_target_id"), ["target_id"], unique=False)

    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_delivery_purpose"), PURPOSES)
