#include "nuages/test.h"

#include <string.h>

#include "base/ambient.h"
#include "base/backtrace.h"

static const nu_kind teapot = {"Teapot", NU_BAD_REQUEST, 418};
static const nu_kind small_teapot = {"SmallTeapot", &teapot, 0};

TEST(a_raise_reaches_the_nearest_catch)
{
    volatile int steps = 0;
    NU_TRY {
        NU_TRY {
            steps++;
            nu_raise(NU_NOT_FOUND, "no %s number %d", "article", 7);
        }
        NU_CATCH (error) {
            CHECK_TEXT(error->fact, "no article number 7");
            CHECK(error->kind == NU_NOT_FOUND);
            CHECK_TEXT(error->function, "test_a_raise_reaches_the_nearest_catch");
            CHECK(error->line > 0 && nu_ends_with(error->file, "test_error.c"));
            steps++;
        }
        steps++;
    }
    NU_CATCH (error) {
        FAIL("the outer catch saw %s", error->fact);
    }
    CHECK_EQ(steps, 3);
}

TEST(kinds_form_a_tree)
{
    CHECK_RAISES(NU_ERROR, nu_raise(&small_teapot, "short and stout"));
    const nu_error *error = nu_test_error();
    CHECK(nu_error_is(error, &small_teapot));
    CHECK(nu_error_is(error, &teapot));
    CHECK(nu_error_is(error, NU_BAD_REQUEST));
    CHECK(!nu_error_is(error, NU_NOT_FOUND));
    CHECK_EQ(nu_kind_status(&small_teapot), 418);
    CHECK_EQ(nu_kind_status(NU_OBJECT_NOT_FOUND), 404);
    CHECK_EQ(nu_kind_status(NU_FIELD_ERROR), 500);
}

static int returns_from_try(void)
{
    NU_TRY {
        return 1;
    }
    return 2;
}

static int returns_from_catch(void)
{
    NU_TRY {
        nu_raise(NU_ERROR, "x");
    }
    NU_CATCH (error) {
        return error->kind == NU_ERROR ? 1 : 3;
    }
    return 2;
}

TEST(leaving_early_takes_the_frame_along)
{
    nu_frame_ *before = nu__ambient()->frame;
    CHECK_EQ(returns_from_try(), 1);
    CHECK(nu__ambient()->frame == before);
    CHECK_EQ(returns_from_catch(), 1);
    CHECK(nu__ambient()->frame == before);
    CHECK(nu__ambient()->caught == NULL);
    for (int i = 0; i < 3; i++) {
        NU_TRY {
            break;
        }
    }
    NU_TRY {
        nu_raise(NU_ERROR, "x");
    }
    NU_CATCH (error) {
        break;
    }
    CHECK(nu__ambient()->frame == before);
    CHECK(nu__ambient()->caught == NULL);
}

TEST(an_error_raised_while_handling_names_its_cause)
{
    CHECK_RAISES(NU_CONFIG_ERROR, {
        NU_TRY {
            nu_raise(NU_SYSTEM_ERROR, "disk full");
        }
        NU_CATCH (error) {
            nu_raise(NU_CONFIG_ERROR, "cannot save");
        }
    });
    const nu_error *error = nu_test_error();
    CHECK(error->cause != NULL);
    CHECK_TEXT(error->cause->fact, "disk full");
    CHECK_CONTAINS(nu_error_text(error, false),
                   "ImproperlyConfigured: cannot save\ncaused by SystemError: disk full");
    /* Handled and over: what comes next has nothing to do with it. */
    CHECK_RAISES(NU_ERROR, nu_raise(NU_ERROR, "later"));
    CHECK(nu_test_error()->cause == NULL);
}

TEST(a_nested_catch_gives_the_outer_one_back)
{
    NU_TRY {
        nu_raise(NU_ERROR, "outer");
    }
    NU_CATCH (outer) {
        NU_TRY {
            nu_raise(NU_ERROR, "inner");
        }
        NU_CATCH (inner) {
            CHECK_TEXT(inner->fact, "inner");
            CHECK(inner->cause == outer);
        }
        CHECK(nu__ambient()->caught == outer);
        CHECK_TEXT(outer->fact, "outer");
    }
}

TEST(an_error_survives_the_arena_it_was_made_in)
{
    nu_arena *outside = nu_arena_current();
    NU_TRY {
        nu_arena *inner = nu_arena_new(NULL, "inner");
        nu_arena_enter(inner);
        NU_TRY {
            nu_error *error = nu_error_new(NU_FIELD_ERROR, "no field \"%s\"", "titel");
            error->hint = nu_fmt("Did you mean \"%s\"?", "title");
            error->place = (nu_place){nu_fmt("a.html"), 3, 5, nu_fmt("{{ a.titel }}")};
            nu_throw(error);
        }
        NU_CATCH (error) {
            CHECK(error->arena == inner);
            NU_TRY {
                nu_reraise(error);
            }
            NU_CATCH (again) {
                CHECK(again == error);
            }
            /* Leaves for the outer arena, with the inner one freed on the way. */
            nu_arena_defer(outside, (void (*)(void *))nu_arena_free, inner);
            nu_reraise(error);
        }
    }
    NU_CATCH (error) {
        CHECK(nu_arena_current() == outside);
        CHECK(error->arena == outside);
        nu_arena_reset(nu_arena_new(outside, "noise"));
        CHECK_TEXT(nu_error_text(error, false), "FieldError: no field \"titel\"\n"
                                                "  in a.html, line 3, column 5\n"
                                                "    {{ a.titel }}\n"
                                                "        ^\n"
                                                "  Hint: Did you mean \"title\"?");
    }
}

TEST(a_hint_made_in_a_scratch_arena_comes_along)
{
    nu_arena *volatile scratch = NULL;
    NU_TRY {
        scratch = nu_arena_new(NULL, "scratch");
        nu_arena_enter(scratch);
        nu_error *error = nu_error_new(NU_ERROR, "fact");
        error->hint = nu_fmt("hint");
        error->detail = nu_fmt("detail");
        nu_throw(error);
    }
    NU_CATCH (error) {
        nu_arena_free(scratch);
        CHECK_TEXT(error->hint, "hint");
        CHECK_TEXT(error->detail, "detail");
    }
}

static NU_NORETURN __attribute__((noinline)) void raises_deep_inside(void)
{
    nu_raise(NU_ERROR, "deep");
}

TEST(an_error_knows_its_c_stack)
{
    CHECK_RAISES(NU_ERROR, raises_deep_inside());
    const nu_error *error = nu_test_error();
    CHECK(error->depth > 2);
    const char *text = nu_error_text(error, true);
    CHECK_CONTAINS(text, "at raises_deep_inside (");
    CHECK_CONTAINS(text, "test_error.c:");
    CHECK_CONTAINS(text, "test_an_error_knows_its_c_stack");
    /* Our own frames are left out. */
    CHECK(strstr(text, "nu_raise_") == NULL);
}

TEST(errors_of_clients_cost_no_stack)
{
    CHECK_RAISES(NU_NOT_FOUND, nu_raise(NU_NOT_FOUND, "x"));
    CHECK_EQ(nu_test_error()->depth, 0);
    CHECK_CONTAINS(nu_error_text(nu_test_error(), true), "test_error.c:");
}

TEST(an_assertion_quotes_itself)
{
    int two = 2;
    CHECK_RAISES(NU_ASSERTION, nu_assert(two == 3));
    CHECK_TEXT(nu_test_error()->fact, "assertion failed: two == 3");
}

static __attribute__((noinline)) int dive(volatile int depth)
{
    volatile char room[512];
    room[0] = (char)depth;
    nu_check_stack();
    return depth == INT32_MAX ? 0 : dive(depth + 1) + room[0];
}

TEST(endless_recursion_raises)
{
    CHECK_RAISES(NU_ERROR, dive(0));
    CHECK_CONTAINS(nu_test_error()->fact, "nested too deeply");
}

static bool first_line(void *arg, const nu_stack_line *line)
{
    nu_builder_puts(arg, line->function != NULL ? line->function : "?");
    return false;
}

TEST(an_address_resolves_to_its_function)
{
    void *pcs[8];
    CHECK(nu__stack_capture(pcs, 8) >= 2);
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    nu__stack_resolve(pcs[0], first_line, &out);
    CHECK_TEXT(nu_builder_text(&out), "test_an_address_resolves_to_its_function");
    nu__stack_resolve(NULL, first_line, &out);
}
