// SPDX-License-Identifier: Apache-2.0
// What sys says of the interpreter, the numbers and the machine: version_info, flags, float_info, implementation. Leaves functions to the other files.
#include "interp/modules/import/cache_tag.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/namespace.h"
#include "interp/types/structseq.h"

#include <float.h>
#include <gnu/libc-version.h>
#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define INFO(type_name, text, rows) \
    {.type = {.name = type_name, .module = "sys", .flags = TYPE_NO_NEW, .doc = text}, .fields = rows, .count = COUNT(rows), .visible = COUNT(rows)}

static const struct structseq_field version_fields[] = {
    {"major", "Major release number"}, {"minor", "Minor release number"}, {"micro", "Patch release number"},
    {"releaselevel", "'alpha', 'beta', 'candidate', or 'final'"}, {"serial", "Serial release number"},
};
static struct structseq version_type = INFO("version_info", "sys.version_info\n\nVersion information as a named tuple.", version_fields);
static value version_info(struct thread *t) {
    value items[] = {from_int62(3), from_int62(11), from_int62(2), str_from_cstr(t, "final"), from_int62(0)};
    return structseq_new(t, &version_type, items);
}

static const struct structseq_field flag_fields[] = {
    {"debug", "-d"}, {"inspect", "-i"}, {"interactive", "-i"}, {"optimize", "-O or -OO"}, {"dont_write_bytecode", "-B"}, {"no_user_site", "-s"}, {"no_site", "-S"},
    {"ignore_environment", "-E"}, {"verbose", "-v"}, {"bytes_warning", "-b"}, {"quiet", "-q"}, {"hash_randomization", "-R"}, {"isolated", "-I"},
    {"dev_mode", "-X dev"}, {"utf8_mode", "-X utf8"}, {"warn_default_encoding", "-X warn_default_encoding"}, {"safe_path", "-P"},
    {"int_max_str_digits", "-X int_max_str_digits"},
};
static struct structseq flags_type = INFO("flags", "sys.flags\n\nFlags provided through command line arguments or environment vars.", flag_fields);
value sys_flags_new(struct thread *t, const struct interp_flags *f) {
    value items[] = {
        from_int62(f->debug), from_int62(f->inspect), from_int62(f->interactive), from_int62(f->optimize), from_int62(f->dont_write_bytecode),
        from_int62(f->no_user_site), from_int62(f->no_site), from_int62(f->ignore_environment), from_int62(f->verbose), from_int62(f->bytes_warning),
        from_int62(f->quiet), from_int62(f->hash_randomization), from_int62(f->isolated), from_bool(f->dev_mode), from_int62(f->utf8_mode),
        from_int62(f->warn_default_encoding), from_bool(f->safe_path), from_int62(f->int_max_str_digits),
    };
    return structseq_new(t, &flags_type, items);
}

static const struct structseq_field float_fields[] = {
    {"max", "DBL_MAX -- maximum representable finite float"}, {"max_exp", "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable"},
    {"max_10_exp", "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable"}, {"min", "DBL_MIN -- Minimum positive normalized float"},
    {"min_exp", "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float"},
    {"min_10_exp", "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float"}, {"dig", "DBL_DIG -- maximum number of decimal digits"},
    {"mant_dig", "DBL_MANT_DIG -- mantissa digits"}, {"epsilon", "DBL_EPSILON -- Difference between 1 and the next representable float"},
    {"radix", "FLT_RADIX -- radix of exponent"}, {"rounds", "FLT_ROUNDS -- rounding mode used for arithmetic operations"},
};
static struct structseq float_type = INFO("float_info", "sys.float_info\n\nA named tuple holding information about the float type.", float_fields);
static value float_info(struct thread *t) {
    value items[] = {
        float_new(t, DBL_MAX), from_int62(DBL_MAX_EXP), from_int62(DBL_MAX_10_EXP), float_new(t, DBL_MIN), from_int62(DBL_MIN_EXP), from_int62(DBL_MIN_10_EXP),
        from_int62(DBL_DIG), from_int62(DBL_MANT_DIG), float_new(t, DBL_EPSILON), from_int62(FLT_RADIX), from_int62(FLT_ROUNDS),
    };
    return structseq_new(t, &float_type, items);
}

static const struct structseq_field int_fields[] = {
    {"bits_per_digit", "size of a digit in bits"}, {"sizeof_digit", "size in bytes of the C type used to represent a digit"},
    {"default_max_str_digits", "maximum string conversion digits limitation"}, {"str_digits_check_threshold", "minimum positive value for int_max_str_digits"},
};
static struct structseq int_type = INFO("int_info", "sys.int_info\n\nA named tuple that holds information about Python's internal representation of integers.", int_fields);
static value int_info(struct thread *t) { // a digit is a GMP limb
    value items[] = {from_int62(64), from_int62(8), from_int62(4300), from_int62(640)};
    return structseq_new(t, &int_type, items);
}

static const struct structseq_field hash_fields[] = {
    {"width", "width of the type used for hashing, in bits"}, {"modulus", "prime number giving the modulus on which the hash function is based"},
    {"inf", "value to be used for hash of a positive infinity"}, {"nan", "value to be used for hash of a nan"},
    {"imag", "multiplier used for the imaginary part of a complex number"}, {"algorithm", "name of the algorithm for hashing of str, bytes and memoryviews"},
    {"hash_bits", "internal output size of hash algorithm"}, {"seed_bits", "seed size of hash algorithm"}, {"cutoff", "small string optimization cutoff"},
};
static struct structseq hash_type = INFO("hash_info", "hash_info\n\nA named tuple providing parameters used for computing hashes.", hash_fields);
static value hash_info(struct thread *t) {
    value items[] = {from_int62(64), from_int62(0x1fffffffffffffff), from_int62(314159), from_int62(0), from_int62(1000003), str_from_cstr(t, "siphash13"),
                     from_int62(64), from_int62(128), from_int62(0)};
    return structseq_new(t, &hash_type, items);
}

static const struct structseq_field thread_fields[] = {
    {"name", "name of the thread implementation"}, {"lock", "name of the lock implementation"}, {"version", "name and version of the thread library"},
};
static struct structseq thread_type = INFO("thread_info", "sys.thread_info\n\nA named tuple holding information about the thread implementation.", thread_fields);
static value thread_info(struct thread *t) {
    value items[] = {str_from_cstr(t, "pthread"), str_from_cstr(t, "futex"), str_format(t, "NPTL %s", gnu_get_libc_version())};
    return structseq_new(t, &thread_type, items);
}

static value implementation(struct thread *t, value version) { // takes version
    value d = dict_new(t), name = str_intern_cstr(t, "krait"), tag = str_intern_cstr(t, IMPORT_CACHE_TAG), arch = str_intern_cstr(t, "x86_64-linux-gnu");
    bool ok = d && name && tag && arch && version && dict_set_str(t, d, "name", name) && dict_set_str(t, d, "cache_tag", tag) &&
              dict_set_str(t, d, "version", version) && dict_set_str(t, d, "hexversion", from_int62(0x030b02f0)) && dict_set_str(t, d, "_multiarch", arch);
    release_opt(t, version);
    if (ok) return namespace_new(t, d);
    release_opt(t, d);
    return V_NULL;
}

bool sys_add_info(struct thread *t, vref m) {
    return module_set(t, m, "version_info", version_info(t)) && module_set(t, m, "float_info", float_info(t)) && module_set(t, m, "int_info", int_info(t)) &&
           module_set(t, m, "hash_info", hash_info(t)) && module_set(t, m, "thread_info", thread_info(t)) &&
           module_set(t, m, "implementation", implementation(t, version_info(t)));
}
