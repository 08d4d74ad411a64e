"""The ills of the real web, each on a host of its own, with what is to become of a download from it."""

import asyncio
import gzip
import zlib

HTML = {"Content-Type": "text/html; charset=utf-8"}
ARTICLE = "<!DOCTYPE html><title>Rain</title><article><h1>Rain</h1><p>Rain fell on the hills all day.</p></article>"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


async def repeat(writer, piece, pause_s=0.0, times=1_000):
    """Write again and again, until the other side is gone; with TLS between, asyncio does not always tell."""
    for _ in range(times):
        if writer.is_closing():
            return
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause_s)


async def say(answer, visit, reader, writer):
    writer.write(answer)
    await writer.drain()


async def drip_body(visit, reader, writer):
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    await repeat(writer, b"x", pause_s=0.1)


async def drip_headers(visit, reader, writer):
    writer.write(HEAD)
    await repeat(writer, b"X-Drip: y\r\n", pause_s=0.1)


async def flood_headers(visit, reader, writer):
    writer.write(HEAD)
    await repeat(writer, b"X-Flood: " + b"y" * 60_000 + b"\r\n")


async def inform_for_ever(visit, reader, writer):
    await repeat(writer, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", pause_s=0.01)


async def truncate(visit, reader, writer):
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\nonly this")
    await writer.drain()
    await asyncio.sleep(0.05)


async def truncate_gzip(visit, reader, writer):
    packed = gzip.compress(ARTICLE.encode() * 50)[:-20]
    writer.write(HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + packed)
    await writer.drain()


async def truncate_chunks(visit, reader, writer):
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    await writer.drain()


async def reset(visit, reader, writer):
    writer.transport.abort()


async def babble(visit, reader, writer):
    writer.write(b"220 mail.example ESMTP ready\r\n\r\n")
    await writer.drain()


async def endless(visit, reader, writer):
    writer.write(HEAD + b"Connection: close\r\n\r\n")
    await repeat(writer, b"<p>more and more</p>" * 4_000)


async def redirect_for_ever(visit, reader, writer):
    number = int(visit.path.partition("=")[2] or 0)
    writer.write(f"HTTP/1.1 302 Found\r\nLocation: /?n={number + 1}\r\nContent-Length: 0\r\n\r\n".encode())
    await writer.drain()


def make_bomb(wbits: int, size_bytes: int = 100_000_000) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, wbits)
    zeros = bytes(1_000_000)
    return b"".join(packer.compress(zeros) for _ in range(size_bytes // len(zeros))) + packer.flush()


def add_ills(web) -> dict[str, tuple[str, str]]:
    """Put the ills on the web, and return by URL what becomes of each: a status as text, or a state and its reason."""
    told: dict[str, tuple[str, str]] = {}

    def tell(url, state, reason=""):
        told[url] = (state, reason)

    for state, reason, host, ill in (
        ("unreachable", "took longer than", "drip-body.example", drip_body),
        ("unreachable", "took longer than", "drip-headers.example", drip_headers),
        ("unreachable", "does not answer in HTTP", "flood-headers.example", flood_headers),
        ("unreachable", "took longer than", "early-hints.example", inform_for_ever),
        ("unreachable", "sent less than it announced", "truncated.example", truncate),
        ("unreachable", "sent less than it announced", "truncated-gzip.example", truncate_gzip),
        ("unreachable", "sent less than it announced", "truncated-chunks.example", truncate_chunks),
        ("unreachable", "", "reset.example", reset),
        ("unreachable", "does not answer in HTTP", "smtp.example", babble),
        ("unreadable", "larger than", "endless.example", endless),
        ("unreachable", "redirects more than 10 times", "redirects.example", redirect_for_ever),
    ):
        tell(web.add_ill(host, "/", ill), state, reason)
    _add_certificates(web, tell)
    _add_traps(web, tell)
    _add_bodies(web, tell)
    _add_statuses(web, tell)
    _add_robots(web, tell)
    return told


def _add_certificates(web, tell):
    tell(web.add_certificate("expired.example", "expired"), "unreachable", "the certificate has expired")
    tell(web.add_certificate("wrong.example", "wrong host"), "unreachable", "the certificate is for another host")
    tell(web.add_certificate("selfsigned.example", "self-signed"), "unreachable", "the certificate is self-signed")
    tell(
        web.add_certificate("foreign.example", "foreign"),
        "unreachable",
        "the certificate comes from no known authority",
    )
    tell(web.add_closed("closed.example"), "unreachable", "the connection was refused")
    tell(web.add_mute("mute.example"), "unreachable", "the host does not answer")
    tell("https://nowhere.example/", "unreachable", "no such host")
    for known in ("doi.org", "arxiv.org"):
        web.add(known, "/", ARTICLE)


def _add_traps(web, tell):
    private = "leads to a private address"
    for number, location in enumerate(
        (
            "http://127.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://10.0.0.1/",
            "http://2130706433/",
            "http://127.1/",
            "http://100.64.0.1/",
            "http://[64:ff9b::7f00:1]/",
            "http://u:p@192.168.0.1/",
            "http://localhost/",
        )
    ):
        tell(web.add_redirect(f"trap-{number}.example", "/", location), "unreachable", private)
    tell(web.add_redirect("octal.example", "/", "http://0177.0.0.1/"), "unreachable", "no address on the web")
    tell(web.add_redirect("file.example", "/", "file:///etc/passwd"), "unreachable", "no address on the web")
    tell(
        web.add_redirect("port.example", "/", "http://port.example:22/"), "unreachable", "a port that is not the web's"
    )
    tell(web.add_redirect("loop.example", "/", "https://loop.example/"), "unreachable", "redirects in a circle")
    web.add_host("inside.example", ["10.0.0.7"])
    tell("https://inside.example/", "unreachable", private)
    web.add_host("mixed.example", ["own", "10.0.0.7"])
    tell("https://mixed.example/", "unreachable", private)
    web.add_host("metadata.example", ["169.254.169.254"])
    tell("http://metadata.example/", "unreachable", private)


def _add_bodies(web, tell):
    for name, coding, wbits in (("gzip", "gzip", 31), ("deflate", "deflate", 15)):
        bomb = make_bomb(wbits)
        tell(
            web.add(f"bomb-{name}.example", "/", bomb, headers={**HTML, "Content-Encoding": coding}),
            "unreadable",
            "larger than",
        )
    twice = gzip.compress(gzip.compress(bytes(5_000_000)))
    tell(
        web.add("nested.example", "/", twice, headers={"Content-Encoding": "gzip, gzip"}),
        "unreadable",
        "more than once",
    )
    tell(web.add("brotli.example", "/", b"\x0b", headers={"Content-Encoding": "br"}), "unreadable", "not asked for")
    tell(web.add("huge.example", "/", bytes(50_000_000)), "unreadable", "larger than")
    tell(web.add("empty.example", "/"), "200")
    tell(web.add("mislabelled.example", "/", PDF), "200")
    tell(web.add("html-as-pdf.example", "/", ARTICLE, headers={"Content-Type": "application/pdf"}), "200")
    tell(web.add("charset.example", "/", "Müller".encode("latin-1"), headers=HTML), "200")
    tell(web.add("soft404.example", "/", "<title>Page not found</title>"), "200")
    tell(web.add("consent.example", "/", "<p>We value your privacy. Accept all cookies?"), "200")
    tell(web.add("twin-a.example", "/", ARTICLE), "200")
    tell(web.add("twin-b.example", "/", ARTICLE), "200")


def _add_statuses(web, tell):
    for status in (401, 402, 403, 404, 410, 451, 500):
        tell(web.add(f"status-{status}.example", "/", "no", status), str(status))
    web.add("recovers.example", "/", "busy", 503)
    tell(web.add("recovers.example", "/", ARTICLE), "200")
    web.add("patience.example", "/", "busy", 429, {"Retry-After": "1"})
    tell(web.add("patience.example", "/", ARTICLE), "200")
    tell(web.add("busy.example", "/", "busy", 429, {"Retry-After": "3600"}), "unreachable", "asked to wait 3600 s")
    tell(web.add("garbled-wait.example", "/", "busy", 503, {"Retry-After": "soon"}), "503")
    for number in range(5):
        web.add_redirect("chain.example", f"/{number}", f"/{number + 1}", (301, 302, 303, 307, 308)[number])
    web.add("chain.example", "/5", ARTICLE)
    tell("https://chain.example/0", "200")


def _add_robots(web, tell):
    web.add_robots("forbidden.example", "User-agent: *\nDisallow: /")
    tell(web.add("forbidden.example", "/", ARTICLE), "blocked_by_robots", "its robots.txt forbids it")
    web.add_robots("nopdf.example", "User-agent: *\nDisallow: /*.pdf$")
    tell(web.add("nopdf.example", "/a.pdf", PDF), "blocked_by_robots", "its robots.txt forbids it")
    tell(web.add("nopdf.example", "/a", ARTICLE), "200")
    web.add_robots("norobots.example", "oops", 500)
    tell(web.add("norobots.example", "/", ARTICLE), "unreachable", "its robots.txt answers with status 500")
    web.add_robots("robots-403.example", "no", 403)
    tell(web.add("robots-403.example", "/", ARTICLE), "200")
    tell(web.add_redirect("to-forbidden.example", "/", "https://forbidden.example/"), "blocked_by_robots", "forbids it")
    web.add_ill("robots-drips.example", "/robots.txt", drip_body)
    tell(web.add("robots-drips.example", "/", ARTICLE), "unreachable", "took longer than")
