/* Making the files of a new project or app from the skeletons in skeleton/. */
#pragma once

#include "nuages/embed.h"
#include "nuages/value.h"

/* Generated from the folder skeleton/. */
extern const nu_embedded nu__skeleton_files[];

/* Writes every file of the skeleton `kind` ("project", "app") below `folder`, rendered with
 * `context`. A file that exists already stops it before anything is written. Raises
 * CommandError. */
void nu__skeleton_write(const char *kind, const char *folder, nu_dict *context);

/* Raises CommandError unless `name` can be a C identifier that is also a good folder name. */
void nu__skeleton_check_name(const char *what, const char *name);
