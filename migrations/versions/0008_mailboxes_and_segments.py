"""One letter for a mailbox, which names all behind it; letters of their own for segments of the targets."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "action_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_part_action_id")),
        sa.ForeignKeyConstraint(["template_id"], ["letter_template.id"], name=op.f("fk_action_part_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_part")),
        sa.UniqueConstraint("action_id", "template_id", name=op.f("uq_action_part_action_id_template_id")),
    )
    op.create_table(
        "letter_addressee",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_addressee_letter_id")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_letter_addressee_target_id")),
        sa.PrimaryKeyConstraint("letter_id", "target_id", name=op.f("pk_letter_addressee")),
    )
    with op.batch_alter_table("letter_addressee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_addressee_target_id"), ["target_id"], unique=False)

    with op.batch_alter_table("action_target", schema=None) as batch_op:
        batch_op.add_column(sa.Column("part_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_action_target_part_id"), "action_part", ["part_id"], ["id"])

    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("part_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_foreign_key(batch_op.f("fk_letter_part_id"), "action_part", ["part_id"], ["id"])
