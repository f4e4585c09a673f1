"""What tests of the page in a browser share."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from live_server import until
from playwright.sync_api import BrowserContext, Page

BLOCKING = ("serious", "critical")


def troubles_of(context: BrowserContext, *, refused: bool = False) -> list[str]:
    """What goes wrong in a window that nobody would see, as it happens: failing scripts, broken promises.

    The console tells of requests that were `refused`, rightly; where none is meant to be it must be still.
    """
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    if not refused:
        context.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    return troubles


class HeldAnswers:
    """Answers of the server to one kind of request, kept from the page until `let_go`."""

    def __init__(self, page: Page, address: str, method: str = "GET"):
        self._page, self._method = page, method
        self._held: list[str] = []
        self._tools = page.context.new_cdp_session(page)
        self._tools.on("Fetch.requestPaused", self._hold)
        self._tools.send("Fetch.enable", {"patterns": [{"urlPattern": address, "requestStage": "Response"}]})

    def _hold(self, paused: dict[str, Any]) -> None:
        if paused["request"]["method"] == self._method:
            self._held.append(paused["requestId"])
        else:
            self._tools.send("Fetch.continueRequest", {"requestId": paused["requestId"]})

    def wait(self) -> None:
        """Return when there is one."""
        until(lambda: self._page.wait_for_timeout(20) or self._held)

    def let_go(self) -> None:
        """Let the page have them, and those to come."""
        for request in self._held:
            self._tools.send("Fetch.continueRequest", {"requestId": request})
        self._tools.send("Fetch.disable")


def assert_nothing_blocks(page: Page, *, colours_alone: bool = False) -> None:
    """Assert that axe finds nothing serious.

    What is named and how does not depend on the theme; in the second of two only the colours need a look.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if colours_alone:
        options["runOnly"] = ["color-contrast"]
    found = Axe().run(page, options=options).response["violations"]
    blocking = [
        (one["id"], [node["target"] for node in one["nodes"]], one["nodes"][0]["failureSummary"])
        for one in found
        if one["impact"] in BLOCKING
    ]
    assert blocking == []
