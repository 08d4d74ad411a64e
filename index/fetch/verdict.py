"""Tell what is not the page that was asked for: paywalls, consent walls, checks for robots, missing pages, error pages.

Each kind is judged by evidence that adds up to points. A page of some length is content whatever words stand in it, and
what bears the title that was expected is held to more. To refuse an article is as bad as to index a wall.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from lxml.html import HtmlElement

from index.fetch.phrases import TITLES, Kind
from index.fetch.sight import Sight, is_said, look_at
from index.html.page import parse_page
from index.model import FetchState, Reading

_ENOUGH = 3  # points
_LONG_CHARS, _SHORT_CHARS, _TINY_CHARS = 2500, 1200, 500
_TEASER_CHARS = 6000
_REASONS: Mapping[Kind, tuple[FetchState, str]] = {
    "paywall": ("paywalled", "the page asks to log in, subscribe or pay"),
    "consent": ("unreachable", "the page asks for consent to cookies first"),
    "robot_check": ("unreachable", "the site asks whether a person is reading"),
    "missing": ("not_found", "the page says that what was asked for is not there"),
    "parked": ("not_found", "the domain is for sale or has expired"),
    "broken": ("unreachable", "the server shows an error page"),
    "scripts": ("unreachable", "the page shows nothing without JavaScript"),
}
_ENTRANCE = re.compile(
    r"/(?:login|log-in|signin|sign-in|sso|auth|authenticate|wayf|ssostart|idp|cas|subscribe|register)\b", re.IGNORECASE
)
_CONSENT_ADDRESS = re.compile(
    r"^(?:consent|guce|privacy|cookies?)\.|/(?:consent|collectconsent|cookiewall|privacy-wall)\b", re.IGNORECASE
)
_MISSING_ADDRESS = re.compile(
    r"/(?:40[4]|not-?_?found|page-?_?not-?_?found|error|errors|notfound)(?:\.\w{2,5})?(?:/|$)|[?&]error=404",
    re.IGNORECASE,
)
_ROOT = re.compile(r"/?(?:index\.\w{2,5}|home|default\.aspx?|[a-z]{2}(?:-[a-z]{2})?)?/?$", re.IGNORECASE)
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a page is instead of the one that was asked for, and why, in one line."""

    state: FetchState
    reason: str


@dataclass(frozen=True, slots=True)
class Visit:
    """How a page came: `status` of HTTP, the URL that was asked for and the one that answered, the title expected."""

    status: int
    asked: str
    got: str
    expected_title: str | None


def judge(
    content: bytes, reading: Reading, *, status: int, asked: str, got: str, expected_title: str | None = None
) -> Verdict | None:
    """Say whether a page is the one that was asked for.

    Args:
        content: The page's bytes.
        reading: What was read from them; without blocks where nothing could be.
        status: Of HTTP.
        asked: The URL that was asked for.
        got: The URL that answered in the end.
        expected_title: Of the work, where it is known.

    Returns:
        What it is instead, or None for content.
    """
    return judge_page(parse_page(content), reading, Visit(status, asked, got, expected_title))


def judge_page(tree: HtmlElement, reading: Reading, visit: Visit) -> Verdict | None:
    """Return what a parsed page is if not the one that was asked for, or None; the tree is used up."""
    sight = look_at(tree, reading, visit.expected_title or "")
    points = {kind: sum(_weigh(kind, sight, visit)) for kind in _REASONS}
    kind = max(points, key=lambda each: points[each])
    if points[kind] < _ENOUGH:
        return None
    state, reason = _REASONS[kind]
    return Verdict(state, reason)


def _weigh(kind: Kind, sight: Sight, visit: Visit) -> Iterator[int]:
    """Yield the points that speak for a kind of page, and those against it."""
    yield from _weigh_status(kind, visit.status)
    yield from _weigh_address(kind, sight, visit)
    if kind == "paywall":
        yield from _weigh_paywall(sight)
    elif kind == "consent":
        yield from _weigh_consent(sight)
    elif kind == "scripts":
        yield 3 * (sight.size < _TINY_CHARS / 2 and is_said("scripts", sight.said))
    elif sight.size < _SHORT_CHARS:
        is_titled = kind in TITLES and any(TITLES[kind].fullmatch(title) for title in sight.titles)
        yield 3 * is_titled
        yield 2 * is_said(kind, sight.said)
        yield int(sight.size < _TINY_CHARS and is_said(kind, sight.said))
        yield 2 * (kind == "robot_check" and "challenge" in sight.traces and sight.size < _TINY_CHARS)
    yield -2 * (sight.is_expected and kind not in ("paywall", "consent"))


def _weigh_status(kind: Kind, status: int) -> Iterator[int]:
    """Yield points for what the server itself says."""
    if status in (404, 410):
        yield 4 * (kind == "missing")
    elif status >= 500:  # noqa: PLR2004 - as HTTP defines it
        yield 3 * (kind == "broken")
        yield kind == "robot_check"
    elif status in (401, 402):
        yield 3 * (kind == "paywall")
    elif status in (403, 429):
        yield kind in ("paywall", "robot_check")


def _weigh_address(kind: Kind, sight: Sight, visit: Visit) -> Iterator[int]:
    """Yield points for having been led elsewhere."""
    asked, got = _split(visit.asked), _split(visit.got)
    if asked is None or got is None or visit.asked == visit.got:
        return
    led = f"{got.path}?{got.query}"
    if kind == "consent":
        yield 3 * bool(_CONSENT_ADDRESS.search(got.netloc) or _CONSENT_ADDRESS.search(got.path))
    elif kind == "paywall" and sight.size < _LONG_CHARS:
        yield 3 * bool(_ENTRANCE.search(got.path) and not _ENTRANCE.search(asked.path))
    elif kind == "missing":
        yield 3 * bool(_MISSING_ADDRESS.search(led) and not _MISSING_ADDRESS.search(asked.path))
        same_site = asked.netloc.removeprefix("www.") == got.netloc.removeprefix("www.")
        yield 3 * bool(same_site and _ROOT.fullmatch(got.path) and not _ROOT.fullmatch(asked.path) and not got.query)


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _weigh_paywall(sight: Sight) -> Iterator[int]:
    is_titled = any(TITLES["paywall"].fullmatch(title) for title in sight.titles)
    closed = "not free" in sight.traces
    if sight.size < (_TEASER_CHARS if closed else _LONG_CHARS):
        yield 3 * (sight.is_walled or (closed and is_said("paywall", sight.said)))
    yield 2 * closed
    yield closed and sight.size < _SHORT_CHARS
    yield "wall" in sight.traces and sight.size < _SHORT_CHARS
    yield 2 * (is_titled and sight.size < _TINY_CHARS)
    yield "password" in sight.traces and sight.size < _TINY_CHARS


def _weigh_consent(sight: Sight) -> Iterator[int]:
    yield -2 * (sight.is_expected and sight.spoken <= _MOSTLY)
    if sight.size < (_TEASER_CHARS if sight.spoken > _MOSTLY else _LONG_CHARS):
        yield 2 * any(TITLES["consent"].fullmatch(title) for title in sight.titles)
        yield 2 * (sight.spoken > _MOSTLY)
        yield is_said("consent", sight.said) and sight.size < _SHORT_CHARS
