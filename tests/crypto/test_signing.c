#include "crypto/internal.h"
#include "nuages/signing.h"
#include "nuages/test.h"

#include <string.h>

/* The values that Django makes with these keys stand in tests/conformance/web/signing.jsonl. */

TEST(a_signed_value_comes_back_and_a_changed_one_is_refused)
{
    nu_signing_setup("predictable-secret", NULL);
    const char *text = nu_sign(NULL, "hello:world");
    CHECK_TEXT(nu_unsign(NULL, text), "hello:world");
    for (size_t i = 0; text[i] != '\0'; i++) {
        char *changed = nu_arena_text(nu_arena_current(), text);
        changed[i] ^= 1;
        CHECK(nu_unsign_find(NULL, changed) == NULL);
        CHECK_RAISES(NU_BAD_SIGNATURE, nu_unsign(NULL, changed));
    }
}

TEST(malformed_signed_texts_are_bad_signatures)
{
    nu_signing_setup("predictable-secret", NULL);
    static const char *const texts[] = {"", ":", "::", "hello", "hello:", ":hello", "a:b:c"};
    for (size_t i = 0; i < NU_COUNT(texts); i++) {
        CHECK_RAISES(NU_BAD_SIGNATURE, nu_unsign(NULL, texts[i]));
        CHECK_RAISES(NU_BAD_SIGNATURE, nu_unsign_timed(NULL, texts[i], -1));
        CHECK_RAISES(NU_BAD_SIGNATURE, nu_signing_loads(texts[i], NULL, -1));
    }
}

TEST(an_older_key_still_verifies_and_only_the_new_one_signs)
{
    nu_signing_setup("old", NULL);
    const char *text = nu_sign(NULL, "hello");
    nu_signing_setup("new", NU_STRS("older", "old"));
    CHECK_TEXT(nu_unsign(NULL, text), "hello");
    CHECK(strcmp(nu_sign(NULL, "hello"), text) != 0);
    nu_signing_setup("new", NULL);
    CHECK(nu_unsign_find(NULL, text) == NULL);
}

TEST(a_signer_with_its_own_key_does_not_take_the_sites_older_ones)
{
    nu_signing_setup("old", NULL);
    const char *text = nu_sign(NULL, "hello");
    nu_signing_setup("new", NU_STRS("old"));
    nu_signer own = {.key = "own"};
    CHECK(nu_unsign_find(&own, text) == NULL);
    own.fallbacks = NU_STRS("old");
    CHECK_TEXT(nu_unsign(&own, text), "hello");
}

TEST(salts_keep_uses_apart)
{
    nu_signing_setup("secret", NULL);
    nu_signer one = {.salt = "one"}, two = {.salt = "two"};
    CHECK(nu_unsign_find(&two, nu_sign(&one, "hello")) == NULL);
}

TEST(a_separator_that_signatures_may_hold_is_refused)
{
    nu_signing_setup("secret", NULL);
    static const char *const bad[] = {"", "-", "a", "7", "=", "_", "ab-"};
    for (size_t i = 0; i < NU_COUNT(bad); i++) {
        nu_signer signer = {.sep = bad[i]};
        CHECK_RAISES(NU_VALUE_ERROR, nu_sign(&signer, "hello"));
    }
    nu_signer good = {.sep = "|"};
    CHECK_TEXT(nu_unsign(&good, nu_sign(&good, "a|b")), "a|b");
}

TEST(a_signature_expires)
{
    nu_signing_setup("secret", NULL);
    nu_clock_freeze(nu_datetime_at(1622548800));
    const char *text = nu_sign_timed(NULL, "hello");
    nu_clock_freeze(nu_datetime_at(1622548810));
    CHECK_TEXT(nu_unsign_timed(NULL, text, -1), "hello");
    CHECK_TEXT(nu_unsign_timed(NULL, text, 10), "hello");
    CHECK_RAISES(NU_SIGNATURE_EXPIRED, nu_unsign_timed(NULL, text, 9));
    CHECK_RAISES(NU_BAD_SIGNATURE, nu_unsign_timed(NULL, text, 0));
    nu_clock_freeze((nu_datetime){.set = false});
}

TEST(objects_are_signed_and_compressed_where_it_pays)
{
    nu_signing_setup("secret", NULL);
    nu_value small = nu_value_dict(nu_dict_of("id", 3, "name", "é"));
    CHECK(nu_equal(nu_unsign_object(NULL, nu_sign_object(NULL, small, true)), small));
    CHECK(nu_sign_object(NULL, small, true)[0] != '.');
    nu_value    large = nu_value_text(nu_fmt("%0500d", 1));
    const char *text = nu_signing_dumps(large, "my.salt", true);
    CHECK(text[0] == '.');
    CHECK(strlen(text) < 120);
    CHECK(nu_equal(nu_signing_loads(text, "my.salt", 60), large));
    CHECK_RAISES(NU_BAD_SIGNATURE, nu_signing_loads(text, "other", 60));
}

TEST(a_good_signature_over_nonsense_is_refused)
{
    nu_signing_setup("secret", NULL);
    static const char *const payloads[] = {"", ".", ".e30", "{}", "bm8ganNvbg", "!"};
    for (size_t i = 0; i < NU_COUNT(payloads); i++)
        CHECK_RAISES(NU_BAD_SIGNATURE, nu_unsign_object(NULL, nu_sign(NULL, payloads[i])));
}

TEST(a_packed_bomb_is_refused)
{
    nu_signing_setup("secret", NULL);
    size_t length = (size_t)40 << 20, packed;
    char  *zeros = nu_arena_zalloc(nu_arena_current(), length);
    memset(zeros, ' ', length);
    uint8_t    *bytes = nu_deflate(zeros, length, &packed);
    const char *payload = nu_fmt(".%s", nu_base64(bytes, packed, NU_BASE64_URL));
    CHECK_RAISES(NU_BAD_SIGNATURE, nu_unsign_object(NULL, nu_sign(NULL, payload)));
}

TEST(texts_with_a_nul_are_signed_whole)
{
    nu_signing_setup("secret", NULL);
    nu_value text = nu_value_text_n("a\0b", 3);
    nu_value back = nu__unsign(NULL, nu__sign(NULL, text, true), true, -1);
    CHECK_EQ(back.length, 3);
    CHECK(nu_equal(back, text));
}

TEST(without_a_key_nothing_is_signed)
{
    nu_signing_setup("", NULL);
    CHECK_RAISES(NU_CONFIG_ERROR, nu_sign(NULL, "hello"));
    CHECK_RAISES(NU_CONFIG_ERROR, nu_secret_key());
}
