// SPDX-License-Identifier: Apache-2.0
// The eval loop's translation unit, compiled with its own flags (local.mk). Leaves the bodies to eval.inc and ops_*.inc, everything slow to the other files here.
#include "interp/vm/vm.h"
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/trace.h"

#include "interp/vm/eval.inc"
