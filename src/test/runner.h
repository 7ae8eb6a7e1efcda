/* Shared by the runner's files. */
#pragma once

#include "nuages/test.h"

/* Prints the line of a failure and marks the running test as failed. */
void nu__test_report(const char *file, int line, const char *message);

/* True for the error that a failed check raises. */
bool nu__test_is_failure(const nu_error *error);

/* Makes a crash of this process print its C stack to standard error. */
void nu__test_show_crashes(void);

typedef struct nu__test_options {
    const char *substring; /* -k; NULL: any name */
    const char *tag;       /* --tag; NULL: any */
    int         timeout;   /* seconds a test may take */
    bool        list, fail_fast, quiet, verbose, in_process, help;
} nu__test_options;

/* Reads the command line; false after a message about a wrong argument. */
bool nu__test_options_read(int argc, char **argv, nu__test_options *options);

extern const char nu__test_usage[];
