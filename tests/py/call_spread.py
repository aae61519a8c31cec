# SPDX-License-Identifier: Apache-2.0
# f(*args, **kwargs), defaults, keywords, classes and bound methods called every way, what fits and what does not.
import abc


def plain(a, b, c): return a, b, c
def defaults(a, b=2, *, c=3, d): return a, b, c, d
def posonly(a, b=5, /, c=6): return a, b, c
def everything(a, /, b, c=3, *args, d=4, **kw): return a, b, c, args, d, kw
def star(*args): return args
def kws(**kw): return kw
def both(*args, **kw): return args, kw
def named(x, *args, y=1): return x, args, y


class C:
    def __init__(self, a, b=2, *args, c=3, **kw): self.got = a, b, args, c, kw
    def method(self, a=1, *args, k=0, **kw): return self.got, a, args, k, kw
    def nothing(): return 'no self'
    @classmethod
    def make(cls, *args, **kw): return cls(*args, **kw).got
    @staticmethod
    def static(*args, x=1): return args, x


class A(abc.ABC):
    def __init__(self, x=1, *, y=2): self.got = x, y


class Text(str): pass


class Fussy:
    def __init__(self, a, b): self.got = a, b


o = C(1)
functions = [plain, defaults, posonly, everything, star, kws, both, named, C, o.method, C.method, C.nothing, o.nothing, C.make, o.static, A, Fussy, print, dict, max]
calls = [((), {}), ((1,), {}), ((1, 2), {}), ((1, 2, 3), {}), ((1, 2, 3, 4, 5), {}), ((), {'a': 1}), ((1,), {'b': 7, 'd': 8}), ((1,), {'a': 2}), ((1, 2), {'c': 3, 'zz': 4}),
         ((), {'a': 1, 'b': 2, 'c': 3}), ((), {'x': 1, 'y': 2}), ((1,), {'y': 5}), ((3, 4), {'k': 1, 'q': 2}), ((1,), {Text('b'): 9}), ((1,), {1: 2}), ((), {'self': 1})]


def show(how, f, call):
    try:
        r = call()
    except TypeError as e:
        r = 'TypeError: ' + str(e)
    r = getattr(r, 'got', r)
    print(how, getattr(f, '__name__', f), r)


for f in functions:
    for args, kw in calls:
        if f is print and kw:
            continue
        show('ex', f, lambda: f(*args, **kw))
        if all(type(k) is str for k in kw):
            names = ', '.join([repr(a) for a in args] + ['%s=%r' % item for item in kw.items()])
            show('in', f, eval('lambda: f(%s)' % names, {'f': f}))
kw = {'p': 1}
got = kws(**kw)
got['q'] = 2
print(kw, got)
items = (1, 2)
print(star(*items) is items, star(*[1, 2]), both(*items, 3, *'ab', **kw, r=2))
print(eval('both(**kw, **{"s": 3})'))


def deep(n, *args, **kw):
    return deep(n - 1, *args, **kw) if n else (len(args), sorted(kw))


print(deep(900, 1, 2, a=3, b=4))
try:
    def forever(*args, **kw): return forever(*args, **kw)
    forever(1, a=2)
except RecursionError as e:
    print('RecursionError')


class Base:
    def __init__(self, *args, **kw): self.log = [args, kw]
    @property
    def p(self): return 'base p'
    @classmethod
    def c(cls): return cls.__name__
    x = 'base x'


class Derived(Base):
    def __init__(self, *args, **kw): super().__init__('d', *args, z=1, **kw)
    p = 1
    def all(self): return super().p, super().c(), super().x, super().__class__.__name__
    def lost(self): return super().nowhere
    @classmethod
    def c(cls): return 'derived ' + super().c()


d = Derived(2, y=3)
print(d.log, d.all(), d.c())
try:
    d.lost()
except AttributeError as e:
    print(e)
try:
    Derived.all(3)
except TypeError as e:
    print(e)
