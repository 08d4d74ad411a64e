"""Hostile web pages, made by chance from a seed: whatever makes words hard to find again."""

import html
import random

from qa.edges import is_whole

LATIN = "the bread of salt rises in a warm dark kitchen while Rain falls on THE Bread and The salt again".split()
WORDS = {
    "latin": LATIN,
    "accents": (
        "Café cafe\u0301 cafe naïve naive résumé re\u0301sume\u0301 Straße strasse ﬁne fine Ångström œuvre İzmir ŁÓDŹ"
    ).split(),
    "marks": (
        'don\'t don’t “quoted” "quoted" (R&D) 3.14 1,000 A.B. well-known x_y C++ #tag 100% a/b e.g. [12] — – … ¿qué?'
        " <tag> & ;"
    ).split(),
    "rtl": "مرحبا بالعالم العَرَبِيَّة שלום עולם הַבַּיִת سلام می\u200cروم ١٢٣ كتاب".split(),
    "cjk": (
        "日本語の文章です。 漢字かな交じり文、 東京都 中文没有空格。 パンと塩 がぎぐ ＡＢＣ 한국어 단어입니다."
    ).split(),
    "indic": "नमस्ते दुनिया की भाषा สวัสดีชาวโลก தமிழ் क्षत्रिय".split(),
    "emoji": "👍🏽 👩\u200d👩\u200d👧 🇫🇷🇩🇪 😀 ❤\ufe0f ☕ great 😀😀 1\ufe0f\u20e3".split(),
}
INLINE = "b i em a span sup sub code mark q font bdo abbr".split()
HIDDEN = (
    "<span style='display:none'>{0}</span>",
    "<span hidden>{0}</span>",
    "<template>{0}</template>",
    "<script>var x = '{1}';</script>",
    "<style>.u{{}} /* {1} */</style>",
    "<noscript>{0}</noscript>",
    "<span style='visibility: hidden'>{0}</span>",
    "<span class='gone'>{0}</span>",
    "<!-- {1} -->",
    "<img alt='{1}'>",
    "<wbr>",
)
BLOCKS = "p div li h2 blockquote td dd section pre figcaption".split()


class Hostile:
    """One page: `source` is its HTML."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        kinds = self.chance.choices(list(WORDS), k=3)
        self.words = [word for kind in kinds for word in WORDS[kind]] + LATIN
        self.phrases = [self.chance.choices(self.words, k=self.chance.randint(2, 7)) for _ in range(4)]
        blocks = "\n".join(self._block() for _ in range(self.chance.randint(8, 25)))
        head = "<meta charset=utf-8><title>the bread</title><style>.gone{display:none}</style>"
        self.source = f"<!doctype html><html><head>{head}</head><body>{blocks}</body></html>"

    def _block(self) -> str:
        tag = self.chance.choice(BLOCKS)
        inner = self._line(self.chance.randint(3, 30))
        if tag == "td":
            cells = (f"<td>{self._line(self.chance.randint(1, 5))}</td>" for _ in range(3))
            return f"<table><caption>{self._line(3)}</caption><tr>{''.join(cells)}</tr></table>"
        if tag == "li":
            return f"<ul><li>{inner}<li>{self._line(4)}</ul>"
        if tag == "div" and self.chance.random() < 0.5:
            return f"<div>{inner}<div>{self._line(5)}</div>{self._line(4)}</div>"
        if tag == "p" and self.chance.random() < 0.2:
            return f"<p dir=rtl>{inner}</p><p style='display:none'>{self._line(6)}</p>"
        return f"<{tag}>{inner}</{tag}>"

    def _line(self, size: int) -> str:
        words: list[str] = []
        while len(words) < size:
            words += (
                self.chance.choice(self.phrases) if self.chance.random() < 0.3 else [self.chance.choice(self.words)]
            )
        return "".join(self._dress(word) + self._space() for word in words)

    def _space(self) -> str:
        roll = self.chance.random()
        if roll < 0.85:
            return " "
        if roll < 0.88:
            return self.chance.choice(["<br>", " <br> "])
        return self.chance.choice([" \n\t ", "&nbsp;", "\u00a0 ", "  ", "\u3000", "&emsp;", "", "\u2009"])

    def _dress(self, word: str) -> str:  # noqa: PLR0911 - one for each dress
        """Return a word as the page's source writes it."""
        roll = self.chance.random()
        cut = self.chance.randint(0, len(word))
        head, tail = word[:cut], word[cut:]
        if roll < 0.55:
            return html.escape(word)
        if roll < 0.65:
            return "".join(self.chance.choice([f"&#{ord(char)};", f"&#x{ord(char):x};"]) for char in word)
        if roll < 0.72:
            return (
                html.escape(head)
                + self.chance.choice(["&shy;", "\u200b", "\u2060", "&lrm;", "&#xad;"])
                + html.escape(tail)
            )
        if roll < 0.85:
            tag = self.chance.choice(INLINE)
            return f"{html.escape(head)}<{tag}>{html.escape(tail)}</{tag}>"
        if roll < 0.92:
            unseen = self.chance.choice(LATIN)
            return html.escape(head) + self.chance.choice(HIDDEN).format(unseen, unseen) + html.escape(tail)
        if roll < 0.985:
            return html.escape(self.chance.choice([word.upper(), word.lower(), word.title()]))
        return self.chance.choice(["<button>{}</button>", "<span style='display:inline-block'>{}</span>"]).format(
            html.escape(word)
        )

    def choose(self, text: str) -> tuple[int, int]:
        """Return a span of the page's text to quote: words, often; parts of words, at times; over lines, at times."""
        start, end = sorted((self.chance.randrange(len(text)), self.chance.randrange(len(text))))
        end = min(max(end, start + 1), start + self.chance.choice([8, 20, 60, 200, 600]))
        if self.chance.random() < 0.7:
            while start and not text[start - 1].isspace():
                start -= 1
            while end < len(text) and not text[end].isspace():
                end += 1
        while not is_whole(text, start):
            start -= 1
        while not is_whole(text, end):
            end += 1
        return start, end
