// SPDX-License-Identifier: Apache-2.0
// Reading the tokens file and comparing tokens. When it is read again is main.c's business.

#include "broker/token.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sdk/base/mem.h"

static bool parse_rights(char *text, unsigned *rights)
{
    static const struct {
        const char *name;
        unsigned right;
    } names[] = { { "enqueue", RIGHT_ENQUEUE }, { "consume", RIGHT_CONSUME }, { "read", RIGHT_READ },
                  { "admin", RIGHT_ADMIN }, { "all", RIGHT_ALL } };
    char *rest = NULL;
    *rights = 0;
    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        unsigned found = 0;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (strcmp(word, names[i].name) == 0)
                found = names[i].right;
        if (!found)
            return false;
        *rights |= found;
    }
    return *rights != 0;
}

static const char *parse_option(struct token *t, const char *word)
{
    if (strncmp(word, "queues=", 7) == 0 && word[7] && strlen(word + 7) < sizeof t->queues)
        snprintf(t->queues, sizeof t->queues, "%s", word + 7);
    else if (strncmp(word, "ns=", 3) == 0 && (strcmp(word + 3, "*") == 0 || id_name_ok(slice_text(word + 3))))
        snprintf(t->ns, sizeof t->ns, "%s", word + 3);
    else
        return "want queues=GLOB or ns=NAME behind the rights";
    return NULL;
}

// One line without its comment. NULL, or what is wrong.
static const char *parse_line(char *line, struct token *t)
{
    char *rest = NULL;
    char *name = strtok_r(line, " \t\r\n", &rest), *hash = strtok_r(NULL, " \t\r\n", &rest);
    char *rights = strtok_r(NULL, " \t\r\n", &rest);
    *t = (struct token){ .queues = "*", .ns = ID_NS };
    if (!hash || !rights)
        return "want NAME sha256:HEX RIGHTS";
    if (strlen(name) >= sizeof t->name)
        return "the name is too long";
    snprintf(t->name, sizeof t->name, "%s", name);
    if (strncmp(hash, "sha256:", 7) != 0 || !id_unhex(slice_text(hash + 7), t->hash, sizeof t->hash))
        return "want sha256: and 64 hex digits";
    if (!parse_rights(rights, &t->rights))
        return "rights are enqueue, consume, read, admin or all, with commas";
    for (char *word; (word = strtok_r(NULL, " \t\r\n", &rest));) {
        const char *wrong = parse_option(t, word);
        if (wrong)
            return wrong;
    }
    return NULL;
}

static bool add(struct tokens *t, const struct token *row)
{
    struct token *rows = mem_realloc(MEM_CONF, t->rows, t->n * sizeof *rows, (t->n + 1) * sizeof *rows);
    if (!rows)
        return false;
    rows[t->n++] = *row;
    t->rows = rows;
    return true;
}

static bool read_rows(struct tokens *t, FILE *f, const char *path, char *why, size_t why_size)
{
    char line[1024];
    for (int n = 1; fgets(line, sizeof line, f); n++) {
        struct token row;
        line[strcspn(line, "#")] = 0;
        if (!line[strspn(line, " \t\r\n")])
            continue;
        const char *wrong = parse_line(line, &row);
        if (!wrong && !add(t, &row))
            wrong = "out of memory";
        if (wrong) {
            snprintf(why, why_size, "%s:%d: %s", path, n, wrong);
            return false;
        }
    }
    if (t->n)
        return true;
    snprintf(why, why_size, "%s: no token in it: nobody could connect", path);
    return false;
}

bool tokens_load(struct tokens *t, const char *path, char *why, size_t why_size)
{
    struct tokens fresh = { .required = true };
    struct stat st;
    FILE *f = fopen(path, "re");
    if (!f) {
        snprintf(why, why_size, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    bool ok = fstat(fileno(f), &st) == 0 && !(st.st_mode & 077);
    if (!ok)
        snprintf(why, why_size, "%s may be read by others; chmod 600 %s", path, path);
    ok = ok && read_rows(&fresh, f, path, why, why_size);
    fclose(f);
    tokens_free(ok ? t : &fresh);
    if (ok)
        *t = fresh;
    return ok;
}

void tokens_free(struct tokens *t)
{
    mem_free(MEM_CONF, t->rows, t->n * sizeof *t->rows);
    t->rows = NULL;
    t->n = 0;
}

bool tokens_find(const struct tokens *t, struct slice secret, struct token *out)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    bool found = false;
    if (!t->required) {
        *out = (struct token){ .name = "anyone", .rights = RIGHT_ALL, .queues = "*", .ns = "*" };
        return true;
    }
    if (!EVP_Digest(secret.p ? secret.p : (const uint8_t *)"", secret.n, hash, &n, EVP_sha256(), NULL) || n != 32)
        return false;
    for (size_t i = 0; i < t->n; i++)      // all rows, so that the time says nothing
        if (id_equal_secret(slice_of(hash, 32), slice_of(t->rows[i].hash, 32)) && !found) {
            *out = t->rows[i];
            found = true;
        }
    return found;
}

bool token_glob(const char *pattern, struct slice text)
{
    const char *star = NULL;
    size_t at = 0, mark = 0;
    while (at < text.n) {
        if (*pattern == '*') {
            star = ++pattern;
            mark = at;
        } else if (*pattern == '?' || (*pattern && (uint8_t)*pattern == text.p[at])) {
            pattern++;
            at++;
        } else if (star) {
            pattern = star;
            at = ++mark;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

bool token_may(const struct token *t, enum right right, struct slice queue)
{
    return (t->rights & right) && token_glob(t->queues, queue);
}

bool token_ns(const struct token *t, struct slice ns)
{
    return strcmp(t->ns, "*") == 0 || slice_is(ns, t->ns);
}
