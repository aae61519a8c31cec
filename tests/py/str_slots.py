# SPDX-License-Identifier: Apache-2.0
# __slots__ and weak references of subclasses of str; which other built-in types take them.
import weakref
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
for base in (str, int, tuple, bytes, float, list, dict, bytearray, set, frozenset, complex, type, object, Exception):
    print(base.__name__)
    t(lambda: type('C',(base,),{'__slots__':('a',)}).__name__)
    t(lambda: type('C',(base,),{'__slots__':('__dict__',)}).__name__)
    t(lambda: type('C',(base,),{'__slots__':('__weakref__',)}).__name__)
    t(lambda: type('C',(base,),{'__slots__':()}).__name__)
    t(lambda: base is type or (type('C',(base,),{}).__weakrefoffset__>0, type('C',(base,),{}).__dictoffset__ != 0))
class S(str):
    __slots__ = ('a', 'b')
    def __new__(cls, v, a): s = str.__new__(cls, v); s.a = a; return s
for text in ('', 'abc', 'ä', '日本', '\U0001f600xyz'):
    s = S(text, 3); print(repr(s), s.a, hasattr(s, 'b'), s == text, hash(s) == hash(text), s + '!', len(s))
    s.b = [s]; print(s.b[0] is s); s.a = 'new'; print(s.a)
    try: s.c = 1
    except AttributeError as e: print(e)
    try: weakref.ref(s)
    except TypeError as e: print(e)
    del s.b
    try: s.b
    except AttributeError as e: print(e)
class T(S):
    __slots__ = ('c', '__weakref__')
class U(T): pass
class V(str): pass
for text in ('', 'abc', 'ä', '日本'):
    x = T(text, 1); x.c = 4; r = weakref.ref(x); print(r() is x, x.a, x.c); del x; print(r())
    x = U(text, 1); x.c = 4; x.z = 9; r = weakref.ref(x); print(r() is x, x.a, x.c, x.z, x.__dict__); del x; print(r())
    x = V(text); x.q = 4; r = weakref.ref(x); print(r() is x, x.q); del x; print(r())
import copy, pickle
class W(str):
    __slots__ = ('k',)
w = W('text'); w.k = 5
for p in range(2, 6): 
    v = pickle.loads(pickle.dumps(w, p)); print(v, v.k, type(v))
v = copy.copy(w); print(v, v.k)

# Slots are looked into by the collector.
import gc
class X(str):
    __slots__ = ('a', '__weakref__')
for text in ('abc', '\u65e5'):
    x = X(text); x.a = [x]; r = weakref.ref(x)
    del x
    gc.collect()
    print(r())
print(str.__itemsize__)
