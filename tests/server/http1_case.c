#include "http1_case.h"

#include <stdlib.h>
#include <string.h>

#include "nuages/file.h"

const nu__http1_limits http1_case_limits = {.request_line = 200, .head = 1000, .headers = 10};

/* ---- the case file --------------------------------------------------------------------------- */

static int hex(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Adds what an escape stands for and returns where the text goes on. `at` is behind the backslash. */
static const char *add_escape(nu_builder *out, const char *at)
{
    switch (*at) {
    case 'r': nu_builder_putc(out, '\r'); return at + 1;
    case 'n': nu_builder_putc(out, '\n'); return at + 1;
    case 't': nu_builder_putc(out, '\t'); return at + 1;
    case 'x': nu_builder_putc(out, (char)(hex(at[1]) * 16 + hex(at[2]))); return at + 3;
    case '{': {
        char *star;
        for (long n = strtol(at + 1, &star, 10); n > 0; n--)
            nu_builder_putc(out, star[1]);
        return star + 3;
    }
    default: nu_builder_putc(out, *at); return at + 1;
    }
}

/* Adds the line with its escapes resolved; false if it ends with a lone backslash. */
static bool add_line(nu_builder *out, const char *at, const char *end)
{
    while (at < end) {
        if (*at == '\\' && at + 1 == end)
            return false;
        if (*at == '\\')
            at = add_escape(out, at + 1);
        else
            nu_builder_putc(out, *at++);
    }
    return true;
}

static const char *escaped(const char *bytes, size_t length)
{
    nu_builder out;
    nu_builder_init(&out, NULL, length + 16);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x20 || c >= 0x7f)
            nu_builder_printf(&out, "\\x%02x", c);
        else
            nu_builder_putc(&out, (char)c);
    }
    return nu_builder_text(&out);
}

static void read_line(struct http1_case *current, nu_builder *bytes, const char *at,
                      const char *end)
{
    nu_builder expected;
    if (end - at >= 4 && memcmp(at, "--- ", 4) == 0) {
        current->bytes = (nu__slice){bytes->data, bytes->length};
        nu_builder_init(&expected, NULL, 256);
        add_line(&expected, at + 4, end);
        current->expected = escaped(expected.data, expected.length);
    } else if (end - at >= 4 && memcmp(at, "+++ ", 4) == 0) {
        current->laxer = at[4] == 'l';
        current->stricter = at[4] == 's';
    } else if (current && !current->expected && add_line(bytes, at, end)) {
        nu_builder_puts(bytes, "\r\n");
    }
}

struct http1_case *http1_cases_read(size_t *count)
{
    nu_value    file = nu_file_read(NU_TEST_DATA "/server/http1_cases.txt", 1 << 20);
    const char *at = (const char *)file.bytes, *end = at + file.length;

    struct http1_case *cases = nu_alloc(400 * sizeof *cases), *current = NULL;
    nu_builder         bytes;
    for (const char *line_end; at < end; at = line_end + 1) {
        line_end = memchr(at, '\n', (size_t)(end - at));
        if (line_end - at >= 4 && memcmp(at, "=== ", 4) == 0) {
            current = current ? current + 1 : cases;
            current->name = nu_arena_copy(nu_arena_current(), at + 4, (size_t)(line_end - at - 4));
            nu_builder_init(&bytes, NULL, 256);
        } else if (current) {
            read_line(current, &bytes, at, line_end);
        }
    }
    *count = (size_t)(current - cases) + 1;
    return cases;
}

/* ---- the outcome ----------------------------------------------------------------------------- */

/* A message on its way through the parser, as a connection would hold it. */
struct message {
    nu__slice        bytes;
    size_t           fed; /* bytes that the parser has been shown */
    nu__http1_cursor cursor;
    size_t           head_length;
    nu__http1_head   head;
    nu__http1_header headers[16];
    nu__http1_fault  fault;
    nu__chunked      chunked;
    size_t           body_at; /* bytes taken by the head and the body so far */
    bool             done;
    nu_builder       body;
};

static bool feed_head(struct message *m)
{
    m->head_length =
        nu__http1_scan(&m->cursor, m->bytes.data, m->fed, &http1_case_limits, &m->fault);
    if (m->head_length == 0)
        return false;
    m->body_at = m->head_length;
    return nu__http1_parse(&m->head, m->headers, &m->cursor, m->bytes.data, m->head_length,
                           &http1_case_limits, &m->fault);
}

static void feed_chunked(struct message *m)
{
    nu__slice input = {m->bytes.data + m->body_at, m->fed - m->body_at}, data;
    for (;;) {
        nu__chunked_event event = nu__chunked_next(&m->chunked, &input, &data);
        m->body_at = (size_t)(input.data - m->bytes.data);
        if (event == NU__CHUNKED_DATA) {
            nu_builder_add(&m->body, data.data, data.length);
            continue;
        }
        m->done = event == NU__CHUNKED_END;
        if (event == NU__CHUNKED_FAULT)
            m->fault = m->chunked.fault;
        return;
    }
}

static void feed_length(struct message *m)
{
    size_t left = (size_t)m->head.content_length - m->body.length, there = m->fed - m->body_at;
    size_t take = there < left ? there : left;
    nu_builder_add(&m->body, m->bytes.data + m->body_at, take);
    m->body_at += take;
    m->done = take == left;
}

static void feed(struct message *m, size_t up_to)
{
    m->fed = up_to;
    if (m->done || m->fault.status || (m->head_length == 0 && !feed_head(m)))
        return;
    if (m->head.chunked)
        feed_chunked(m);
    else
        feed_length(m);
}

static void add_slice(nu_builder *out, const char *label, nu__slice slice)
{
    nu_builder_puts(out, label);
    nu_builder_add(out, slice.data, slice.length);
}

static void add_flags(nu_builder *out, const nu__http1_head *head)
{
    nu_builder_printf(out, " 1.%d", head->minor);
    if (head->host.data)
        add_slice(out, " host=", head->host);
    nu_builder_puts(out, head->keep_alive ? " keep" : " close");
    if (head->chunked)
        nu_builder_puts(out, " chunked");
    if (head->has_length)
        nu_builder_printf(out, " length=%llu", (unsigned long long)head->content_length);
    if (head->expects)
        nu_builder_puts(out, " expects");
    if (head->upgrade)
        nu_builder_puts(out, " upgrade");
}

static const char *told(const struct message *m)
{
    if (m->fault.status)
        return nu_fmt("%d %s", m->fault.status, m->fault.reason);
    if (!m->done)
        return "more";
    nu_builder out;
    nu_builder_init(&out, NULL, 256);
    add_slice(&out, "", m->head.method);
    add_slice(&out, " ", m->head.target);
    add_flags(&out, &m->head);
    nu_builder_puts(&out, " |");
    for (size_t i = 0; i < m->head.header_count; i++) {
        add_slice(&out, i ? ", " : " ", m->headers[i].name);
        add_slice(&out, ": ", m->headers[i].value);
    }
    nu_builder_puts(&out, " | ");
    if (m->head.chunked || m->head.has_length)
        add_slice(&out, "body=", (nu__slice){m->body.data, m->body.length});
    if (m->head.chunked || m->head.has_length)
        nu_builder_putc(&out, ' ');
    nu_builder_printf(&out, "rest=%zu", m->bytes.length - m->body_at);
    return escaped(out.data, out.length);
}

const char *http1_outcome(nu__slice bytes, const size_t *splits, size_t split_count)
{
    struct message *m = nu_alloc(sizeof *m);
    m->bytes = bytes;
    nu_builder_init(&m->body, NULL, 64);
    for (size_t i = 0; i < split_count; i++)
        feed(m, splits[i]);
    feed(m, bytes.length);
    return told(m);
}
