/* Tests: for Nuages itself and for the applications made with it.
 *
 *      TEST(slug_drops_accents) {
 *          CHECK_TEXT(nu_slug("Ça va"), "ca-va");
 *          CHECK_RAISES(NU_VALUE_ERROR, nu_slug(""));
 *      }
 *
 * A test registers itself and runs in an arena of its own. The first failed check ends it, with one
 * line that names the place and both values. A test that crashes or hangs fails; the others run on,
 * because tests run in a child process which is started anew after a crash. */
#pragma once

#include "nuages/text.h"

typedef struct nu_test nu_test;
struct nu_test {
    const char *name;
    const char *file;
    int         line;
    void (*run)(void);
    const char *tags;    /* words for --tag: "slow network" */
    int         timeout; /* seconds; 0: as given by --timeout, 60 by default */
    nu_test    *next;
};

/* Defines a test. Members of nu_test may follow: TEST(name, .tags = "slow", .timeout = 300) */
#define TEST(words, ...)                                                                      \
    static void NU_JOIN(test_, words)(void);                                                  \
    static nu_test NU_JOIN(test_entry_, words) = {.name = #words, .file = __FILE__,           \
        .line = __LINE__, .run = NU_JOIN(test_, words), ##__VA_ARGS__};                       \
    __attribute__((constructor)) static void NU_JOIN(test_enter_, words)(void)                \
    {                                                                                         \
        nu_test_register_(&NU_JOIN(test_entry_, words));                                      \
    }                                                                                         \
    static void NU_JOIN(test_, words)(void)

/* The condition holds. */
#define CHECK(cond) ((cond) ? (void)0 : nu_test_fail_(__FILE__, __LINE__, "%s is false", #cond))

/* Two C values of any type that NU_V takes are equal, as in Python. */
#define CHECK_EQ(actual, expected)                                                            \
    nu_check_equal_(__FILE__, __LINE__, #actual, NU_V(actual), NU_V(expected), true)
#define CHECK_NE(actual, expected)                                                            \
    nu_check_equal_(__FILE__, __LINE__, #actual, NU_V(actual), NU_V(expected), false)

/* Two C strings are the same; NULL only equals NULL. */
#define CHECK_TEXT(actual, expected)                                                          \
    nu_check_text_(__FILE__, __LINE__, #actual, (actual), (expected))

/* `part` stands somewhere in `text`. */
#define CHECK_CONTAINS(text, part) nu_check_contains_(__FILE__, __LINE__, #text, (text), (part))

/* The statement raises an error of that kind or one below it; nu_test_error() then has it. */
#define CHECK_RAISES(kind, ...)                                                               \
    do {                                                                                      \
        nu_test_expect_();                                                                    \
        NU_TRY {                                                                              \
            __VA_ARGS__;                                                                      \
        } NU_CATCH (nu_raised_) {                                                             \
            nu_test_raised_(nu_raised_);                                                      \
        }                                                                                     \
        nu_check_raised_(__FILE__, __LINE__, #__VA_ARGS__, (kind));                           \
    } while (0)

/* Fails with a message. */
#define FAIL(...) nu_test_fail_(__FILE__, __LINE__, __VA_ARGS__)

/* What the last CHECK_RAISES caught. */
NU_PUBLIC const nu_error *nu_test_error(void);

/* What a higher layer does around tests. Members may be NULL; each may raise, which fails the test. */
typedef struct nu_test_hooks {
    void (*start)(void);                        /* once in each process that runs tests */
    void (*before_each)(void);
    void (*after_each)(void);                   /* also after a failure */
    void (*run)(void (*fn)(void *), void *arg); /* calls fn(arg), in a fiber for example */
} nu_test_hooks;
NU_PUBLIC void nu_test_set_hooks(const nu_test_hooks *hooks);

/* Runs the tests that the arguments select and prints "N passed, N failed" last; 0 if none failed.
 * `--help` lists the options. A program without a main of its own that links the runner gets one
 * that only calls this. */
NU_PUBLIC int nu_test_main(int argc, char **argv);

/* How many tests are linked into this program. */
NU_PUBLIC int nu_test_count(void);

/* ---- behind the macros ---------------------------------------------------------------------- */

NU_PUBLIC void nu_test_register_(nu_test *test);
NU_PUBLIC NU_NORETURN void nu_test_fail_(const char *file, int line, const char *format, ...)
    NU_PRINTF(3, 4);
NU_PUBLIC void nu_check_equal_(const char *file, int line, const char *expression, nu_value actual,
                               nu_value expected, bool equal);
NU_PUBLIC void nu_check_text_(const char *file, int line, const char *expression,
                              const char *actual, const char *expected);
NU_PUBLIC void nu_check_contains_(const char *file, int line, const char *expression,
                                  const char *text, const char *part);
NU_PUBLIC void nu_test_expect_(void);
NU_PUBLIC void nu_test_raised_(const nu_error *error);
NU_PUBLIC void nu_check_raised_(const char *file, int line, const char *statement,
                                const nu_kind *kind);
