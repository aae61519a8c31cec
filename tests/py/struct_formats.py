# SPDX-License-Identifier: Apache-2.0
# Every format character in every byte order: values at and over the edges, floats, strings, alignment, buffers, errors.
import _struct as struct
def show(f, *args, **kw):
    try: r = f(*args, **kw)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
values = [0, 1, -1, 127, 128, 255, 256, -128, -129, 32767, 32768, -32768, 65535, 65536, 2**31 - 1, 2**31, -2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, -2**63, 2**64 - 1, 2**64,
          -2**70, True, 1.5, 'x', None]
for order in '@=<>!':
    for code in 'bBhHiIlLqQnNP':
        for v in values: show(struct.pack, order + code, v)
    for code in 'efd':
        for v in (0.0, -0.0, 1.5, -2.75, 1e-8, 6e-8, 65504.0, 65519.0, 65520.0, 1e38, 3.5e38, float('inf'), float('-inf'), 7, 'x', 2**200, 10**400): show(struct.pack, order + code, v)
    for code in '?c':
        for v in (True, [], b'a', b'ab', 5, 'a'): show(struct.pack, order + code, v)
    for f in ('3s', '0s', 's', '5p', '0p', 'p', '300p', '2x', 'xBx'):
        for v in (b'', b'a', b'abcdef', bytearray(b'xyz'), 'a', 3): show(struct.pack, order + f, v)
    for f in ('bhilqefd', 'c3sx2p?', 'b0q', 'qb', 'bi0q', '3xi', '2h2i2q', '', '4b 2h\ti'): show(struct.calcsize, order + f)
    data = bytes(range(1, 200))
    for f in ('bBhHiI', 'lLqQ', 'ef', 'd', '3s2pc?', '5p', '3x2h', '4b3i', '0s', '12B'): show(struct.unpack_from, order + f, data)
for f in ('5', 'z', '<n', '=P', '3 x', 's\0', '\u1234', b'i', '99999999999999999999i', '9223372036854775807i9i', ' ', 5, None): show(struct.calcsize, f)
show(struct.pack), show(struct.pack, 'ii', 1), show(struct.unpack, 'i', b'abc'), show(struct.unpack_from, 'i', b'abc'), show(struct.unpack_from, 'i', b'abcdef', 4)
show(struct.unpack_from, 'i', b'abcdef', -5), show(struct.unpack_from, 'i', b'abcdef', -2), show(struct.unpack_from, 'i', b'abcdef', -20), show(struct.unpack_from, 'i', buffer=b'abcdef', offset=1)
b = bytearray(10)
show(struct.pack_into, 'hh', b, 2, 1, 2), print(b), show(struct.pack_into, 'i', b, -4, 7), print(b)
show(struct.pack_into, 'i'), show(struct.pack_into, 'i', b), show(struct.pack_into, 'i', b, 0), show(struct.pack_into, 'i', bytearray(3), 0, 1), show(struct.pack_into, 'i', b, -2, 1)
show(struct.pack_into, 'i', b, -20, 1), show(struct.pack_into, 'i', b'12345678', 0, 1), show(struct.pack_into, 'i', b, 'x', 1)
show(struct.iter_unpack, 'i', b'abc'), show(struct.iter_unpack, '', b'abc')
it = struct.iter_unpack('<hb', b'abcdef'); print(it.__length_hint__(), next(it), it.__length_hint__(), list(it), list(it))
s = struct.Struct('<ih'); print(s.format, s.size, s.pack(1, -2), s.unpack(b'abcdef'), s.unpack_from(b'xxabcdef', 2), list(s.iter_unpack(b'abcdef' * 2)))
show(s.pack, 1, 2, 3), show(s.unpack, b''), show(struct.Struct), show(struct.Struct, 1), s.__init__('>q'), print(s.format, s.size)
s.pack_into(b, 1, -5), print(b)
class S(struct.Struct): pass
x = S('b'); x.a = 1; print(x.pack(3), x.a)
print(struct.unpack('e', b'\x01\x00'), struct.unpack('<e', b'\x00\x7c'), struct.unpack('<e', b'\x01\x7c'), struct.error.__module__, struct.error.__name__, struct.error.__mro__[1])
