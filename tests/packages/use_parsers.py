# SPDX-License-Identifier: Apache-2.0
# lark, ply, pyparsing, sqlparse: grammars read and used, errors.
import lark, pyparsing as pp, sqlparse, re
GRAMMAR = r'''
?start: sum
?sum: product | sum "+" product -> add | sum "-" product -> sub
?product: atom | product "*" atom -> mul | product "/" atom -> div
?atom: NUMBER -> number | "-" atom -> neg | NAME -> var | "(" sum ")" | NAME "=" sum -> assign | call
call: NAME "(" [sum ("," sum)*] ")"
%import common.CNAME -> NAME
%import common.NUMBER
%import common.WS
%ignore WS
'''
@lark.v_args(inline=True)
class Calc(lark.Transformer):
    from operator import add, sub, mul, truediv as div, neg
    number = float
    def __init__(self): self.vars = {}
    def assign(self, name, v): self.vars[str(name)] = v; return v
    def var(self, name): return self.vars.get(str(name), 0)
    def call(self, name, *a): return {'max': max, 'sum': lambda *x: sum(x)}[str(name)](*[x for x in a if x is not None])
for parser in ('lalr', 'earley'):
    l = lark.Lark(GRAMMAR, parser=parser, maybe_placeholders=True, propagate_positions=True); c = Calc(); t = l.parse('1 + 2 * (x = 3) - -4 / max(2, y)'); print(t.pretty()); print([c.transform(l.parse(s)) for s in ('1+2*3', 'x = 4', 'x * x - 1', 'max(1, x, 3)')]); print([(k.type, k.value, k.line, k.column, type(k).__mro__[1]) for k in t.scan_values(lambda v: isinstance(v, lark.Token))])
    for bad in ('1 +', '1 $ 2', '(1', '1 2'):
        try: print(l.parse(bad))
        except lark.UnexpectedInput as e: print(type(e).__name__, e.line, e.column, sorted(getattr(e, 'expected', None) or getattr(e, 'allowed', None) or []), e.get_context(bad).rstrip())
json = lark.Lark('?value: dict | list | ESCAPED_STRING -> s | SIGNED_NUMBER -> n | "true" -> t\nlist: "[" [value ("," value)*] "]"\ndict: "{" [pair ("," pair)*] "}"\npair: ESCAPED_STRING ":" value\n%import common (ESCAPED_STRING, SIGNED_NUMBER, WS)\n%ignore WS', start='value', parser='lalr'); print(json.parse('{"a": [1, {"b": true}], "c": "d"}').pretty()); amb = lark.Lark('start: a+\na: "x" | "xx"', ambiguity='explicit'); print(amb.parse('xx')); print([str(x) for x in lark.Lark('start: (A|B)+\nA: "a"\nB: /b+/', parser='lalr').lex('abba')])
import ply.lex, ply.yacc
tokens = ('NUM', 'PLUS', 'TIMES', 'L', 'R'); t_PLUS, t_TIMES, t_L, t_R, t_ignore = r'\+', r'\*', r'\(', r'\)', ' '
def t_NUM(t):
    r'\d+'
    t.value = int(t.value); return t
def t_error(t): print('bad', t.value[0]); t.lexer.skip(1)
precedence = (('left', 'PLUS'), ('left', 'TIMES'))
def p_expr(p):
    '''expr : expr PLUS expr
            | expr TIMES expr'''
    p[0] = p[1] + p[3] if p[2] == '+' else p[1] * p[3]
def p_group(p):
    'expr : L expr R'
    p[0] = p[2]
def p_num(p):
    'expr : NUM'
    p[0] = p[1]
def p_error(p): print('syntax', p)
lexer = ply.lex.lex(); parser = ply.yacc.yacc(write_tables=False, debug=False, errorlog=ply.yacc.NullLogger()); print([parser.parse(s, lexer=lexer) for s in ('1+2*3', '(1+2)*3', '1 $ + 2', '1 +')])
integer = pp.Word(pp.nums).set_parse_action(lambda t: int(t[0])); ident = pp.Word(pp.alphas, pp.alphanums + '_'); expr = pp.infix_notation(integer | ident, [('*', 2, pp.OpAssoc.LEFT), (pp.one_of('+ -'), 2, pp.OpAssoc.LEFT), ('not', 1, pp.OpAssoc.RIGHT)]); print(expr.parse_string('a + 2 * (b - 3)', parse_all=True), expr.parse_string('not x').dump())
row = pp.Group(ident('key') + pp.Suppress('=') + (pp.QuotedString('"') | pp.pyparsing_common.number)('value')); conf = pp.OneOrMore(row) + pp.Optional(pp.python_style_comment); r = conf.parse_string('a = 1\nb = "x y" c = 2.5 # end'); print(r.as_list(), [x.as_dict() for x in r[:3]], pp.nested_expr().parse_string('(a (b c) d)'), pp.delimited_list(ident).parse_string('a, b,c'), pp.Regex(r'(?P<y>\d{4})-(?P<m>\d\d)').parse_string('2020-05').as_dict(), list(integer.scan_string('a1b22')), integer.transform_string('x 1 y'), pp.Forward(), pp.counted_array(ident).parse_string('2 a b c'))
for bad in ('a + ', '(', '1 1'):
    try: print(expr.parse_string(bad, parse_all=True))
    except pp.ParseException as e: print(e, e.lineno, e.column, e.markInputline())
SQL = "select a.id, count(*) as n from foo a left join bar on a.x=bar.y where b in (1,2,'x') and c like '%z' group by 1 having n > 3 order by n desc; insert into t values (1); -- c\nupdate t set a=1"
print(sqlparse.format(SQL, reindent=True, keyword_case='upper', strip_comments=True)); print(sqlparse.split(SQL), [s.get_type() for s in sqlparse.parse(SQL)])
