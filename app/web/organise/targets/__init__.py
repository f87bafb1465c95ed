"""The room of those who are written to: lists, uploads, cards, corrections, coverage, addresses not to be mailed."""

from app.web.organise.targets import addresses, card, changes, corrections, coverage, lists, suppressions, uploads

__all__ = ["addresses", "card", "changes", "corrections", "coverage", "lists", "suppressions", "uploads"]
