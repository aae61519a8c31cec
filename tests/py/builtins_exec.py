# exec() with cells, source from any buffer, and what some functions say of wrong arguments.
import array
import io
import sys
import types


def shown(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


def outer():
    a, b = 2, 3
    result = None

    def inner():
        nonlocal result
        result = a * b
        return result
    return inner


inner = outer()
cells = inner.__closure__
code = inner.__code__
print(code.co_freevars)
shown(lambda: exec(code, {}, closure=cells))
print(cells[2].cell_contents)
mine = types.CellType(35), types.CellType(72), types.CellType()
shown(lambda: exec(code, closure=mine))
print(mine[2].cell_contents)
shown(lambda: exec(code, {}))
shown(lambda: exec(code, {}, closure=None))
shown(lambda: exec(code, {}, closure=cells[:2]))
shown(lambda: exec(code, {}, closure=list(cells)))
shown(lambda: exec(code, {}, closure=(int, *cells[1:])))
shown(lambda: exec(outer.__code__, {}, closure=cells))
shown(lambda: exec("1", {}, closure=cells))
shown(lambda: eval(code, {}))
shown(lambda: eval(memoryview(b"1 + 1")))
shown(lambda: eval(array.array("B", b"2 + 2")))
shown(lambda: eval(compile(memoryview(b"# coding: latin-1\n'\xe9'")[0:23], "<view>", "eval")))
shown(lambda: compile(memoryview(b"1 \x00"), "<view>", "eval"))
shown(lambda: exec(5))
for f in hasattr, getattr, delattr:
    shown(lambda: f(1, 1))
shown(lambda: setattr(1, 1, 1))
shown(lambda: sum([], bytearray()))
shown(lambda: sum([], b""))


class Bare:
    def write(self, text):
        kept.append(text)


class NoTruth:
    def __bool__(self):
        raise ZeroDivisionError("no truth")


kept = []
old = sys.stdout, sys.stdin
sys.stdout, sys.stdin = Bare(), io.StringIO("answer\n")
try:
    answer = input("question")
finally:
    sys.stdout, sys.stdin = old
print(kept, answer)
shown(lambda: print("text", flush=NoTruth()))

# A view that is released while its index, bounds or new item are asked for.
class Index:
    def __index__(self):
        view.release()
        return 4


for use in (lambda: view[Index()], lambda: bytes(view[:Index()]), lambda: bytes(view[Index():8]), lambda: view.__setitem__(Index(), 1),
            lambda: view.__setitem__(slice(Index()), b"spam"), lambda: view.__setitem__(slice(Index(), 8), b"spam"), lambda: view.__setitem__(0, Index())):
    view = memoryview(bytearray(b"\xff" * 16))
    shown(use)


# A coroutine that is done is not awaited again.
async def spam():
    return "spam"


async def reader(c):
    return await c


c = spam()
for _ in range(3):
    shown(lambda: reader(c).send(None))
shown(lambda: c.send(None))
shown(lambda: c.throw(KeyError("late")))
print(c.close())

# Characters by name.
print("\xe9\u20ac\U0001f40d\udc80x".encode("ascii", "namereplace"))
print("[\udc80]".encode("utf-16-le", "namereplace"), "\u1234".encode("latin-1", "namereplace"), "\x85".encode("ascii", "namereplace"))
import codecs
print(codecs.lookup_error("namereplace")(UnicodeEncodeError("ascii", "a\xe9b", 1, 2, "why")))


# dir() where the local names are in a mapping that is no dict; names of asynchronous generators; a line number cannot be deleted.
class Names:
    def __getitem__(self, key):
        raise KeyError(key)

    def keys(self):
        return ["x", "b", "a"]


print(eval("dir()", globals(), Names()))


async def numbers():
    yield 1


n = numbers()
n.__name__ = n.__qualname__ = "other"
print(n.__name__, n.__qualname__)
shown(lambda: setattr(n, "__name__", 1))
shown(lambda: delattr(sys._getframe(), "f_lineno"))
