"""A turn as server-sent events, each of which htmx puts where it belongs: what is ready is shown."""

from collections.abc import Generator, Mapping
from itertools import chain

from anyio import CancelScope
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from markupsafe import Markup, escape
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from web.render import find_macro
from web.texts import say
from web.turn_parts import AskFields, Card, Thread, TurnPart

MEDIA_TYPE = "text/event-stream"


class EventStream(StreamingResponse):
    """Events as they are made; where nobody listens to the last, their maker is closed, so that it ends its work."""

    def __init__(self, events: Generator[bytes], headers: Mapping[str, str]) -> None:
        self._events = events
        begun = next(events)  # a maker that has not begun would not end anything
        super().__init__(chain([begun], events), headers=headers, media_type=MEDIA_TYPE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(self._events.close)


def write_event(html: str) -> bytes:
    """Return HTML as one event."""
    return format_sse_event(data_str=html.replace("\r", "&#13;"))


def begin_turn(turn: TurnPart, title: str, fields: AskFields, thread: Thread | None, trouble: str) -> bytes:
    """Return the event that puts a turn below the others, with the passages that it has so far.

    Args:
        turn: Such as with its first passage.
        title: Of the window.
        fields: What the ask box is to send from now on.
        thread: The conversation that it is kept in.
        trouble: Why it is not kept.
    """
    runs = [run for sentence in turn.sentences for run in sentence.runs]
    heard = "".join(segment.text for run in runs for segment in run.segments)
    told = say("answer.answered", sentence=heard) if turn.is_answerable else say("answer.doubt")
    parts = [
        Markup("<title>{}</title>").format(title),
        find_macro("turn.html", "turn_of")(turn, is_whole=False),
        _tell(trouble),
        _swap("#told", escape(told)),
        _swap("#fields", find_macro("bar.html", "hidden")(fields)),
    ]
    if thread:
        parts.append(_swap("#bar", find_macro("bar.html", "bar")(thread)))
    return write_event("".join(parts))


def add_card(turn: str, card: Card) -> bytes:
    """Return the event that adds a passage to a turn."""
    return write_event(_swap(f"#{turn}-cards", find_macro("turn.html", "card_of")(card), "beforeend"))


def end_turn(turn: TurnPart, trouble: str) -> bytes:
    """Return the event that puts below a turn what is known of all its passages.

    It takes the first view away, too: with the form in it that was sent, no event would be heard any more.

    Args:
        turn: Its passages are not needed.
        trouble: Why it is not kept.
    """
    foot = _swap(f"#{turn.anchor}-foot", find_macro("turn.html", "foot")(turn))
    return write_event(foot + _tell(trouble) + _swap("#welcome", Markup()))


def _tell(trouble: str) -> str:
    return _swap("#faults", Markup('<p class="doubt" role="alert">{}</p>').format(trouble) if trouble else Markup())


def _swap(target: str, html: str, how: str = "innerHTML") -> str:
    return Markup('<hx-partial hx-target="{}" hx-swap="{}">{}</hx-partial>').format(target, how, html)
