"""One request, and how long to wait before the next."""

import http.client
from datetime import datetime, timedelta, timezone
from email.message import Message
from email.utils import format_datetime

import misbehaving_host as answers
import pytest
from misbehaving_host import Host

from corpus.download.http import Client, RequestFailedError, _Redirects, _Request
from corpus.download.pace import Gate, retry_after


def headers(**named: str) -> Message:
    message = http.client.HTTPMessage()
    for name, value in named.items():
        message[name.replace("_", "-")] = value
    return message


def test_retry_after_in_seconds_and_as_a_date() -> None:
    assert retry_after(headers()) is None
    assert retry_after(headers(Retry_After="120")) == 120
    later = datetime.now(timezone.utc) + timedelta(seconds=90)
    assert 85 < (retry_after(headers(Retry_After=format_datetime(later, usegmt=True))) or 0) <= 90
    assert retry_after(headers(Retry_After="Thu, 18 Apr 2019 10:12:43 GMT")) == 0
    for nonsense in ("soon", "", "-", "Thu, 99 Apr 2019"):
        assert retry_after(headers(Retry_After=nonsense)) is None


def test_https_is_not_left() -> None:
    request = _Request("https://a.example/x")
    with pytest.raises(RequestFailedError, match=r"is redirected from https to http://b.example/x"):
        _Redirects().redirect_request(request, None, 302, "", headers(), "http://b.example/x")  # type: ignore[arg-type]


def test_head_stays_head_and_ranges_are_kept() -> None:
    request = _Request("http://a.example/x", headers={"Range": "bytes=5-"}, method="HEAD")
    given = headers(X_Linked_Etag="1")
    new = _Redirects().redirect_request(request, None, 302, "", given, "https://b.example/y z")  # type: ignore[arg-type]
    assert (new.get_method(), new.get_header("Range"), new.full_url) == ("HEAD", "bytes=5-", "https://b.example/y%20z")
    assert isinstance(new, _Request)
    assert new.passed == [given]


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (answers.cut_after(50), "ended after 50 of 100 bytes"),
        (answers.chunked(cut=50), "ended early"),
        (answers.send(bytes(2000)), "is larger than a list can be"),
    ],
)
def test_a_list_is_read_whole_or_not_at_all(host: Host, page: answers.Misbehaviour, fault: str) -> None:
    host.page("list", bytes(100)).always = page
    with pytest.raises(RequestFailedError, match=fault):
        Client(timeout=1).read(f"{host.url}/list", most=1000)
    host.page("list", bytes(100))
    assert Client(timeout=1).read(f"{host.url}/list", most=1000) == bytes(100)


def test_a_gate_is_closed_once() -> None:
    gate = Gate()
    assert gate.close(60)
    assert not gate.close(10)


@pytest.mark.parametrize("url", ["http://[::1", "http://a b/c", "gopher://x/y"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(RequestFailedError) as failure, Client(timeout=1).open(url):
        pass
    assert not failure.value.retry


def test_a_host_without_tls_where_it_is_expected(host: Host) -> None:
    """It looks like a connection broken on the way, which may pass."""
    with pytest.raises(RequestFailedError) as failure, Client(timeout=1).open(host.url.replace("http:", "https:")):
        pass
    assert failure.value.retry
