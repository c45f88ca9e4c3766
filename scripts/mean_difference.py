"""Prints the mean absolute difference of two 8-bit RGB PNG files, in levels of 0 to 255; exits with 1
if it is above the limit. Needs nothing but Python.
  mean_difference.py ONE.png OTHER.png LIMIT
"""

import struct
import sys
import zlib
from pathlib import Path

CHANNELS = 3


def paeth(left: int, above: int, corner: int) -> int:
    """PNG, 2nd ed., §9.4."""
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


PREDICTORS = (
    lambda left, above, corner: 0,
    lambda left, above, corner: left,
    lambda left, above, corner: above,
    lambda left, above, corner: (left + above) // 2,
    paeth,
)


def read_png(path: str) -> tuple[tuple[int, int], bytes]:
    """Width and height, and the pixels, rows top to bottom."""
    content = Path(path).read_bytes()
    header, data, position = b"", b"", 8
    while position < len(content):
        (size,) = struct.unpack_from(">I", content, position)
        kind, chunk = content[position + 4 : position + 8], content[position + 8 : position + 8 + size]
        header = chunk if kind == b"IHDR" else header
        data += chunk if kind == b"IDAT" else b""
        position += 12 + size
    width, height, *rest = struct.unpack(">IIBBBBB", header)
    if rest != [8, 2, 0, 0, 0]:
        sys.exit(f"{path} is no 8-bit RGB PNG without interlacing")
    return (width, height), unfilter(zlib.decompress(data), width * CHANNELS)


def unfilter(data: bytes, stride: int) -> bytes:
    pixels, above = bytearray(), bytes(stride)
    for start in range(0, len(data), stride + 1):
        predict, row = PREDICTORS[data[start]], bytearray(data[start + 1 : start + 1 + stride])
        for i in range(stride):
            left, corner = (row[i - CHANNELS], above[i - CHANNELS]) if i >= CHANNELS else (0, 0)
            row[i] = (row[i] + predict(left, above[i], corner)) & 255
        pixels += row
        above = row
    return bytes(pixels)


def main() -> int:
    one, other, limit = sys.argv[1:]
    (size, first), (other_size, second) = read_png(one), read_png(other)
    if size != other_size:
        sys.exit(f"{one} is {size}, {other} is {other_size}")
    difference = sum(abs(a - b) for a, b in zip(first, second, strict=True)) / len(first)
    print(f"{difference:.3f}")
    return difference > float(limit)


if __name__ == "__main__":
    sys.exit(main())
