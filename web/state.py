"""What a route is given: the index in force at the moment of the request, settings, conversations and their owner."""

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from index.bundle import Index, LiveIndex
from index.errors import AddingOffError, ConversationError, IbidError, PaperError
from index.library import has_paper
from index.settings import Settings
from qa.conversations import Conversations
from web.jobs import Jobs
from web.texts import say

PAPER_COOKIE = "ibid_paper"
OWNER_COOKIE = "ibid_reader"
_Given = TypeVar("_Given")
_OWNER = re.compile(r"[\w-]{22}", re.ASCII)


def get_index(request: Request) -> Index:
    """Return the index in force of the paper that this browser has open, which a build may have swapped since.

    A paper that is gone by now is the same as none: then it is the one in use.

    Raises:
        IbidError: There is none that can be used.
    """
    live = get_live(request)
    name = request.cookies.get(PAPER_COOKIE)
    try:
        return live.get(name)
    except PaperError:
        return live.get()


def get_index_of(request: Request, paper: str) -> Index:
    """Return the index of a paper; that of the open one where it is gone, for what was answered stays."""
    try:
        return get_index_to_ask(request, paper)
    except ConversationError:
        return get_index(request)


def get_index_to_ask(request: Request, paper: str) -> Index:
    """Return the index of the paper of that very name.

    Raises:
        ConversationError: It is gone; another one's answers would stand among its own.
        IbidError: As `get_index`.
    """
    settings, live = get_settings(request), get_live(request)
    if settings.index is None and has_paper(settings, paper):
        return live.get(paper)
    index = live.get()
    if index.paper != paper:
        raise ConversationError(say("thread.gone.message", paper=paper), say("thread.gone.hint"))
    return index


def open_paper(request: Request, index: Index, answer: HTMLResponse) -> HTMLResponse:
    """Open the paper of an index in this browser, if another one is open there, and return the answer that does it."""
    try:
        is_open = get_index(request).paper == index.paper
    except IbidError:  # that one cannot be read
        is_open = False
    if not is_open:
        answer.set_cookie(PAPER_COOKIE, index.paper, httponly=True, samesite="strict")
    return answer


def get_live(request: Request) -> LiveIndex:
    """Return what opens the index of any paper of the home."""
    return cast("LiveIndex", request.app.state.live)


def get_settings(request: Request) -> Settings:
    """Return the settings that the server was started with."""
    return cast("Settings", request.app.state.settings)


def get_conversations(request: Request) -> Conversations:
    """Return the conversations that are kept in the home."""
    return cast("Conversations", request.app.state.conversations)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose conversations a browser sees; `is_new` says that it does not know yet who it is."""

    name: str
    is_new: bool


def get_owner(request: Request) -> Owner:
    """Return the owner of a browser's conversations: on a server for others, who has the cookie; else whoever asks."""
    if not request.app.state.is_shared:
        return Owner("", is_new=False)
    name = request.cookies.get(OWNER_COOKIE, "")
    return Owner(name, is_new=False) if _OWNER.fullmatch(name) else Owner(secrets.token_urlsafe(16), is_new=True)


def get_jobs(request: Request) -> Jobs:
    """Return the long works of the server."""
    return cast("Jobs", request.app.state.jobs)


def may_add(request: Request) -> bool:
    """Say whether readers may add papers, fetch what these cite, and remove them."""
    return cast("bool", request.app.state.may_add)


def check_may_add(request: Request) -> None:
    """Raise AddingOffError unless readers may add papers."""
    if not may_add(request):
        raise AddingOffError


def _at_hand(get: Callable[[Request], _Given]) -> Callable[[Request], Awaitable[_Given]]:
    """Return a dependency that is given at once: only what may take time, as opening an index does, needs a thread."""

    async def give(request: Request) -> _Given:
        return get(request)

    return give


Live = Annotated[LiveIndex, Depends(_at_hand(get_live))]
IndexInForce = Annotated[Index, Depends(get_index)]
SettingsInForce = Annotated[Settings, Depends(_at_hand(get_settings))]
ConversationsKept = Annotated[Conversations, Depends(_at_hand(get_conversations))]
OwnerOfBrowser = Annotated[Owner, Depends(_at_hand(get_owner))]
JobsInForce = Annotated[Jobs, Depends(_at_hand(get_jobs))]
