"""One HTTP request: redirects followed, faults sorted into those worth another try and those that are final."""

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from importlib.metadata import version
from typing import IO, Any

from corpus.download.pace import retry_after
from corpus.download.remote import Checksum

BLOCK_BYTES = 256 << 10
SLOWEST = 1000
"""Bytes a second; a connection slower than this over a whole timeout is given up."""

_SLOW_DOWN = frozenset({403, 429, 503, 509})
"""Answers with which hosts limit rates; data.commoncrawl.org uses 403 and 503 (facebookresearch/cc_net#35, #49)."""
ABSENT = frozenset({404, 410})
"""Answers that say that there is no such file."""
_TRANSIENT = frozenset({408, 425, 500, 502, 504})


class RequestFailedError(Exception):
    """fault: one phrase. retry: whether another try may help. wait: seconds the host asks for.

    slow_down: whether the host limits rates, which concerns every connection to it. size: bytes of the whole file
    where the host says so with status 416.
    """

    def __init__(
        self,
        fault: str,
        retry: bool,
        *,
        status: int | None = None,
        wait: float | None = None,
        slow_down: bool = False,
        size: int | None = None,
    ) -> None:
        super().__init__(fault)
        self.fault, self.retry, self.status = fault, retry, status
        self.wait, self.slow_down, self.size = wait, slow_down, size


class Response:
    """An answer with status 2xx. headers: of the answer. passed: of the redirects that led to it."""

    def __init__(self, body: http.client.HTTPResponse, passed: list[Message], timeout: float) -> None:
        self._body, self._passed, self._timeout = body, passed, timeout
        self.status: int = body.status
        self.headers: Message = body.headers

    @property
    def length(self) -> int | None:
        """Bytes of the body as announced; None for a body sent in chunks or until the connection ends."""
        value = self.headers.get("Content-Length", "")
        return int(value) if value.isdigit() and not self._chunked else None

    @property
    def end_told(self) -> bool:
        """Whether a body cut short can be known from a whole one: a length was announced, or it comes in chunks."""
        return self._chunked or self.length is not None

    @property
    def _chunked(self) -> bool:
        return "chunked" in self.headers.get("Transfer-Encoding", "").lower()

    @property
    def etag(self) -> str | None:
        return self.headers.get("ETag")

    @property
    def last_modified(self) -> str | None:
        return self.headers.get("Last-Modified")

    @property
    def content_range(self) -> tuple[int, int | None] | None:
        """First byte and size of the whole file that a partial answer states."""
        unit, _, rest = self.headers.get("Content-Range", "").partition(" ")
        span, _, total = rest.partition("/")
        first = span.partition("-")[0]
        if unit != "bytes" or not first.isdigit():
            return None
        return int(first), int(total) if total.isdigit() else None

    @property
    def checksum(self) -> Checksum | None:
        """A digest of the content that the host states in a header.

        Hugging Face's hub gives a large file's SHA-256 with the redirect to it. The ETag of an object that was stored
        in S3 in one piece, and not encrypted with a key of its owner's, is its MD5.
        """
        for headers in (*self._passed, self.headers):
            linked = headers.get("X-Linked-Etag", "").strip('"').lower()
            if _is_hex(linked, 64):
                return Checksum("sha256", linked)
        etag = (self.etag or "").strip('"').lower()
        encryption = self.headers.get("x-amz-server-side-encryption", "AES256")
        if self.headers.get("Server") == "AmazonS3" and encryption == "AES256" and _is_hex(etag, 32):
            return Checksum("md5", etag)
        return None

    def blocks(self) -> Iterator[bytes]:
        """The body as it comes. Raises RequestFailedError when the connection breaks, falls silent or crawls."""
        since, received = time.monotonic(), 0
        while True:
            with _sorted_faults():
                block = self._body.read1(BLOCK_BYTES)
            if not block:
                return
            received += len(block)
            yield block
            seconds = time.monotonic() - since
            if seconds > self._timeout:
                if received < SLOWEST * seconds:
                    raise RequestFailedError(f"only {received / seconds:.0f} bytes a second came", retry=True)
                since, received = time.monotonic(), 0


class Client:
    """Asks over HTTP and HTTPS, through the proxies the environment names. May be shared by threads."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.UnknownHandler(),
            _Redirects(),
        ):
            self._opener.add_handler(handler)
        self._headers = {"User-Agent": f"llama-corpus/{version('llama-corpus')}", "Accept-Encoding": "identity"}

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Iterator[Response]:
        """The answer to a request; the connection ends with the block. Raises RequestFailedError."""
        with _sorted_faults():
            request = _Request(url, headers={**self._headers, **(headers or {})}, method=method)
            body = self._opener.open(request, timeout=self._timeout)
        with body:
            yield Response(body, request.passed, self._timeout)

    def read(self, url: str, most: int) -> bytes:
        """The whole body. Raises RequestFailedError, also for a body cut short or of more than `most` bytes."""
        content = bytearray()
        with self.open(url) as response:
            for block in response.blocks():
                content += block
                if len(content) > most:
                    raise RequestFailedError(f"is larger than a list can be ({most:,} bytes)", retry=False)
            if response.length is not None and len(content) != response.length:
                raise RequestFailedError(f"ended after {len(content):,} of {response.length:,} bytes", retry=True)
        return bytes(content)


class _Request(urllib.request.Request):
    """passed: headers of the redirects passed so far, shared by the requests of one chain."""

    passed: list[Message]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.passed = []


class _Redirects(urllib.request.HTTPRedirectHandler):
    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request:
        """Keeps method and headers, Range among them, which the standard handler does not for HEAD."""
        if req.type == "https" and not newurl.startswith("https:"):
            raise RequestFailedError(f"is redirected from https to {newurl}", retry=False)
        assert isinstance(req, _Request)
        new = _Request(
            newurl.replace(" ", "%20"),
            headers=req.headers,
            origin_req_host=req.origin_req_host,
            unverifiable=True,
            method=req.get_method(),
        )
        new.passed = req.passed
        new.passed.append(headers)
        return new


@contextmanager
def _sorted_faults() -> Iterator[None]:
    try:
        yield
    except RequestFailedError:
        raise
    except urllib.error.HTTPError as error:
        with error:
            raise _status_fault(error) from None
    except urllib.error.URLError as error:
        final = isinstance(error.reason, (ssl.SSLCertVerificationError, str))
        raise RequestFailedError(_reason(error.reason), retry=not final) from None
    except TimeoutError:
        raise RequestFailedError("the connection fell silent", retry=True) from None
    except http.client.IncompleteRead:
        raise RequestFailedError("the connection ended early", retry=True) from None
    except (http.client.InvalidURL, ValueError) as error:
        raise RequestFailedError(f"no usable address ({error})", retry=False) from None
    except (OSError, http.client.HTTPException) as error:
        raise RequestFailedError(_reason(error), retry=True) from None


def _status_fault(error: urllib.error.HTTPError) -> RequestFailedError:
    code = error.code
    total = error.headers.get("Content-Range", "").removeprefix("bytes */")
    return RequestFailedError(
        f"the host answers {code} {error.reason}".rstrip(),
        retry=code in _SLOW_DOWN or code in _TRANSIENT or code > 509,
        status=code,
        wait=retry_after(error.headers),
        slow_down=code in _SLOW_DOWN,
        size=int(total) if code == 416 and total.isdigit() else None,
    )


def _reason(fault: object) -> str:
    text = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    return " ".join(text.split()) or type(fault).__name__


def _is_hex(text: str, digits: int) -> bool:
    return len(text) == digits and not set(text) - set("0123456789abcdef")
