"""Errors over HTTP: one shape for programs, a page for people."""

from dataclasses import dataclass, replace

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from index.errors import IbidError, QuestionError, shorten
from qa.question import QUESTION_MAX_CHARS
from web.compose import compose_error
from web.compose_frame import compose_frame
from web.render import render
from web.texts import say

# What a stranger's page may do with ours: run our own files and nothing else, and never reach beyond this server.
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
    # Under "no-referrer" browsers call the origin of our own forms "null", as they do that of others'.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_MACHINE_PATHS = ("/api/", "/healthz", "/openapi.json")


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the reader sees it: HTTP status, kind, what went wrong, and what to do next."""

    status: int
    kind: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """What went wrong, and what to do next."""

    kind: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """The one JSON shape of an error."""

    error: ErrorFacts


# What a status alone tells, by kind.
_KINDS = {
    400: "bad_request",
    403: "cross_site",
    404: "not_found",
    405: "wrong_method",
    408: "too_slow",
    413: "too_large",
    500: "crash",
}


def own_fault(status: int, name: str = "", *, kind: str = "") -> Fault:
    """Return a fault of the server's own, by the name of its texts; without one, that of the status."""
    name = name or _KINDS[status]
    hint = say(f"fault.{name}.hint", n=QUESTION_MAX_CHARS)
    return Fault(status, kind or name, say(f"fault.{name}.message"), hint)


def answer_fault(request: Request, fault: Fault) -> Response:
    """Return an error in the shape that fits the address: JSON for programs, a page or its answers for people."""
    if request.url.path.startswith(_MACHINE_PATHS):
        facts = {"kind": fault.kind, "message": fault.message, "hint": fault.hint}
        return JSONResponse({"error": facts}, fault.status)
    page = compose_error(fault.status, fault.message, fault.hint, question=request.query_params.get("q", ""))
    return render(replace(page, frame=compose_frame(request)), request, status=fault.status)


def install_error_handlers(app: FastAPI) -> None:
    """Make every error of an application come out in our shape."""
    app.exception_handler(IbidError)(_on_foreseen)
    app.exception_handler(RequestValidationError)(_on_invalid)
    app.exception_handler(HTTPException)(_on_http)
    app.exception_handler(Exception)(_on_crash)


def _on_foreseen(request: Request, error: IbidError) -> Response:
    return answer_fault(request, Fault(error.http_status, error.kind, error.message, error.hint))


def _on_invalid(request: Request, error: RequestValidationError) -> Response:
    return answer_fault(request, describe_invalid(error))


def describe_invalid(error: RequestValidationError) -> Fault:
    """Say what is wrong with a request's first wrong field."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    if first["type"] == "json_invalid" or not where:
        return own_fault(422, "not_json", kind="bad_request")
    # A field's name is the sender's, and may be no text at all.
    name = shorten(where.encode(errors="replace").decode())
    return Fault(422, QuestionError.kind, f"{name}: {first['msg']}", say("fault.see_docs"))


def _on_http(request: Request, error: HTTPException) -> Response:
    status = error.status_code
    unknown = Fault(status, "bad_request", error.detail, say("fault.see_docs"))
    response = answer_fault(request, own_fault(status) if status in _KINDS else unknown)
    response.headers.update(error.headers or {})
    return response


def _on_crash(request: Request, _: Exception) -> Response:
    response = answer_fault(request, own_fault(500))
    # This answer is made outside of the guard, which gives all others their headers.
    response.headers.update(SECURITY_HEADERS)
    return response
