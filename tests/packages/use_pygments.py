# SPDX-License-Identifier: Apache-2.0
# Pygments: sources of many languages to HTML, terminal, LaTeX, SVG.
import pygments, pygments.lexers, pygments.formatters, pygments.styles, inspect, textwrap
from pygments.token import Token
PYTHON = textwrap.dedent(inspect.getsource(textwrap.dedent)) + 'async def f(*, a: int = 0x1F) -> str:\n    return f"{a!r:>{10}} \\n" + rb"x" if a else 1_000.5e-3j  # end\n@d\nclass A(B): pass\n'
SOURCES = {
    'python': PYTHON, 'c': '#include <a.h>\nint main(void) { /* c */ return x->y + 0x1fUL; }\n', 'javascript': 'let f = async (x) => { return `a${x}` + /re/g; } // e\n',
    'html': '<!DOCTYPE html><p class="a">&amp;<script>var x = 1;</script><style>a { b: c }</style></p>', 'css': 'a:hover > .b { color: #fff !important; } @media x {}',
    'json': '{"a": [1, 2.5, null, true, "x\\u1234"]}', 'yaml': 'a: &x [1, b]\n# c\nd: !!t |\n  text\n', 'sql': "SELECT a, COUNT(*) FROM t WHERE b = 'x' -- c\nORDER BY 1;",
    'bash': 'for i in $(ls); do echo "${i%.*}" | grep -v x; done # c\n', 'diff': '--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n', 'rust': "fn main() -> Result<(), String> { let x: &'a str = \"b\"; println!(\"{}\", x); }",
    'pycon': '>>> 1 / 0\nTraceback (most recent call last):\n  File "<stdin>", line 1\nZeroDivisionError: x\n', 'ini': '[a]\nb = c ; d\n', 'xml': '<a b="c"><!-- d --><![CDATA[e]]></a>', 'make': 'all: a.o\n\t$(CC) -o $@ $<\n', 'rst': 'T\n=\n*a* ``b``\n', 'java': '@A public class B<T> { int x = 1L; }', 'perl': 'my @a = map { s/x/y/gr } qw(a b); # c\n', 'ruby': 'def a; "#{b}" =~ /c/i; end', 'go': 'func a(b int) (c error) { defer d() }', 'jinja': '{% if a %}{{ b|c }}{% endif %}', 'dockerfile': 'FROM a AS b\nRUN c && d\n', 'toml': '[a]\nb = 1979-05-27\n', 'lua': 'local a = function(b) return #b end -- c', 'haskell': 'f :: Int -> Int\nf x = x + 1 -- c\n',
}
html = pygments.formatters.HtmlFormatter(linenos='table', style='monokai', full=False)
for name, source in SOURCES.items():
    lexer = pygments.lexers.get_lexer_by_name(name)
    tokens = list(lexer.get_tokens(source))
    print(name, lexer.name, len(tokens), ''.join(v for _, v in tokens) == source.rstrip('\n') + '\n', [(str(t), v) for t, v in tokens[:6]])
    print(pygments.highlight(source, lexer, html))
for f in ('TerminalFormatter', 'Terminal256Formatter', 'TerminalTrueColorFormatter', 'LatexFormatter', 'SvgFormatter', 'RawTokenFormatter', 'BBCodeFormatter', 'RtfFormatter', 'NullFormatter'):
    r = pygments.highlight(SOURCES['c'], pygments.lexers.CLexer(), getattr(pygments.formatters, f)()); print(f, r)
print(html.get_style_defs('.x')[:300], sorted(pygments.styles.get_all_styles())[:5], len(list(pygments.lexers.get_all_lexers())))
print(pygments.lexers.guess_lexer('#!/usr/bin/python\nimport os\n').name, pygments.lexers.get_lexer_for_filename('x.py').name, Token.Name.Function in Token.Name, repr(Token.Keyword.parent))
