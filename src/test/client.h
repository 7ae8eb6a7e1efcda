/* What the files of the test client share. */
#pragma once

#include "nuages/client.h"

/* A request with all that the client sends of its own accord. */
NU_RETURNS_NONNULL nu_request *nu__client_request(nu_client *client, const char *method,
                                                  const char *target);
/* Has the site answer, and keeps the cookies that it sets. */
NU_WAITS NU_RETURNS_NONNULL nu_response *nu__client_ask(nu_client *client, nu_request *request);
