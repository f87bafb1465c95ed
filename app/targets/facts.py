"""What campaigns may choose targets by: some of their columns, and everything that their source says beside them."""

from __future__ import annotations

from app.targets.models import Target

COLUMNS = ("name", "organisation", "external_id", "party", "role", "registration")


def facts_of(target: Target) -> dict[str, list[str]]:
    """The target's texts by key: its attributes, such as `posts` and `committees`, and the columns of `COLUMNS`.

    A column counts more than an attribute of the same name.
    """
    columns = {name: [value] for name in COLUMNS if (value := getattr(target, name))}
    return {**target.attributes, **columns}
