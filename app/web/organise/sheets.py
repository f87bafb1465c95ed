"""The sample letters of a check, as sheets of paper."""

from __future__ import annotations

from app.actions.rehearsal import WRITER
from app.actions.text import LETTER_LANGUAGE
from app.running.reports import KeptReport
from app.web.organise.building.sample import replies_of_sample
from app.web.public.letters import LetterView


def sheets_of(report: KeptReport) -> list[LetterView]:
    """All of them, the first one open."""
    return [
        LetterView(
            to_name=sample.recipient,
            to_organisation=sample.organisation,
            from_name=WRITER,
            reply_to=replies_of_sample(protected=report.protected),
            subject=sample.subject,
            text=sample.text,
            readers=1,
            folded=number > 0,
            language=LETTER_LANGUAGE,
        )
        for number, sample in enumerate(report.sample)
    ]
