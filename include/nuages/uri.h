/* Percent-encoding, the parts of a URI, and what makes an address safe to send someone to. Names in
 * the comments are Django's or Python's functions that behave the same. */
#pragma once

#include "nuages/text.h"

/* `text` with all but letters, digits, "_.-~" and the characters of `safe` percent-encoded
 * (urllib's quote). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_quote(const char *text, size_t length,
                                                      const char *safe);
/* The same with a space as "+" (quote_plus). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_quote_plus(const char *text, size_t length,
                                                           const char *safe);
/* Escapes decoded; what is no escape stays. With `plus`, "+" is a space. The result may hold any
 * bytes, NUL too; *out_length tells how many. */
NU_PUBLIC NU_RETURNS_NONNULL char *nu_uri_unquote(const char *text, size_t length, bool plus,
                                                  size_t *out_length);
/* An IRI as a URI: beyond ASCII encoded, reserved characters and "%" kept (iri_to_uri). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_from_iri(const char *iri, size_t length);
/* The reverse where it is safe (uri_to_iri). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_to_iri(const char *uri, size_t length);
/* The path of a URI: what would end it, "?" and "#", encoded, "%" too (escape_uri_path). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_escape_path(const char *path, size_t length);
/* A file's path as a URI part: "\\" as "/", "/" and "~!*()'" kept (filepath_to_uri). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_from_path(const char *path);
/* A path that never reads as a host: "//" at its start is encoded (escape_leading_slashes). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_escape_slashes(const char *path);
/* Bytes as UTF-8, each byte that is none as its percent-escape (repercent_broken_unicode). */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_repercent(const char *bytes, size_t length);

/* A URI taken apart (RFC 3986 3). A part that is not there is NULL; path is never NULL. */
typedef struct nu_uri {
    const char *scheme;    /* lower case */
    const char *authority; /* user, host and port */
    const char *path;
    const char *query;
    const char *fragment;
} nu_uri;
NU_PUBLIC nu_uri nu_uri_split(const char *uri);
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_join_parts(const nu_uri *uri);
/* `reference` resolved against `base` (RFC 3986 5.2, urljoin). One with another scheme, or that has a
 * host, comes back as it is. */
NU_PUBLIC NU_RETURNS_NONNULL const char *nu_uri_resolve(const char *base, const char *reference);

/* "example.org:80" into host in lower case, brackets kept, and port; both "" if it is no host
 * (split_domain_port). A dot at the end of the host is dropped. */
NU_PUBLIC void nu_host_split(const char *host, const char **domain, const char **port);
/* True if `host` is the domain of `pattern`, or below it when the pattern starts with "."
 * (is_same_domain). */
NU_PUBLIC bool nu_host_matches(const char *host, const char *pattern);
/* True if `host` matches one of the NULL-ended `allowed`; "*" allows all (validate_host). */
NU_PUBLIC bool nu_host_allowed(const char *host, const char *const *allowed);
/* True if one may redirect a person to `url`: relative, or to a host in `hosts` (NULL-ended, NULL: none)
 * by http(s), with `https_only` by https only (url_has_allowed_host_and_scheme). */
NU_PUBLIC bool nu_url_is_safe(const char *url, const char *const *hosts, bool https_only);
