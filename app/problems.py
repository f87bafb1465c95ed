"""What is wrong with a file people write, and where: the shape in which every file check answers."""

import enum
from dataclasses import dataclass
from pathlib import Path


class Flaw(enum.StrEnum):
    """Kinds of mistakes that a form has words of its own for; what is of no kind is told as it is."""

    MISSING = "missing"
    LONG = "long"
    """Characters that there are, and the most that there may be."""
    BLANK = "blank"
    """A marked blank of a starting text is left."""
    LINES = "lines"
    CHOICE = "choice"
    NUMBER = "number"
    """The least and the most."""
    LISTS = "lists"
    UNKNOWN_LIST = "unknown_list"
    UNREAD = "unread"
    """A letter to an audience that there is not."""
    COLOUR = "colour"
    CONTRAST = "contrast"
    """The contrast that there is, and the least that there must be."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing to put right in a file of the repository: the path, the line counted from 1, and plain words."""

    path: Path
    line: int
    message: str
    key: str = ""
    """The key that it is about, with those of its tables in front (`targets.rule`), or `body`; empty for the file."""
    flaw: Flaw | None = None
    text_line: int = 0
    """The line of the key's text, counted from 1, where it is about one."""
    bounds: tuple[float, ...] = ()
    """The numbers that the mistake is about, as its kind has them."""

    def __str__(self) -> str:
        """Return the problem as editors understand it: `path:line: message`."""
        return f"{self.path}:{self.line}: {self.message}"
