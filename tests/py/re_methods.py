# SPDX-License-Identifier: Apache-2.0
# The module re on our matcher: wide subjects and patterns, case folding, templates, callables, scanners, buffers, errors, reprs.
import re
def show(f, *args, **kw):
    try: r = f(*args, **kw)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
for p, s in (('\u0967\u0968', 'xx\u0967\u0967\u0968y'), ('ab\u0967', 'aab\u0967'), ('\u0967', 'a\u0967'), ('\U00010000b', '\U00010000\U00010000b'), ('ab', 'x\u1234ab'), ('\ufb05', '\ufb06'), ('[\ufb04-\ufb05]', '\ufb06'), ('\xdf', '\u1e9e'),
             ('k', '\u212a'), ('[a-z]+', '\u212a\u017fK'), ('\\w+', '\u1234\u0663_x'), ('[^\\W\\d]', '\u0663\u1234'), ('\\bfoo\\b', 'a foo \u1234foo'), ('.*?x$', 'a\u1234x\n'), ('(?a:\\w+)', '\u1234ab')):
    for flags in (0, re.I):
        m = re.search(p, s, flags); print(m and (m.span(), ascii(m.group())), re.findall(p, s, flags) == [m.group() for m in re.finditer(p, s, flags)])
p = re.compile('(?P<first>a)(b)?(?P<last>c)?')
m = p.search('xxacab')
print(m.groups(), m.groups('-'), m.groupdict(), m.groupdict(0), m.lastindex, m.lastgroup, m.span('last'), m.start(2), m.end('first'), m[0], m['first'], m.group(1, 'last', 2), m.regs, m.pos, m.endpos, m.re is p, m.string, m.expand(r'\1-\g<last>-\2-\\'))
show(m.group, 9), show(m.group, 'nope'), show(m.expand, r'\9'), show(p.sub, r'\g<nope>', 'a'), show(p.sub, '\\', 'a'), show(p.match, 5), show(p.match, b'a'), show(p.sub, 1, 'a'), show(p.sub, lambda m: 5, 'a'), show(p.sub, b'x', 'a')
print(p.sub(r'<\g<last>\2\1>', 'abcacab'), p.subn('-', 'abcxac', 1), p.sub(lambda m: m.group().upper(), 'xabcy'), re.sub('x*', '-', 'abxd'), re.sub('', '-', 'abc'), re.sub('a', lambda m: None if 0 else '', 'bab'), re.sub(b'a', b'\\g<0>\\n', b'bab'))
print(re.split('(,)|;', 'a,b;c'), re.split('x*', 'axbc'), re.split(',', 'a,b,c', 1), re.findall('(a)(b)?', 'abaa'), re.findall('a|', 'ba'), re.fullmatch('a|ab', 'ab').span(), re.fullmatch('a*?', 'aa'), re.match('(?:(a)|b)*', 'ab').groups())
show(lambda: (p, re.compile(b'x', re.I | re.A), re.compile('\n', re.X | re.S), m, re.match('a' * 60, 'a' * 60))), print(p == re.compile(p.pattern), hash(p) == hash(re.compile(p.pattern)), p.groupindex, p.groups, p.flags, p != re.compile('a'))
s = p.scanner('abacx'); print([s.match(), s.match(), s.match(), s.match()], p.scanner('xabxa').search())
b = bytearray(b'aXbX'); it = re.finditer(b'X', b); next(it); show(b.extend, b'more'); print(list(it)); del it; b.extend(b'X'); print(re.findall(b'X', b), re.search(b'b', memoryview(b)).group(), re.sub(b'X', b'', b))
print(re.search('(?<=abc)def', 'abcdef'), re.search('(?<!-)\\b\\w+', '-a b'), re.match('(?>a*)a', 'aaa'), re.match('a*+b', 'aab'), re.match('(?:ab?)++c', 'aababc'), re.match('(a)?(?(1)b|c)', 'ab'), re.match('(a)?(?(1)b|c)', 'c'), re.match('((a)|b){3}', 'aba').groups())
print(re.search('(a+)+$', 'a' * 22 + 'b'), re.match('(?:a|b)*c', 'ab' * 50000 + 'c').end(), re.match('(?:.)*?z', 'x' * 30000 + 'z').end(), len(re.findall('\\w+', 'word ' * 10000)), re.sub('(.)(.)', r'\2\1', 'ab' * 1000) == 'ba' * 1000)
for bad in ('(', ')', '[', 'a**', '(?P<1>a)', '\\', '(?<=a*)b', '(?P<a>x)(?P<a>y)', 'a{2,1}', '(?z)', '\\8', '(?P=x)', '[z-a]'): show(re.compile, bad)
print(re.escape('a.b*c[]\u1234'), re.compile('a', re.DOTALL).flags, re.template if 0 else '', re.purge())
