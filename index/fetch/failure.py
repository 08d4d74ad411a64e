"""What a failure of the network means, in a few words that a reader can use."""

import errno
import socket
import ssl
from collections.abc import Iterator, Sequence

import httpx
from ssrfguard import BlockedAddressError, BlockedURLError, SSRFGuardError

from index.fetch.download import DownloadError

# The last two are what a machine without IPv6 says to an address of that kind.
_NO_ROUTE = frozenset((errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT))
# OpenSSL's codes, X509_V_ERR_*.
_CERTIFICATE = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "is self-signed",
    20: "comes from no known authority",
    21: "comes from no known authority",
    62: "is for another host",
}


class UnreachedError(DownloadError):
    """No server was reached: its name cannot be looked up or no route leads to it. This machine may be offline."""


class PassingError(DownloadError):
    """A failure that may pass, so that it is worth another try."""


def explain(error: Exception, faults: Sequence[BaseException] = ()) -> DownloadError:
    """Return what a failure of the network means, in a few words; `faults` are what is known of it besides."""
    for cause in (*iter_causes(error), *faults):
        if isinstance(cause, SSRFGuardError):
            return DownloadError("unreachable", _explain_refusal(cause))
        if isinstance(cause, ssl.SSLCertVerificationError):
            fault = _CERTIFICATE.get(cause.verify_code, "cannot be trusted")
            return DownloadError("unreachable", f"the certificate {fault}")
        if isinstance(cause, OSError) and (failure := _explain_socket(cause)) is not None:
            return failure
    if isinstance(error, httpx.TimeoutException):
        return DownloadError("unreachable", "the host does not answer")
    return _explain_protocol(error)


def _explain_socket(error: OSError) -> DownloadError | None:
    if isinstance(error, socket.gaierror):
        is_unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
        return UnreachedError("unreachable", "no such host" if is_unknown else "the host cannot be looked up")
    if error.errno in _NO_ROUTE:
        return UnreachedError("unreachable", "there is no route to the host")
    if isinstance(error, ConnectionRefusedError):
        return PassingError("unreachable", "the connection was refused")
    return None


def _explain_refusal(error: SSRFGuardError) -> str:
    """Return why ssrfguard refused an address; only its words tell."""
    if isinstance(error, BlockedAddressError):
        return "leads to a private address"
    reason = error.reason if isinstance(error, BlockedURLError) else ""
    if "allowed_ports" in reason:
        return "asks for a port that is not the web's"
    has_address = any(word in reason for word in ("RFC", "address", "numeric"))
    return "leads to a private address" if has_address else "is no address on the web"


def _explain_protocol(error: Exception) -> DownloadError:
    text = str(error)
    if isinstance(error, httpx.RemoteProtocolError):
        if "complete message body" in text:
            return PassingError("unreachable", "sent less than it announced")
        if "disconnected" in text:
            return PassingError("unreachable", "hung up without an answer")
        return DownloadError("unreachable", "does not answer in HTTP")
    if any(isinstance(cause, ssl.SSLError) for cause in iter_causes(error)):
        return DownloadError("unreachable", "no secure connection could be made")
    if isinstance(error, httpx.NetworkError):
        return PassingError("unreachable", "the connection was reset")
    return DownloadError("unreachable", "is no address on the web")


def iter_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it comes from, also where several came together."""
    pending, seen = [error], 0
    while pending and seen < 50:  # noqa: PLR2004  # a chain of causes has no business being longer
        cause = pending.pop(0)
        seen += 1
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            pending.extend(cause.exceptions)
        if (inner := cause.__cause__ or cause.__context__) is not None:
            pending.append(inner)
