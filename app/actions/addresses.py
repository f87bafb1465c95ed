"""E-mail addresses as supporters type them."""

from __future__ import annotations

import idna
from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email


class NotAnAddressError(ValueError):
    """The text cannot be an e-mail address that receives mail."""


class DisposableAddressError(ValueError):
    """The address is of a service whose addresses are thrown away; no answer would reach anybody."""


def parse_email(text: str) -> str:
    """The address in its normal form (RFC 5321 and 5322; the domain in small letters and in Unicode).

    Raises:
        NotAnAddressError: it is not an address, or mail to it would need SMTPUTF8, which many councils' servers lack.
        DisposableAddressError: its domain, or a parent of it, is on the public list of disposable ones.
    """
    try:
        checked = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        raise NotAnAddressError from None
    if "." not in checked.domain:
        raise NotAnAddressError
    labels = checked.ascii_domain.split(".")
    if any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1)):
        raise DisposableAddressError
    return checked.normalized


def lookup_form(email: str) -> str:
    """The form by which one person's spellings of an address are found as one.

    Small letters, and the domain as it stands in the DNS: two domains that look alike in Unicode stay two.
    """
    local, _, domain = email.rpartition("@")
    return f"{local.lower()}@{idna.encode(domain, uts46=True).decode().lower()}"


def mailbox_form(email: str) -> str:
    """`lookup_form` without a `+tag`, by which most providers let one mailbox have any number of addresses."""
    local, _, domain = lookup_form(email).rpartition("@")
    return f"{local.split('+', 1)[0] or local}@{domain}"
