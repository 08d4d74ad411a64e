"""Questions, answered in a conversation that is kept; all works without JavaScript."""

import secrets
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from index.bundle import Index, SourceFilter
from index.errors import NoIndexError
from index.library import is_bare
from index.settings import Settings
from qa.answer import Answer, CitedPassage, Found, answer_question, conclude, find_passages, iter_cited
from qa.conversations import CANNOT_KEEP, NOT_KEPT, Conversations, check_room
from qa.question import EARLIER_MAX, Earlier
from qa.turns import Conversation, Turn
from web.addresses import thread_url
from web.answering import ANSWERING
from web.compose import name_window
from web.compose_desk import (
    compose_answer,
    compose_bar,
    compose_fields,
    compose_home,
)
from web.compose_papers import compose_empty
from web.compose_turn import Kept, Shown, TurnComposer
from web.render import is_fragment
from web.show import show
from web.state import (
    OWNER_COOKIE,
    ConversationsKept,
    IndexInForce,
    Owner,
    OwnerOfBrowser,
    SettingsInForce,
    get_conversations,
    get_index,
    get_index_to_ask,
    get_jobs,
    get_owner,
    get_settings,
    may_add,
)
from web.stream import MEDIA_TYPE, EventStream, add_card, begin_turn, end_turn
from web.texts import say
from web.turn_parts import TurnPart

_METHODS = ["GET", "HEAD"]
_RECENT = 5
_OWNER_AGE_S = 400 * 24 * 3600  # as long as browsers keep any cookie

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A question in an address; its values are checked where they are used."""

    q: str = ""
    k: int = 5
    source: SourceFilter = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the ask box sends: a question, the conversation that it goes on, or the question before it."""

    q: Annotated[str, Form()] = ""
    conversation: Annotated[str, Form(max_length=64)] = ""
    first: Annotated[str, Form()] = ""
    k: Annotated[int, Form()] = 5
    source: Annotated[SourceFilter, Form()] = "all"


@router.api_route("/", methods=_METHODS)
def show_home(
    request: Request, settings: SettingsInForce, conversations: ConversationsKept, owner: OwnerOfBrowser
) -> HTMLResponse:
    """Show the paper's card, questions to begin with, and the last conversations, where they can be read.

    A home without a paper invites to add one.
    """
    try:
        index = get_index(request)
    except NoIndexError:
        if not is_bare(settings):
            raise
        works = get_jobs(request).list_unfinished()
        return show(compose_empty(settings, works, may_add=may_add(request)), request)
    try:
        recent = conversations.list_summaries(owner.name, k=_RECENT)
    except CANNOT_KEEP:
        recent = ()
    return show(compose_home(index, recent), request, index)


@router.api_route("/ask", methods=_METHODS)
def show_answer(
    request: Request, index: IndexInForce, settings: SettingsInForce, asked: Annotated[PageQuestion, Depends()]
) -> HTMLResponse:
    """Show the answer to a question; nothing is kept before somebody asks on."""
    with ANSWERING:
        answer = answer_question(index, asked.q, settings, k=asked.k, source=asked.source)
    return show(compose_answer(index, [Shown(answer, asked.k, asked.source)]), request, index)


@dataclass(slots=True)
class _Talk:
    """A question that is asked in a conversation, which is kept as far as that can be."""

    index: Index
    settings: Settings
    conversations: Conversations
    owner: Owner
    asked: Asked
    conversation: Conversation | None
    before: list[Shown] = field(default_factory=list)
    trouble: str = ""
    turn: Turn | None = None
    name: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def title(self) -> str:
        """The title of the conversation, until it gets another one."""
        return self.conversation.title if self.conversation else self.asked.first or self.asked.q

    def show(self, answer: Answer, kept: Kept | None) -> Shown:
        """Return the answer as it is to be shown."""
        return Shown(answer, self.asked.k, self.asked.source, kept, self.name)

    def find(self) -> Found:
        """Find what answers; what the question leaves open is completed from the turns before."""
        asked, thread = self.asked, self.conversation
        if not thread and asked.first:
            self.before.append(Shown(answer_question(self.index, asked.first, self.settings), 5, "all"))
        answers = [turn.answer for turn in thread.turns] if thread else [each.answer for each in self.before]
        numbered = thread.numbered if thread else [each.document.id for a in answers for each in a.sources]
        return find_passages(
            self.index,
            asked.q,
            self.settings,
            k=asked.k,
            source=asked.source,
            numbered=numbered,
            earlier=[
                Earlier(answer.read_as or answer.question, answer.answer.text) for answer in answers[-EARLIER_MAX:]
            ],
        )

    def keep(self, answer: Answer) -> Kept | None:
        """Keep an answer, or the first passages of one, and return where; None where it cannot be kept."""
        if self.trouble:
            return None
        try:
            thread = self.conversation.id if self.conversation else self._begin()
            source = self.asked.source
            self.turn = self.conversations.add_turn(self.owner.name, thread, answer, k=self.asked.k, source=source)
        except NOT_KEPT as error:
            self.trouble = say("desk.unkept", reason=str(error))
            return None
        return Kept(thread, self.turn.number)

    def _begin(self) -> str:
        thread = self.conversations.begin(self.owner.name, self.index.paper, self.title)
        for each in self.before:
            self.conversations.add_turn(self.owner.name, thread, each.answer)
        return thread

    def complete(self, kept: Kept | None, answer: Answer) -> None:
        """Keep the whole of the answer whose first passages are kept."""
        if not kept or not self.turn:
            return
        try:
            self.conversations.complete_turn(self.owner.name, kept.thread, self.turn, answer)
        except NOT_KEPT as error:
            self.trouble = say("desk.unkept", reason=str(error))


@router.post("/ask")
def ask(request: Request, asked: Annotated[Asked, Depends()]) -> Response:
    """Answer a question in a conversation: as events for htmx, else on the conversation's page."""
    talk = _open_talk(request, asked)
    with ANSWERING:
        found = talk.find()
        cited = iter_cited(found)
        if is_fragment(request) and MEDIA_TYPE in request.headers.get("accept", ""):
            first = _take_first(cited)
            kept = talk.keep(conclude(found, first))
            headers = {"HX-Push-Url": thread_url(kept.thread, kept.number)} if kept else {}
            return _remember(talk.owner, EventStream(_stream(talk, found, first, cited, kept), headers))
        answer = conclude(found, tuple(cited))
    kept = talk.keep(answer)
    if kept:
        return _remember(talk.owner, RedirectResponse(thread_url(kept.thread, kept.number), status_code=303))
    shown = [*talk.before, talk.show(answer, None)]
    return show(compose_answer(talk.index, shown, trouble=talk.trouble), request, talk.index)


def _open_talk(request: Request, asked: Asked) -> _Talk:
    conversations, owner = get_conversations(request), get_owner(request)
    trouble, thread = "", None
    if asked.conversation:
        try:
            thread = conversations.load(owner.name, asked.conversation)
        except CANNOT_KEEP as error:
            trouble = say("desk.unkept", reason=str(error))
        else:
            check_room(len(thread.turns))
    index = get_index_to_ask(request, thread.paper) if thread else get_index(request)
    return _Talk(index, get_settings(request), conversations, owner, asked, thread, [], trouble)


def _remember(owner: Owner, response: Response) -> Response:
    if owner.is_new:
        response.set_cookie(OWNER_COOKIE, owner.name, max_age=_OWNER_AGE_S, httponly=True, samesite="strict")
    return response


def _take_first(cited: Iterator[CitedPassage]) -> tuple[CitedPassage, ...]:
    """Take passages up to the first one that can be quoted."""
    taken = []
    for passage in cited:
        taken.append(passage)
        if passage.verbatim:
            break
    return tuple(taken)


def _stream(
    talk: _Talk, found: Found, first: Sequence[CitedPassage], others: Iterator[CitedPassage], kept: Kept | None
) -> Generator[bytes]:
    """Yield a turn in events: the sentence that answers with its passage, each further passage, what is below them.

    The first passages are kept by then, so that a page that is loaded meanwhile shows them; the whole takes their
    place, also when nobody listens any more.
    """
    composer, passages = TurnComposer(talk.index), list(first)

    def shown() -> Shown:
        return talk.show(conclude(found, tuple(passages)), kept)

    begun = shown()
    try:
        yield _begin(talk, composer.compose(begun), kept)
        ANSWERING.give_way()
        for passage in others:
            passages.append(passage)
            yield add_card(begun.anchor, composer.card(begun, passage))
    finally:
        try:
            passages.extend(others)
        finally:  # where the index goes away meanwhile, with what there is
            whole = shown()
            talk.complete(kept, whole.answer)
    yield end_turn(composer.compose(whole, ()), talk.trouble)


def _begin(talk: _Talk, turn: TurnPart, kept: Kept | None) -> bytes:
    thread, name, first = (compose_bar(kept.thread, talk.title), kept.thread, "") if kept else (None, "", turn.question)
    fields = compose_fields(talk.index, name, first=first, source=talk.asked.source)
    return begin_turn(turn, name_window(talk.title), fields, thread, talk.trouble)
