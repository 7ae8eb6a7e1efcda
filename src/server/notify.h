/* Messages to the service manager, as sd_notify(3) describes them. Without one they go nowhere. */
#pragma once

#include "nuages/defs.h"

/* "READY=1", several lines for several messages. Neither raises nor waits. */
void nu__notify(const char *state);
/* "RELOADING=1" with the moment that the protocol wants. */
void nu__notify_reloading(void);
/* How often a sign of life is wanted, in milliseconds: half of WATCHDOG_USEC; 0: not at all. */
int nu__notify_watchdog_ms(void);
