# Large ints: products, quotients, powers, text.
import sys

from _rnd import e, rnd


def bits(n):
    x = rnd() | 1
    while x.bit_length() < n: x = x << x.bit_length() | (x ^ rnd() * (1 << (x.bit_length() // 2)))
    return x >> (x.bit_length() - n)
a = bits(300_001); b = bits(150_077); c = bits(290_013); d = bits(7_000)
def h(x): return (hash(x), x.bit_length(), x & 0xffffffffffff, x >> max(0, x.bit_length() - 40))
for x, y in [(a, b), (a, c), (b, c), (c, d), (a, a), (a, d), (b, b >> 3), (a, a >> 1000), (-a, b), (a, -c), (b << 7, a)]:
    print(h(x * y))
    q, r = divmod(x, y)
    print(h(q), h(r), q * y + r == x, 0 <= abs(r) < abs(y))
    print(e(lambda: x / y))
    print(h(x & y), h(x | y), h(x ^ y), h(x + y), h(x - y))
for x in [a, b]:
    print(h(x * x), h((x * x - 1) // x), h(x * x % (x - 1)))
print(h((a << 100) // (b << 100)), h(((1 << 40_000) - 1) // ((1 << 40_000) - 1)), h(((1 << 40_000)) % ((1 << 60_000) + 1)))
m = bits(3000)
print(h(pow(bits(3000), bits(3000), m)), h(pow(bits(3000), bits(500), m + 1)), h(pow(bits(20000), bits(300), bits(18000))), e(pow, 3, -1, m | 1))
print(h(3 ** 40_000), h((-7) ** 100_001), h(10 ** 100_000))
sys.set_int_max_str_digits(0)
s = str(3 ** 50_000)
print(len(s), s[:30], s[-30:], sum(map(int, s)))
print(int(s) == 3 ** 50_000)
t = '7' * 30_001
print(h(int(t)), str(int(t)) == t, len(hex(a)), int(hex(a), 16) == a, int('0' * 20000 + '12'), h(int('z' * 10000, 36)))
u = str(10 ** 40_000); print(len(u), u[:3], u.count('0'))
