/* Users: names, making, passwords. */
#include "nuages/auth.h"

#include <string.h>

#include "nuages/text.h"
#include "nuages/unicode.h"

const char *nu_user_normalize_name(const char *username)
{
    nu_value apart = nu_normalize_nfkd(username, strlen(username));
    return nu_text(nu_normalize_nfc(apart.text, apart.length));
}

const char *nu_user_normalize_email(const char *email)
{
    const char *at = email != NULL ? strrchr(email, '@') : NULL;
    if (at == NULL)
        return email != NULL ? email : "";
    return nu_fmt("%.*s%s", (int)(at - email), email, nu_lower(at));
}

const char *nu_user_full_name(const struct nu_user *user)
{
    const char *first = user->first_name != NULL ? user->first_name : "";
    const char *last = user->last_name != NULL ? user->last_name : "";
    return nu_fmt("%s%s%s", first, *first != '\0' && *last != '\0' ? " " : "", last);
}

/* Fields that are given by name come last, so that they win. */
static NU_WAITS struct nu_user *create(const char *username, const char *email,
                                       const char *password, bool all, nu_pairs more)
{
    if (username == NULL || *username == '\0')
        nu_raise(NU_VALUE_ERROR, "a user needs a name");
    bool     usable = password != NULL && *password != '\0';
    nu_pairs known =
        NU_PAIRS("username", nu_user_normalize_name(username), "email",
                 nu_user_normalize_email(email), "password",
                 nu_password_hash(usable ? password : NULL), "is_staff", all, "is_superuser", all);
    nu_pair *pairs = nu_alloc((known.count + more.count + 1) * sizeof *pairs);
    memcpy(pairs, known.items, known.count * sizeof *pairs);
    if (more.count > 0)
        memcpy(pairs + known.count, more.items, more.count * sizeof *pairs);
    return (struct nu_user *)nu_row_create_(&nu_user_model,
                                        (nu_pairs){pairs, known.count + more.count});
}

struct nu_user *nu_user_create_(const char *username, const char *email, const char *password,
                                nu_pairs fields)
{
    return create(username, email, password, false, fields);
}

struct nu_user *nu_user_create_superuser_(const char *username, const char *email,
                                          const char *password, nu_pairs fields)
{
    return create(username, email, password, true, fields);
}

struct nu_user *nu_user_get(const char *username)
{
    return nu_get(nu_user, "username", username);
}

void nu_user_set_password(struct nu_user *user, const char *password)
{
    user->password = nu_password_hash(password);
}

bool nu_user_check_password(struct nu_user *user, const char *password)
{
    bool outdated;
    if (!nu_password_check(password, user->password, &outdated))
        return false;
    if (outdated) {
        nu_user_set_password(user, password);
        nu_save_fields(user, "password");
    }
    return true;
}
