# str.format, %, and subclasses of the scalar types.
from _rnd import e, pick, rnd

class P:
    def __init__(self, x): self.x = x
    def __repr__(self): return 'P(%r)' % (self.x,)
    def __str__(self): return 'p' + str(self.x)
    def __format__(self, s): return '<' + s + '>'
    def __getitem__(self, k): return ('item', k)
p = P(5)
fmts = ['{}', '{0}', '{1}', '{0}{1}{0}', '{}{}', '{a}', '{a.x}', '{a[0]}', '{a[k]}', '{a.x.y}', '{0.x}', '{0[a]}', '{!r}', '{!s}', '{!a}', '{!x}', '{!}', '{!rr}', '{:>10}', '{:{}}', '{:{a}}', '{0:{1}}', '{{}}', '{{', '}}', '{', '}', '{}}', '{{}', '{:}', '{a:!r}', '{a!r:>8}', '{ }', '{a b}', '{0.}', '{0[}', '{0[]}', '{0]}', '{.x}', '{[0]}', '{a..x}', '{a[0][1]}', '{a[-1]}', '{-1}', '{00}', '{1_0}', '{99999999999999999999}', '{a[99999999999999999999]}', '{:{:{}}}', '{a:{b}{b}}', '{a:{b!r}}', 'x{}y{}z', '{a', '{a!', '{a!r', '{a:', '{a:{', '{a:{b', '{a:{b}', 'é{}中', '{é}', '{0.é}', '{a[}]}', '{a[{]}', '{a:}}', '{a:{{}}}', '{0!r:}', '{:\n}', '{!\n}', '{!é}', '{a.__class__}', '{:%Y-%m}', '{:=^{w}.{p}f}']
for f in fmts:
    for args, kw in [((), {}), ((p,), {}), ((1, 2), {}), ((p, 3), {'a': p, 'b': '5'}), ((), {'a': [1, [2, 3]], 'b': 7}), (('s', 't'), {'a': 's', 'é': 1}), ((1.5,), {'w': 12, 'p': 2})]:
        print(repr(f), e(f.format, *args, **kw), e(f.format_map, kw))
pf = ['%s', '%r', '%a', '%d', '%i', '%u', '%x', '%X', '%#x', '%o', '%#o', '%e', '%E', '%f', '%F', '%g', '%G', '%c', '%%', '%5%', '%-10s|', '%10s|', '%.2s|', '%10.2s|', '%-10.2r|', '%05d', '%+d', '% d', '%+ d', '%-05d|', '%#5x|', '%#05x|', '%.3d', '%8.3d|', '%08.3d', '%.0f', '%#.0f', '%+.2e', '%010.3f', '%-10.3f|', '%*d', '%.*f', '%*.*f', '%-*d|', '%(a)s', '%(a)d', '%(b)s', '%(a', '%(a)', '%()s', '%((a))s', '%(a)*d', '%s %(a)s', '%(a)s %s', '%', '%q', '%5', '%.', '%é', 'é%s', '%ls', '%hd', '%Ld', '%lld', '%5c|', '%-5c|', '%.0d', '%.0s', '% s', '%+s', '%#s', '%0s|', '%05s|', '%c%c', '%s%s', 'x', '']
vals = [1, -5, 0, 300, 1.5, -0.0, 1e100, float('inf'), 'abc', 'é', b'x', None, True, (), (1,), (1, 2), (5, 3), (8, 2, 3.14159), {'a': 1}, {'a': 'x', '(a)': 2, '': 3}, [1], p, 10**30, -10**25, 'a', 0x10ffff, 0x110000, 1j, ('s', 't'), {}, set(), P, (1.5,), ('abc',)]
for f in pf:
    for v in vals: print(repr(f), repr(v)[:50] if v is not P else 'P', e(lambda: f % v) if v is not P else e(lambda: f % P)[:40])
class S(str):
    def __str__(self): return 'S!' + str.__str__(self)
    def __repr__(self): return 'Srepr'
    def __format__(self, x): return 'Sfmt'
s = S('abc')
print('%s %r' % (s, s), '{} {!s} {!r}'.format(s, s, s), f'{s} {s!s} {s!r}', str(s), repr(s), s + 'x', type(s + 'x'), type(s[:]), s.upper(), s == 'abc', hash(s) == hash('abc'), {s: 1}['abc'], s.__class__, len(s), ''.join([s]), type(''.join([s])), s * 1, type(s * 1), type(str(S('q'))), s.join('xy'), s.center(3), type(s.strip()), type(s.replace('z', '')))
s.attr = [1]; print(s.attr, s.__dict__)
class I(int):
    def __repr__(self): return 'I!'
i = I(7); i.q = 1
print(i, i + 1, type(i + 1), i.q, f'{i}', '%d' % i, '%s' % i, str(i), type(+i), type(abs(i)), i == 7, hash(i), {7: 'x'}[i], i.__index__(), range(10)[i], [0]*i, I(2**100) + 1, I('12') - 0, I(True) * 2, int(i), type(int(i)), i.real, type(i.real), I.from_bytes(b'\x05', 'big'), type(I.from_bytes(b'\x05', 'big')), bool(I(0)), I() - 0)
class F(float):
    pass
f = F(1.5); f.q = 2
print(f, f + 1, type(f + 1), f.q, repr(f), '%s' % f, F('2.5'), type(F.fromhex('0x1p3')), F(7) == 7, hash(F(7)), type(-f), type(+f), F().hex())
class B(bytes):
    pass
b = B(b'abc'); b.z = 1
print(b, b[0], b[1:], type(b[1:]), type(b[:]), b + b'd', b.z, B('é', 'utf-8'), B(3), B([1, 2]), bytes(b), type(bytes(b)), b == b'abc', hash(b) == hash(b'abc'))
class C(complex): pass
c = C(1, 2); c.r = 1
print(c, c + 1, type(c + 1), C('1+2j'), c == 1+2j)
class BA(bytearray): pass
ba = BA(b'xy'); ba.t = 1; ba += b'z'
print(ba, type(ba), ba.t, type(ba[:1]), type(ba + b''), BA.fromhex('61 62'), type(BA.fromhex('6162')))
import sys
print(isinstance(True, int), True + True, True & False, True | 2, ~True, True ^ True, type(True ^ True), type(True & 1), bool('a'), bool([]), str(True), repr(False), int(True), hash(True), True == 1, True.real, True.bit_length(), f'{True:d} {True:5} {True}', '%d %s' % (True, False), -True, True / 2, True < 2)
for t in (int, float, str, bytes, bytearray, bool, complex, memoryview):
    print(t.__name__, t.__mro__, t.__doc__ is not None, sorted(m for m in dir(t)))

# text and small numbers without options: at and around what fits on the stack, and what is none of it
for n in (0, 1, 2, 215, 219, 220, 221, 238, 239, 240, 241, 242, 270, 300):
    a = 'a' * n
    for s in ('%s' % a, '%s%d' % (a, -2 ** 61), '%d%s' % (2 ** 61 - 1, a), (a + '%d') % 7, (a + '%s') % 'b', '%s%s' % (a, a), '%s\xe9' % a, '%s' % (a + '\xe9'), '%s%d' % (a, 2 ** 62)):
        print(len(s), s.isascii(), hash(s) == hash(''.join(list(s))), s[:3], s[-24:])
print('%d' % 0, '%d' % -1, '%s' % 5, '%d%d%d' % (1, -22, 333), '%s' % None, '%s' % True, '%d' % True, '%s' % (1,), '%s' % ((1,),), '%s' % [1], '%s' % {'a': 1})
for f, a in [('%d', 'x'), ('%d', (1, 2)), ('%d%d', 1), ('%d%d', (1,)), ('%', 1), ('a%', ()), ('%s', ()), ('', 1), ('', ()), ('%%', ()), ('%d%%', 5), ('%y', 1), ('%d %', 1), ('x', {}), ('%s%s', {'a': 1})]:
    try:
        print(f % a)
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)

# without a specification a subclass is formatted by its __str__
for b in (int,float,complex,str,bool):
    try:
        class X(b):
            def __str__(self): return 'S'
            def __repr__(self): return 'R'
    except TypeError: continue
    x=X('1')
    class Y(b):
        def __repr__(self): return 'R'
    y=Y('1')
    print(b.__name__, format(x), f'{x}', f'{x!s}', f'{x!r}', '{}'.format(x), '%s'%x, b.__format__(x,''), f'{x:}', format(y), f'{y}', '{}'.format(y), '%s'%y)
