# Cycles through attributes of exceptions are collected; an exception thrown into a generator keeps its context.
import gc
import weakref
from contextlib import ExitStack, contextmanager


class Plain:
    pass


class Sub(Exception):
    pass


class Slots(OSError):
    __slots__ = ("attr",)


def ring(cls):
    e, x = cls(), Plain()
    e.attr, x.exc = x, e
    return weakref.ref(x)


for cls in (Sub, Slots, KeyError, OSError, StopIteration):
    refs = [ring(cls) for _ in range(50)]
    gc.collect()
    print(cls.__name__, sum(r() is not None for r in refs))


@contextmanager
def fails(exc):
    try:
        yield
    finally:
        raise exc


def chain(exc):
    found = []
    while exc is not None:
        found.append(exc)
        exc = exc.__context__
    return found


try:
    with ExitStack() as stack:
        for n in 4, 3, 2:
            stack.enter_context(fails(Exception(n)))
        raise Exception(1)
except Exception as e:
    print(chain(e))


def handling():
    try:
        1 / 0
    except ZeroDivisionError:
        yield


g = handling()
next(g)
try:
    raise KeyError
except KeyError:
    try:
        g.throw(ValueError(3))
    except ValueError as e:
        print(chain(e))
