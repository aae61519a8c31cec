// SPDX-License-Identifier: Apache-2.0
// The command line and the environment of krait-python. Leaves acting on them to python.c.
#ifndef KRAIT_INTERP_PROGRAM_OPTIONS_H
#define KRAIT_INTERP_PROGRAM_OPTIONS_H

#include "interp/include/interp.h"

struct options {
    struct interp_flags flags;
    bool gil, gil_set, version;
    int version_verbose;
    const char *command, *module, *file, *dump; // at most one of the first three; file "-": standard input, as does none of them
    const char *pycache_prefix, *check_hash_pycs, *stdlib;
    const char **warnings, **xoptions;          // NULL-terminated; owned arrays of borrowed (or never freed) texts
    int rest;                                   // argv[rest] is the first argument of the program
};
// -1: go on; else the exit status of the program, everything has been said.
int options_parse(int argc, char **argv, struct options *o);

#endif
