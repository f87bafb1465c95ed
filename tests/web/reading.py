"""Reading a page as a browser does: its forms and what they hold, its words, and which words stand beside which field.

Only the standard library's parser stands between the test and the bytes that the site sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


@dataclass(eq=False)
class Element:
    """A tag with what it holds."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    parent: Element | None = field(default=None, repr=False)
    children: list[Element | str] = field(default_factory=list, repr=False)

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def __contains__(self, name: str) -> bool:
        return name in self.attrs

    @property
    def raw(self) -> str:
        """All its text, character by character."""
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    @property
    def text(self) -> str:
        """Its text as read aloud: white space is one space."""
        return " ".join(self.raw.split())

    @property
    def classes(self) -> list[str]:
        return self.attrs.get("class", "").split()

    @property
    def lang(self) -> str:
        """The language that its text is marked as: its own, or that of what it stands in."""
        if "lang" in self.attrs:
            return self.attrs["lang"]
        return self.parent.lang if self.parent else ""

    def walk(self) -> Iterator[Element]:
        """Itself and all elements in it, in order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, *tags: str, **attrs: str) -> list[Element]:
        """The elements with one of these tags (any, if none is named) and all these attributes."""
        return [
            element
            for element in self.walk()
            if (not tags or element.tag in tags)
            and all(element.attrs.get(name.rstrip("_").replace("_", "-")) == value for name, value in attrs.items())
        ]

    def one(self, *tags: str, **attrs: str) -> Element:
        """The only such element."""
        found = self.all(*tags, **attrs)
        assert len(found) == 1, f"{len(found)} elements are {tags} {attrs}"
        return found[0]


class _Builder(HTMLParser):
    """Builds the tree and accepts no tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("document")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def read_html(text: str) -> Element:
    """The page as a tree.

    Raises:
        AssertionError: tags are not closed in turn, or an id stands twice.
    """
    builder = _Builder()
    builder.feed(text.replace("\r\n", "\n").replace("\r", "\n"))
    builder.close()
    assert builder.here is builder.root, f"<{builder.here.tag}> is never closed"
    ids = [element["id"] for element in builder.root.walk() if "id" in element]
    assert len(ids) == len(set(ids)), f"an id stands twice in {sorted(ids)}"
    return builder.root


class Form:
    """A form and what it would send."""

    def __init__(self, element: Element) -> None:
        self.element = element

    @property
    def buttons(self) -> list[Element]:
        """Those inside it, and those elsewhere on the page that name it."""
        named = self._root.all("button", form=self.element["id"]) if "id" in self.element else []
        return [*self.element.all("button"), *named]

    @property
    def _root(self) -> Element:
        root = self.element
        while root.parent is not None:
            root = root.parent
        return root

    def controls(self, name: str) -> list[Element]:
        """The elements that stand for one field: several, if they are radio buttons."""
        return self.element.all("input", "textarea", "select", name=name)

    @property
    def names(self) -> list[str]:
        """The names of its fields, each once."""
        found = (element["name"] for element in self.element.all("input", "textarea", "select") if "name" in element)
        return list(dict.fromkeys(found))

    @property
    def values(self) -> dict[str, str | list[str]]:
        """What is sent when a button is pressed: every field that holds something, ticked boxes and radios only. A
        list is a field that is sent more than once.
        """
        held = {name: self.held(name) for name in self.names}
        return {name: values[0] if len(values) == 1 else values for name, values in held.items() if values}

    def held(self, name: str) -> list[str]:
        """All that one field holds: several, if it is of boxes, or hidden more than once."""
        return [value for control in self.controls(name) if (value := _held(control)) is not None]

    def value(self, name: str) -> str | None:
        """What one field holds; none if it is a box or radio that is not ticked, or is not there."""
        held = self.held(name)
        assert len(held) <= 1, f"the field {name!r} would be sent {len(held)} times"
        return held[0] if held else None

    def options(self, name: str) -> dict[str, str]:
        """What a radio question or a list offers: label → value."""
        (first, *_others) = controls = self.controls(name)
        if first.tag == "select":
            return {option.text: option["value"] for option in first.all("option") if option["value"]}
        return {self.label_of(control): control["value"] for control in controls}

    def label_of(self, control: Element) -> str:
        """The words of the label that belongs to a control."""
        return self.element.one("label", for_=control["id"]).text


class Page:
    """One page as it was answered."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.html = text
        self.root = read_html(text)

    @property
    def document(self) -> Element:
        return self.root.one("html")

    @property
    def heading(self) -> str:
        return self.root.one("h1").text

    @property
    def text(self) -> str:
        return self.root.one("main").text

    @property
    def forms(self) -> list[Form]:
        return [Form(element) for element in self.root.all("form")]

    @property
    def form(self) -> Form:
        """The page's only form."""
        (form,) = self.forms
        return form

    def form_with(self, name: str) -> Form:
        """The page's only form that has this field."""
        (form,) = [form for form in self.forms if name in form.names]
        return form

    def by_id(self, name: str) -> Element:
        found = [element for element in self.root.walk() if element.attrs.get("id") == name]
        assert found, f"nothing has the id {name!r}"
        return found[0]

    @property
    def letters(self) -> list[Element]:
        """The sheets that letters are shown on."""
        return [element for element in self.root.all("article") if "sheet" in element.classes]

    @property
    def summary(self) -> Element | None:
        """The box above the form that names every error."""
        found = self.root.all(role="alert")
        assert len(found) <= 1
        return found[0] if found else None

    @property
    def summary_texts(self) -> list[str]:
        return [item.text for item in self.summary.all("li")] if self.summary else []

    def error_beside(self, name: str) -> str:
        """The error of a field, found as assistive technology finds it; the summary's link must lead to it too.

        Raises:
            AssertionError: the field has no error, or it is not tied to the field, or the summary does not link to it.
        """
        assert self.summary is not None, "there is no summary of errors"
        described = self._described(name)
        assert described.attrs.get("aria-invalid") == "true" or described.tag == "fieldset", described
        (error,) = [
            self.by_id(name_of_id)
            for name_of_id in described["aria-describedby"].split()
            if "error" in self.by_id(name_of_id).classes
        ]
        text = error.text.removeprefix("Error: ")
        (link,) = [link for link in self.summary.all("a") if link.text == text]
        leads_to = self.by_id(link["href"].removeprefix("#"))
        assert leads_to["name"] == name, "the summary's link must lead to the field itself"
        return text

    @property
    def wrong_fields(self) -> set[str]:
        """The names of the fields with words of an error beside them."""
        ids = {element["id"].removesuffix("-error") for element in self.root.all("p") if "error" in element.classes}
        return {self.by_id(name)["name"] for name in ids}

    @property
    def addresses(self) -> list[str]:
        """Every address on the page: links, forms, styles, pictures."""
        names = ("href", "src", "action", "formaction", "content")
        return [
            element[name]
            for element in self.root.walk()
            for name in names
            if "://" in element.attrs.get(name, "") or (name != "content" and name in element)
        ]

    def link(self, text: str) -> str:
        """Where the link with these words leads."""
        (found,) = {link["href"] for link in self.root.all("a") if link.text == text}
        return found

    def _described(self, name: str) -> Element:
        control = next(found for form in self.forms for found in form.controls(name))
        group: Element | None = control
        if control.attrs.get("type") in ("radio", "checkbox"):
            while group is not None and group.tag != "fieldset":
                group = group.parent
            assert group is not None, "radio buttons and boxes stand in a fieldset"
        return group or control


def _held(control: Element) -> str | None:
    if control.tag == "textarea":
        return control.raw.removeprefix("\n")
    if control.tag == "select":
        options = control.all("option")
        chosen = [option for option in options if "selected" in option] or options[:1]
        return chosen[-1]["value"] if chosen else None
    if control.attrs.get("type") in ("radio", "checkbox"):
        return control.attrs.get("value", "on") if "checked" in control else None
    return control.attrs.get("value", "")
