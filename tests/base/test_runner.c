/* The runner, seen from outside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuages/test.h"

static int exit_code;

/* What the failing tests print with these arguments, without the paths of this checkout. */
static const char *run(const char *arguments)
{
    char    self[512];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    CHECK(length > 0);
    self[length] = '\0';
    *strrchr(self, '/') = '\0';
    FILE *output = popen(nu_fmt("%s/base/failing-tests %s 2>/dev/null", self, arguments), "r");
    CHECK(output != NULL);
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    char line[1000];
    while (fgets(line, sizeof line, output) != NULL) {
        const char *file = strstr(line, "failing_tests.c:");
        nu_builder_puts(&out, file != NULL ? file : line);
    }
    exit_code = WEXITSTATUS(pclose(output));
    return nu_builder_text(&out);
}

TEST(every_failure_is_one_line)
{
    CHECK_TEXT(run("--quiet"),
               "failing_tests.c:16: crashed: Killed [is_killed]\n"
               "failing_tests.c:23: 1 + 1 is 2, expected 3 [compares]\n"
               "failing_tests.c:28: \"abc\" is 'abc', expected 'abd' (they part at byte 2) "
               "[compares_text]\n"
               "failing_tests.c:33: \"abc\" does not contain 'x\\n': 'abc' [looks_inside]\n"
               "failing_tests.c:38: nu_raise(NU_NOT_FOUND, \"nothing here\") raised NotFound: "
               "nothing here, expected ValueError [wants_another_error]\n"
               "failing_tests.c:43: (void)0 raised nothing, expected ValueError "
               "[wants_an_error]\n"
               "failing_tests.c:48: uncaught ValueError: bad [raises]\n"
               "failing_tests.c:51: took longer than 1 s [hangs]\n"
               "failing_tests.c:57: ended the process with exit code 0 [leaves]\n"
               "failing_tests.c:65: 2 > 3 is false [swallows_its_failure]\n"
               "failing_tests.c:74: 2 things are wrong [fails_with_words]\n"
               "2 passed, 11 failed\n");
    CHECK_EQ(exit_code, 1);
}

TEST(tests_are_chosen_by_name_and_tag)
{
    CHECK_TEXT(run("-k passes"), "2 passed, 0 failed\n");
    CHECK_EQ(exit_code, 0);
    CHECK_TEXT(run("--list --tag text"), "failing_tests.c:26: compares_text\n"
                                         "failing_tests.c:31: looks_inside\n");
    CHECK_TEXT(run("--list --tag quick -k text"), "failing_tests.c:26: compares_text\n");
    CHECK_TEXT(run("--list --tag tex"), "");
    CHECK_TEXT(run("-k nothing"), "0 passed, 0 failed\n");
}

TEST(the_first_failure_can_end_the_run)
{
    CHECK_TEXT(run("--quiet --fail-fast"), "failing_tests.c:16: crashed: Killed [is_killed]\n"
                                           "1 passed, 1 failed\n");
    CHECK_CONTAINS(run("--quiet --fail-fast -k compares"), "\n0 passed, 1 failed\n");
}

TEST(a_run_can_stay_in_one_process)
{
    CHECK_TEXT(run("--in-process --quiet -k fails"),
               "failing_tests.c:74: 2 things are wrong [fails_with_words]\n"
               "0 passed, 1 failed\n");
}

TEST(an_uncaught_error_shows_its_stack)
{
    const char *text = run("-k raises");
    CHECK_CONTAINS(text, "ValueError: bad\n");
    CHECK_CONTAINS(text, "    at run_test (");
}

TEST(wrong_arguments_are_refused)
{
    const char *bad[] = {"--bogus", "-k", "--timeout", "--timeout x", "--timeout 0", "extra"};
    for (size_t i = 0; i < NU_COUNT(bad); i++) {
        CHECK_TEXT(run(bad[i]), "");
        CHECK_EQ(exit_code, 2);
    }
    CHECK_CONTAINS(run("--help"), "--fail-fast");
    CHECK_EQ(exit_code, 0);
}
