// SPDX-License-Identifier: Apache-2.0
// Splits source text into tokens: indentation, line joining, names, literals, operators.
// It leaves the value of literals to literal.c and what the tokens mean to parse*.c.
#include "lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lexer {
    struct front *f;
    struct lexed *out;
    const char *text;
    uint32_t pos, end;
    uint32_t line, line_start;
    uint32_t level, indents;
    bool nested, at_line_start;
    struct { uint32_t col, alt; } indent[LEX_MAX_INDENT + 1];
    struct { char open; struct front_pos pos; } bracket[LEX_MAX_LEVEL];
};

const char *token_text(enum token_kind kind)
{
    static const char *const texts[] = {
#define X(kind, text) text,
        TOKEN_CLASSES(X) TOKEN_OPERATORS(X) TOKEN_KEYWORDS(X)
#undef X
    };
    return texts[kind];
}

struct span lex_whole(const struct front *f)
{
    return (struct span){0, (uint32_t)f->size, 1, 0, false};
}

void lexed_free(struct lexed *l)
{
    free(l->tokens);
    l->tokens = NULL;
}

static int at(const struct lexer *lx, uint32_t pos)
{
    return pos < lx->end ? (unsigned char)lx->text[pos] : -1;
}

static struct token *push(struct lexer *lx, enum token_kind kind, uint32_t start, uint32_t end)
{
    struct lexed *o = lx->out;
    if (o->count == o->capacity) {
        uint32_t capacity = o->capacity ? o->capacity * 2 : 256;
        struct token *grown = realloc(o->tokens, capacity * sizeof *grown);
        if (!grown)
            return NULL;
        o->tokens = grown;
        o->capacity = capacity;
    }
    struct token *t = &o->tokens[o->count++];
    *t = (struct token){(uint8_t)kind, (uint8_t)lx->level, start, end, lx->line, start - lx->line_start,
                        lx->line, end - lx->line_start, NULL};
    return t;
}

/* End the array with an error at the bytes [start, end) of the current line. */
static bool fail_at(struct lexer *lx, enum front_error_kind kind, struct front_pos pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool fail_at(struct lexer *lx, enum front_error_kind kind, struct front_pos pos, const char *format, ...)
{
    lx->out->error.kind = kind;
    lx->out->error.lexical = !lx->out->soft;
    lx->out->error.pos = pos;
    va_list args;
    va_start(args, format);
    vsnprintf(lx->out->error.message, sizeof lx->out->error.message, format, args);
    va_end(args);
    return push(lx, TOK_ERROR, lx->pos, lx->pos) && false;
}

static struct front_pos here(const struct lexer *lx, uint32_t pos)
{
    return (struct front_pos){lx->line, pos - lx->line_start, 0, 0};
}

static void next_line(struct lexer *lx, uint32_t newline)
{
    lx->line++;
    lx->line_start = newline + 1;
}

static bool cut_off(struct lexer *lx, struct front_pos pos)
{
    lx->out->at_end = true;
    fail_at(lx, FRONT_SYNTAX, pos, "unexpected EOF while parsing");
    return lx->out->error.lexical = false;
}

/* ---- indentation ---- */

static bool tab_error(struct lexer *lx)
{
    lx->out->soft = true;
    return fail_at(lx, FRONT_TAB, (struct front_pos){lx->line, 0, lx->line, lx->pos - lx->line_start},
                   "inconsistent use of tabs and spaces in indentation");
}

static bool indent_to(struct lexer *lx, uint32_t col, uint32_t alt)
{
    uint32_t top = lx->indents;
    if (col == lx->indent[top].col)
        return alt == lx->indent[top].alt || tab_error(lx);
    if (col > lx->indent[top].col) {
        if (top == LEX_MAX_INDENT - 1) {
            lx->out->soft = true;
            return fail_at(lx, FRONT_INDENT, here(lx, lx->pos), "too many levels of indentation");
        }
        if (alt <= lx->indent[top].alt)
            return tab_error(lx);
        lx->indent[++lx->indents].col = col;
        lx->indent[lx->indents].alt = alt;
        struct token *t = push(lx, TOK_INDENT, lx->pos, lx->pos);
        if (t)
            t->col = lx->pos > lx->line_start ? lx->pos - lx->line_start - 1 : 0, t->start = lx->line_start;
        return t != NULL;
    }
    while (lx->indents > 0 && col < lx->indent[lx->indents].col) {
        lx->indents--;
        if (!push(lx, TOK_DEDENT, lx->pos, lx->pos))
            return false;
    }
    if (col != lx->indent[lx->indents].col) {
        lx->out->soft = true;
        uint32_t stop = lx->pos;
        while (stop < lx->end && lx->text[stop] != '\n')
            stop++;
        return fail_at(lx, FRONT_INDENT, here(lx, stop), "unindent does not match any outer indentation level");
    }
    return alt == lx->indent[lx->indents].alt || tab_error(lx);
}

/* Measure the indentation at the start of a line, skip blank lines; false on error. */
static bool start_line(struct lexer *lx)
{
    for (;;) {
        uint32_t col = 0, alt = 0, first = 0; // first: where a backslash joined the next line, whose blanks then mean nothing
        int c;
        for (; (c = at(lx, lx->pos)) == ' ' || c == '\t' || c == '\f' || (c == '\\' && at(lx, lx->pos + 1) == '\n'); lx->pos++) {
            if (c == ' ')
                col++, alt++;
            else if (c == '\t')
                col = (col / 8 + 1) * 8, alt++;
            else if (c == '\f')
                col = alt = 0;
            else {
                struct front_pos pos = here(lx, lx->pos + 1);
                first = first ? first : col;
                next_line(lx, ++lx->pos);
                if (lx->pos + 1 >= lx->end)
                    return cut_off(lx, pos);
            }
        }
        if (first)
            col = alt = first;
        if (c == '#')
            while ((c = at(lx, lx->pos)) >= 0 && c != '\n')
                lx->pos++;
        if (c == '\n') {
            next_line(lx, lx->pos++);
            continue;
        }
        lx->at_line_start = false;
        return c < 0 || indent_to(lx, col, alt);
    }
}

/* ---- names ---- */

static uint32_t decode(const struct lexer *lx, uint32_t pos, uint32_t *size)
{
    const unsigned char *p = (const unsigned char *)lx->text + pos;
    if (p[0] < 0x80)
        return *size = 1, p[0];
    if (p[0] < 0xe0)
        return *size = 2, (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    if (p[0] < 0xf0)
        return *size = 3, (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    return *size = 4, (p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

/* Without the host's tables: letters are what is not plainly a sign or a space. */
static int identifier_guess(uint32_t c)
{
    if (c < 0xc0)
        return c == 0xaa || c == 0xb5 || c == 0xba ? 3 : c == 0xb7 ? 1 : 0;
    if (c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c < 0x203f) || (c >= 0x2041 && c < 0x2071) || (c >= 0x20a0 && c < 0x2102) ||
        (c >= 0x2190 && c < 0x2c00) || (c >= 0x2e00 && c < 0x3005) || (c >= 0xd800 && c < 0xf900) || (c >= 0x1f000 && c < 0x20000))
        return 0;
    return c >= 0x300 && c < 0x370 ? 1 : 3;
}

static int identifier_class(const struct lexer *lx, uint32_t c)
{
    const struct front_hooks *h = lx->f->hooks;
    return h && h->identifier ? h->identifier(h->data, c) : identifier_guess(c);
}

static bool is_ascii_name(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
}

static bool invalid_character(struct lexer *lx, uint32_t pos, uint32_t c)
{
    bool printable = c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) && !(c >= 0x2000 && c < 0x2010) &&
                     !(c >= 0x2028 && c < 0x2030) && c != 0xa0 && c != 0xad && c != 0x3000 && c != 0xfeff;
    if (!printable)
        return fail_at(lx, FRONT_SYNTAX, here(lx, pos), "invalid non-printable character U+%04X", c);
    uint32_t size;
    decode(lx, pos, &size);
    return fail_at(lx, FRONT_SYNTAX, here(lx, pos), "invalid character '%.*s' (U+%04X)", (int)size, lx->text + pos, c);
}

static struct name *intern(struct lexer *lx, uint32_t start, uint32_t end, bool ascii)
{
    const struct front_hooks *h = lx->f->hooks;
    if (!ascii && h && h->normalize) {
        size_t size;
        char *normal = h->normalize(h->data, lx->text + start, end - start, &size);
        if (normal) {
            struct name *n = names_intern(&lx->f->names, normal, size);
            free(normal);
            return n;
        }
    }
    return names_intern(&lx->f->names, lx->text + start, end - start);
}

static bool lex_name(struct lexer *lx)
{
    uint32_t start = lx->pos;
    bool ascii = true;
    for (int c; (c = at(lx, lx->pos)) >= 0;) {
        if (is_ascii_name(c)) {
            lx->pos++;
            continue;
        }
        if (c < 0x80)
            break;
        uint32_t size, code = decode(lx, lx->pos, &size);
        if (!(identifier_class(lx, code) & (lx->pos == start ? 2 : 1)))
            return invalid_character(lx, lx->pos, code);
        ascii = false;
        lx->pos += size;
    }
    struct token *t = push(lx, TOK_NAME, start, lx->pos);
    if (!t)
        return false;
    t->name = intern(lx, start, lx->pos, ascii);
    if (t->name && t->name->keyword && ascii)
        t->kind = (uint8_t)t->name->keyword;
    return t->name != NULL;
}

/* ---- numbers ---- */

static bool digit_of(int c, int base)
{
    if (base == 16)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    return c >= '0' && c < '0' + base;
}

static bool bad_number(struct lexer *lx, const char *kind)
{
    return fail_at(lx, FRONT_SYNTAX, here(lx, lx->pos ? lx->pos - 1 : 0), "invalid %s literal", kind);
}

/* Digits with single underscores between; true if at least one was read and none is misplaced. */
static bool digits(struct lexer *lx, int base, const char *kind)
{
    for (;;) {
        if (!digit_of(at(lx, lx->pos), base)) {
            int c = at(lx, lx->pos);
            if (base < 10 && c >= '0' && c <= '9')
                return fail_at(lx, FRONT_SYNTAX, here(lx, lx->pos), "invalid digit '%c' in %s literal", c, kind);
            return bad_number(lx, kind);
        }
        while (digit_of(at(lx, lx->pos), base))
            lx->pos++;
        if (at(lx, lx->pos) != '_')
            return true;
        lx->pos++;
    }
}

/* A number may touch a keyword (`1if x else 2`), nothing else that could continue a name. */
static bool number_end(struct lexer *lx, const char *kind)
{
    static const char *const allowed[] = {"and", "else", "for", "if", "in", "is", "or", "not"};
    int c = at(lx, lx->pos);
    if (c < 0x80 && !is_ascii_name(c))
        return true;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (lx->end - lx->pos >= strlen(allowed[i]) && !memcmp(lx->text + lx->pos, allowed[i], strlen(allowed[i])))
            return front_warn(lx->f, FRONT_SYNTAX_WARNING, (struct front_pos){lx->line, lx->pos - 1 - lx->line_start, 0, 0}, "invalid %s literal", kind);
    uint32_t size;
    if (c >= 0x80 && !(identifier_class(lx, decode(lx, lx->pos, &size)) & 1))
        return true;
    return bad_number(lx, kind);
}

static bool radix_number(struct lexer *lx, int base, const char *kind)
{
    lx->pos += 2;
    if (at(lx, lx->pos) == '_')
        lx->pos++;
    if (!digits(lx, base, kind))
        return false;
    int c = at(lx, lx->pos);
    if (base < 10 && c >= '0' && c <= '9')
        return fail_at(lx, FRONT_SYNTAX, here(lx, lx->pos), "invalid digit '%c' in %s literal", c, kind);
    return number_end(lx, kind);
}

static bool fraction_and_exponent(struct lexer *lx, bool *is_int)
{
    if (at(lx, lx->pos) == '.') {
        *is_int = false;
        lx->pos++;
        if (digit_of(at(lx, lx->pos), 10) && !digits(lx, 10, "decimal"))
            return false;
    }
    int c = at(lx, lx->pos), sign = at(lx, lx->pos + 1);
    bool has_sign = sign == '+' || sign == '-';
    if ((c == 'e' || c == 'E') && digit_of(at(lx, lx->pos + 1 + has_sign), 10)) {
        *is_int = false;
        lx->pos += 1 + has_sign;
        if (!digits(lx, 10, "decimal"))
            return false;
    } else if ((c == 'e' || c == 'E') && has_sign) {
        lx->pos += 2;
        return bad_number(lx, "decimal");
    }
    return true;
}

static bool decimal_number(struct lexer *lx, uint32_t start)
{
    bool is_int = true;
    if (at(lx, lx->pos) != '.' && !digits(lx, 10, "decimal"))
        return false;
    uint32_t digits_end = lx->pos;
    if (!fraction_and_exponent(lx, &is_int))
        return false;
    if (at(lx, lx->pos) == 'j' || at(lx, lx->pos) == 'J') {
        lx->pos++;
        return number_end(lx, "imaginary");
    }
    if (is_int && lx->text[start] == '0') {
        for (uint32_t i = start; i < digits_end; i++)
            if (lx->text[i] != '0' && lx->text[i] != '_') {
                struct front_pos pos = {lx->line, start - lx->line_start, lx->line, i - lx->line_start};
                return fail_at(lx, FRONT_SYNTAX, pos, "leading zeros in decimal integer literals are not permitted; "
                               "use an 0o prefix for octal integers");
            }
    }
    return number_end(lx, "decimal");
}

static bool lex_number(struct lexer *lx)
{
    uint32_t start = lx->pos;
    int second = at(lx, start) == '0' ? at(lx, start + 1) | 0x20 : 0;
    bool ok = second == 'x' ? radix_number(lx, 16, "hexadecimal")
            : second == 'o' ? radix_number(lx, 8, "octal")
            : second == 'b' ? radix_number(lx, 2, "binary") : decimal_number(lx, start);
    return ok && push(lx, TOK_NUMBER, start, lx->pos);
}

/* ---- strings ---- */

/* The length of the prefix if a string starts at pos, else -1. */
static int string_prefix(const struct lexer *lx, uint32_t pos)
{
    bool b = false, r = false, u = false, fs = false;
    for (int n = 0; n < 3; n++) {
        int c = at(lx, pos + (uint32_t)n);
        if (c == '"' || c == '\'')
            return n;
        c |= 0x20;
        if (c == 'b' && !b && !u && !fs)
            b = true;
        else if (c == 'r' && !r && !u)
            r = true;
        else if (c == 'u' && !b && !r && !u && !fs)
            u = true;
        else if (c == 'f' && !b && !u && !fs)
            fs = true;
        else
            return -1;
    }
    return -1;
}

static bool unterminated(struct lexer *lx, struct token at_start, bool triple)
{
    struct front_pos pos = {at_start.line, at_start.col, 0, 0};
    if (!triple)
        return fail_at(lx, FRONT_SYNTAX, pos, "unterminated string literal (detected at line %u)", lx->line);
    uint32_t last = lx->line - (lx->pos == lx->line_start && lx->line > at_start.line);
    lx->out->at_end = true;
    return fail_at(lx, FRONT_SYNTAX, pos, "unterminated triple-quoted string literal (detected at line %u)", last);
}

static bool lex_string(struct lexer *lx, int prefix)
{
    struct token t = {TOK_STRING, (uint8_t)lx->level, lx->pos, 0, lx->line, lx->pos - lx->line_start, 0, 0, NULL};
    lx->pos += (uint32_t)prefix;
    int quote = at(lx, lx->pos++);
    bool triple = at(lx, lx->pos) == quote && at(lx, lx->pos + 1) == quote;
    lx->pos += triple ? 2 : 0;
    for (int run = 0; run < (triple ? 3 : 1);) {
        int c = at(lx, lx->pos);
        if (c < 0 || (c == '\n' && !triple))
            return unterminated(lx, t, triple);
        run = c == quote ? run + 1 : 0;
        if (c == '\\' && at(lx, lx->pos + 1) >= 0)
            c = at(lx, ++lx->pos);
        if (c == '\n')
            next_line(lx, lx->pos);
        lx->pos++;
    }
    struct token *out = push(lx, TOK_STRING, t.start, lx->pos);
    if (out)
        out->line = t.line, out->col = t.col;
    return out != NULL;
}

/* ---- operators and brackets ---- */

static bool open_bracket(struct lexer *lx, char c)
{
    if (lx->level >= LEX_MAX_LEVEL)
        return fail_at(lx, FRONT_SYNTAX, here(lx, lx->pos - 1), "too many nested parentheses");
    lx->bracket[lx->level].open = c;
    lx->bracket[lx->level].pos = here(lx, lx->pos - 1);
    lx->level++;
    return true;
}

static bool close_bracket(struct lexer *lx, char c)
{
    struct front_pos pos = here(lx, lx->pos - 1);
    if (lx->level == 0)
        return fail_at(lx, FRONT_SYNTAX, pos, "unmatched '%c'", c);
    lx->level--;
    char open = lx->bracket[lx->level].open;
    if ((open == '(' && c == ')') || (open == '[' && c == ']') || (open == '{' && c == '}'))
        return true;
    uint32_t line = lx->bracket[lx->level].pos.line;
    if (line != lx->line)
        return fail_at(lx, FRONT_SYNTAX, pos, "closing parenthesis '%c' does not match opening parenthesis '%c' on line %u", c, open, line);
    return fail_at(lx, FRONT_SYNTAX, pos, "closing parenthesis '%c' does not match opening parenthesis '%c'", c, open);
}

/* The longest operator at pos; TOK_ERROR if none. */
static enum token_kind operator_at(const struct lexer *lx, uint32_t *len)
{
    static const struct { const char *text; uint8_t len, kind; } ops[] = {
#define X(kind, text) {text, sizeof text - 1, TOK_##kind},
        TOKEN_OPERATORS(X)
#undef X
        {"<>", 2, TOK_NOTEQUAL},
    };
    enum token_kind best = TOK_ERROR;
    *len = 0;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (ops[i].len > *len && ops[i].text[0] == lx->text[lx->pos] && lx->end - lx->pos >= ops[i].len &&
            !memcmp(ops[i].text, lx->text + lx->pos, ops[i].len)) {
            best = (enum token_kind)ops[i].kind;
            *len = ops[i].len;
        }
    return best;
}

static bool lex_operator(struct lexer *lx)
{
    uint32_t start = lx->pos, len;
    enum token_kind kind = operator_at(lx, &len);
    char c = lx->text[start];
    if (kind == TOK_ERROR) {
        if ((unsigned char)c < 0x20 || c == 0x7f)
            return invalid_character(lx, start, (unsigned char)c);
        lx->out->soft = true;
        return fail_at(lx, FRONT_SYNTAX, (struct front_pos){lx->line, start - lx->line_start, lx->line, start + 1 - lx->line_start},
                       "invalid syntax");
    }
    lx->pos += len;
    if ((c == '(' || c == '[' || c == '{') && !open_bracket(lx, c))
        return false;
    if ((c == ')' || c == ']' || c == '}') && !close_bracket(lx, c))
        return false;
    return push(lx, kind, start, lx->pos);
}

/* ---- the loop ---- */

static bool continue_line(struct lexer *lx)
{
    if (at(lx, lx->pos + 1) != '\n') {
        if (at(lx, lx->pos + 1) < 0 && !lx->nested) {
            return cut_off(lx, here(lx, lx->pos));
        }
        lx->out->soft = true;
        return fail_at(lx, FRONT_SYNTAX, here(lx, lx->pos + 1), "unexpected character after line continuation character");
    }
    struct front_pos pos = here(lx, lx->pos + 1);
    next_line(lx, lx->pos + 1);
    lx->pos += 2;
    return lx->pos < lx->end || lx->nested || cut_off(lx, pos);
}

static bool lex_newline(struct lexer *lx)
{
    if (lx->level == 0 && !lx->nested) {
        if (!push(lx, TOK_NEWLINE, lx->pos, lx->pos + 1))
            return false;
        lx->at_line_start = true;
    }
    next_line(lx, lx->pos++);
    return true;
}

static bool finish(struct lexer *lx)
{
    if (lx->level > 0) {
        lx->out->open = true;
        lx->out->soft = true;
        lx->out->at_end = true;
        lx->out->bracket = lx->bracket[lx->level - 1].open;
        lx->out->bracket_pos = lx->bracket[lx->level - 1].pos;
        return fail_at(lx, FRONT_SYNTAX, lx->out->bracket_pos, "'%c' was never closed", lx->out->bracket);
    }
    /* The end stands at the end of the last line, as errors tell it. */
    if (lx->line > 1 && lx->pos == lx->line_start && !lx->nested) {
        lx->line--;
        do
            lx->line_start--;
        while (lx->line_start > 0 && lx->text[lx->line_start - 1] != '\n');
        lx->pos--;
    }
    for (; lx->indents > 0; lx->indents--)
        if (!push(lx, TOK_DEDENT, lx->pos, lx->pos))
            return false;
    return push(lx, TOK_END, lx->pos, lx->pos);
}

static bool lex_one(struct lexer *lx)
{
    int c = at(lx, lx->pos);
    if (c == ' ' || c == '\t' || c == '\f') {
        lx->pos++;
        return true;
    }
    if (c == '#') {
        while ((c = at(lx, lx->pos)) >= 0 && c != '\n')
            lx->pos++;
        return true;
    }
    if (c == '\n')
        return lex_newline(lx);
    if (c == '\\')
        return continue_line(lx);
    if ((c >= '0' && c <= '9') || (c == '.' && digit_of(at(lx, lx->pos + 1), 10)))
        return lex_number(lx);
    int prefix = string_prefix(lx, lx->pos);
    if (prefix >= 0)
        return lex_string(lx, prefix);
    if (is_ascii_name(c) || c >= 0x80)
        return lex_name(lx);
    return lex_operator(lx);
}

bool lex_run(struct front *f, struct span span, struct lexed *out)
{
    struct lexer *lx = calloc(1, sizeof *lx);
    *out = (struct lexed){0};
    if (!lx)
        return false;
    lx->f = f;
    lx->out = out;
    lx->text = f->text;
    lx->pos = span.start;
    lx->end = span.end;
    lx->line = span.line;
    lx->line_start = span.line_start;
    lx->nested = span.nested;
    lx->at_line_start = !span.nested;
    bool ok = true;
    while (ok && lx->pos < lx->end) {
        if (lx->at_line_start)
            ok = start_line(lx);
        if (ok && lx->pos < lx->end)
            ok = lex_one(lx);
    }
    if (ok)
        ok = finish(lx);
    free(lx);
    return out->count > 0 && (ok || out->tokens[out->count - 1].kind == TOK_ERROR);
}
