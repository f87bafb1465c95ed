"""Postcode blocks: all postcodes of an outward code in one row of each source; counts of them; answers of services."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "postcode_block",
        sa.Column("outward", sa.String(length=4), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["postcode_source.id"], name=op.f("fk_postcode_block_source_id")),
        sa.PrimaryKeyConstraint("outward", "source_id", name=op.f("pk_postcode_block")),
    )
    op.create_table(
        "postcode_count",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["area_group.id"], name=op.f("fk_postcode_count_group_id")),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_postcode_count")),
    )
    op.create_table(
        "postcode_answer",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["area_group.id"], name=op.f("fk_postcode_answer_group_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_postcode_answer")),
    )
    with op.batch_alter_table("postcode_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_postcode_answer_fetched_at"), ["fetched_at"], unique=False)

    with op.batch_alter_table("postcode_source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("live", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("terminated", sa.Integer(), nullable=False, server_default="0"))

    pack_postcodes(op.get_bind())
    op.drop_table("postcode")


def pack_postcodes(connection: sa.Connection) -> None:
    """Put the old rows, all of them postcodes in use, into blocks of the layout 1."""
    block = sa.table("postcode_block", sa.column("outward"), sa.column("source_id"), sa.column("entries"))
    batch = []
    for (source, outward), rows in groupby(rows_in_order(connection), key=itemgetter(0, 1)):
        groups = {number: group for _, _, number, group in rows}
        batch.append({"outward": outward, "source_id": source, "entries": packed(groups)})
        if len(batch) == AT_ONCE:
            connection.execute(block.insert(), batch)
            batch = []
    if batch:
        connection.execute(block.insert(), batch)
    connection.execute(
        sa.text(
            "UPDATE postcode_source SET live = (SELECT count(*) FROM postcode WHERE source_id = postcode_source.id)"
        )
    )
    connection.execute(
        sa.text("INSERT INTO postcode_count (group_id, live) SELECT group_id, count(*) FROM postcode GROUP BY group_id")
    )


def rows_in_order(connection: sa.Connection) -> Iterator[tuple[int, str, int, int]]:
    """Yield source, outward code, inward number and group. By the key, because the postcodes of an outward code are
    neighbours in base 36.
    """
    rows = connection.execute(
        sa.text("SELECT key, group_id, source_id FROM postcode ORDER BY source_id, key").execution_options(
            yield_per=10_000
        )
    )
    for key, group, source in rows:
        outward, inward = divmod(key, 36**3)
        figure, letters = divmod(inward, 36**2)
        first, second = (LETTERS.index(DIGITS[digit]) for digit in divmod(letters, 36))
        yield source, written(outward), figure * 400 + first * 20 + second, group


def written(number: int) -> str:
    """A number in base 36."""
    characters = ""
    while number:
        number, digit = divmod(number, 36)
        characters = DIGITS[digit] + characters
    return characters


def packed(groups: dict[int, int]) -> bytes:
    """Postcodes of one outward code: their groups by inward number."""
    palette, numbers = sorted(set(groups.values())), sorted(groups)
    place = {group: at for at, group in enumerate(palette)}
    width, kind = (1, "B") if len(palette) <= 256 else (2, "H")  # noqa: PLR2004 - what one byte tells apart
    layout = f"<BBHHH{len(palette)}I{len(numbers)}H{len(numbers)}{kind}"
    places = (place[groups[number]] for number in numbers)
    return struct.pack(layout, 1, width, len(numbers), 0, len(palette), *palette, *numbers, *places)
