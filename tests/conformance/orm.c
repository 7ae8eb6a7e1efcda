/* Runs files of queries and reports where they come out differently.
 *
 *      conformance orm FILE.jsonl --database URL [--only PREFIX] [--open LIST] [--rewrite]
 *                                 [--except LIST] [--fetch-all] [-v]
 *
 * The models' tables are made by our own migrations in an empty database and filled from data.json
 * beside the file. Cases run in a child process, which is started anew after a crash, so that one
 * case cannot end the run.
 *
 * LIST of --open: ids that are not reached yet; one that passes is a failure, so that the list can
 * only shrink. LIST of --except: cases that current Django answers differently, with the reason. In
 * both a database may stand behind the id ("lock-002 postgresql"), if it is about that one only.
 * --rewrite makes the list of open cases anew, as far as it is about this database.
 *
 * Relations are read one by one, so that statements can be counted as Django's. --fetch-all: in our
 * own way, for all rows of a set at once; then there may be fewer statements, never more.
 *
 * Statements that the cache of query shapes has are compared with what would be written (NUAGES_CHECK_SQL). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuages/file.h"
#include "nuages/json.h"
#include "nuages/text.h"

#include "orm.h"

enum { MAX_FILE = 256 * 1024 * 1024, CASE_SECONDS = 30 };

typedef struct settings {
    const char *file, *url, *only, *open_path, *vendor;
    nu_dict    *open, *except;
    bool        verbose, rewrite;
} settings;

/* What the child tells its parent, in memory that they share. */
typedef struct score {
    volatile uint32_t at; /* the case that runs */
    volatile uint32_t passed, failed, open, excepted;
    volatile bool     differs[]; /* by case; those listed as exceptions left out */
} score;

/* ---- options ----------------------------------------------------------------------------------------- */

static bool read_options(int argc, char **argv, settings *out)
{
    *out = (settings){.only = "", .open = nu_dict_new(), .except = nu_dict_new()};
    for (int i = 2; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "-v") == 0)
            out->verbose = true;
        else if (strcmp(argv[i], "--rewrite") == 0)
            out->rewrite = true;
        else if (strcmp(argv[i], "--fetch-all") == 0)
            orm_fetch_mode = NU_FETCH_PEERS;
        else if (argv[i][0] != '-')
            out->file = argv[i];
        else if (!has_value)
            return false;
        else if (strcmp(argv[i], "--database") == 0)
            out->url = argv[++i];
        else if (strcmp(argv[i], "--only") == 0)
            out->only = argv[++i];
        else if (strcmp(argv[i], "--open") == 0)
            out->open = orm_list_read(out->open_path = argv[++i]);
        else if (strcmp(argv[i], "--except") == 0)
            out->except = orm_list_read(argv[++i]);
        else
            return false;
    }
    return out->file != NULL && out->url != NULL && (!out->rewrite || out->open_path != NULL);
}

/* ---- cases --------------------------------------------------------------------------------------------- */

static bool for_database(nu_dict *json, const char *vendor)
{
    nu_value databases = nu_dict_get(json, "databases");
    if (databases.type != NU_LIST)
        return true;
    for (uint32_t i = 0; i < databases.list->count; i++)
        if (strcmp(nu_text(databases.list->items[i]), vendor) == 0)
            return true;
    return false;
}

static nu_list *read_cases(const settings *options, const char *vendor)
{
    nu_list *cases = nu_list_new();
    nu_value text = nu_file_read(options->file, MAX_FILE);
    for (const char *line = text.text, *end; *line != '\0'; line = *end ? end + 1 : end) {
        end = strchrnul(line, '\n');
        if (end == line)
            continue;
        nu_value json = nu_json_parse_nul(line, (size_t)(end - line));
        if (nu_starts_with(nu_text(nu_dict_get(json.dict, "id")), options->only) &&
            for_database(json.dict, vendor))
            nu_list_push(cases, json);
    }
    return cases;
}

static const char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? nu_fmt("%.*s", (int)(slash - path), path) : ".";
}

static void settle(const settings *options, score *board, const char *id, bool passed,
                   const char *difference)
{
    bool open = orm_list_has(options->open, id, options->vendor);
    bool excepted = orm_list_has(options->except, id, options->vendor);
    board->differs[board->at] = !passed && !excepted;
    if (excepted && passed && orm_fetch_mode == NU_FETCH_ONE) {
        board->failed++;
        printf("FAIL %s\n  passes now: take it out of the list of differences\n", id);
    } else if (excepted && !passed) {
        board->excepted++;
    } else if (passed && open && !options->rewrite && orm_fetch_mode == NU_FETCH_ONE) {
        board->failed++;
        printf("FAIL %s\n  passes now: take it out of the list of open cases\n", id);
    } else if (passed) {
        board->passed++;
        if (options->verbose)
            printf("ok   %s\n", id);
    } else {
        open = open || options->rewrite;
        *(open ? &board->open : &board->failed) += 1;
        if (!open || options->verbose)
            printf("%s %s\n%s", open ? "open" : "FAIL", id, difference);
    }
    fflush(stdout);
}

static void run_cases(const settings *options, const orm_database *database, nu_list *cases,
                      nu_dict *base_counts, score *board)
{
    nu_arena *outer = nu_arena_current(), *arena = nu_arena_new(outer, "case");
    orm_database_at(database->url);
    for (; board->at < cases->count; board->at++) {
        nu_dict *json = cases->items[board->at].dict;
        nu_arena_enter(arena);
        alarm(CASE_SECONDS);
        orm_outcome outcome = orm_run_case(database, json, base_counts);
        settle(options, board, nu_text(nu_dict_get(json, "id")), outcome.passed,
               outcome.difference);
        nu_arena_enter(outer);
        nu_arena_reset(arena);
    }
    alarm(0);
    nu_database_close_all();
}

/* Runs cases from board->at on in a child; true if it came to the end. */
static bool run_child(const settings *options, const orm_database *database, nu_list *cases,
                      nu_dict *base_counts, score *board)
{
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot fork");
    if (child == 0) {
        run_cases(options, database, cases, base_counts, board);
        fflush(stdout);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    const char *how = WIFSIGNALED(status)
                          ? WTERMSIG(status) == SIGALRM ? "takes too long" : "crashes"
                          : "ends the process";
    settle(options, board, nu_text(nu_dict_get(cases->items[board->at].dict, "id")), false,
           nu_fmt("  %s (status %d)\n", how, status));
    board->at++;
    return false;
}

/* Makes the list of open cases what it is now. */
static void rewrite(const settings *options, nu_list *cases, const score *board)
{
    nu_dict *failed = nu_dict_new();
    for (uint32_t i = 0; i < cases->count; i++)
        nu_dict_put(failed, nu_dict_get(cases->items[i].dict, "id"),
                    nu_value_bool(board->differs[i]));
    orm_list_write(options->open_path, options->open, failed, options->vendor);
}

static score *new_score(uint32_t case_count)
{
    size_t size = sizeof(score) + case_count * sizeof(bool);
    void  *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        nu_raise(NU_OUT_OF_MEMORY, "no shared memory");
    return memory;
}

static int run(settings *options)
{
    orm_database *database = orm_database_load(options->url, folder_of(options->file));
    options->vendor = database->vendor;
    nu_dict *base_counts = orm_row_counts();
    nu_list *cases = read_cases(options, database->vendor);
    score   *board = new_score(cases->count);
    nu_database_close_all();
    while (!run_child(options, database, cases, base_counts, board))
        ;
    if (board->excepted > 0)
        printf("%u differ as listed, ", board->excepted);
    if (board->open > 0)
        printf("%u not reached yet, ", board->open);
    printf("%u passed, %u failed\n", board->passed, board->failed);
    orm_database_remove(database);
    if (options->rewrite)
        rewrite(options, cases, board);
    return board->failed > 0 ? 1 : 0;
}

int orm_main(int argc, char **argv)
{
    settings options;
    if (!read_options(argc, argv, &options)) {
        fputs("usage: conformance orm FILE.jsonl --database URL [--only PREFIX] [--open LIST] "
              "[--rewrite] [--except LIST] [--fetch-all] [-v]\n",
              stderr);
        return 2;
    }
    setenv("NUAGES_CHECK_SQL", "1", 1);
    return run(&options);
}
