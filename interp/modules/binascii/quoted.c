// SPDX-License-Identifier: Apache-2.0
// Quoted-printable (RFC 1521) in both directions, and the Q encoding of headers. Leaves messages to the library's email.
#include "interp/modules/binascii/binascii.h"

enum { LINE_MOST = 76 };

static void put(struct byte_builder *b, uint8_t c) { byte_builder_add(b, &c, 1); }
static void put_hex(struct byte_builder *b, uint8_t c) {
    const char *hex = "0123456789ABCDEF";
    put(b, '='), put(b, (uint8_t)hex[c >> 4]), put(b, (uint8_t)hex[c & 15]);
}

// What follows '=' at p[i]; returns where to go on.
static size_t decode_escape(struct byte_builder *b, const uint8_t *p, size_t n, size_t i) {
    if (p[i] == '\n' || p[i] == '\r') { // a soft line break
        while (i < n && p[i] != '\n') i++;
        return i + (i < n);
    }
    if (i + 1 < n && binascii_hex_digit(p[i]) >= 0 && binascii_hex_digit(p[i + 1]) >= 0) {
        put(b, (uint8_t)(binascii_hex_digit(p[i]) << 4 | binascii_hex_digit(p[i + 1])));
        return i + 2;
    }
    put(b, '=');
    return i + (p[i] == '='); // "==" is one: some programs write it so
}

value binascii_a2b_qp(struct thread *t, const vref *a) {
    struct buffer_view view;
    int header = a[1] ? object_truth(t, a[1]) : 0;
    if (header < 0 || !binascii_input(t, a[0], &view)) return V_NULL;
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < view.length;) {
        uint8_t c = view.data[i++];
        if (c != '=') put(&b, header && c == '_' ? ' ' : c);
        else if (i < view.length) i = decode_escape(&b, view.data, view.length, i);
    }
    buffer_release(t, &view);
    return byte_builder_finish(&b);
}

struct quoting {
    const uint8_t *p;
    size_t n, line;        // bytes on the line so far
    bool tabs, text, header, crlf;
};

static bool must_quote(const struct quoting *q, size_t i) {
    uint8_t c = q->p[i];
    bool last = i + 1 == q->n;
    if (c > 126 || c == '=' || (q->header && c == '_')) return true;
    if (c == '.' && q->line == 0 && (last || q->p[i + 1] == '\n' || q->p[i + 1] == '\r' || q->p[i + 1] == 0)) return true;
    if (c == '\r' || c == '\n') return !q->text;
    if (c == ' ' || c == '\t') return last || q->tabs;
    return c < 33;
}

static void end_line(struct byte_builder *b, struct quoting *q) {
    if (q->crlf) put(b, '\r');
    put(b, '\n');
    q->line = 0;
}
static void soft_break(struct byte_builder *b, struct quoting *q) {
    put(b, '=');
    end_line(b, q);
}
// Blanks at the end of a line would be lost on the way.
static void guard_blank(struct byte_builder *b) {
    uint8_t c = b->length ? b->data[b->length - 1] : 0;
    if (c != ' ' && c != '\t') return;
    b->length--;
    put_hex(b, c);
}

static void encode(struct byte_builder *b, struct quoting *q) {
    for (size_t i = 0; i < q->n && !b->failed; i++) {
        uint8_t c = q->p[i];
        if (must_quote(q, i)) {
            if (q->line + 3 >= LINE_MOST) soft_break(b, q);
            put_hex(b, c);
            q->line += 3;
        } else if (q->text && (c == '\n' || (c == '\r' && i + 1 < q->n && q->p[i + 1] == '\n'))) {
            guard_blank(b);
            end_line(b, q);
            i += c == '\r';
        } else {
            if (i + 1 != q->n && q->p[i + 1] != '\n' && q->line + 1 >= LINE_MOST) soft_break(b, q);
            put(b, q->header && c == ' ' ? '_' : c);
            q->line++;
        }
    }
}

value binascii_b2a_qp(struct thread *t, const vref *a) { // data, quotetabs, istext, header
    struct buffer_view view;
    int tabs = a[1] ? object_truth(t, a[1]) : 0, text = a[2] ? object_truth(t, a[2]) : 1, header = a[3] ? object_truth(t, a[3]) : 0;
    if (tabs < 0 || text < 0 || header < 0 || !buffer_get(t, a[0], &view, false)) return V_NULL;
    const uint8_t *end = view.length ? memchr(view.data, '\n', view.length) : NULL;
    struct quoting q = {view.data, view.length, 0, tabs, text, header, end && end > view.data && end[-1] == '\r'};
    struct byte_builder b = {.t = t};
    encode(&b, &q);
    buffer_release(t, &view);
    return byte_builder_finish(&b);
}
