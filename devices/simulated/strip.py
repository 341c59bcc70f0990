"""The block strip: a frame's number and timecode, written so that a program can read them back from the picture.

Drawn by the simulated camera and by tests that make feeds. Two rows of 32 black or white blocks along the bottom edge
survive H.264 and scaling, so drops, repeats and the timecode of a recorded file are measured from its pixels.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from devices.adapter import Image

_COLUMNS, _ROWS = 32, 2
_BLACK, _WHITE = 16, 235  # video levels: what every encoder keeps
_HEIGHT_SHARE = 20  # each row is a twentieth of the picture


@dataclass(frozen=True, slots=True)
class Strip:
    """What a strip says: `number` of the frame modulo 2**24, and the frame of the day that its label stands for."""

    number: int
    day_frame: int


def _check(payload: int) -> int:
    return zlib.crc32(payload.to_bytes(6, "big")) & 0xFFFF


def draw_strip(image: Image, strip: Strip) -> None:
    """Draw `strip` over the bottom rows of `image`, in place; at least 128 x 72 pixels."""
    payload = (strip.number & 0xFFFFFF) << 24 | (strip.day_frame & 0xFFFFFF)
    word = payload << 16 | _check(payload)
    bits = np.array([word >> (63 - i) & 1 for i in range(64)], np.uint8).reshape(_ROWS, _COLUMNS)
    height, width = image.shape[:2]
    row = height // _HEIGHT_SHARE
    edges = np.arange(width) * _COLUMNS // width
    levels = np.where(bits == 1, _WHITE, _BLACK).astype(np.uint8)[:, edges]
    top = height - _ROWS * row
    image[top:] = np.repeat(levels, row, axis=0)[:, :, np.newaxis]


def read_strip(image: Image) -> Strip | None:
    """Read the strip of a picture; None where there is none or it is damaged (16 check bits)."""
    height, width, channels = image.shape
    row = height // _HEIGHT_SHARE
    edges = -(-np.arange(_COLUMNS + 1) * width // _COLUMNS)
    inset = np.diff(edges) // 4
    left, right = edges[:-1] + inset, edges[1:] - inset
    between = np.stack((left, right), axis=1).ravel()
    word = 0
    for y in range(_ROWS):
        top = height - (_ROWS - y) * row
        band = image[top + row // 4 : top + row - row // 4]
        columns = np.append(band.sum(axis=(0, 2), dtype=np.int64), 0)
        white = np.add.reduceat(columns, between)[::2] > 128 * len(band) * channels * (right - left)
        for bit in white.tolist():
            word = word << 1 | bit
    payload, check = word >> 16, word & 0xFFFF
    if check != _check(payload):
        return None
    return Strip(payload >> 24, payload & 0xFFFFFF)
