"""A letter has its delivery's number, and how it names those whom it is to is kept once for all that say the same.

Neither letter nor delivery keeps the other's number any more, so that an index less is written with each change. The
letters are written anew into a table of their own, in their order, rather than changed where they lie.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

NAMES_LETTERS = ("reply", "letter_addressee")
"""Tables with a column `letter_id`."""


def upgrade() -> None:
    for table in NAMES_LETTERS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_letter_id"), type_="foreignkey")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_delivery_letter_id"), type_="foreignkey")
    set_letters_aside()
    make_recipients()
    make_letters()
    for table in NAMES_LETTERS:
        renumber(table)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_foreign_key(batch_op.f(f"fk_{table}_letter_id"), "letter", ["letter_id"], ["id"])
    op.execute("DROP TABLE letter_of_old")
    op.drop_index("ix_delivery_of_notice", table_name="delivery")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_delivery_letter_id"), type_="unique")
        batch_op.drop_column("letter_id")
    where = sa.text("purpose <> 'letter'")
    op.create_index("ix_delivery_of_notice", "delivery", ["action_id"], sqlite_where=where, postgresql_where=where)


def set_letters_aside() -> None:
    """Give the table another name, and its indexes' names free."""
    op.drop_index("ix_letter_target_id", table_name="letter")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_letter", "letter", type_="primary")
        op.drop_constraint("uq_letter_action_id_target_id", "letter", type_="unique")
    op.rename_table("letter", "letter_of_old")


def make_recipients() -> None:
    op.create_table(
        "frozen_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("salutation", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_recipient")),
        sa.UniqueConstraint(
            "name", "organisation", "salutation", name=op.f("uq_frozen_recipient_name_organisation_salutation")
        ),
    )
    op.execute(
        "INSERT INTO frozen_recipient (name, organisation, salutation) "
        "SELECT target_name, target_organisation, salutation FROM letter_of_old "
        "GROUP BY target_name, target_organisation, salutation ORDER BY min(id)"
    )


def make_letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_letter_action_id")),
        sa.ForeignKeyConstraint(["id"], ["delivery.id"], name=op.f("fk_letter_id")),
        sa.ForeignKeyConstraint(["part_id"], ["action_part.id"], name=op.f("fk_letter_part_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["frozen_recipient.id"], name=op.f("fk_letter_recipient_id")),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_letter_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("action_id", "target_id", name=op.f("uq_letter_action_id_target_id")),
    )
    op.execute(
        """
        INSERT INTO letter (id, action_id, target_id, recipient_id, part_id, shared, text_hash)
        SELECT delivery.id, old.action_id, old.target_id, recipient.id, old.part_id, old.shared, old.text_hash
        FROM letter_of_old AS old
        JOIN delivery ON delivery.letter_id = old.id
        JOIN frozen_recipient AS recipient ON recipient.name = old.target_name
            AND recipient.organisation = old.target_organisation AND recipient.salutation = old.salutation
        ORDER BY delivery.id
        """
    )
    op.create_index("ix_letter_target_id", "letter", ["target_id"])
    before, after = (
        op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - ours
        for table in ("letter_of_old", "letter")
    )
    if before != after:
        raise RuntimeError(f"letters without a delivery: {before - after}; ask `flask ledger check` of the old release")


def renumber(table: str) -> None:
    """Put the number of its delivery where a letter's is; below zero first, where no letter has been."""
    op.execute(
        f"UPDATE {table} SET letter_id = "  # noqa: S608 - ours
        f"-(SELECT delivery.id FROM delivery WHERE delivery.letter_id = {table}.letter_id)"
    )
    op.execute(f"UPDATE {table} SET letter_id = -letter_id")  # noqa: S608 - ours
