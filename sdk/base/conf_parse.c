// SPDX-License-Identifier: Apache-2.0
// The texts of single settings: numbers, durations, sizes, yes and no, the token. Where they come from is conf.c's.

#include "sdk/base/conf.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sdk/base/mem.h"

struct unit {
    const char *name;
    double factor;
};

// A number and its unit; `bare` is the factor of a number without one. The number must be finite and not negative.
static bool number_unit(const char *text, const struct unit *units, size_t n, double bare, int64_t *out)
{
    char *end;
    if (!((*text >= '0' && *text <= '9') || *text == '.'))
        return false;
    if (text[0] == '0' && (text[1] | 0x20) == 'x')
        return false;
    double v = strtod(text, &end);
    double factor = *end ? 0 : bare;
    for (size_t i = 0; i < n && *end; i++)
        if (strcasecmp(end, units[i].name) == 0)
            factor = units[i].factor;
    if (end == text || factor == 0 || !isfinite(v) || v * factor > 9e18)
        return false;
    *out = (int64_t)(v * factor + 0.5);
    return true;
}

bool conf_duration(const char *text, int64_t *ms)
{
    static const struct unit units[] = {
        { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
    };
    return number_unit(text, units, sizeof units / sizeof units[0], 1000, ms);
}

bool conf_size(const char *text, int64_t *bytes)
{
    static const struct unit units[] = {
        { "b", 1 }, { "k", 1024.0 }, { "kb", 1024.0 }, { "kib", 1024.0 },
        { "m", 1048576.0 }, { "mb", 1048576.0 }, { "mib", 1048576.0 },
        { "g", 1073741824.0 }, { "gb", 1073741824.0 }, { "gib", 1073741824.0 },
        { "t", 1099511627776.0 }, { "tb", 1099511627776.0 }, { "tib", 1099511627776.0 },
    };
    return number_unit(text, units, sizeof units / sizeof units[0], 1, bytes);
}

bool conf_int(const char *text, int64_t *v)
{
    char *end;
    errno = 0;
    long long x = strtoll(text, &end, 10);
    if (end == text || *end || errno || *text == ' ' || *text == '\t')
        return false;
    *v = x;
    return true;
}

bool conf_bool(const char *text, bool *v)
{
    static const char *const yes[] = { "1", "true", "yes", "on" }, *const no[] = { "0", "false", "no", "off" };
    for (size_t i = 0; i < 4; i++) {
        if (strcasecmp(text, yes[i]) == 0)
            return *v = true, true;
        if (strcasecmp(text, no[i]) == 0)
            return *v = false, true;
    }
    return false;
}

// The first line of the file, without its end.
static bool first_line(const char *path, char **line, char *why, size_t why_size)
{
    char text[1025];
    FILE *f = fopen(path, "re");
    if (!f) {
        snprintf(why, why_size, "cannot read the token file %s: %s", path, strerror(errno));
        return false;
    }
    bool got = fgets(text, sizeof text, f) != NULL;
    fclose(f);
    size_t n = got ? strcspn(text, "\r\n") : 0;
    if (n == 0 || n >= sizeof text - 1) {
        snprintf(why, why_size, "the token file %s holds no token in its first line", path);
        return false;
    }
    *line = mem_text(MEM_CONF, text, n);
    if (!*line)
        snprintf(why, why_size, "out of memory");
    return *line != NULL;
}

bool conf_token(char **token, char *why, size_t why_size)
{
    const char *text = getenv("KRAIT_TOKEN"), *path = getenv("KRAIT_TOKEN_FILE");
    *token = NULL;
    if (text && *text) {
        *token = mem_text(MEM_CONF, text, strlen(text));
        if (!*token)
            snprintf(why, why_size, "out of memory");
        return *token != NULL;
    }
    return !path || !*path || first_line(path, token, why, why_size);
}
