// SPDX-License-Identifier: Apache-2.0
// Gathers the settings of a program from flags, environment, file and defaults, and answers --help and --version.
// What the settings mean together is checked by the program.

#include "sdk/base/conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/base/mem.h"

const char conf_version[] = PACKAGE_VERSION;

#define WHY 400

// Rising: a setting is only overwritten from a source that is not below the one it has.
enum source { FROM_NOWHERE, FROM_DEFAULT, FROM_FILE, FROM_ENV, FROM_FLAG };

struct loader {
    const struct conf_program *p;
    char *settings;
    enum source *have;       // one a row
    struct conf_args *args;
    const char *config;      // --config
    char why[WHY];           // the error
    enum conf_result result;
};

static bool bad(struct loader *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool bad(struct loader *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(l->why, sizeof l->why, format, args);
    va_end(args);
    return false;
}

int conf_usage(const struct conf_program *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", p->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 2;
}

// ---------------------------------------------------------------- setting one field

static void *field(const struct loader *l, const struct conf_option *o)
{
    return l->settings + o->offset;
}

static void list_clear(struct conf_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        mem_text_free(MEM_CONF, list->v[i]);
    mem_free(MEM_CONF, list->v, list->n * sizeof *list->v);
    *list = (struct conf_list){ 0 };
}

static bool list_add(struct conf_list *list, const char *s, size_t n)
{
    char *text = mem_text(MEM_CONF, s, n);
    char **v = text ? mem_realloc(MEM_CONF, list->v, list->n * sizeof *v, (list->n + 1) * sizeof *v) : NULL;
    if (!v) {
        mem_text_free(MEM_CONF, text);
        return false;
    }
    list->v = v;
    v[list->n++] = text;
    return true;
}

static bool list_set(struct loader *l, struct conf_list *list, const struct conf_option *o, const char *text)
{
    const char *between = o->spaces ? " \t" : " \t,";
    for (text += strspn(text, between); *text; text += strspn(text, between)) {
        size_t n = strcspn(text, between);
        if (!list_add(list, text, n))
            return bad(l, "out of memory");
        text += n;
    }
    return true;
}

static bool set_number(struct loader *l, const struct conf_option *o, const char *name, const char *text)
{
    int64_t v = 0;
    const char *want = o->kind == CONF_INT ? "a whole number" : o->kind == CONF_SIZE
        ? "a size like 512k, 16M or 2G" : "a duration like 500ms, 5s, 2m or 1h";
    bool ok = o->kind == CONF_INT ? conf_int(text, &v) : o->kind == CONF_SIZE ? conf_size(text, &v)
                                                                              : conf_duration(text, &v);
    if (!ok)
        return bad(l, "%s is '%s', but wants %s", name, text, want);
    if (o->max > o->min && (v < o->min || v > o->max)) {
        const char *unit = o->kind == CONF_DURATION ? " ms" : o->kind == CONF_SIZE ? " bytes" : "";
        return bad(l, "%s is '%s', but must be between %lld and %lld%s", name, text, (long long)o->min,
                   (long long)o->max, unit);
    }
    *(int64_t *)field(l, o) = v;
    return true;
}

static bool set_choice(struct loader *l, const struct conf_option *o, const char *name, const char *text)
{
    char known[200] = "";
    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(text, o->choices[i]) == 0) {
            *(int *)field(l, o) = i;
            return true;
        }
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
                 i == 0 ? "" : o->choices[i + 1] ? ", " : " or ", o->choices[i]);
    }
    return bad(l, "%s is '%s', but must be %s", name, text, known);
}

static bool set_text(struct loader *l, const struct conf_option *o, const char *text)
{
    char **at = field(l, o);
    mem_text_free(MEM_CONF, *at);
    *at = mem_text(MEM_CONF, text, strlen(text));
    return *at || bad(l, "out of memory");
}

// name is what the user wrote: a flag, a variable, FILE:LINE key.
static bool set(struct loader *l, const struct conf_option *o, enum source from, const char *name, const char *text)
{
    enum source *have = &l->have[o - l->p->options];
    if (from < *have)
        return true;
    bool first = from > *have;
    *have = from;
    switch (o->kind) {
    case CONF_FLAG:
        return conf_bool(text, field(l, o)) || bad(l, "%s is '%s', but wants true or false", name, text);
    case CONF_STRING:
        return set_text(l, o, text);
    case CONF_INT:
    case CONF_DURATION:
    case CONF_SIZE:
        return set_number(l, o, name, text);
    case CONF_CHOICE:
        return set_choice(l, o, name, text);
    case CONF_LIST:
        if (first)
            list_clear(field(l, o));
        if (from == FROM_FLAG && o->spaces)
            return list_add(field(l, o), text, strlen(text)) || bad(l, "out of memory");
        return list_set(l, field(l, o), o, text);
    }
    return bad(l, "%s: no such kind", name);
}

// ---------------------------------------------------------------- the sources

static const struct conf_option *find(const struct conf_program *p, const char *name, size_t n)
{
    for (size_t i = 0; i < p->n; i++)
        if (strlen(p->options[i].name) == n && memcmp(p->options[i].name, name, n) == 0)
            return &p->options[i];
    return NULL;
}

static const struct conf_option *find_letter(const struct conf_program *p, char letter)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->options[i].letter && p->options[i].letter == letter)
            return &p->options[i];
    return NULL;
}

// Whether a text may be the value of an option that can also stand alone.
static bool fits(const struct conf_option *o, const char *text)
{
    int64_t v;
    return o->kind == CONF_DURATION ? conf_duration(text, &v) : text[0] != '-';
}

// Takes the flag at argv[*at]: name and n are its name, value what stood behind '='.
static bool take_flag(struct loader *l, const struct conf_option *o, const char *shown, const char *value, int argc,
                      char **argv, int *at)
{
    if (!value && o->kind == CONF_FLAG)
        value = "true";
    else if (!value && o->optional_value)
        value = *at + 1 < argc && fits(o, argv[*at + 1]) ? argv[++*at] : o->bare;
    else if (!value && *at + 1 < argc)
        value = argv[++*at];
    if (!value)
        return bad(l, "%s wants a value: %s %s", shown, shown, o->metavar ? o->metavar : "VALUE");
    return set(l, o, FROM_FLAG, shown, value);
}

static bool add_arg(struct loader *l, char *arg)
{
    l->args->v[l->args->n++] = arg;
    return true;
}

static void print_help(const struct conf_program *p);

static bool known_to_all(struct loader *l, const char *arg, int argc, char **argv, int *at)
{
    if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
        print_help(l->p);
        l->result = CONF_DONE;
    } else if (strcmp(arg, "--version") == 0) {
        printf("%.*s %s\n", (int)strcspn(l->p->name, " "), l->p->name, conf_version);
        l->result = CONF_DONE;
    } else if (strncmp(arg, "--config=", 9) == 0) {
        l->config = arg + 9;
    } else if (strcmp(arg, "--config") == 0 && *at + 1 < argc) {
        l->config = argv[++*at];
    } else {
        return false;
    }
    return true;
}

static bool take_dashed(struct loader *l, char *arg, int argc, char **argv, int *at)
{
    if (known_to_all(l, arg, argc, argv, at))
        return true;
    char shown[80];
    size_t n = strcspn(arg, "=");
    snprintf(shown, sizeof shown, "%.*s", (int)n, arg);
    const char *value = arg[n] ? arg + n + 1 : NULL;
    const struct conf_option *o = arg[1] == '-' ? find(l->p, arg + 2, n - 2) : n == 2 ? find_letter(l->p, arg[1]) : NULL;
    if (o)
        return take_flag(l, o, shown, value, argc, argv, at);
    if (strncmp(arg, "--no-", 5) == 0 && !value && (o = find(l->p, arg + 5, n - 5)) && o->kind == CONF_FLAG)
        return set(l, o, FROM_FLAG, shown, "false");
    if (l->p->lenient && l->args->n)
        return add_arg(l, arg);
    return bad(l, "unknown option %s; try %s --help", shown, l->p->name);
}

static bool from_flags(struct loader *l, int argc, char **argv)
{
    bool flags = true;
    for (int at = 1; at < argc && l->result == CONF_RUN; at++) {
        char *arg = argv[at];
        if (flags && strcmp(arg, "--") == 0)
            flags = false;
        else if (flags && arg[0] == '-' && arg[1] && !take_dashed(l, arg, argc, argv, &at))
            return false;
        else if (!flags || arg[0] != '-' || !arg[1])
            add_arg(l, arg);
        if (l->p->commands && l->args->n) {
            while (++at < argc)
                add_arg(l, argv[at]);
            break;
        }
    }
    return true;
}

// The name of an option's environment variable in out; false when it has none.
static bool env_name(const struct conf_program *p, const struct conf_option *o, char *out, size_t size)
{
    if (o->flag_only || (o->env && !*o->env) || (!o->env && !p->env))
        return false;
    snprintf(out, size, "%s%s", o->env ? "" : p->env, o->env ? o->env : o->name);
    for (char *c = out; *c; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    return true;
}

static bool from_env(struct loader *l)
{
    for (size_t i = 0; i < l->p->n; i++) {
        char name[100];
        const struct conf_option *o = &l->p->options[i];
        const char *value = env_name(l->p, o, name, sizeof name) ? getenv(name) : NULL;
        if (value && *value && !set(l, o, FROM_ENV, name, value))
            return false;
    }
    return true;
}

static char *trim(char *s)
{
    s += strspn(s, " \t");
    size_t n = strlen(s);
    while (n && strchr(" \t\r\n", s[n - 1]))
        s[--n] = 0;
    return s;
}

static bool file_line(struct loader *l, char *line, int number)
{
    char shown[160];
    char *key = trim(line), *equals = strchr(key, '=');
    if (*key == 0 || *key == '#')
        return true;
    if (!equals)
        return bad(l, "%s:%d: wants 'key = value'", l->config, number);
    *equals = 0;
    key = trim(key);
    const struct conf_option *o = find(l->p, key, strlen(key));
    if (!o || o->flag_only)
        return bad(l, "%s:%d: unknown key '%s'; the keys are the long options of %s --help", l->config, number, key,
                   l->p->name);
    snprintf(shown, sizeof shown, "%s:%d: %s", l->config, number, key);
    return set(l, o, FROM_FILE, shown, trim(equals + 1));
}

static bool from_file(struct loader *l)
{
    if (!l->config)
        return true;
    FILE *f = fopen(l->config, "re");
    if (!f)
        return bad(l, "cannot read --config %s: %s", l->config, strerror(errno));
    char *line = NULL;
    size_t room = 0;
    bool ok = true;
    for (int number = 1; ok && getline(&line, &room, f) >= 0; number++)
        ok = file_line(l, line, number);
    free(line);
    fclose(f);
    return ok;
}

static bool from_defaults(struct loader *l)
{
    for (size_t i = 0; i < l->p->n; i++) {
        const struct conf_option *o = &l->p->options[i];
        if (o->fallback && l->have[i] == FROM_NOWHERE && !set(l, o, FROM_DEFAULT, o->name, o->fallback))
            return false;
    }
    return true;
}

// ---------------------------------------------------------------- the whole

static size_t settings_size(const struct conf_program *p)
{
    static const size_t sizes[] = {
        [CONF_FLAG] = sizeof(bool), [CONF_STRING] = sizeof(char *), [CONF_INT] = sizeof(int64_t),
        [CONF_DURATION] = sizeof(int64_t), [CONF_SIZE] = sizeof(int64_t), [CONF_CHOICE] = sizeof(int),
        [CONF_LIST] = sizeof(struct conf_list),
    };
    size_t size = 0;
    for (size_t i = 0; i < p->n; i++) {
        size_t end = p->options[i].offset + sizes[p->options[i].kind];
        size = end > size ? end : size;
    }
    return size;
}

static bool load(struct loader *l, int argc, char **argv)
{
    if (!l->have || !l->args->v)
        return bad(l, "out of memory");
    if (!from_flags(l, argc, argv) || l->result != CONF_RUN)
        return l->result != CONF_RUN;
    return from_file(l) && from_env(l) && from_defaults(l);
}

// conf_free needs the size of args->v: argc items, kept in the slot behind the last.
static size_t args_size(size_t slots)
{
    return (slots + 1) * sizeof(char *);
}

enum conf_result conf_load(const struct conf_program *p, int argc, char **argv, void *settings,
                           struct conf_args *args)
{
    size_t slots = argc > 0 ? (size_t)argc : 1;
    memset(settings, 0, settings_size(p));
    *args = (struct conf_args){ mem_zalloc(MEM_CONF, 1, args_size(slots)), 0 };
    struct loader l = { .p = p, .settings = settings, .args = args, .result = CONF_RUN,
                        .have = mem_zalloc(MEM_CONF, p->n, sizeof(enum source)) };
    if (args->v) {
        memcpy(args->v, &slots, sizeof slots);
        args->v++;
    }
    if (!load(&l, argc, argv)) {
        conf_usage(p, "%s", l.why);
        l.result = CONF_BAD;
    }
    mem_free(MEM_CONF, l.have, p->n * sizeof(enum source));
    if (l.result != CONF_RUN)
        conf_free(p, settings, args);
    return l.result;
}

void conf_free(const struct conf_program *p, void *settings, struct conf_args *args)
{
    struct loader l = { .p = p, .settings = settings };
    for (size_t i = 0; i < p->n; i++) {
        void *at = field(&l, &p->options[i]);
        if (p->options[i].kind == CONF_STRING) {
            mem_text_free(MEM_CONF, *(char **)at);
            *(char **)at = NULL;
        } else if (p->options[i].kind == CONF_LIST) {
            list_clear(at);
        }
    }
    if (args->v) {
        size_t slots;
        memcpy(&slots, args->v - 1, sizeof slots);
        mem_free(MEM_CONF, args->v - 1, args_size(slots));
    }
    *args = (struct conf_args){ 0 };
}

// ---------------------------------------------------------------- printing

static void print_option(const struct conf_program *p, const struct conf_option *o)
{
    char left[80], env[100];
    int n = snprintf(left, sizeof left, "  %s%c%s--%s", o->letter ? "-" : "", o->letter ? o->letter : ' ',
                     o->letter ? ", " : "   ", o->name);
    if (o->kind == CONF_CHOICE && !o->metavar) {
        for (int i = 0; o->choices[i] && n < (int)sizeof left; i++)
            n += snprintf(left + n, sizeof left - (size_t)n, "%c%s", i ? '|' : ' ', o->choices[i]);
    } else if (o->kind != CONF_FLAG) {
        snprintf(left + n, sizeof left - (size_t)n, o->optional_value ? " [%s]" : " %s",
                 o->metavar ? o->metavar : "VALUE");
    }
    printf("%-36s%s%s", left, strlen(left) > 35 ? "\n                                    " : "", o->help);
    if (o->fallback && *o->fallback && *o->fallback != '-' && !o->optional_value)
        printf(" [%s]", o->fallback);
    if (o->kind == CONF_LIST && !o->flag_only)
        printf(" (repeatable)");
    if (env_name(p, o, env, sizeof env))
        printf(" (%s)", env);
    putchar('\n');
}

static void print_help(const struct conf_program *p)
{
    printf("usage: %s %s\n\n%s\n\n", p->name, p->usage ? p->usage : "[OPTION…]", p->summary);
    bool file = false;
    for (size_t i = 0; i < p->n; i++) {
        print_option(p, &p->options[i]);
        file = file || !p->options[i].flag_only;
    }
    if (file)
        printf("      --config FILE                 read 'key = value' lines; keys are the options without dashes\n");
    printf("  -h, --help                        print this and exit\n"
           "      --version                     print the version and exit\n");
    if (p->notes)
        printf("\n%s\n", p->notes);
}

static void print_value(const struct conf_option *o, const void *at, FILE *out)
{
    switch (o->kind) {
    case CONF_FLAG:
        fputs(*(const bool *)at ? "true" : "false", out);
        break;
    case CONF_STRING:
        fputs(*(char *const *)at ? *(char *const *)at : "", out);
        break;
    case CONF_DURATION:
        fprintf(out, "%lldms", (long long)*(const int64_t *)at);
        break;
    case CONF_INT:
    case CONF_SIZE:
        fprintf(out, "%lld", (long long)*(const int64_t *)at);
        break;
    case CONF_CHOICE:
        fputs(o->choices[*(const int *)at], out);
        break;
    case CONF_LIST:
        for (size_t i = 0; i < ((const struct conf_list *)at)->n; i++)
            fprintf(out, "%s%s", i ? " " : "", ((const struct conf_list *)at)->v[i]);
        break;
    }
}

void conf_print(const struct conf_program *p, const void *settings, FILE *out)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct conf_option *o = &p->options[i];
        if (o->flag_only)
            continue;
        fprintf(out, "%s = ", o->name);
        if (o->secret)
            fputs("(hidden)", out);
        else
            print_value(o, (const char *)settings + o->offset, out);
        fputc('\n', out);
    }
}
