/* Message heads: no input may upset the parser, what it accepts keeps its promises, and where the
 * input is split makes no difference. The first byte chooses the split. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/http1_parser.h"

static const nu__http1_limits limits = {.request_line = 200, .head = 1000, .headers = 20};

struct outcome {
    size_t           length;
    bool             accepted;
    nu__http1_fault  fault;
    nu__http1_head   head;
    nu__http1_header headers[20];
};

static void must(bool cond, const char *what)
{
    if (!cond) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void run(struct outcome *out, const char *data, size_t length, size_t split)
{
    nu__http1_cursor cursor = {0};
    memset(out, 0, sizeof *out);
    if (split > 0)
        out->length = nu__http1_scan(&cursor, data, split, &limits, &out->fault);
    if (out->length == 0 && out->fault.status == 0)
        out->length = nu__http1_scan(&cursor, data, length, &limits, &out->fault);
    if (out->length > 0)
        out->accepted = nu__http1_parse(&out->head, out->headers, &cursor, data, out->length,
                                        &limits, &out->fault);
}

static void check_slice(nu__slice slice, const char *data, size_t length)
{
    must(slice.data >= data && slice.data + slice.length <= data + length,
         "slices lie in the head");
    for (size_t i = 0; i < slice.length; i++)
        must(slice.data[i] != '\r' && slice.data[i] != '\n' && slice.data[i] != '\0',
             "no CR, LF or NUL comes through");
}

static void check_accepted(const struct outcome *out, const char *data)
{
    const nu__http1_head *head = &out->head;
    must(out->fault.status == 0, "accepted without a fault");
    must(head->method.length > 0 && head->target.length > 0, "method and target");
    must(head->target.data[0] == '/' || head->target.data[0] == '*', "target in origin form");
    must(head->minor == 0 || head->host.length > 0, "HTTP/1.1 has a host");
    must(!(head->chunked && (head->has_length || head->minor == 0)), "one framing");
    must(head->header_count <= limits.headers && out->length <= limits.head + 2, "limits hold");
    check_slice(head->method, data, out->length);
    check_slice(head->target, data, out->length);
    for (size_t i = 0; i < head->header_count; i++) {
        check_slice(out->headers[i].name, data, out->length);
        check_slice(out->headers[i].value, data, out->length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    const char           *data = (const char *)bytes + 1;
    size_t                length = size - 1;
    static struct outcome whole, split;
    run(&whole, data, length, 0);
    run(&split, data, length, length * bytes[0] / 256);
    must(whole.length == split.length && whole.accepted == split.accepted &&
             whole.fault.status == split.fault.status &&
             memcmp(&whole.head.method, &split.head.method,
                    offsetof(nu__http1_head, headers) - offsetof(nu__http1_head, method)) == 0 &&
             memcmp(whole.headers, split.headers, sizeof whole.headers) == 0,
         "a split makes no difference");
    if (whole.accepted)
        check_accepted(&whole, data);
    else
        must(whole.fault.status >= 400 || whole.length == 0, "a refusal has its status");
    return 0;
}
