#include "session_row.h"

#include <string.h>

#include "nuages/database.h"
#include "nuages/json.h"
#include "nuages/random.h"
#include "nuages/session.h"
#include "nuages/settings.h"
#include "nuages/signing.h"

#include "session.h"

/* Django's VALID_KEY_CHARS and key length. */
static const char key_alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
enum { KEY_LENGTH = 32, SHORTEST_KEY = 8 };

/* A hundred years: more would not be a date that Django can read. */
#define LONGEST_LIFE (INT64_C(100) * 365 * 24 * 3600)

/* Under this key the data tells when it ends, as in Django. */
static const char expiry_key[] = "_session_expiry";

/* ---- text form ------------------------------------------------------------------------------- */

static const nu_signer *signer(void)
{
    static const nu_signer session_signer = {.salt = "django.contrib.sessions.SessionStore"};
    return &session_signer;
}

const char *nu_session_encode(const nu_dict *data)
{
    return nu_sign_object_timed(signer(), nu_value_dict((nu_dict *)(uintptr_t)data), true);
}

nu_dict *nu_session_decode(const char *text)
{
    nu_value volatile data = nu_null();
    NU_TRY {
        data = nu_unsign_object_timed(signer(), text, -1);
    }
    NU_CATCH (error) {
        (void)error; /* a forged or foreign session is an empty one */
    }
    return data.type == NU_DICT ? data.dict : nu_dict_new();
}

/* ---- loading --------------------------------------------------------------------------------- */

static nu_query *row_of(const char *key)
{
    return nu_filter(nu_all(session_row), "session_key", key);
}

static void load(nu_session *session)
{
    if (session->data != NULL)
        return;
    nu_arena           *outer = nu_arena_enter(session->arena);
    struct session_row *row = NULL;
    if (session->key != NULL)
        row = nu_first(session_row, nu_filter(row_of(session->key), "expire_date__gt", nu_now()));
    if (row == NULL)
        session->key = NULL;
    session->data = row != NULL ? nu_session_decode(row->session_data) : nu_dict_new();
    nu_arena_enter(outer);
}

static nu_dict *touch(nu_session *session)
{
    session->accessed = true;
    load(session);
    return session->data;
}

/* ---- data ------------------------------------------------------------------------------------ */

nu_value nu_session_get(nu_session *session, const char *key)
{
    return nu_dict_get(touch(session), key);
}

void nu_session_put(nu_session *session, const char *key, nu_value value)
{
    nu_dict  *data = touch(session);
    nu_arena *outer = nu_arena_enter(session->arena);
    nu_dict_put(data, nu_value_text_copy(key, strlen(key)), nu_value_copy(session->arena, value));
    nu_arena_enter(outer);
    session->modified = true;
}

bool nu_session_remove(nu_session *session, const char *key)
{
    bool found = nu_dict_remove(touch(session), key);
    session->modified |= found;
    return found;
}

bool nu_session_is_empty(nu_session *session)
{
    load(session);
    return session->key == NULL && nu_dict_count(session->data) == 0;
}

const char *nu_session_key(nu_session *session)
{
    load(session);
    return session->key;
}

/* ---- expiry ---------------------------------------------------------------------------------- */

void nu_session_set_expiry(nu_session *session, int64_t seconds)
{
    if (seconds < 0)
        nu_session_remove(session, expiry_key);
    else
        nu_session_set(session, expiry_key, seconds);
}

int64_t nu_session_expiry_age(nu_session *session)
{
    nu_value own = nu_dict_get(touch(session), expiry_key);
    int64_t  seconds;
    if (nu_is_null(own) || !nu_int_try(own, &seconds) || seconds == 0)
        return nu_settings_current()->session_cookie_age;
    return seconds < LONGEST_LIFE ? seconds : LONGEST_LIFE;
}

bool nu__session_ends_with_browser(nu_session *session)
{
    nu_value own = nu_dict_get(touch(session), expiry_key);
    int64_t  seconds;
    if (nu_is_null(own) || !nu_int_try(own, &seconds))
        return nu_settings_current()->session_expire_at_browser_close;
    return seconds == 0;
}

/* ---- saving ---------------------------------------------------------------------------------- */

/* At the latest the last second of the year 9999, which is the last that a column can hold. */
static nu_datetime expire_date(nu_session *session)
{
    nu_datetime end = nu_now();
    int64_t     age = nu_session_expiry_age(session), most = 253402300799 - end.us / NU_SECOND;
    end.us += (age < most ? age : most) * NU_SECOND;
    return end;
}

/* A new row under a key that nobody has. */
static void insert_row(nu_session *session, const char *data)
{
    do
        session->key = nu_random_text(KEY_LENGTH, key_alphabet);
    while (nu_exists(row_of(session->key)));
    nu_create(session_row, "session_key", session->key, "session_data", data, "expire_date",
              expire_date(session));
}

void nu_session_save(nu_session *session)
{
    load(session);
    nu_arena   *outer = nu_arena_enter(session->arena);
    const char *data = nu_session_encode(session->data);
    if (session->key == NULL) {
        insert_row(session, data);
    } else if (nu_update(row_of(session->key), "session_data", data, "expire_date",
                         expire_date(session)) == 0) {
        /* Somebody logged out in another request meanwhile: this must not bring it back. */
        nu_arena_enter(outer);
        nu_raise(NU_BAD_REQUEST, "the session was ended before this request was finished");
    }
    nu_arena_enter(outer);
    session->modified = false;
    session->saved = true;
}

void nu_session_cycle_key(nu_session *session)
{
    const char *old = nu_session_key(session);
    session->key = NULL;
    nu_session_save(session);
    if (old != NULL)
        nu_delete_all(row_of(old));
}

void nu_session_flush(nu_session *session)
{
    const char *old = nu_session_key(session);
    if (old != NULL)
        nu_delete_all(row_of(old));
    session->key = NULL;
    session->data = NULL;
    load(session);
    session->modified = true;
}

int64_t nu_session_clear_expired(void)
{
    return nu_delete_all(nu_filter(nu_all(session_row), "expire_date__lt", nu_now()));
}

/* ---- as a value ------------------------------------------------------------------------------ */

static bool get(void *self, const char *key, size_t length, nu_value *out)
{
    const nu_value *found = nu_dict_find_n(touch(self), key, length);
    if (found != NULL)
        *out = *found;
    return found != NULL;
}

static nu_value plain(void *self)
{
    return nu_value_dict(touch(self));
}

static const nu_class session_class = {.name = "session", .get = get, .plain = plain};

static bool is_key(const char *key)
{
    size_t length = strlen(key);
    return length >= SHORTEST_KEY && length <= 40 && strspn(key, key_alphabet) == length;
}

nu_session *nu__session_new(nu_arena *arena, const char *cookie)
{
    nu_session *session = nu_arena_zalloc(arena, sizeof *session);
    session->class = &session_class;
    session->arena = arena;
    session->key = cookie != NULL && is_key(cookie) ? nu_arena_text(arena, cookie) : NULL;
    return session;
}
