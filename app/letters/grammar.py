"""What may be written in a letter template: text without braces, and four tags.

The tags are `{{ path }}`, `{% if path %}`, `{% else %}` and `{% endif %}`. There is no loop, no call, no assignment, no
comment and no escape, so the length of a rendered letter is bounded by its template and its values alone. The scan is
linear: every brace is found by exactly one alternative of `_TAG`, and none of them reaches past the next brace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.letters.problem import Problem, line_at

LONGEST_TEMPLATE = 20_000
"""Characters in one template."""
DEEPEST_IF = 8
SHOWN_OF_A_MISTAKE = 60

_PATH = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_TAG = re.compile(
    rf"\{{\{{[ \t]*(?P<shown>{_PATH})[ \t]*\}}\}}"
    rf"|\{{%[ \t]*(?:if[ \t]+(?P<asked>{_PATH})|(?P<word>else|endif))[ \t]*%\}}"
    r"|(?P<unknown>\{[{%#][^{}\n]*\}\}?)"
    r"|(?P<stray>[{}]+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that shows a value or asks for one."""

    line: int
    path: str
    shows: bool
    """True for `{{ path }}`, false for `{% if path %}`."""
    alone: bool
    """Whether nothing else stands on its line."""
    sure: frozenset[str]
    """The paths that are not empty here, since an `if` around the tag asked for them."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a source holds; it keeps to the grammar when there are no problems."""

    tags: list[Tag]
    problems: list[Problem]


def parse(source: str) -> Parsed:
    """Find the tags of a source, and everything in it that the grammar refuses, in the order of the lines."""
    if len(source) > LONGEST_TEMPLATE:
        return Parsed([], [Problem(1, f"the template is longer than {LONGEST_TEMPLATE:,} characters")])
    parsed = Parsed([], [])
    ifs = _OpenIfs(parsed.problems)
    for match in _TAG.finditer(source):
        line = line_at(source, match.start())
        path = match["shown"] or match["asked"]
        if match["unknown"] or match["stray"]:
            parsed.problems.append(Problem(line, _refusal(match)))
        elif path:
            parsed.tags.append(Tag(line, path, bool(match["shown"]), _alone(source, match), ifs.sure()))
        ifs.step(line, match)
    ifs.end()
    return parsed


@dataclass(slots=True)
class _If:
    """An `if` that waits for its `endif`."""

    line: int
    path: str
    in_else: bool = False


@dataclass(slots=True)
class _OpenIfs:
    """The ifs around the place that the scan has reached; what is wrong with them goes to `problems`."""

    problems: list[Problem]
    opened: list[_If] = field(default_factory=list)

    def sure(self) -> frozenset[str]:
        """The paths that are known not to be empty here."""
        return frozenset(one.path for one in self.opened if not one.in_else)

    def step(self, line: int, match: re.Match[str]) -> None:
        """Take in the next tag."""
        if match["asked"]:
            self.opened.append(_If(line, match["asked"]))
            if len(self.opened) > DEEPEST_IF:
                self.problems.append(Problem(line, f"more than {DEEPEST_IF} `if` stand inside each other"))
        elif match["word"] and not self.opened:
            self.problems.append(Problem(line, f"`{{% {match['word']} %}}` has no `{{% if … %}}` before it"))
        elif match["word"] == "else":
            if self.opened[-1].in_else:
                self.problems.append(Problem(line, "a second `{% else %}` for the same `{% if … %}`"))
            self.opened[-1].in_else = True
        elif match["word"]:
            self.opened.pop()

    def end(self) -> None:
        """The source is over: what is open now stays open."""
        self.problems += [Problem(one.line, "this `{% if … %}` has no `{% endif %}`") for one in self.opened]
        self.problems.sort(key=lambda problem: problem.line)


def _alone(source: str, match: re.Match[str]) -> bool:
    start = source.rfind("\n", 0, match.start()) + 1
    end = source.find("\n", match.end())
    line = source[start:] if end < 0 else source[start:end]
    return line.strip() == match[0]


def _refusal(match: re.Match[str]) -> str:
    text = match[0] if len(match[0]) <= SHOWN_OF_A_MISTAKE else match[0][:SHOWN_OF_A_MISTAKE] + "…"
    if match["stray"]:
        return f"`{text}`: curly brackets are kept for what is filled in, such as `{{{{ area.name }}}}`; use round ones"
    return f"`{text}` is not understood; there are `{{{{ path }}}}`, `{{% if path %}}`, `{{% else %}}`, `{{% endif %}}`"
