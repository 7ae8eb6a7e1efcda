#include "../conformance/web.h"
#include "nuages/test.h"

static int failures(const char *name)
{
    return nu__conformance_web(nu_fmt("%s/../conformance/web/%s.jsonl", NU_TEST_DATA, name));
}

TEST(django_agrees_on_requests_and_responses)
{
    CHECK_EQ(failures("http"), 0);
}

TEST(django_agrees_on_routes)
{
    CHECK_EQ(failures("urls"), 0);
}

TEST(django_agrees_on_signatures)
{
    CHECK_EQ(failures("signing"), 0);
    CHECK_EQ(failures("auth"), 0);
}
