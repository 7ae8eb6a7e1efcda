#include "runtime/watch.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"

static struct {
    char root[64];
    char text[2048]; /* "a.c b/c.c | d.c": the paths below the root, a bar after each report */
    int  reports;
    bool stop;
} seen;

static void note(nu_tree *tree, const char *const *paths, size_t count, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < count; i++) {
        strcat(seen.text, paths[i] + strlen(seen.root));
        strcat(seen.text, " ");
    }
    strcat(seen.text, "|");
    seen.reports++;
    if (seen.stop)
        nu__tree_stop(tree);
}

static const char *at(const char *path)
{
    return nu_fmt("%s/%s", seen.root, path);
}

static void touch(const char *path)
{
    int fd = open(at(path), O_CREAT | O_WRONLY | O_APPEND, 0644);
    CHECK(fd >= 0);
    CHECK(write(fd, "x", 1) == 1);
    close(fd);
}

static nu_tree *begin(void)
{
    memset(&seen, 0, sizeof seen);
    strcpy(seen.root, "/tmp/nuages-watch-XXXXXX");
    CHECK(mkdtemp(seen.root) != NULL);
    CHECK(mkdir(at("sub"), 0755) == 0 && mkdir(at("sub/deep"), 0755) == 0);
    CHECK(mkdir(at(".git"), 0755) == 0);
    touch("old.c");
    return nu__tree_start(nu__loop_current(), (const char *const[]){at(""), NULL},
                          &(nu_tree_options){.changed = note, .quiet_ms = 10});
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info, (void)type, (void)ftw;
    return remove(path);
}

static void finish(nu_tree *tree)
{
    nu__tree_stop(tree);
    nftw(seen.root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void settle(int reports)
{
    for (int i = 0; i < 2000 && seen.reports < reports; i++)
        nu_sleep_ms(1);
    nu_sleep_ms(20);
}

FIBER_TEST(changes_are_reported_together_and_once_each)
{
    nu_tree *tree = begin();
    touch("old.c");
    touch("sub/deep/a.c");
    touch("old.c");
    settle(1);
    touch("b.c");
    settle(2);
    CHECK_TEXT(seen.text, "/old.c /sub/deep/a.c |/b.c |");
    finish(tree);
}

FIBER_TEST(an_editor_that_writes_beside_and_renames_is_seen_as_one_change)
{
    nu_tree *tree = begin();
    touch("4913");
    unlink(at("4913"));
    touch(".old.c.swp");
    touch("old.c~");
    touch("sub/#old.c#");
    touch("new.tmp");
    CHECK(rename(at("new.tmp"), at("old.c")) == 0);
    unlink(at(".old.c.swp"));
    settle(1);
    CHECK_TEXT(seen.text, "/old.c |");
    finish(tree);
}

FIBER_TEST(ignored_directories_are_not_watched)
{
    nu_tree *tree = begin();
    touch(".git/index");
    CHECK(mkdir(at("__pycache__"), 0755) == 0);
    touch("__pycache__/a.pyc");
    nu_sleep_ms(40);
    CHECK_TEXT(seen.text, "");
    finish(tree);
}

FIBER_TEST(new_directories_are_watched_with_what_they_hold)
{
    nu_tree *tree = begin();
    CHECK(mkdir(at("new"), 0755) == 0 && mkdir(at("new/below"), 0755) == 0);
    touch("new/below/first.c");
    settle(1);
    CHECK_TEXT(seen.text, "/new/below/first.c |");
    touch("new/below/second.c");
    settle(2);
    CHECK_TEXT(seen.text, "/new/below/first.c |/new/below/second.c |");
    finish(tree);
}

FIBER_TEST(what_goes_is_reported_and_a_moved_directory_is_known_by_its_new_name)
{
    nu_tree *tree = begin();
    unlink(at("old.c"));
    settle(1);
    CHECK(rename(at("sub"), at("moved")) == 0);
    settle(2);
    touch("moved/deep/a.c");
    settle(3);
    CHECK_TEXT(seen.text, "/old.c |/sub |/moved/deep/a.c |");
    finish(tree);
}

FIBER_TEST(links_are_complete_when_they_are_made)
{
    nu_tree *tree = begin();
    CHECK(symlink("old.c", at("soft.c")) == 0 && link(at("old.c"), at("hard.c")) == 0);
    settle(1);
    CHECK_TEXT(seen.text, "/soft.c /hard.c |");
    finish(tree);
}

FIBER_TEST(a_long_series_of_changes_is_reported_on_the_way)
{
    nu_tree *tree = begin();
    for (int i = 0; i < 60; i++) {
        touch("old.c");
        nu_sleep_ms(4);
    }
    CHECK(seen.reports >= 1);
    finish(tree);
}

FIBER_TEST(the_callback_may_stop_the_tree)
{
    begin();
    seen.stop = true;
    touch("old.c");
    settle(1);
    touch("old.c");
    nu_sleep_ms(30);
    CHECK_TEXT(seen.text, "/old.c |");
    finish(NULL);
}

FIBER_TEST(a_root_that_is_not_there_is_an_error)
{
    nu_tree_options options = {.changed = note};
    CHECK_RAISES(NU_SYSTEM_ERROR,
                 nu__tree_start(nu__loop_current(), NU_STRS("/nowhere/at/all"), &options));
    CHECK_CONTAINS(nu_test_error()->fact, "cannot watch \"/nowhere/at/all\"");
}
