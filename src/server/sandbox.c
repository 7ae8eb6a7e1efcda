#include "server/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nuages/text.h"
#include "server/seccomp.h"

/* ---- another user ----------------------------------------------------------------------------- */

static const struct passwd *user_of(const char *name)
{
    char *end;
    long  number = strtol(name, &end, 10);
    errno = 0;
    const struct passwd *user =
        *name != '\0' && *end == '\0' ? getpwuid((uid_t)number) : getpwnam(name);
    if (user == NULL) {
        nu_error *error = nu_error_new(NU_CONFIG_ERROR, "there is no user \"%s\"", name);
        error->hint = "Workers run as this user when the server is started by root.";
        nu_throw(error);
    }
    return user;
}

/* Groups first: afterwards the right to change them is gone. */
static bool become_user(const char *name)
{
    if (geteuid() != 0)
        return true;
    if (name == NULL)
        return false;
    const struct passwd *user = user_of(name);
    if (initgroups(user->pw_name, user->pw_gid) < 0 ||
        setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot become user \"%s\": %s", name, strerror(errno));
    return user->pw_uid != 0;
}

/* ---- files ------------------------------------------------------------------------------------- */

/* Later than the headers of Debian 12. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* All that changes files or folders, as far as this version of Landlock knows it. */
static uint64_t changes(long version)
{
    uint64_t rights = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                      LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                      LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                      LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                      LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    return rights;
}

static void allow(int rules, const char *folder, uint64_t rights, bool required)
{
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && !required)
        return;
    if (fd < 0) {
        nu_error *error = nu_error_new(NU_CONFIG_ERROR, "folder \"%s\" cannot be opened: %s",
                                       folder, strerror(errno));
        error->detail = "It is one of those that workers may write to.";
        nu_throw(error);
    }
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    long done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(fd);
    if (done < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot allow writing to \"%s\": %s", folder, strerror(errno));
}

static void allow_all(int rules, const nu_sandbox *sandbox, uint64_t rights)
{
    allow(rules, "/tmp", rights, false);
    allow(rules, "/var/tmp", rights, false);
    allow(rules, "/dev", LANDLOCK_ACCESS_FS_WRITE_FILE, false);
    for (const char *const *at = sandbox->writable; at != NULL && *at != NULL; at++)
        allow(rules, *at, rights, true);
}

/* Returns Landlock's version, 0 without it. */
static int wall_files(const nu_sandbox *sandbox)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version <= 0)
        return 0;
    struct landlock_ruleset_attr handled = {.handled_access_fs = changes(version)};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (rules < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot use Landlock: %s", strerror(errno));
    NU_TRY {
        allow_all(rules, sandbox, handled.handled_access_fs);
        if (syscall(SYS_landlock_restrict_self, rules, 0) < 0)
            nu_raise(NU_SYSTEM_ERROR, "cannot use Landlock: %s", strerror(errno));
    }
    NU_CATCH (error) {
        close(rules);
        nu_reraise(error);
    }
    close(rules);
    return (int)version;
}

/* ---- all of it --------------------------------------------------------------------------------- */

nu_walls nu__sandbox_enter(const nu_sandbox *sandbox)
{
    nu_walls walls = {.user = become_user(sandbox->user)};
    if (sandbox->off)
        return walls;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot give up new privileges: %s", strerror(errno));
    walls.no_new_privileges = true;
    walls.files = wall_files(sandbox);
    walls.calls = nu__seccomp_enter(sandbox->exec);
    return walls;
}
