#include "runtime/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nuages/time.h"
#include "nuages/value.h"
#include "runtime/internal.h"

const char *const nu__tree_ignore[] = {".*",  "*~",          "*.sw?",        "*.tmp", "4913",
                                       "#*#", "__pycache__", "node_modules", NULL};

struct nu_tree {
    nu_tree_options    options;
    nu_watch           watch;   /* inotify */
    nu_timer           report;  /* when all is quiet */
    nu_arena          *arena;   /* as long as the tree */
    nu_arena          *batch;   /* until the next report; NULL: nothing to report */
    nu_dict           *changed; /* paths, in `batch` */
    int64_t            first;   /* moment of its first event */
    const char       **paths;   /* of the directories, by watch number; NULL: not ours */
    size_t             paths_count;
    const char *const *roots;
};

#define EVENTS                                                                                     \
    (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR |           \
     IN_EXCL_UNLINK)

/* ---- what changed ---------------------------------------------------------------------------- */

static void batch_free(void *arena)
{
    nu_arena_free(arena);
}

static void report(nu_timer *timer)
{
    nu_tree     *tree = NU_CONTAINER(timer, nu_tree, report);
    nu_dict     *changed = tree->changed;
    size_t       count = 0;
    const char **paths = nu_arena_array(tree->batch, nu_dict_count(changed), sizeof *paths);
    for (nu_entry *entry = NULL; (entry = nu_dict_next(changed, entry)) != NULL;)
        paths[count++] = entry->key.text;
    /* The paths go with this tick: the callback may stop the tree, or raise. */
    nu_arena_defer(nu_arena_current(), batch_free, tree->batch);
    tree->batch = NULL;
    tree->options.changed(tree, paths, count, tree->options.arg);
}

/* An editor, a compiler or git touch many files in a row: wait until they are done, but not for
 * ever. */
#define PATIENCE 10

static void note(nu_tree *tree, const char *path)
{
    int64_t now = nu_monotonic_us(), quiet = tree->options.quiet_ms * (NU_SECOND / 1000);
    if (tree->batch == NULL) {
        tree->batch = nu_arena_new(tree->watch.loop->arena, "changed files");
        nu_arena *before = nu_arena_enter(tree->batch);
        tree->changed = nu_dict_new();
        nu_arena_enter(before);
        tree->first = now;
    }
    if (nu_dict_find(tree->changed, path) == NULL)
        nu_dict_put(tree->changed, nu_value_text(nu_arena_text(tree->batch, path)), nu_null());
    int64_t latest = tree->first + quiet * PATIENCE;
    nu__timer_start(tree->watch.loop, &tree->report, now + quiet < latest ? now + quiet : latest,
                    report);
}

/* ---- directories ----------------------------------------------------------------------------- */

static bool ignored(const nu_tree *tree, const char *name)
{
    for (const char *const *pattern = tree->options.ignore; *pattern != NULL; pattern++)
        if (fnmatch(*pattern, name, 0) == 0)
            return true;
    return false;
}

static void path_keep(nu_tree *tree, int number, const char *path)
{
    size_t index = (size_t)number;
    if (index >= tree->paths_count) {
        size_t count = index * 2 + 16;
        tree->paths =
            nu_arena_grow(tree->arena, tree->paths, tree->paths_count * sizeof *tree->paths,
                          count * sizeof *tree->paths);
        memset(tree->paths + tree->paths_count, 0,
               (count - tree->paths_count) * sizeof *tree->paths);
        tree->paths_count = count;
    }
    tree->paths[index] = nu_arena_text(tree->arena, path);
}

static NU_COLD NU_NORETURN void cannot_watch(const char *path)
{
    nu_error *error = nu_error_new(NU_SYSTEM_ERROR, "cannot watch \"%s\": %s", path,
                                   errno == ENOSPC ? "no watches left" : strerror(errno));
    if (errno == ENOSPC)
        error->hint = "Raise the system's fs.inotify.max_user_watches.";
    nu_throw(error);
}

static void add_tree(nu_tree *tree, const char *path, bool is_root, bool note_files);

static void add_entry(nu_tree *tree, const char *path, const struct dirent *entry, bool note_files)
{
    struct stat info;
    if (ignored(tree, entry->d_name) || strcmp(entry->d_name, "..") == 0)
        return;
    const char *below = nu_fmt("%s/%s", path, entry->d_name);
    if (lstat(below, &info) < 0)
        return;
    if (S_ISDIR(info.st_mode))
        add_tree(tree, below, false, note_files);
    else if (note_files)
        note(tree, below);
}

static void close_dir(void *dir)
{
    closedir(dir);
}

/* First the watch, then the look at what is there: nothing falls between. A directory that goes
 * while we come is no error, unless it is a root. */
static void add_tree(nu_tree *tree, const char *path, bool is_root, bool note_files)
{
    nu_check_stack();
    int number = inotify_add_watch(tree->watch.fd, path, EVENTS | (is_root ? 0 : IN_DONT_FOLLOW));
    if (number < 0 && (is_root || errno == ENOSPC))
        cannot_watch(path);
    if (number < 0)
        return;
    path_keep(tree, number, path);
    nu_defer *slot = nu_arena_defer(nu_arena_current(), close_dir, NULL);
    DIR      *dir = opendir(path);
    if (dir == NULL)
        return;
    slot->arg = dir;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0)
            add_entry(tree, path, entry, note_files);
    nu_arena_undefer(nu_arena_current(), slot);
    closedir(dir);
}

/* A directory was moved away: what is below it is not ours any more. */
static void drop_tree(nu_tree *tree, const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < tree->paths_count; i++) {
        const char *own = tree->paths[i];
        if (own == NULL || strncmp(own, path, length) != 0 ||
            (own[length] != '/' && own[length] != '\0'))
            continue;
        inotify_rm_watch(tree->watch.fd, (int)i);
        tree->paths[i] = NULL;
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

/* A file that is created will be closed after writing, but links are complete at once. */
static bool is_link(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && (S_ISLNK(info.st_mode) || info.st_nlink > 1);
}

static void directory_event(nu_tree *tree, const char *path, uint32_t mask)
{
    if (mask & (IN_CREATE | IN_MOVED_TO)) {
        add_tree(tree, path, false, true);
    } else if (mask & (IN_MOVED_FROM | IN_DELETE)) {
        drop_tree(tree, path);
        note(tree, path);
    }
}

static void event_handle(nu_tree *tree, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW) {
        for (const char *const *root = tree->roots; *root != NULL; root++)
            note(tree, *root);
        return;
    }
    size_t      index = (size_t)event->wd;
    const char *dir = index < tree->paths_count ? tree->paths[index] : NULL;
    if (dir == NULL)
        return;
    if (event->mask & IN_IGNORED) {
        tree->paths[index] = NULL;
        return;
    }
    if (event->len == 0 || ignored(tree, event->name))
        return;
    const char *path = nu_fmt("%s/%s", dir, event->name);
    if (event->mask & IN_ISDIR)
        directory_event(tree, path, event->mask);
    else if (!(event->mask & IN_CREATE) || is_link(path))
        note(tree, path);
}

static void events_ready(nu_watch *watch, uint32_t events)
{
    nu_tree *tree = NU_CONTAINER(watch, nu_tree, watch);
    char     buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t  length;
    (void)events;
    while ((length = read(watch->fd, buffer, sizeof buffer)) > 0) {
        for (char *at = buffer; at < buffer + length;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            event_handle(tree, event);
            at += sizeof *event + event->len;
        }
    }
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static const char *without_slash(nu_arena *arena, const char *path)
{
    char *copy = nu_arena_text(arena, path);
    for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--)
        copy[length - 1] = '\0';
    return copy;
}

static void roots_add(nu_tree *tree, const char *const *roots)
{
    size_t count = 0;
    while (roots[count] != NULL)
        count++;
    const char **own = nu_arena_array(tree->arena, count + 1, sizeof *own);
    tree->roots = own;
    for (size_t i = 0; i < count; i++)
        own[i] = without_slash(tree->arena, roots[i]);
    for (size_t i = 0; i < count; i++)
        add_tree(tree, own[i], true, false);
}

/* A raise half-way leaves nothing behind. */
static void tree_clear(void *arg)
{
    nu_tree *tree = arg;
    nu__timer_stop(&tree->report);
    nu__watch_stop(&tree->watch);
    nu_arena_free(tree->batch);
    if (tree->watch.fd >= 0)
        close(tree->watch.fd);
}

nu_tree *nu__tree_start(nu_loop *loop, const char *const *roots, const nu_tree_options *options)
{
    nu_arena *arena = nu_arena_new(loop->arena, "tree");
    nu_tree  *tree = nu_arena_zalloc(arena, sizeof *tree);
    tree->arena = arena;
    tree->options = *options;
    if (tree->options.ignore == NULL)
        tree->options.ignore = nu__tree_ignore;
    if (tree->options.quiet_ms <= 0)
        tree->options.quiet_ms = 50;
    tree->watch.fd = -1;
    NU_TRY {
        nu_arena_defer(arena, tree_clear, tree);
        tree->watch.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (tree->watch.fd < 0)
            nu_raise(NU_SYSTEM_ERROR, "cannot watch files: %s", strerror(errno));
        nu__watch_start(loop, &tree->watch, tree->watch.fd, EPOLLIN, events_ready);
        roots_add(tree, roots);
    } NU_CATCH (error) {
        nu_arena_free(arena);
        nu_reraise(error);
    }
    return tree;
}

void nu__tree_stop(nu_tree *tree)
{
    if (tree != NULL)
        nu_arena_free(tree->arena);
}
