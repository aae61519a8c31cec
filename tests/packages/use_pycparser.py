# SPDX-License-Identifier: Apache-2.0
# pycparser: C read, walked, rewritten.
from pycparser import c_parser, c_ast, c_generator
SOURCE = r'''
typedef unsigned int u32;
struct point { int x, y : 3; struct { float f; } in[2]; };
enum color { RED = 1, GREEN = RED << 2 };
static const char *names[] = {"a", "b\n", [2] = "c"};
int (*fp)(int, ...);
u32 sum(u32 *p, int n) {
    u32 s = 0;
    for (int i = 0; i < n; ++i) { if (p[i] % 2 == 0 && i != 3) s += p[i]; else continue; }
    do { n--; } while (n > 0 ? 1 : 0);
    switch (n) { case 1: case 2: s = ~s; break; default: goto out; }
out:
    return (u32) s + sizeof(struct point) + ((struct point){.x = 1, .y = 2}).x;
}
int main(int argc, char **argv) { volatile double d = 1.5e3, e = 'c'; return printf("%d\n", sum(&argc, 1), *argv[0]); }
'''
tree = c_parser.CParser().parse(SOURCE, 'a.c'); tree.show(attrnames=True, nodenames=True, showcoord=True); print(c_generator.CGenerator().visit(tree))
class Calls(c_ast.NodeVisitor):
    def visit_FuncCall(self, node): print('call', node.name.name, node.name.coord); self.generic_visit(node)
    def visit_FuncDef(self, node): print('def', node.decl.name, [p.name for p in node.decl.type.args.params]); self.generic_visit(node)
Calls().visit(tree)
for bad in ('int x = ;', 'int f( {', 'x', 'int a[;', '#pragma x\nint y', '"unclosed', 'typedef int a; a a; a b;'):
    try: print(len(c_parser.CParser().parse(bad, 'bad.c').ext))
    except c_parser.ParseError as e: print('ParseError', e)
