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
    {"releaselevel", "one of alpha, beta, candidate and final"}, {"serial", "Serial release number"},
};
static struct structseq version_type = INFO("version_info", "Which Python this is, comparable with a tuple.", version_fields);
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
static struct structseq flags_type = INFO("flags", "What the command line and the environment switched on.", flag_fields);
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
    {"max", "biggest finite float"}, {"max_exp", "biggest e for which radix**(e - 1) is a finite float"},
    {"max_10_exp", "biggest e for which 10**e is a finite float"}, {"min", "smallest positive float of full precision"},
    {"min_exp", "smallest e for which radix**(e - 1) has full precision"},
    {"min_10_exp", "smallest e for which 10**e has full precision"}, {"dig", "DBL_DIG -- maximum number of decimal digits"},
    {"mant_dig", "digits of the mantissa, in radix"}, {"epsilon", "1.0 plus this is the next float after 1.0"},
    {"radix", "FLT_RADIX -- radix of exponent"}, {"rounds", "how arithmetic rounds: 1 is to the nearest"},
};
static struct structseq float_type = INFO("float_info", "The limits of float.", float_fields);
static value float_info(struct thread *t) {
    value items[] = {
        float_new(t, DBL_MAX), from_int62(DBL_MAX_EXP), from_int62(DBL_MAX_10_EXP), float_new(t, DBL_MIN), from_int62(DBL_MIN_EXP), from_int62(DBL_MIN_10_EXP),
        from_int62(DBL_DIG), from_int62(DBL_MANT_DIG), float_new(t, DBL_EPSILON), from_int62(FLT_RADIX), from_int62(FLT_ROUNDS),
    };
    return structseq_new(t, &float_type, items);
}

static const struct structseq_field int_fields[] = {
    {"bits_per_digit", "size of a digit in bits"}, {"sizeof_digit", "bytes that a digit is stored in"},
    {"default_max_str_digits", "digits that a conversion from or to str may have, unless set otherwise"}, {"str_digits_check_threshold", "smallest limit of digits that may be set, other than 0"},
};
static struct structseq int_type = INFO("int_info", "How int is stored, and its limits.", int_fields);
static value int_info(struct thread *t) { // a digit is a GMP limb
    value items[] = {from_int62(64), from_int62(8), from_int62(4300), from_int62(640)};
    return structseq_new(t, &int_type, items);
}

static const struct structseq_field hash_fields[] = {
    {"width", "bits of a hash"}, {"modulus", "the prime that numbers are reduced by"},
    {"inf", "hash of infinity"}, {"nan", "unused: a nan hashes by its identity"},
    {"imag", "what the imaginary part is multiplied by"}, {"algorithm", "how str, bytes and memoryview are hashed"},
    {"hash_bits", "bits that the algorithm makes"}, {"seed_bits", "seed size of hash algorithm"}, {"cutoff", "up to how many bytes a simpler algorithm serves"},
};
static struct structseq hash_type = INFO("hash_info", "How hash() works on numbers and strings.", hash_fields);
static value hash_info(struct thread *t) {
    value items[] = {from_int62(64), from_int62(0x1fffffffffffffff), from_int62(314159), from_int62(0), from_int62(1000003), str_from_cstr(t, "siphash13"),
                     from_int62(64), from_int62(128), from_int62(0)};
    return structseq_new(t, &hash_type, items);
}

static const struct structseq_field thread_fields[] = {
    {"name", "what threads are made with"}, {"lock", "what locks are made with"}, {"version", "which library that is"},
};
static struct structseq thread_type = INFO("thread_info", "How threads are made here.", thread_fields);
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
