#include "nuages/signing.h"
#include "nuages/test.h"

#include <string.h>

TEST(a_masked_token_hides_its_secret_and_gives_it_back)
{
    const char *secret = nu_csrf_secret_new();
    CHECK_EQ(strlen(secret), NU_CSRF_SECRET_LENGTH);
    const char *one = nu_csrf_mask(secret), *two = nu_csrf_mask(secret);
    CHECK_EQ(strlen(one), NU_CSRF_TOKEN_LENGTH);
    CHECK(strcmp(one, two) != 0);
    CHECK_TEXT(nu_csrf_unmask(one), secret);
    CHECK(nu_csrf_equal(one, two));
    CHECK(nu_csrf_equal(one, secret));
    CHECK(!nu_csrf_equal(one, nu_csrf_mask(nu_csrf_secret_new())));
}

TEST(what_is_no_token_equals_nothing)
{
    static const char *const bad[] = {
        "",
        "abc",
        "!bcdefghijklmnopqrstuvwxyzABCDEF",
        "abcdefghijklmnopqrstuvwxyzABCDEFG",
        "abcdefghijklmnopqrstuvwxyzABCDEFabcdefghijklmnopqrstuvwxyzABCDE ",
        "écdefghijklmnopqrstuvwxyzABCDEF",
    };
    for (size_t i = 0; i < NU_COUNT(bad); i++) {
        CHECK(!nu_csrf_is_token(bad[i]));
        CHECK(nu_csrf_unmask(bad[i]) == NULL);
        CHECK(!nu_csrf_equal(bad[i], bad[i]));
    }
}
