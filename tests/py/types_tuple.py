# Tuples, ranges, slices.
def err(f):
    try:
        return f()
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)


t = (1, 2, 3)
print(t, t[0], t[-1], t[1:], t[::-1], t[:] is t, t[5:], (), (1,), ((),), t + (4,), t * 2, 2 * t, t * 0, t + ())
print(err(lambda: t[3]), err(lambda: t['a']), err(lambda: t + [1]), err(lambda: t * 'a'), err(lambda: t[::0]), err(lambda: (1,) + 1))
print(t.count(2), t.index(3), err(lambda: t.index(9)), t.index(2, 1), err(lambda: t.index(2, 2)), t.index(3, -1))
print(hash(()), hash((1, 2)), hash((1, (2, 3))), hash((1.5, -1)), hash(t) == hash((1, 2, 3)), err(lambda: hash(([],))))
print(t == (1, 2, 3), t < (1, 2, 4), t < (1, 2), () < (1,), (1, 'a') != (1, 'b'), (1, 2) >= (1, 2), err(lambda: (1,) < ('a',)), (1,) == [1])
print(tuple(), tuple([1, 2]), tuple('ab'), tuple(t) is t, tuple(i for i in range(3)), err(lambda: tuple(1)), err(lambda: tuple(1, 2)), err(lambda: tuple(x=1)))
print(2 in t, 5 in t, len(t), bool(()), bool((0,)), list(t), list(reversed(t)), list(iter(t)))
a, *b, c = t
print(a, b, c, (*t, *t), t.__getnewargs__())


class T(tuple):
    def __new__(cls, *args):
        return super().__new__(cls, args)

    def first(self):
        return self[0]


x = T(5, 6, 7)
x.attr = 'set'
print(x, x.first(), x.attr, x[1:], type(x[:]).__name__, x == (5, 6, 7), hash(x) == hash((5, 6, 7)), len(x), x + (1,), isinstance(x, tuple), x.__dict__)
r = []
u = (r, 1)
r.append(u)
print(u)

for r in (range(5), range(2, 8), range(0, 10, 3), range(10, 0, -3), range(0), range(5, 0), range(-5, 5, 2), range(1, 2), range(10 ** 20, 10 ** 20 + 5),
          range(0, 10 ** 20, 10 ** 19), range(-10 ** 20, 10 ** 20, 10 ** 19 * 3), range(2 ** 61 - 3, 2 ** 61 + 3), range(2 ** 62, 2 ** 62 - 5, -2)):
    print(r, len(r), list(r), list(reversed(r)), bool(r), r[1:3] if len(r) > 2 else '', r[::-1], r.start, r.stop, r.step)
r = range(0, 100, 7)
print(r[3], r[-1], err(lambda: r[15]), err(lambda: r['a']), 14 in r, 15 in r, 14.0 in r, 'a' in r, r.index(14), err(lambda: r.index(15)), r.count(14), r.count(3))
print(range(5) == range(0, 5), range(0) == range(5, 5), range(0, 5, 2) == range(0, 6, 2), hash(range(5)) == hash(range(0, 5, 1)), range(1) == range(1, 2), range(3) != 5)
print(err(lambda: range()), err(lambda: range(1, 2, 0)), err(lambda: range(1.5)), err(lambda: range(1, 2, 3, 4)), err(lambda: len(range(10 ** 30))), err(lambda: range(x=1)))
print(range(10)[2:8:2], range(10)[::-2], range(10)[5:], range(10)[-3:], range(10 ** 30)[10 ** 29], range(5)[10:], err(lambda: setattr(range(5), 'start', 1)))
it = iter(range(5))
print(next(it), it.__length_hint__(), list(it), next(it, None), it.__length_hint__())
it = iter(range(10 ** 20, 10 ** 20 + 3))
print(next(it), list(it))
print(err(lambda: range(5) < range(6)), range(True), range(3).__reduce__(), type(iter(range(3))).__name__, type(iter(range(10 ** 30))).__name__)

s = slice(1, 10, 2)
print(s, s.start, s.stop, s.step, slice(5), slice(1, 2), s.indices(5), slice(None, None, -1).indices(5), slice(-3, None).indices(10), slice(10 ** 30).indices(5))
print(slice(1, 2) == slice(1, 2), slice(1, 2) < slice(1, 3), err(lambda: hash(s)), err(lambda: slice()), err(lambda: slice(1, 2, 0).indices(5)), err(lambda: s.indices(-1)), err(lambda: slice('a').indices(5)))
print(s.__reduce__(), err(lambda: slice(1, 2, 3, 4)), [1, 2, 3][slice(1, None)])


class Show:
    def __getitem__(self, k):
        return k


print(Show()[1:2], Show()[::], Show()[1:2, 3], Show()[..., 1:], Show()['a':'b':'c'])
