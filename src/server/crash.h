/* What remains of a process that crashes: a report for the log, and a page for the client. */
#pragma once

#include "server/internal.h"

enum { NU__CRASH_DEPTH = 64 };

/* Sent to the supervisor in one message; pointers are those of the worker, whose program is mapped
 * at the same addresses in the supervisor that it was forked from. */
typedef struct nu__crash_report {
    char  magic[8];
    int   signal;
    int   depth;
    void *stack[NU__CRASH_DEPTH];
    char  reason[160];
    char  request_id[32];
    char  method[24];
    char  url[512];
    char  view[96];
} nu__crash_report;

#define NU__CRASH_MAGIC "crashed"

/* From now on a crash of this process is reported through `channel`, or to standard error when it
 * is negative, before the process dies of it. */
void nu__crash_watch(nu_server *server, int channel);

/* What crashed and for whom, as lines of the log. `who` names the process. */
void nu__crash_log(const nu__crash_report *report, const char *who);
/* And where. The first time it reads the debug information, which takes half a second. */
void nu__crash_log_stack(const nu__crash_report *report, const char *who);
