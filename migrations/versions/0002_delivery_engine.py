"""Delivery engine."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "brake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "everything",
                "letters",
                "campaign",
                "lane",
                "target",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brake")),
        sa.UniqueConstraint("scope", "subject_id", name=op.f("uq_brake_scope_subject_id")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "lane",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=254), nullable=False),
        sa.Column("pace", sa.Integer(), nullable=True),
        sa.Column("hours", sa.String(length=40), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Integer(), nullable=False),
        sa.Column("trips", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("troubled_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("troubled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.Column("probed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lane")),
        sa.UniqueConstraint("key", name=op.f("uq_lane_key")),
    )
    op.create_table(
        "tally",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("lane_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", "lane_id", "label", name=op.f("pk_tally")),
    )
    op.create_table(
        "state_count",
        sa.Column("lane_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "delivered",
                "bounced",
                "complained",
                "held",
                "suppressed",
                "cancelled",
                "failed",
                "uncertain",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_state_count_campaign_id")),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name=op.f("fk_state_count_lane_id")),
        sa.PrimaryKeyConstraint("lane_id", "campaign_id", "state", name=op.f("pk_state_count")),
    )
    op.create_table(
        "received_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "processed",
                "deferred",
                "delivered",
                "bounced",
                "soft_bounced",
                "blocked",
                "dropped",
                "complained",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("lane_id", sa.Integer(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "applied",
                "waiting",
                "unattributed",
                name="standing",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_received_report_delivery_id")),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name=op.f("fk_received_report_lane_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_report")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_received_report_fingerprint")),
    )
    with op.batch_alter_table("received_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_received_report_delivery_id"), ["delivery_id"], unique=False)
        batch_op.create_index(
            "ix_received_report_open",
            ["standing", "id"],
            unique=False,
            sqlite_where=sa.text("standing != 'applied'"),
            postgresql_where=sa.text("standing != 'applied'"),
        )

    op.create_table(
        "suppression",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "hard_bounce", "complaint", "staff", name="reason", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_suppression_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("address_hash", name=op.f("uq_suppression_address_hash")),
    )
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("letter_count", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("time_zone", sa.String(length=40), nullable=False, server_default="Europe/London")
        )

    op.drop_index("ix_delivery_campaign_id", "delivery")
    op.drop_index("ix_delivery_state_due_at", "delivery")
    op.add_column("delivery", sa.Column("lane_id", sa.Integer(), nullable=True))
    give_lanes_to_what_is_there()
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_purpose"), type_="check")
        batch_op.create_check_constraint(op.f("ck_delivery_purpose"), PURPOSES)
        batch_op.alter_column("lane_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key(op.f("fk_delivery_lane_id"), "lane", ["lane_id"], ["id"])
    for name, columns, where in DELIVERY_INDEXES:
        op.create_index(
            name, "delivery", columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    count_what_is_there()


PURPOSES = sa.text("purpose IN ('letter', 'confirmation', 'already_written', 'thank_you', 'unreachable')")
DELIVERY_INDEXES = (
    ("ix_delivery_waiting", ["lane_id", "campaign_id", "due_at", "id"], "state = 'queued'"),
    ("ix_delivery_leased", ["lease_until"], "state = 'sending'"),
    ("ix_delivery_for_staff", ["state", "reason"], "state IN ('held', 'uncertain')"),
)
NO_ADDRESS = "unknown.invalid"  # the lane of letters whose target has no address any more


def give_lanes_to_what_is_there() -> None:
    """Make the lanes of the letters that there are, one for each mail domain, and the one for notices."""
    connection = op.get_bind()
    connection.execute(
        sa.text("INSERT INTO lane (key, trouble, trips, reported, said) VALUES ('notices', 0, 0, false, '')")
    )
    addresses = connection.execute(
        sa.text("SELECT DISTINCT target.id, target.email FROM target JOIN letter ON letter.target_id = target.id")
    )
    targets: dict[str, list[int]] = {}
    for target_id, email in addresses:
        targets.setdefault(email.rpartition("@")[2].lower() or NO_ADDRESS, []).append(target_id)
    for key in sorted(targets):
        connection.execute(
            sa.text("INSERT INTO lane (key, trouble, trips, reported, said) VALUES (:key, 0, 0, false, '')"),
            {"key": key},
        )
        for target_id in targets[key]:
            connection.execute(
                sa.text(
                    "UPDATE delivery SET lane_id = (SELECT id FROM lane WHERE key = :key) "
                    "WHERE letter_id IN (SELECT id FROM letter WHERE target_id = :target)"
                ),
                {"key": key, "target": target_id},
            )
    connection.execute(
        sa.text("UPDATE delivery SET lane_id = (SELECT id FROM lane WHERE key = 'notices') WHERE lane_id IS NULL")
    )


def count_what_is_there() -> None:
    """Set the counters of the ledger."""
    op.execute(
        "INSERT INTO state_count (lane_id, campaign_id, state, count) "
        "SELECT lane_id, campaign_id, state, count(*) FROM delivery GROUP BY lane_id, campaign_id, state"
    )
    op.execute(
        "UPDATE campaign SET letter_count = (SELECT count(*) FROM letter JOIN action ON action.id = letter.action_id "
        "WHERE action.campaign_id = campaign.id)"
    )
