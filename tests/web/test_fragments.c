#include "web/fragments.h"

#include <string.h>

#include "nuages/arena.h"
#include "nuages/test.h"

static nu_value kept(nu_fragments *fragments, const char *name)
{
    return nu__fragments_get(fragments, &(nu_cache_fragment){.name = name});
}

static void keep(nu_fragments *fragments, const char *name, const char *html, int64_t seconds)
{
    nu__fragments_set(fragments, &(nu_cache_fragment){.name = name}, nu_value_text(html), seconds);
}

TEST(fragments_are_kept_by_name_and_by_what_they_vary_on)
{
    nu_fragments           *fragments = nu__fragments_new();
    nu_value                one = NU_V(1), two = NU_V("1");
    const nu_cache_fragment of_one = {.name = "side", .vary = &one, .vary_count = 1};
    const nu_cache_fragment of_both = {
        .name = "side", .vary = (nu_value[]){one, two}, .vary_count = 2};
    CHECK(nu_is_null(kept(fragments, "side")));
    keep(fragments, "side", "<b>a</b>", 60);
    nu__fragments_set(fragments, &of_one, nu_value_text("of one"), -1);
    CHECK_TEXT(kept(fragments, "side").text, "<b>a</b>");
    CHECK_TEXT(nu__fragments_get(fragments, &of_one).text, "of one");
    CHECK_TEXT(nu__fragments_get(
                   fragments, &(nu_cache_fragment){.name = "side", .vary = &two, .vary_count = 1})
                   .text,
               "of one");
    CHECK(nu_is_null(nu__fragments_get(fragments, &of_both)));
    keep(fragments, "side", "later", 60);
    CHECK_TEXT(kept(fragments, "side").text, "later");
}

TEST(fragments_expire)
{
    nu_fragments *fragments = nu__fragments_new();
    keep(fragments, "a", "text", 60);
    keep(fragments, "a", "gone at once", 0);
    CHECK(nu_is_null(kept(fragments, "a")));
    keep(fragments, "a", "for ever", INT64_MAX);
    CHECK_TEXT(kept(fragments, "a").text, "for ever");
}

TEST(only_the_default_cache_exists)
{
    nu_fragments           *fragments = nu__fragments_new();
    const nu_cache_fragment named = {.name = "a", .alias = "default"},
                            other = {.name = "a", .alias = "redis"};
    nu__fragments_set(fragments, &named, nu_value_text("x"), 60);
    CHECK_TEXT(kept(fragments, "a").text, "x");
    CHECK_RAISES(NU_CONFIG_ERROR, nu__fragments_get(fragments, &other));
    CHECK_RAISES(NU_CONFIG_ERROR, nu__fragments_set(fragments, &other, nu_value_text("x"), 60));
}

static int count_kept(nu_fragments *fragments, int names)
{
    int count = 0;
    for (int i = 0; i < names; i++)
        count += !nu_is_null(kept(fragments, nu_fmt("name %d", i)));
    return count;
}

TEST(many_fragments_push_out_those_that_nobody_asked_for)
{
    nu_fragments *fragments = nu__fragments_new();
    for (int i = 0; i < 10000; i++) {
        keep(fragments, nu_fmt("name %d", i), "x", -1);
        CHECK_TEXT(kept(fragments, "name 0").text, "x");
    }
    int count = count_kept(fragments, 10000);
    CHECK(count > 1000 && count <= 2048);
}

TEST(large_fragments_push_out_others_and_huge_ones_are_not_kept)
{
    enum { LARGE = 1024 * 1024, HUGE_ONE = 3 * LARGE };
    nu_fragments *fragments = nu__fragments_new();
    char         *text = memset(nu_alloc(HUGE_ONE + 1), 'x', HUGE_ONE);
    keep(fragments, "huge", text, -1);
    CHECK(nu_is_null(kept(fragments, "huge")));
    text[LARGE] = '\0';
    for (int i = 0; i < 100; i++)
        keep(fragments, nu_fmt("name %d", i), text, -1);
    CHECK_EQ(kept(fragments, "name 99").length, (uint32_t)LARGE);
    int count = count_kept(fragments, 100);
    CHECK(count > 16 && count <= 32);
}
