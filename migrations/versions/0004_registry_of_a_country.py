"""Registry of a country: two tiers of council, elections, where each row comes from, overrides, corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KINDS = "kind IN ('ward', 'division', 'council', 'county', 'constituency')"


def upgrade() -> None:
    op.create_table(
        "area_alias",
        sa.Column("alias", sa.String(length=120), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_alias_area_id")),
        sa.PrimaryKeyConstraint("alias", "area_id", name=op.f("pk_area_alias")),
    )
    op.create_table(
        "election",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_code", sa.String(length=9), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.String(length=120), nullable=False),
        sa.Column("accepted_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_election")),
        sa.UniqueConstraint("body_code", "held_on", name=op.f("uq_election_body_code_held_on")),
    )
    op.create_table(
        "vacancy",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_vacancy_area_id")),
        sa.ForeignKeyConstraint(["list_id"], ["target_list.id"], name=op.f("fk_vacancy_list_id")),
        sa.PrimaryKeyConstraint("list_id", "area_id", name=op.f("pk_vacancy")),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "left",
                "wrong_address",
                "wrong_name",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "accepted", "dismissed", name="state", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_correction_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_correction_target_id"), ["target_id"], unique=False)

    op.create_table(
        "target_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("published", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_target_override_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_override")),
    )
    with op.batch_alter_table("target_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_target_override_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            "uq_target_override_in_force",
            ["target_id", "field"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    with op.batch_alter_table("area", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_area_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_area_kind"), KINDS)
        batch_op.add_column(sa.Column("ended_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("successors", sa.Text(), nullable=False, server_default=""))

    with op.batch_alter_table("target", schema=None) as batch_op:
        batch_op.add_column(sa.Column("registration", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("attributes", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("source_url", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "confidence",
                sa.Enum(
                    "official",
                    "collected",
                    "reported",
                    name="confidence",
                    native_enum=False,
                    create_constraint=True,
                    length=20,
                ),
                nullable=False,
                server_default="reported",
            )
        )
        batch_op.add_column(sa.Column("verified_by", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("removed_by", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("removed_why", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("stale_from", sa.Date(), nullable=True))

    with op.batch_alter_table("target_list", schema=None) as batch_op:
        batch_op.add_column(sa.Column("format", sa.String(length=20), nullable=False, server_default=""))
