# SPDX-License-Identifier: Apache-2.0
"""Functions: every kind of parameter, defaults, closures, recursion, decorators, and what goes wrong in calls."""


def show(f, /, *args, **kwargs):
    try:
        print(f.__name__, f(*args, **kwargs))
    except TypeError as e:
        print(f.__name__, 'TypeError:', e)


def plain(a, b, c=3, *rest, d, e=5, **more):
    return a, b, c, rest, d, e, sorted(more.items())


def posonly(a, b=2, /, c=3, *, d=4):
    return a, b, c, d


def two(a, b):
    return a - b


def none():
    pass


show(plain, 1, 2, d=4)
show(plain, 1, 2, 3, 4, 5, d=6, e=7, f=8, g=9)
show(plain, 1, d=2)
show(plain, 1, 2)
show(plain, *[1, 2], **{'d': 3, 'z': 4})
show(plain, 1, 2, d=1, **{'a': 3})
show(posonly, 1)
show(posonly, 1, 2, 3, d=5)
show(posonly, a=1)
show(posonly, 1, 2, 3, 4)
show(posonly, 1, e=1)
show(two, 1)
show(two, 1, 2, 3)
show(two, b=1, a=5)
show(two, 1, a=2)
show(two)
show(none, 1)
show(none)


def counter():
    n = 0

    def inc(by=1):
        nonlocal n
        n += by
        return n
    return inc


a, b = counter(), counter()
print(a(), a(), b(10), a(5), b())


def adders():
    return [lambda x, i=i: x + i for i in range(4)] + [lambda x: x + j for j in range(3)]


print([f(10) for f in adders()])


def fact(n):
    return 1 if n < 2 else n * fact(n - 1)


print(fact(30), fact(5))


def traced(log):
    def wrap(f):
        def inner(*args, **kwargs):
            log.append((f.__name__, args, kwargs))
            return f(*args, **kwargs)
        inner.__name__ = f.__name__
        return inner
    return wrap


log = []


@traced(log)
@traced(log)
def area(w, h=2):
    return w * h


print(area(3), area(3, h=4), log)


def late():
    try:
        print(undefined_thing)
    except NameError as e:
        print(e)
    try:
        print(x)
        x = 1
    except UnboundLocalError as e:
        print(e)


late()


def mutable(x, acc=[]):
    acc.append(x)
    return acc


print(mutable(1), mutable(2), mutable.__defaults__)
print(plain.__kwdefaults__, plain.__code__.co_varnames, plain.__code__.co_argcount)


def annotated(x: int, y: 'str' = 'a') -> float:
    """Doc string."""
    return x


print(annotated.__annotations__, annotated.__doc__, annotated.__name__, annotated.__qualname__, annotated.__module__)
print((lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4))
f = lambda: (yield)
print(type(f()).__name__)


def deep(n):
    return n if n == 0 else deep(n - 1)


print(deep(500))


def forever(n):
    return forever(n + 1)


try:
    forever(0)
except RecursionError as e:
    print('RecursionError:', e)


def swap():
    x, y = 1, 2
    x, y = y, x
    (p, [q, *r]), s = (1, [2, 3, 4]), 5
    *u, v = 'abc'
    return x, y, p, q, r, s, u, v


print(swap())
for bad in ('a, b = 1, 2, 3', 'a, b = [1]', 'a, *b, c = [1]', 'a, b = 5'):
    try:
        exec(bad)
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e)
print(eval('1 + 2 * 3'), eval('x + y', {'x': 1}, {'y': 2}))
ns = {}
exec('def g(n):\n    return n * factor\nfactor = 7', ns)
print(ns['g'](6))
i = 10
print([i for i in range(3)], i, {k: v for k, v in zip('ab', (1, 2))}, {c for c in 'hello' if c > 'g'} == {'h', 'l', 'o'})
print([(x, y) for x in range(3) for y in 'ab' if x != 1], sum(x * x for x in range(10)))
print((n := 5) + n, [y := 1, y + 1])
