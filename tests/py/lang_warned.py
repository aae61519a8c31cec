# What the compiler warns of, and what becomes of it where warnings are errors.
import warnings

sources = ['"is" if x is 1 else 2', "assert (x, 1)", "[(1, 2) (3, 4)]", "[[1, 2][3, 4]]", "['a'[1, 2]]", "[123[1]]", "[(lambda: 1)[2]]", "[[1][{2: 3}]]", "[[1][True]]",
           r"'\z'", r"b'\z\q'", r"'\407'", r"b'\777'", "x = '''\n\\z'''", r"f'\{6}'", r"f'\{6}\z'", "9in x", "0xfor x", "[1for x in ()]", "1if x else 2", r"'\N{DIGIT ONE}\é'"]
for source in sources:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        compile(source, "<source>", "exec")
    print(source, [(w.category.__name__, str(w.message), w.lineno) for w in seen])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(source, "<source>", "exec")
        except SyntaxError as e:
            print("   ", e.msg, e.lineno)

# A backslash between the blanks of a line's beginning: those before it count.
for source in ("x = 5\\", "\\", "\\\n", "if 1:\n    y = 1\n  \\\n  foo = 1\n", "if 1:\n  \\\n  x=1\n  y=1\n", "if 1:\n   \\\n\\\n x=1\n   y=1\n", "\\\nx = 1\n", "x\\\n"):
    try:
        compile(source, "<source>", "exec")
        print("fine")
    except SyntaxError as e:
        print(type(e).__name__, e.msg, e.lineno)

# Source in encodings that only the codecs know.
for source in (b"# coding: koi8-r\nx = '\xf0\xd2'\n", b"# -*- coding: latin9 -*-\nx = '\xa4'\n", b"#!x\n# vim: set fileencoding=cp1251 :\nx = '\xcf'\n",
               b"# coding: utf-7\nx = '+AOk-'\n", b"# coding: no-such\nx = 1\n"):
    try:
        names = {}
        exec(source, names)
        print(ascii(names["x"]))
    except SyntaxError as e:
        print(e.msg)
