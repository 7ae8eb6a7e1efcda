#include "nuages/arena.h"

#include <string.h>

#include "base/internal.h"
#include "nuages/json.h"
#include "nuages/test.h"

TEST(memory_is_aligned_and_separate)
{
    nu_arena *arena = nu_arena_new(NULL, "test");
    char     *all[700];
    for (size_t i = 0; i < NU_COUNT(all); i++) {
        all[i] = nu_arena_alloc(arena, i * 7);
        CHECK((uintptr_t)all[i] % 16 == 0);
        memset(all[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < NU_COUNT(all); i++)
        for (size_t j = 0; j < i * 7; j++)
            CHECK(all[i][j] == (char)i);
    nu_arena_free(arena);
}

TEST(cleared_memory_is_cleared_after_a_reset_too)
{
    static const char zeros[1000];
    nu_arena         *arena = nu_arena_new(NULL, "test");
    for (int round = 0; round < 3; round++) {
        char *memory = nu_arena_zalloc(arena, sizeof zeros);
        CHECK(memcmp(memory, zeros, sizeof zeros) == 0);
        memset(memory, 0xff, sizeof zeros);
        int *numbers = nu_arena_array(arena, 100, sizeof *numbers);
        CHECK(memcmp(numbers, zeros, 100 * sizeof *numbers) == 0);
        nu_arena_reset(arena);
    }
    nu_arena_free(arena);
}

TEST(growing_keeps_the_bytes)
{
    nu_arena *arena = nu_arena_new(NULL, "test");
    char     *text = NULL;
    size_t    size = 0;
    for (size_t next = 1; next < 300000; next = next * 3 / 2 + 1) {
        text = nu_arena_grow(arena, text, size, next);
        for (size_t i = size; i < next; i++)
            text[i] = (char)(i % 251);
        size = next;
        if (next % 2)
            nu_arena_alloc(arena, 40);
    }
    for (size_t i = 0; i < size; i++)
        CHECK(text[i] == (char)(i % 251));
    CHECK(nu_arena_grow(arena, text, size, 10) == text);
    nu_arena_free(arena);
}

TEST(texts_are_copied_and_formatted)
{
    nu_arena *arena = nu_arena_new(NULL, "test");
    CHECK(nu_arena_text(arena, NULL) == NULL);
    CHECK_TEXT(nu_arena_text(arena, "abc"), "abc");
    CHECK_TEXT(nu_arena_copy(arena, "abc", 2), "ab");
    CHECK_TEXT(nu_arena_copy(arena, NULL, 0), "");
    CHECK_TEXT(nu_arena_format(arena, "%d-%s", 5, "x"), "5-x");
    char long_text[3000];
    memset(long_text, 'y', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    CHECK_TEXT(nu_arena_format(arena, "%s", long_text), long_text);
    CHECK_TEXT(nu_arena_name(arena), "test");
    nu_arena_free(arena);
}

static nu_builder trace;

static void note(void *arg)
{
    nu_builder_puts(&trace, arg);
}

TEST(cleanups_run_newest_first_and_children_before_parents)
{
    nu_builder_init(&trace, NULL, 0);
    nu_arena *parent = nu_arena_new(NULL, "parent");
    nu_arena_defer(parent, note, (void *)"a");
    nu_arena *child = nu_arena_new(parent, "child");
    nu_arena_defer(child, note, (void *)"c");
    nu_defer *dropped = nu_arena_defer(parent, note, (void *)"x");
    nu_defer *slot = nu_arena_defer(parent, note, NULL);
    nu_arena_defer(parent, note, NULL);
    slot->arg = (void *)"b";
    nu_arena_undefer(parent, dropped);
    CHECK_EQ(nu_arena_statistics(parent).defers, 3);
    nu_arena_reset(parent);
    CHECK_TEXT(nu_builder_text(&trace), "cba");
    nu_arena_defer(parent, note, (void *)"d");
    nu_arena_free(parent);
    CHECK_TEXT(nu_builder_text(&trace), "cbad");
    nu_arena_free(NULL);
}

static void use_children(nu_arena *root)
{
    nu_arena *children[100];
    for (size_t i = 0; i < NU_COUNT(children); i++) {
        children[i] = nu_arena_new(root, "child");
        for (int k = 0; k < 10; k++)
            nu_arena_alloc(children[i], 5000);
    }
    for (size_t i = 0; i < NU_COUNT(children); i++)
        nu_arena_free(children[i]);
}

TEST(freed_blocks_are_kept_while_they_are_used)
{
    nu_arena *root = nu_arena_new(NULL, "root");
    use_children(root);
    bool keeps = nu__arena_trim(root);
#ifdef NU_ARENA_DEBUG
    CHECK(!keeps);
#else
    CHECK(keeps);
    use_children(root);
    CHECK(nu__arena_trim(root));
    CHECK(!nu__arena_trim(root));
#endif
    use_children(root);
    nu_arena_free(root);
}

TEST(children_may_go_in_any_order)
{
    nu_arena *parent = nu_arena_new(NULL, "parent"), *children[5];
    for (int i = 0; i < 5; i++) {
        children[i] = nu_arena_new(parent, "child");
        nu_arena_alloc(children[i], 5000);
        nu_arena_alloc(nu_arena_new(children[i], "grandchild"), 100000);
    }
    nu_arena_free(children[2]);
    nu_arena_free(children[4]);
    nu_arena_free(children[0]);
    nu_arena_alloc(children[1], 100);
    nu_arena_free(parent);
}

TEST(statistics_count_what_is_in_use)
{
    nu_arena *arena = nu_arena_new(NULL, "test");
    CHECK_EQ(nu_arena_statistics(arena).used, 0);
    nu_arena_alloc(arena, 160);
    CHECK_EQ(nu_arena_statistics(arena).used, 160);
    nu_arena_alloc(arena, 100000);
    nu_arena_stats stats = nu_arena_statistics(arena);
    CHECK(stats.used == 100160 && stats.reserved >= stats.used);
    CHECK(stats.large >= 1 && stats.blocks >= 1);
    for (int i = 0; i < 1000; i++)
        nu_arena_alloc(arena, 160);
    CHECK_EQ(nu_arena_statistics(arena).used, 260160);
    nu_arena_reset(arena);
    stats = nu_arena_statistics(arena);
    CHECK(stats.used == 0 && stats.large == 0 && stats.blocks == 1);
    nu_arena_free(arena);
}

TEST(impossible_sizes_raise)
{
    nu_arena *arena = nu_arena_current();
    CHECK_RAISES(NU_OUT_OF_MEMORY, nu_arena_array(arena, SIZE_MAX / 2, 3));
    CHECK_RAISES(NU_OUT_OF_MEMORY, nu_arena_alloc(arena, SIZE_MAX));
    CHECK_RAISES(NU_OUT_OF_MEMORY, nu_arena_copy(arena, "", SIZE_MAX));
    CHECK_TEXT(nu_test_error()->fact, "out of memory");
    CHECK_CONTAINS(nu_error_text(nu_test_error(), true), "OutOfMemory: out of memory");
}

static void work(nu_arena *arena)
{
    nu_arena *before = nu_arena_enter(nu_arena_new(arena, "work"));
    nu_value  value = nu_json_parse("{\"a\":[1,\"\\n\",{\"b\":12345678901234567890}]}", 41);
    for (int i = 0; i < 30; i++)
        nu_list_add(nu_dict_get(value.dict, "a").list, nu_fmt("text number %d", i));
    nu_value_copy(arena, value);
    nu_json_text(value);
    nu_repr(value);
    nu_arena_enter(before);
}

/* Memory runs out at every place in turn: each time it is an error like any other, and what was
 * made so far goes with the arena. */
TEST(running_out_of_memory_raises_wherever_it_happens)
{
    volatile bool finished = false;
    volatile long n = 0;
    while (!finished && n < 2000) {
        n++;
        nu_arena *volatile arena = nu_arena_new(NULL, "test");
        nu__arena_fail_after(n);
        NU_TRY {
            work(arena);
            finished = true;
        }
        NU_CATCH (error) {
            CHECK(error->kind == NU_OUT_OF_MEMORY);
        }
        nu__arena_fail_after(0);
        nu_arena_free(arena);
    }
    CHECK(finished && n > 1);
}
