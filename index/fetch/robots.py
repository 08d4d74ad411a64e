"""What a site's robots.txt asks of a reader: the Robots Exclusion Protocol (RFC 9309), with the older Crawl-delay.

Protego follows it, wildcards and `$` included. Its cost is the product of the agents and the rules in a group, so the
agents that are not ours are first given one name.
"""

import re
from dataclasses import dataclass
from typing import Any

AGENT = "Ibid"
MAX_BYTES = 512_000  # RFC 9309 asks for 500 KiB at least
MAX_REDIRECTS = 5  # what RFC 9309 names
_MAX_LINE = 2_000
_AGENT_LINE = re.compile(r"[ \t]{0,20}user[ -]?agent(?:[ \t]{0,20}:|[ \t])[ \t]{0,20}(.{0,200})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site; `delay_s` is what it asks for between two requests, 0 if it does not say."""

    delay_s: float
    _parsed: Any = None

    def is_allowed(self, url: str) -> bool:
        """Return whether the site lets us read `url`."""
        return self._parsed is None or bool(self._parsed.can_fetch(url, AGENT))


ALLOW_ALL = Rules(0.0)


def parse_robots(content: bytes) -> Rules:
    """Read a robots.txt, whatever it holds: what is no rule is passed over."""
    from protego import Protego

    text = content[:MAX_BYTES].decode("utf-8-sig", errors="replace").replace("\x00", "")
    parsed = Protego.parse("\n".join(_fold_agents(line[:_MAX_LINE]) for line in text.splitlines()))
    return Rules(parsed.crawl_delay(AGENT) or 0.0, parsed)


def _fold_agents(line: str) -> str:
    """Return a line that names an agent with our name, `*`, or one name that stands for all the others."""
    found = _AGENT_LINE.match(line)
    if found is None:
        return line
    name = re.split(r"[/#\s]", found[1].strip(), maxsplit=1)[0]
    ours = name == "*" or name.lower() == AGENT.lower()
    return f"User-agent: {name if ours else 'another'}"
