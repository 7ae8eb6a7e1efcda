/* All tags of the framework. */
#include "template/internal.h"
#include "template/tags/kinds.h"

const nu_template_tag *const nu__tags_builtin[] = {
    nu__tags_flow,    nu__tags_inherit, nu__tags_include, nu__tags_assign, nu__tags_repeat,
    nu__tags_enclose, nu__tags_misc,    nu__tags_address, nu__tags_load,   NULL,
};

static const nu_template_library cache = {.name = "cache", .tags = nu__tags_cache};
static const nu_template_library humanize = {.name = "humanize", .filters = nu__filters_humanize};
static const nu_template_library i18n = {
    .name = "i18n", .filters = nu__filters_i18n, .tags = nu__tags_i18n};
static const nu_template_library l10n = {
    .name = "l10n", .filters = nu__filters_l10n, .tags = nu__tags_l10n};
static const nu_template_library statics = {.name = "static", .tags = nu__tags_static};
static const nu_template_library tz = {
    .name = "tz", .filters = nu__filters_tz, .tags = nu__tags_tz};

const nu_template_library *const nu__libraries_standard[] = {
    &cache, &humanize, &i18n, &l10n, &statics, &tz, NULL,
};
