"""What each page shows: one frozen dataclass a page, and nothing else reaches its template.

On every page `title` names the window, `question` stands in the ask box, and `frame` is what is the same on all pages.
"""

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from markupsafe import Markup

from web.audit_parts import AuditPart
from web.frame import NO_FRAME, Frame
from web.job_parts import AddForm, FetchForm, Step
from web.parts import InText, Link, PaperChoice, StyleChoice
from web.reader_parts import DocumentPart
from web.source_parts import DocumentRow, StateFilter
from web.turn_parts import AskFields, Thread, ThreadRow, TurnPart, Welcome


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Where questions are asked and answered.

    `heading` is for those who do not see the page; `welcome` stands there before the first question. `thread` is the
    conversation, where it is kept, and `trouble` says why it is not; `turns` are its questions with their answers.
    `fields` is what the ask box sends beside the question; `reader` is the document that is open beside the answers.
    """

    template: ClassVar[str] = "desk.html"
    title: str
    question: str
    heading: str
    welcome: Welcome | None
    thread: Thread | None
    trouble: str
    turns: tuple[TurnPart, ...]
    fields: AskFields
    reader: DocumentPart | None
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class ThreadsPage:
    """The conversations that are kept, the last one first; `more` shows those before."""

    template: ClassVar[str] = "conversations.html"
    title: str
    question: str
    rows: tuple[ThreadRow, ...]
    more: str | None
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class RemovePage:
    """Whether something is really to go; `back` leads away from that."""

    template: ClassVar[str] = "remove.html"
    title: str
    question: str
    heading: str
    words: str
    action: str
    back: str
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A whole document; `back` leads to the answer from which the reader came."""

    template: ClassVar[str] = "document.html"
    title: str
    question: str
    back: Link | None
    document: DocumentPart
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """What the open paper cites, and the papers of the home.

    `rows` are the papers of the index, each with the entries that are shown, `filters` the states of entries to choose
    from, `papers` those of the home. `add` is how to add one, where that is allowed; `trouble` says why the open one
    cannot be opened.
    """

    template: ClassVar[str] = "sources.html"
    title: str
    question: str
    rows: tuple[DocumentRow, ...]
    filters: tuple[StateFilter, ...]
    papers: tuple[PaperChoice, ...]
    add: AddForm | None
    trouble: str
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What went wrong, and what to do next: words and, in turn, what to type."""

    template: ClassVar[str] = "error.html"
    title: str
    question: str
    status: int
    message: str
    hint: tuple[str, ...]
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class ApiPage:
    """The description of the API for people."""

    template: ClassVar[str] = "docs.html"
    title: str
    question: str
    schema: str
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class CitationsPage:
    """What the audit says of each paper of the index, and where the bibliography can be had as its text means it."""

    template: ClassVar[str] = "citations.html"
    title: str
    question: str
    audits: tuple[AuditPart, ...]
    styles: tuple[Link, ...]
    files: tuple[Link, ...]
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class CitePage:
    """How to cite some sources, or the whole bibliography, for which no target stands.

    `targets` are as the address names them. `other` is the style that was chosen, if it is none of `styles`; `trouble`
    says why there is no citation. `citations` are a line each, in HTML that holds only marks of text and links.
    `in_text` is each place with its citation in running text.
    """

    template: ClassVar[str] = "cite.html"
    title: str
    question: str
    heading: str
    targets: tuple[str, ...]
    styles: tuple[StyleChoice, ...]
    other: str
    trouble: str
    citations: tuple[Markup, ...]
    in_text: tuple[InText, ...]
    notes: tuple[str, ...]
    files: tuple[Link, ...]
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class EmptyPage:
    """The first view of a home without a paper: `add` is how to add one, absent where that is not allowed."""

    template: ClassVar[str] = "empty.html"
    title: str
    question: str
    works: tuple[Link, ...]
    add: AddForm | None
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class PapersPage:
    """The papers of the home, the works that are under way, and how to add a paper where that is allowed."""

    template: ClassVar[str] = "papers.html"
    title: str
    question: str
    papers: tuple[PaperChoice, ...]
    works: tuple[Link, ...]
    add: AddForm | None
    frame: Frame = NO_FRAME


@dataclass(frozen=True, slots=True)
class JobPage:
    """A long work: what it is `about`, its `state`, how it stands in words, and its steps.

    `events` streams the steps, `cancel` ends the work and is empty where it has ended. Then `failure` and `hint` say
    what went wrong, `made` leads to what was made of `paper`, and `fetch` and `add` are what may be done next.
    """

    template: ClassVar[str] = "job.html"
    title: str
    question: str
    heading: str
    about: str
    state: str
    told: str
    steps: tuple[Step, ...]
    events: str
    cancel: str
    failure: str
    hint: str
    made: Link | None
    paper: str
    fetch: FetchForm | None
    add: AddForm | None
    frame: Frame = NO_FRAME


Page: TypeAlias = (
    DeskPage
    | ThreadsPage
    | RemovePage
    | DocumentPage
    | SourcesPage
    | CitationsPage
    | CitePage
    | ErrorPage
    | ApiPage
    | EmptyPage
    | PapersPage
    | JobPage
)
