/* The app "{{ name }}": its models, routes and views.
 *
 * struct article {
 *     nu_row      row;
 *     const char *title;
 *     nu_datetime published;
 * };
 * extern const nu_model article_model;
 */
#pragma once

#include <nuages.h>

extern const nu_app {{ name }};
extern const nu_route {{ name }}_urls[];
extern const nu_migration *const {{ name }}_migrations[];
