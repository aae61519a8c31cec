# SPDX-License-Identifier: Apache-2.0
# What inline caches must notice: slots, descriptors, builtins and class attributes replaced behind warm instructions.
class S:
    __slots__ = ('x', 'y')
    def __init__(self): self.x = 1
class T(S):
    __slots__ = ('z',)
def get(o): return o.x
def put(o, v): o.x = v
def unset(o):
    try: return o.y
    except AttributeError as e: return str(e)
s, t = S(), T()
for i in range(5): put(s, i); put(t, i + 10)
print(get(s), get(t), unset(s))
s.y = 5; print(unset(s)); del s.y; print(unset(s))
for i in range(5): get(s)
saved = S.x
S.x = property(lambda self: 'replaced')
print(get(s), get(t), get(S.__new__(S)))
S.x = saved
print(get(s), get(t))
del S.x
try: print(get(s))
except AttributeError as e: print(e)
def size(v): return len(v)
print([size('abc') for _ in range(4)])
len = lambda v: 'mine'
print(size('abc'))
del len
print(size('abc'))
import builtins
old = builtins.len
builtins.len = lambda v: 'theirs'
print(size('abc'))
builtins.len = old
print(size('abc'))
class A:
    v = 1
    def m(self): return 'm'
def use(o): return o.v, o.m()
a = A()
print([use(a) for _ in range(3)])
A.v = 2; A.m = lambda self: 'new'; print(use(a))
a.m = lambda: 'own'; print(use(a)); del a.m; print(use(a))
a.v = 9; print(use(a)); del a.v; print(use(a))
class B(A): pass
b = B(); print([use(b) for _ in range(3)]); B.v = 3; print(use(b)); del B.v; print(use(b)); A.v = 4; print(use(b))
class C:
    def __init__(self): self.n = 0
    def inc(self): self.n += 1
c = C()
for i in range(10): c.inc()
print(c.n); C.n = property(lambda self: 100, lambda self, v: print('set', v)); c.inc(); print(c.n); del C.n; c.inc(); print(c.n)
def cls(): return A.v
print([cls() for _ in range(3)]); A.v = 'x'; print(cls())
class Meta(type): pass
class D(metaclass=Meta): q = 1
def dq(): return D.q
print([dq() for _ in range(3)]); Meta.q = property(lambda self: 'meta'); print(dq()); del Meta.q; print(dq())
def make(): return A()
print(type(make()), type(make())); A.__init__ = lambda self: setattr(self, 'w', 1); print(make().w, make().w)
A.__new__ = lambda cls: 'other'; print(make()); del A.__new__; print(type(make()).__name__)
def eq(x): return x == 1, bool(x), x + 1 if hasattr(type(x), '__add__') else None
print([eq(a) for _ in range(3)]); A.__eq__ = lambda s, o: 'eq'; A.__bool__ = lambda s: False; A.__add__ = lambda s, o: 'add'; print(eq(a), eq(B()))
