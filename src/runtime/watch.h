/* Watching directory trees for changed files, for reloading in development. */
#pragma once

#include "runtime/loop.h"

typedef struct nu_tree nu_tree;

typedef struct nu_tree_options {
    const char *const *ignore; /* patterns of fnmatch for names (not paths); NULL: the defaults, see
                                * nu__tree_ignore. Ended by NULL */
    int64_t            quiet_ms; /* report when nothing happened for so long; 0: 50 */
    /* Called on the loop with each path that changed, appeared or went, once per report, in the
     * order of the first event. The paths live until it returns. */
    void (*changed)(nu_tree *tree, const char *const *paths, size_t count, void *arg);
    void *arg;
} nu_tree_options;

/* ".*", "*~", "*.sw?", "*.tmp", "4913", "#*#", "__pycache__", "node_modules" */
extern const char *const nu__tree_ignore[];

/* Watches the directories and all below them, also those that appear later. Files count when they
 * are closed after writing, moved in, created as links, or go. Raises SystemError (a root that is
 * not there, the system's limit of watches reached). */
NU_RETURNS_NONNULL nu_tree *nu__tree_start(nu_loop *loop, const char *const *roots,
                                           const nu_tree_options *options);
void                        nu__tree_stop(nu_tree *tree);
