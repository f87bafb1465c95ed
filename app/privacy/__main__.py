"""`python -m app.privacy` prints fresh keys, as settings for a production environment."""

from __future__ import annotations

import secrets

from app.privacy.keys import new_key, new_ring


def main() -> None:
    """Print a key of each kind, a line each."""
    lines = (f"SECRET_KEY={secrets.token_urlsafe(48)}", f"FIELD_KEYS={new_ring()}", f"INDEX_KEY={new_key()}")
    print("\n".join(lines))  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    main()
