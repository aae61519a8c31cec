# SPDX-License-Identifier: Apache-2.0
# The grammar of format strings, as string.Formatter sees it.
import _string
def show(f, s):
    try: r = f(s)
    except BaseException as e: r = type(e).__name__ + ': ' + str(e)
    print(ascii(r))
for s in ('', 'abc', '{}', 'a{0}b', '{a.b[c]!r:>{w}}', '{{}}', '{{{x}}}', 'x{', '}', '{', '{a', '{a!', '{a!x', '{a!rr}', '{:{}}', '{a[}]}', '\u1234{\u1235:\u1236}'):
    show(lambda s: list(_string.formatter_parser(s)), s)
for s in ('', 'a', '0', '10.x[y][3].z', 'a.', 'a[', 'a[]', 'a..b', 'a[b]c', '\u0663', '99999999999999999999', '-1'):
    show(lambda s: (lambda p: (p[0], list(p[1])))(_string.formatter_field_name_split(s)), s)
show(_string.formatter_parser, 5), show(_string.formatter_field_name_split, 5)
