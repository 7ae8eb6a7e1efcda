/* Users, groups, permissions and hashed passwords. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../web/site.h"
#include "nuages/auth.h"
#include "nuages/command.h"
#include "nuages/test.h"

#include "command/migrations.h"
#include "migrate/internal.h"

static const nu_auth_options quick = {.iterations = 10};

TEST(passwords_are_hashed_as_django_does)
{
    nu_auth_configure(&quick);
    static const struct {
        const char *password, *hash;
        bool        same;
    } cases[] = {
        {"password-admin",
         "pbkdf2_sha256$260000$salt000000000000000001$i74yLKxOKDJvnMIgqq5du8TaFIMWA8tnbIqWK7r4Sao=",
         true},
        {"wrong",
         "pbkdf2_sha256$260000$salt000000000000000001$i74yLKxOKDJvnMIgqq5du8TaFIMWA8tnbIqWK7r4Sao=",
         false},
        {"x", "!abc", false},
        {"x", "plain", false},
        {"x", "pbkdf2_sha256$0$salt$hash", false},
        {"x", "pbkdf2_sha256$99999999999$salt$hash", false},
        {"x", "pbkdf2_sha256$1$salt", false},
        {"x", "scrypt$16777216$salt$8$1$hash", false},
        {"x", "", false},
        {"x", NULL, false},
    };
    for (size_t i = 0; i < NU_COUNT(cases); i++)
        CHECK_EQ(nu_password_check(cases[i].password, cases[i].hash, NULL), cases[i].same);
    const char *hash = nu_password_hash("käse");
    bool        outdated;
    CHECK(strncmp(hash, "pbkdf2_sha256$10$", 17) == 0);
    CHECK(nu_password_check("käse", hash, &outdated) && !outdated);
    CHECK(strcmp(hash, nu_password_hash("käse")) != 0);
    nu_auth_configure(NULL);
    CHECK(nu_password_check("käse", hash, &outdated) && outdated);
    CHECK(!nu_password_is_usable(nu_password_hash(NULL)));
    CHECK(!nu_password_check(NULL, hash, NULL));
}

TEST(every_hasher_checks_what_it_made)
{
    const nu_hasher *const all[] = {&nu_hasher_pbkdf2_sha256, &nu_hasher_pbkdf2_sha1,
                                    &nu_hasher_scrypt, &nu_hasher_md5};
    for (size_t i = 0; i < NU_COUNT(all); i++) {
        const nu_hasher *const one[] = {all[i], NULL};
        bool                   outdated;
        nu_auth_configure(&(nu_auth_options){.hashers = one, .iterations = 10});
        const char *hash = nu_password_hash("secret");
        CHECK(nu_password_check("secret", hash, &outdated) && !outdated);
        CHECK(!nu_password_check("Secret", hash, NULL));
    }
    nu_auth_configure(NULL);
}

static const nu_route routes[] = {{0}};

static void site(void)
{
    SITE(.urls = routes,
         .database = "sqlite::memory:", .apps = NU_APPS(&nu_contenttypes_app, &nu_auth_app));
    nu_database *db = nu_database_get(NULL);
    nu__graph   *graph = nu__migrate_graph(NULL);
    size_t       count;
    bool        *applied = nu__recorder_applied(db, graph);
    nu__step    *steps = nu__plan(graph, applied, NULL, NULL, &count);
    nu__execute(db, graph, applied, steps, count, &(nu__run_options){.fake = false});
}

TEST(users_and_what_they_may_do)
{
    nu_auth_configure(&quick);
    site();
    CHECK_EQ(nu_count(nu_all(nu_permission)), 16);
    CHECK_TEXT(nu_get(nu_permission, "codename", "add_group")->name, "Can add group");
    CHECK_TEXT(nu_text(NU_V(nu_get(nu_permission, "codename", "view_contenttype"))),
               "contenttypes | content type | Can view content type");
    nu_permissions_create(NULL);
    CHECK_EQ(nu_count(nu_all(nu_permission)), 16);

    struct nu_user *ada = nu_user_create("ada", "Ada@Example.ORG", "pass");
    CHECK_TEXT(ada->email, "Ada@example.org");
    CHECK(nu_user_check_password(ada, "pass") && !nu_user_check_password(ada, "Pass"));
    CHECK(!nu_user_has_perm(ada, "auth.add_group"));
    nu_many_add(ada, "user_permissions", nu_get(nu_permission, "codename", "add_group"));
    struct nu_group *team = nu_create(nu_group, "name", "team");
    nu_many_add(team, "permissions", nu_get(nu_permission, "codename", "view_user"));
    nu_many_add(ada, "groups", team);
    CHECK(!nu_user_has_perm(ada, "auth.add_group")); /* asked before */
    ada = nu_user_get("ada");
    CHECK(nu_user_has_perms(ada, NU_STRS("auth.add_group", "auth.view_user")));
    CHECK(!nu_user_has_perms(ada, NU_STRS("auth.add_group", "auth.add_user")));
    CHECK(nu_user_has_module_perms(ada, "auth") && !nu_user_has_module_perms(ada, "aut"));
    CHECK_TEXT(nu_text(nu_value_list(nu_user_permissions(ada))),
               "['auth.add_group', 'auth.view_user']");
    struct nu_user *root = nu_user_create_superuser("root", NULL, NULL);
    CHECK(nu_user_has_perm(root, "any.thing") && !nu_user_check_password(root, ""));
    struct nu_user *bob = nu_user_create("bob", NULL, "x", "first_name", "Bob", "is_staff", true);
    CHECK(strcmp(bob->first_name, "Bob") == 0 && bob->is_staff && !bob->is_superuser);
    nu_query *may = nu_order_by(nu_users_with_perm(nu_all(nu_user), "auth.view_user"), "username");
    CHECK_EQ(nu_count(may), 2);
    ada->is_active = false;
    nu_save(ada);
    CHECK(!nu_user_has_perm(ada, "auth.add_group"));
    CHECK_EQ(nu_count(nu_users_with_perm(nu_all(nu_user), "auth.view_user")), 1);
    CHECK_RAISES(NU_INTEGRITY_ERROR, nu_user_create("ada", NULL, NULL));
    CHECK_RAISES(NU_VALUE_ERROR, nu_user_create("", NULL, NULL));
    CHECK_RAISES(NU_VALUE_ERROR, nu_users_with_perm(nu_all(nu_user), "view_user"));
    struct nu_user *bad = nu_new(nu_user, "username", "bad name!", "password", "x");
    CHECK_RAISES(NU_VALIDATION_ERROR, nu_row_full_clean(&bad->row));
    nu_auth_configure(NULL);
}

TEST(a_weak_hash_is_replaced_when_it_was_right)
{
    nu_auth_configure(&quick);
    site();
    struct nu_user *ada = nu_user_create("ada", NULL, "pass");
    nu_auth_configure(&(nu_auth_options){.iterations = 20});
    CHECK(!nu_user_check_password(ada, "wrong"));
    CHECK(strncmp(nu_user_get("ada")->password, "pbkdf2_sha256$10$", 17) == 0);
    CHECK(nu_user_check_password(ada, "pass"));
    CHECK(strncmp(nu_user_get("ada")->password, "pbkdf2_sha256$20$", 17) == 0);
    nu_auth_configure(NULL);
}

/* What the commands read. Each test has a process of its own. */
static void type(const char *text)
{
    int ends[2];
    CHECK_EQ(pipe(ends), 0);
    CHECK_EQ(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
}

TEST(superusers_and_passwords_are_made_on_the_command_line)
{
    nu_auth_configure(&quick);
    site();
    type("root\nRoot@Example.ORG\nsecret\n" /* createsuperuser */
         "other\n\n"                        /* changepassword root, then bob */
         "bad name\n\n");
    nu_call_command("createsuperuser", NU_STRS("--verbosity", "0"));
    struct nu_user *root = nu_user_get("root");
    CHECK(root->is_superuser && root->is_staff && nu_user_check_password(root, "secret"));
    CHECK_TEXT(root->email, "Root@example.org");
    nu_call_command("changepassword", NU_STRS("--verbosity", "0", "root"));
    CHECK(nu_user_check_password(nu_user_get("root"), "other"));
    nu_user_create("bob", NULL, "x");
    CHECK_RAISES(NU_COMMAND_ERROR, nu_call_command("changepassword", NU_STRS("bob")));
    CHECK_RAISES(NU_COMMAND_ERROR, nu_call_command("changepassword", NU_STRS("nobody")));
    CHECK_RAISES(NU_COMMAND_ERROR, nu_call_command("createsuperuser", NU_STRS("--verbosity", "1")));
    CHECK_RAISES(NU_COMMAND_ERROR, nu_call_command("createsuperuser", NU_STRS("--no-input")));
    CHECK_RAISES(NU_COMMAND_ERROR,
                 nu_call_command("createsuperuser", NU_STRS("--no-input", "--username", "root")));
    setenv("NU_SUPERUSER_PASSWORD", "from-outside", 1);
    nu_call_command("createsuperuser",
                    NU_STRS("--no-input", "--verbosity", "0", "--username", "eve"));
    CHECK(nu_user_check_password(nu_user_get("eve"), "from-outside"));
    CHECK_RAISES(NU_COMMAND_ERROR, nu_call_command("createsuperuser", NU_STRS("--username", "x")));
    nu_auth_configure(NULL);
}
