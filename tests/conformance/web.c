#include "web.h"

#include <stdio.h>
#include <string.h>

#include "nuages/file.h"
#include "nuages/json.h"
#include "nuages/signing.h"

const nu_kind nu__web_uncovered = {"Uncovered", NU_ERROR, 500};

#define FILE_MAX ((size_t)64 << 20)

struct figures {
    int      passed, failed, different;
    nu_dict *uncovered; /* operation: how many */
};

static const nu__web_op *find_op(const char *name)
{
    const nu__web_op *const tables[] = {nu__web_text_ops, nu__web_request_ops, nu__web_response_ops,
                                        nu__web_url_ops, nu__web_signing_ops,
                                        nu__web_form_ops, nu__web_widget_ops,
                                        nu__web_validator_ops, nu__web_session_ops};
    for (size_t i = 0; i < NU_COUNT(tables); i++) {
        for (const nu__web_op *op = tables[i]; op->name != NULL; op++) {
            if (strcmp(op->name, name) == 0)
                return op;
        }
    }
    return NULL;
}

/* ---- errors ------------------------------------------------------------------------------------------ */

/* Django's exceptions and the kinds that stand for them here. */
static const struct {
    const char    *code;
    const nu_kind *kind;
} codes[] = {
    {"BadHeaderError", NU_VALUE_ERROR},
    {"BadSignature", NU_BAD_SIGNATURE},
    {"CookieError", NU_VALUE_ERROR},
    {"Corrupt", NU_BAD_SIGNATURE},
    {"DisallowedHost", NU_SUSPICIOUS},
    {"DisallowedRedirect", NU_SUSPICIOUS},
    {"KeyError", NU_VALUE_ERROR},
    {"MultiPartParserError", NU_BAD_REQUEST},
    {"NoReverseMatch", NU_NO_REVERSE_MATCH},
    {"RequestDataTooBig", NU_TOO_LARGE},
    {"Resolver404", NU_NOT_FOUND},
    {"SignatureExpired", NU_SIGNATURE_EXPIRED},
    {"TooManyFieldsSent", NU_SUSPICIOUS},
    {"TooManyFilesSent", NU_SUSPICIOUS},
    {"ValueError", NU_VALUE_ERROR},
};

static bool is_code(const char *code, const nu_error *error)
{
    for (size_t i = 0; i < NU_COUNT(codes); i++) {
        if (strcmp(codes[i].code, code) == 0)
            return nu_error_is(error, codes[i].kind);
    }
    return false;
}

/* ---- one case ------------------------------------------------------------------------------------------ */

enum outcome { PASSED, FAILED, UNCOVERED };

struct attempt {
    const nu__web_op *op;
    const nu_dict    *line;
    nu_value          result;
    const nu_error   *error;        /* NULL: it gave a result */
    const char       *got, *wanted; /* of a failure, for people */
};

static void run_op(struct attempt *attempt)
{
    NU_TRY {
        attempt->result = attempt->op->run(attempt->line);
    }
    NU_CATCH (error) {
        attempt->error = error;
    }
}

static const char *shown(nu_value value)
{
    nu_value text = nu_value_str(value);
    return text.length <= 600 ? text.text : nu_fmt("%.600s…", text.text);
}

static enum outcome failed(struct attempt *attempt, const char *got, const char *wanted)
{
    attempt->got = got;
    attempt->wanted = wanted;
    return FAILED;
}

static enum outcome judge_error(struct attempt *attempt, const nu_dict *expected)
{
    const nu_error *error = attempt->error;
    const nu_value *code = nu_dict_find(expected, "error");
    if (nu_error_is(error, &nu__web_uncovered))
        return UNCOVERED;
    if (code != NULL && is_code(nu__web_text(code->dict, "code", ""), error))
        return PASSED;
    return failed(attempt, nu_fmt("%s: %s", error->kind->name, error->fact),
                  shown(code != NULL ? *code : nu_dict_get(expected, "expect")));
}

/* Of two dicts the members that differ; anything else whole. */
static const char *difference(nu_value one, nu_value other)
{
    if (one.type != NU_DICT || other.type != NU_DICT)
        return shown(one);
    nu_dict *part = nu_dict_new();
    for (nu_entry *e = NULL; (e = nu_dict_next(one.dict, e)) != NULL;) {
        const nu_value *beside = nu_dict_find_value(other.dict, e->key);
        if (beside == NULL || !nu_equal(e->value, *beside))
            nu_dict_put(part, e->key, e->value);
    }
    return shown(nu_value_dict(part));
}

static enum outcome judge(struct attempt *attempt, const nu_dict *expected)
{
    if (attempt->error != NULL)
        return judge_error(attempt, expected);
    const nu_value *expect = nu_dict_find(expected, "expect");
    const nu_value *error = nu_dict_find(expected, "error");
    if (expect == NULL && error != NULL && nu_dict_find(error->dict, "codes") != NULL)
        expect = error; /* errors of a form are its result */
    if (expect == NULL)
        return failed(attempt, shown(attempt->result), shown(nu_dict_get(expected, "error")));
    nu_value (*normal)(nu_value result) = attempt->op->normal;
    nu_value wanted = nu__web_decode(*expect), got = attempt->result;
    wanted = normal != NULL ? normal(wanted) : wanted;
    got = normal != NULL ? normal(got) : got;
    if (nu_equal(wanted, got))
        return PASSED;
    return failed(attempt, difference(got, wanted), difference(wanted, got));
}

static enum outcome run_case(struct attempt *attempt, const nu_dict *line)
{
    attempt->op = find_op(nu__web_text(line, "op", ""));
    attempt->line = line;
    if (attempt->op == NULL)
        return UNCOVERED;
    nu_datetime now = {.set = false};
    const char *clock = nu__web_text(line, "now", "");
    if (clock[0] != '\0' && !nu_datetime_try(clock, strlen(clock), &now))
        nu_raise(NU_VALUE_ERROR, "\"now\" is no time: %s", clock);
    nu_clock_freeze(now);
    run_op(attempt);
    nu_clock_freeze((nu_datetime){.set = false});
    const nu_value *newer = nu_dict_find(line, "in_4_2");
    return judge(attempt, newer != NULL ? newer->dict : line);
}

/* ---- a file ---------------------------------------------------------------------------------------------- */

static void count(struct figures *figures, const nu_dict *line, const nu_dict *differences)
{
    const char     *id = nu__web_text(line, "id", ""), *op = nu__web_text(line, "op", "");
    bool            expected_to_differ = nu_dict_find(differences, id) != NULL;
    struct attempt *attempt = nu_alloc(sizeof *attempt);
    enum outcome    outcome = run_case(attempt, line);
    if (outcome == UNCOVERED) {
        nu_value before = nu_dict_get(figures->uncovered, op);
        nu_dict_put(figures->uncovered, nu_value_text(op),
                    nu_value_int(nu_is_null(before) ? 1 : before.integer + 1));
    } else if (expected_to_differ && outcome == PASSED) {
        printf("%s: agrees with Django but stands in differences.txt\n", id);
        figures->failed++;
    } else if (expected_to_differ) {
        figures->different++;
    } else {
        figures->passed += outcome == PASSED;
        figures->failed += outcome == FAILED;
        if (outcome == FAILED)
            printf("FAIL %s\n  wanted %s\n  got    %s\n", id, attempt->wanted, attempt->got);
    }
}

/* A case with U+0000 in a text cannot be read: our JSON refuses it, as C text cannot hold it. */
static bool has_nul(const char *line, size_t length)
{
    return memmem(line, length, "\\u0000", 6) != NULL;
}

static void run_line(struct figures *figures, const char *line, size_t length,
                     const nu_dict *differences)
{
    if (has_nul(line, length)) {
        nu_value before = nu_dict_get(figures->uncovered, "text with U+0000");
        nu_dict_put(figures->uncovered, nu_value_text("text with U+0000"),
                    nu_value_int(nu_is_null(before) ? 1 : before.integer + 1));
        return;
    }
    count(figures, nu_json_parse(line, length).dict, differences);
}

/* A line a case: its id, a tab, the reason. */
static nu_dict *read_differences(const char *file)
{
    nu_dict    *differences = nu_dict_new();
    const char *path = nu_path_join(nu_path_folder(file), "differences.txt");
    if (!nu_file_exists(path))
        return differences;
    const nu_list *lines = nu_split(nu_file_read(path, FILE_MAX).text, '\n');
    for (uint32_t i = 0; i < lines->count; i++) {
        const char *line = lines->items[i].text, *tab = strchr(line, '\t');
        if (tab != NULL)
            nu_dict_set(differences, nu_arena_copy(nu_arena_current(), line, (size_t)(tab - line)),
                        tab + 1);
    }
    return differences;
}

static void print_figures(const char *file, const struct figures *figures)
{
    printf("%s: %d passed, %d failed, %d differ on purpose", file, figures->passed, figures->failed,
           figures->different);
    const char *joint = "; not covered: ";
    for (nu_entry *e = NULL; (e = nu_dict_next(figures->uncovered, e)) != NULL; joint = ", ")
        printf("%s%s %lld", joint, e->key.text, (long long)e->value.integer);
    printf("\n");
}

int nu__conformance_web(const char *file)
{
    nu_signing_setup("conformance", NULL);
    nu__web_urls_open(nu_path_folder(file));
    nu_value       text = nu_file_read(file, FILE_MAX);
    const nu_dict *differences = read_differences(file);
    struct figures figures = {.uncovered = nu_dict_new()};
    const char    *at = text.text, *end = at + text.length;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop != NULL ? stop : end;
        if (stop > at)
            run_line(&figures, at, (size_t)(stop - at), differences);
        at = stop + 1;
    }
    print_figures(file, &figures);
    return figures.failed;
}
