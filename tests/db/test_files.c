/* Files that are missing, read-only, damaged, shared with other processes, or on a full disk. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"

static const char *full_text(const nu_error *error)
{
    return nu_error_text(error, false);
}

TEST(missing_folder_is_named)
{
    nu_database *db = open_file("/nowhere/at/all/site.db");
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT 1"));
    CHECK_TEXT(nu_test_error()->fact, "cannot open database file \"/nowhere/at/all/site.db\"");
    CHECK_TEXT(nu_test_error()->detail, "The folder \"/nowhere/at/all\" does not exist.");
    CHECK_CONTAINS(nu_test_error()->hint, "Create the folder");
    nu_database_close_all();
}

TEST(a_folder_is_no_database)
{
    nu_database *db = open_file(temporary_folder());
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql_value(db, "SELECT 1"));
    CHECK_CONTAINS(nu_test_error()->detail, "It is a folder");
    nu_database_close_all();
}

static void overwrite(const char *path, long offset, const char *bytes, size_t length)
{
    FILE *file = fopen(path, offset < 0 ? "w" : "r+");
    CHECK(file != NULL);
    if (offset > 0)
        fseek(file, offset, SEEK_SET);
    CHECK_EQ(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

TEST(a_file_of_something_else_is_told)
{
    const char *path = nu_fmt("%s/notes.db", temporary_folder());
    char        text[2048];
    memset(text, 'x', sizeof text);
    overwrite(path, -1, text, sizeof text);
    nu_database *db = open_file(path);
    CHECK_RAISES(NU_DATABASE_ERROR, nu_sql_value(db, "SELECT count(*) FROM sqlite_master"));
    CHECK_CONTAINS(nu_test_error()->fact, "is not a SQLite database");
    CHECK_CONTAINS(nu_test_error()->hint, path);
    nu_database_close_all();
}

TEST(a_damaged_file_is_told)
{
    const char  *path;
    nu_database *db = open_things(&path);
    for (int i = 0; i < 500; i++)
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, ?)", nu_fmt("name %d", i), i);
    nu_database_close_all();
    enum { RUBBISH = 8192 };
    overwrite(path, 4096, memset(nu_alloc(RUBBISH), 0xAA, RUBBISH), RUBBISH);
    db = open_file(path);
    CHECK_RAISES(NU_DATABASE_ERROR, nu_sql_rows(db, "SELECT * FROM thing ORDER BY name"));
    CHECK_CONTAINS(nu_test_error()->fact, "is damaged");
    CHECK_CONTAINS(nu_test_error()->hint, "backup");
    nu_database_close_all();
}

TEST(a_database_opened_read_only_refuses_to_write)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1)");
    nu_database_close_all();
    db = nu_database_add(
        NULL, &(nu_database_options){.url = nu_fmt("sqlite:%s", path), .read_only = true});
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 1);
    CHECK_RAISES(NU_OPERATIONAL_ERROR, nu_sql(db, "DELETE FROM thing"));
    CHECK_CONTAINS(nu_test_error()->fact, "is read-only");
    nu_database_close_all();
}

static int in_child(void (*fn)(const char *path), const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        fn(path);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

/* Root may write everywhere, so this child becomes nobody first. */
static void write_where_not_allowed(const char *path)
{
    if (getuid() == 0 && setuid(65534) != 0)
        _exit(2);
    nu_database *db = open_file(path);
    NU_TRY {
        CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing"), 0);
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1)");
        _exit(3);
    }
    NU_CATCH (error) {
        bool told = strstr(full_text(error), "read-only") != NULL ||
                    strstr(full_text(error), "cannot open") != NULL;
        bool help = error->hint != NULL && strstr(error->hint, "write access") != NULL;
        _exit(told && help ? 0 : 4);
    }
}

TEST(a_read_only_file_is_told_with_what_to_do)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_sql(db, "PRAGMA journal_mode = DELETE");
    nu_database_close_all();
    char *folder = nu_arena_text(nu_arena_current(), path);
    *strrchr(folder, '/') = '\0';
    chmod(path, 0444);
    chmod(folder, 0555);
    CHECK_EQ(in_child(write_where_not_allowed, path), 0);
}

/* Writes until it fails; leaves the process with 0 if it failed in the right words and lost nothing. */
static NU_NORETURN void write_until_full(nu_database *db)
{
    volatile int rows = 0;
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('before', 1)");
    NU_TRY {
        for (; rows < 100000; rows++)
            NU_ATOMIC {
                nu_sql(db, "INSERT INTO thing (name, hits) VALUES (?, 1)", nu_fmt("%01000d", rows));
            }
        _exit(3);
    }
    NU_CATCH (error) {
        if (strstr(full_text(error), "the disk is full") == NULL || error->hint == NULL)
            _exit(4);
    }
    int64_t kept = nu_int(nu_sql_value(db, "SELECT count(*) FROM thing"));
    _exit(kept == rows + 1 ? 0 : 5);
}

static void write_over_limit(const char *path)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {.rlim_cur = 400 * 1024, .rlim_max = 400 * 1024};
    nu_database  *db = open_file(path);
    nu_sql(db, "DELETE FROM thing");
    setrlimit(RLIMIT_FSIZE, &limit);
    write_until_full(db);
}

/* A disk of 512 kB that only this process sees; where that is not allowed there is nothing to test. */
static void write_small_disk(const char *folder)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=512k") != 0)
        _exit(0);
    nu_database *db = open_file(nu_fmt("%s/things.db", folder));
    nu_sql_script(db, "CREATE TABLE thing (name text, hits integer)");
    write_until_full(db);
}

TEST(a_file_that_may_not_grow_is_told_and_loses_nothing)
{
    const char *path;
    open_things(&path);
    nu_database_close_all();
    CHECK_EQ(in_child(write_over_limit, path), 0);
    nu_database *db = open_file(path);
    CHECK_EQ(nu_sql_value(db, "PRAGMA integrity_check"), "ok");
    CHECK_EQ(nu_sql_value(db, "SELECT count(*) FROM thing WHERE name = 'before'"), 1);
    nu_database_close_all();
}

TEST(a_full_disk_is_told_and_loses_nothing)
{
    CHECK_EQ(in_child(write_small_disk, temporary_folder()), 0);
}

enum { PROCESSES = 4, ROUNDS = 150 };

static void count_up(const char *path)
{
    nu_database *db = open_file(path);
    for (int i = 0; i < ROUNDS; i++) {
        NU_ATOMIC {
            int64_t hits = nu_int(nu_sql_value(db, "SELECT hits FROM thing WHERE name = 'shared'"));
            nu_sql(db, "UPDATE thing SET hits = ? WHERE name = 'shared'", hits + 1);
        }
        nu_sql(db, "UPDATE thing SET hits = hits + 1 WHERE name = 'single'");
    }
    nu_database_close_all();
    _exit(0);
}

TEST(processes_share_a_file_without_a_lost_update, .timeout = 120)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('shared', 0), ('single', 0)");
    nu_database_close_all();
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            count_up(path);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 0;
        waitpid(children[i], &status, 0);
        CHECK_EQ(status, 0);
    }
    db = open_file(path);
    CHECK_EQ(nu_sql_value(db, "SELECT hits FROM thing WHERE name = 'shared'"), PROCESSES * ROUNDS);
    CHECK_EQ(nu_sql_value(db, "SELECT hits FROM thing WHERE name = 'single'"), PROCESSES * ROUNDS);
    nu_database_close_all();
}

TEST(a_lock_held_too_long_is_told)
{
    const char  *path;
    nu_database *db = open_things(&path);
    nu_database_add("other",
                    &(nu_database_options){.url = nu_fmt("sqlite:%s", path), .timeout_ms = 50});
    nu_database *other = nu_database_get("other");
    int64_t      before = nu_monotonic_us();
    NU_ATOMIC {
        nu_sql(db, "INSERT INTO thing (name, hits) VALUES ('a', 1)");
        CHECK_EQ(nu_sql_value(other, "SELECT count(*) FROM thing"), 0);
        CHECK_RAISES(NU_OPERATIONAL_ERROR,
                     nu_sql(other, "INSERT INTO thing (name, hits) VALUES ('b', 1)"));
    }
    CHECK_CONTAINS(nu_test_error()->fact, "is locked");
    CHECK(nu_monotonic_us() - before >= 50000);
    CHECK_EQ(nu_sql(other, "INSERT INTO thing (name, hits) VALUES ('b', 1)"), 1);
    nu_database_close_all();
}
