#include "i18n/internal.h"
#include "nuages/test.h"

#include <string.h>

#define RUSSIAN                                                                                    \
    "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) " \
    "? 1 : n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14)? 2 : 3);"

static size_t form(const char *rule, int64_t n)
{
    return nu__plural_form(nu__plural_new(nu_arena_current(), rule), n);
}

TEST(plural_rules_pick_the_form)
{
    static const struct {
        const char *rule;
        int64_t     n;
        size_t      form;
    } cases[] = {
        {"nplurals=1; plural=0;", 5, 0},
        {"nplurals=2; plural=(n != 1);", 1, 0},
        {"nplurals=2; plural=(n != 1);", 0, 1},
        {"nplurals=2; plural=n>1", 1, 0},
        {" nplurals = 2 ; plural = n > 1 ; \n", 2, 1},
        {"nplurals=2; plural=!(n==1);", 1, 0},
        {"nplurals=2; plural=!n==1;", 0, 1},
        {"nplurals=3; plural=n-2*3/3%5+2-n;", 7, 0},
        {"nplurals=9; plural=1+2*3;", 0, 7},
        {"nplurals=9; plural=8-4-2;", 0, 2},
        {"nplurals=9; plural=n ? 1 : n ? 2 : 3;", 0, 3},
        {"nplurals=2; plural=n/0;", 3, 0},
        {"nplurals=2; plural=n%0;", 3, 0},
        {"nplurals=2; plural=0-1;", 3, 0},
        {"nplurals=2; plural=99;", 3, 0},
        {RUSSIAN, 1, 0},
        {RUSSIAN, 3, 1},
        {RUSSIAN, 11, 2},
        {RUSSIAN, 21, 0},
        {RUSSIAN, 112, 2},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        if (form(cases[i].rule, cases[i].n) != cases[i].form)
            FAIL("%s for %lld gives %zu", cases[i].rule, (long long)cases[i].n,
                 form(cases[i].rule, cases[i].n));
}

TEST(without_a_rule_plurals_are_english)
{
    CHECK_EQ(nu__plural_form(NULL, 1), 0u);
    CHECK_EQ(nu__plural_form(NULL, 0), 1u);
    CHECK_EQ(nu__plural_form(NULL, -3), 1u);
}

TEST(malformed_plural_rules_are_refused)
{
    static const char *const rules[] = {
        "",
        "nplurals=2",
        "nplurals=0; plural=0;",
        "nplurals=99; plural=0;",
        "nplurals=2; plural=",
        "nplurals=2; plural=(n",
        "nplurals=2; plural=n ? 1",
        "nplurals=2; plural=n = 1",
        "nplurals=2; plural=n; system(\"x\")",
        "nplurals=2; plural=m",
        "nplurals=2; plural=99999999999999999999",
    };
    for (size_t i = 0; i < NU_COUNT(rules); i++)
        CHECK_RAISES(NU_SYNTAX_ERROR, nu__plural_new(nu_arena_current(), rules[i]));
}

TEST(deep_plural_rules_are_refused)
{
    char rule[4096] = "nplurals=2; plural=";
    memset(rule + strlen(rule), '(', 3000);
    CHECK_RAISES(NU_SYNTAX_ERROR, nu__plural_new(nu_arena_current(), rule));
    strcpy(rule, "nplurals=2; plural=");
    memset(rule + strlen(rule), '!', 3000);
    CHECK_RAISES(NU_SYNTAX_ERROR, nu__plural_new(nu_arena_current(), rule));
}
