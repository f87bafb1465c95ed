"""What came of letters, as the tables by target count it: the columns, and what of the counters is in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.queue.models import LETTERS
from app.replies.models import Answer
from app.reporting.overview import ARRIVED, CAME_BACK, HANDED_OVER

COUNTED: Mapping[str, Sequence[str]] = {
    "letters": (LETTERS,),
    "handed_over": HANDED_OVER,
    "arrived": ARRIVED,
    "came_back": CAME_BACK,
}
REPLIES: Mapping[str, Answer] = {
    "replies": Answer.ANSWERED,
    "automatic": Answer.AUTOMATIC,
    "silent": Answer.NONE,
}
"""To how many letters what came back. Of answers only a person's are replies."""
