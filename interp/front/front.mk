# SPDX-License-Identifier: Apache-2.0
# From source text to code objects.
FRONT_TREE = \
	interp/front/arena.h interp/front/arena.c interp/front/front.h interp/front/source.c interp/front/token.h interp/front/lex.h interp/front/lex.c \
	interp/front/nodes.h interp/front/ast.h interp/front/ast.c interp/front/parse.h interp/front/parse.c interp/front/parse_expr.c \
	interp/front/parse_atom.c interp/front/parse_call.c interp/front/parse_target.c interp/front/parse_stmt.c interp/front/parse_compound.c \
	interp/front/parse_match.c interp/front/literal.c interp/front/fstring.c interp/front/unparse.c
libinterp_a_SOURCES += $(FRONT_TREE) \
	interp/front/symtab.h interp/front/symtab.c interp/front/symtab_walk.c interp/front/symtab_object.c interp/front/tokens_object.h interp/front/tokens_object.c interp/front/compile.h interp/front/compile_tree.h \
	interp/front/compile.c interp/front/assemble.c interp/front/fold.c interp/front/compile_name.c interp/front/compile_expr.c \
	interp/front/compile_cond.c interp/front/compile_display.c interp/front/compile_call.c interp/front/compile_func.c \
	interp/front/compile_comp.c interp/front/compile_stmt.c interp/front/compile_flow.c interp/front/compile_try.c \
	interp/front/compile_match.c interp/front/front_hooks.c interp/front/peephole.c interp/front/dump.c interp/front/ast_object.c interp/front/validate.c

# The tree half stands alone: its test has no interpreter behind it.
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/interp_front
tests_unit_interp_front_SOURCES = tests/unit/interp_front.c $(FRONT_TREE)
tests_unit_interp_front_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_interp_front_LDADD = $(CMOCKA_LIBS)
endif
