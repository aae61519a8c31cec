// SPDX-License-Identifier: Apache-2.0
// Sets of characters: the library's set words asked once for each of the first 256 characters, and at match time for the others. Leaves where sets are used to
// program.c and the machine.
#include "interp/modules/sre/sre.h"
#include "interp/types/str/unicode.h"

#include <ctype.h>

static uint32_t lower_locale(uint32_t c) { return c < 256 ? (uint32_t)tolower((int)c) : c; }
static uint32_t upper_locale(uint32_t c) { return c < 256 ? (uint32_t)toupper((int)c) : c; }
static bool ascii_alnum(uint32_t c) { return c < 128 && isalnum((int)c) != 0 && (c - '0' < 10 || ((c | 32) - 'a') < 26); }

uint32_t fold_char(enum fold fold, uint32_t c) {
    switch (fold) {
    case FOLD_NONE: return c;
    case FOLD_ASCII: return c - 'A' < 26 ? c + 32 : c;
    case FOLD_LOCALE: return lower_locale(c);
    case FOLD_UNICODE: return c < 128 ? (c - 'A' < 26 ? c + 32 : c) : unicode_to_lower(c);
    }
    return c;
}

// As CPython has it: where the full mapping has several characters, the first of them.
uint32_t unfold_unicode(uint32_t c) {
    const struct unicode_record *r = unicode_of(c);
    return r->flags & UNICODE_LONG_UPPER ? unicode_long[r->upper + 1] : c + (uint32_t)r->upper;
}

// ---- categories ----

static bool is_ascii_space(uint32_t c) { return c == ' ' || c - 9 < 5; }
static bool is_word_locale(uint32_t c) { return c == '_' || (c < 256 && isalnum((int)c)); }
static bool is_word_unicode(uint32_t c) { return c == '_' || unicode_is_alnum(c); }
static bool is_word_ascii(uint32_t c) { return c == '_' || ascii_alnum(c); }

// Categories come in pairs: what it is, what it is not.
static bool category_has(uint32_t category, uint32_t c) {
    bool is = false;
    switch (category & ~1u) {
    case 0: is = c - '0' < 10; break;
    case 2: is = is_ascii_space(c); break;
    case 4: is = is_word_ascii(c); break;
    case 6: is = c == '\n'; break;
    case 8: is = is_word_locale(c); break;
    case 10: is = unicode_is(c, UNICODE_DECIMAL); break;
    case 12: is = unicode_is_space(c); break;
    case 14: is = is_word_unicode(c); break;
    case 16: is = unicode_is(c, UNICODE_LINE_BREAK); break;
    }
    return is != (category & 1);
}
static bool category_is_locale(uint32_t category) { return (category & ~1u) == 8; }

bool char_is_word(uint32_t c, enum sre_at at) {
    if (at == AT_LOC_BOUNDARY || at == AT_LOC_NON_BOUNDARY) return is_word_locale(c);
    return at == AT_UNI_BOUNDARY || at == AT_UNI_NON_BOUNDARY ? is_word_unicode(c) : is_word_ascii(c);
}

// ---- set words ----

static bool bit(const uint32_t *bits, uint32_t i) { return bits[i >> 5] >> (i & 31) & 1; }

static bool words_have(const uint32_t *w, uint32_t c) {
    for (bool ok = true;;) {
        switch (*w++) {
        case CODE_FAILURE: return !ok;
        case CODE_NEGATE: ok = !ok; break;
        case CODE_LITERAL:
            if (*w++ == c) return ok;
            break;
        case CODE_CATEGORY:
            if (category_has(*w++, c)) return ok;
            break;
        case CODE_RANGE:
            if (w[0] <= c && c <= w[1]) return ok;
            w += 2;
            break;
        case CODE_RANGE_UNI_IGNORE: {
            uint32_t up = unfold_unicode(c);
            if ((w[0] <= c && c <= w[1]) || (w[0] <= up && up <= w[1])) return ok;
            w += 2;
            break;
        }
        case CODE_CHARSET:
            if (c < 256 && bit(w, c)) return ok;
            w += 8;
            break;
        case CODE_BIGCHARSET: {
            uint32_t blocks = *w++;
            if (c < 0x10000 && bit(w + 64, ((const uint8_t *)w)[c >> 8] * 256u + (c & 255))) return ok;
            w += 64 + blocks * 8;
            break;
        }
        default: return false; // charset_check lets nothing else through
        }
    }
}

static bool blocks_check(const uint32_t *w, uint32_t blocks) {
    for (unsigned i = 0; i < 256; i++)
        if (((const uint8_t *)w)[i] >= blocks) return false;
    return true;
}

// Words behind the code word, or SIZE_MAX: no set code.
static size_t operands(uint32_t code, const uint32_t *w, size_t left) {
    switch (code) {
    case CODE_FAILURE:
    case CODE_NEGATE: return 0;
    case CODE_LITERAL: return 1;
    case CODE_CATEGORY: return left && *w < CATEGORY_COUNT ? 1 : SIZE_MAX;
    case CODE_RANGE:
    case CODE_RANGE_UNI_IGNORE: return 2;
    case CODE_CHARSET: return 8;
    case CODE_BIGCHARSET: return left > 64 && *w && *w <= 256 && blocks_check(w + 1, *w) ? 65 + (size_t)*w * 8 : SIZE_MAX;
    default: return SIZE_MAX;
    }
}

bool charset_check(const uint32_t *words, size_t n, size_t *used) {
    for (size_t i = 0; i < n;) {
        uint32_t code = words[i++];
        size_t more = operands(code, words + i, n - i);
        if (more > n - i) return false;
        i += more;
        if (code == CODE_FAILURE) {
            *used = i;
            return true;
        }
    }
    return false;
}

// Whether the set may hold anything beyond the table; asks the locale.
static void scan(const uint32_t *w, struct charset *s) {
    for (;;) {
        uint32_t code = *w++;
        if (code == CODE_FAILURE) return;
        size_t more = operands(code, w, SIZE_MAX);
        if (code == CODE_CATEGORY) {
            s->locale |= category_is_locale(*w);
            s->high_any |= *w >= 10 || (*w & 1);
        } else if (code == CODE_LITERAL) s->high_any |= *w >= 256;
        else if (code == CODE_RANGE) s->high_any |= w[1] >= 256;
        else if (code != CODE_CHARSET) s->high_any = true;
        w += more;
    }
}

static bool asks(const struct program *p, const struct charset *s, uint32_t c) { return s->nwords ? words_have(p->words + s->words, c) : c == s->words; }

bool charset_has_slow(const struct program *p, const struct charset *s, uint32_t c) {
    if (c >= 256 && s->high_all) return true;
    if (c >= 256 && !s->high_any) return false;
    if (s->fold != FOLD_LOCALE) return asks(p, s, fold_char((enum fold)s->fold, c)) != s->negate;
    uint32_t lower = lower_locale(c), upper = upper_locale(c);
    return (asks(p, s, lower) || (upper != lower && asks(p, s, upper))) != s->negate;
}

void charset_fill(const struct program *p, struct charset *s) {
    s->locale = s->fold == FOLD_LOCALE;
    s->high_any = s->negate || s->fold == FOLD_UNICODE || (!s->nwords && s->words >= 256);
    if (s->nwords) scan(p->words + s->words, s);
    if (s->locale) {
        s->high_any = true;
        return;
    }
    for (uint32_t c = 0; c < 256; c++) s->low[c] = asks(p, s, fold_char((enum fold)s->fold, c)) != s->negate;
}
