#include "nuages/test.h"
#include "nuages/unicode.h"

TEST(case_follows_unicode)
{
    CHECK_TEXT(nu_upper("straße ŉ ﬁ"), "STRASSE ʼN FI");
    CHECK_TEXT(nu_upper("éàü"), "ÉÀÜ");
    CHECK_TEXT(nu_lower("ÉÀÜ İ"), "éàü i\xcc\x87");
    CHECK_TEXT(nu_lower("ΟΔΥΣΣΕΥΣ ΣΑΣ."), "οδυσσευς σας.");
    CHECK_TEXT(nu_lower("Σ"), "σ");
    CHECK_TEXT(nu_title("hello wORLD they're 1st ßx"), "Hello World They'Re 1St Ssx");
    CHECK_TEXT(nu_title("ǆ"), "ǅ");
    CHECK_TEXT(nu_capfirst("éa B"), "Éa B");
    CHECK_TEXT(nu_capfirst(""), "");
    CHECK_TEXT(nu_upper(""), "");
}

TEST(slugs_are_plain)
{
    static const struct {
        const char *text, *slug;
        bool        unicode;
    } cases[] = {
        {"Hello, World!", "hello-world", false},
        {"  Joel is a slug  ", "joel-is-a-slug", false},
        {"Un éléphant à l'orée du bois", "un-elephant-a-loree-du-bois", false},
        {"a - b -- c", "a-b-c", false},
        {"_a_", "a", false},
        {"--_--", "", false},
        {"a ! b", "a-b", false},
        {"你好 World", "你好-world", true},
        {"你好", "", false},
        {"", "", false},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_TEXT(nu_slugify(cases[i].text, cases[i].unicode), cases[i].slug);
}

TEST(normal_forms_are_exchanged)
{
    CHECK_EQ(nu_normalize_nfc("e\xcc\x81", 3), "é");
    CHECK_EQ(nu_normalize_nfkd("é", 2), "e\xcc\x81");
    CHECK_EQ(nu_normalize_nfkd("", 0), "");
    CHECK_RAISES(NU_VALUE_ERROR, nu_normalize_nfc("\xff", 1));
}
