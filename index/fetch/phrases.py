"""What pages say that are not the page that was asked for, in the languages in which most of the web is written.

`TITLES` are whole titles or headings, but for the name of the site; `WORDS` stand in a short block of such a page.
"""

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["paywall", "consent", "robot_check", "missing", "parked", "broken", "scripts"]


_SAID_OFTEN = {
    "{BE}": r"(?: (?:was|is|has been|could|can|does|may))?(?:n't| not|not)?(?: be)? (?:not )?",
    "{GONE}": r"(?:found|available|unavailable|removed|deleted|missing|exist)",
    "{LOST}": r"(?:not|n't|no longer|moved|removed|deleted|unavailable|expired)",
    "{WORK}": r"(?:article|content|story|page|paper|chapter|report)",
    "{GO_ON}": r"(?:continue|keep|finish) (?:reading|to the article)|unlock|continue$",
    "{READERS}": r"(?:subscribers|members|registered|premium)",
}


def _compile(phrases: str) -> re.Pattern[str]:
    """Return a pattern for phrases, one a line, in which "…" stands for up to 60 characters."""
    for name, pattern in _SAID_OFTEN.items():
        phrases = phrases.replace(name, pattern)
    lines = [line.strip().replace("…", r".{0,60}?") for line in phrases.strip().splitlines()]
    return re.compile("|".join(f"(?:{line})" for line in lines), re.IGNORECASE)


TITLES: Mapping[Kind, re.Pattern[str]] = {
    "robot_check": _compile(r"""
        just a moment|one moment,? please|please wait|un momento|nur einen moment|un instant|um momento|só um momento
        attention required!?|access denied|access to this page has been denied|you have been blocked
        (?:are you|you are not) a robot|robot or human|(?:bot|human|security|browser) (?:check|verification|challenge)
        (?:please )?verify (?:that )?you are (?:a )?human|pardon our interruption|ddos-guard|checking your browser
        are you human|captcha(?: challenge)?|validate(?: user)?|radware bot manager captcha|client challenge
        zugriff verweigert|accès refusé|acceso denegado|accesso negato|acesso negado|アクセスが拒否されました
        しばらくお待ちください|请稍候|请稍等|安全验证|访问被拒绝|chờ một chút|truy cập bị từ chối
    """),
    "missing": _compile(
        r"""
        (?:error |http )?(?:404|410)(?: error)?(?:[\s:–—-]{1,3}(?:page |file )?(?:not found|gone|missing|error))?
        (?:oops\W{1,3})?(?:the )?(?:page|document|article|file|content|doi|item|url)(?: (?:you|that you)…)?{BE}{GONE}
        (?:oops\W{1,3})?(?:the )?(?:object|story|resource)(?: (?:you|that you)…)?{BE}{GONE}
        not found|nothing found|no longer available|this page (?:isn't|is not|is no longer) available|oops!?
        (?:sorry,? )?(?:we )?(?:can't|cannot|couldn't|could not) (?:be found|find (?:that|the|this|your)…)
        (?:this|the) (?:page|content|article) (?:doesn't|does not|no longer) exists?|page (?:has )?(?:moved|expired)
        (?:fehler 404\W{0,3})?seite (?:wurde )?nicht (?:gefunden|verfügbar|vorhanden)|nicht gefunden
        (?:erreur 404\W{0,3})?(?:cette )?page (?:introuvable|non trouvée|inexistante)|(?:cette|la) page n'existe…
        (?:error 404\W{0,3})?página (?:no encontrada|no disponible|não encontrada|inexistente|indisponível)
        (?:errore 404\W{0,3})?pagina (?:non trovata|inesistente|non disponibile)|(?:la )?página no existe
        (?:お探しの)?ページ(?:が|は)(?:見つかりません|存在しません)…
        (?:404\W{0,3})?(?:页面不存在|找不到(?:该)?(?:页面|网页)|頁面不存在|找不到(?:此)?(?:頁面|網頁))…
        (?:lỗi 404\W{0,3})?(?:không tìm thấy trang|trang không tồn tại|không tìm thấy)…
    """.replace("\n            ", "")
    ),
    "broken": _compile(r"""
        (?:error |http )?50[0234](?:[\s:–—-]{1,3}…)?|internal server error|bad gateway
        service (?:temporarily )?unavailable
        gateway time-?out|(?:site |down |under |scheduled )?(?:is )?(?:under |for )?maintenance(?: mode)?
        application error
        (?:we'll|we will) be (?:right )?back(?: soon)?|error establishing a database connection|database error
        something went wrong|an error (?:has )?occurred|error|bad request|account suspended|welcome to nginx!?
        apache2 (?:debian|ubuntu) default page…|wartungsarbeiten|en maintenance|en mantenimiento|in manutenzione
        em manutenção
        メンテナンス中|系统维护|服务器错误|bảo trì hệ thống
    """),
    "consent": _compile(r"""
        before you continue…|bevor (?:sie|du) …(?:fortfähr|fortfahren|weiter)…|avant (?:d'accéder|de continuer)…
        antes de (?:continuar|ir)…|prima di continuare…|続行する前に…|继续之前…|trước khi bạn tiếp tục…
        (?:we value )?your privacy(?: (?:choices|matters|is important to us))?|we (?:value|care about) your privacy
        cookie (?:consent|settings|preferences)|privacy settings|consent…(?:required|page|manager)
        manage (?:your )?consent
        datenschutzeinstellungen|(?:ihre|deine) privatsphäre…|zustimmung(?: erforderlich)?|cookies? zustimmen…
        (?:nous respectons )?votre vie privée|gérer (?:mes|vos) (?:cookies|préférences)|tu privacidad…|su privacidad…
        la tua privacy|a sua privacidade|sua privacidade|yahoo (?:is part of|ist teil|fait partie|es parte|fa parte)…
    """),
    "paywall": _compile(r"""
        (?:please )?(?:log|sign) ?in(?: (?:to|or|with|through|required)…)?|login(?: required| page)?
        subscription required
        subscribe to (?:read|continue|keep reading|unlock|access)…|subscribers? only|members? only
        access (?:options|required)
        anmelden|einloggen|connexion|se connecter|iniciar sesión|accedi|entrar|ログイン|登录|登入|đăng nhập
        purchase (?:this )?(?:article|access|pdf)|get (?:full )?access(?: to this …)?|request access
    """),
    "parked": _compile(r"""
        (?:the )?(?:domain )?(?:name )?[\w.-]{0,80} ?(?:is|may be) for sale…|buy this domain…
        domain (?:for sale|parked|expired)
        (?:this )?domain (?:name )?(?:has expired|is parked|is available)…|parked domain…|coming soon
        diese domain steht zum verkauf…|ce (?:nom de )?domaine est à vendre…|este dominio está (?:en|a) venta…
        questo dominio è in vendita…|este domínio está à venda…|このドメインは…(?:売|取得|販売)…|该域名(?:正在)?出售…
        本域名…出售…
    """),
}

WORDS: Mapping[Kind, re.Pattern[str]] = {
    "robot_check": _compile(r"""
        checking (?:if the site connection is secure|your browser)
        verify(?:ing)? (?:that )?you are (?:a )?(?:human|not a robot)
        unusual (?:traffic|activity) from your (?:computer )?network
        enable (?:javascript and cookies|cookies and javascript)
        (?:needs to|to) (?:review|check) the security of your connection|performance (?:&|and) security by cloudflare
        ray id:
        you (?:have been|were) blocked|incapsula incident|incident id:|complete the (?:captcha|security check)
        i'm not a robot
        (?:don't|do not) have permission to access …on this server|our systems have detected
        automated (?:access|requests|queries)
        bestätigen sie, dass sie (?:ein mensch|kein roboter)|vérifi…que vous (?:êtes un humain|n'êtes pas un robot)
        (?:verifi|confirm|comprueb)…(?:que )?(?:eres|es|você é|sei) (?:un |um )?(?:ser )?(?:humano|umano)
        no (?:eres|soy) un robot
        non (?:sei|sono) un robot|não (?:é|sou) um robô|ロボットではありません|人間であることを確認|验证您是(?:真)?人
        证明您不是机器人
        xác minh bạn là con người
    """),
    "missing": _compile(r"""
        (?:page|document|article|url|content|file|story|resource)…(?:you|that you)…(?:requested|looking for|want)…{LOST}
        (?:page|document|article|url|content)…(?:you|that you)…trying to (?:reach|view)…{LOST}
        (?:page|document|article|content|link|item) (?:is |has been |was )?(?:no longer (?:available|exist)|{LOST})
        (?:can't|cannot|couldn't|could not|unable to) (?:find|locate) (?:the|that|this|your) (?:page|document|article)
        (?:may|might|could) have been (?:moved|removed|deleted|renamed)|(?:page|url|link) (?:does not|doesn't) exist
        requested url .{1,200}? was not found|doi (?:name )?…(?:cannot be found|not found)|no results (?:were )?found
        (?:gesuchte|angeforderte|aufgerufene) (?:seite|inhalt)…(?:nicht|existiert|verschoben)
        page (?:que vous|demandée)…(?:n'existe|introuvable|pas|plus)
        página (?:que (?:busca|buscas|procura|solicit\w+)|solicitada)…(?:no|não|ya)
        pagina (?:che (?:stai|cercavi|cerchi)|richiesta)…non
        (?:お探し|ご指定)の(?:ページ|記事)…(?:ません|ない|なりました|削除)
        (?:您(?:访问|请求|查找|要找)的)(?:页面|内容|网页)…(?:不存在|删除|找不到)
        trang (?:bạn|này)…(?:không tồn tại|không tìm thấy|đã bị xóa)
    """),
    "broken": _compile(r"""
        (?:server|site|service) (?:is|was) (?:temporarily )?(?:unable|unavailable|down|overloaded)
        try again (?:later|in a few)
        encountered an (?:internal|unexpected) error|(?:down|closed|offline) for (?:scheduled )?maintenance|upstream
    """),
    "consent": _compile(r"""
        we (?:and our \d{0,5} ?(?:\w+ )?partners )?(?:use|store|process)…(?:cookies|information on|personal data)
        accept (?:all|cookies|and continue)
        (?:reject|decline) all|manage (?:my )?(?:preferences|settings|options|cookies|choices)|we value your privacy
        your choices…(?:cookies|withdraw)
        agree to (?:our|the) use of cookies|to continue,? …(?:accept|agree|consent)
        (?:click|clicking|select) "?(?:accept|agree|i agree)
        wir (?:und unsere…)?(?:verwenden|nutzen|verarbeiten|benötigen ihre zustimmung)…|alle (?:cookies )?akzeptieren
        mit werbung weiterlesen
        nous (?:et nos…)?utilisons des cookies|tout accepter|accepter et (?:continuer|fermer)|continuer sans accepter
        (?:nosotros y nuestros…)?(?:usamos|utilizamos) cookies|aceptar (?:todo|todas|y continuar|cookies)
        noi e i nostri…|utilizziamo (?:i )?cookie
        accetta (?:tutto|tutti|e continua)|(?:nós|usamos)…cookies|aceitar (?:todos|tudo|cookies)
        すべて(?:同意|許可|受け入れ)
        クッキーを使用
        全部接受|接受所有|使用cookie|chấp nhận tất cả|sử dụng cookie
    """),
    "paywall": _compile(r"""
        (?:subscribe|register|join|purchase|pay|create (?:a|your) account)…(?:to|and) (?:{GO_ON})
        (?:sign ?up|log ?in|sign ?in|subscribe)…(?:to|and) (?:{GO_ON}|get (?:full )?access)
        (?:subscribe|register|log ?in|sign ?in) to (?:read|view|access|see) (?:the |this )?(?:full|entire|rest)
        (?:subscribe|register|log ?in|sign ?in) (?:now )?to (?:read|view|access|see) (?:the |this )?{WORK}
        {WORK} is (?:only )?(?:available |reserved |exclusively )?(?:only )?(?:for|to) (?:our )?(?:paying )?{READERS}
        (?:for|available to) (?:subscribers|members) only|subscribers?[- ]only
        exclusive(?:ly)? (?:for|to) (?:our )?(?:subscribers|members)
        to (?:continue|keep) reading|continue reading (?:this article|with|by|your)
        you(?:'ve| have) (?:reached|read|used)…(?:free articles|article limit|limit)
        (?:this is )?(?:a )?preview of subscription content|you (?:do not|don't) (?:currently )?have access to this
        (?:buy|purchase|rent)(?: or rent)? (?:this |the |an? |instant |full )?(?:article|pdf|access|chapter|issue)\b
        get (?:full |instant )?access to (?:this|the full)
        (?:access|log in|sign in|login) (?:through|via|with|using) (?:your )?(?:an )?institution
        institutional (?:login|access|sign in)|check access|unlock this (?:article|story)
        to (?:read|view|access) (?:the )?(?:full|complete|entire) (?:text|{WORK})…(?:log|sign|subscri|purchas|buy)
        (?:artikel|inhalt|beitrag) ist (?:nur |exklusiv )?für (?:unsere )?(?:abonnent|mitglieder|plus|registrierte)
        (?:jetzt )?(?:abonnieren|registrieren|anmelden) und weiterlesen|weiterlesen mit
        um (?:den artikel |diesen artikel )?weiterzulesen|nur für abonnent
        (?:article |contenu )?(?:est )?réservé (?:à nos |aux )abonnés|il vous reste [\d.,]+ ?% de cet article
        (?:abonnez|inscrivez|connectez)-vous pour (?:lire|continuer|accéder)|la suite est réservée|pour lire la suite
        (?:contenido|artículo) (?:exclusivo|solo|reservado) para (?:suscriptores|socios)
        (?:suscríbete|regístrate|inicia sesión) para (?:seguir|continuar|leer)|para seguir leyendo
        (?:contenuto|articolo) (?:riservato|esclusivo)…(?:abbonati|iscritti)
        (?:abbonati|accedi|registrati) per (?:continuare|leggere)|per continuare (?:a leggere|la lettura)
        (?:conteúdo|matéria|artigo) exclusiv[oa] para (?:assinantes|membros)
        (?:assine|cadastre-se|faça login) para (?:continuar|ler|ter acesso)|para continuar lendo
        会員限定の?(?:記事|コンテンツ|サービス)?です|会員登録が必要
        (?:この|本)記事は(?:有料|会員)|残り[:\s]?\d{1,6}文字|続きを(?:読む|お読みいただく)には
        ログインして(?:続き|全文)
        (?:订阅|付费|会员|訂閱|付費|會員)…(?:可见|专享|阅读全文|继续阅读|專享|閱讀全文|繼續閱讀)
        (?:登录|登錄|登入|订阅)后(?:继续|阅读|查看)|本文为付费
        (?:đăng nhập|đăng ký|mua gói) để (?:đọc tiếp|xem tiếp|đọc toàn|tiếp tục)
        (?:nội dung|bài viết) (?:chỉ )?dành (?:riêng )?cho (?:thuê bao|hội viên|độc giả)
    """),
    "parked": _compile(r"""
        (?:this |the )?domain (?:name )?…(?:is|may be) for sale|buy this domain|domain (?:is|has been) parked
        parked (?:free|courtesy)|domain has expired
        (?:inquire|make an offer) (?:about|on|for) this domain|the owner of this domain|get this domain|hugedomains
        sedo domain parking|dan\.com
        domain …zum verkauf|domaine …à vendre|dominio …en venta|dominio …in vendita|domínio …à venda
        ドメイン…(?:販売|売り出)
        域名…出售
    """),
    "scripts": _compile(r"""
        (?:enable|turn on|activate|requires?|needs?|without)…javascript
        javascript…(?:enable|disabled|required|turned off)
        javascript…(?:aktivier|activ|habilit|abilita|bật|启用|啟用|有効)
        (?:aktivieren|activer|activ[ae]r?|habilit\w+|abilita\w*|bật|启用|啟用)…javascript
    """),
}
