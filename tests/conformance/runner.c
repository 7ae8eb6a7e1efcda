/* Runs files of cases against Nuages and reports where it answers differently.
 *
 *      conformance templates FILE.jsonl …
 *      conformance --except LIST templates FILE.jsonl …
 *      conformance web FILE.jsonl …
 *      conformance orm FILE.jsonl --database URL [--only PREFIX] [-v]
 *      conformance schema FOLDER --database URL
 *
 * LIST names cases that current Django answers differently, one a line: the id, a tab, the reason.
 * Those run too; only their difference does not count. */
#include <stdio.h>
#include <string.h>

#include "conformance.h"
#include "nuages/file.h"
#include "nuages/json.h"
#include "orm.h"
#include "web.h"

#define MAX_FILE (256 * 1024 * 1024)

typedef struct tally {
    int      passed, failed, excepted;
    nu_dict *exceptions; /* id: reason */
} tally;

static const struct {
    const char *name;
    bool (*check)(nu_value json, const char **got, const char **wanted);
} kinds[] = {{"templates", conformance_template}};

static void run_case(size_t kind, const char *line, size_t length, tally *count)
{
    nu_value    json = nu_json_parse_nul(line, length);
    const char *got = "", *wanted = "";
    if (kinds[kind].check(json, &got, &wanted)) {
        count->passed++;
        return;
    }
    const char *id = nu_text(nu_dict_get(json.dict, "id"));
    if (count->exceptions && nu_dict_find(count->exceptions, id)) {
        count->excepted++;
        return;
    }
    count->failed++;
    printf("FAIL %s\n  wanted %s\n  got    %s\n", id, wanted, got);
}

static void run_file(size_t kind, const char *path, tally *count)
{
    nu_arena *outer = nu_arena_current(), *arena = nu_arena_new(outer, "case");
    nu_value  text = nu_file_read(path, MAX_FILE);
    for (const char *line = text.text, *end; *line; line = *end ? end + 1 : end) {
        end = strchrnul(line, '\n');
        nu_arena_enter(arena);
        if (end > line)
            run_case(kind, line, (size_t)(end - line), count);
        nu_arena_enter(outer);
        nu_arena_reset(arena);
    }
    nu_arena_free(arena);
}

static nu_dict *read_exceptions(const char *path)
{
    nu_dict *exceptions = nu_dict_new();
    nu_list *lines = nu_split(nu_file_read(path, MAX_FILE).text, '\n');
    for (uint32_t i = 0; i < lines->count; i++) {
        const char *line = lines->items[i].text, *tab = strchr(line, '\t');
        if (tab)
            nu_dict_set(exceptions, nu_fmt("%.*s", (int)(tab - line), line), tab + 1);
    }
    return exceptions;
}

static int usage(void)
{
    fputs("usage: conformance [--except LIST] templates FILE.jsonl …\n"
          "       conformance web FILE.jsonl …\n"
          "       conformance orm FILE.jsonl --database URL [--only PREFIX] [-v]\n"
          "       conformance schema FOLDER --database URL\n",
          stderr);
    return 2;
}

/* These have operations of many kinds and keep their own figures. */
static int run_web(int argc, char **argv)
{
    int failed = 0;
    for (int at = 2; at < argc; at++)
        failed += nu__conformance_web(argv[at]);
    return failed ? 1 : 0;
}

static int run(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "web") == 0)
        return run_web(argc, argv);
    if (argc > 1 && strcmp(argv[1], "orm") == 0)
        return orm_main(argc, argv);
    if (argc > 1 && strcmp(argv[1], "schema") == 0)
        return orm_schema_main(argc, argv);
    tally count = {0};
    int   at = 1;
    if (argc > 3 && strcmp(argv[1], "--except") == 0) {
        count.exceptions = read_exceptions(argv[2]);
        at = 3;
    }
    size_t kind = 0;
    while (at < argc && kind < NU_COUNT(kinds) && strcmp(kinds[kind].name, argv[at]) != 0)
        kind++;
    if (at + 1 >= argc || kind == NU_COUNT(kinds))
        return usage();
    for (at++; at < argc; at++)
        run_file(kind, argv[at], &count);
    if (count.excepted)
        printf("%d differ as listed, ", count.excepted);
    printf("%d passed, %d failed\n", count.passed, count.failed);
    return count.failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    NU_TRY {
        return run(argc, argv);
    }
    NU_CATCH (error) {
        fprintf(stderr, "conformance: %s\n", nu_error_text(error, false));
    }
    return 2;
}
