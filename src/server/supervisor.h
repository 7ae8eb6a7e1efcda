/* The process that keeps workers alive and never touches a request. */
#pragma once

#include "server/internal.h"

/* Set for a program that a reload tries out: it is to open the server and end with status 0. */
#define NU__TRIAL "NUAGES_TRIAL"

/* Starts the workers and keeps them until a signal ends it; the exit status. */
int nu__supervise(nu_server *server);
