# SPDX-License-Identifier: Apache-2.0
"""Compare the syntax trees of our parser with CPython's for many files.

Usage: front_ast.py FRONT_DUMP FILE...
Prints one line for each file that differs and ends with a count; exit 1 if any differs.
"""
import ast
import subprocess
import sys
import warnings

warnings.simplefilter('ignore')
sys.setrecursionlimit(20000)


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
    if isinstance(node, ast.AST):
        fields = []
        for name in node._fields:
            value = getattr(node, name, None)
            if value is None and getattr(type(node), name, ...) is None:
                continue
            if isinstance(node, (ast.Constant, ast.MatchSingleton)) and name == 'value':
                fields.append('value=' + constant(value))
            elif isinstance(node, ast.Constant) and name == 'kind':
                fields.append('kind=' + constant(value))
            else:
                fields.append(name + '=' + dump(value))
        return '%s(%s)' % (type(node).__name__, ', '.join(fields))
    if isinstance(node, list):
        return '[' + ', '.join(map(dump, node)) + ']'
    if isinstance(node, str):
        return "'" + node + "'"
    return repr(node)




def main():
    tool, files = sys.argv[1], sys.argv[2:]
    differ = 0
    for path in files:
        with open(path, 'rb') as f:
            source = f.read()
        try:
            want = dump(ast.parse(source, path))
        except SyntaxError as e:
            want = '%s|%s|%s' % (type(e).__name__, e.lineno, e.msg)
        except ValueError as e:
            want = 'ValueError|0|%s' % e
        got = subprocess.run([tool, path], stdout=subprocess.PIPE).stdout.decode().rstrip('\n')
        if '|' in got and not got.startswith(('Module', 'Interactive', 'Expression')):
            kind, line, _, message = got.split('|', 3)
            got = '%s|%s|%s' % (kind, line, message)
        if got != want:
            differ += 1
            at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
            start = max(0, at - 60)
            print('%s:\n  ours   %s\n  theirs %s' % (path, got[start:at + 60], want[start:at + 60]))
    print('%d files, %d differ' % (len(files), differ))
    return differ > 0


if __name__ == '__main__':
    sys.exit(main())
