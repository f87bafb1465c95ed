"""Compact times: SQLite keeps times as whole microseconds since 1970, eight bytes instead of a text of twenty-six."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():
        columns = [column["name"] for column in inspector.get_columns(table) if isinstance(column["type"], sa.DateTime)]
        for column in columns:
            # As SQLAlchemy wrote them, always with all digits: 2026-11-24 17:14:04.687161.
            connection.exec_driver_sql(
                f'UPDATE "{table}" SET "{column}" = CAST(strftime(\'%s\', substr("{column}", 1, 19)) AS INTEGER) '  # noqa: S608 - names of our own schema
                f'* 1000000 + CAST(substr("{column}", 21, 6) AS INTEGER) WHERE typeof("{column}") = \'text\''
            )
