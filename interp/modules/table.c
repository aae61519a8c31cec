// SPDX-License-Identifier: Apache-2.0
// Which modules are built in, and which frozen. Leaves making them to their files, the frozen sources to interp/lib.
#include "interp/modules/array.h"
#include "interp/modules/modules.h"
#include "interp/front/compile_tree.h"
#include "interp/modules/import/import.h"
#include "interp/modules/import/marshal.h"
#include "interp/lib/_ast.inc"

const struct module_row modules_table[] = {
    {"_abc", abc_make},
    {"_bisect", bisect_make},
    {"_blake2", blake2_make},
    {"_codecs", codecs_make},
    {"_collections", collections_make},
    {"_contextvars", contextvars_make},
    {"_functools", functools_make},
    {"_heapq", heapq_make},
    {"_imp", imp_make},
    {"_json", json_make},
    {"_io", io_make},
    {"_krait_ast", ast_nodes_make},
    {"_locale", locale_make},
    {"_md5", md5_make},
    {"_opcode", opcode_make},
    {"_operator", operator_make},
    {"_posixsubprocess", posixsubprocess_make},
    {"_queue", queue_make},
    {"_random", random_make},
    {"_sha1", sha1_make},
    {"_sha256", sha256_make},
    {"_sha3", sha3_make},
    {"_sha512", sha512_make},
    {"_signal", signal_make},
    {"_socket", socket_module_make},
    {"_sre", sre_make},
    {"_stat", stat_module_make},
    {"_string", string_make},
    {"_struct", struct_module_make},
    {"_thread", thread_module_make},
    {"_typing", typing_make},
    {"_warnings", warnings_make},
    {"_weakref", weakref_make},
    {"array", array_make},
    {"atexit", atexit_make},
    {"binascii", binascii_make},
    {"errno", errno_make},
    {"fcntl", fcntl_make},
    {"gc", gc_make},
    {"grp", grp_make},
    {"itertools", itertools_make},
    {"marshal", marshal_make},
    {"math", math_make},
    {"posix", posix_make},
    {"pwd", pwd_make},
    {"pyexpat", pyexpat_make},
    {"resource", resource_make},
    {"select", select_make},
    {"termios", termios_make},
    {"time", time_make},
    {"unicodedata", unicodedata_make},
    {"zlib", zlib_make},
    {0},
};
const struct frozen_row frozen_table[] = {
    {"_ast", (const char *)lib__ast, false},
    {0},
};
