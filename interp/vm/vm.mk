# SPDX-License-Identifier: Apache-2.0
# The eval loop and what stands around it.
libinterp_a_SOURCES += \
	interp/vm/opcode.h interp/vm/opcode.c interp/vm/code.h interp/vm/code.c interp/vm/frame.h interp/vm/frame.c \
	interp/vm/vm.h interp/vm/vm.c interp/vm/eval.inc interp/vm/ops_move.inc interp/vm/ops_arith.inc interp/vm/ops_jump.inc \
	interp/vm/ops_attr.inc interp/vm/ops_call.inc interp/vm/ops_make.inc interp/vm/ops_iter.inc interp/vm/ops_exc.inc \
	interp/vm/arith.c interp/vm/cache.c interp/vm/call.c interp/vm/registers.c interp/vm/unwind.c interp/vm/ops.c interp/vm/gen.h interp/vm/gen.c interp/vm/asyncgen.c \
	interp/vm/trace.h interp/vm/trace.c interp/vm/verify.c interp/vm/dis.c

# One indirect jump an instruction: plain -O2 merges them again.
interp/vm/vm.$(OBJEXT): AM_CFLAGS += -fno-crossjumping -fno-gcse --param max-goto-duplication-insns=1000
