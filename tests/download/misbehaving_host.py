"""A web host on this machine whose every answer can be told to go wrong."""

import hashlib
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Misbehaviour = Callable[["Handler", "Page"], None]


@dataclass
class Page:
    """answers: what to do with the next GET requests, one each; after them the page is served as it should be."""

    content: bytes
    etag: str | None = None
    last_modified: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    answers: deque[Misbehaviour] = field(default_factory=deque)
    always: Misbehaviour | None = None


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    at: float


class Host:
    """pages: by path. requests: all that came, in order. head: whether HEAD is answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages: dict[str, Page] = {}
        self.requests: list[Request] = []
        self.head = True

    def page(self, path: str, content: bytes, *answers: Misbehaviour, **more: object) -> Page:
        """Serves `content` with its MD5 as its ETag."""
        page = Page(content, etag(content), answers=deque(answers))
        for name, value in more.items():
            setattr(page, name, value)
        self.pages[f"/{path}"] = page
        return page

    def gets(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.method == "GET" and request.path == f"/{path}"]


class Handler(BaseHTTPRequestHandler):
    host: Host
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        page = self._page()
        if not self.host.head:
            status(405)(self, page or Page(b""))
        elif page is None:
            status(404)(self, Page(b""))
        else:
            self.start(200, page, len(page.content))

    def do_GET(self) -> None:
        page = self._page()
        if page is None:
            status(404)(self, Page(b""))
        elif page.answers:
            page.answers.popleft()(self, page)
        else:
            (page.always or well)(self, page)

    def start(self, code: int, page: Page, length: int | None, **headers: str) -> None:
        self.send_response_only(code)
        named = {"ETag": page.etag, "Last-Modified": page.last_modified, **page.headers}
        if length is not None:
            named["Content-Length"] = str(length)
        named.update({name.replace("_", "-"): value for name, value in headers.items()})
        for name, value in named.items():
            if value is not None:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def first_byte(self, page: Page) -> int:
        """Where a range that still fits the page begins; 0 without one."""
        wanted, condition = self.headers.get("Range"), self.headers.get("If-Range")
        if wanted is None or condition not in (page.etag, page.last_modified):
            return 0
        return int(wanted.removeprefix("bytes=").removesuffix("-"))

    def begin(self, page: Page) -> bytes:
        """Sends the head of a good answer and returns its body."""
        first = self.first_byte(page)
        total = len(page.content)
        if first:
            self.start(206, page, total - first, Content_Range=f"bytes {first}-{total - 1}/{total}")
        else:
            self.start(200, page, total)
        return page.content[first:]

    def reset(self) -> None:
        """Ends the connection as a crashed host does."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _page(self) -> Page | None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.host.requests.append(Request(self.command, self.path, headers, time.monotonic()))
        return self.host.pages.get(self.path)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections are broken on purpose."""


def etag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}-1"'


def well(handler: Handler, page: Page) -> None:
    first = handler.first_byte(page)
    if first and first >= len(page.content):
        handler.start(416, page, 0, Content_Range=f"bytes */{len(page.content)}")
    else:
        handler.wfile.write(handler.begin(page))


def status(code: int, **headers: str) -> Misbehaviour:
    return lambda handler, page: handler.start(code, Page(b""), 0, **headers)


def redirect(location: str, code: int = 302, **headers: str) -> Misbehaviour:
    return status(code, Location=location, **headers)


def cut_after(size: int) -> Misbehaviour:
    """Ends the connection in good order, but early."""
    return lambda handler, page: void(handler.wfile.write(handler.begin(page)[:size]))


def reset_after(size: int) -> Misbehaviour:
    def answer(handler: Handler, page: Page) -> None:
        handler.wfile.write(handler.begin(page)[:size])
        # What is still in flight when the reset arrives is lost, so it is given time to be read.
        time.sleep(0.05)
        handler.reset()

    return answer


def stall_after(size: int, seconds: float) -> Misbehaviour:
    def answer(handler: Handler, page: Page) -> None:
        handler.wfile.write(handler.begin(page)[:size])
        handler.wfile.flush()
        time.sleep(seconds)

    return answer


def slowly(piece: int, pause: float) -> Misbehaviour:
    """`piece` bytes at a time."""

    def answer(handler: Handler, page: Page) -> None:
        body = handler.begin(page)
        for first in range(0, len(body), piece):
            handler.wfile.write(body[first : first + piece])
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def ignore_range(handler: Handler, page: Page) -> None:
    handler.start(200, page, len(page.content))
    handler.wfile.write(page.content)


def without_length(handler: Handler, page: Page) -> None:
    handler.start(200, page, None)
    handler.wfile.write(page.content)


def cut_without_length(size: int) -> Misbehaviour:
    """Ends early, and nothing in HTTP says so."""

    def answer(handler: Handler, page: Page) -> None:
        handler.start(200, page, None)
        handler.wfile.write(page.content[:size])

    return answer


def chunked(cut: int | None = None) -> Misbehaviour:
    """In chunks; with `cut`, only the first so many bytes, and no end."""

    def answer(handler: Handler, page: Page) -> None:
        handler.start(200, page, None, Transfer_Encoding="chunked")
        for first in range(0, len(page.content[:cut]), 1000):
            chunk = page.content[:cut][first : first + 1000]
            handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        if cut is None:
            handler.wfile.write(b"0\r\n\r\n")

    return answer


def announce(extra: int) -> Misbehaviour:
    """States a length that is off by `extra`."""

    def answer(handler: Handler, page: Page) -> None:
        handler.start(200, page, len(page.content) + extra)
        handler.wfile.write(page.content)

    return answer


def send(content: bytes) -> Misbehaviour:
    """Another body under the page's headers."""

    def answer(handler: Handler, page: Page) -> None:
        handler.start(200, page, len(content))
        handler.wfile.write(content)

    return answer


def wrong_range(shift: int) -> Misbehaviour:
    """A partial answer that begins elsewhere than asked."""

    def answer(handler: Handler, page: Page) -> None:
        first, total = handler.first_byte(page) + shift, len(page.content)
        handler.start(206, page, total - first, Content_Range=f"bytes {first}-{total - 1}/{total}")
        handler.wfile.write(page.content[first:])

    return answer


def void(_: object) -> None:
    pass


@contextmanager
def running_host() -> Iterator[Host]:
    server = _Server(("127.0.0.1", 0), type("BoundHandler", (Handler,), {}))
    host = Host(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass.host = host  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
