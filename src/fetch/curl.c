#include "fetch/curl.h"

#include <dlfcn.h>

#include "nuages/error.h"

nu_curl nu__curl;

static void *symbol(void *library, const char *name)
{
    void *address = dlsym(library, name);
    if (address == NULL)
        nu_raise(NU_CONFIG_ERROR, "this libcurl has no function \"%s\"", name);
    return address;
}

void nu__curl_load(void)
{
    static bool loaded;
    if (loaded)
        return;
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        nu_error *error = nu_error_new(NU_CONFIG_ERROR, "libcurl.so.4 is not there");
        error->hint = "nu_fetch needs it: install the Debian package libcurl4.";
        nu_throw(error);
    }
#define X(name) nu__curl.name = (__typeof__(&curl_##name))symbol(library, "curl_" #name);
    NU__CURL_FUNCTIONS(X)
#undef X
    if (nu__curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        nu_raise(NU_SYSTEM_ERROR, "libcurl cannot be initialized");
    loaded = true;
}
