# SPDX-License-Identifier: Apache-2.0
"""The front of the interpreter against CPython's: syntax trees of standard library files, and what is said about wrong source."""
import ast
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import warnings

from patience import patience

KRAIT = os.path.join(os.environ.get('KRAIT_BUILD', 'build'), 'krait-python')
LIBRARY = pathlib.Path('/usr/lib/python3.11')
EVERY = int(os.environ.get('KRAIT_FRONT_EVERY', '12'))

WRONG = r'''
x = = 1
---
def f(:
    pass
---
if 1
    x
---
if 1:
x
---
while x:
y = 2
---
for i in range(3):
pass
---
try:
    x
y
---
try:
    pass
except A, B:
    pass
---
try:
    pass
except* :
    pass
---
class A
    pass
---
class A(x for x in y): pass
---
def f()
    pass
---
def f(a, a): pass
---
def f(a=1, b): pass
---
def f(*, **k): pass
---
def f(*): pass
---
def f(a, *b, *c): pass
---
def f(**k, a): pass
---
def f(*a=1): pass
---
def f(a, /, b, /): pass
---
def f(*a, /): pass
---
def f((a, b)): pass
---
lambda (a): a
---
f(a=1, 2)
---
f(**k, 1)
---
f(**k, *a)
---
f(a b)
---
f(x for x in y, 1)
---
f(a=1, a=2)
---
f(a.b=1)
---
f(True=1)
---
f(x=y for y in z)
---
[1, 2 3]
---
[x, y for x, y in z]
---
{1: 2, 3}
---
{1: }
---
{1: *a}
---
{**a for a in b}
---
[*a for a in b]
---
(*a)
---
print "hello"
---
exec "x"
---
x + 1 = 2
---
f() = 1
---
None = 1
---
(a, 1) = 2
---
[a, f()] = 2
---
a = b() = c
---
x += 1 += 2
---
f() += 1
---
a, b += 1
---
del f()
---
del a + b
---
for f() in x: pass
---
with a as 1: pass
---
(x := 1) = 2
---
(a.b := 1)
---
x := 1
---
if x = 1: pass
---
while f() = 1: pass
---
a if b
---
(a if b)
---
1x
---
0777
---
0b12
---
0xg
---
1_
---
1e+
---
'abc
---
"""abc
---
x = 'a' b'b'
---
'\x1'
---
'\u12'
---
f'{}'
---
f'{a'
---
f'a}'
---
f'{a!x}'
---
f'{a\n}'
---
(1
---
[1, (2, 3
---
1)
---
(1]
---
(
1]
---
x = 1 +
---
a $ b
---
a ? b
---
é = 1; £
---
x = \ 1
---
if 1:
    a
  b
---
if 1:
<TAB>a
        b
---
  x
---
x
  y
---
return
---
yield
---
def f(): await x
---
async def f(): yield from x
---
break
---
continue
---
for x in y:<BLANK>
    def f(): break
---
from x import (a, b
---
from x import a,
---
from x import *, a
---
import a.b as
---
def f(): from x import *
---
from __future__ import nothing
---
x = 1
from __future__ import annotations
---
global x,<BLANK>
---
def f(x): global x
---
def f():
    x = 1
    global x
---
def f():
    print(x)
    nonlocal x
---
def f(): nonlocal x
---
nonlocal x
---
a, *b, *c = d
---
*a = b
---
*a
---
x = *a
---
raise a, b
---
assert
---
else: pass
---
@
def f(): pass
---
match x:
    case 1 + 1: pass
---
match x:
    case a: pass
    case b: pass
---
match x:
    case {**r, 'a': 1}: pass
---
match x:
    case A(b=1, 2): pass
---
match x:
    case [*a, *b]: pass
---
match x:
    case a | b: pass
---
match x:
    case (a, a): pass
---
match x:
case 1: pass
---
try: pass
except: pass
except A: pass
---
try: pass
except A: pass
except* B: pass
---
__debug__ = 1
---
def f(__debug__): pass
---
class A:
    return 1
---
[x async for x in y]
---
async with a: pass
---
def f():
    [(yield x) for x in y]
---
[y := 1 for y in z]
---
class A: [(x := 1) for y in z]
---
if True:
    if True:
        x = (
---
a.1
---
a..b
---
def 1(): pass
---
class None: pass
---
import a-b
---
x: int: str
---
(a, b): int
---
f(): int
'''.lstrip('\n').replace('<TAB>', '\t').replace('<BLANK>', ' ').split('\n---\n')


def text(prefix, data):
    out = []
    for c in data:
        out.append('\\%02x' % c if c < 0x20 or c >= 0x7f or c in b"\\'" else chr(c))
    return prefix + "'" + ''.join(out) + "'"


def constant(v):
    if isinstance(v, (bool, type(None), type(...))):
        return repr(v)
    if isinstance(v, int):
        return hex(v)
    if isinstance(v, float):
        return '%.17g' % v
    if isinstance(v, complex):
        return '%.17gj' % v.imag
    if isinstance(v, str):
        return text('s', v.encode('utf-8', 'surrogatepass'))
    return text('b', v)


def dump(node):
    """ast.dump() with constants as interp/front/ast.c writes them."""
    if isinstance(node, ast.AST):
        fields = []
        for name in node._fields:
            value = getattr(node, name, None)
            if value is None and getattr(type(node), name, ...) is None:
                continue
            plain = isinstance(node, (ast.Constant, ast.MatchSingleton)) and name in ('value', 'kind')
            fields.append(name + '=' + (constant if plain else dump)(value))
        return '%s(%s)' % (type(node).__name__, ', '.join(fields))
    if isinstance(node, list):
        return '[' + ', '.join(map(dump, node)) + ']'
    return "'" + node + "'" if isinstance(node, str) else repr(node)


class Front(unittest.TestCase):
    def test_trees(self):
        sys.setrecursionlimit(20000)
        warnings.simplefilter('ignore')
        seen = 0
        files = sorted(LIBRARY.rglob('*.py'))[::EVERY]
        for path in files:
            source = path.read_bytes()
            try:
                want = dump(ast.parse(source, str(path)))
            except (SyntaxError, ValueError):
                continue
            if b'\\N{' in source:
                continue
            got = subprocess.run([KRAIT, '--dump=ast', path], stdout=subprocess.PIPE, timeout=patience(60)).stdout.decode().rstrip('\n')
            self.assertEqual(got, want, path)
            seen += 1
        self.assertGreater(seen, 10)

    def test_code_is_sound(self):
        for path in sorted((LIBRARY / 'asyncio').glob('*.py')):
            done = subprocess.run([KRAIT, '--dump=bytecode', path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=patience(60))
            self.assertEqual(done.returncode, 0, (path, done.stderr))
            self.assertIn(b'<module>: ', done.stdout)

    def test_wrong_source(self):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, 'wrong.py')
            for source in WRONG:
                with open(name, 'w', encoding='utf-8') as out:
                    out.write(source + '\n')
                said = []
                for program in ('/usr/bin/python3.11', KRAIT):
                    done = subprocess.run([program, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=patience(60))
                    said.append((done.returncode, done.stdout.decode(), done.stderr.decode()))
                with self.subTest(source=source):
                    self.assertEqual(said[1], said[0])


if __name__ == '__main__':
    unittest.main()
