"""Lists of authors, as the styles of bibliographies print them, taken apart into names.

A list is read in one of five forms: "Family, G. H.", "Family GH", "G. H. Family", "Given Family", and "Family, Given"
that "Given Family" may follow. What no form fits, such as the name of a body, stays in one piece.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from index.model import Name

NameForm: TypeAlias = Literal["inverted", "compact", "initials", "full", "inverted_full", "cjk", "body"]

_NAMES_MAX = 3000  # authors of one entry; the longest printed lists have some 3,000
# Capitals of the Latin, Greek, Cyrillic and Armenian scripts, with the small letters that stand among the rarer Latin
# ones: a list of capitals alone takes a tenth of a second to compile.
_U = r"[A-ZÀ-ÖØ-ÞĀ-ɏḀ-\u1effΆ-ΏΑ-ΫЀ-ЯԱ-Ֆ]"
_L = r"[^\W\d_]"
_CJK = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_PARTICLE = (
    r"(?:van|von|vom|zu|zum|zur|der|den|de|del|della|delle|dello|degli|di|da|do|dos|das|du|des|la|le|las|los|lo|ter|ten"
    r"|te|het|['’]t|af|av|al|el|bin|ibn|ben|abu|abd|y|e|i|dal|dalla|d['’]|St\.|ST\.|Ste\.|st\.|Van|Von|De|Di|Da|Du|La|Le"
    r"|Del|Della|Dos|Das|Den|Der|Ter|Ten|El|Al|Abu|Ben|Bin|Ó|Ní|Nic|Uí)"
)
_NO_FAMILY = r"(?!(?:Jr|Sr|II|III|IV|And|The|Of|For|With|From|At|How|Why|What|When|Does|Using|Towards?|Is|Are)\b)"
_ARTICLE = r"(?:(?:al|el|as|an|ul|ad|d|l|t)[-’'\u2018\u02bc\u2010\u2011])?"
_LETTER = rf"(?:{_L}|[\u0300-\u036f]|[-’'\u2018\u02bc\u2010\u2011](?={_L}))"
_WORD = rf"{_ARTICLE}{_U}{_LETTER}{{0,40}}+"
_LONG_WORD = rf"{_NO_FAMILY}{_ARTICLE}{_U}{_LETTER}{{1,40}}+"
_FAMILY = rf"(?:{_PARTICLE}\s?){{0,3}}{_LONG_WORD}(?:\s(?:(?:{_PARTICLE})\s){{0,2}}{_LONG_WORD}){{0,3}}"
# Initials of two letters; others are short names, such as "J. Ba. Adam: a method".
_PAIR = r"(?:Yu|Ya|Ye|Ch|Sh|Zh|Th|Ph|Kh|Ts|Dm|Vl|Ju|Je|Chr)"
# "A. N." or "A.N.", not both: in "Dahl, I. U.S. exports rise" the title begins at "U.S.".
_DOTTED = (
    rf"(?!(?:Jr|Sr|St)\.){_U}{_L}?\.(?:(?:[-\u2010\u2011–]?(?!St\.){_L}{{1,2}}\.){{1,5}}"
    rf"|(?:\s[-\u2010\u2011–]?\s?(?:{_PAIR}|{_L})\.(?:-{_U}\.)?(?!{_L})){{0,5}})"
)
_PLAIN = rf"{_U}{{1,4}}(?:[-\u2010\u2011]{_U}{{1,2}})?(?!{_L}|[.’'])"
_PLAIN_END = rf"{_U}{{1,4}}(?:[-\u2010\u2011]{_U}{{1,2}})?(?!{_L}|[’']|\.\s?-?{_L}\.)"
_SUFFIX = r"(?:,?\s(?:Jr\b\.?|Sr\b\.?|I{2,3}\b|IV\b|[23](?:nd|rd)\b))"
_INITIAL = rf"{_U}{_L}?\."
# "Rachel L." or "J. Robert", not "Rachel L. Bayesian": there the title has begun.
_GIVEN = (
    rf"(?:{_INITIAL}(?:[\s-]?{_INITIAL}){{0,3}}(?:\s{_LONG_WORD}(?!\.))?"
    rf"|{_WORD}(?:[\s-]{_WORD}(?!\.)){{0,2}}(?:\s?{_INITIAL}){{0,3}})"
)
_TAIL_PARTICLE = r"(?:\s(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|ter|ten)){0,3}"
_FORMS: dict[NameForm, re.Pattern[str]] = {
    "inverted": re.compile(
        rf"(?P<family>{_FAMILY})(?P<early>{_SUFFIX})?,\s?(?P<given>{_DOTTED}|{_PLAIN})"
        rf"(?P<particle>{_TAIL_PARTICLE})(?P<suffix>{_SUFFIX})?"
    ),
    "compact": re.compile(
        rf"(?P<family>{_FAMILY})\s(?P<given>{_DOTTED}(?=\s?[,;&]|\sand)|{_PLAIN_END}|{_DOTTED})(?P<suffix>{_SUFFIX})?"
    ),
    "initials": re.compile(rf"(?P<given>{_DOTTED})\s?(?P<family>{_FAMILY})(?P<suffix>{_SUFFIX})?"),
    "full": re.compile(
        rf"(?P<given>(?:{_U}{_L}?\.\s?[-\u2010\u2011]?|{_WORD}\s){{1,6}}?)"
        rf"(?P<family>(?:{_PARTICLE}\s){{0,3}}{_LONG_WORD})(?P<suffix>{_SUFFIX})?"
        rf"(?!\s(?:{_PARTICLE}\s){{0,3}}{_U}|[-’']{_L})"
    ),
    "inverted_full": re.compile(
        rf"(?P<family>{_FAMILY}),\s(?P<given>{_GIVEN})(?P<particle>{_TAIL_PARTICLE})(?P<suffix>{_SUFFIX})?"
    ),
    "cjk": re.compile(rf"(?P<family>{_CJK}{{2,6}}(?:[·・]{_CJK}{{1,8}})?)(?P<given>)"),
}
_SEPARATOR = re.compile(
    r"(?:\s?[,;]\s?(?:&|and|und|et|y|e|…|\. ?\. ?\.|[,\uff0c、])?\s?(?!et\.?\sal)"
    r"|\s?(?:&|\band|\bund|\bet|\by)\s(?!al\b)|\s?[\uff0c、\uff1b]\s?|,?\s?(?:…|\. \. \.|\.\.\.)\s?(?:&\s)?)"
)
_ET_AL = re.compile(
    r"[,;]?\s?(?:\bet\.?\sal\b\.?|\band\s(?:\d{1,4}\s)?others\b|\bu\.\s?a\.|\bи\s?др\.|等)", re.IGNORECASE
)
_EDITORS = re.compile(
    r",?\s?(?:\((?:Eds?|Hrsg|Hg|Comps?|Trans)\.?\)|\((?:[^()]{2,80}\s)?Collaborations?[^()]{0,40}\)"
    r"|\b(?:eds?|editors?)\b\.?)\.?",
    re.IGNORECASE,
)
# Vietnamese names stand family first; the last word is the given name.
_VIETNAMESE = frozenset(
    "nguyen tran pham hoang huynh phan vu dang bui ngo duong truong dinh trinh nguyễn trần phạm hoàng huỳnh vũ đặng bùi"
    " ngô dương trương đinh trịnh".split()
)
_VIETNAMESE_MIN_WORDS = 3
# Words that no person is called by and many bodies are.
_BODY = re.compile(
    r"\b(?:universit\w{0,6}|instituto?e?s?|institut\w{0,4}|organi[sz]a\w{0,8}|association|associates|society|ministry"
    r"|department|bureau|agency|administration|commission|committee|council|cent(?:er|re)s?|foundation|office|board|bank"
    r"|fund|group|team|consortium|collaboration|network|project|company|corporation|corp|inc|ltd|llc|llp|gmbh|press"
    r"|news|times|post|journal|government|nations|national|international|federal|embassy|consulates?|union|federation"
    r"|library|museum|laborator\w{0,4}|academy|school|college|hospital|service|authority|panel|forum|initiative"
    r"|developers|contributors|wikipedia|parliament|court|congress|senate|house|states|republic|partnership|programme?"
    r"|trust|coalition|alliance|working|task|force|daily|today|wire|wireless|media|magazine|review|survey|statistics"
    r"|research|science|technolog\w{0,4}|systems|solutions|software|the|of|for|staff|editors)\b",
    re.IGNORECASE,
)
_COUNTRIES = ("U.S.", "U.K.", "U.N.", "E.U.")
# What a body's name does not hold: the end of a sentence, or the beginning of a title behind a comma.
_NO_BODY = re.compile(r"(?<!\b[A-Z]\.[A-Z])(?<!\bSt)[.?!:]\s(?!&)\S{3}|,\s(?:The|A|An|How|Why|What)\s")
_LITTLE_WORD_MAX_CHARS = 4  # "of", "for", "with"
_NAME_ORDER: tuple[NameForm, ...] = ("inverted", "compact", "initials", "inverted_full", "full", "cjk")
_BODY_MAX_CHARS, _BODY_MAX_WORDS = 160, 16


@dataclass(frozen=True, slots=True)
class NameList:
    """A list of names at the start of a text: where it ends, the names, and the form in which they are printed."""

    end: int
    names: tuple[Name, ...]
    form: NameForm
    is_cut: bool = False  # ends in "et al."


def match_names(text: str) -> list[NameList]:
    """Return the lists of names that `text` may begin with, one for each form that fits, the surest form first."""
    lists = [found for form in _NAME_ORDER if (found := _match_form(text, form))]
    forms = {found.form: found for found in lists}
    full, inverted = forms.get("full"), forms.get("inverted_full")
    # "Ann Lee, Bo Chen, and Cy Diaz" could be Chen Bo of the family Ann Lee; two people stand with "and" between them.
    if full and inverted and full.end >= inverted.end and (len(full.names) > 2 or " and " in text[: full.end]):  # noqa: PLR2004
        lists.sort(key=lambda found: found.form == "inverted_full")
    # "Hart, P., and Sofie Lund": the second name tells the form of the first.
    alone = forms.get("inverted")
    if alone and inverted and len(alone.names) == 1 and re.search(r"\s(?:and|&)\s", text[alone.end : inverted.end]):
        lists.sort(key=lambda found: found.form == "inverted")
    # "Hart, P. & Ncube, T. Fiscal Rules": the title is no given name of Ncube's.
    if "inverted" in forms and len(forms["inverted"].names) > 1:
        lists = [found for found in lists if found.form != "inverted_full"]
    return lists


def read_names(text: str) -> tuple[Name, ...]:
    """Return the names in `text`, which holds nothing else; what is no list of people is one body."""
    text = _EDITORS.sub("", text).strip(" ,;:")
    for found in match_names(text):
        if not text[found.end :].strip(" .,;:") and not is_body(text):
            return found.names
    return _read_bodies(text)


def is_body(text: str) -> bool:
    """Say whether a name is that of an organisation by its words; initials speak for a person."""
    if not _BODY.search(text):
        return False
    return text.startswith(_COUNTRIES) or not re.search(rf",\s{_DOTTED}|\s{_U}\.\s", text[:400])


def could_be_body(text: str) -> bool:
    """Say whether `text` could name an organisation: a few words, the weighty ones with capitals."""
    words = text.split()
    if not words or len(text) > _BODY_MAX_CHARS or len(words) > _BODY_MAX_WORDS or _NO_BODY.search(text):
        return False
    weighty = [word for word in words if len(word) > _LITTLE_WORD_MAX_CHARS or word[:1].isupper()]
    return bool(weighty) and all(word[0].isupper() or not word[0].isalpha() for word in weighty)


def end_editors(text: str, position: int) -> int:
    """Return where a mark such as "(Eds.)" ends that stands at `position`, or `position`."""
    found = _EDITORS.match(text, position)
    return found.end() if found else position


def _match_form(text: str, form: NameForm) -> NameList | None:
    names: list[Name] = []
    position = end = 0
    while len(names) < _NAMES_MAX:
        each = _FORMS["full" if form == "inverted_full" and names else form].match(text, position)
        if not each and form == "inverted_full" and names:
            each = _FORMS["inverted_full"].match(text, position) or _FORMS["initials"].match(text, position)
        if not each:
            break
        names.append(_make_name(each))
        end = each.end()
        separator = _SEPARATOR.match(text, end)
        if not separator:
            break
        position = separator.end()
    cut = _ET_AL.match(text, end) if names else None
    return NameList(cut.end() if cut else end, tuple(names), form, bool(cut)) if names else None


def _make_name(found: re.Match[str]) -> Name:
    parts = found.groupdict()
    given = " ".join(filter(None, ((parts.get(key) or "").strip(" ,") for key in ("given", "early", "suffix"))))
    particle = (parts.get("particle") or "").strip()
    family = re.sub(r"\s+", " ", found["family"]).strip()
    first, *others = [*given.split(), family]
    is_turned = found.re is _FORMS["full"] and len(others) >= _VIETNAMESE_MIN_WORDS - 1
    if is_turned and first.casefold() in _VIETNAMESE and family.casefold() not in _VIETNAMESE:
        return Name(family=first, given=" ".join(others))
    return Name(family=f"{particle} {family}" if particle else family, given=given)


def _read_bodies(text: str) -> tuple[Name, ...]:
    parts = [part.strip(" ,") for part in re.split(r"\s?;\s", _ET_AL.sub("", text))[:_NAMES_MAX]]
    short = re.compile(r"\b\w\.$|\b(?:Inc|Ltd|Corp|Co)\.$")
    return tuple(Name(literal=part if short.search(part) else part.rstrip(".")) for part in parts if part)
