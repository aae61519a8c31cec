# Coroutines and generators that die before their end, the recursion limit, and classes that are odd in their making.
import gc
import sys
import warnings
import weakref


async def never():
    pass


with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    never()
    c = never()
    c.close()
    del c
    gc.collect()
print([(w.category.__name__, str(w.message)) for w in seen])
unraisable = []
sys.unraisablehook = lambda u: unraisable.append((type(u.exc_value).__name__, str(u.exc_value), u.object is not None))
with warnings.catch_warnings():
    warnings.simplefilter("error")
    never()
    gc.collect()
print(unraisable)
unraisable.clear()


def stubborn():
    try:
        yield 1
    finally:
        raise KeyError("at the end")


g = stubborn()
next(g)
del g
gc.collect()
print(unraisable)


# A generator in a cycle: its finally clause runs while all that it needs is whole.
def cyclic():
    free = ["still there"]

    def inner():
        me = yield
        try:
            yield me
        finally:
            print(free)
    g = inner()
    next(g)
    g.send(g)


cyclic()
gc.collect()


class Loop:
    pass


def refuses(loop):
    while True:
        try:
            yield loop
        except GeneratorExit:
            pass


loop = Loop()
loop.g = refuses(loop)
next(loop.g)
unraisable.clear()
ref = weakref.ref(loop)
del loop
gc.collect()
print(unraisable, ref())


# An asynchronous generator goes to the hook that was set when it was first driven.
async def numbers():
    try:
        yield 1
    finally:
        print("closed")


def drive(awaitable):
    try:
        awaitable.send(None)
    except StopIteration as e:
        return e.value
    except StopAsyncIteration:
        return "end"


kept = []
sys.set_asyncgen_hooks(finalizer=kept.append)
a = numbers()
print(drive(a.__anext__()))
sys.set_asyncgen_hooks(None, None)
del a
gc.collect()
print(len(kept))
print(drive(kept[0].aclose()))
kept.clear()
gc.collect()
a = numbers()
print(drive(a.__anext__()))
del a
gc.collect()


# The last frames before the limit are counted one by one, however large those were that stood there before.
def deepest(n=0):
    try:
        return deepest(n + 1)
    except RecursionError:
        return n


def twice():
    global calls
    calls += 1
    try:
        twice()
    except RecursionError:
        twice()


limit = sys.getrecursionlimit()
here = 0
f = sys._getframe()
while f:
    here += 1
    f = f.f_back
for n in 4, 6, 9:
    calls = 0
    sys.setrecursionlimit(here + n)
    try:
        twice()
    except RecursionError:
        pass
    sys.setrecursionlimit(limit)
    print(calls in (2 ** n - 1, 2 ** (n + 1) - 1, 2 ** (n - 1) - 1))


# A class whose dict has a key that equals a name only if it is asked.
class Odd:
    def __hash__(self):
        return hash("attribute")

    def __eq__(self, other):
        X.__bases__ = (Second,)
        return False


class First:
    attribute = other = "first"


class Second:
    attribute = other = "second"


X = type("X", (First,), {Odd(): 5})
print(X.attribute, X.other)


class Meta(type):
    def mro(cls):
        return (First,)


try:
    class Lost(metaclass=Meta):
        pass
except TypeError as e:
    print(e)


class Cell(type):
    def mro(cls):
        print(cls.__dict__["name"](cls))
        return super().mro()


class HasCell(metaclass=Cell):
    def name(self):
        return __class__ is self
