# SPDX-License-Identifier: Apache-2.0
"""Control flow: loops, exceptions, finally, with, generators, match."""


def loops():
    out = []
    for i in range(10):
        if i == 2:
            continue
        if i == 6:
            break
        out.append(i)
    else:
        out.append('never')
    n = 3
    while n:
        n -= 1
    else:
        out.append('else')
    for i in range(5, 0, -2):
        out.append(i)
    return out


print(loops())


def excs(k):
    log = []
    try:
        try:
            if k == 0:
                return log + ['returned']
            if k == 1:
                raise ValueError('one')
            if k == 2:
                1 / 0
            if k == 3:
                raise KeyError('three') from ValueError('cause')
            log.append('body')
        except ValueError as e:
            log.append(repr(e))
        except (ZeroDivisionError, KeyError) as e:
            log.append(f'{type(e).__name__}: {e} cause={e.__cause__!r}')
            if k == 3:
                raise
        else:
            log.append('else')
        finally:
            log.append('finally')
    except KeyError as e:
        log.append(f'outer {e!r}')
    return log


for k in range(5):
    print(k, excs(k))


def finally_wins():
    for i in range(3):
        try:
            return 'try'
        finally:
            if i == 0:
                continue
            return f'finally {i}'


print(finally_wins())


def nested():
    try:
        try:
            raise ValueError('a')
        finally:
            raise TypeError('b')
    except TypeError as e:
        return repr(e), repr(e.__context__)


print(nested())
try:
    raise RuntimeError('x') from None
except RuntimeError as e:
    print(e.__suppress_context__, e.__cause__)


class MyError(Exception):
    def __init__(self, code, *rest):
        super().__init__(code, *rest)
        self.code = code


try:
    raise MyError(7, 'seven')
except MyError as e:
    print(e, e.code, e.args, repr(e))
try:
    e
except NameError as x:
    print(x)
try:
    raise 5
except TypeError as e:
    print(e)
try:
    assert 1 == 2, 'message'
except AssertionError as e:
    print('assert', e)


class Ctx:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print('enter', self.name)
        return self.name.upper()

    def __exit__(self, t, v, tb):
        print('exit', self.name, t and t.__name__, v)
        return self.swallow


with Ctx('a') as a, Ctx('b', True) as b:
    print(a, b)
    raise ValueError('inside')
print('after')


def with_return():
    with Ctx('r'):
        return 'value'


print(with_return())
try:
    with Ctx('c'):
        raise KeyError('k')
except KeyError as e:
    print('caught', e)
try:
    with 5:
        pass
except TypeError as e:
    print(e)


def gen(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                print('got', got)
    except GeneratorExit:
        print('closed')
        raise
    except ValueError as e:
        yield f'caught {e}'
    finally:
        print('gen finally')
    return 'done'


g = gen(5)
print(next(g), g.send('hello'), next(g))
g.close()
g = gen(2)
next(g)
print(g.throw(ValueError('v')))
try:
    next(g)
except StopIteration as e:
    print('stop', e.value)


def outer():
    r = yield from gen(2)
    print('r', r)
    yield from 'xy'
    return (yield from iter([1]))


print(list(outer()))


def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


it = fib()
print([next(it) for _ in range(15)], list(zip(range(3), fib())))


def bad():
    yield 1
    raise StopIteration('x')


try:
    list(bad())
except RuntimeError as e:
    print(e, repr(e.__cause__))
g = (x * 2 for x in [1, 2, 3])
print(sum(g), list(g), type(g).__name__)
try:
    next(iter([]))
except StopIteration:
    print('stopped')
print(next(iter([]), 'default'))


def matcher(x):
    match x:
        case 0 | 1:
            return 'small'
        case int(n) if n > 100:
            return f'big {n}'
        case str() as s:
            return f'str {s}'
        case [a, b]:
            return f'pair {a} {b}'
        case [first, *rest]:
            return f'list {first} {rest}'
        case {'type': 'point', 'x': px, **others}:
            return f'point {px} {others}'
        case Ctx(name=n):
            return f'ctx {n}'
        case None | True | False:
            return 'const'
        case (1.5 | 2.5) as f:
            return f'float {f}'
        case _:
            return 'other'


for x in (0, 1, 500, 5, 'hi', (1, 2), [1, 2, 3], [], {'type': 'point', 'x': 3, 'z': 1}, Ctx('q'), None, 1.5, {1}):
    print(matcher(x))


def groups():
    out = []
    try:
        raise ExceptionGroup('eg', [ValueError(1), TypeError(2), KeyError(3)])
    except* ValueError as e:
        out.append(repr(e.exceptions))
    except* (TypeError, KeyError) as e:
        out.append(repr(e.exceptions))
    return out


try:
    print(groups())
except NameError as e:
    print(e)
x = 5
print(1 < x < 10, 1 < x > 7, not x, x if x > 3 else 0, x and 'y' or 'n', x is not None, 3 not in [1, 2])
del x
try:
    x
except NameError as e:
    print(e)
try:
    {}['missing']
except KeyError as e:
    print(repr(e), str(e))
try:
    [][3]
except IndexError as e:
    print(e)


async def coro(n):
    return n * 2


async def main():
    total = 0
    for i in range(3):
        total += await coro(i)
    return total


c = main()
try:
    c.send(None)
except StopIteration as e:
    print('coroutine', e.value)


async def agen():
    for i in range(3):
        yield i


async def drive():
    return [x async for x in agen()]


c = drive()
try:
    c.send(None)
except StopIteration as e:
    print(e.value)
