# SPDX-License-Identifier: Apache-2.0
# Compression there and back: whole, in pieces, with limits, dictionaries, copies, raw and gzip frames; damage.
import zlib
def show(f, *args, **kw):
    try: r = f(*args, **kw)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
text = b''.join(b'%d bottles of beer on the wall, ' % i for i in range(3000))
for level in (-1, 0, 1, 6, 9):
    for wbits in (15, -15, 31, 9):
        c = zlib.compress(text, level, wbits=wbits); print(level and (len(c), zlib.crc32(c)), zlib.decompress(c, wbits=wbits) == text)
show(zlib.compress, text, 10), show(zlib.compress, 'x'), show(zlib.decompress, b''), show(zlib.decompress, b'x'), show(zlib.decompress, zlib.compress(text)[:-1]), show(zlib.decompress, zlib.compress(b'abc') + b'tail'), show(zlib.decompress, b'abc', bufsize=-1)
good = bytearray(zlib.compress(text)); good[100] ^= 255; show(zlib.decompress, good); show(zlib.decompress, zlib.compress(b''))
for n in (0, 1, 100, 5000): print(zlib.adler32(text[:n]), zlib.crc32(text[:n]), zlib.adler32(text[:n], 7), zlib.crc32(text[:n], -1), zlib.crc32(text[:n], 2**40 + 5))
c = zlib.compressobj(9); parts = [c.compress(text[i:i + 997]) for i in range(0, len(text), 997)]; d = c.copy(); end = c.flush(); print(d.flush() == end, zlib.decompress(b''.join(parts) + end) == text)
show(c.compress, b'x'), show(c.flush), show(c.copy), show(zlib.compressobj, 1, 8, 99), show(c.flush, zlib.Z_NO_FLUSH)
c = zlib.compressobj(); a = c.compress(b'hello ') + c.flush(zlib.Z_SYNC_FLUSH); print(a, zlib.decompressobj().decompress(a)); print(c.compress(b'world') + c.flush(zlib.Z_FULL_FLUSH) + c.flush())
packed = zlib.compress(text)
d = zlib.decompressobj(); out = b''
for i in range(0, len(packed), 101): out += d.decompress(packed[i:i + 101])
print(out == text, d.eof, d.unused_data, d.unconsumed_tail, d.flush(), d.decompress(b'more'), d.unused_data) if 0 else print(out == text, d.eof, d.unused_data, d.unconsumed_tail, d.flush())
d = zlib.decompressobj(); got = [d.decompress(packed, 1000)]
while d.unconsumed_tail: got.append(d.decompress(d.unconsumed_tail, 5000))
print([len(g) for g in got], b''.join(got) == text, d.eof, d.flush())
d = zlib.decompressobj(); print(len(d.decompress(packed, 10)), len(d.unconsumed_tail) > 0, len(d.flush()), d.eof)
d = zlib.decompressobj(); print(d.decompress(zlib.compress(b'one') + b'two'), d.unused_data, d.eof)
show(d.decompress, b'', -1), show(d.flush, 0), show(zlib.decompressobj, 99)
d = zlib.decompressobj(); d.decompress(packed[:500]); e = d.copy(); print(d.decompress(packed[500:]) == e.decompress(packed[500:]), e.eof)
zd = b'bottles of beer on the wall'
c = zlib.compressobj(zdict=zd); z = c.compress(text[:300]) + c.flush(); print(len(z), zlib.decompressobj(zdict=zd).decompress(z) == text[:300])
show(zlib.decompressobj().decompress, z), show(zlib.decompressobj(zdict=b'wrong').decompress, z), show(zlib.decompressobj, zdict='x'), show(zlib.decompressobj, zdict=5)
c = zlib.compressobj(wbits=-15, zdict=zd); z = c.compress(text[:300]) + c.flush(); print(zlib.decompressobj(wbits=-15, zdict=zd).decompress(z) == text[:300])
big = bytes(3000000); print(len(zlib.compress(big)), zlib.decompress(zlib.compress(big)) == big, len(zlib.decompressobj().decompress(zlib.compress(big), 12345)))
print(zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.DEF_BUF_SIZE, zlib.Z_FINISH, zlib.ZLIB_VERSION == zlib.ZLIB_RUNTIME_VERSION, zlib.error.__mro__[1])
