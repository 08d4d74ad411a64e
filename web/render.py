"""Templates: a page's one dataclass in, HTML out, everything escaped."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web.assets import name_asset
from web.pages import ErrorPage, Page
from web.texts import say, show_code

FOLDER = Path(__file__).parent

environment = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,  # an environment of one's own has none by itself
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
environment.globals["say"] = say
environment.filters["code"] = show_code
environment.filters["asset"] = name_asset


def is_fragment(request: Request) -> bool:
    """Say whether htmx asks for a part of a page; to restore one from its history it asks for all of it."""
    return request.headers.get("hx-request") == "true" and "hx-history-restore-request" not in request.headers


def render(page: Page, request: Request, *, status: int = 200) -> HTMLResponse:
    """Return a page, or of an error only what htmx is to put where errors are shown."""
    if isinstance(page, ErrorPage) and is_fragment(request):
        headers = {"HX-Retarget": "#faults", "HX-Reswap": "innerHTML"}
        return HTMLResponse(render_block(page, "fault"), status, headers=headers)
    return HTMLResponse(environment.get_template(page.template).render(page=page), status)


def find_macro(template: str, name: str) -> Callable[..., Markup]:
    """Return a macro of a template, which makes a part of a page by itself."""
    return cast("Callable[..., Markup]", getattr(environment.get_template(template).module, name))


def render_block(page: Page, block: str) -> str:
    """Return one block of a page."""
    template = environment.get_template(page.template)
    return "".join(template.blocks[block](template.new_context({"page": page})))
