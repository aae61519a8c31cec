# SPDX-License-Identifier: Apache-2.0
# Weak references, __del__, deep chains, operator protocols and the errors of special methods.
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
import _weakref as weakref, gc
class A:
    def __init__(self, n=0): self.n = n
    def __del__(self): print('del', self.n)
    def __call__(self, *a): return ('called', a)
    def __len__(self): return 3
    def __add__(self, o): return ('add', o)
a = A(1)
r = weakref.ref(a); print(r() is a, weakref.ref(a) is r, weakref.getweakrefcount(a), len(weakref.getweakrefs(a)), a.__weakref__ is r, r == weakref.ref(a), hash(r) == hash(a))
r2 = weakref.ref(a, lambda x: print('cb', x() is None, x is r2))
p = weakref.proxy(a); print(p.n, p(1), len(p), p + 2, bool(p), type(p).__name__, isinstance(p, A)); p.z = 5; print(a.z)
print(r2.__callback__ is not None, r.__callback__)
del a; print(r(), r2(), r == r2, repr(r).endswith('dead>')); t(lambda: p.n); t(lambda: hash(weakref.ref(A)) and 1)
t(lambda: weakref.ref(1)); t(lambda: weakref.ref([])); t(lambda: weakref.ref()); t(lambda: weakref.ref({1}) is not None)
class R(weakref.ref):
    __slots__ = ('key',)
    def __new__(cls, o, cb, key): s = super().__new__(cls, o, cb); s.key = key; return s
    def __init__(self, o, cb, key): super().__init__(o, cb)
b = A(2); rr = R(b, None, 'k'); print(rr.key, rr() is b, type(rr).__name__, rr == weakref.ref(b)); b = None; print(rr())
# cycles, resurrection
class C: pass
c = C(); c.me = c; c.a = A(3); wr = weakref.ref(c); del c; print(wr() is None); gc.collect(); print(wr() is None)
L = []
class Z:
    def __del__(self): L.append(self); print('zombie')
Z(); print(len(L)); z = L.pop(); del z; print(len(L))
class BadDel:
    def __del__(self): raise ValueError('x')
import sys
sys.unraisablehook = lambda u: print('hook', type(u.exc_value).__name__, u.exc_type.__name__, u.object is not None, u.err_msg)
BadDel(); print('after')
# type gc
def mk():
    class T: pass
    class U(T): pass
    return weakref.ref(T), len(T.__subclasses__())
w, n = mk(); print(n)
# many objects / deep chain destroy
class N:
    def __init__(self, nx): self.nx = nx
x = None
for i in range(200000): x = N(x)
x = None; print('deep ok')
# slots with many
class Big: __slots__ = tuple('s%d' % i for i in range(60))
b = Big()
for i in range(60): setattr(b, 's%d' % i, i)
print(sum(getattr(b, 's%d' % i) for i in range(60)))
class BigD:
    def __init__(self):
        self.a=self.b=self.c=self.d=self.e=self.f=self.g=self.h=self.i=self.j=self.k=self.l=1
bb = BigD(); bb.m = 2; bb.n = 3; print(bb.a + bb.l + bb.m + bb.n, list(bb.__dict__))
class BigE(BigD):
    def __init__(self): super().__init__(); self.zz = 5; self.z1 = self.z2 = self.z3 = self.z4 = self.z5 = self.z6 = 9
be = BigE(); print(be.zz, be.z6, be.a, len(be.__dict__))
# metaclass conflicts, __mro_entries__, __class_getitem__
class M1(type): pass
class M2(type): pass
class X1(metaclass=M1): pass
class X2(metaclass=M2): pass
t(lambda: type('X', (X1, X2), {}))
class ME:
    def __mro_entries__(self, bases): return (Base,)
class FromME(ME()): pass
print(FromME.__bases__, FromME.__orig_bases__[0].__class__.__name__)
t(lambda: type('X', (ME(),), {}))
class CG:
    def __class_getitem__(cls, k): return (cls.__name__, k)
print(CG[5]); t(lambda: int[5]); t(lambda: Base[1])
class MG(type):
    def mro(cls): return [cls, Base, object]
class UMG(metaclass=MG): pass
print(UMG.__mro__)
# operators fallback order
class P:
    def __add__(s, o): return NotImplemented
    def __radd__(s, o): return 'P.radd'
    def __eq__(s, o): return NotImplemented
    def __lt__(s, o): return NotImplemented
    def __gt__(s, o): return 'P.gt'
class Q(P):
    def __radd__(s, o): return 'Q.radd'
print(P() + Q(), 1 + P(), P() == 1, P() != 1, P() < P(), 1 < P()); t(lambda: P() + P()); t(lambda: P() + 1)
class Sub(int):
    def __radd__(s, o): return 'sub.radd'
    def __rsub__(s, o): return 'sub.rsub'
print(1 + Sub(2), 1 - Sub(2), Sub(1) + 1, 1.5 + Sub(1))
class Cmp:
    def __eq__(s, o): return 'eq'
    def __ne__(s, o): return 'ne'
    def __le__(s, o): return 'le'
c = Cmp(); print(c == 1, c != 1, c <= 1, 1 >= c, 1 == c)
class IA:
    def __iadd__(s, o): return 'iadd'
    def __imatmul__(s, o): return 'imm'
    def __ipow__(s, o): return 'ipow'
x = IA(); x += 1; y = IA(); y @= 1; z = IA(); z **= 2; print(x, y, z)
t(lambda: IA() + 1); t(lambda: IA() @ 1)
# truthiness / len errors
class BL:
    def __len__(s): return -1
class BB:
    def __bool__(s): return 1
class BS:
    def __repr__(s): return 1
    def __hash__(s): return 'x'
    def __str__(s): return 2
    def __format__(s, f): return 3
    def __index__(s): return 'x'
    def __iter__(s): return 1
t(lambda: len(BL())); t(lambda: bool(BL())); t(lambda: bool(BB())); t(lambda: repr(BS())); t(lambda: hash(BS())); t(lambda: str(BS())); t(lambda: format(BS())); t(lambda: [1][BS()]); t(lambda: iter(BS()))
class HB:
    def __hash__(s): return 2**100
print(hash(HB()) == hash(2**100))
class Inf:
    def __getattr__(s, n): return getattr(s, n + 'x')
t(lambda: Inf().a)
class RecRepr:
    def __repr__(s): return repr(s)
t(lambda: repr(RecRepr()))
# attribute errors carry name and obj
try: A(9).nope
except AttributeError as e: print(e.name, type(e.obj).__name__); e = None
# __init_subclass__ / __set_name__ kwargs, namedtuple-like
class Dsc:
    def __get__(s, o, c=None): return (o, c)
class UD: d = Dsc()
print(UD.d == (None, UD), UD().d[1] is UD)
class NoInit: pass
t(lambda: NoInit(1)); t(lambda: NoInit(x=1))
class HasNew:
    def __new__(cls, *a): return object.__new__(cls)
print(type(HasNew(1, 2)).__name__); t(lambda: object.__new__(HasNew, 1))
class HasInit:
    def __init__(s, x): pass
t(lambda: HasInit()); t(lambda: HasInit(1, 2)); t(lambda: HasInit(1).__init__(1) )
class RetInit:
    def __init__(s): return 1
t(lambda: RetInit())
class NewOther:
    def __new__(cls): return 5
print(NewOther())
