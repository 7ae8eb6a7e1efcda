/* ./manage test: runs the tests that are linked into the program, on a database of their own. */
#include "nuages/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nuages/database.h"
#include "nuages/file.h"
#include "nuages/log.h"
#include "nuages/text.h"

#include "command/internal.h"
#include "runtime/loop.h"

/* ---- the test database ----------------------------------------------------------------------- */

static char test_file[4096]; /* path of the SQLite file; empty: none */

static void remove_test_file(void)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < NU_COUNT(endings) && test_file[0] != '\0'; i++)
        unlink(nu_fmt("%s%s", test_file, endings[i]));
}

static void open_test_database(void)
{
    const nu_settings *s = nu_settings_current();
    nu_database_add(NULL, &(nu_database_options){.url = nu_fmt("sqlite:%s", test_file),
                                                 .timeout_ms = s->database_timeout_ms});
}

/* Migrated once; each test then runs in a transaction that is rolled back. */
static void make_test_database(void)
{
    char *path = nu_fmt("%s/nuages-test-XXXXXX", nu_env_or("TMPDIR", "/tmp"));
    int   fd = mkstemp(path);
    if (fd < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot make a file in \"%s\": %s", nu_path_folder(path),
                 strerror(errno));
    close(fd);
    strncpy(test_file, path, sizeof test_file - 1);
    atexit(remove_test_file);
    open_test_database();
    nu_call_command("migrate", NU_STRS("--verbosity=0"));
    nu_database_close_all();
}

/* ---- around each test ------------------------------------------------------------------------ */

static void start_process(void)
{
    if (test_file[0] != '\0')
        open_test_database();
}

static void begin_test(void)
{
    if (test_file[0] != '\0')
        nu_database_isolate(nu_database_get(NULL));
}

static void end_test(void)
{
    if (test_file[0] != '\0')
        nu_database_isolate_end(nu_database_get(NULL));
}

static void run_in_fiber(void (*fn)(void *), void *arg)
{
    nu__loop_call(NULL, fn, arg);
}

/* ---- the command ----------------------------------------------------------------------------- */

/* Builds the program with its tests and becomes it. */
static NU_NORETURN void run_test_program(const nu_command_call *call)
{
    const char *folder = nu_settings_current()->base_dir;
    const char *program = nu_path_join(folder, "manage-test");
    if (chdir(folder) != 0)
        nu_raise(NU_COMMAND_ERROR, "cannot go to the folder \"%s\": %s", folder, strerror(errno));
    if (system("exec make -s manage-test") != 0)
        nu_raise(NU_COMMAND_ERROR, "the tests do not build");
    const char **arguments = nu_alloc((size_t)(call->count + 4) * sizeof *arguments);
    arguments[0] = program;
    arguments[1] = "test";
    arguments[2] = "--";
    memcpy(&arguments[3], call->arguments, (size_t)call->count * sizeof *arguments);
    execv(program, (char *const *)(uintptr_t)arguments);
    nu_raise(NU_COMMAND_ERROR, "cannot run \"%s\": %s", program, strerror(errno));
}

static void run(const nu_command_call *call)
{
    if (nu_test_count() == 0)
        run_test_program(call);
    nu_log_setup(&(nu_log_options){.level = NU_LOG_OFF});
    if (nu_settings_current()->database != NULL)
        make_test_database();
    nu_test_set_hooks(&(nu_test_hooks){.start = start_process,
                                       .before_each = begin_test,
                                       .after_each = end_test,
                                       .run = run_in_fiber});
    const char **arguments = nu_alloc((size_t)(call->count + 2) * sizeof *arguments);
    arguments[0] = nu__program();
    for (int i = 0; i < call->count; i++)
        arguments[i + 1] = call->arguments[i];
    nu_command_exit(call, nu_test_main(call->count + 1, (char **)(uintptr_t)arguments));
}

const nu_command nu__command_test = {
    .name = "test",
    .help = "Runs the project's tests on a database of their own.\n"
            "Arguments after \"--\" go to the runner: ./manage test -- --help lists them.",
    .arguments = "[-- RUNNER OPTIONS]",
    .max_arguments = -1,
    .run = run,
};
