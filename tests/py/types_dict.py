# Dicts: methods, order, views, keys that misbehave, subclasses.
def err(f):
    try:
        return f()
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)


d = {'a': 1, 'b': 2, 3: 'three', (1, 2): 'tuple', None: 0, 1.5: 'float'}
print(d, len(d), d['a'], d[3], d[3.0], d[(1, 2)], d[None], d.get('zz'), d.get('zz', 5), d.get('a', 5), 'a' in d, 'zz' in d, True in d)
print(err(lambda: d['zz']), err(lambda: d[[]]), err(lambda: d[(1, [])]), err(lambda: d.get([])), err(lambda: [] in d), err(lambda: d.__delitem__('q')))
d['c'] = 3
d['a'] = 10
del d['b']
d['b'] = 20
print(d, list(d), list(reversed(d)))
print(d.pop('c'), err(lambda: d.pop('c')), d.pop('c', 'default'), d.popitem(), d.setdefault('a', 99), d.setdefault('new', 99), d.setdefault('none'), d)
print(err(lambda: {}.popitem()))
e = d.copy()
e.clear()
print(e, bool(e), bool(d), d == d.copy(), d == {}, {1: 2} == {1.0: 2.0}, {1: 2} != {1: 3}, err(lambda: {} < {}), {} == [])
print(dict(), dict(a=1, b=2), dict([(1, 2), ('x', 'y')]), dict({1: 2}, z=3), dict(zip('abc', range(3))), dict({'a': 1}, a=5))
print(err(lambda: dict(5)), err(lambda: dict([1])), err(lambda: dict([(1, 2, 3)])), err(lambda: dict(['a'])), err(lambda: dict(1, 2)), dict(['ab', 'cd']))
print(dict.fromkeys('abc'), dict.fromkeys([1, 2], 0), err(lambda: dict.fromkeys(5)))
f = {}
f.update({'a': 1})
f.update([('b', 2)], c=3)
f.update(d=4)
f.update({})
print(f, err(lambda: f.update(5)), err(lambda: f.update(1, 2)))


class M:
    def keys(self):
        return ['k1', 'k2']

    def __getitem__(self, k):
        return k.upper()


f.update(M())
print(f, dict(M()), {**M(), 'z': 1}, {**{'a': 1}, **{'a': 2}})
print({'a': 1} | {'b': 2}, {'a': 1} | {'a': 2}, err(lambda: {} | 5), err(lambda: {} | []))
f |= {'or': 1}
f |= [('pairs', 2)]
print(f, err(lambda: f.__ior__(5)))

k, v, i = f.keys(), f.values(), f.items()
print(k, v, i, len(k), len(v), len(i), 'a' in k, 1 in v, ('a', 1) in i, ('a', 2) in i, 5 in i, list(reversed(k)), list(reversed(v)), list(reversed(i)))
x, y = {'a': 1, 'b': 2}, {'b': 2, 'c': 3}
print(sorted(x.keys() & y.keys()), sorted(x.keys() | y.keys()), sorted(x.keys() - y.keys()), sorted(x.keys() ^ y.keys()))
print(sorted(x.items() & y.items()), sorted(x.items() | y.items()), sorted(x.items() - y.items()), sorted(x.items() ^ y.items()))
print(sorted(x.keys() & ['a']), sorted(x.keys() | 'z'), x.keys() == {'a', 'b'}, x.keys() <= {'a', 'b', 'c'}, x.keys() < x.keys(), x.keys() > {'a'}, x.keys() >= y.keys())
print(x.keys().isdisjoint(['q']), x.keys().isdisjoint('a'), x.items() == {('a', 1), ('b', 2)}, err(lambda: x.keys() & 5), err(lambda: x.values() == x.values()))
print(type(x.keys()).__name__, type(iter(x)).__name__, type(iter(x.values())).__name__, type(iter(x.items())).__name__, x.keys().mapping, err(lambda: hash(x.keys())))
print(err(lambda: hash({})))


def change(d, what):
    for key in d:
        what(d)


print(err(lambda: change({1: 1}, lambda d: d.__setitem__(len(d) + 1, 1))), err(lambda: change({1: 1, 2: 2}, lambda d: d.popitem())))
print(err(lambda: change({1: 1, 2: 2}, lambda d: d.clear())), err(lambda: change({1: 1, 2: 2}, lambda d: d.__setitem__(1, 5))))


def swap(d):
    for n, key in enumerate(d):
        del d[key]
        d[key] = 1
        if n > 100:
            return 'went on'


print(err(lambda: swap({1: 1})), err(lambda: swap({1: 1, 2: 2, 3: 3})))
for g in ({}.items(), {}.keys(), {}.values()):
    print(g, list(g))
it = iter({1: 2, 3: 4})
print(it.__length_hint__(), next(it), it.__length_hint__(), list(it), it.__length_hint__(), next(it, 'end'))

r = {}
r['self'] = r
r['list'] = [r]
print(r)


class H:
    def __init__(self, h, name):
        self.h, self.name = h, name

    def __hash__(self):
        return self.h

    def __eq__(self, other):
        return isinstance(other, H) and self.name == other.name

    def __repr__(self):
        return 'H' + self.name


c = {H(1, 'x'): 1, H(1, 'y'): 2, 1: 'int', H(1, 'z'): 3}
print(c, c[H(1, 'y')], H(1, 'q') in c, c[1], c[True], H(2, 'x') in c)
del c[H(1, 'x')]
c[H(1, 'y')] = 'changed'
print(c)


class BadEq:
    def __hash__(self):
        return 7

    def __eq__(self, other):
        raise ZeroDivisionError('eq')


bad = {BadEq(): 1}
print(err(lambda: bad[BadEq()]), err(lambda: bad.get(7)), err(lambda: bad.__setitem__(BadEq(), 2)), len(bad))


class Mutates:
    def __init__(self, d):
        self.d = d

    def __hash__(self):
        return 5

    def __eq__(self, other):
        self.d.clear()
        for n in range(20):
            self.d[n * 100] = n
        return False


m = {}
m[Mutates(m)] = 1
m[5] = 2
print(len(m) > 5, 5 in m)


class BadHash:
    def __hash__(self):
        raise OverflowError('hash')


print(err(lambda: {BadHash(): 1}), err(lambda: {}.get(BadHash())), err(lambda: {1: 2}.pop(BadHash())))


class D(dict):
    def __missing__(self, key):
        return 'missing ' + str(key)

    def __repr__(self):
        return 'D' + super().__repr__()


s = D(a=1)
s.attr = 'x'
print(s, s['a'], s['q'], s.get('q'), 'q' in s, s.copy(), type(s.copy()).__name__, s | {'b': 2}, type(s | {}).__name__, D.fromkeys('ab'), len(s), s.attr)


class Order(dict):
    def __setitem__(self, k, v):
        super().__setitem__(k, v * 2)


o = Order()
o['a'] = 1
o.update(b=1)
print(o, o.fromkeys(['z'], 1))
big = {}
for n in range(3000):
    big[n] = str(n)
    if n % 3 == 0:
        big.pop(n // 2, None)
print(len(big), sum(big), list(big)[:5], list(big)[-3:])
for n in range(2900):
    big.pop(n, None)
print(len(big), sorted(big)[:3])
while big:
    big.popitem()
print(big)
words = {}
for w in 'the quick brown fox jumps over the lazy dog the end'.split():
    words[w] = words.get(w, 0) + 1
print(words, {k: v for k, v in sorted(words.items(), key=lambda p: (-p[1], p[0]))})


def kw(**k):
    return k


print(kw(**{'a': 1}, b=2), err(lambda: kw(**{'a': 1}, **{'a': 2})), err(lambda: kw(**{1: 2})), err(lambda: kw(**5)), err(lambda: kw(a=1, **{'a': 2})))
print({1: 'a', True: 'b', 1.0: 'c'}, {0.0: 1, -0.0: 2, 0: 3})
print(dict.__doc__ is not None, {}.get.__qualname__, dict.get.__name__, {1: 2}.__contains__(1), {1: 2}.__getitem__(1), {}.__len__(), {1: 1}.__or__({2: 2}), {}.__eq__(1))
