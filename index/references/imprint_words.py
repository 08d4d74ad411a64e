"""The words by which the parts of an entry are known: publishers, journals, theses, reports, and abbreviations."""

import re
from collections.abc import Iterator

from index.references.dates import YEAR

# "Place: ", as it stands before a publisher.
PLACE = re.compile(
    r"(?P<place>[^\W\d_](?:[^\W\d_]|[.’'-]){1,20}(?: (?:[^\W\d_]|[.’'&-]){1,20}){0,3}(?:,\s[A-Z][\w. ]{1,20}){0,2}):\s"
    r"(?P<publisher>[^\W\d_].{1,120})$"
)
THESIS = re.compile(
    r"\b(?:ph\.?\s?d\.?|doctoral|master(?:[’']?s)?|m\.?\s?sc\.?|m\.?\s?a\.?|bachelor[’']?s|diploma|habilitation"
    r"|undergraduate)\s?(?:thesis|dissertation)\b|\b(?:dissertation|thesis|diss\.)(?=[,.\s]|$)",
    re.IGNORECASE,
)
# What a journal's or a book's title begins with, where it could also be a publisher's name.
HOLDER = re.compile(
    r"(?:[^:.]{2,24}:\s)?(?:the\s)?(?:proceedings|proc\b|conference|conf\b|journal|j\b|transactions|trans\b|annals|annual"
    r"|advances|adv\b|lecture notes|workshop|symposium|bulletin|handbook|encyclop\w+|companion"
    r"|international (?:conference|journal|symposium|workshop)|(?:19|20)\d\d\s\S{2,})\b",
    re.IGNORECASE,
)
PERIODICAL = re.compile(
    r"\b(?:times|post|journal|magazine|review|herald|guardian|news|daily|gazette|tribune|today|chronicle|letters|monde"
    r"|zeitung|quarterly|weekly|telegraph|observer|reuters|bloomberg|bbc|cnn|nature|lancet|arxiv|biorxiv|medrxiv"
    r"|psyarxiv)\b",
    re.IGNORECASE,
)
REPORT = re.compile(
    r"(?:\b(?:technical|tech\.?|working|research|white|discussion|policy|final|annual)\s(?:report|rep\b\.?|papers?)"
    r"|\brep\.|\bpatent|\breport\b)[^,.;()]{0,40}",
    re.IGNORECASE,
)
PUBLISHER = re.compile(
    r"\b(?:press|presses|verlag|publish\w{0,5}|publications|books|springer|wiley|elsevier|routledge|pearson"
    r"|mcgraw[- ]hill|sage|blackwell|macmillan|palgrave|birkhäuser|de gruyter|brill|penguin|norton|harper\w{0,7}|knopf"
    r"|doubleday|prentice[- ]hall|addison[- ]wesley|o[’']reilly|morgan kaufmann|north[- ]holland|world scientific"
    r"|taylor (?:&|and) francis|crc|academic|association for computing machinery|acm|ieee|aaai|usenix|siam|pmlr|curran"
    r"|association for computational linguistics|international joint conferences|zenodo|figshare|pangaea|dryad|arxiv"
    r"|ssrn|elgar|ashgate|emerald|bloomsbury|polity|verso|simon (?:&|and) schuster|random house|hachette|gallimard"
    r"|suhrkamp|kluwer|plenum|dover|vintage|freeman|chapman|lippincott|thieme|karger|mosby|saunders|cengage|edições"
    r"|editorial|éditions|edizioni|casa editrice|printing office)\b",
    re.IGNORECASE,
)
INSTITUTION = re.compile(
    r"\b(?:universit\w{0,6}|universidad\w{0,3}|college|institut\w{0,3}|school|laborator\w{0,4}|organi[sz]ation|department"
    r"|ministry|bank|fund|commission|agency|council|cent(?:er|re)|bureau|office|administration|corporation|foundation"
    r"|faculty)\b",
    re.IGNORECASE,
)
EDITION = re.compile(
    r"[(,;.]?\s?\b(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|revised|rev\.)\s(?:rev\.\s)?"
    r"ed(?:ition|n)?\b\.?\)?,?",
    re.IGNORECASE,
)
IN = re.compile(r"(?:in|en|dans)\b\s?[:,]?\s(?=\S)|//\s?", re.IGNORECASE)
# "J. Hydrol. Eng." and "Proc. 45th Int. Conf." go on behind their stops.
SHORT_WORD = re.compile(
    r"(?:\b(?:proc|int|intl|conf|symp|trans|acad|sci|assoc|soc|adv|ann|annu|appl|comput|eng|inf|syst|technol|theor|lett"
    r"|lect|math|phys|chem|biol|med|rev|res|rep|tech|univ|dept|natl?|am|amer|eur|int’l|vol|no|pp?|st|dr|jr|sr|mr|mrs|ms"
    r"|vs|etc|al|ed|eds|ser|suppl|pt|art|j|mach|learn|intell|netw|commun|electron|mag|acoust|softw|progr|lang|des|autom"
    r"|robot|cl?in|process|recognit|vis|knowl|discov|represent|secur|lab|dev|stud|n\.d|inc|ltd|co|corp)|\b[^\W\d_]|[A-Z]\.[A-Z])$",
    re.IGNORECASE,
)
# Numbers of patents and standards, and words that name nothing.
_NO_NAME = re.compile(
    r"[A-Z]{2}\s?[\d,/]{5,}\s?[A-Z]?\d?|(?:ISO|IEC|IEEE|ANSI|ASTM|DIN|EN|BS|RFC|NISO)[ /A-Z-]{0,12}[\d.:–-]+|preprint"
    r"|manuscript|unpublished|released|online|print|web|pdf|v(?:ersion)?\.?\s?[\d.]+|in|and|the|pp?|vol|eds?|no",
    re.IGNORECASE,
)
# "Phys. Rev. Lett." keeps its last stop.
_ABBREVIATED = re.compile(r"\b\w{1,8}\.(?:\s?\w{1,12}){0,2}\s\w{1,8}\.$")
_STOP = re.compile(r"(?P<stop>[.?!。])(?P<quote>[”\"’»]?)(?:\s+(?=\S)|(?<=。)|(?<=[^\W\d_]{3}\.)(?=[A-Z][a-zA-Z]{2}))")
_LOWER_START = re.compile(
    r"in:?\s[A-Z\d]|mBio|eLife|npj\s|bioRxiv|medRxiv|arXiv|iScience|edited|p{1,2}\.|vol|[a-z][A-Z]"
)
# A comma that belongs to a name, as in "Lee, Inc." and "Farrar, Straus and Giroux".
_INNER_COMMA = re.compile(
    r"(?<=[^\W\d_]),\s(?=(?:Inc|Ltd|LLC)\b|and\s|&\s|[^\W\d_]{2,20} (?:and|&) [^\W\d_]{2,20}(?:[.,]|$))"
)


def find_stops(text: str) -> list[tuple[int, int]]:
    """Return where the pieces between full stops end, and where the next ones begin; abbreviations hold no stop."""
    stops = []
    for found in _STOP.finditer(text):
        following = text[found.end() : found.end() + 12]
        if following and (following[0].islower() and not _LOWER_START.match(following)):
            continue
        if found["stop"] == "." and SHORT_WORD.search(text, max(0, found.start() - 12), found.start()):
            continue
        end = found.end("quote") if found["quote"] or found["stop"] in "?!" else found.start()
        stops.append((end, found.end()))
    return stops


def iter_parts(text: str) -> Iterator[str]:
    """Yield the names between commas and stops; what names nothing, such as a number, is passed over."""
    joined = _INNER_COMMA.sub("\x01", text)
    start = 0
    for found in [*re.finditer(r"[,;]\s|(?<=[\w)])\.\s|\s(?=\()", joined), None]:
        end = found.start() if found else len(joined)
        if found and found.group()[0] == "." and SHORT_WORD.search(joined, max(0, end - 12), end):
            continue
        name = clean_name(joined[start:end].replace("\x01", ", "))
        start = found.end() if found else end
        if name:
            yield name


def find_publisher(text: str, words: re.Pattern[str]) -> str | None:
    """Return the first name in `text` that holds one of `words`."""
    return next((part for part in iter_parts(text) if words.search(part)), None)


def is_publisher(part: str) -> bool:
    """Say whether a piece between commas names a publisher, a thesis, a report, an edition or a year."""
    kinds = (PUBLISHER, INSTITUTION, THESIS, REPORT, EDITION)
    return any(kind.search(part) for kind in kinds) or bool(re.match(rf"\s?{YEAR}(?![\w–-])", part))


def clean_name(text: str) -> str | None:
    """Return the name of a journal, book or publisher without what stands around it, or None if it is no name."""
    text = re.sub(r"\s+", " ", text).strip(" ,;:[]/").lstrip(" .")
    if not _ABBREVIATED.search(text):
        text = text.rstrip(" ,;:.[]/")
    text = IN.sub("", text, count=1) if IN.match(text) else text
    text = text if text.count("(") >= text.count(")") else text.rstrip(")")
    text = text if text.count("(") <= text.count(")") else text.rsplit("(", 1)[0].rstrip(" ,")
    text = re.sub(r"\s?[\[(](?:online|virtual(?: event)?)[\])]?$", "", text, flags=re.IGNORECASE)
    text = re.sub(rf"\.\s{YEAR}\.?$", "", text)
    return text if any(map(str.isalpha, text)) and not _NO_NAME.fullmatch(text) else None
