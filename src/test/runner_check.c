/* The checks. A failed one reports its line at once and then raises, which ends the test; code
 * under test that swallows the error cannot make the test pass, as the report is out. */
#include "nuages/test.h"

#include <string.h>

#include "test/runner.h"

static const nu_kind test_failure = {"TestFailure", NULL, 500};

/* What the last CHECK_RAISES caught; tests run one at a time. */
static const nu_error *raised;

static NU_NORETURN void fail(const char *file, int line, const char *message)
{
    nu__test_report(file, line, message);
    nu_raise(&test_failure, "%s", message);
}

bool nu__test_is_failure(const nu_error *error)
{
    return nu_error_is(error, &test_failure);
}

void nu_test_fail_(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *message = nu_arena_vformat(nu_arena_current(), format, args);
    va_end(args);
    fail(file, line, message);
}

void nu_check_equal_(const char *file, int line, const char *expression, nu_value actual,
                     nu_value expected, bool equal)
{
    if (nu_equal(actual, expected) == equal)
        return;
    if (equal)
        fail(file, line,
             nu_fmt("%s is %s, expected %s", expression, nu_text(nu_repr(actual)),
                    nu_text(nu_repr(expected))));
    fail(file, line,
         nu_fmt("%s is %s, expected anything else", expression, nu_text(nu_repr(actual))));
}

/* The text as a literal; of a long one only what stands around `at`. */
static const char *shown(const char *text, size_t at)
{
    enum { AROUND = 60, SHORT = 200 };
    if (text == NULL)
        return "NULL";
    size_t length = strlen(text);
    if (length <= SHORT)
        return nu_text(nu_repr(nu_value_text(text)));
    size_t from = at > AROUND ? at - AROUND : 0;
    size_t to = length - at > AROUND ? at + AROUND : length;
    return nu_fmt("%s%s%s", from > 0 ? "…" : "",
                  nu_text(nu_repr(nu_value_text_copy(text + from, to - from))),
                  to < length ? "…" : "");
}

void nu_check_text_(const char *file, int line, const char *expression, const char *actual,
                    const char *expected)
{
    size_t at = 0;
    if (actual == expected || (actual != NULL && expected != NULL && strcmp(actual, expected) == 0))
        return;
    while (actual != NULL && expected != NULL && actual[at] != '\0' && actual[at] == expected[at])
        at++;
    const char *where = at > 0 ? nu_fmt(" (they part at byte %zu)", at) : "";
    fail(file, line,
         nu_fmt("%s is %s, expected %s%s", expression, shown(actual, at), shown(expected, at),
                where));
}

void nu_check_contains_(const char *file, int line, const char *expression, const char *text,
                        const char *part)
{
    if (text != NULL && strstr(text, part) != NULL)
        return;
    const char *whole = text != NULL ? nu_text(nu_repr(nu_value_text(text))) : "NULL";
    fail(file, line,
         nu_fmt("%s does not contain %s: %s", expression, nu_text(nu_repr(nu_value_text(part))),
                whole));
}

void nu_test_expect_(void)
{
    raised = NULL;
}

void nu_test_raised_(const nu_error *error)
{
    if (nu__test_is_failure(error))
        nu_reraise(error);
    raised = error;
}

void nu_check_raised_(const char *file, int line, const char *statement, const nu_kind *kind)
{
    if (raised == NULL)
        fail(file, line, nu_fmt("%s raised nothing, expected %s", statement, kind->name));
    if (!nu_error_is(raised, kind))
        fail(file, line,
             nu_fmt("%s raised %s: %s, expected %s", statement, raised->kind->name, raised->fact,
                    kind->name));
}

const nu_error *nu_test_error(void)
{
    return raised;
}
