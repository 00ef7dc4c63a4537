"""What no page may do: fail, complain in the console, break its own policy, or talk to strangers."""

from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Request, Response, WebError

COMPLAINTS = {"error", "warning"}
# A 422 or 404 is an answer with a page of its own; Chromium notes each in the console as well.
ANSWERED = "Failed to load resource: the server responded with a status of 4"


class Watch:
    """Follows every page of a browser profile and remembers what went wrong."""

    def __init__(self, *origins: str) -> None:
        self.troubles: list[str] = []
        self._hosts = {urlsplit(origin).netloc for origin in origins}

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("request", self._ask)
        context.on("response", self._answer)

    def _hear(self, message: ConsoleMessage) -> None:
        # Violations of the content security policy are written to the console too.
        if message.type in COMPLAINTS and not message.text.startswith(ANSWERED):
            self.troubles.append(f"console: {message.text}")

    def _catch(self, error: WebError) -> None:
        self.troubles.append(f"script: {error.error}")

    def _ask(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc not in self._hosts:
            self.troubles.append(f"foreign request: {request.url}")

    def _answer(self, response: Response) -> None:
        is_page = response.request.resource_type in {"document", "fetch", "xhr"}
        if response.status >= (500 if is_page else 400):
            self.troubles.append(f"{response.status}: {response.url}")
