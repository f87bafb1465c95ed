"""What is wrong with a file people write, and where: the shape in which every file check answers."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing to put right in a file of the repository: the path, the line counted from 1, and plain words."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """Return the problem as editors understand it: `path:line: message`."""
        return f"{self.path}:{self.line}: {self.message}"
