// SPDX-License-Identifier: Apache-2.0
// Settings from a command line and a file: input up to the first zero byte is arguments, a line each, the rest a file. What is
// accepted is printed, and the printed must be accepted and mean the same.

#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sdk/base/conf.h"

struct settings {
    char *text, *hidden;
    int64_t number, time, size;
    bool flag;
    int choice;
    struct conf_list list, words;
};

static const char *const choices[] = { "one", "two", NULL };
static const struct conf_option options[] = {
    { .name = "text", .kind = CONF_STRING, .offset = offsetof(struct settings, text), .fallback = "x", .help = "t" },
    { .name = "hidden", .kind = CONF_STRING, .offset = offsetof(struct settings, hidden), .secret = true, .help = "t" },
    { .name = "number", .kind = CONF_INT, .offset = offsetof(struct settings, number), .min = -5, .max = 1000000, .letter = 'n', .help = "t" },
    { .name = "time", .kind = CONF_DURATION, .offset = offsetof(struct settings, time), .fallback = "5s", .help = "t" },
    { .name = "size", .kind = CONF_SIZE, .offset = offsetof(struct settings, size), .help = "t" },
    { .name = "flag", .kind = CONF_FLAG, .offset = offsetof(struct settings, flag), .help = "t" },
    { .name = "choice", .kind = CONF_CHOICE, .offset = offsetof(struct settings, choice), .choices = choices, .fallback = "two", .help = "t" },
    { .name = "list", .kind = CONF_LIST, .offset = offsetof(struct settings, list), .help = "t" },
    { .name = "words", .kind = CONF_LIST, .offset = offsetof(struct settings, words), .spaces = true, .help = "t" },
};
static const struct conf_program program = { .name = "fuzz", .env = "KRAIT_FUZZ_", .usage = "[OPTION…]", .summary = "s",
                                             .options = options, .n = sizeof options / sizeof options[0] };

#define ARGS 16

// A path under which these bytes can be read.
static int file_of(const void *bytes, size_t n, char path[40])
{
    int fd = memfd_create("fuzz", 0);
    MUST(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    snprintf(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

static char *printed(const struct settings *s, size_t *n)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    conf_print(&program, s, out);
    fclose(out);
    return text;
}

// A flag gives a list one item a time, whatever is in it; a file splits at blanks and commas.
static bool plain(const struct conf_list *l, const char *separators)
{
    for (size_t i = 0; i < l->n; i++)
        if (!l->v[i][0] || strpbrk(l->v[i], separators))
            return false;
    return true;
}

// The file knows no quotes: blanks at the ends of a text are lost there.
static bool trimmed(const char *text)
{
    size_t n = text ? strlen(text) : 0;
    return n == 0 || !(isspace((unsigned char)text[0]) || isspace((unsigned char)text[n - 1]) || strpbrk(text, "\r\n"));
}

// Without secrets nothing of a setting is lost by printing it.
static void again(const struct settings *s, const char *text, size_t n)
{
    char path[40], config[] = "--config", name[] = "fuzz";
    int fd = file_of(text, n, path);
    char *argv[] = { name, config, path, NULL };
    struct settings back;
    struct conf_args rest;
    MUST(conf_load(&program, 3, argv, &back, &rest) == CONF_RUN);
    size_t m;
    char *twice = printed(&back, &m);
    MUST(m == n && memcmp(text, twice, n) == 0);
    MUST(back.number == s->number && back.time == s->time && back.size == s->size && back.flag == s->flag &&
         back.choice == s->choice && back.list.n == s->list.n && back.words.n == s->words.n);
    free(twice);
    conf_free(&program, &back, &rest);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[40], config[] = "--config", name[] = "fuzz";
    const uint8_t *zero = memchr(data, 0, size);
    size_t head = zero ? (size_t)(zero - data) : size;
    char *lines = strndup((const char *)data, head);
    int fd = file_of(zero ? zero + 1 : data, zero ? size - head - 1 : 0, path);
    char *argv[ARGS + 4] = { name, config, path };
    int argc = 3;
    char *rest = lines;
    for (char *line; argc < ARGS && (line = strsep(&rest, "\n"));)
        argv[argc++] = line;
    struct settings s;
    struct conf_args args;
    if (conf_load(&program, argc, argv, &s, &args) == CONF_RUN) {
        size_t n;
        char *text = printed(&s, &n);
        if (!s.hidden && trimmed(s.text) && plain(&s.list, ", \t\r\n\v\f") && plain(&s.words, " \t\r\n\v\f"))
            again(&s, text, n);
        free(text);
        conf_free(&program, &s, &args);
    }
    close(fd);
    free(lines);
    return 0;
}
