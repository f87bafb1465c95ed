"""Reading settings from the environment, strictly: every mistake is found in one go, and told as what to set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

LARGEST_COUNT = 1_000_000


class ConfigError(Exception):
    """One or more settings are missing or wrong; the text says what to set, a line each."""


class Reader:
    """Reads settings one by one and collects what is wrong, so that one start names every mistake."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """The setting, or its default; a missing one without a default is a problem."""
        value = self._environ.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.problems.append(f"Set {name}: it is required and has no default.")
            return ""
        return default

    def secret(self, name: str) -> str | None:
        """A secret given directly, or in the file that `<name>_FILE` names."""
        path = self._environ.get(f"{name}_FILE", "").strip()
        if not path:
            return self._environ.get(name, "").strip() or None
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            self.problems.append(f"Set {name}_FILE to a readable file: {reason}.")
            return None

    def parsed(self, name: str, default: str, parse: Callable[[str], T], wanted: str) -> T:
        """The setting through `parse`; `wanted` completes the sentence "Set NAME to …" when it does not fit."""
        try:
            return parse(self.text(name, default))
        except ValueError:
            self.problems.append(f"Set {name} to {wanted}.")
            return parse(default)

    def count(self, name: str, default: int | None, *, least: int = 1, most: int = LARGEST_COUNT) -> int:
        """A whole number from `least` to `most`; without a default it must be set."""
        if default is None and not self.text(name):
            return least

        def parse(value: str) -> int:
            number = int(value)
            if not least <= number <= most:
                raise ValueError(name)
            return number

        wanted = f"a whole number, {least} or more" if most == LARGEST_COUNT else f"a whole number, {least} to {most}"
        return self.parsed(name, str(least if default is None else default), parse, wanted)
