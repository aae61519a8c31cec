# float and complex: arithmetic, rounding, text in both directions, the format mini-language.
from _rnd import e, pick, rnd

FLOATS = [0.0,-0.0,1.0,-1.5,0.1,1e22,1e16,1e-5,123456.789,5e-324,1.7976931348623157e308,2.2250738585072014e-308,float('inf'),float('-inf'),float('nan'),1e100,9007199254740993.0,0.5,2.5,3.5,1e15,99999.5,0.0001,0.00001, 1e50, 1e49, 123456789012345680.0, 2**-44, 2**0.5]
def fl():
    k = rnd(5)
    if k == 0: return pick(FLOATS)
    if k == 1: return (rnd() - (1 << 52)) / (1 << rnd(60))
    if k == 2: return (rnd(2000) - 1000) / 8
    if k == 3: return float(rnd(10**6)) * 10.0 ** (rnd(600) - 300)
    return rnd(1000) / 100
specs = ['', 'd', 'e', 'f', 'g', '%', 'n', 'E', 'G', 'F', '.3', '.0f', '.1f', '.10g', '#.3g', '#.0f', '#g', '+', ' ', '-', '010.2f', ',', '_', ',.2f', '020,.1f', '<15', '^15.3', '*>20.4e', '=+15', 'z.1f', 'z', '.0e', '.0%', '.17g', '.20f', '#.0e', '015', '.3n', '0=10', '.0g', '.1g','+.3e', '_.1f', '012_', '>012,.2f']
ispecs = ['', 'd', 'b', 'o', 'x', 'X', 'c', '#b', '#x', '#X', '08d', '+d', ' d', ',', '_', '_x', '_b', '010_', '020,', '<10', '^10', '>10', '*^10', '=+10', 'e', '.2f', 'g', '%', 'n', '012b', '#012x', '#_x', '5c', '.3d', 'zd', 's', 'é^12', '0', '00', '05,', '#020_b', '012,d']
sspecs = ['', 's', '10', '<10', '>10', '^10', '*^11', '.3', '10.2', '05', '=5', '+', ',', 'd', 'é>8', '.0', '-5', '#5', '0', '^05']
for i in range(150):
    a, b = fl(), fl()
    print(i, repr(a), str(a), repr(b))
    for s in specs: print(s, e(format, a, s))
    print(e(lambda: a+b), e(lambda: a-b), e(lambda: a*b), e(lambda: a/b), e(lambda: a//b), e(lambda: a%b), e(divmod, a, b), e(lambda: a**b), e(pow, a, 2), e(lambda: (a<b,a<=b,a==b,a!=b,a>b,a>=b)), e(lambda: -a), e(abs, a), e(int, a), e(lambda: hash(a) if a == a else 0))
    print(e(round, a), e(round, a, 1), e(round, a, 2), e(round, a, -1), e(round, a, -5), e(round, a, 20), e(a.is_integer), e(a.as_integer_ratio), e(a.hex), e(lambda: float.fromhex(a.hex())), e(float, repr(a)), e(lambda: bool(a)), e(a.__trunc__), e(a.__floor__), e(a.__ceil__))
    print(e(lambda: '%s %r %f %e %g %.3f %10.2f|%-10.1e|%+g|% .2f|%010.3f|%#.0f|%G' % (a,)*1), e(lambda: '%s %r %f %e %g %.3f %10.2f|%-10.1e|%+g|% .2f|%010.3f|%#.0f|%G' % ((a,)*13)), e(lambda: '%d %i %u' % (a,a,a)), e(lambda:'%x' % a), e(lambda: '%.0f %.30f %.17g' % (a, a, b)))
    n = rnd(1 << (1 + rnd(53))) - rnd(100) if rnd(2) else rnd() * rnd() - rnd()
    print(n)
    for s in ispecs: print(s, e(format, n, s))
    print(e(lambda: '%d|%5d|%-8d|%+d|% d|%05d|%x|%X|%#x|%o|%#o|%.5d|%10.4d|%-+6d|%08.3d' % ((n,)*15)), e(lambda: '%c' % (n % 2000)))
    z = complex(a, b)
    print(z, e(lambda: z*z), e(lambda: z+1), e(lambda: z/complex(b, a)), e(lambda: z**2), e(lambda: -z), e(abs, z), e(lambda: z == a), e(complex, repr(z)), e(lambda: hash(complex(a, 0)) == hash(a)), e(format, z, ''), e(format, z, '.2f'), e(format, z, '>40.3e'), e(format, z, '+g'), e(format, z, ','), e(lambda: z.conjugate()), e(lambda: z**0.5))
for x in ['', 'abc', 'é', '中文字', 'a'*15, '😀x']:
    for s in sspecs: print(s, e(format, x, s))
    print(e(lambda: '%s|%10s|%-10s|%.2s|%r|%a|%5.1s|%%' % ((x,)*7)))
for s in ['1.5', ' 1.5 ', '1_0.0_1', '1__0', '1e5', '1e', '.5', '5.', '.', '', 'inf', '-Infinity', 'nan', '+NaN', 'infinit', '1e400', '-1e-400', '0x1p3', '١.٥', '1.5\x00', '1,5', '1 5', '1e+', 'e5', '1_', '_1', '1_.0', '1._0', '1e1_0', '123456789012345678901234567890', '0.1'*1, '2.2250738585072011e-308', '9007199254740992.5', '1.00000000000000011102230246251565404236316680908203125', '1.00000000000000011102230246251565404236316680908203124', '179769313486231580793e289', '4.9e-324','2.4e-324','2.5e-324']:
    print(repr(s), e(float, s), e(float, s.encode()), e(complex, s), e(complex, s + 'j'), e(complex, '(' + s + ')'), e(float.fromhex, s))
for s in ['1+2j', '1 + 2j', 'j', '-j', '+j', '1-j', '1j', '(1+2j)', ' ( 1+2j ) ', '1+2', 'infj', 'nan+infj', '1e5-1e-5j', '1_0+2_0j', '1+2J', '1+-2j', '((1))', '1+2jj', '+1', '1+', 'inf-nanj']:
    print(repr(s), e(complex, s))
for s in ['0x1.8p1', '-0x1.8p+1', '1.8', '0x.1', '0x1.', 'p3', '0x', '0x1p', '0x1p1024', '0x1.fffffffffffff8p1023', '0x1.fffffffffffff7p1023', '0x1p-1074', '0x1p-1075', '0x1.8p-1075', '  0x1  ', 'INF', 'nan', '-nan', 'infinity', '0x1.0000000000000800000000001p0', '0x1.00000000000008p0', '0X1P+3', '1__0', '0x123456789abcdef0123456789p-50']:
    print(repr(s), e(float.fromhex, s))
for f in [float, int, complex, bool, str]:
    print(e(f), e(f, 1, 2, 3, 4), e(f, None), e(f, []), e(f, x=1))
print(e(complex, 1, 2), e(complex, 1j, 2j), e(complex, '1', 2), e(complex, 1, '2'), e(complex, real=1, imag=2), e(complex, 1.5, None), e(lambda: 1j < 2j), e(lambda: 1j // 1), e(lambda: 1j % 1), e(lambda: divmod(1j, 1)), e(pow, 1j, 2, 3), e(lambda: int(1j)), e(lambda: float(1j)))

# conversions by __float__, __int__, __index__, __complex__, __trunc__, also of subclasses, with what they warn of
import warnings
class Exact(float):
    pass
for base in (object, float, int, str, complex):
    for name, gives in (('__float__', 42.0), ('__float__', Exact(4)), ('__float__', 4), ('__int__', True), ('__int__', 7), ('__int__', 1.5), ('__index__', True), ('__index__', 9),
                        ('__complex__', 42j), ('__complex__', type('C', (complex,), {})(1, 2)), ('__complex__', 3.0), ('__trunc__', True), ('__trunc__', 1.5)):
        try:
            v = type('X', (base,), {name: lambda self: gives})()
        except TypeError as e:
            continue
        for convert in (int, float, complex):
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter('always')
                try:
                    r = convert(v)
                    print(base.__name__, name, gives, convert.__name__, r, type(r).__name__, [(w.category.__name__, str(w.message)) for w in seen])
                except (TypeError, ValueError) as e:
                    print(base.__name__, name, gives, convert.__name__, e, [(w.category.__name__, str(w.message)) for w in seen])
inf = float('inf')
for x in (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, inf, -inf):
    for y in (0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 0.5, -0.5, inf, -inf):
        try:
            print(x, y, x ** y)
        except ZeroDivisionError as e:
            print(x, y, e)
# keywords for an __init__ of a subclass's own
for base, args in ((float, (2.5,)), (tuple, ([1],)), (list, ([1],)), (set, ([1],)), (frozenset, ([1],)), (reversed, ([1],)), (int, (3,))):
    class Plain(base):
        pass
    class WithInit(base):
        def __init__(self, *args, newarg=None):
            self.newarg = newarg
    for c in (base, Plain, WithInit):
        try:
            print(base.__name__, c.__name__, getattr(c(*args, newarg=3), 'newarg', None))
        except TypeError as e:
            print(base.__name__, c.__name__, 'TypeError')
import copy, pickle
for base in (set, frozenset):
    class Slotted(base):
        __slots__ = ('x', '__dict__')
    globals()['Slotted'] = Slotted
    s = Slotted('a'); s.x = 1; s.y = 2
    for c in (copy.copy(s), pickle.loads(pickle.dumps(s)), copy.deepcopy(s)):
        print(c, c.x, c.y)
