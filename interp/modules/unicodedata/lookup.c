// SPDX-License-Identifier: Apache-2.0
// Searching the tables: mappings, numbers, compositions, names in both directions. Leaves Python's side to module.c.
#include "interp/modules/unicodedata/unicodedata.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// ---- sorted tables ----

// The last row whose key is not above c; n when all are above.
#define FIND(table, n, c)                             \
    unsigned low = 0, high = (n);                     \
    while (low < high) {                              \
        unsigned mid = (low + high) / 2;              \
        if ((table)[mid].code <= (c)) low = mid + 1;  \
        else high = mid;                              \
    }
static const struct ucd_mapping *find_mapping(const struct ucd_mapping *table, unsigned n, uint32_t c) {
    FIND(table, n, c)
    return low && table[low - 1].code == c ? &table[low - 1] : NULL;
}
static const struct ucd_number *find_number(const struct ucd_number *table, unsigned n, uint32_t c) {
    FIND(table, n, c)
    return low && table[low - 1].code == c ? &table[low - 1] : NULL;
}
static const struct ucd_run *find_run(uint32_t c) {
    FIND(ucd_runs, ucd_runs_count, c)
    return low && c - ucd_runs[low - 1].code < ucd_runs[low - 1].count ? &ucd_runs[low - 1] : NULL;
}

static bool assigned_then(uint32_t c) { return strcmp(ucd_categories[ucd_of(c, true)->category], "Cn") != 0; }

const struct ucd_mapping *ucd_mapping_of(uint32_t c, bool old) {
    if (c < 0xa0) return NULL;
    const struct ucd_mapping *m = old ? find_mapping(ucd_old_mappings, ucd_old_mappings_count, c) : NULL;
    if (m || (old && !assigned_then(c))) return m;
    return find_mapping(ucd_mappings, ucd_mappings_count, c);
}

bool ucd_number_of(uint32_t c, bool old, double *n) {
    const struct ucd_number *x = old ? find_number(ucd_old_numbers, ucd_old_numbers_count, c) : NULL;
    if (!x && old && !assigned_then(c)) return false;
    if (!x) x = find_number(ucd_numbers, ucd_numbers_count, c);
    if (x) *n = x->n;
    return x != NULL;
}

uint32_t ucd_old_correction(uint32_t c) {
    const struct ucd_number *x = find_number(ucd_old_corrections, ucd_old_corrections_count, c);
    return x ? (uint32_t)x->n : 0;
}
bool ucd_old_decimal(uint32_t c, int *n) {
    const struct ucd_number *x = find_number(ucd_old_decimals, ucd_old_decimals_count, c);
    if (x) *n = (int)x->n;
    return x != NULL;
}

// ---- Hangul: three arithmetic progressions (Unicode 14, chapter 3.12) ----

enum { S_BASE = 0xac00, L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11a7, L_COUNT = 19, V_COUNT = 21, T_COUNT = 28, S_COUNT = L_COUNT * V_COUNT * T_COUNT };

uint32_t ucd_compose(uint32_t a, uint32_t b) {
    if (a - L_BASE < L_COUNT && b - V_BASE < V_COUNT) return S_BASE + ((a - L_BASE) * V_COUNT + (b - V_BASE)) * T_COUNT;
    if (a - S_BASE < S_COUNT && (a - S_BASE) % T_COUNT == 0 && b - T_BASE - 1 < T_COUNT - 1) return a + (b - T_BASE);
    unsigned low = 0, high = ucd_pairs_count;
    while (low < high) {
        unsigned mid = (low + high) / 2;
        const struct ucd_pair *p = &ucd_pairs[mid];
        if (p->first < a || (p->first == a && p->second < b)) low = mid + 1;
        else high = mid;
    }
    return low < ucd_pairs_count && ucd_pairs[low].first == a && ucd_pairs[low].second == b ? ucd_pairs[low].composed : 0;
}

// ---- names ----

static const char *const jamo_l[] = {"G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"};
static const char *const jamo_v[] = {"A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU", "YI", "I"};
static const char *const jamo_t[] = {"", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H"};
static const char hangul[] = "HANGUL SYLLABLE ";

static size_t put(char *out, size_t at, const char *text) {
    size_t n = strlen(text);
    memcpy(out + at, text, n);
    return at + n;
}
static size_t put_hex(char *out, size_t at, uint32_t c) {
    int digits = c > 0xfffff ? 6 : c > 0xffff ? 5 : 4;
    while (digits--) out[at++] = "0123456789ABCDEF"[c >> 4 * digits & 15];
    return at;
}
// The name that begins at ucd_names[*at]; *at goes behind it.
static size_t spell(uint32_t *at, char *out) {
    size_t n = 0;
    while (ucd_names[*at] != 255) {
        unsigned w = ucd_names[(*at)++];
        if (w >= 160) w = (w - 160) << 8 | ucd_names[(*at)++];
        if (n) out[n++] = ' ';
        n = put(out, n, ucd_words + ucd_word_starts[w]);
    }
    ++*at;
    return n;
}

size_t ucd_name_of(uint32_t c, char out[UCD_NAME_MOST]) {
    if (c - S_BASE < S_COUNT) {
        uint32_t s = c - S_BASE;
        size_t n = put(out, 0, hangul);
        n = put(out, n, jamo_l[s / (V_COUNT * T_COUNT)]);
        n = put(out, n, jamo_v[s / T_COUNT % V_COUNT]);
        return put(out, n, jamo_t[s % T_COUNT]);
    }
    for (unsigned i = 0; i < ucd_ranges_count; i++)
        if (c >= ucd_ranges[i].first && c <= ucd_ranges[i].last) return put_hex(out, put(out, 0, ucd_ranges[i].stem), c);
    const struct ucd_run *r = find_run(c);
    if (!r) return 0;
    uint32_t at = r->at;
    for (uint32_t k = r->code; k < c; k++) spell(&at, out);
    return spell(&at, out);
}

// ---- from a name ----

static uint32_t hash_name(const char *s, size_t n) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) h = (h ^ (uint8_t)s[i]) * 16777619u;
    return h;
}

enum { SLOTS = 1 << 16 };
static uint32_t *by_name;  // code points + 1 by hash of their name; made once
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_table(void) {
    char name[UCD_NAME_MOST];
    uint32_t *table = calloc(SLOTS, sizeof *table);
    if (!table) return;
    for (unsigned i = 0; i < ucd_runs_count; i++) {
        uint32_t at = ucd_runs[i].at;
        for (uint32_t k = 0; k < ucd_runs[i].count; k++) {
            uint32_t h = hash_name(name, spell(&at, name)) % SLOTS;
            while (table[h]) h = (h + 1) % SLOTS;
            table[h] = ucd_runs[i].code + k + 1;
        }
    }
    by_name = table;
}

static bool is_named(uint32_t c, const char *name, size_t n) {
    char text[UCD_NAME_MOST];
    return ucd_name_of(c, text) == n && !memcmp(text, name, n);
}

// The longest entry of a jamo list that name starts with.
static int jamo(const char *const *list, int count, const char *name, size_t n, size_t *used) {
    int best = -1;
    size_t longest = 0;
    for (int i = 0; i < count; i++) {
        size_t k = strlen(list[i]);
        if (k <= n && !memcmp(list[i], name, k) && (best < 0 || k > longest)) best = i, longest = k;
    }
    *used += longest;
    return best;
}
static int64_t find_hangul(const char *s, size_t n) {
    size_t at = sizeof hangul - 1;
    int l = jamo(jamo_l, L_COUNT, s + at, n - at, &at), v = jamo(jamo_v, V_COUNT, s + at, n - at, &at), t = jamo(jamo_t, T_COUNT, s + at, n - at, &at);
    return l < 0 || v < 0 || t < 0 || at != n ? -1 : S_BASE + (l * V_COUNT + v) * T_COUNT + t;
}
static int64_t find_in_ranges(const char *s, size_t n) {
    for (unsigned i = 0; i < ucd_ranges_count; i++) {
        size_t k = strlen(ucd_ranges[i].stem);
        if (n < k + 4 || n > k + 6 || memcmp(s, ucd_ranges[i].stem, k)) continue;
        char digits[8] = {0}, *end;
        memcpy(digits, s + k, n - k);
        unsigned long c = strtoul(digits, &end, 16);
        if (!*end && c <= UCD_LAST && c >= ucd_ranges[i].first && c <= ucd_ranges[i].last && is_named((uint32_t)c, s, n)) return (int64_t)c;
    }
    return -1;
}

int64_t ucd_find_name(const char *given, size_t n) {
    char s[UCD_NAME_MOST];
    if (n == 0 || n >= UCD_NAME_MOST) return -1;
    for (size_t i = 0; i < n; i++) s[i] = given[i] >= 'a' && given[i] <= 'z' ? (char)(given[i] - 32) : given[i];
    if (n > sizeof hangul - 1 && !memcmp(given, hangul, sizeof hangul - 1)) return find_hangul(given, n); // these and ideographs in capitals only, as CPython has it
    int64_t c = find_in_ranges(memcmp(s, "CJK", 3) ? s : given, n);
    if (c >= 0) return c;
    for (const struct ucd_alias *a = ucd_aliases; a->name; a++)
        if (strlen(a->name) == n && !memcmp(a->name, s, n)) return a->code;
    pthread_once(&once, make_table);
    if (!by_name) return -1;
    for (uint32_t h = hash_name(s, n) % SLOTS; by_name[h]; h = (h + 1) % SLOTS)
        if (is_named(by_name[h] - 1, s, n)) return by_name[h] - 1;
    return -1;
}
