# int: every operator and method on numbers of all sizes, text in all bases.
from _rnd import e, pick, rnd


def big():
    k = rnd() % 8
    n = 0
    for _ in range(k):
        n = (n << 53) | rnd()
    m = rnd() % 6
    if m == 0: n = (1 << (rnd() % 400))
    elif m == 1: n = (1 << (rnd() % 400)) - 1
    elif m == 2: n = (1 << (rnd() % 400)) + 1
    elif m == 3: n = rnd() % 10
    return -n if rnd() & 1 else n


OPS = [
 lambda a,b: a+b, lambda a,b: a-b, lambda a,b: a*b, lambda a,b: a//b, lambda a,b: a%b, lambda a,b: divmod(a,b), lambda a,b: a/b,
 lambda a,b: a&b, lambda a,b: a|b, lambda a,b: a^b, lambda a,b: a<<(b%300), lambda a,b: a>>(b%300), lambda a,b: a<<b if b<0 else 0, lambda a,b: (a<b,a<=b,a==b,a!=b,a>b,a>=b),
 lambda a,b: pow(a,b%50), lambda a,b: pow(a,abs(b),a+b+7), lambda a,b: pow(a,-3,b), lambda a,b: float(a), lambda a,b: hash(a), lambda a,b: (a.bit_length(), a.bit_count(), -a, +a, abs(a), ~a),
 lambda a,b: (str(a), hex(a), oct(a), bin(a), int(str(a)), int(hex(a),16), int(bin(b),0), int(oct(b),8)),
 lambda a,b: a.to_bytes(60,'big',signed=True), lambda a,b: a.to_bytes(60,'little'), lambda a,b: a.to_bytes(2,'big',signed=True),
 lambda a,b: int.from_bytes(a.to_bytes(60,'big',signed=True),'big',signed=True)==a, lambda a,b: int.from_bytes(a.to_bytes(60,'little',signed=True),'little'),
 lambda a,b: (round(a,-3), round(a,-1), round(a,-20), round(a,2), round(a)), lambda a,b: a==float(a), lambda a,b: (a<float(b), a>float(b), a==float(b), float(b)<a), lambda a,b: a+1.5, lambda a, b: a/1.5, lambda a,b: a*b*a*b*a*b*a//(b*b*b), lambda a,b: a//b*b+a%b==a, lambda a,b:(a.as_integer_ratio(), a.numerator, a.denominator, a.real, a.imag, a.conjugate()), lambda a,b: (a and b, not a, bool(a)), lambda a,b: a**-2, lambda a,b: f'{a:,} {a:_} {a:x} {a:#o} {a:+} {a:30} {a:<30} {a:^+30,} {a:_b} {a:030,} {a:e} {a:.3f} {a:g}'
]
for i in range(120):
    a, b = big(), big()
    for k, f in enumerate(OPS):
        print(i, k, e(f, a, b))
for s in ['', ' ', '1', ' 12 ', '1_000', '1__0', '_1', '1_', '0x1f', '0X_1F', '0b101', '0o17', '010', '00', '0', '-0', '+5', '--5', '- 5', '1e5', '١٢٣', '１２', '\u20031\u2003', '1\x00', 'z', 'Z', '0b', '0x', '9'*30, '1 2', '\n5\t', '٣x', 'é']:
    for base in [None, 0, 2, 8, 10, 16, 36, 1, 37, -1, 3]:
        print(repr(s), base, e(int, s) if base is None else e(int, s, base))
print(e(int, b'12'), e(int, bytearray(b'-7')), e(int, b'x'), e(int, None), e(int, [], 3), e(int, 1.9), e(int, -1.9), e(int, float('nan')), e(int, float('inf')), e(int,1e300), e(int, True), e(int))
for x in [0.1, 1.5, 2**53+0.0, 1e308, -1e20, 123456789.987654321, 5e-324, 0.0, -0.0]:
    print(x, int(x), x.as_integer_ratio(), hash(x), x.hex(), float.fromhex(x.hex()), round(x, 2), round(x, -2), e(round, x), x.is_integer())
