"""Leases: how deliveries were claimed is kept once for all that were claimed at once, how they began in their rows.

What was claimed at one moment, each delivery's first claim, second claim and so on apart, gets one lease. A claim that
is not settled, or that is in doubt, keeps the token by which its worker's journal knows it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lease")),
        sa.UniqueConstraint("token", name=op.f("uq_lease_token")),
    )
    op.add_column("delivery", sa.Column("lease_id", sa.Integer(), nullable=True))
    op.add_column("delivery_event", sa.Column("lease_id", sa.Integer(), nullable=True))
    find_claims()
    make_leases()
    point_at_leases()
    op.execute("DELETE FROM delivery_event WHERE to_state = 'sending' OR (from_state IS NULL AND to_state = 'queued')")
    op.execute("DROP TABLE claim_of_old")
    op.drop_index("ix_delivery_leased", table_name="delivery")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_column("lease")
        batch_op.drop_column("lease_until")
    with op.batch_alter_table("delivery_event", schema=None) as batch_op:
        batch_op.alter_column("from_state", existing_type=sa.String(length=20), nullable=False)
        batch_op.drop_constraint(op.f("fk_delivery_event_delivery_id"), type_="foreignkey")
    where = sa.text("state = 'sending'")
    op.create_index("ix_delivery_leased", "delivery", ["lease_id"], sqlite_where=where, postgresql_where=where)


def find_claims() -> None:
    """Every claim, with the event that settled it, the token under which it is still held, and a name for its lease.

    What is looked up by is cast: SQLite would give it no type, and not use its index.
    """
    op.execute(
        """
        CREATE TABLE claim_of_old AS
        SELECT step.delivery_id, step.at, step.settled_by, step.nth = step.times AS newest, held.until,
            coalesce(held.token, 'before.' || dense_rank() OVER (ORDER BY step.at, step.nth)) AS token
        FROM (
            SELECT delivery_id, at, to_state, CAST(lead(id) OVER chain AS INTEGER) AS settled_by,
                sum(CASE to_state WHEN 'sending' THEN 1 ELSE 0 END) OVER chain AS nth,
                sum(CASE to_state WHEN 'sending' THEN 1 ELSE 0 END) OVER (PARTITION BY delivery_id) AS times
            FROM delivery_event
            WINDOW chain AS (PARTITION BY delivery_id ORDER BY id)
        ) AS step
        LEFT JOIN (
            SELECT id, lease AS token, lease_until AS until FROM delivery WHERE state IN ('sending', 'uncertain')
        ) AS held ON held.id = step.delivery_id AND step.nth = step.times
        WHERE step.to_state = 'sending'
        """
    )
    op.create_index("ix_claim_of_old_delivery_id", "claim_of_old", ["delivery_id"])
    op.create_index("ix_claim_of_old_settled_by", "claim_of_old", ["settled_by"])


def make_leases() -> None:
    """One for each name."""
    op.execute(
        "INSERT INTO lease (token, taken_at, until) SELECT token, min(at), coalesce(max(until), max(at)) "
        "FROM claim_of_old GROUP BY token ORDER BY min(at), token"
    )


def point_at_leases() -> None:
    """Each claim's settling event, and each delivery's last claim."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ANALYZE claim_of_old, lease")
    op.execute(
        """
        UPDATE delivery_event SET lease_id = (
            SELECT lease.id FROM claim_of_old old JOIN lease ON lease.token = old.token
            WHERE old.settled_by = delivery_event.id
        ) WHERE from_state = 'sending'
        """
    )
    op.execute(
        """
        UPDATE delivery SET lease_id = (
            SELECT lease.id FROM claim_of_old old JOIN lease ON lease.token = old.token
            WHERE old.delivery_id = delivery.id AND old.newest
        ) WHERE id IN (SELECT delivery_id FROM claim_of_old)
        """
    )
