"""Counters for the reports: letters by target, what happened in each hour, supporters by way, language and words."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SUPPORTERS = {"source": "source", "language": "language", "subject": "template_id || '/' || subject_variant"}
OUT = "('sent', 'delivered', 'bounced', 'complained', 'suppressed', 'cancelled', 'failed', 'uncertain')"


def upgrade() -> None:
    _make_tables()
    op.add_column("delivery", sa.Column("target_id", sa.Integer(), nullable=True))
    op.add_column("action", sa.Column("source", sa.String(length=20), server_default="direct", nullable=False))
    op.add_column("action", sa.Column("sameness", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE delivery SET target_id = (SELECT letter.target_id FROM letter WHERE letter.id = delivery.letter_id) "
        "WHERE letter_id IS NOT NULL"
    )
    _count_targets()
    _count_hours()
    _count_supporters()


def _make_tables() -> None:
    op.create_table(
        "target_count",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("count", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "target_id", "what", name=op.f("pk_target_count")),
    )
    op.create_table(
        "campaign_hour",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "what", "hour", name=op.f("pk_campaign_hour")),
    )
    op.create_table(
        "campaign_tally",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("count", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "name", "label", name=op.f("pk_campaign_tally")),
    )


def _count_targets() -> None:
    kept = "FROM delivery WHERE target_id IS NOT NULL"
    op.execute(
        "INSERT INTO target_count (campaign_id, target_id, what, count) "
        f"SELECT campaign_id, target_id, 'letters', count(*) {kept} GROUP BY campaign_id, target_id"
    )
    op.execute(
        "INSERT INTO target_count (campaign_id, target_id, what, count) "
        f"SELECT campaign_id, target_id, state, count(*) {kept} AND state IN {OUT} "
        "GROUP BY campaign_id, target_id, state"
    )


def _count_hours() -> None:
    letters = "FROM delivery_event e JOIN delivery d ON d.id = e.delivery_id WHERE d.target_id IS NOT NULL"
    at = _hour("e.at")
    insert = "INSERT INTO campaign_hour (campaign_id, what, hour, count) "
    op.execute(
        f"{insert} SELECT d.campaign_id, 'letters', {at}, count(*) {letters} AND e.from_state IS NULL "
        f"GROUP BY d.campaign_id, {at}"
    )
    op.execute(
        f"{insert} SELECT d.campaign_id, e.to_state, {at}, count(*) {letters} AND e.to_state IN {OUT} "
        f"GROUP BY d.campaign_id, e.to_state, {at}"
    )
    for what, column in (("submitted", "submitted_at"), ("confirmed", "confirmed_at")):
        acted = f"FROM action WHERE {column} IS NOT NULL GROUP BY campaign_id, {_hour(column)}"
        op.execute(f"{insert} SELECT campaign_id, '{what}', {_hour(column)}, count(*) {acted}")


def _count_supporters() -> None:
    insert = "INSERT INTO campaign_tally (campaign_id, name, label, count)"
    for what, column in (("submitted", "submitted_at"), ("confirmed", "confirmed_at")):
        for by, label in SUPPORTERS.items():
            acted = f"FROM action WHERE {column} IS NOT NULL GROUP BY campaign_id, {label}"
            op.execute(f"{insert} SELECT campaign_id, '{what}.{by}', {label}, count(*) {acted}")


def _hour(column: str) -> str:
    """Which hour since 1970 a time lies in."""
    if op.get_bind().dialect.name == "sqlite":
        return f"{column} / 3600000000"
    return f"CAST(floor(extract(epoch FROM {column}) / 3600) AS integer)"
