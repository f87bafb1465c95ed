"""A supporter at the browser: what a person does on each page, by the words that stand there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from app.i18n import translations
from tests.browser.pages import leave_by
from tests.support.site import LiveSite, link_in, wait_until


@dataclass
class Supporter:
    """Somebody with a name, an address, a browser and a language to read in."""

    site: LiveSite
    page: Page
    name: str
    email: str
    language: str = "en"

    def words(self, english: str, **values: str) -> str:
        """What the interface says for these words in the supporter's language."""
        return translations(self.language).gettext(english) % values

    @property
    def path(self) -> str:
        """Where the site begins in the supporter's language."""
        return "" if self.language == "en" else f"/{self.language}"

    def button(self, english: str) -> Locator:
        return self.page.get_by_role("button", name=self.words(english), exact=True)

    def press(self, english: str) -> None:
        """Press a button and wait for the page that answers: who looks at once would look at the old one."""
        leave_by(self.button(english))

    def field(self, english: str) -> Locator:
        return self.page.get_by_label(self.words(english))

    @property
    def states(self) -> Locator:
        """What one's own page says of each letter."""
        return self.page.locator(".states .state")

    def sees_heading(self, english: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.words(english))

    def open_campaign(self, slug: str) -> None:
        self.page.goto(f"{self.site.url}{self.path}/c/{slug}")

    def give_postcode(self, postcode: str, button: str = "Find my councillors") -> None:
        self.field("Your postcode").fill(postcode)
        self.press(button)

    def sign(self, own_words: str = "") -> None:
        """Fill in what the letter's page, or the pledge's, asks for."""
        self.field("In your own words").fill(own_words)
        self.field("Your name").fill(self.name)
        self.field("Your e-mail address").fill(self.email)

    def read_it(self) -> None:
        self.button("Read it as they will").click()
        self.sees_heading("Read it as they will")

    def hand_in(self, button: str = "E-mail me the link to send it") -> None:
        self.button(button).click()
        self.sees_heading("Now look in your e-mail")

    def open_confirmation(self) -> None:
        """Open the link of the first mail that came."""
        self.page.goto(self.link_of_notice(1))

    def link_of_notice(self, number: int) -> str:
        """The link of the first, second … mail that the site sent to this supporter."""
        return self.site.local(link_in(self.site.notices_to(self.email, number)[number - 1].text))

    def write_to_capita(self, own_words: str = "") -> None:
        """The shortest way to a letter that waits to be confirmed."""
        self.open_campaign("capita-gps-tagging")
        self.button("Write my letter").click()
        self.sign(own_words)
        self.read_it()
        self.hand_in()

    def press_only_button(self) -> None:
        leave_by(self.page.locator("main form button"))

    def reload_until_handed_over(self, letters: int) -> None:
        """Look at one's own page until all letters have left."""
        self.site.letters_of(self.email, letters)
        self.reload_until_all_are("Handed over", letters)

    def reload_until_all_are(self, english: str, letters: int) -> None:
        """Look at one's own page until all letters stand there with this state."""
        expect(self.states).to_have_count(letters)
        self.reload_until(lambda: self.states.all_inner_texts() == [self.words(english)] * letters)

    def reload_until(self, true: Callable[[], bool]) -> None:
        def looks() -> bool:
            if not true():
                self.page.reload()
            return true()

        wait_until(looks, "the page to change")
