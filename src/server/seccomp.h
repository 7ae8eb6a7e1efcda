/* A filter of system calls (seccomp), small enough to be read. */
#pragma once

#include "nuages/defs.h"

/* Refuses, with EPERM, what only take-overs need; `exec`: programs may be started. For good. False
 * where the kernel or the processor is not known; raises SystemError when it cannot be done. */
bool nu__seccomp_enter(bool exec);
