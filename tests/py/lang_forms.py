# SPDX-License-Identifier: Apache-2.0
# f-strings, comparisons, match, generators, coroutines, constants, annotations, imports.
import sys
import sys as path_module, sys
from sys import byteorder as p2, maxsize as sep

print(path_module is sys, p2, sep)
x, width, name = 3.14159, 10, 'krait'
print(f'{x:.2f}|{x:{width}.{3}f}|{name!r:>{width}}|{name=}|{x + 1 = :.1f}|{{}}|{name!s}{name!a}')
print(f'{"nested" f"{x:.1f}"} {[i for i in range(3)]} {(lambda: 5)()} {name[0]:*^5}' 'tail' f'{1}{2}' rf'\n{name}')
print(f'', f'{name}', f'{name:}', f'''{
    name
}''')
print(1 < 2 < 3, 3 > 2 > 2, 1 < 2 > 1 != 5, 1 == 1.0 is not None, not 1 in [1, 2], 1 not in (2,), 5 in range(6) in [range(6)])
for v in range(5):
    print(0 <= v < 3, 'a' if v > 2 else 'b', v and v - 1 or 'none', end=' ')
print()


def conditions(a, b, c):
    out = []
    if a and b or c:
        out.append(1)
    if a and (b or c):
        out.append(2)
    if not (a or b) and c:
        out.append(3)
    if not a or not b or not c:
        out.append(4)
    while a and not (b and c):
        out.append(5)
        a = False
    out.append(a if b else c if a else None)
    if 0 < a < 2 and a is not None:
        out.append(6)
    return out


for a in (0, 1):
    for b in (0, 1):
        for c in (0, 1):
            print(conditions(a, b, c), end=' ')
print()


class Point:
    __match_args__ = ('x', 'y')

    def __init__(self, x, y):
        self.x, self.y = x, y


def classify(v):
    match v:
        case None | True | False:
            return 'singleton'
        case 0 | 1.5 | -2 | 3 + 4j | 'text' | b'bytes':
            return 'literal'
        case int(n) if n > 100:
            return f'big {n}'
        case int() | float():
            return 'number'
        case []:
            return 'empty'
        case [one]:
            return f'one {one}'
        case [first, *_, last] if first == last:
            return f'same ends {first}'
        case [1, [2, inner, *rest], *others]:
            return f'nested {inner} {rest} {others}'
        case [*start, 'end']:
            return f'ends {start}'
        case (a, b):
            return f'pair {a} {b}'
        case {'kind': 'circle', 'r': r}:
            return f'circle {r}'
        case {'kind': str(kind), **rest}:
            return f'kind {kind} {sorted(rest)}'
        case {}:
            return 'mapping'
        case Point(0, 0):
            return 'origin'
        case Point(x=0, y=yy) | Point(x=yy, y=0):
            return f'axis {yy}'
        case Point(x, y) as pt if x == y:
            return f'diagonal {pt.x}'
        case Point():
            return 'point'
        case sys.maxsize:
            return 'max'
        case str() as s:
            return f'str {s}'
        case _:
            return 'other'


for v in (None, True, 0, 1.5, -2, 3 + 4j, 'text', b'bytes', 101, 7, 2.5, [], [9], [1, 2, 1], [1, [2, 3, 4, 5], 6, 7], [5, 6, 'end'], (1, 2), (1, 2, 3),
          {'kind': 'circle', 'r': 2}, {'kind': 'x', 'b': 1, 'a': 2}, {'z': 1}, Point(0, 0), Point(0, 5), Point(6, 0), Point(2, 2), Point(1, 2), 'other text', {1, 2}, object):
    print(classify(v), end='; ')
print()
match = case = _ = 1
match, case = case, match
print(match, case, _)


def generator(n):
    total = 0
    for i in range(n):
        got = yield i * 2
        if got:
            total += got
    return total


def delegate():
    r = yield from generator(3)
    print('result', r)
    yield from 'ab'
    try:
        yield from generator(2)
    except GeneratorExit:
        print('closed')
        raise


g = delegate()
print(next(g), g.send(5), g.send(7), next(g), next(g), next(g))
g.close()
print(list(x for x in delegate()))
print(sum(x for x in range(10) if x % 2), max((y, x) for x in range(3) for y in range(3)))


class Awaitable:
    def __init__(self, v):
        self.v = v

    def __await__(self):
        got = yield self.v
        return got


class AsyncManager:
    async def __aenter__(self):
        return await Awaitable('aenter')

    async def __aexit__(self, *exc):
        print('aexit', exc[0] and exc[0].__name__, await Awaitable('aexit'))
        return True


class AsyncIter:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        return self.n


async def agen(n):
    for i in range(n):
        await Awaitable(('agen', i))
        yield i


async def main():
    print('await', await Awaitable(1))
    async with AsyncManager() as m:
        print('in', m)
        raise KeyError('x')
    async for i in AsyncIter(3):
        if i == 1:
            continue
        print('item', i)
    else:
        print('async else')
    print([i async for i in AsyncIter(3)], {i: i async for i in AsyncIter(2)}, [await Awaitable(j) for j in 'ab'])
    async for v in agen(2):
        print('agen', v)
        break
    print([v async for v in agen(2) if v])
    return 'end'


def run(coroutine):
    sent = None
    try:
        while True:
            sent = coroutine.send(sent)
            print('  yielded', sent)
    except StopIteration as e:
        return e.value


print(run(main()))
print((1, 2, (3, 'a')), -5, 2 ** 10, 'a' * 5, 1 / 2, 7 // 2, -7 % 3, ~5, not 0, 0x_ff, 0o17, 0b11, 1_000, 1e3, 5j, 1 << 70, .5, 1., 10 ** 30)
print("a\tb\x41\u00e9\101\
c", r'\n', b'\xff\0', 'ä€😀', '''tri
ple''', 'con' "cat")
print(__name__, __debug__, __doc__)


def doc():
    """The docstring."""


class WithDoc:
    'class doc'
    a: int = 1
    b: 'str'


print(doc.__doc__, WithDoc.__doc__, WithDoc.__annotations__, doc.__qualname__, doc.__code__.co_name)


def annotated(a: int, /, b: 'text' = 1, *c: float, d: str = 'x', **e: dict) -> None:
    local: int = 5
    other: undefined_name
    return local


print(annotated(1), annotated.__annotations__)
module_variable: list[int] = []
print(__annotations__)
print(annotated.__code__.co_varnames, annotated.__code__.co_argcount, annotated.__code__.co_kwonlyargcount, annotated.__code__.co_flags)


def closure(a, b):
    c = a

    def inner():
        return b, c
    return inner


print(closure.__code__.co_varnames, closure.__code__.co_cellvars, closure(1, 2).__code__.co_freevars, [c.cell_contents for c in closure(1, 2).__closure__])
n = 0
while n < 5:
    n += 1
    if n == 2:
        continue
    if n == 4:
        break
else:
    print('no')
print(n)
while n:
    n -= 1
else:
    print('while else')
for ch in 'ab':
    for k in range(3):
        if k == 1:
            break
    else:
        print('no')
    print(ch, k)
else:
    print('for else')
assert n == 0, 'message'
try:
    assert n, 'msg %d' % n
except AssertionError as e:
    print(e)
try:
    assert ()
except AssertionError as e:
    print(repr(e))
exec('a = 1\nb = a + 1\nprint(a, b)')
ns = {}
exec('def f(x): return x + k\nk = 3', ns)
print(ns['f'](4), eval('1 + 2 * 3'), eval('[i for i in range(n)]', {'n': 3}), eval('x', {'x': 1}, {'x': 2}))
print(type(compile('1', 'f', 'eval')).__name__)
for source in ('x = = 1', 'def f(:\n pass', 'if 1:\nx', "'abc", '(1', 'return', 'break', 'f(a=1, 2)', 'x + 1 = 2', 'for', 'nonlocal x', '1x', 'a b'):
    try:
        compile(source, '<s>', 'exec')
    except SyntaxError as e:
        print(type(e).__name__, e.msg, e.lineno, e.offset, e.text)
