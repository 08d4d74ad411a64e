"""Addresses on the web, and where redirects lead: to http or https, without the user name that an address may hold."""

import httpx

from index.fetch.download import DownloadError

STATUSES = frozenset((301, 302, 303, 307, 308))


def parse_address(text: str) -> httpx.URL:
    """Return an address as it is to be asked for, without user name, password and fragment.

    Raises:
        DownloadError: It is no address on the web.
    """
    return _clean(httpx.URL(), text, "is no address on the web")


def read_redirect(url: httpx.URL, response: httpx.Response) -> httpx.URL | None:
    """Return where the answer for `url` leads; None if it is no redirect.

    Raises:
        DownloadError: It leads nowhere on the web.
    """
    location = response.headers.get("location", "")
    if response.status_code not in STATUSES or not location:
        return None
    return _clean(url, location, "redirects to what is no address on the web")


def _clean(base: httpx.URL, text: str, fault: str) -> httpx.URL:
    try:
        url = base.join(text.strip()).copy_with(userinfo=b"", fragment=None)
        is_on_web = url.scheme in ("http", "https") and url.host != ""
    except (httpx.InvalidURL, ValueError) as error:
        raise DownloadError("unreachable", fault) from error
    if not is_on_web:
        raise DownloadError("unreachable", fault)
    return url
