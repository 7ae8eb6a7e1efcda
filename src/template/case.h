/* Rendering described by data alone: templates, context and options in one JSON object.
 *
 *      {"main": "page", "templates": {"page": "Hello {{ who }}"}, "context": {"who": "you"},
 *       "options": {"language": "de", "string_if_invalid": "?"}}
 *
 * The conformance runner and `nuages render --jsonl` work through this. Values are in the notation of
 * notation.h; options are those of nu_engine_options and of Django's settings in lower case. */
#pragma once

#include "nuages/template.h"

/* The text of template "main", or raises what parsing and rendering raise. `urls` answers {% url %} from
 * the option "urls"; NULL: there are none. Language and locales are put back afterwards. */
typedef struct nu_case_urls {
    void *(*open)(nu_value routes); /* what `url` gets as data */
    const char *(*url)(void *data, const nu_url_request *request);
} nu_case_urls;
nu_value nu__case_render(nu_value json, const nu_case_urls *urls);
