from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.campaigns.files import load_campaigns

SETTINGS = """\
kind = "letter"
state = "live"
colour = "#7a1f5c"
position = 10

[targets]
rule = "area"
role = "councillor"
area = "ward"
"""

PAGE = """\
+++
title = "Abolish reporting"
ask = "Ask your councillors to oppose immigration reporting."
summary = "Stand against reporting."
invitation = "Why does it matter to you?"
+++
## Why

It *matters*.
"""

LETTER = """\
+++
subject = "Please oppose reporting in {{ area.name }}"
opening = "{{ salutation }},"
closing = \"\"\"
Yours sincerely,

{{ supporter.name }}
{{ supporter.postcode }}\"\"\"
+++
I live in {{ area.name }}.

Please act.
"""

LISTED = '[targets]\nrule = "choose"\nlists = ["demo-companies"]\n'
WON_PAGE = PAGE.replace('invitation = "Why does it matter to you?"', 'won = "The hospital gave in."')


class Content:
    """A folder of campaigns, written as an organiser would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def campaign(
        self, slug: str = "abolish-reporting", settings: str = SETTINGS, page: str = PAGE, letter: str = LETTER
    ) -> Path:
        """Write a whole campaign; a valid one unless a text is given that is not."""
        files = {"campaign.toml": settings, "page.en.md": page, "letter.en.md": letter}
        for name, text in files.items():
            self.write(f"{slug}/{name}", text)
        return self.folder / slug

    def write(self, name: str, text: str | bytes) -> Path:
        """Write one file."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def problems(self, known_lists: set[str] | None = None) -> list[str]:
        """What is wrong with the folder, as `path:line: message` from the folder on."""
        _, problems = load_campaigns(self.folder, known_lists)
        return [str(problem).removeprefix(f"{self.folder}/") for problem in problems]


@pytest.fixture
def content(tmp_path: Path) -> Content:
    return Content(tmp_path / "letter_templates")


@pytest.fixture
def said(content: Content) -> Callable[..., list[str]]:
    """The problems of one campaign that was written with these texts, without the name of its folder."""

    def check(**texts: str) -> list[str]:
        content.campaign(**texts)
        return [line.removeprefix("abolish-reporting/") for line in content.problems()]

    return check
