# SPDX-License-Identifier: Apache-2.0
# Attributes: of functions, methods, built-in functions, classes; assignment to classes after the fact; descriptors; __class__, __dict__.
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
# functions
def f(a, b=2, *c, d, e=5, **k): "doc"; return a
print(f.__name__, f.__qualname__, f.__defaults__, f.__kwdefaults__, f.__doc__, f.__module__, f.__annotations__, f.__closure__, f.__dict__)
f.attr = 1; print(f.attr, f.__dict__); f.__doc__ = 'x'; print(f.__doc__)
f.__defaults__ = (7,); f.__name__ = 'g'
t(lambda: setattr(f, '__name__', 1)); t(lambda: setattr(f, '__defaults__', 1)); t(lambda: setattr(f, '__code__', 1)); t(lambda: setattr(f, '__globals__', 1))
print(f.__name__, f.__code__.co_name, type(f), type(f).__name__)
def outer():
    n = 1
    def inner(): return n
    return inner
i = outer(); print(i(), i.__closure__[0].cell_contents, i.__qualname__)
i.__closure__[0].cell_contents = 9; print(i())
t(lambda: setattr(i, '__code__', f.__code__))
FT = type(f)
g = FT(outer().__code__, globals(), 'nm', None, i.__closure__); print(g(), g.__name__)
t(lambda: FT(outer().__code__, globals()))
t(lambda: FT(1, {}))
t(lambda: FT())
class A:
    def m(self): "mdoc"; return 1
    m.tag = 'T'
a = A()
m = a.m
print(m.__self__ is a, m.__func__ is A.m, m.__name__, m.__doc__, m.tag, m == a.m, m is a.m, hash(m) == hash(a.m), type(m))
t(lambda: setattr(m, 'x', 1))
MT = type(m)
print(MT(len, [1, 2])(), MT(lambda s, x: (s, x), 5)(6))
t(lambda: MT(1, 2)); t(lambda: MT(len, None))
print(f.__get__(5), f.__get__(None, int) is f) if False else print(f.__get__(None, int) is f, type(f.__get__(5)).__name__)
# builtin functions
print(len.__name__, len.__qualname__, len.__module__, len.__self__ is not None)
print([].append.__name__, [].append.__qualname__, [].append.__self__, list.append.__qualname__, list.append.__objclass__)
print(list.append, int.__add__, type(int.__add__), type((1).__add__), type(list.append), type(len), type(dict.__dict__['fromkeys']))
print(repr(len), repr(dict.fromkeys).split(' at')[0], repr([].append).split(' at')[0])
print([].append == [].append, len == len)
l = [1]; print(l.append == l.append, l.append is l.append)
print(dict.fromkeys('ab'), str.maketrans('a', 'b'), int.from_bytes(b'\1\0', 'big'))
print(int.__new__(int, 5), object.__new__(A).__class__, tuple.__new__(tuple, [1]))
# property
class P:
    def __init__(self): self._x = 1
    x = property(lambda s: s._x, lambda s, v: setattr(s, '_x', v), lambda s: delattr(s, '_x'), 'xdoc')
p = P(); p.x = 4; print(p.x, P.x.__doc__, P.x.fget(p)); del p.x; t(lambda: p.x)
class P2(P):
    @P.x.getter
    def x(self): return 'sub'
print(P2().x); p2 = P2(); p2.x = 3; print(p2._x)
t(lambda: property(1, 2, 3, 4, 5)); t(lambda: property(foo=1))
class Pr(property): pass
class P3:
    @Pr
    def y(self): 'ydoc'; return 1
print(P3().y, P3.y.__doc__, type(P3.y))
# classmethod/staticmethod
class C:
    @classmethod
    def c(cls): "cd"; return cls
    @staticmethod
    def s(x): return x
    @classmethod
    @property
    def cp(cls): return cls.__name__
print(C.c.__func__.__name__, C.__dict__['c'].__func__, C.__dict__['c'].__wrapped__.__name__, C.__dict__['s'](4), C.cp) if False else print(C.c.__func__.__name__, C.__dict__['c'].__wrapped__.__name__, C.__dict__['s'](4), C.cp, C.__dict__['c'].__doc__, C.__dict__['s'].__name__)
t(lambda: classmethod()); t(lambda: staticmethod(1, 2)); t(lambda: classmethod(f=1))
# super
class X:
    def f(self): return 'X'
    @classmethod
    def g(cls): return 'Xg', cls.__name__
class Y(X):
    def f(self): return 'Y' + super().f() + super(Y, self).f()
    @classmethod
    def g(cls): return super().g()
    def h(self): return super()
    def k(self):
        def inner(): return super().f()
        return inner()
y = Y(); print(y.f(), Y.g(), y.h(), super(Y, Y).g(), super(Y, y).__thisclass__, y.h().__self__ is y)
t(lambda: y.k()); t(lambda: super(Y, y).zzz); t(lambda: y.h().zzz)
su = super(Y); print(su, su.__get__(y).f())
# type attributes
class T1: "td"; x: int = 1
print(T1.__doc__, T1.__annotations__, T1.__dictoffset__ > 0, T1.__basicsize__ > 0, T1.__flags__ & (1 << 9), int.__flags__ & (1 << 9), T1.__name__)
T1.__name__ = 'TT'; T1.__qualname__ = 'QQ'; print(T1, T1.__name__, T1.__qualname__); T1.__module__ = 'mm'; print(T1)
t(lambda: setattr(T1, '__name__', 1)); t(lambda: delattr(T1, '__name__')); t(lambda: setattr(int, '__name__', 'x')); t(lambda: setattr(T1, '__bases__', 1)); t(lambda: setattr(T1, '__bases__', ()))
class T2(T1): pass
class T3: z = 5
t(lambda: setattr(T1, '__bases__', (T2,)))
class Q1: a = 1
class Q2: a = 2
class R(Q1): pass
class RR(R): pass
rr = RR(); print(rr.a, RR.__mro__); R.__bases__ = (Q2,); print(rr.a, RR.__mro__, Q1.__subclasses__(), Q2.__subclasses__())
R.newattr = 7; print(rr.newattr, RR.newattr); R.__len__ = lambda s: 3; print(len(rr)); del R.__len__; t(lambda: len(rr)); del R.newattr; t(lambda: rr.newattr)
R.__add__ = lambda s, o: 'added'; print(rr + 1); R.__add__ = lambda s, o: 'again'; print(rr + 1)
R.__call__ = lambda s: 'called'; print(rr()); R.__eq__ = lambda s, o: True; print(rr == 5, rr != 5)
R.__hash__ = None; t(lambda: hash(rr)); R.__getattr__ = lambda s, n: n; print(rr.hello)
R.prop = property(lambda s: 'p'); print(rr.prop); rr.__dict__['prop'] = 1; print(rr.prop); del R.prop; print(rr.prop)
# data descriptor after instances
class Late: pass
la = Late(); la.v = 1
def get(o): return o.v
print([get(la) for _ in range(5)]); Late.v = property(lambda s: 'desc'); print(get(la), get(Late())); del Late.v; print(get(la))
# __class__ assignment
class K1:
    def who(self): return 'K1'
class K2:
    def __init__(self): self.a = self.b = self.c = self.d = 1
    def who(self): return 'K2'
k = K1(); k.q = 1; k.__class__ = K2; print(k.who(), k.q, type(k), isinstance(k, K2)); k.zz = 5; print(k.zz, k.__dict__)
t(lambda: setattr(k, '__class__', int)); t(lambda: setattr(k, '__class__', 1)); t(lambda: setattr(1, '__class__', K1))
class KS: __slots__ = 'a'
t(lambda: setattr(k, '__class__', KS)); t(lambda: delattr(k, '__class__'))
# del and dict
class D: pass
d = D(); d.a = 1; d.b = 2; d.c = 3; del d.b; print(d.__dict__); d.b = 4; print(list(d.__dict__)); d.__dict__ = {'z': 1}; print(d.z, vars(d)); t(lambda: d.a)
t(lambda: setattr(d, '__dict__', 1)); t(lambda: delattr(D(), 'zz'))
for i in range(300): setattr(d, 'a%d' % i, i)
print(sum(getattr(d, 'a%d' % i) for i in range(300)), len(d.__dict__))
# dir
class DD:
    def __dir__(self): return ['b', 'a']
print(dir(DD()), [x for x in dir(D) if not x.startswith('__')], [x for x in dir(d) if x in ('a1', 'z')])
print([n for n in dir(object)])
print([n for n in dir(type) if n not in dir(object)])
# abstract
class AB: pass
AB.__abstractmethods__ = frozenset(['x', 'y']); t(lambda: AB()); AB.__abstractmethods__ = frozenset(); print(type(AB()))
# isinstance
class IC(type):
    def __instancecheck__(c, o): return o == 5
    def __subclasscheck__(c, o): return o is int
class ICC(metaclass=IC): pass
print(isinstance(5, ICC), isinstance(6, ICC), issubclass(int, ICC), issubclass(str, ICC), isinstance(ICC(), ICC), isinstance(5, (str, ICC)))
print(isinstance(5, int | str), int | None, issubclass(bool, int | str), list[int], dict[str, list[int]], (int | str).__args__, list[int] == list[int], list[int].__origin__)
t(lambda: isinstance([], list[int]))
print(isinstance(True, int), type(True).__mro__, bool.__base__)
class Fake:
    @property
    def __class__(self): return int
print(isinstance(Fake(), int), type(Fake()))
