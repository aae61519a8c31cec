# bytes, bytearray, memoryview: every method; the codecs with every error handler.
from _rnd import e, pick, rnd

def raw(n=12):
    al = pick([b'ab ', b'abcABC \t\n\r_19.', bytes(range(256)), b'a,b', b'\x00\xff'])
    return bytes([pick(al) for _ in range(rnd(n))])
noarg = 'capitalize isalnum isalpha isascii isdigit islower isspace istitle isupper lower lstrip rstrip split rsplit splitlines strip swapcase title upper expandtabs hex decode'.split()
for i in range(100):
    s = raw(); t = raw(3); u = raw(3); v = raw(30)
    for kind in (bytes, bytearray):
        s, v = kind(s), kind(v)
        print(i, s, str(s), len(s))
        for m in noarg: print(i, m, e(getattr(s, m)))
        print(e(lambda: s[::-1]), e(lambda: s[1:-1]), e(lambda: s[-3:]), e(lambda: s[::2]), e(lambda: [c for c in s]), e(lambda: s[0]), e(lambda: s[-1]), e(lambda: list(reversed(s))))
        for m in 'find rfind index rindex count startswith endswith split rsplit partition rpartition removeprefix removesuffix strip lstrip rstrip'.split():
            print(i, m, e(getattr(v, m), t), e(getattr(v, m), 97))
        for m in 'find rfind index rindex count startswith endswith'.split():
            a, b = rnd(20) - 10, rnd(40) - 10
            print(i, m, e(getattr(v, m), t, a), e(getattr(v, m), t, a, b), e(getattr(v, m), t, None, b))
        print(e(v.replace, t, u), e(v.replace, t, u, 2), e(v.split, t, 1), e(v.rsplit, t, 2), e(v.split, None, 1), e(v.rsplit, None, 2), e(v.splitlines, True), e(v.expandtabs, 3))
        print(e(s.center, 15), e(s.ljust, 15, u), e(s.rjust, 15, b'*'), e(s.zfill, 12), e(lambda: s*3), e(lambda: s+t), e(lambda: t+s), e(kind(t).join, [s, u, v]), e(lambda: (s<t, s<=t, s==t, s!=t, s>t, s>=t, t in v, 97 in s)))
        print(e(s.translate, bytes(range(256))[::-1]), e(s.translate, None, t), e(s.translate, bytes(256), b'ab'), e(bytes.maketrans, s, s), e(v.startswith, (t, u)), e(v.endswith, (t, u)), e(s.hex, ':'), e(s.hex, '-', 2), e(s.hex, b'_', -3), e(kind.fromhex, s.hex(' ') if s else ''))
        m = memoryview(s)
        print(len(m), m.nbytes, m.tolist(), m.tobytes(), e(lambda: m[1:3].tobytes()), e(lambda: m[::-2].tolist()), m == s, m.readonly, m.format, m.itemsize, m.shape, m.strides, m.ndim, m.contiguous, e(lambda: m[::2].contiguous), e(lambda: bytes(m)), e(lambda: bytes(m[::-1])), e(lambda: m.hex()), e(lambda: m[0]), e(lambda: list(m)), e(lambda: m.cast('b').tolist()), e(lambda: m[:len(m)//4*4].cast('I').tolist()), e(lambda: m[:len(m)//8*8].cast('d').nbytes), e(lambda: hash(m) == hash(bytes(s))))
        for enc in ['utf-8','ascii','latin-1','utf-16','utf-16-le','utf-16-be','utf-32','utf-32-le','utf-32-be']:
            for err in ['strict','ignore','replace','backslashreplace','surrogateescape','surrogatepass']:
                r = e(v.decode, enc, err)
                print(enc, err, r)
    b = bytearray(v)
    def ops():
        k = rnd(14)
        x, y = rnd(30) - 10, rnd(30) - 10
        if k == 0: b[x:y] = t
        elif k == 1: b.insert(x, rnd(256))
        elif k == 2: b.pop(x)
        elif k == 3: del b[x:y]
        elif k == 4: del b[::(rnd(5) - 2)]
        elif k == 5: b[x] = rnd(256)
        elif k == 6: b.extend(u)
        elif k == 7: b.extend([rnd(256) for _ in range(3)])
        elif k == 8: b.append(rnd(256))
        elif k == 9: b.reverse()
        elif k == 10: b.remove(rnd(256))
        elif k == 11: b[::2] = bytes(len(b[::2]))
        elif k == 12: b.__iadd__(b[:3])
        elif k == 13: b[x:y] = [1, 2]
        return k
    for _ in range(10):
        r = e(ops)
        print(r, bytes(b))
al = ['a','b','é','ß','\x80','\xff','Ā','中','\ud800','\udc80','\udcff','\udfff','😀','𐐀','\x00','z']
for i in range(100):
    s = ''.join([pick(al) for _ in range(rnd(10))])
    for enc in ['utf-8','ascii','latin-1','utf-16','utf-16-le','utf-16-be','utf-32','utf-32-le','utf-32-be','UTF8','iso-8859-1','US-ASCII','utf_8']:
        for err in ['strict','ignore','replace','backslashreplace','surrogateescape','surrogatepass','xmlcharrefreplace']:
            print(enc, err, e(s.encode, enc, err))
for f in [b'%d', b'%5d|', b'%-5d|', b'%05d', b'%x', b'%#X', b'%o', b'%s', b'%b', b'%c', b'%r', b'%a', b'%10s|', b'%-10s|', b'%.2s', b'%f', b'%.3e', b'%g', b'%%', b'%(a)s', b'%', b'%5', b'%q', b'%s%s', b'%*d', b'%.*f']:
    for a in [1, -5, 300, 1.5, b'abc', 'abc', None, (1,), (1, 2), {b'a': b'x'}, bytearray(b'q'), (3, 2.5), (5, 7), 10**30]:
        print(f, e(lambda: f % a), e(lambda: bytearray(f) % a))
for x in [b'abc', 'abc', 5, -1, [1, 2], [256], ['a'], None, 1.5, bytearray(b'x'), memoryview(b'yz'), (), range(3), {1: 2}, object]:
    print(e(bytes, x), e(bytearray, x), e(bytes, x, 'utf-8'), e(memoryview, x) if isinstance(x, (int, list)) else '')

# ---- what is left of an iterator, of a subclass, of a slice ----
import copy, pickle
class Slotted(bytearray):
    __slots__ = ('x', 'y', '__dict__')
s = Slotted(b'abc'); s.x = 1; s.z = 3
for c in (copy.copy(s), copy.deepcopy(s), pickle.loads(pickle.dumps(s, 2)), pickle.loads(pickle.dumps(s))):
    print(c, c.x, c.z, hasattr(c, 'y'), type(c) is Slotted)
for make in (bytes, bytearray):
    for data in (b'', b'a', b'abc'):
        it = iter(make(data))
        while True:
            print(it.__reduce__()[1:], it.__length_hint__(), type(pickle.loads(pickle.dumps(it))).__name__)
            if next(it, None) is None:
                break
        it.__setstate__(0)
        print(it.__reduce__()[1:], it.__length_hint__(), list(it))
    it = reversed(make(b'x'))
    print(it.__length_hint__(), list(it), it.__length_hint__(), list(it), it.__length_hint__(), it.__reduce__()[1:])
for key in (slice(1, -1, 2), slice(None, None, 3), slice(None, None, -2), slice(3, 3), slice(1, 3)):
    b = bytearray(range(65, 75)); b[key] = b''
    print(key, b)
class Text(str):
    def __bytes__(self): return b'own'
class Number(int):
    def __bytes__(self): return b'number'
print(bytes(Text('\u20ac')), bytes(Text('\u20ac'), 'utf-8'), bytes(Number(3)), bytes(3), bytes(True))
for base, v in ((list, [1]), (int, 3), (str, 'a'), (bytearray, b'x')):
    Blocked = type('Blocked', (base,), {'__bytes__': None})
    try:
        print(bytes(Blocked(v)))
    except TypeError as e:
        print(e)
print(bytes.__doc__.startswith('bytes('), bytearray.__doc__.startswith('bytearray('))
