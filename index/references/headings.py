"""The headings that announce a bibliography, in the languages in which papers and pages are often written."""

import re

_NUMBER = r"(?:[\dA-Z]{1,3}(?:\.\d{1,2}){0,2}[.)]?\s{1,9}|[IVX]{1,5}[.)]?\s{1,9})?"
_ENGLISH = (
    r"(?:list of )?(?:cited )?references(?: cited| and (?:notes|links|further reading))?|(?:selected )?bibliography"
    r"|works cited|literature(?: cited)?|notes and references|sources|reference list"
)
_OTHERS = (
    r"literatur(?:verzeichnis|angaben|nachweise?)?|quellen(?:verzeichnis|angaben)?|einzelnachweise"
    r"|r[ée]f[ée]rences(?: bibliographiques)?|bibliographie|referencias(?: bibliogr[áa]ficas)?|bibliograf[ií]a"
    r"|riferimenti(?: bibliografici)?|refer[êe]ncias(?: bibliogr[áa]ficas)?|literatuur(?:lijst)?|referenties"
    r"|referenser|litteraturförteckning|källförteckning|litteratur(?:liste)?|referanser|kirjallisuus|lähteet|bibliografia"
    r"|piśmiennictwo|literatura|seznam literatury|kaynakça|kaynaklar|tài liệu tham khảo|daftar pustaka"
    r"|(?:список )?(?:использованн(?:ой|ая) )?литератур[аы]|список источников|библиография|джерела|βιβλιογραφία"
    r"|参考文献|參考文獻|引用文献|참고\s?문헌|المراجع|संदर्भ"
)
_TITLE = re.compile(rf"{_NUMBER}(?:{_ENGLISH}|{_OTHERS})\W{{0,9}}", re.IGNORECASE)
_MAX_CHARS = 80


def is_bibliography_title(heading: str) -> bool:
    """Say whether a heading announces a bibliography."""
    return len(heading) <= _MAX_CHARS and bool(_TITLE.fullmatch(heading))
