/* How many connections each address has open in one worker. */
#pragma once

#include "nuages/arena.h"

typedef struct nu__clients nu__clients;

NU_RETURNS_NONNULL nu__clients *nu__clients_new(nu_arena *arena);
/* One connection more, unless the address has `most` already: false. Addresses are texts of at most 45
 * characters; "" (a Unix socket) is never refused. */
bool nu__clients_enter(nu__clients *clients, const char *address, size_t most);
void nu__clients_leave(nu__clients *clients, const char *address);
