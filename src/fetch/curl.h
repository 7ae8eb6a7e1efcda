/* libcurl, loaded when the first request is made: a worker that fetches nothing does not pay for it and
 * the two dozen libraries that it brings along. */
#pragma once

#define CURL_DISABLE_TYPECHECK /* its macros would stand in the way of the table */
#include <curl/curl.h>

#define NU__CURL_FUNCTIONS(X)                                                                      \
    X(global_init)                                                                                 \
    X(easy_init)                                                                                   \
    X(easy_cleanup)                                                                                \
    X(easy_setopt)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_pause)                                                                                  \
    X(easy_strerror)                                                                               \
    X(multi_init)                                                                                  \
    X(multi_cleanup)                                                                               \
    X(multi_setopt)                                                                                \
    X(multi_add_handle)                                                                            \
    X(multi_remove_handle)                                                                         \
    X(multi_socket_action)                                                                         \
    X(multi_assign)                                                                                \
    X(multi_info_read)                                                                             \
    X(multi_strerror)                                                                              \
    X(slist_append)                                                                                \
    X(slist_free_all)

/* nu__curl.easy_init is curl_easy_init, and so on. */
typedef struct nu_curl {
#define X(name) __typeof__(&curl_##name) name;
    NU__CURL_FUNCTIONS(X)
#undef X
} nu_curl;
extern nu_curl nu__curl;

/* Fills the table. Raises ImproperlyConfigured where libcurl is not installed. */
void nu__curl_load(void);
