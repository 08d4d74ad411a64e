"""Templates: a page's one dataclass in, HTML out, everything escaped."""

from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from web.pages import Page
from web.texts import say, show_code

FOLDER = Path(__file__).parent
# The part of a page that htmx swaps in.
_FRAGMENT = "answers"

environment = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,  # an environment of one's own has none by itself
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals["say"] = say
environment.filters["code"] = show_code


def is_fragment(request: Request) -> bool:
    """Say whether htmx asks for the answers alone; to restore a page from its history it asks for all of it."""
    return request.headers.get("hx-request") == "true" and "hx-history-restore-request" not in request.headers


def render(page: Page, request: Request, *, status: int = 200) -> HTMLResponse:
    """Return a page, or only its title and answers where the request asks for a fragment."""
    template = environment.get_template(page.template)
    if not is_fragment(request):
        return HTMLResponse(template.render(page=page), status)
    answers = "".join(template.blocks[_FRAGMENT](template.new_context({"page": page})))
    # htmx takes the title out and shows it as the window's.
    return HTMLResponse(f"<title>{escape(page.title)}</title>\n{answers}", status)
