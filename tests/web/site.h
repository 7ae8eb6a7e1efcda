/* A site for one test: SITE(.urls = routes, .debug = true). What is not given has the defaults. */
#pragma once

#include "nuages/client.h"
#include "nuages/middleware.h"
#include "nuages/settings.h"

#define SITE(...) site_up((nu_settings){__VA_ARGS__})
void site_up(nu_settings settings);

/* The header as text, "" if there is none: for CHECK_TEXT. */
const char *header_of(nu_response *response, const char *name);
