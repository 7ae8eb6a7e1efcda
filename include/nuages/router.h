/* Several databases: which of them rows of a model are read from and written to.
 *
 *      static const char *shop_database(const nu_model *model, const nu_row *row)
 *      {
 *          return strcmp(nu_model_app_label(model), "shop") == 0 ? "shop" : NULL;
 *      }
 *      const nu_router shop_router = {.db_for_read = shop_database, .db_for_write = shop_database};
 *
 * Routers are asked in the order of the setting `routers`; the first that has an opinion decides. Without
 * one, a row stays in the database it came from, and a model has its own (nu_model.database, else
 * "default"). nu_using and the options of nu_row_save_with come before all routers.
 *
 * A router is no way to copies of one database: name those in the setting `databases` with
 * .replica_of, and queries find them by themselves. */
#pragma once

#include "nuages/model.h"

typedef enum nu_opinion { NU_NO_OPINION, NU_ALLOW, NU_FORBID } nu_opinion;

/* Members left NULL have no opinion. None may wait. */
typedef struct nu_router {
    /* The alias of the database, NULL: no opinion. `row` is the one that is saved or deleted; of what is
     * read because a row is related to it, that row; else NULL. */
    const char *(*db_for_read)(const nu_model *model, const nu_row *row);
    const char *(*db_for_write)(const nu_model *model, const nu_row *row);
    /* May one of the rows refer to the other? Without an opinion they may if they are of one database. */
    nu_opinion (*allow_relation)(const nu_row *from, const nu_row *to);
    /* May a migration of `app` do something to the model of that name ("Article") in the database? The
     * name is NULL for statements and functions of a migration. Without an opinion it may. */
    nu_opinion (*allow_migrate)(const char *alias, const char *app, const char *model);
} nu_router;

/* For settings: s->routers = NU_ROUTERS(&shop_router); the list lives for ever. */
#define NU_ROUTERS(...)                                                                            \
    (__extension__({                                                                               \
        static const nu_router *const nu_routers_[] = {__VA_ARGS__, NULL};                         \
        nu_routers_;                                                                               \
    }))

/* Puts a NULL-ended list in force, which must live; NULL: none. The site does so with its settings. */
NU_PUBLIC void nu_routers_set(const nu_router *const *routers);

/* Where rows of the model are read from and written to when nobody says otherwise. `row` may be NULL.
 * Raise ImproperlyConfigured where a router names no database there is. */
NU_PUBLIC NU_RETURNS_NONNULL nu_database *nu_database_for_read(const nu_model *model,
                                                               const nu_row   *row);
NU_PUBLIC NU_RETURNS_NONNULL nu_database *nu_database_for_write(const nu_model *model,
                                                                const nu_row   *row);
NU_PUBLIC bool nu_allows_relation(const nu_row *from, const nu_row *to);
NU_PUBLIC bool nu_allows_migrate(const char *alias, const char *app, const char *model);
