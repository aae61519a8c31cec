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

# Fields of types in C at one site: other types, subclasses, a class that covers the field later and lets it go, an instance's own attribute, getters that raise.
import datetime, io, types
def field(o): return o.year
class Day(datetime.date): pass
class Own(datetime.datetime): pass
def years():
    seen = [field(o) for o in (datetime.date(1, 1, 1), datetime.date(2, 1, 1), datetime.datetime(3, 1, 1), Day(4, 1, 1), Day(5, 1, 1), Own(6, 1, 1), types.SimpleNamespace(year=7)) for _ in range(3)]
    return [seen.count(n) for n in range(1, 8)], seen[-1]
print(years(), years())
day = Day(8, 1, 1); day.__dict__['year'] = 'hidden'
print([field(day) for _ in range(4)])
Day.year = 'covers'; print([field(o) for o in (Day(9, 1, 1), datetime.date(9, 1, 1), day) for _ in range(3)])
del Day.year; print([field(Day(9, 1, 1)) for _ in range(3)])
Own.year = property(lambda self: -1); print([field(Own(9, 1, 1)) for _ in range(3)], field(datetime.datetime(9, 1, 1)))
Own.year = datetime.date.month; print([field(Own(9, 5, 1)) for _ in range(3)])
class Other: year = datetime.date.year
for o in (Other(), 1, None, datetime.time(1)):
    for _ in range(3):
        try: print(field(o))
        except (AttributeError, TypeError) as e: print(type(e).__name__, e)
closed = io.TextIOWrapper(io.BytesIO())
def is_closed(f): return f.closed
print([is_closed(closed) for _ in range(3)]); closed.detach()
for _ in range(3):
    try: print(is_closed(closed))
    except ValueError as e: print(e)
def same(o): return o.__class__
print([same(o).__name__ for o in (1, day, 'x', day, Day(1, 1, 1), same, type) for _ in range(2)])
