/* The same messages through llhttp, the parser of Node.js (Debian: node-llhttp). Where the two
 * disagree, the case file has to say why. */
#include "http1_case.h"
#include "nuages/test.h"

#if __has_include("/usr/share/include/llhttp/llhttp.h")
#include "/usr/share/include/llhttp/llhttp.h"
#include <stdlib.h>
#include <string.h>

struct verdict {
    bool   complete;
    size_t body;
};

static int on_body(llhttp_t *parser, const char *at, size_t length)
{
    (void)at;
    ((struct verdict *)parser->data)->body += length;
    return 0;
}

static int on_complete(llhttp_t *parser)
{
    ((struct verdict *)parser->data)->complete = true;
    return HPE_PAUSED;
}

/* What the oracle makes of the first message: "accept", "more" or "refuse". */
static const char *judged(nu__slice bytes, size_t *body)
{
    struct verdict    verdict = {0};
    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_body = on_body;
    settings.on_message_complete = on_complete;
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &verdict;
    llhttp_errno_t error = llhttp_execute(&parser, bytes.data, bytes.length);
    *body = verdict.body;
    if (verdict.complete)
        return "accept";
    return error == HPE_OK ? "more" : "refuse";
}

static const char *our_verdict(const struct http1_case *c)
{
    if (strcmp(c->expected, "more") == 0)
        return "more";
    return c->expected[0] >= '0' && c->expected[0] <= '9' ? "refuse" : "accept";
}

TEST(llhttp_judges_as_we_do_but_for_what_the_case_file_tells)
{
    size_t             count;
    struct http1_case *cases = http1_cases_read(&count);
    for (size_t i = 0; i < count; i++) {
        const struct http1_case *c = &cases[i];
        size_t                   body;
        const char              *ours = our_verdict(c), *theirs = judged(c->bytes, &body);
        bool they_refuse = strcmp(theirs, "refuse") == 0, we_refuse = strcmp(ours, "refuse") == 0;
        CHECK_TEXT(nu_fmt("%s: %s", c->name, they_refuse ? "refuse" : "accept"),
                   nu_fmt("%s: %s", c->name,
                          c->laxer      ? "accept"
                          : c->stricter ? "refuse"
                          : we_refuse   ? "refuse"
                                        : "accept"));
        /* Both take it: then the message ends for both, with as much body. */
        if (!we_refuse && !they_refuse)
            CHECK_TEXT(nu_fmt("%s: %s", c->name, theirs), nu_fmt("%s: %s", c->name, ours));
        const char *length = strstr(c->expected, "length=");
        if (strcmp(ours, "accept") == 0 && !they_refuse && length)
            CHECK_EQ((int64_t)body, (int64_t)strtoll(length + 7, NULL, 10));
    }
}
#endif
