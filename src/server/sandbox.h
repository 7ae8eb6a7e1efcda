/* What a process that serves requests may still do when a request has taken it over: nothing as
 * another user, no file changed outside of a few folders, no program started, none of the system
 * calls that only take-overs need. Each wall is used where the kernel has it (Linux 5.13 and later
 * for files); none can be taken down again by the process itself. */
#pragma once

#include "nuages/server.h"

typedef struct nu_walls {
    bool no_new_privileges; /* set-user-id programs give nothing */
    bool user;              /* another user than root */
    int  files;             /* Landlock's version; 0: not there, files are not walled in */
    bool calls;             /* system calls are filtered */
} nu_walls;

/* Puts this process behind the walls, for good; it has one thread yet. What the kernel lacks is left
 * out and told by the result. Raises ImproperlyConfigured for an unknown user or a folder that is not
 * there, SystemError when a wall that the kernel has cannot be put up. */
nu_walls nu__sandbox_enter(const nu_sandbox *sandbox);
