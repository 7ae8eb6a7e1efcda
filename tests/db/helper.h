/* What the tests of db/ share. */
#pragma once

#include "nuages/database.h"
#include "nuages/test.h"

/* A folder of this test's own, removed when the test is over. */
const char *temporary_folder(void);

static inline nu_database *open_file(const char *path)
{
    return nu_database_add(NULL, &(nu_database_options){.url = nu_fmt("sqlite:%s", path)});
}

/* A fresh file with a table of things. */
static inline nu_database *open_things(const char **path)
{
    *path = nu_fmt("%s/things.db", temporary_folder());
    nu_database *db = open_file(*path);
    nu_sql_script(db,
                  "CREATE TABLE thing (id integer NOT NULL PRIMARY KEY AUTOINCREMENT,"
                  " name varchar(20) NOT NULL UNIQUE, hits integer NOT NULL CHECK (hits >= 0));");
    return db;
}
