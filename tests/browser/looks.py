"""Looking at a page as different people have it: small and large, light and dark, with large type, through axe-core."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

from tests.browser.handbook import keep_look
from tests.support.browser import DESKTOP, PHONE

SMALLEST = ViewportSize(width=320, height=640)
NORMAL_TYPE = 16  # pixels
Scheme = Literal["light", "dark"]

_AXE = """async rules => {
    const found = await axe.run(document, {resultTypes: ["violations"], ...rules});
    return found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + n.failureSummary));
}"""
_ONLY_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}

_TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const wide = e => { const r = e.getBoundingClientRect(); return r.right > room + 0.5 || r.left < -0.5; };
    return ["the page", ...[...document.body.querySelectorAll("*")].filter(wide).map(e => e.outerHTML.slice(0, 90))];
}"""

_CUT_OFF = """() => [...document.body.querySelectorAll(":not(input, textarea)")].filter(e => {
    const style = getComputedStyle(e);
    const clips = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
    return clips && !e.classList.contains("hidden") &&
        (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
}).map(e => e.outerHTML.slice(0, 90))"""


@dataclass
class Looker:
    """Looks at the page that is open. Needs a browser that runs scripts: axe-core is one."""

    page: Page
    folder: Path
    language: str = "en"

    def look(self, name: str) -> None:
        """Keep pictures of the page, and find nothing wrong with it in any of its looks."""
        if self.language == "en":
            keep_look(self.page, name)
        problems = [*self._small(), *self._seen(name, PHONE), *self._dark(name)]
        problems += [*self._seen(name, DESKTOP), *self._large_type()]
        assert problems == [], f"{name}, {self.language}:\n" + "\n".join(problems)

    def _seen(self, name: str, viewport: ViewportSize) -> list[str]:
        self._show(viewport, "light")
        width = self._too_wide(viewport)
        self._keep(f"{name}-{self.language}-{viewport['width']}")
        if viewport is DESKTOP and self.language != "en":
            return width  # the same elements as on the phone, and the same places for them as in English
        return [*width, *self._axe({})]

    def _dark(self, name: str) -> list[str]:
        """What colours change. They are the same at every width and in every language, so one look will do."""
        if self.language != "en":
            return []
        self._show(PHONE, "dark")
        self._keep(f"{name}-{self.language}-{PHONE['width']}-dark")
        return self._axe(_ONLY_COLOURS)

    def _small(self) -> list[str]:
        self._show(SMALLEST, "light")
        return self._too_wide(SMALLEST)

    def _large_type(self) -> list[str]:
        """Type at twice its size on a desk: nothing runs out of the page or is cut off (WCAG 1.4.4)."""
        self._show(DESKTOP, "light")
        self._set_type(2 * NORMAL_TYPE)
        problems = [*self._too_wide(DESKTOP), *self.page.evaluate(_CUT_OFF)]
        self._set_type(NORMAL_TYPE)
        return [f"at twice the size: {problem}" for problem in problems]

    def _set_type(self, pixels: int) -> None:
        """As a reader sets it in the browser's settings."""
        browser = self.page.context.new_cdp_session(self.page)
        browser.send("Page.setFontSizes", {"fontSizes": {"standard": pixels, "fixed": pixels}})
        browser.detach()

    def _show(self, viewport: ViewportSize, scheme: Scheme) -> None:
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(color_scheme=scheme)

    def _too_wide(self, viewport: ViewportSize) -> list[str]:
        return [f"wider than {viewport['width']}: {found}" for found in self.page.evaluate(_TOO_WIDE)]

    def _keep(self, name: str) -> None:
        if os.environ.get("CI"):
            return  # nobody will look at it
        self.page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def _axe(self, options: dict[str, Any]) -> list[str]:
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE_SCRIPT)
        found: list[str] = self.page.evaluate(_AXE, options)
        return found
