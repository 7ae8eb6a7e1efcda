#include "db/postgres/libpq.h"

#include <dlfcn.h>

#include "nuages/error.h"

nu_pq nu__pq;

static void *symbol(void *library, const char *name)
{
    void *address = dlsym(library, name);
    if (address == NULL)
        nu_raise(NU_CONFIG_ERROR,
                 "this libpq has no function \"%s\": version 14 or newer is needed", name);
    return address;
}

void nu__pq_load(void)
{
    static bool loaded;
    if (loaded)
        return;
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        nu_error *error = nu_error_new(NU_CONFIG_ERROR, "libpq.so.5 is not there");
        error->hint = "PostgreSQL needs it: install the Debian package libpq5.";
        nu_throw(error);
    }
#define X(name) nu__pq.name = (__typeof__(&PQ##name))symbol(library, "PQ" #name);
    NU__PQ_FUNCTIONS(X)
#undef X
    loaded = true;
}
