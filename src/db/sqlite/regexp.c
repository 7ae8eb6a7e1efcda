/* regexp(pattern, text): what SQLite's REGEXP operator calls. Callbacks run on SQLite's frames, so
 * nothing in here raises or waits. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "db/sqlite/internal.h"

/* Enough for any honest pattern; one that backtracks without end is stopped after about 0.1 s. */
enum { MATCH_LIMIT = 2000000 };

typedef struct regex {
    pcre2_code          *code;
    pcre2_match_data    *match;
    pcre2_match_context *context;
} regex;

static void regex_free(void *arg)
{
    regex *re = arg;
    pcre2_match_context_free(re->context);
    pcre2_match_data_free(re->match);
    pcre2_code_free(re->code);
    sqlite3_free(re);
}

static void refuse(sqlite3_context *context, int code)
{
    PCRE2_UCHAR reason[128], message[192];
    pcre2_get_error_message(code, reason, sizeof reason);
    sqlite3_snprintf(sizeof message, (char *)message, "regular expression: %s", reason);
    sqlite3_result_error(context, (const char *)message, -1);
}

static regex *compile(sqlite3_context *context, sqlite3_value *pattern)
{
    int         error;
    PCRE2_SIZE  offset;
    const void *text = sqlite3_value_text(pattern);
    size_t      length = (size_t)sqlite3_value_bytes(pattern);
    pcre2_code *code = pcre2_compile(text, length, PCRE2_UTF | PCRE2_UCP, &error, &offset, NULL);
    if (code == NULL) {
        refuse(context, error);
        return NULL;
    }
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    regex *re = sqlite3_malloc(sizeof *re);
    if (re == NULL) {
        pcre2_code_free(code);
        sqlite3_result_error_nomem(context);
        return NULL;
    }
    *re = (regex){code, pcre2_match_data_create(1, NULL), pcre2_match_context_create(NULL)};
    if (re->context != NULL)
        pcre2_set_match_limit(re->context, MATCH_LIMIT);
    return re;
}

/* SQLite keeps the compiled pattern with the statement for as long as the pattern is the same. */
static regex *compiled(sqlite3_context *context, sqlite3_value *pattern)
{
    regex *re = sqlite3_get_auxdata(context, 0);
    if (re != NULL)
        return re;
    re = compile(context, pattern);
    if (re == NULL)
        return NULL;
    sqlite3_set_auxdata(context, 0, re, regex_free);
    return sqlite3_get_auxdata(context, 0); /* NULL if it was not kept, and freed */
}

static void regexp(sqlite3_context *context, int count, sqlite3_value **args)
{
    (void)count;
    if (sqlite3_value_type(args[0]) == SQLITE_NULL || sqlite3_value_type(args[1]) == SQLITE_NULL)
        return;
    regex *re = compiled(context, args[0]);
    if (re == NULL)
        return;
    const void *text = sqlite3_value_text(args[1]);
    size_t      length = (size_t)sqlite3_value_bytes(args[1]);
    int         code = pcre2_match(re->code, text, length, 0, 0, re->match, re->context);
    if (code >= 0 || code == PCRE2_ERROR_NOMATCH)
        sqlite3_result_int(context, code >= 0);
    else
        refuse(context, code);
}

int nu__sqlite_add_regexp(sqlite3 *handle)
{
    return sqlite3_create_function_v2(handle, "regexp", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                      regexp, NULL, NULL, NULL);
}
