"""Where a feed comes from: which protocols may be used, and how an address is shown without its secrets.

Used by `camera_av.py`.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from onset.text import safe_text

# What FFmpeg may open while it follows an address: a playlist from the network must never reach local files.
_MAY_OPEN = {
    "": "file",
    "file": "file",
    "udp": "udp",
    "rtp": "rtp,udp",
    "tcp": "tcp",
    "http": "http,tcp",
    "https": "https,http,tls,tcp",
    "rtsp": "rtsp,rtp,udp,tcp",
    "rtsps": "rtsps,rtsp,rtp,srtp,udp,tcp,tls",
    "rtmp": "rtmp,tcp",
}


def protocol_of(url: str) -> str:
    """`rtsp` of `rtsp://…`, empty for a path."""
    scheme, mark, _ = url.partition(":")
    return scheme.lower() if mark and "/" not in scheme and len(scheme) > 1 else ""


def allowed_protocols() -> list[str]:
    """Those that a feed may come by."""
    return sorted(name for name in _MAY_OPEN if name)


def may_open(url: str) -> str | None:
    """The whitelist that FFmpeg gets for this address; None for a protocol that is not allowed.

    >>> may_open("rtsp://camera/1"), may_open("concat:/etc/passwd|x"), may_open("clip.mov")
    ('rtsp,rtp,udp,tcp', None, 'file')
    """
    return _MAY_OPEN.get(protocol_of(url))


def is_file(url: str) -> bool:
    """Whether it is a file of this machine."""
    return protocol_of(url) in ("", "file")


def is_film(url: str) -> bool:
    """Whether it is a file that can be read again from its beginning; a pipe is a feed."""
    return is_file(url) and Path(url.removeprefix("file:")).is_file()


def shown(url: str) -> str:
    """The address as it may be shown and logged: no user, no password, no query.

    >>> shown("rtsp://admin:secret@10.0.0.5:554/live?token=abc")
    'rtsp://***@10.0.0.5:554/live?***'
    """
    if is_file(url):
        return safe_text(url)
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{protocol_of(url)}://***"
    host = parts.netloc.rpartition("@")
    place = f"***@{host[2]}" if host[1] else parts.netloc
    return safe_text(urlunsplit((parts.scheme, place, parts.path, "***" if parts.query else "", "")))


def without_secrets(text: str, url: str) -> str:
    """A library's own words about `url`, with whatever is secret in it taken out."""
    text = text.replace(url, shown(url))
    try:
        parts = urlsplit(url)
        secrets = [parts.password, parts.username, parts.query]
    except ValueError:
        secrets = []
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return safe_text(text)
