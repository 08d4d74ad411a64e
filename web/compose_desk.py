"""Make the desk: the first view, an answer, a conversation with a document beside it; and the list of conversations."""

from collections.abc import Sequence
from itertools import islice

from index.bundle import SOURCES, Index, SourceFilter
from index.chunk import split_sentences
from index.model import Paragraph
from qa.links import document_url
from qa.transcript import MEDIA_TYPES
from qa.turns import Conversation, Summary, Turn
from web.addresses import export_url, remove_url, thread_url, threads_url
from web.compose import SITE, name_byline, name_window
from web.compose_turn import Kept, Shown, TurnComposer
from web.pages import DeskPage, RemovePage, ThreadsPage
from web.parts import Link
from web.reader_parts import DocumentPart
from web.suggestions import suggest_questions
from web.texts import say
from web.turn_parts import AskFields, Thread, ThreadRow, TurnPart, Welcome

_EXAMPLES = 5
# Turns that a page shows at first.
TURNS_SHOWN = 30


def compose_home(index: Index, recent: Sequence[Summary] = ()) -> DeskPage:
    """Return the first view: the first paper of the index, questions to begin with, and the last conversations."""
    works = index.corpus.list_works()
    work = next((work for work in works if work.kind == "paper"), works[0])
    welcome = Welcome(
        paper=Link(work.title, document_url(work.id)),
        byline=name_byline(work),
        abstract=_first_sentence(work.abstract or ""),
        holdings=say(
            "home.holdings",
            passages=say("home.passages", n=index.manifest.passages),
            references=say("home.references", n=len(index.corpus.list_references(work.id))),
        ),
        examples=tuple(islice(suggest_questions(index.corpus.load_document(work.id)), _EXAMPLES)),
        recent=tuple(Link(summary.title, thread_url(summary.id)) for summary in recent),
    )
    title = say("home.window", site=SITE)
    return DeskPage(title, "", title, welcome, None, "", (), compose_fields(index), None)


def compose_answer(index: Index, answers: Sequence[Shown], *, trouble: str = "") -> DeskPage:
    """Return answers that are not kept; the question of the last one goes on into a conversation."""
    turns = tuple(map(TurnComposer(index).compose, answers))
    question = answers[-1].answer.question
    return DeskPage(
        title=name_window(question),
        question="",
        heading=say("answer.answers"),
        welcome=None,
        thread=None,
        trouble=trouble,
        turns=turns,
        fields=compose_fields(index, first=question, source=answers[-1].source),
        reader=None,
    )


def compose_fields(index: Index, conversation: str = "", *, first: str = "", source: SourceFilter = "all") -> AskFields:
    """Return what the ask box sends; which documents may answer is a choice where cited works can be asked."""
    has_choice = index.manifest.papers["windows"] < index.manifest.windows
    others = (each for each in SOURCES if each != source)
    return AskFields(conversation, first, (source, *others) if has_choice else ())


def show_turn(thread: str, turn: Turn) -> Shown:
    """Return a turn that is kept, as it is to be shown."""
    return Shown(turn.answer, turn.k, turn.source, Kept(thread, turn.number, dict(turn.thumbs)))


def compose_turn(index: Index, shown: Shown) -> TurnPart:
    """Return one turn."""
    return TurnComposer(index).compose(shown)


def compose_desk(
    index: Index, conversation: Conversation, *, reader: DocumentPart | None = None, whole: bool = False
) -> DeskPage:
    """Return a conversation with the document that is open beside it.

    Args:
        index: Of its paper.
        conversation: With its turns, of which the last ones are shown.
        reader: The document.
        whole: Whether all turns are shown.
    """
    turns = conversation.turns if whole else conversation.turns[-TURNS_SHOWN:]
    composer = TurnComposer(index)
    hidden = len(conversation.turns) - len(turns)
    return DeskPage(
        title=name_window(conversation.title),
        question="",
        heading=conversation.title,
        welcome=None,
        thread=compose_bar(conversation.id, conversation.title, hidden),
        trouble="",
        turns=tuple(composer.compose(show_turn(conversation.id, turn)) for turn in turns),
        fields=compose_fields(index, conversation.id, source=turns[-1].source if turns else "all"),
        reader=reader,
    )


def compose_bar(name: str, title: str, hidden: int = 0) -> Thread:
    """Return what stands above a conversation; `hidden` turns are not shown."""
    earlier = Link(say("thread.earlier", n=hidden), f"{thread_url(name)}?whole=true") if hidden else None
    exports = tuple(Link(say(f"thread.export_{form}"), export_url(name, form)) for form in MEDIA_TYPES)
    return Thread(name, title, thread_url(name), remove_url(name), exports, earlier)


def compose_threads(summaries: Sequence[Summary], *, is_full: bool) -> ThreadsPage:
    """Return the list of conversations; where it is full, there may be more."""
    rows = tuple(
        ThreadRow(
            Link(summary.title, thread_url(summary.id)),
            say("thread.told", questions=say("thread.questions", n=summary.turns), date=summary.changed_at[:10]),
            remove_url(summary.id),
        )
        for summary in summaries
    )
    more = threads_url(summaries[-1].cursor) if is_full else None
    return ThreadsPage(name_window(say("thread.all")), "", rows, more)


def compose_remove(conversation: Conversation) -> RemovePage:
    """Return the question whether a conversation is really to go."""
    heading = say("thread.remove_really", title=conversation.title)
    words = say("thread.remove_words", n=len(conversation.turns))
    return RemovePage(
        name_window(heading), "", heading, words, remove_url(conversation.id), thread_url(conversation.id)
    )


def _first_sentence(text: str) -> str:
    spans = split_sentences(text, Paragraph(1, 0, len(text)))
    return text[slice(*spans[0])] if spans else ""
