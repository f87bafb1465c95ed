"""How Alembic runs here: on the connection that `app.schema` hands over, inside its transaction."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

from app.rows import metadata


def render_plainly(kind: str, item: Any, _autogen: AutogenContext) -> str | bool:
    """Write a column type of ours as the plain type beneath it: a migration must not change when the code does."""
    if kind == "type" and isinstance(item, TypeDecorator):
        plain = item.impl_instance
        return f"sa.{plain!r}" if type(plain).__module__.startswith("sqlalchemy.sql") else False
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=True,
    render_item=render_plainly,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
