/* The development server: builds and restarts the program when its source changes.
 *
 * This process holds the listening socket, watches the project's folder and runs make. A child,
 * the program as it was last built, answers the requests; the socket waits in between, so a
 * reload of the page right after a save is answered by the new program. When the build or the
 * start fails, the child serves the reason instead. */
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nuages/file.h"
#include "nuages/text.h"

#include "command/serving.h"
#include "runtime/process.h"
#include "runtime/watch.h"
#include "web/internal.h"

struct runserver {
    nu_loop    *loop;
    const char *folder; /* the project's */
    const char *report; /* file for errors */
    int         socket;
    nu_child    site, build;
    nu_signal   interrupt, terminate;
    bool        show_report; /* the child serves the report, not the site */
    bool        restart;     /* start the child again when it has ended */
    bool        changed;     /* something changed while a build was running */
    bool        ending;
    int64_t     build_began;
};

static struct runserver *server_of(const nu_child *child)
{
    return child->data;
}

/* ---- the child that answers ------------------------------------------------------------------ */

/* The program by its path: after a build /proc/self/exe is still the old one. */
static int run_site(nu_child *child)
{
    struct runserver *server = server_of(child);
    setenv(NU__RUNSERVER_ROLE, server->show_report ? "report" : "site", 1);
    setenv(NU__RUNSERVER_REPORT, server->report, 1);
    nu_listen_pass(&server->socket, 1);
    execv(nu__program_path(), nu__program_arguments());
    execv("/proc/self/exe", nu__program_arguments()); /* a build that failed may have removed it */
    return 127;
}

static void start_site(struct runserver *server)
{
    server->restart = false;
    nu__child_start(server->loop, &server->site);
}

static void restart_site(struct runserver *server)
{
    if (server->site.pid == 0) {
        start_site(server);
        return;
    }
    server->restart = true;
    nu__child_signal(&server->site, SIGTERM);
}

static void site_ended(nu_child *child, int status)
{
    struct runserver *server = server_of(child);
    if (server->ending) {
        nu__loop_stop(server->loop);
    } else if (server->restart) {
        start_site(server);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == NU__START_FAILED &&
               !server->show_report) {
        server->show_report = true;
        start_site(server);
    } else {
        nu_complain("%s the server ended with %s; save a file to start it again",
                    nu_styled(NU_STYLE_BAD, "error:"), nu__child_status_text(status));
    }
}

/* ---- building -------------------------------------------------------------------------------- */

static int run_build(nu_child *child)
{
    struct runserver *server = server_of(child);
    int               log = open(server->report, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
        chdir(server->folder) != 0)
        return 127;
    execl("/bin/sh", "sh", "-c", nu_env_or("NU_BUILD", "exec make -s"), (char *)NULL);
    return 127;
}

static void start_build(struct runserver *server)
{
    server->changed = false;
    server->build_began = nu_monotonic_us();
    nu__child_start(server->loop, &server->build);
}

static void print_report(const struct runserver *server)
{
    nu_value text;
    if (nu_file_try(server->report, 1 << 20, &text))
        nu_complain("%.*s", (int)text.length, (const char *)text.bytes);
}

static void build_ended(nu_child *child, int status)
{
    struct runserver *server = server_of(child);
    if (server->ending)
        return;
    if (server->changed) {
        start_build(server);
        return;
    }
    server->show_report = status != 0;
    if (status != 0) {
        print_report(server);
        nu_complain("%s the build failed; the browser shows it too",
                    nu_styled(NU_STYLE_BAD, "error:"));
    } else {
        nu_say("%s in %.1f s", nu_styled(NU_STYLE_OK, "Rebuilt"),
               (double)(nu_monotonic_us() - server->build_began) / 1e6);
    }
    restart_site(server);
}

/* ---- changes --------------------------------------------------------------------------------- */

/* What the program is built from, and what it reads at its start. Templates and static files are
 * read anew by the running program. */
static bool is_source(const char *path)
{
    static const char *const patterns[] = {"*.c",      "*.h",         "*.S", "*.mk",
                                           "Makefile", "meson.build", ".env"};
    const char              *slash = strrchr(path, '/');
    const char              *name = slash != NULL ? slash + 1 : path;
    for (size_t i = 0; i < NU_COUNT(patterns); i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

static void files_changed(nu_tree *tree, const char *const *paths, size_t count, void *arg)
{
    (void)tree;
    struct runserver *server = arg;
    for (size_t i = 0; i < count; i++) {
        if (!is_source(paths[i]))
            continue;
        nu_say("%s changed", nu_starts_with(paths[i], server->folder)
                                 ? paths[i] + strlen(server->folder) + 1
                                 : paths[i]);
        if (server->build.pid != 0)
            server->changed = true;
        else
            start_build(server);
        return;
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void end(struct runserver *server)
{
    server->ending = true;
    nu__child_signal(&server->build, SIGTERM);
    nu__child_signal(&server->site, SIGTERM);
    if (server->site.pid == 0)
        nu__loop_stop(server->loop);
}

static void interrupted(nu_signal *signal)
{
    end(NU_CONTAINER(signal, struct runserver, interrupt));
}

static void terminated(nu_signal *signal)
{
    end(NU_CONTAINER(signal, struct runserver, terminate));
}

static const char *make_report_file(void)
{
    char *path = nu_fmt("%s/nuages-XXXXXX", nu_env_or("TMPDIR", "/tmp"));
    int   fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot make a file in \"%s\"", nu_path_folder(path));
    close(fd);
    return path;
}

static void run_parent(const nu_command_call *call)
{
    static struct runserver  server;
    static const char *const ignore[] = {".git", "*~",    "*.sw?",        "*.tmp", "4913",
                                         "#*#",  "build", "node_modules", NULL};
    const char              *address = nu__listen_addresses(call)[0];
    server = (struct runserver){
        .loop = nu__loop_new(NULL),
        .folder = nu__program_folder(),
        .report = make_report_file(),
        .socket = nu_listen(address, 0),
        .site = {.role = "site", .run = run_site, .ended = site_ended, .data = &server},
        .build = {.role = "build", .run = run_build, .ended = build_ended, .data = &server},
    };
    nu_say("Serving %s at %s", server.folder,
           nu_styled(NU_STYLE_STRONG, nu_listen_url(server.socket)));
    nu_say("Saving a source file rebuilds and restarts; Ctrl-C ends.");
    nu__signal_start(server.loop, &server.interrupt, SIGINT, interrupted);
    nu__signal_start(server.loop, &server.terminate, SIGTERM, terminated);
    nu_tree *tree = nu__tree_start(
        server.loop, NU_STRS(server.folder),
        &(nu_tree_options){.ignore = ignore, .changed = files_changed, .arg = &server});
    start_site(&server);
    nu__loop_run(server.loop);
    nu__tree_stop(tree);
    close(server.socket);
    unlink(server.report);
}

static void run(const nu_command_call *call)
{
    if (getenv(NU__RUNSERVER_ROLE) != NULL)
        nu_command_exit(call, nu__runserver_child(call));
    else
        run_parent(call);
}

const nu_command nu__command_runserver = {
    .name = "runserver",
    .help =
        "Serves the site for development, rebuilding and restarting when a source file is saved.\n"
        "ADDRESS is host:port, :port or port; by default 127.0.0.1:8000.",
    .arguments = "[ADDRESS]",
    .max_arguments = 1,
    .needs = NU_NEEDS_NOTHING, /* so that a mistake in the settings can be shown and mended */
    .run = run,
};
