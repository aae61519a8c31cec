# A given number of digits behind the point: exact, half to even, by format(), f-strings and %.
import random

r = random.Random(5)
special = [0.0, -0.0, .5, 1.5, 2.5, .125, .375, 5e-324, 1e-300, 2.0 ** 52 + .5, 2.0 ** 53, 1e15 + .5, 9.995, .005, 1e22, 0.045, 2.675, 1e300,
           float('inf'), float('nan'), 999999.5, .9999999999, 4.35, 2.0 ** -128 * 1.5, 2.0 ** -127, 3 * 2.0 ** -75]
some = [f() for _ in range(40) for f in (
    r.random, lambda: r.uniform(-1e6, 1e6), lambda: r.randrange(1000) / 8, lambda: r.randrange(10 ** 6) / 2 ** 20,
    lambda: float(r.randrange(10 ** 17)), lambda: round(r.random() * 100, 2), lambda: -r.random() * 10.0 ** r.randrange(-20, 20))]
for d in special + some:
    print(' '.join(f'{d:.{p}f}' for p in (0, 1, 2, 3, 6, 12, 17, 21, 22, 23, 30)), '%.2f %.0f %8.3f' % (d, d, d), f'{d:+012.2f} {d:,.1f} {d:#.0f} {d:z.1f} {d:.1%}')
for n in (0, 7, -7, 1234567, -10 ** 20, True):
    print(f'{n:>10} {n:<10}| {n:^+12} {n:08} {n:,} {n:_x} {n:#b} {n:=+20,}')
