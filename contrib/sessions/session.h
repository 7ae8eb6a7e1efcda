/* Between session.c and middleware.c. */
#pragma once

#include "nuages/session.h"

struct nu_session {
    const nu_class *class;
    nu_arena   *arena; /* the request's */
    const char *key;   /* NULL: none yet */
    nu_dict    *data;  /* NULL: not loaded */
    bool        accessed, modified, saved;
};

/* A session by the cookie's value, which may be NULL or nonsense. */
nu_session *nu__session_new(nu_arena *arena, const char *cookie);
bool        nu__session_ends_with_browser(nu_session *session);
