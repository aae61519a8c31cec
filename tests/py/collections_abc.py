# SPDX-License-Identifier: Apache-2.0
# _abc below abc.ABCMeta: registration, caches and their invalidation, hooks, abstract methods, match flags.
from _abc import *
from _abc import _abc_init, _abc_register, _abc_instancecheck, _abc_subclasscheck, _get_dump, _reset_caches
class ABCMeta(type):
    def __new__(m, name, bases, ns, /, **kw):
        cls = super().__new__(m, name, bases, ns, **kw); _abc_init(cls); return cls
    def register(cls, sub): return _abc_register(cls, sub)
    def __instancecheck__(cls, o): return _abc_instancecheck(cls, o)
    def __subclasscheck__(cls, s): return _abc_subclasscheck(cls, s)
def err(f, *a):
    try: return f(*a)
    except Exception as e: return type(e).__name__, str(e)
def abstract(f): f.__isabstractmethod__ = True; return f
class A(metaclass=ABCMeta):
    @abstract
    def f(self): pass
    @property
    @abstract
    def p(self): pass
class B(A):
    def f(self): pass
class C(B): p = 1
print(sorted(A.__abstractmethods__), sorted(B.__abstractmethods__), C.__abstractmethods__, err(A), err(B), type(C()).__name__)
class X: pass
class Y(X): pass
print(isinstance(X(), A), issubclass(Y, A), isinstance(X(), A)); t = get_cache_token()
print(A.register(X) is X, get_cache_token() != t, isinstance(X(), A), issubclass(Y, A), isinstance(Y(), A), issubclass(int, A), issubclass(C, A), A.register(X) is X)
print(err(A.register, 5), err(issubclass, 5, A), err(X().__class__.__mro__[0].__subclasses__), err(_abc_subclasscheck, A, 5), err(_abc_register, int, A))
class P(metaclass=ABCMeta): pass
class Q(P): pass
print(err(Q.register, P), len(_get_dump(A)[0]))
class H(metaclass=ABCMeta):
    @classmethod
    def __subclasshook__(cls, s): return True if hasattr(s, 'quack') else NotImplemented
class D:
    def quack(self): pass
class L: pass
print(isinstance(D(), H), isinstance(L(), H)); L.quack = 1; print(H.register(int) is int, isinstance(L(), H), isinstance(3, H), isinstance('', H))
class W(metaclass=ABCMeta):
    @classmethod
    def __subclasshook__(cls, s): return 5
print(err(isinstance, 1, W))
class Fake:
    __class__ = property(lambda self: X)
print(isinstance(Fake(), A), isinstance(Fake(), P))
class S(metaclass=ABCMeta): __abc_tpflags__ = 1 << 5
class M(metaclass=ABCMeta): __abc_tpflags__ = 1 << 6
class R: 
    def __len__(self): return 1
    def __getitem__(self, i): return 7
class R2(R): pass
S.register(R)
def kind(o):
    match o:
        case [x]: return 'sequence', x
        case {}: return 'mapping'
    return None
print(kind(R()), kind(R2()), kind(L()), hasattr(S, '__abc_tpflags__'))
for i in range(200):
    K = type('K%d' % i, (), {}); assert not isinstance(K(), P); P.register(K); assert isinstance(K(), P) and P.register(K) is K
_reset_caches(P); print(isinstance(K(), P), issubclass(K, S))
