/* Chunked bodies: no input may upset the decoder, and where the input is split makes no difference.
 * The first byte chooses the split. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/http1_chunked.h"

struct outcome {
    nu__chunked       decoder;
    nu__chunked_event event;
    size_t            used, body;
    uint64_t          sum; /* of the body's bytes, each weighed by its place */
};

static void must(bool cond, const char *what)
{
    if (!cond) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void run(struct outcome *out, const char *data, size_t length)
{
    nu__slice input = {data, length}, piece;
    while ((out->event = nu__chunked_next(&out->decoder, &input, &piece)) == NU__CHUNKED_DATA) {
        must(piece.length > 0 && piece.data >= data && piece.data + piece.length <= input.data,
             "a piece lies in what was used");
        for (size_t i = 0; i < piece.length; i++)
            out->sum += (uint64_t)(unsigned char)piece.data[i] * ++out->body;
    }
    out->used += (size_t)(input.data - data);
    must(out->event != NU__CHUNKED_MORE || input.length == 0, "more means that all is used");
    must(out->event != NU__CHUNKED_FAULT || out->decoder.fault.status >= 400,
         "a fault has a status");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    const char    *data = (const char *)bytes + 1;
    size_t         length = size - 1, at = length * bytes[0] / 256;
    struct outcome whole = {0}, split = {0};
    run(&whole, data, length);
    run(&split, data, at);
    if (split.event == NU__CHUNKED_MORE)
        run(&split, data + at, length - at);
    must(whole.event == split.event && whole.used == split.used && whole.body == split.body &&
             whole.sum == split.sum && whole.decoder.fault.status == split.decoder.fault.status,
         "a split makes no difference");
    return 0;
}
