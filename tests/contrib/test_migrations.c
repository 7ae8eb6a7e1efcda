/* The apps of the house: their migrations lead to their models, and are called as Django's. */
#include "nuages/auth.h"
#include "nuages/session.h"
#include "nuages/test.h"

#include "../web/site.h"
#include "command/migrations.h"

static const nu_route routes[] = {{0}};

TEST(migrations_of_the_house_lead_to_its_models)
{
    SITE(.urls = routes, .database = "sqlite::memory:",
         .apps = NU_APPS(&nu_contenttypes_app, &nu_auth_app, &nu_sessions_app));
    size_t           apps, count;
    nu__migrate_app *list = nu__migrate_apps(&apps);
    nu__graph       *graph = nu__migrate_graph(NULL);
    nu__draft      **drafts =
        nu__diff(nu__graph_state(graph, NULL), nu__state_of_models(list, apps), graph,
                 nu__migration_questions(false), NULL, &count);
    for (size_t i = 0; i < count; i++)
        FAIL("a migration is missing:\n%s", nu__migration_source(drafts[i]));
    CHECK_TEXT(nu__graph_leaf(graph, "auth")->name, "0012_alter_user_first_name_max_length");
    CHECK_TEXT(nu__graph_leaf(graph, "contenttypes")->name, "0002_remove_content_type_name");
    CHECK_TEXT(nu__graph_leaf(graph, "sessions")->name, "0001_initial");
}
