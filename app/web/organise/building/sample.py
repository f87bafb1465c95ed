"""A draft's letter on its sheet of paper."""

from __future__ import annotations

from dataclasses import dataclass

from app.actions.rehearsal import WRITES_FROM
from app.drafts.rehearse import Sample
from app.web.platform import platform
from app.web.public.letters import LetterView


@dataclass(frozen=True, slots=True)
class LetterSample:
    """The letter as it would arrive; or why it cannot be made, in the words of files."""

    letter: LetterView | None = None
    real: bool = False
    """Whether somebody real would get it; else nobody would yet."""
    fault: str = ""


def replies_of_sample(*, protected: bool) -> str:
    """Where answers to a sample go: to its invented writer, or to the house if the campaign protects its supporters."""
    return platform().config.replies_to if protected else WRITES_FROM


def sample_view(sample: Sample, part: str, writer: str, reply_to: str) -> LetterSample:
    """A sample as the page shows it; `part` is the letter's language, perhaps with its audience."""
    letter = LetterView(
        to_name=sample.recipient.name,
        to_organisation=sample.recipient.organisation,
        from_name=writer,
        reply_to=reply_to,
        subject=sample.letter.subject,
        text=sample.letter.text,
        readers=1,
        folded=False,
        language=part.partition(".")[0],
    )
    return LetterSample(letter, sample.real)
