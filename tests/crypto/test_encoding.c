#include "nuages/crypto.h"
#include "nuages/test.h"

#include <string.h>

TEST(base64_is_written_and_read_in_both_forms)
{
    static const struct {
        const char *bytes, *plain, *url;
    } cases[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xfe", "+//+", "-__-"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        const char *bytes = cases[i].bytes;
        uint8_t    *decoded;
        size_t      length;
        CHECK_TEXT(nu_base64(bytes, strlen(bytes), NU_BASE64), cases[i].plain);
        CHECK_TEXT(nu_base64(bytes, strlen(bytes), NU_BASE64_URL), cases[i].url);
        CHECK(
            nu_base64_decode(cases[i].plain, strlen(cases[i].plain), NU_BASE64, &decoded, &length));
        CHECK_TEXT((const char *)decoded, bytes);
        CHECK(
            nu_base64_decode(cases[i].url, strlen(cases[i].url), NU_BASE64_URL, &decoded, &length));
        CHECK_EQ(length, strlen(bytes));
    }
}

TEST(base64_refuses_what_is_none)
{
    static const char *const plain[] = {
        "Z", "Zg", "Zg=", "Zg===", "Z=g=", "Zm9v=", "Zm9v Zg==", "-__-", "Zm\n8="};
    static const char *const url[] = {"Z", "+//+", "Zg=", "Z=", "Zm8\n", "Zm9vZ"};
    uint8_t                 *decoded;
    size_t                   length;
    for (size_t i = 0; i < NU_COUNT(plain); i++)
        CHECK(!nu_base64_decode(plain[i], strlen(plain[i]), NU_BASE64, &decoded, &length));
    for (size_t i = 0; i < NU_COUNT(url); i++)
        CHECK(!nu_base64_decode(url[i], strlen(url[i]), NU_BASE64_URL, &decoded, &length));
    CHECK(nu_base64_decode("Zg==", 4, NU_BASE64_URL, &decoded, &length));
}

TEST(hexadecimal_is_written_and_read)
{
    uint8_t *bytes;
    size_t   length;
    CHECK_TEXT(nu_hex("\x00\xff\x10", 3), "00ff10");
    CHECK(nu_hex_decode("00Ff10", 6, &bytes, &length));
    CHECK_EQ(length, 3);
    CHECK_EQ(bytes[1], 255);
    CHECK(!nu_hex_decode("0", 1, &bytes, &length));
    CHECK(!nu_hex_decode("0g", 2, &bytes, &length));
}

TEST(numbers_in_base_62_and_36_come_back)
{
    static const int64_t numbers[] = {0, 1, 61, 62, -1, -62, 1622548800, INT64_MAX, -INT64_MAX};
    for (size_t i = 0; i < NU_COUNT(numbers); i++) {
        const char *text = nu_base62(numbers[i]);
        int64_t     back;
        CHECK(nu_base62_decode(text, strlen(text), &back));
        CHECK_EQ(back, numbers[i]);
    }
    uint64_t    big;
    const char *text = nu_base36(UINT64_MAX);
    CHECK_TEXT(text, "3w5e11264sgsf");
    CHECK(nu_base36_decode(text, strlen(text), &big));
    CHECK(big == UINT64_MAX);
    CHECK(nu_base36_decode("AZ", 2, &big));
    CHECK_EQ(big, 395);
}

TEST(numbers_that_do_not_fit_are_refused)
{
    int64_t  small;
    uint64_t big;
    CHECK(!nu_base62_decode("", 0, &small));
    CHECK(!nu_base62_decode("AzL8n0Y58m8", 11, &small));
    CHECK(!nu_base62_decode("zzzzzzzzzzzzzzzz", 16, &small));
    CHECK(!nu_base62_decode("1 ", 2, &small));
    CHECK(!nu_base36_decode("3w5e11264sgsg", 13, &big));
    CHECK(!nu_base36_decode("00000000000001", 14, &big));
    CHECK(!nu_base36_decode("-1", 2, &big));
}

TEST(deflated_bytes_inflate_to_the_same)
{
    char *text = nu_alloc(100000);
    memset(text, 'a', 100000);
    size_t   packed, length;
    uint8_t *bytes = nu_deflate(text, 100000, &packed), *back;
    CHECK(packed < 300);
    CHECK(nu_inflate(bytes, packed, 100000, &back, &length));
    CHECK_EQ(length, 100000);
    CHECK(memcmp(back, text, length) == 0);
    bytes = nu_deflate("", 0, &packed);
    CHECK(nu_inflate(bytes, packed, 10, &back, &length));
    CHECK_EQ(length, 0);
}

TEST(inflating_stops_at_the_limit_and_at_malformed_bytes)
{
    char    *text = nu_alloc(100000);
    size_t   packed, length;
    uint8_t *bytes = nu_deflate(text, 100000, &packed), *back;
    CHECK(!nu_inflate(bytes, packed, 99999, &back, &length));
    CHECK(!nu_inflate(bytes, packed - 1, 200000, &back, &length));
    CHECK(!nu_inflate("no zlib", 7, 1000, &back, &length));
    CHECK(!nu_inflate("", 0, 1000, &back, &length));
    uint8_t *longer = nu_alloc(packed + 1);
    memcpy(longer, bytes, packed);
    CHECK(!nu_inflate(longer, packed + 1, 200000, &back, &length));
}
