"""Addresses of feeds: no secret is shown, and no playlist reaches what it should not."""

from __future__ import annotations

import pytest

from devices.camera_av import AVFeed
from devices.feed_url import may_open, shown, without_secrets
from onset.clock import SystemClock
from onset.errors import ConfigError, DeviceError
from tests.devices.sources import surroundings

SECRET = "rtsp://admin:gehe%20im@127.0.0.1:9/live?token=tok123"


def test_a_password_is_shown() -> None:
    feed = AVFeed("B", {"url": SECRET, "timeout": 0.5}, surroundings(clock=SystemClock()))
    with pytest.raises(DeviceError) as caught:
        feed.open()
    for text in (str(caught.value), feed.identify(), shown(SECRET), without_secrets(f"no {SECRET} x", SECRET)):
        for secret in ("admin", "gehe", "tok123"):
            assert secret not in text
        assert "127.0.0.1:9/live" in text
    assert without_secrets("user admin refused", SECRET) == "user *** refused"


@pytest.mark.parametrize(
    "url", ["concat:a|b", "subfile:,start,0,end,0,:x", "data:text/plain,x", "gopher://x", "srt://x:1"]
)
def test_a_protocol_that_reaches_too_far(url: str) -> None:
    assert may_open(url) is None
    with pytest.raises(ConfigError, match='"url"'):
        AVFeed("B", {"url": url}, surroundings())


def test_a_playlist_from_the_network_may_open_files() -> None:
    for url in ("http://x/list.m3u8", "https://x", "rtsp://x", "udp://x:1"):
        allowed = may_open(url)
        assert allowed is not None
        assert "file" not in allowed.split(",")
