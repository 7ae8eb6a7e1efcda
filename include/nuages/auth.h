/* Users, groups and what they may do, in Django's tables (auth_user, auth_group, auth_permission), with
 * Django's forms of hashed passwords.
 *
 *      s->apps = NU_APPS(&nu_contenttypes_app, &nu_auth_app, &nu_sessions_app, &blog);
 *
 *      struct nu_user *ada = nu_user_create("ada", "ada@example.org", password);
 *      if (nu_user_check_password(ada, given) && nu_user_has_perm(ada, "blog.add_article")) …
 *
 * Permissions are named "app.codename". `migrate` makes four for each model (add, change, delete, view)
 * and those that the model names itself. */
#pragma once

#include "nuages/contenttypes.h"

extern NU_PUBLIC const nu_app nu_auth_app;

struct nu_permission {
    nu_row      row;
    const char *name; /* "Can add article" */
    nu_ref(nu_content_type) content_type;
    const char *codename; /* "add_article" */
};

struct nu_group {
    nu_row      row;
    const char *name;
};

struct nu_user {
    nu_row      row;
    const char *password; /* hashed */
    nu_datetime last_login;
    bool        is_superuser; /* may do everything */
    const char *username, *first_name, *last_name, *email;
    bool        is_staff;  /* may enter the admin */
    bool        is_active; /* false: may do nothing; better than deleting */
    nu_datetime date_joined;
    /* What was asked before, of the row at hand; no fields. */
    nu_dict *own_permissions_, *group_permissions_;
};
extern NU_PUBLIC const nu_model nu_permission_model, nu_group_model, nu_user_model;

/* ---- users ------------------------------------------------------------------------------------ */

/* A saved user, with more fields by name ("first_name", "Grace"); an empty or NULL password is one
 * that nothing matches. Raises ValueError without a name, IntegrityError if it is taken. */
#define nu_user_create(username, email, password, ...)                                             \
    nu_user_create_((username), (email), (password), NU_PAIRS(__VA_ARGS__))
#define nu_user_create_superuser(username, email, password, ...)                                   \
    nu_user_create_superuser_((username), (email), (password), NU_PAIRS(__VA_ARGS__))
/* By name, as it was given. Raises ObjectDoesNotExist. */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL struct nu_user *nu_user_get(const char *username);
/* The names in the form in which they are compared: Unicode's NFKC; a domain in small letters. */
NU_PUBLIC const char *nu_user_normalize_name(const char *username);
NU_PUBLIC const char *nu_user_normalize_email(const char *email);
NU_PUBLIC const char *nu_user_full_name(const struct nu_user *user);

/* Hashes; the row is not saved. */
NU_PUBLIC NU_WAITS void nu_user_set_password(struct nu_user *user, const char *password);
/* True if it is the user's. A hash that is weaker than new ones is replaced and saved. */
NU_PUBLIC NU_WAITS bool nu_user_check_password(struct nu_user *user, const char *password);

/* ---- permissions ------------------------------------------------------------------------------ */

/* Dicts whose keys are names; read once for each row at hand. Nobody who is not active has any. */
NU_PUBLIC NU_WAITS const nu_dict *nu_user_own_permissions(struct nu_user *user);
NU_PUBLIC NU_WAITS const nu_dict *nu_user_group_permissions(struct nu_user *user);
/* Both, sorted. */
NU_PUBLIC NU_WAITS nu_list *nu_user_permissions(struct nu_user *user);
NU_PUBLIC NU_WAITS bool nu_user_has_perm(struct nu_user *user, const char *permission);
/* All of them: NU_STRS("blog.add_article", "blog.view_tag"). */
NU_PUBLIC NU_WAITS bool nu_user_has_perms(struct nu_user *user, const char *const *permissions);
/* Any in the app. */
NU_PUBLIC NU_WAITS bool nu_user_has_module_perms(struct nu_user *user, const char *app);
/* Of a query of users, the active ones who have the permission, superusers included. */
NU_PUBLIC nu_query *nu_users_with_perm(const nu_query *users, const char *permission);
/* Makes the permissions of all models that are missing; `migrate` does. */
NU_PUBLIC NU_WAITS void nu_permissions_create(const char *alias);

/* ---- passwords -------------------------------------------------------------------------------- */

/* A way to hash; instances are the ones below. */
typedef struct nu_hasher nu_hasher;
extern NU_PUBLIC const nu_hasher nu_hasher_pbkdf2_sha256, nu_hasher_pbkdf2_sha1, nu_hasher_scrypt,
    nu_hasher_md5; /* fast and weak: for tests, and for moving off it */

typedef struct nu_auth_options {
    const nu_hasher *const *hashers;    /* NULL-ended; the first makes new hashes, all can be checked */
    uint32_t                iterations; /* of PBKDF2; 0: 1 200 000 */
} nu_auth_options;
/* For tests and settings; NULL: what it was at first. The options must live on. */
NU_PUBLIC void nu_auth_configure(const nu_auth_options *options);

/* "pbkdf2_sha256$1200000$salt$hash"; NULL gives one that nothing matches, "!…". */
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL const char *nu_password_hash(const char *password);
/* False for an unknown form too. *outdated (may be NULL): it should be hashed anew. Takes as long for a
 * NULL hash as for one that fails, so that the time does not tell whether a user exists. */
NU_PUBLIC NU_WAITS bool nu_password_check(const char *password, const char *hash, bool *outdated);
NU_PUBLIC bool          nu_password_is_usable(const char *hash);

/* ---- behind the macros ------------------------------------------------------------------------ */

NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL struct nu_user *
nu_user_create_(const char *username, const char *email, const char *password, nu_pairs fields);
NU_PUBLIC NU_WAITS NU_RETURNS_NONNULL struct nu_user *
nu_user_create_superuser_(const char *username, const char *email, const char *password,
                          nu_pairs fields);
