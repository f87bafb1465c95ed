"""A supporter at their browser: opens pages, types, presses the buttons that are really there, goes where they lead."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.reading import Element, Form, Page


class Visitor:
    """One browser with its cookies. `page` is what it shows; `addresses` is every address it met on its way."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.address = ""
        self.addresses: list[str] = []
        self.response: TestResponse
        self.page: Page

    def open(self, address: str) -> Page:
        """Type or follow an address."""
        return self._arrive(self.client.get(self._path(address)), address)

    def follow(self, words: str) -> Page:
        """Follow the link with these words."""
        return self.open(self.page.link(words))

    def press(
        self, button: str, /, *, forged: Mapping[str, str | bytes | None] | None = None, **typed: str | tuple[str, ...]
    ) -> Page:
        """Press a button after typing into the fields of its form.

        Args:
            button: the words on it.
            forged: what somebody with other means than the page puts into a field; none takes the field away.
            typed: name → text; for radio buttons, lists and boxes, the words of the label to choose; for boxes of one
                question, those of all that are to be ticked.
        """
        form, pressed = self._find(button)
        data: dict[str, str | bytes | list[str]] = dict(form.values)
        for name, text in typed.items():
            data[name] = (
                _typed(form, name, text) if isinstance(text, str) else [_typed(form, name, one) for one in text]
            )
        for name, value in (forged or {}).items():
            data.pop(name, None)
            if value is not None:
                data[name] = value
        if "name" in pressed:
            data[pressed["name"]] = pressed.attrs.get("value", "")
        action = pressed.attrs.get("formaction") or form.element.attrs.get("action") or self.address
        return self.send(action, data)

    def send(self, action: str, data: Mapping[str, str | bytes | list[str]]) -> Page:
        """Post fields to an address, lines ending in CR LF as browsers send them."""
        body = urlencode({name: _line_ends(value) for name, value in data.items()}, doseq=True)
        kind = "application/x-www-form-urlencoded"
        return self._arrive(self.client.post(self._path(action), data=body, content_type=kind), action)

    def _arrive(self, response: TestResponse, address: str) -> Page:
        self.addresses.append(address)
        self.address = self._path(urljoin(self.address, address))
        while response.status_code in (301, 302, 303, 307, 308):
            location = response.headers["Location"]
            self.addresses.append(location)
            self.address = self._path(urljoin(self.address, location))
            response = self.client.get(self._path(location))
        self.response = response
        self.page = Page(response.status_code, response.get_data(as_text=True))
        self.addresses += self.page.addresses
        return self.page

    def _find(self, words: str) -> tuple[Form, Element]:
        found = [(form, button) for form in self.page.forms for button in form.buttons if button.text == words]
        shown = [button.text for form in self.page.forms for button in form.buttons]
        assert len(found) == 1, f"{len(found)} buttons say {words!r} on {self.page.heading!r}, which has {shown}"
        form, button = found[0]
        assert form.element["method"] == "post"
        return form, button

    @staticmethod
    def _path(address: str) -> str:
        """The address without its host: the client is always at the site."""
        parts = urlsplit(address)
        return parts.path + (f"?{parts.query}" if parts.query else "")


def _typed(form: Form, name: str, text: str) -> str:
    controls = form.controls(name)
    assert controls, f"there is no field {name!r} to type into; there are {form.names}"
    kind = controls[0].attrs.get("type", controls[0].tag)
    assert kind != "hidden", f"the field {name!r} cannot be seen"
    if kind in ("radio", "select"):
        options = form.options(name)
        assert text in options, f"{text!r} is not offered; {sorted(options)} are"
        return options[text]
    if kind == "checkbox" and len(controls) > 1:
        return form.options(name)[text]
    return controls[0].attrs.get("value", "on") if kind == "checkbox" else text


def _line_ends(value: str | bytes | list[str]) -> str | bytes | list[str]:
    if not isinstance(value, str):
        return value
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
