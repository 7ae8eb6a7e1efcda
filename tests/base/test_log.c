#include "nuages/log.h"

#include <string.h>
#include <unistd.h>

#include "base/ambient.h"
#include "nuages/json.h"
#include "nuages/test.h"

static int ends[2];

static void open_log(nu_level level, nu_log_form form)
{
    CHECK_EQ(pipe(ends), 0);
    nu_log_setup(&(nu_log_options){.level = level, .form = form, .fd = ends[1]});
    nu_clock_freeze(nu_datetime_of(2026, 11, 21, 10, 5, 0));
}

static const char *close_log(void)
{
    nu_log_setup(&(nu_log_options){.level = NU_LOG_INFO});
    nu_clock_freeze((nu_datetime){0});
    close(ends[1]);
    char   *text = nu_alloc(60000);
    ssize_t length = read(ends[0], text, 59999);
    close(ends[0]);
    return length >= 0 ? text : NULL;
}

TEST(a_line_has_time_level_area_and_message)
{
    open_log(NU_LOG_INFO, NU_LOG_TEXT);
    nu_debug("server", "not shown");
    nu_info("server", "listening on %d", 8000);
    nu_warning("db", "slow");
    nu__ambient()->request_id = "ab12";
    nu_log_error("web", "broken");
    nu__ambient()->request_id = NULL;
    CHECK_TEXT(close_log(), "2026-11-21 10:05:00.000 INFO    server   listening on 8000\n"
                            "2026-11-21 10:05:00.000 WARNING db       slow\n"
                            "2026-11-21 10:05:00.000 ERROR   web      broken  [ab12]\n");
}

TEST(a_message_cannot_forge_a_line)
{
    open_log(NU_LOG_INFO, NU_LOG_TEXT);
    nu_info("a", "x\n2026 ERROR\r\t\x1b[31m\x7f\xc2\x85\xe2\x80\xa8\xff é");
    CHECK_TEXT(close_log(), "2026-11-21 10:05:00.000 INFO    a        "
                            "x\\n2026 ERROR\\x0d\\t\\x1b[31m\\x7f\\x85\\u2028\\xff é\n");
}

TEST(json_lines_are_json)
{
    open_log(NU_LOG_DEBUG, NU_LOG_JSON);
    nu__ambient()->request_id = "r1";
    nu_debug("a", "say \"hi\"\n");
    nu__ambient()->request_id = NULL;
    const char *line = close_log();
    nu_value    value = nu_json_parse(line, strlen(line));
    CHECK_EQ(value, nu_dict_of("time", "2026-11-21T10:05:00.000Z", "level", "DEBUG", "area", "a",
                               "message", "say \"hi\"\n", "request", "r1"));
}

TEST(a_raised_error_is_logged_with_its_stack)
{
    CHECK_RAISES(NU_SYSTEM_ERROR, nu_raise(NU_SYSTEM_ERROR, "disk\nfull"));
    open_log(NU_LOG_INFO, NU_LOG_TEXT);
    nu_log_raised("web", nu_test_error());
    const char *text = close_log();
    CHECK(nu_starts_with(text,
                         "2026-11-21 10:05:00.000 ERROR   web      SystemError: disk\\nfull\n"));
    CHECK_CONTAINS(text, "test_log.c:");
    for (const char *at = text; (at = strchr(at, '\n')) != NULL && at[1] != '\0'; at++)
        CHECK(nu_starts_with(at + 1, "    "));

    open_log(NU_LOG_INFO, NU_LOG_JSON);
    nu_log_raised("web", nu_test_error());
    text = close_log();
    nu_value value = nu_json_parse(text, strlen(text));
    CHECK_EQ(nu_dict_get(value.dict, "kind"), "SystemError");
    CHECK_EQ(nu_dict_get(value.dict, "message"), "disk\nfull");
    CHECK_CONTAINS(nu_text(nu_dict_get(value.dict, "error")), "test_log.c:");
}

TEST(logging_can_be_off_and_leaves_no_memory_behind)
{
    open_log(NU_LOG_OFF, NU_LOG_TEXT);
    nu_log_error("a", "x");
    CHECK_TEXT(close_log(), "");
    open_log(NU_LOG_INFO, NU_LOG_TEXT);
    size_t before = nu_arena_statistics(nu_arena_current()).used;
    for (int i = 0; i < 100; i++)
        nu_info("a", "line %d", i);
    CHECK_EQ(nu_arena_statistics(nu_arena_current()).used, before);
    close_log();
}
