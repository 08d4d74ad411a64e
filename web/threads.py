"""Conversations that are kept: read, correct, judge, take along, rename, remove; all works without JavaScript."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from index.errors import NoIndexError
from qa.answer import answer_question
from qa.transcript import MEDIA_TYPES, export_conversation, name_file
from qa.transcript import Form as FileForm
from web.addresses import thread_url, threads_url
from web.answering import ANSWERING
from web.compose_desk import (
    compose_desk,
    compose_remove,
    compose_threads,
    show_turn,
)
from web.compose_turn import name_thumbs
from web.download import send_file
from web.render import find_macro, is_fragment
from web.show import open_document, show
from web.spans import PageSpans
from web.state import (
    ConversationsKept,
    OwnerOfBrowser,
    get_conversations,
    get_index_of,
    get_index_to_ask,
    get_owner,
    get_settings,
    open_paper,
)

_METHODS = ["GET", "HEAD"]
_LISTED = 50

router = APIRouter(include_in_schema=False)


@router.api_route("/conversations", methods=_METHODS)
def show_conversations(
    request: Request, conversations: ConversationsKept, owner: OwnerOfBrowser, before: str | None = None
) -> HTMLResponse:
    """Show the conversations that are kept, the last one first."""
    summaries = conversations.list_summaries(owner.name, before=before, k=_LISTED)
    return show(compose_threads(summaries, is_full=len(summaries) == _LISTED), request)


@router.api_route("/conversations/{name}", methods=_METHODS)
def show_conversation(
    request: Request,
    conversations: ConversationsKept,
    owner: OwnerOfBrowser,
    name: str,
    spans: Annotated[PageSpans, Depends()],
    read: str | None = None,
    whole: bool = False,  # noqa: FBT001, FBT002 - a field of an address
) -> HTMLResponse:
    """Show a conversation, with a document beside it; or, for htmx, only that document.

    Its paper is open in this browser from then on, for what the page leads to is found in the open one.
    """
    thread = conversations.load(owner.name, name)
    index = get_index_of(request, thread.paper)
    part = None
    if read is not None:
        part = open_document(request, index, read, spans, path=thread_url(name), kept=(("read", read),), depth=2)
        if is_fragment(request) and request.headers.get("hx-target", "").endswith("#reader"):
            return HTMLResponse(find_macro("pane.html", "pane")(part, thread_url(name)))
    page = compose_desk(index, thread, reader=part, whole=whole)
    return open_paper(request, index, show(page, request, index))


@router.post("/conversations/{name}")
def rename(
    conversations: ConversationsKept, owner: OwnerOfBrowser, name: str, title: Annotated[str, Form()]
) -> RedirectResponse:
    """Give a conversation another title."""
    conversations.rename(owner.name, name, title)
    return RedirectResponse(thread_url(name), status_code=303)


@router.api_route("/conversations/{name}/remove", methods=_METHODS)
def ask_to_remove(request: Request, conversations: ConversationsKept, owner: OwnerOfBrowser, name: str) -> HTMLResponse:
    """Ask whether a conversation is really to go."""
    return show(compose_remove(conversations.load(owner.name, name)), request)


@router.post("/conversations/{name}/remove")
def remove(conversations: ConversationsKept, owner: OwnerOfBrowser, name: str) -> RedirectResponse:
    """Let a conversation go, with all that belongs to it."""
    conversations.delete(owner.name, name)
    return RedirectResponse(threads_url(), status_code=303)


@router.api_route("/conversations/{name}/export", methods=_METHODS)
def export(
    request: Request,
    conversations: ConversationsKept,
    owner: OwnerOfBrowser,
    name: str,
    form: Annotated[FileForm, Query(alias="format")] = "md",
) -> Response:
    """Give a conversation as a file, with its quotes and citations."""
    thread = conversations.load(owner.name, name)
    documents = {passage.document.id for turn in thread.turns for passage in turn.answer.passages}
    try:
        corpus = get_index_of(request, thread.paper).corpus
        entries = {each: {entry.number: entry.raw for entry in corpus.list_references(each)} for each in documents}
    except NoIndexError:  # what was answered is all there, and names entries by number
        entries = {}
    text = export_conversation(thread, form, entries=entries)
    return send_file(text, MEDIA_TYPES[form], name_file(thread, form))


@router.post("/conversations/{name}/turns/{number}")
def ask_again(
    request: Request,
    name: str,
    number: int,
    reading: Annotated[str, Form()] = "",
    k: Annotated[int, Form()] = 5,
) -> RedirectResponse:
    """Answer a question again in its place: read in another way, or with more passages."""
    conversations, owner = get_conversations(request), get_owner(request)
    thread, turn = conversations.load(owner.name, name), conversations.load_turn(owner.name, name, number)
    asked = reading.strip() or turn.read_as or turn.question
    index, settings = get_index_to_ask(request, thread.paper), get_settings(request)
    with ANSWERING:
        found = answer_question(index, asked, settings, k=k, source=turn.source, numbered=thread.numbered)
    read_as = found.question if found.question != turn.question else None
    answer = replace(found, question=turn.question, read_as=read_as)
    conversations.replace_turn(owner.name, name, number, answer, k=k, source=turn.source)
    return RedirectResponse(thread_url(name, number), status_code=303)


@router.post("/conversations/{name}/turns/{number}/thumbs")
def judge(
    request: Request,
    name: str,
    number: int,
    rank: Annotated[int, Form(ge=0, le=1000)],
    verdict: Annotated[Literal["up", "down", "none"], Form()],
) -> Response:
    """Keep whether a passage answers the question, or take that back."""
    conversations, owner = get_conversations(request), get_owner(request)
    conversations.judge(owner.name, name, number, rank, {"up": True, "down": False, "none": None}[verdict])
    if not is_fragment(request):
        return RedirectResponse(f"{thread_url(name, number)}{f'-p{rank}' if rank else ''}", status_code=303)
    shown = show_turn(name, conversations.load_turn(owner.name, name, number))
    return HTMLResponse(find_macro("turn.html", "thumbs")(name_thumbs(shown, rank)))
