# SPDX-License-Identifier: Apache-2.0
"""The everyday methods of int, float, str, bytes, list, dict, tuple, set, and formatting."""


def err(f):
    try:
        return f()
    except Exception as e:
        return f'{type(e).__name__}: {e}'


# int and float
print(2 ** 100, -7 // 2, -7 % 3, 7 // -2, 7 % -3, divmod(-7, 2), 1 << 70, (1 << 70) >> 60, ~5, 5 & 3, 5 | 3, 5 ^ 3, 10 ** -2)
print(int('ff', 16), int('0b101', 0), int(' 12 '), int(3.9), int('-1_000'), bin(10), oct(8), hex(255), (255).to_bytes(2, 'big'), int.from_bytes(b'\x01\x00', 'little'))
print((10).bit_length(), (-5).__abs__(), round(2.5), round(3.5), round(1234.567, 2), round(1234, -2), abs(-3.5), pow(3, 4, 5), pow(2, -1, 7))
print(1 / 3, 1e100, 1e16, 123456789012345678, 0.1 + 0.2, 1e-5, 100.0, -0.0, float('inf'), float('nan'), 3.0 == 3, 2 ** 0.5, 7.5 // 2, -7.5 % 2)
print(2 ** 61, 2 ** 61 - 1, -2 ** 61, -2 ** 61 - 1, 2305843009213693951 + 1, 2305843009213693952 - 1, 3037000500 * 3037000500, -(-2305843009213693952))
print(err(lambda: 1 / 0), err(lambda: 1 % 0), err(lambda: int('x')), err(lambda: float('y')), err(lambda: 1 + 'a'), err(lambda: 'a' + 1), err(lambda: [] + 1), err(lambda: 2.0 // 0))
print(True + True, True == 1, isinstance(True, int), bool([]), bool('a'), int(True), f'{True:d}', hash(1) == hash(1.0) == hash(True))
print((1.5).is_integer(), (0.75).as_integer_ratio(), (3.7).__trunc__(), float.fromhex('0x1.8p1'), (2.5).hex(), 1e400, 5e-324, 1.7976931348623157e308)
print(complex(1, 2) * 3j, abs(3 + 4j), (1 + 2j).conjugate())

# str
s = 'Hello, World'
print(s.upper(), s.lower(), s.title(), s.swapcase(), s.find('o'), s.rfind('o'), s.index('W'), s.count('l'), s.replace('l', 'L', 2), s.split(', '), s[::-1], s[1:5], s[-3:])
print('a,b,,c'.split(','), ' a  b '.split(), 'a b c'.split(None, 1), 'a.b.c'.rsplit('.', 1), 'x=y=z'.partition('='), 'x=y=z'.rpartition('='), 'l1\nl2\r\nl3'.splitlines())
print('-'.join(['a', 'b']), ' x '.strip(), 'xxaxx'.strip('x'), 'abc'.lstrip('a'), 'abc'.rstrip('c'), 'abc'.startswith(('x', 'a')), 'abc'.endswith('bc'), 'ab' * 3, 'b' in 'abc')
print('7'.zfill(3), '-7'.zfill(4), 'a'.center(5, '*'), 'a'.ljust(3) + '|', 'a'.rjust(3), 'abc'.isalpha(), '12'.isdigit(), 'a1'.isalnum(), ' '.isspace(), 'Ab'.istitle(), 'ab'.islower())
print('prefix-x'.removeprefix('prefix-'), 'x.py'.removesuffix('.py'), 'abc'.translate({97: 'z', 98: None}), 'a\tb'.expandtabs(4), 'ß'.casefold(), 'é'.encode(), 'naïve'.encode('latin-1'), 'ABC'.capitalize())
print(repr('it\'s'), repr('a"b\'c'), repr('\n\t\\\x00é€😀'), ascii('é€😀'), len('😀'), '😀'[0], 'a' < 'b', 'abc' == 'ab' + 'c', ord('€'), chr(8364), hash('a') == hash('a'))
print('%s %d %5.2f %x %r %% %-5s| %05d %+d %e %g' % ('s', 42, 3.14159, 255, 'r', 'l', 42, 7, 12345.678, 0.0001), '%(a)s-%(b)03d' % {'a': 1, 'b': 2})
print('{} {1} {0}'.format('a', 'b') if False else '{0} {1} {0}'.format('a', 'b'), '{:>8}|{:<8}|{:^8}|{:*^9}'.format('r', 'l', 'c', 'm'), '{:,} {:.2%} {:08.3f} {:+} {:#x} {:e}'.format(1234567, 0.256, 3.14159, 5, 255, 12345.678))
print('{a.real} {b[0]} {c[k]} {d!r:>6}'.format(a=5, b=[1], c={'k': 'v'}, d='x'))
name, width = 'n', 10
print(f'{name!r:>{width}} {3.14159:.2f} {1 + 1=} {"nested " + f"{name}"} {{}} {1000000:_} {255:b} {-5:05d} {name:s}')
print(err(lambda: 'abc'.index('z')), err(lambda: '{}'.format()), err(lambda: '%d' % 'x'), err(lambda: 'a'.join([1])), err(lambda: 'abc'[5]), err(lambda: 'a' * 'b'))

# bytes
b = b'hello'
print(b, b[0], b[1:3], b.upper(), b.split(b'l'), b.hex(), bytes.fromhex('68 69'), bytes([1, 2, 255]), bytearray(b) + b'!', b.decode(), b'\xff'.decode('latin-1'), b.find(b'l'), list(b'ab'), bytes(3), b' a '.strip(), b'%d-%s' % (5, b'x'))
ba = bytearray(b'abc')
ba[0] = 120
ba.append(33)
ba += b'zz'
print(ba, len(ba), ba.pop(), memoryview(b)[1:3].tobytes(), err(lambda: b'\xff'.decode()), err(lambda: b + 'a'))

# list and tuple
l = [3, 1, 2]
l.append(5)
l.extend((4, 6))
l.insert(0, 9)
print(l, l.pop(), l.pop(0), l.index(2), l.count(1), sorted(l), sorted(l, reverse=True), l[::2], l[-1], 3 in l, l + [1], l * 2, len(l))
l.sort(key=lambda x: -x)
l.reverse()
l[1:3] = ['a', 'b', 'c']
del l[0]
print(l, l == ['a', 'b', 'c', 4, 5][:len(l)], [1, 2] < [1, 3], min(3, 1, 2), max([1, 5, 3]), sum([1, 2, 3], 10), list(reversed([1, 2])), any([0, 1]), all([]))
l.remove('a')
m = l.copy()
m.clear()
print(l, m, list(enumerate('ab', 1)), list(zip('ab', [1, 2])), list(map(str, [1, 2])), list(filter(None, [0, 1, 2])), [*range(3), *'ab'], tuple([1, 2]), (1,), (1, 2) + (3,), (1, 2, 3).index(2), hash((1, 2)) == hash((1, 2)))
print(err(lambda: [].pop()), err(lambda: [1].remove(2)), err(lambda: [1].index(5)), err(lambda: sorted([1, 'a'])), err(lambda: [1, 2]['a']), err(lambda: (1, 2)[5]))
deep = [1]
deep.append(deep)
print(deep, [[1, 2], (3,), {'k': [4]}])
print(sorted(['b', 'A', 'c'], key=str.lower), sorted([(1, 'b'), (1, 'a'), (0, 'z')]), sorted(range(20), key=lambda x: x % 3))

# dict and set
d = {'a': 1, 'b': 2}
d['c'] = 3
d.update(d=4, e=5)
print(d, d.get('z'), d.get('z', 0), d.pop('a'), d.pop('zz', None), d.setdefault('f', 6), list(d), list(d.values()), list(d.items()), 'b' in d, len(d), d | {'x': 1}, dict(a=1), dict([(1, 2)]), dict.fromkeys('ab', 0))
del d['b']
print(d.popitem(), d, d == {'c': 3, 'd': 4, 'e': 5}, {**d, 'c': 0}, {k: v for k, v in sorted(d.items(), reverse=True)}, d.keys() & {'c', 'q'}, list(reversed(d)))
print(err(lambda: d['nope']), err(lambda: {[]: 1}), err(lambda: {}.popitem()), {1: 'a', 1.0: 'b', True: 'c'})
for k in list(d):
    d[k + k] = 1


def change_during():
    x = {1: 1}
    for k in x:
        x[k + 1] = 1


print(err(change_during), len(d))
s = {1, 2, 3}
s.add(2)
s.add(4)
s.discard(9)
print(sorted(s), s & {2, 9}, sorted(s | {9}), sorted(s - {1}), sorted(s ^ {1, 10}), s >= {1, 2}, s.isdisjoint({7}), frozenset([1]) in {frozenset([1])}, len(set('hello')), set() == set([]), err(lambda: s.remove(77)))
print({1}, set(), frozenset({2}), range(5), range(1, 10, 3), list(range(3)), range(10)[2:5], 5 in range(0, 10, 5), len(range(0, 10, 3)), range(3) == range(0, 3, 1), slice(1, 2))
big = {i: i * i for i in range(1000)}
print(sum(big.values()), big[999], len(big), all(big[i] == i * i for i in big))
for i in range(0, 1000, 2):
    del big[i]
print(len(big), sum(big), next(iter(big)))
print(type(1), type('a'), type(None), type(print), type(lambda: 0), type([].append), type(type), None, ..., NotImplemented, type(int.__add__), type(str.join))
print(isinstance(3, (str, int)), id(None) == id(None), callable(len), repr(len), dir([])[-3:], vars(type('T', (), {'a': 1})())) 
print(str(b'abc'), repr({'a': (1, [2], {3})}), [None, True, 1.0, 'x', b'y'], {'k': None}, str(1.0), str(10 ** 20), repr(1e22))
