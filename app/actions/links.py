"""Links that only their holder knows: signed, without personal data, the same each time a mail is written again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from itsdangerous import BadSignature, Signer

from app.actions.sources import Source

LANGUAGE_WITHOUT_PREFIX = "en"


class ForgedLinkError(Exception):
    """The token was not made by us, or was cut or changed on its way."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the addresses that stand in mails, and reads their tokens back.

    The confirmation link and the own page have different tokens: who was sent the one cannot make the other.
    """

    base_url: str
    secret_key: str = field(repr=False)

    def confirm(self, public_id: uuid.UUID, language: str) -> str:
        """Where a pending action is read once more and sent."""
        return self._page(f"/confirm/{self.confirm_token(public_id)}", language)

    def own(self, public_id: uuid.UUID, language: str) -> str:
        """The supporter's own page: what became of each letter."""
        return self._page(f"/letters/{self.own_token(public_id)}", language)

    def campaign(self, slug: str, language: str, via: Source = Source.DIRECT) -> str:
        """A campaign's page; its address may say by which way whoever opens it has come."""
        query = "" if via is Source.DIRECT else f"?via={via}"
        return self._page(f"/c/{slug}", language) + query

    def confirm_token(self, public_id: uuid.UUID) -> str:
        """The token of a confirmation link."""
        return self._sign("confirm", public_id)

    def own_token(self, public_id: uuid.UUID) -> str:
        """The token of a supporter's own page."""
        return self._sign("own", public_id)

    def read_confirm_token(self, token: str) -> uuid.UUID:
        """The action of a confirmation link.

        Raises:
            ForgedLinkError: the token is not one that `confirm_token` made.
        """
        return self._read("confirm", token)

    def read_own_token(self, token: str) -> uuid.UUID:
        """The action of a supporter's own page.

        Raises:
            ForgedLinkError: the token is not one that `own_token` made.
        """
        return self._read("own", token)

    def running(self, slug: str, language: str) -> str:
        """The page of staff's on which a campaign is run."""
        return self._page(f"/organise/campaigns/{slug}/run", language)

    def answers(self, public_id: uuid.UUID, language: str) -> str:
        """Where a supporter tells who has answered."""
        return self._page(f"/answers/{self.answers_token(public_id)}", language)

    def answers_token(self, public_id: uuid.UUID) -> str:
        """The token of the page where a supporter tells who has answered."""
        return self._sign("answers", public_id)

    def read_answers_token(self, token: str) -> uuid.UUID:
        """The action of a page where a supporter tells who has answered.

        Raises:
            ForgedLinkError: the token is not one that `answers_token` made.
        """
        return self._read("answers", token)

    def staff(self, kind: str, public_id: uuid.UUID, language: str) -> str:
        """Where a link of this kind takes a member of staff; see `app.staff.links`."""
        return self._page(f"/organise/{kind}/{self.staff_token(kind, public_id)}", language)

    def hooks(self, language: str) -> str:
        """Where staff look after webhooks."""
        return self._page("/organise/hooks", language)

    def reports(self, language: str) -> str:
        """Where staff read the figures of all campaigns that they see."""
        return self._page("/organise/reports", language)

    def account(self, language: str) -> str:
        """A member of staff's own account."""
        return self._page("/organise/account", language)

    def stop(self, public_id: uuid.UUID, language: str) -> str:
        """Where a supporter takes their consent back, from their own page on."""
        return self._page(f"/letters/{self.own_token(public_id)}/stop", language)

    def staff_token(self, kind: str, public_id: uuid.UUID) -> str:
        """The token of a link to staff."""
        return self._sign(f"staff.{kind}", public_id)

    def read_staff_token(self, kind: str, token: str) -> uuid.UUID:
        """The row of a link to staff.

        Raises:
            ForgedLinkError: the token is not one that `staff_token` made for this kind of link.
        """
        return self._read(f"staff.{kind}", token)

    def address_check(self, public_id: uuid.UUID) -> str:
        """Where whoever reads a target's address says that it is right; their language is not known."""
        return self._page(f"/address/{self.address_token(public_id)}", LANGUAGE_WITHOUT_PREFIX)

    def address_token(self, public_id: uuid.UUID) -> str:
        """The token of that page."""
        return self._sign("address", public_id)

    def read_address_token(self, token: str) -> uuid.UUID:
        """The check that such a link is of.

        Raises:
            ForgedLinkError: the token is not one that `address_token` made.
        """
        return self._read("address", token)

    def code(self, public_id: uuid.UUID) -> str:
        """Eight figures that can be read out: they stand for the link where somebody is on the telephone."""
        digest = hmac.digest(self.secret_key.encode(), b"code." + public_id.bytes, hashlib.sha256)
        return f"{int.from_bytes(digest[:8]) % 10**8:08}"

    def mark(self, number: int) -> str:
        """A keyed hash of a row's number (16 hexadecimal digits), for where a number alone could be guessed."""
        return self.marks()(number)

    def marks(self) -> Callable[[int], str]:
        """What `mark` gives, for many numbers: the key is taken in once."""
        return self._marks("mark")

    def reply_mark(self, number: int) -> str:
        """The same for the address that answers to a letter come to: who knows the one cannot make the other."""
        return self._marks("reply")(number)

    def _marks(self, purpose: str) -> Callable[[int], str]:
        begun = hmac.new(self.secret_key.encode(), f"{purpose}.".encode(), hashlib.sha256)

        def mark(number: int) -> str:
            keyed = begun.copy()
            keyed.update(b"%d" % number)
            return keyed.digest()[:8].hex()

        return mark

    def _page(self, path: str, language: str) -> str:
        prefix = "" if language == LANGUAGE_WITHOUT_PREFIX else f"/{language}"
        return f"{self.base_url}{prefix}{path}"

    def _signer(self, purpose: str) -> Signer:
        return Signer(self.secret_key, salt=f"link.{purpose}", digest_method=hashlib.sha256)

    def _sign(self, purpose: str, public_id: uuid.UUID) -> str:
        encoded = base64.urlsafe_b64encode(public_id.bytes).rstrip(b"=")
        return self._signer(purpose).sign(encoded).decode()

    def _read(self, purpose: str, token: str) -> uuid.UUID:
        try:
            encoded = self._signer(purpose).unsign(token.encode())
            return uuid.UUID(bytes=base64.urlsafe_b64decode(encoded + b"=="))
        except (BadSignature, binascii.Error, ValueError):
            raise ForgedLinkError from None
