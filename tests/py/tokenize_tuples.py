# SPDX-License-Identifier: Apache-2.0
# _tokenize: every kind of token as a tuple, blocks, errors where they are reached.
import _tokenize

SOURCES = ["a+1\n", "def f(x):\n  if x:\n    return '''ab'''\n  y = f\"{x}\" ... -> := \u00e9\n", "x", "", "(a,\n b)\n\n\n", "if a:\n  b\n", "async def f(): await x\n",
           "a **= b // c @ d << 3 >> 4 != 5 <= 6 >= 7 == 8 ~9 ^ 1 | 2 & 3 % 4 - 5 * 6 / 7; x: y = {1: [2]} if not None else 1e5j\n", "x = b'a' rb'b' u'c'\n"]
for source in SOURCES:
    print(repr(source))
    for token in _tokenize.TokenizerIter(source):
        print("  ", token)
for wrong in "x = 'abc\n", "0777\n":
    tokens = _tokenize.TokenizerIter(wrong)
    try:
        for token in tokens:
            pass
        print("no error")
    except SyntaxError as e:
        print(type(e).__name__)
for f in lambda: _tokenize.TokenizerIter(), lambda: _tokenize.TokenizerIter(3), lambda: _tokenize.TokenizerIter(b"a"):
    try:
        f()
    except TypeError as e:
        print(type(e).__name__)
