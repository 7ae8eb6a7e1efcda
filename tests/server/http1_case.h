/* Reading tests/data/server/http1_cases.txt, and what a message comes to as one line of text. */
#pragma once

#include "server/http1_chunked.h"
#include "nuages/text.h"

struct http1_case {
    const char *name;
    nu__slice   bytes;
    const char *expected; /* the result, with control characters escaped */
    bool        laxer;    /* the oracle accepts what we refuse */
    bool        stricter; /* or refuses what we accept */
};

/* Limits that the cases are written for. */
extern const nu__http1_limits http1_case_limits;

/* All cases, in the current arena; `*count` gets their number. */
struct http1_case *http1_cases_read(size_t *count);

/* Feeds the bytes in pieces that end at the offsets `splits` (`split_count` of them, rising) and
 * tells what came of it, as the case file writes it. In the current arena. */
const char *http1_outcome(nu__slice bytes, const size_t *splits, size_t split_count);
