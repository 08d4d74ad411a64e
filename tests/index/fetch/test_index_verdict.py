"""Pages of my own making: content that looks like a wall in places, and walls that look like content."""

import time

import pytest

from index.errors import SourceError
from index.fetch.verdict import judge
from index.html.reader import read_html
from index.model import Reading

PROSE = (
    "The river rose by two metres in the night, and the town closed the lower bridge before dawn. "
    "Measurements at the weir agree with the model to within a tenth of a metre. "
)
HERE = "https://a.example/papers/rivers-in-spring"


def page(title, *paragraphs, head="", body=""):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><head><title>{title}</title>{head}</head><body>{body}<main>{text}</main></body></html>"


def article(title, *paragraphs, length=6, head="", body="", foot=""):
    text = "".join(f"<p>{paragraph}</p>" for paragraph in [*paragraphs, *[f"{n}. {PROSE}" for n in range(length)]])
    return (
        f"<html><head><title>{title}</title>{head}</head><body>{body}"
        f"<article><h1>{title}</h1>{text}</article>{foot}</body></html>"
    )


def ask(source, *, status=200, asked=HERE, got=None, expected=None):
    content = source.encode()
    try:
        reading = read_html(content, "page")
    except SourceError:
        reading = Reading(())
    return judge(content, reading, status=status, asked=asked, got=got or asked, expected_title=expected)


NOT_FREE = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
COOKIES = '<div class="cookie-banner"><p>We use cookies to improve this site.</p><button>Accept all</button></div>'
NEWSLETTER = "<aside><h2>Subscribe to our newsletter</h2><p>Sign up to keep up with the news.</p></aside>"
LOGIN = '<nav><a href="/login">Log in</a> <a href="/subscribe">Subscribe</a></nav>'
ABSTRACT = """<html><head><title>[2301.00001] Rivers in Spring</title>
<meta name="citation_title" content="Rivers in Spring"></head><body><div id="abs"><h1 class="title">
<span class="descriptor">Title:</span>Rivers in Spring</h1><blockquote class="abstract">
<span class="descriptor">Abstract:</span>We measure rivers in spring and find that they rise earlier than models say.
</blockquote></div></body></html>"""

CONTENT = {
    "a long article": article("Rivers in Spring"),
    "a short press release": article("Council opens bridge", "The council opened the new bridge today.", length=1),
    "three sentences": page("Bridge opened", "The bridge was opened today. It took two years. It cost a million."),
    "an abstract on arXiv": ABSTRACT,
    "an abstract on PubMed": page("Rivers in Spring - PubMed", PROSE * 3, "PMID: 12345", "Full text links"),
    "about paywalls": article("Why paywalls fail", "Readers are told to subscribe to continue reading, and leave."),
    "short, about paywalls": article(
        "Study of paywalls published",
        "A new study looks at what newspapers ask of their readers. Some sites tell visitors to subscribe to continue"
        " reading after three articles a month, others ask them to register, and a few let anyone in on weekends. The"
        " study counted how many left at once, and how many came back in the same week.",
        length=0,
    ),
    "about cookies": article(
        "How sites ask for cookies", "'We value your privacy', says the banner, and asks for all."
    ),
    "about the 404 error": article("404 Not Found: the history of an error", "The page you requested was not found."),
    "short, about the 404 error": article("A museum of 404 pages", f"It shows what sites say. {PROSE}", length=1),
    "about captchas": article("Are you a robot? The captcha turns 25", "Verify that you are human, it says."),
    "about domains for sale": article("This domain is for sale: a market report"),
    "about JavaScript": article("Why you should not enable JavaScript", "Sites ask you to enable JavaScript."),
    "with a cookie banner": article("Bridge opened", length=2, body=COOKIES),
    "short, with a cookie banner": article("Bridge opened", length=1, body=COOKIES),
    "with a newsletter box": article("Bridge opened", length=2, foot=NEWSLETTER),
    "with links to log in": article("Bridge opened", length=2, body=LOGIN),
    "not free, but whole": article("Rivers in Spring", length=20, head=NOT_FREE),
    "with a captcha in its comments": article(
        "Bridge opened", length=8, foot='<form class="comments"><div class="g-recaptcha"></div></form>'
    ),
    "with a captcha script, short": article("Bridge opened", length=3, head='<script src="/g-recaptcha.js"></script>'),
    "in German": page("Die Brücke", "Die Brücke wurde heute eröffnet. Cookies sind Kekse, sagte der Bürgermeister."),
    "in French": page("Le pont", "Le pont a été ouvert ce matin. La page est tournée, a dit le maire de la ville."),
    "in Japanese": page("橋が開通", "新しい橋が今日開通した。市長は式典で、町の歴史の新しいページだと話した。" * 3),
    "in Chinese": page("大桥通车", "新大桥今天正式通车。市长在仪式上说,这是城市历史上新的一页。" * 3),
    "in Vietnamese": page("Khánh thành cầu", "Cây cầu mới đã được khánh thành sáng nay tại thành phố. " * 3),
    "a report called Access": article(
        "Access to water and its price", "Access denied to many, water is dear.", length=3
    ),
    "a statement on an outage": article("Service unavailable on Sunday: what happened", length=3),
    "a list of references": page("Bibliography of rivers", *[f"Doe, J. ({n}). Rivers {n}." for n in range(1990, 2000)]),
    "an article of the encyclopaedia": article("HTTP 404", "The page could not be found is what it means.", length=9),
}


@pytest.mark.parametrize("name", CONTENT)
def test_content_is_no_wall(name):
    assert ask(CONTENT[name]) is None


@pytest.mark.parametrize("name", CONTENT)
def test_content_that_bears_the_expected_title_is_no_wall(name):
    title = CONTENT[name].partition("<title>")[2].partition("</title>")[0]
    assert ask(CONTENT[name], expected=title) is None


WALLS = {
    "paywalled": {
        "subscribe to continue": article("Rivers", PROSE, "Subscribe to continue reading", length=0),
        "for subscribers only": article("Rivers", PROSE, "This article is for subscribers only.", length=2),
        "two paragraphs, and log in": article("Rivers", "To read the full story, log in or subscribe.", length=2),
        "a publisher's abstract": page(
            "Rivers in Spring | Journal", "Abstract", PROSE, "Purchase this article", "Access through your institution"
        ),
        "a preview of a chapter": page("Rivers | Springer", PROSE, "This is a preview of subscription content, log in"),
        "not free, and short": article("Rivers", "The river rose by two metres in the night…", length=0, head=NOT_FREE),
        "not free, and a long teaser": article("Rivers", "Subscribe to unlock this story", length=18, head=NOT_FREE),
        "a log-in form": page("Log in", '<form>Name <input name="n"> Word <input type="password"></form>'),
        "out of free articles": page("Rivers", PROSE, "You have reached your limit of free articles"),
        "in German": page("Der Fluss", "Der Fluss stieg.", "Dieser Artikel ist nur für Abonnenten verfügbar"),
        "in French": page(
            "Le fleuve", "Le fleuve monte.", "Article réservé aux abonnés", "Il vous reste 80% de cet article à lire"
        ),
        "in Spanish": page("El río", "El río sube.", "Contenido exclusivo para suscriptores"),
        "in Italian": page("Il fiume", "Il fiume sale.", "Contenuto riservato agli abbonati"),
        "in Portuguese": page("O rio", "O rio sobe.", "Conteúdo exclusivo para assinantes"),
        "in Japanese": page("川", "川が増水した。", "この記事は有料会員限定です。残り 1200文字"),
        "in Chinese": page("河", "河水上涨。", "订阅后继续阅读全文"),
        "in Vietnamese": page("Sông", "Nước sông dâng.", "Đăng nhập để đọc tiếp bài viết này"),
    },
    "not_found": {
        "a title": page("Page not found | Journal", "Sorry about that."),
        "a number": page("404", "Nothing is here."),
        "a heading": page("Journal of Rivers", "<h1>404 - Page Not Found</h1>", "Try the search."),
        "a sentence": page(
            "Journal of Rivers", "We can't find the page you are looking for.", "It may have been moved or deleted."
        ),
        "no longer available": page("Oops!", "This article is no longer available."),
        "an unknown DOI": page("DOI Not Found", "This DOI cannot be found in the DOI System."),
        "in German": page("Seite nicht gefunden", "Die gesuchte Seite existiert nicht."),
        "in French": page("Page introuvable - Le Journal", "La page que vous cherchez n'existe plus."),
        "in Spanish": page("Página no encontrada", "La página que buscas no existe."),
        "in Italian": page("Pagina non trovata", "La pagina che stai cercando non esiste."),
        "in Portuguese": page("Página não encontrada", "A página que procura não existe."),
        "in Japanese": page("ページが見つかりません", "お探しのページは削除されました。"),
        "in Chinese": page("页面不存在", "您访问的页面不存在。"),
        "in Vietnamese": page("Không tìm thấy trang", "Trang bạn tìm không tồn tại."),
        "a domain for sale": page("rivers.example is for sale", "Buy this domain", "Inquire about this domain now."),
        "an expired domain": page("rivers.example", "This domain has expired.", "Related searches: boats, bridges"),
    },
    "unreachable": {
        "Cloudflare's check": page(
            "Just a moment...",
            "Checking if the site connection is secure",
            body='<script src="/cdn-cgi/challenge-platform/x"></script>',
        ),
        "access denied": page(
            "Access Denied", 'You don\'t have permission to access "/x" on this server.', "Reference #18"
        ),
        "a captcha": page("Security check", "Please complete the captcha to go on."),
        "Google's sorry page": page("Sorry", "Our systems have detected unusual traffic from your computer network."),
        "an interruption": page(
            "Pardon Our Interruption", "As you were browsing, something made us think you might be a bot."
        ),
        "a bare challenge": '<html><head><script src="https://geo.captcha-delivery.com/x.js"></script></head><body>'
        "<p>Verifying you are human. This takes a moment.</p></body></html>",
        "before you continue": page(
            "Before you continue to Video",
            "We use cookies and data to deliver our services.",
            "Accept all",
            "Reject all",
        ),
        "a consent wall": page(
            "Rivers",
            "We and our 800 partners store and access information on a device and process personal data.",
            "Manage preferences or accept all to go on. You can withdraw your choices about cookies at any time.",
        ),
        "a consent wall in German": page(
            "Der Fluss",
            "Wir und unsere Partner verarbeiten personenbezogene Daten.",
            "Mit Werbung weiterlesen: alle akzeptieren",
        ),
        "a consent wall in French": page(
            "Le fleuve",
            "Nous et nos partenaires utilisons des cookies pour mesurer l'audience.",
            "Continuer sans accepter",
        ),
        "scripts only": '<html><body><div id="root"></div><script src="a.js"></script>'
        "<p>You need to enable JavaScript to run this app.</p></body></html>",
        "bad gateway": page("502 Bad Gateway", "nginx"),
        "maintenance": page("Site under maintenance", "We will be back soon. The site is down for maintenance."),
        "no database": page("Database Error", "Error establishing a database connection"),
        "a check in Chinese": page("请稍候…", "请完成以下操作,验证您是真人。"),
    },
}


@pytest.mark.parametrize(("state", "name"), [(state, name) for state, pages in WALLS.items() for name in pages])
def test_what_is_not_the_page_is_told_by_what_it_says(state, name):
    verdict = ask(WALLS[state][name])
    assert verdict is not None
    assert verdict.state == state


def test_the_reason_is_one_line_about_the_page():
    verdict = ask(WALLS["not_found"]["a title"])
    assert verdict.reason == "the page says that what was asked for is not there"


@pytest.mark.parametrize(
    ("status", "state"),
    [(404, "not_found"), (410, "not_found"), (402, "paywalled"), (401, "paywalled"), (503, "unreachable")],
)
def test_a_status_is_believed_before_words(status, state):
    assert ask(article("Rivers in Spring", length=1), status=status).state == state


def test_a_long_page_with_status_403_is_left_to_the_caller():
    assert ask(article("Rivers in Spring", length=20), status=403) is None


def test_a_redirect_to_the_home_page_is_a_missing_page():
    assert ask(article("Journal of Rivers", length=9), got="https://a.example/").state == "not_found"


def test_a_redirect_to_the_home_page_that_bears_the_expected_title_is_content():
    assert ask(article("Rivers in Spring"), got="https://a.example/", expected="Rivers in Spring") is None


def test_a_redirect_to_another_site_is_no_sign():
    assert ask(article("Rivers in Spring"), asked="https://doi.org/10.1000/x", got="https://rivers.example/") is None


def test_a_home_page_that_was_asked_for_is_content():
    assert ask(article("Journal of Rivers"), asked="https://a.example/index.html", got="https://a.example/") is None


def test_a_redirect_to_an_error_page_is_a_missing_page():
    assert ask(article("Journal", length=3), got="https://a.example/errors/404.html").state == "not_found"


def test_a_redirect_to_a_log_in_is_a_paywall():
    assert ask(page("Journal", "Welcome."), got="https://a.example/login?next=x").state == "paywalled"


def test_a_redirect_to_a_consent_host_is_a_consent_wall():
    source = article("Video", length=1)
    verdict = ask(source, got="https://consent.video.example/m?continue=x")
    assert verdict.reason == "the page asks for consent to cookies first"


def test_an_address_that_is_none_is_no_sign():
    assert ask(article("Rivers in Spring"), got="https://[broken/") is None


def test_an_article_with_the_title_of_an_error_is_content_where_it_was_expected():
    source = article("Page not found", "A short story by Ann Lee.", length=2)
    assert ask(source, expected="Page not found") is None


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"<" * 1000, b"<title>" * 1000])
def test_any_bytes_are_judged(content):
    verdict = judge(content, Reading(()), status=200, asked=HERE, got=HERE)
    assert verdict is None


def test_a_first_line_of_many_spaces_is_judged_in_bounded_time():
    started = time.monotonic()
    assert ask(f"<pre>a{' ' * 50_000}b\nc</pre><p>{PROSE * 6}</p>") is None
    assert time.monotonic() - started < 3
