#include "nuages/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/file.h"

static nu_rounding rounding_of(const char *word)
{
    return strcmp(word, "even") == 0   ? NU_ROUND_HALF_EVEN
           : strcmp(word, "half") == 0 ? NU_ROUND_HALF_UP
           : strcmp(word, "down") == 0 ? NU_ROUND_DOWN
                                       : NU_ROUND_UP;
}

static const char *compute(const char *a_text, const char *word, const char *b_text)
{
    nu_decimal a = nu_decimal_get(a_text);
    if (word[1] != '\0') {
        NU_TRY {
            return nu_decimal_text(nu_decimal_round(a, atoi(b_text), rounding_of(word)));
        }
        return "error";
    }
    nu_decimal b = nu_decimal_get(b_text);
    switch (*word) {
    case '+': return nu_decimal_text(nu_decimal_add(a, b));
    case '-': return nu_decimal_text(nu_decimal_subtract(a, b));
    case '*': return nu_decimal_text(nu_decimal_multiply(a, b));
    case '/': return nu_decimal_text(nu_decimal_divide(a, b));
    default: return nu_fmt("%d", nu_decimal_compare(a, b));
    }
}

TEST(arithmetic_is_that_of_pythons_decimal)
{
    nu_value text = nu_file_read(NU_TEST_DATA "/base/decimal.txt", 1 << 20);
    nu_list *lines = nu_split((const char *)text.bytes, '\n');
    int      cases = 0;
    for (uint32_t i = 1; i < lines->count; i++) {
        char a[64], word[8], b[64], expected[64];
        if (sscanf(lines->items[i].text, "%63s %7s %63s %63s", a, word, b, expected) != 4)
            continue;
        const char *line = nu_fmt("%s %s %s ", a, word, b);
        CHECK_TEXT(nu_fmt("%s%s", line, compute(a, word, b)), nu_fmt("%s%s", line, expected));
        cases++;
    }
    CHECK(cases > 1000);
}

TEST(decimals_are_written_as_python_does)
{
    const struct {
        const char *in, *text, *plain;
    } cases[] = {
        {"0", "0", "0"},
        {"-0", "-0", "-0"},
        {"0.00", "0.00", "0.00"},
        {"12.50", "12.50", "12.50"},
        {"+.5", "0.5", "0.5"},
        {"5.", "5", "5"},
        {"1e3", "1E+3", "1000"},
        {"1.5E3", "1.5E+3", "1500"},
        {"0E+3", "0E+3", "0"},
        {"0.000001", "0.000001", "0.000001"},
        {"0.0000001", "1E-7", "0.0000001"},
        {"-123456e-10", "-0.0000123456", "-0.0000123456"},
        {"1234567890123456789012345678", "1234567890123456789012345678",
         "1234567890123456789012345678"},
        {"000000000000000000000000000000000001", "1", "1"},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++) {
        CHECK_TEXT(nu_decimal_text(nu_decimal_get(cases[i].in)), cases[i].text);
        CHECK_TEXT(nu_decimal_plain(nu_decimal_get(cases[i].in)), cases[i].plain);
    }
}

TEST(what_is_no_decimal_is_refused)
{
    const char *bad[] = {"",
                         "-",
                         ".",
                         "e5",
                         "1e",
                         "1e+",
                         "1.2.3",
                         "1 ",
                         " 1",
                         "1_0",
                         "0x1",
                         "NaN",
                         "1e9999",
                         "1e-9999",
                         "--1",
                         "1e99999999999",
                         "12345678901234567890123456789",
                         "1,5",
                         "١"};
    nu_decimal  decimal = nu_decimal_of(7);
    for (size_t i = 0; i < NU_COUNT(bad); i++) {
        CHECK_EQ(nu_decimal_try(bad[i], strlen(bad[i]), &decimal), false);
        CHECK_RAISES(NU_VALUE_ERROR, nu_decimal_get(bad[i]));
    }
    CHECK_EQ(decimal, 7);
}

TEST(decimals_and_doubles_agree)
{
    CHECK_TEXT(nu_decimal_text(nu_decimal_from_double(0.1)), "0.1");
    CHECK_TEXT(nu_decimal_text(nu_decimal_from_double(-1e22)), "-1E+22");
    CHECK_TEXT(nu_decimal_text(nu_decimal_from_double(2.5)), "2.5");
    CHECK_EQ(nu_decimal_double(nu_decimal_get("0.1")), 0.1);
    CHECK_EQ(nu_decimal_double(nu_decimal_get("-123.456e-7")), -123.456e-7);
    CHECK_RAISES(NU_VALUE_ERROR, nu_decimal_from_double(1 / 0.0 - 1));
}

TEST(limits_of_decimals_raise)
{
    CHECK_RAISES(NU_VALUE_ERROR, nu_decimal_divide(nu_decimal_of(1), nu_decimal_of(0)));
    CHECK_RAISES(NU_VALUE_ERROR,
                 nu_decimal_multiply(nu_decimal_get("1E+4000"), nu_decimal_get("1E+4000")));
    nu_decimal tiny = nu_decimal_multiply(nu_decimal_get("1E-4000"), nu_decimal_get("1E-4000"));
    CHECK_EQ(tiny, 0);
    CHECK_EQ(nu_decimal_of(INT64_MIN), INT64_MIN);
    CHECK_TEXT(nu_decimal_text(nu_decimal_of(INT64_MIN)), "-9223372036854775808");
}
