# SPDX-License-Identifier: Apache-2.0
# bz2 and lzma: whole texts, streams in pieces, limits, what stands behind the end, wrong input and wrong arguments; threads beside each other.
import bz2
import io
import lzma
import random
import threading

random.seed(7)
TEXT = b"".join(b"line %d of a text that repeats itself\n" % (i % 50) for i in range(3000)) + bytes(random.randrange(256) for _ in range(20000))


def tried(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


for module, make, unmake in ((bz2, bz2.BZ2Compressor, bz2.BZ2Decompressor), (lzma, lzma.LZMACompressor, lzma.LZMADecompressor)):
    whole = module.compress(TEXT)
    print(module.__name__, len(whole), module.decompress(whole) == TEXT, module.decompress(whole + whole) == TEXT * 2, module.compress(b"").hex())
    c = make()
    pieces = b"".join(c.compress(TEXT[i:i + 777]) for i in range(0, len(TEXT), 777)) + c.flush()
    print(module.decompress(pieces) == TEXT)
    tried(lambda: c.compress(b"x"))
    tried(c.flush)
    d = unmake()
    out = b""
    print(d.needs_input, d.eof, d.unused_data)
    for i in range(0, len(pieces), 500):
        out += d.decompress(pieces[i:i + 500], max_length=1000)
        while not d.needs_input and not d.eof:
            out += d.decompress(b"", 1000)
    print(out == TEXT, d.needs_input, d.eof, d.unused_data)
    tried(lambda: d.decompress(b"x"))
    d = unmake()
    print(d.decompress(pieces + b"behind") == TEXT, d.unused_data, d.eof)
    for wrong in (b"nonsense and more", whole[:100] + b"\0" * 50 + whole[150:], whole[:-20]):
        tried(lambda: module.decompress(wrong))
    d = unmake()
    tried(lambda: d.decompress(b"nonsense and more nonsense"))
    print(d.eof) # needs_input then depends on CPython's own revision
    for f in (lambda: make().compress("text"), lambda: unmake().decompress("text"), lambda: unmake(1, 2, 3, 4), lambda: make().__reduce_ex__(2)):
        try:
            f()
        except TypeError:
            print("TypeError")
    with module.open(io.BytesIO(whole), "rt", encoding="latin-1") as f:
        print(f.readline(), len(f.read()))
    results = [None] * 4

    def work(k):
        results[k] = module.decompress(module.compress(TEXT[k:])) == TEXT[k:]

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(results)
for level in 0, 10, "a":
    tried(lambda: bz2.BZ2Compressor(level))
FILTERS = [[{"id": lzma.FILTER_LZMA2, "preset": 1}], [{"id": lzma.FILTER_DELTA, "dist": 5}, {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16, "lc": 1}],
           [{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC4}]]
for filters in FILTERS:
    raw = lzma.compress(TEXT, format=lzma.FORMAT_RAW, filters=filters)
    print(len(raw), lzma.decompress(raw, format=lzma.FORMAT_RAW, filters=filters) == TEXT, lzma.decompress(lzma.compress(TEXT, filters=filters)) == TEXT)
alone = lzma.compress(TEXT, format=lzma.FORMAT_ALONE)
print(len(alone), lzma.decompress(alone) == TEXT, lzma.decompress(alone, format=lzma.FORMAT_ALONE) == TEXT)
for check in lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_SHA256:
    d = lzma.LZMADecompressor()
    print(d.check, d.decompress(lzma.compress(b"x", check=check)), d.check, lzma.is_check_supported(check))
for f in (lambda: lzma.LZMACompressor(format=9), lambda: lzma.LZMACompressor(lzma.FORMAT_ALONE, check=4), lambda: lzma.LZMACompressor(preset=3, filters=[]), lambda: lzma.LZMACompressor(preset=99),
          lambda: lzma.LZMACompressor(lzma.FORMAT_RAW), lambda: lzma.LZMACompressor(filters=[{}]), lambda: lzma.LZMACompressor(filters=[{"id": 999}]),
          lambda: lzma.LZMACompressor(filters=[{"id": lzma.FILTER_LZMA2, "foo": 1}]), lambda: lzma.LZMACompressor(filters=[{"id": 3}] * 5), lambda: lzma.LZMACompressor(filters=[3]),
          lambda: lzma.LZMADecompressor(format=9), lambda: lzma.LZMADecompressor(memlimit=1, format=lzma.FORMAT_RAW, filters=FILTERS[0]), lambda: lzma.LZMADecompressor(filters=FILTERS[0]),
          lambda: lzma.LZMADecompressor(memlimit=1024).decompress(lzma.compress(TEXT)), lambda: lzma._decode_filter_properties(lzma.FILTER_LZMA1, b"]\0\0\0\4"),
          lambda: lzma._encode_filter_properties(FILTERS[0][0]), lambda: lzma._decode_filter_properties(lzma.FILTER_LZMA2, b"abc")):
    tried(f)
