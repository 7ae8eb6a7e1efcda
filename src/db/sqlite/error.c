/* SQLite's result codes as our kinds of error, and words that say what to do. The kinds are those
 * of Python's sqlite3 module, so that they are Django's. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/sqlite/internal.h"

static const nu_kind *kind_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return NU_INTEGRITY_ERROR;
    case SQLITE_TOOBIG: return NU_DATA_ERROR;
    case SQLITE_MISUSE:
    case SQLITE_RANGE: return NU_PROGRAMMING_ERROR;
    case SQLITE_NOMEM: return NU_OUT_OF_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return NU_DATABASE_ERROR;
    default: return NU_OPERATIONAL_ERROR;
    }
}

static const char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    return slash == path ? "/" : nu_fmt("%.*s", (int)(slash - path), path);
}

static void explain_cannot_open(const char *path, nu_db_error *error)
{
    const char *folder = folder_of(path);
    struct stat status;
    error->fact = nu_fmt("cannot open database file \"%s\"", path);
    if (stat(folder, &status) != 0) {
        error->detail = nu_fmt("The folder \"%s\" does not exist.", folder);
        error->hint = "Create the folder, or correct the database's URL in the settings.";
    } else if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        error->detail = "It is a folder.";
        error->hint = "Name a file in the database's URL.";
    } else {
        error->detail = access(path, F_OK) == 0 && access(path, R_OK) != 0
                            ? "This user may not read the file."
                            : nu_fmt("This user may not write to the folder \"%s\".", folder);
        error->hint = "Give the user of this process read and write access to the file and its "
                      "folder: SQLite keeps two more files beside it.";
    }
}

static void explain_read_only(const char *path, nu_db_error *error)
{
    error->fact = nu_fmt("database file \"%s\" is read-only", path);
    error->detail = access(path, W_OK) != 0
                        ? "This user may not write to the file."
                        : nu_fmt("This user may not write to the folder \"%s\".", folder_of(path));
    error->hint = "Give the user of this process write access to the file and its folder: SQLite "
                  "keeps two more files beside it.";
}

static void explain_damage(const char *path, int code, nu_db_error *error)
{
    error->fact = nu_fmt((code & 0xff) == SQLITE_NOTADB ? "file \"%s\" is not a SQLite database"
                                                        : "database file \"%s\" is damaged",
                         path);
    error->detail = nu_fmt("SQLite reports: %s.", sqlite3_errstr(code));
    error->hint = nu_fmt("Restore it from a backup, or save what can be read with: sqlite3 \"%s\" "
                         ".recover",
                         path);
}

static void explain_full(const char *path, int system, nu_db_error *error)
{
    error->fact = nu_fmt("cannot write to database file \"%s\": the disk is full", path);
    error->detail = system != 0 ? nu_fmt("The system says: %s.", strerror(system)) : NULL;
    error->hint = "Free some space on that disk. What was committed before is safe.";
}

static void explain_input_output(const char *path, int code, int system, nu_db_error *error)
{
    if (system == ENOSPC || system == EFBIG || system == EDQUOT) {
        explain_full(path, system, error);
        return;
    }
    error->fact = nu_fmt(
        "cannot %s database file \"%s\"",
        code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ ? "read" : "write", path);
    error->detail = system != 0 ? nu_fmt("The system says: %s.", strerror(system))
                                : nu_fmt("SQLite reports: %s.", sqlite3_errstr(code));
    error->hint = "Look at the disk and at the limits of this process.";
}

/* "UNIQUE constraint failed: blog_article.slug" → what stands behind the colon. */
static void explain_constraint(nu_db_error *error)
{
    const char *colon = strstr(error->fact, "failed: ");
    if (colon != NULL)
        error->constraint = colon + strlen("failed: ");
}

static void explain_statement(nu_db_error *error)
{
    if (nu_starts_with(error->fact, "no such table") ||
        nu_starts_with(error->fact, "no such column"))
        error->hint = "Has the database all migrations? Run ./manage migrate.";
}

void nu__sqlite_error(sqlite3 *handle, const char *path, int code, nu_db_error *error)
{
    int last = errno; /* SQLite does not note it for every write that failed */
    int system = handle != NULL ? sqlite3_system_errno(handle) : 0;
    if (system == 0 && (code & 0xff) == SQLITE_IOERR)
        system = last;
    *error = (nu_db_error){
        .kind = kind_of(code),
        .code = code,
        .fact = nu_arena_text(nu_arena_current(),
                              handle != NULL ? sqlite3_errmsg(handle) : sqlite3_errstr(code)),
        .busy = (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED,
    };
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        error->fact = nu_fmt("database \"%s\" is locked", path);
        error->detail = "Another process kept writing to it longer than this one could wait.";
        error->hint = "Keep NU_ATOMIC blocks short; look for a forgotten shell or backup.";
        break;
    case SQLITE_CANTOPEN: explain_cannot_open(path, error); break;
    case SQLITE_READONLY: explain_read_only(path, error); break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: explain_damage(path, code, error); break;
    case SQLITE_FULL: explain_full(path, system, error); break;
    case SQLITE_IOERR: explain_input_output(path, code, system, error); break;
    case SQLITE_CONSTRAINT: explain_constraint(error); break;
    case SQLITE_ERROR: explain_statement(error); break;
    }
}
