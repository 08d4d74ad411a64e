"""What a page says of its work as linked data, JSON-LD in the words of schema.org."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from lxml.html import HtmlElement

from index.html.facts import find_doi, make_fact
from index.model import Fact

_SCRIPT_MAX_CHARS = 500_000
_SCRIPTS_MAX, _NODES_MAX, _LIST_MAX = 20, 500, 2000
_CHAIN_MAX = 4
_PROVENANCE = "JSON-LD"
_WORKS = re.compile(
    r"(?:\w*Article|BlogPosting|Posting|Report|Book|Chapter|Thesis|Dataset|CreativeWork|PublicationIssue|Legislation)$"
)
_PAGES = re.compile(r"(?:\w*Page|WebSite|MedicalWebPage)$")

Node = Mapping[str, object]


def read_linked_data(tree: HtmlElement) -> tuple[Fact, ...]:
    """Return what a page's linked data says of its work; of works before pages, and of the first before the next."""
    nodes = list(iter_linked_nodes(tree))
    works = [node for node in nodes if _is_a(node, _WORKS)] + [node for node in nodes if _is_a(node, _PAGES)]
    known = {str(node["@id"]): node for node in nodes if "@id" in node}
    return tuple(fact for node in works[:3] for fact in _read_node(node, known))


def iter_linked_nodes(tree: HtmlElement) -> Iterator[Node]:
    """Yield the nodes of a page's linked data, those of its graphs too."""
    waiting: list[object] = []
    scripts = [script for script in tree.iter("script") if "ld+json" in (script.get("type") or "")]
    for script in scripts[:_SCRIPTS_MAX]:
        waiting = [_load(script.text or "")]
        seen = 0
        while waiting and seen < _NODES_MAX:
            node = waiting.pop(0)
            seen += 1
            if isinstance(node, list):
                waiting[:0] = node[:_NODES_MAX]
            elif isinstance(node, dict):
                yield node
                waiting += [node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node]


def _load(text: str) -> object:
    """Return the value of a script, or None where it is no JSON."""
    bare = text.strip().removeprefix("<!--").removesuffix("-->").removeprefix("<![CDATA[").removesuffix("]]>")
    if len(bare) > _SCRIPT_MAX_CHARS:
        return None
    try:
        return json.loads(bare.strip().rstrip(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _is_a(node: Node, kinds: re.Pattern[str]) -> bool:
    named = node.get("@type")
    return any(
        isinstance(kind, str) and kinds.search(kind[:200]) for kind in (named if isinstance(named, list) else [named])
    )


def _read_node(node: Node, known: Mapping[str, Node]) -> Iterator[Fact]:
    is_work = _is_a(node, _WORKS)
    described = node.get("description") if _is_a(node, re.compile("Scholarly|Report$|Thesis$")) else None
    raw: dict[str, str | list[str]] = {
        "title": _name(node.get("headline") or node.get("name"), known),
        "authors": [_name(author, known) for author in _listed(node.get("author") or node.get("creator"))],
        "year": _name(node.get("datePublished") or (node.get("dateCreated") if is_work else None), known),
        "doi": next(filter(None, map(find_doi, _iter_identifiers(node))), ""),
        "container": _find_container(node, known),
        "abstract": _name(node.get("abstract") or described, known),
        "keywords": [_name(word, known) for word in _listed(node.get("keywords"))],
        "licence": _address(node.get("license")),
        "url": _address(node.get("url")),
    }
    facts = (make_fact(field, value, _PROVENANCE) for field, value in raw.items() if value)
    yield from (
        fact for fact in facts if fact and (is_work or fact.field not in ("title", "authors", "doi", "keywords"))
    )


def _listed(value: object) -> list[object]:
    return list(value)[:_LIST_MAX] if isinstance(value, list) else [value] if value else []


def _name(value: object, known: Mapping[str, Node], depth: int = 0) -> str:
    """Return the name of what a value stands for: a text, a thing with a name, the first of several."""
    if isinstance(value, str | int) or depth > _CHAIN_MAX:
        return str(value) if isinstance(value, str | int) else ""
    if isinstance(value, list):
        return _name(value[0], known, depth + 1) if value else ""
    if not isinstance(value, dict):
        return ""
    given, family = value.get("givenName"), value.get("familyName")
    if isinstance(given, str) and isinstance(family, str):
        return f"{given} {family}"
    named = value.get("name") or value.get("@value")
    elsewhere = known.get(str(value.get("@id", "")))
    return _name(named or (elsewhere or {}).get("name"), known, depth + 1)


def _address(value: object) -> str:
    """Return the address, or else the name, of what a value stands for."""
    first = next(iter(_listed(value)), None)
    if isinstance(first, dict):
        first = first.get("url") or first.get("@id") or first.get("name")
    return first if isinstance(first, str) else ""


def _find_container(node: Node, known: Mapping[str, Node]) -> str:
    """Return the name of the journal or book that holds a work, or else of who published it."""
    part, name = node.get("isPartOf"), ""
    for _ in range(_CHAIN_MAX):
        part = next(iter(_listed(part)), None)
        if isinstance(part, dict):
            part = known.get(str(part.get("@id", "")), part)
        if not isinstance(part, Mapping) or _is_a(part, _PAGES):
            break
        name, part = _name(part, known) or name, part.get("isPartOf")
    return name or _name(node.get("publisher"), known)


def _iter_identifiers(node: Node) -> Iterable[str]:
    """Yield the texts under which a node may give its DOI."""
    for key in ("doi", "identifier", "sameAs", "@id", "url"):
        for value in _listed(node.get(key)):
            named = value.get("value") or value.get("@value") if isinstance(value, dict) else value
            if isinstance(named, str):
                yield named[:1000]
