/* Rendering in a line, for tests. */
#pragma once

#include "nuages/template.h"
#include "nuages/test.h"

/* What `text` becomes with `context` (NULL: none) in an engine without options. */
const char *render_text(const char *text, nu_dict *context);

/* An engine whose templates are ("name", "text", …). */
#define ENGINE_OF(...) engine_of(NU_PAIRS(__VA_ARGS__), (nu_engine_options){0})
nu_engine *engine_of(nu_pairs templates, nu_engine_options options);

/* What template `name` becomes. */
const char *render_named(nu_engine *engine, const char *name, nu_dict *context);

/* The error that parsing or rendering `text` raises: its fact; "" if it raises none. */
const char *error_of(const char *text, nu_dict *context);
