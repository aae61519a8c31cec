// SPDX-License-Identifier: Apache-2.0
// The codec UTF-7 (RFC 2152). Leaves error handlers to codec_error.c.
#include "interp/types/exc.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static int base64_value(uint32_t c) {
    if (c >= 'A' && c <= 'Z') return (int)c - 'A';
    if (c >= 'a' && c <= 'z') return (int)c - 'a' + 26;
    if (c >= '0' && c <= '9') return (int)c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}
static bool is_direct(uint32_t c) { // everything printable but + \ ~, and white space
    if (c == '\t' || c == '\n' || c == '\r') return true;
    return c >= ' ' && c < 127 && c != '+' && c != '\\' && c != '~';
}

// ---- decoding ----

struct shift { // inside a base64 run
    bool in;
    uint32_t bits, buffer, high; // high: a surrogate that waits for its other half
    size_t plus, out;            // where its + stands, how much text there was
};

static void put_unit(struct decode_job *j, struct shift *s, uint32_t c) {
    if (s->high) {
        uint32_t high = s->high;
        s->high = 0;
        if (c >= 0xdc00 && c < 0xe000) {
            builder_char(&j->out, 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00));
            return;
        }
        builder_char(&j->out, high);
    }
    if (c >= 0xd800 && c < 0xdc00) s->high = c;
    else builder_char(&j->out, c);
}

// A byte that ends the run. *i goes over it if it is absorbed or wrong; returns what is wrong.
static const char *leave(struct decode_job *j, struct shift *s, uint8_t c, size_t *i) {
    s->in = false;
    if (s->bits >= 6) return ++*i, "partial character in base64 sequence";
    if (s->bits > 0 && s->buffer) return ++*i, "non-zero padding bits in base64 sequence";
    if (s->high && c < 128 && c != '+') builder_char(&j->out, s->high);
    s->high = 0;
    if (c == '-') ++*i;
    return NULL;
}

static const char *step_outside(struct decode_job *j, struct shift *s, size_t *i) {
    uint8_t c = j->p[*i];
    if (c == '+') {
        s->plus = (*i)++;
        if (*i < j->n && j->p[*i] == '-') {
            builder_char(&j->out, '+');
            ++*i;
        } else if (*i < j->n && base64_value(j->p[*i]) < 0)
            return ++*i, "ill-formed sequence";
        else *s = (struct shift){.in = true, .plus = s->plus, .out = j->out.length};
        return NULL;
    }
    if (c < 128) {
        builder_char(&j->out, c);
        ++*i;
        return NULL;
    }
    s->plus = (*i)++;
    return "unexpected special character";
}

static const char *step(struct decode_job *j, struct shift *s, size_t *i) {
    if (!s->in) return step_outside(j, s, i);
    int v = base64_value(j->p[*i]);
    if (v < 0) return leave(j, s, j->p[*i], i);
    ++*i;
    s->buffer = s->buffer << 6 | (uint32_t)v;
    s->bits += 6;
    if (s->bits >= 16) {
        uint32_t c = s->buffer >> (s->bits - 16);
        s->bits -= 16;
        s->buffer &= (1u << s->bits) - 1;
        put_unit(j, s, c & 0xffff);
    }
    return NULL;
}

value codec_utf7_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed) {
    struct decode_job j;
    struct shift s = {0};
    size_t i = 0;
    decode_begin(&j, t, "utf7", errors, p, n);
    for (;;) {
        while (i < j.n) {
            const char *reason = step(&j, &s, &i);
            if (reason && !decode_error(&j, s.plus, i, reason, &i)) return decode_end(&j, false);
        }
        if (!s.in || !final) break;
        s.in = false;
        if ((s.high || s.bits >= 6 || (s.bits > 0 && s.buffer)) && !decode_error(&j, s.plus, j.n, "unterminated shift sequence", &i)) return decode_end(&j, false);
        if (i >= j.n) break;
    }
    if (s.in) j.out.length = s.out, i = s.plus;
    if (consumed) *consumed = i;
    return decode_end(&j, true);
}

// ---- encoding ----

struct run {
    struct byte_builder b;
    bool in;
    uint32_t bits;
    uint64_t buffer;
};
static void put(struct run *r, uint8_t c) { byte_builder_add(&r->b, &c, 1); }
static void put_16(struct run *r, uint32_t c) {
    r->bits += 16;
    r->buffer = r->buffer << 16 | c;
    while (r->bits >= 6) {
        put(r, (uint8_t)base64[r->buffer >> (r->bits - 6) & 63]);
        r->bits -= 6;
        r->buffer &= (1ull << r->bits) - 1;
    }
}
static void pad(struct run *r) {
    if (r->bits) put(r, (uint8_t)base64[r->buffer << (6 - r->bits) & 63]);
    r->bits = 0, r->buffer = 0;
}

value codec_utf7_encode(struct thread *t, vref v) {
    const struct str *s = as_str(v);
    struct run r = {.b = {.t = t}};
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (is_direct(c)) {
            if (r.in) {
                pad(&r);
                r.in = false;
                if (base64_value(c) >= 0 || c == '-') put(&r, '-');
            }
            put(&r, (uint8_t)c);
            continue;
        }
        if (!r.in) {
            put(&r, '+');
            if (c == '+') {
                put(&r, '-');
                continue;
            }
            r.in = true;
        }
        if (c >= 0x10000) {
            put_16(&r, 0xd800 + ((c - 0x10000) >> 10));
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        put_16(&r, c);
    }
    pad(&r);
    if (r.in) put(&r, '-');
    return byte_builder_finish(&r.b);
}
