/* What the tests of the PostgreSQL back end share. They run on the server that `scripts/postgres run`
 * starts and whose URL is in NUAGES_TEST_POSTGRES. */
#pragma once

#include "nuages/database.h"
#include "nuages/fiber.h"
#include "nuages/test.h"
#include "runtime/loop.h"

/* The server's URL. Fails the test, saying what to do, if there is none. */
const char *server_url(void);

/* The database "default" on it, with an empty schema `public`. */
nu_database *open_server(void);
nu_database *open_server_with(nu_database_options options);

/* A second one, "other", on the same server. */
nu_database *open_other(void);

/* The same with a fresh table of things: id, name (unique), hits (at least 0). */
nu_database *open_things(void);
