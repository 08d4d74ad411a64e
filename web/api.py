"""The API for programs: the schema of `ibid ask --json` over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, cast

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from index.bundle import SourceFilter
from index.errors import NoIndexError
from index.library import list_papers, read_in_use
from qa.answer import Answer, answer_question
from qa.audits import join_audits, load_audits
from qa.citations import MEDIA, Form
from qa.question import EARLIER_ANSWER_MAX_CHARS, EARLIER_MAX, K_MAX, NUMBERED_MAX, QUESTION_MAX_CHARS, Earlier
from qa.sources import Sources, list_sources
from qa.styles import DEFAULT_STYLE
from qa.turns import write_answer
from qa.verdicts import Audit
from web.answering import ANSWERING
from web.download import send_file
from web.errors import ErrorReport
from web.state import IndexInForce, Live, SettingsInForce
from web.style_names import FILES
from web.wanted import TARGETS_MAX, Wanted, make_citations


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """A turn before the question."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    question: Annotated[
        str,
        Field(
            strict=True,
            description="As it was read: its `read_as`, or else its `question`.",
            json_schema_extra={"minLength": 1, "maxLength": QUESTION_MAX_CHARS},
        ),
    ]
    answer: Annotated[
        str,
        Field(
            strict=True,
            description="The sentence that answered it, `answer.text`; empty where none did.",
            json_schema_extra={"maxLength": EARLIER_ANSWER_MAX_CHARS},
        ),
    ] = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and which passages may answer it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    # Bounds are only described here and checked where questions are answered, so that all faces say the same.
    question: Annotated[
        str,
        Field(
            strict=True,
            description=f"In words, at most {QUESTION_MAX_CHARS:,} characters.",
            json_schema_extra={"minLength": 1, "maxLength": QUESTION_MAX_CHARS},
            examples=["What do the two countries do about artificial intelligence?"],
        ),
    ]
    k: Annotated[
        int, Field(strict=True, description="How many passages.", json_schema_extra={"minimum": 1, "maximum": K_MAX})
    ] = 5
    source: Annotated[SourceFilter, Field(description="Which documents may answer.")] = "all"
    numbered: Annotated[
        tuple[str, ...],
        Field(
            description="Ids of the documents that the conversation has used so far, in the order of their numbers.",
            json_schema_extra={"maxItems": NUMBERED_MAX},
        ),
    ] = ()
    earlier: Annotated[
        tuple[AskedBefore, ...],
        Field(
            description="The turns before, the last one last: what the question leaves open is completed from them.",
            json_schema_extra={"maxItems": EARLIER_MAX},
            examples=[[]],
        ),
    ] = ()
    paper: Annotated[
        str | None,
        Field(description="A paper by its name or a part of its name or title, not the one in use.", examples=[None]),
    ] = None


PaperName = Annotated[
    str | None, Query(description="A paper by its name or a part of its name or title, not the one in use.")
]


@dataclass(frozen=True, slots=True)
class CiteQuery:
    """What to cite, and in which form."""

    # As above, bounds are only described here.
    at: Annotated[
        list[str],
        Query(
            default_factory=list,
            description=f"1 to {TARGETS_MAX} of: a locator, the number of an entry, the id of a document.",
            examples=[["7"]],
        ),
    ]
    style: Annotated[
        str, Query(description="Such as apa, mla, chicago, ieee, harvard, vancouver; or any CSL style's file name.")
    ] = DEFAULT_STYLE
    form: Annotated[
        str,
        Query(
            alias="format",
            description="Text and HTML come in JSON with notes, all others as a file.",
            json_schema_extra={"enum": list(MEDIA)},
        ),
    ] = "text"
    in_text: Annotated[bool, Query(description="As in running text, with page or paragraph.")] = False
    bibliography: Annotated[
        bool, Query(description="The whole bibliography instead, in the order in which the text means it.")
    ] = False


@dataclass(frozen=True, slots=True)
class CitedText:
    """Citations, one a line, and what a reader should know of them; HTML holds only marks of text and links."""

    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A paper of the home."""

    name: str
    title: str
    in_use: bool


@dataclass(frozen=True, slots=True)
class Health:
    """That the server can answer, and from which index."""

    status: Literal["ok"]
    index: str
    model: str
    documents: int
    passages: int


def _document_errors(meanings: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the answers that are errors."""
    return {status: {"model": ErrorReport, "description": text} for status, text in meanings.items()}


_HOME = {400: "The request cannot be read, or is for another host.", 500: "A crash."}
_ANY = {400: "The request cannot be read, or is for another host.", 500: "A crash.", 503: "There is no index to use."}
_NO_PAPER = {404: "There is no such paper."}
_BODY = {
    **_NO_PAPER,
    413: "The body is over 64 kB.",
    422: "The question, k, source, numbered or earlier cannot be used.",
}

_NO_STYLE = {422: "The sources, the style or the form cannot be had."}
# Besides JSON.
_CITED: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA[form][0].partition(";")[0]: {"schema": {"type": "string"}} for form in FILES}}
}

router = APIRouter()


@router.post(
    "/api/ask",
    response_model=Answer,
    tags=["answers"],
    summary="Answer a question",
    responses=_document_errors(_ANY | _BODY),
)
def ask(asked: Asked, live: Live, settings: SettingsInForce) -> Response:
    """Answer with at most k passages, best first, each with a citation to the exact words.

    `text` of a passage equals its document's text at `[start, end)`; `highlights` are offsets into it. `answerable` is
    false where the sources do not seem to answer; the passages are then the nearest there are. A question that leaves
    something open ("and who paid for it?") is completed from the turns before; `read_as` is what was then asked.
    """
    with ANSWERING:
        answer = answer_question(
            live.get(asked.paper),
            asked.question,
            settings,
            k=asked.k,
            source=asked.source,
            numbered=asked.numbered,
            earlier=[Earlier(turn.question, turn.answer) for turn in asked.earlier],
        )
        return Response(write_answer(answer), media_type="application/json")  # as it is: to check it takes as long


@router.get("/api/papers", tags=["answers"], summary="List the papers of the home", responses=_document_errors(_HOME))
def papers(settings: SettingsInForce) -> tuple[ListedPaper, ...]:
    """List the papers that can be asked, by name; one of them is in use unless another is named."""
    if settings.index:
        return ()
    try:
        used = read_in_use(settings)
    except NoIndexError:
        used = ""
    return tuple(ListedPaper(each.name, each.title, each.name == used) for each in list_papers(settings))


@router.get("/api/sources", tags=["answers"], summary="List documents and references", responses=_document_errors(_ANY))
def sources(index: IndexInForce) -> Sources:
    """List the documents of the index, and the entries of their bibliographies as printed."""
    return list_sources(index)


@router.get(
    "/api/audit", tags=["answers"], summary="Check the paper's markers", responses=_document_errors(_ANY | _NO_PAPER)
)
def audit(live: Live, settings: SettingsInForce, paper: PaperName = None) -> Audit:
    """Say of every marker what it points to, what its sentence is about, and whether the two agree, in reading order.

    `pattern` says in words what is wrong with the numbers as a whole; `uncited` are sentences without a marker that an
    entry supports.
    """
    return join_audits(load_audits(live.get(paper), settings))


@router.get(
    "/api/cite",
    tags=["answers"],
    summary="Cite sources",
    response_model=CitedText,
    responses=_document_errors(_ANY | {404: "There is no such paper, document or place."} | _NO_STYLE) | _CITED,
)
def cite(
    live: Live, settings: SettingsInForce, asked: Annotated[CiteQuery, Depends()], paper: PaperName = None
) -> CitedText | Response:
    """Cite what is named in that order, each work once; in running text, each place."""
    wanted = Wanted(asked.at, asked.style, asked.bibliography)
    form = cast("Form", asked.form)
    made = make_citations(live.get(paper), settings, wanted, form=form, in_text=asked.in_text)
    return send_file(made.text, made.media_type, made.filename) if form in FILES else CitedText(made.text, made.notes)


@router.get(
    "/healthz", tags=["server"], summary="Say whether questions can be answered", responses=_document_errors(_ANY)
)
def healthz(index: IndexInForce) -> Health:
    """Name the index in force."""
    manifest = index.manifest
    model = str(manifest.settings["model"])
    return Health("ok", manifest.id, model, manifest.documents, manifest.passages)
