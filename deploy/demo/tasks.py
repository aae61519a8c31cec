# SPDX-License-Identifier: Apache-2.0
"""The jobs of deploy/up: two that every text about the GIL uses, and one that draws a picture."""

from krait import App

app = App("tasks")


@app.task
def count_down(n):
    while n > 0:
        n -= 1
    return n


@app.task
def sum_of_squares(n):
    return sum(i * i for i in range(n))


@app.task
def mandelbrot(width, height, limit):
    """The set as a PNG: bytes, with nothing imported."""
    rows = []
    for y in range(height):
        ci = 2.4 * y / height - 1.2
        rows.append(bytes([shade(3.2 * x / width - 2.3, ci, limit) for x in range(width)]))
    return png(width, height, rows)


def shade(cr, ci, limit):
    """How long the point stays near: 0 for ever, else 1 (gone at once) to 255."""
    zr = zi = 0.0
    for steps in range(limit):
        rr, ii = zr * zr, zi * zi
        if rr + ii > 4.0:
            return 1 + steps * 5 % 255
        zr, zi = rr - ii + cr, 2.0 * zr * zi + ci
    return 0


def png(width, height, rows):
    """Eight bits a pixel into a palette, deflate's stored blocks: the format without a compressor."""
    palette = [0, 0, 0]
    for i in range(1, 256):
        palette += [min(255, i * 3), min(255, i * i // 90), min(255, 60 + i)]
    data = b"".join([b"\0" + row for row in rows])
    blocks = [b"\x78\x01"]
    for at in range(0, len(data), 65535):
        block = data[at:at + 65535]
        last = at + 65535 >= len(data)
        size = len(block)
        blocks.append(bytes([last, size & 255, size >> 8, ~size & 255, ~size >> 8 & 255]) + block)
    blocks.append(big_endian(adler32(data)))
    head = big_endian(width) + big_endian(height) + bytes([8, 3, 0, 0, 0])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", bytes(palette))
            + chunk(b"IDAT", b"".join(blocks)) + chunk(b"IEND", b""))


def chunk(kind, data):
    return big_endian(len(data)) + kind + data + big_endian(crc32(kind + data))


def big_endian(n):
    return bytes([n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255])


def adler32(data):
    a, b = 1, 0
    for byte in data:
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return b << 16 | a


def crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ 0xEDB88320 if n & 1 else n >> 1
        table.append(n)
    return table


CRC = crc_table()


def crc32(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF
