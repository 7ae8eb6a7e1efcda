/* Sessions: what a site remembers of a visitor between requests (Django's django.contrib.sessions,
 * database back end; table, encoding and cookie are Django's, so both can serve the same visitor).
 *
 *      s->apps = NU_APPS(&nu_sessions_app, &blog);
 *      s->middleware = NU_MIDDLEWARE(&nu_session_middleware, NU_DEFAULT_MIDDLEWARE);
 *
 * The session is read from the database when it is first asked for, and written after the view if it
 * was changed. In templates it is request.session. */
#pragma once

#include "nuages/app.h"
#include "nuages/middleware.h"

typedef struct nu_session nu_session;

extern NU_PUBLIC const nu_app        nu_sessions_app;
extern NU_PUBLIC const nu_middleware nu_session_middleware;

/* The session of a request. Raises ImproperlyConfigured if the middleware is not installed. */
NU_PUBLIC NU_RETURNS_NONNULL nu_session *nu_request_session(nu_request *request);

/* A value kept under `key`, null if there is none. */
NU_PUBLIC NU_WAITS nu_value nu_session_get(nu_session *session, const char *key);
/* Keeps a copy of a value that JSON can hold; dates come back as texts. */
#define nu_session_set(session, key, x) nu_session_put((session), (key), NU_V(x))
NU_PUBLIC NU_WAITS void nu_session_put(nu_session *session, const char *key, nu_value value);
/* True if there was one. */
NU_PUBLIC NU_WAITS bool nu_session_remove(nu_session *session, const char *key);
NU_PUBLIC NU_WAITS bool nu_session_is_empty(nu_session *session);

/* The key that the cookie holds; NULL before the session is first saved. */
NU_PUBLIC NU_WAITS const char *nu_session_key(nu_session *session);
/* Writes at once instead of after the view, so that there is a key. */
NU_PUBLIC NU_WAITS void nu_session_save(nu_session *session);
/* A new key for the same data: when somebody logs in, so that a key planted before is worth nothing. */
NU_PUBLIC NU_WAITS void nu_session_cycle_key(nu_session *session);
/* Forgets all data and the row: when somebody logs out. */
NU_PUBLIC NU_WAITS void nu_session_flush(nu_session *session);

/* When the session ends: after `seconds` without a change; 0: with the browser; -1: as the settings
 * say (Django's set_expiry). */
NU_PUBLIC NU_WAITS void nu_session_set_expiry(nu_session *session, int64_t seconds);
/* Seconds until it ends. */
NU_PUBLIC NU_WAITS int64_t nu_session_expiry_age(nu_session *session);

/* Deletes the sessions that have ended; how many there were (./manage clearsessions). */
NU_PUBLIC NU_WAITS int64_t nu_session_clear_expired(void);

/* Django's session_data: signed, compressed JSON of a dict, and back; for those who read the table. A
 * text that was changed gives an empty dict, as in Django. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_session_encode(const nu_dict *data);
NU_PUBLIC NU_RETURNS_NONNULL nu_dict *nu_session_decode(const char *text);
