/* What the folders tags/ and filters/ see of the template engine.
 *
 * FILTERS. A file in filters/ is functions of the type of nu_template_filter.fn and tables of them,
 * each ended by {0}. The tables that the engine knows are declared below; filters/ defines every
 * one: nu__filters_builtin        what every template has: a NULL-ended list of tables, one per
 * file nu__filters_l10n …         what {% load l10n %} … brings beside its tags (tags/ has those)
 * A filter gets its input as it is, or as text with NU_FILTER_TEXT (safe text keeps its flag), or a
 * moment in the current zone with NU_FILTER_LOCALTIME. The engine checks the number of arguments
 * when the template is parsed and marks the result safe when the flag NU_FILTER_SAFE and a safe
 * input allow it. Literals in templates arrive as safe text. A variable that does not exist arrives
 * as string_if_invalid only when that is empty (""); otherwise no filter is called.
 * Results live in the current arena. */
#pragma once

#include "nuages/template.h"

extern const nu_template_filter *const nu__filters_builtin[];
extern const nu_template_filter        nu__filters_humanize[];
extern const nu_template_filter        nu__filters_i18n[];
extern const nu_template_filter        nu__filters_l10n[];
extern const nu_template_filter        nu__filters_tz[];

/* The state of one rendering. */
struct nu_rendering {
    nu_engine            *engine;
    nu_builder           *out;
    struct nu_activation *frame; /* variables of the template being rendered (program.h) */
    nu_dict              *context;
    nu_pairs              pairs;
    nu_dict              *computed; /* nu_template_variable: those asked for already; NULL: none */
    void                 *request;
    const char           *current_app;
    bool                  autoescape;
    int8_t                use_l10n; /* {% localize %}: 1 on, 0 off, -1 as the settings say */
    int8_t                use_tz;   /* {% localtime %}: 1 on, 0 off, -1 as the settings say */
    int                   depth;    /* nested includes */
    size_t                limit;    /* out->length may not pass it */
    uint64_t              turns;    /* that all loops together may still go round */
    uint64_t              made;     /* bytes that filters have made so far */
};

/* Raised where a filter's argument is a variable that does not exist. */
extern const nu_kind nu__variable_missing;

/* ---- provided by the engine ----------------------------------------------------------------- */

/* Django's template_localtime(): a moment in the active zone, if time zones are on here. */
nu_value nu__localtime(const nu_rendering *render, nu_value value);

/* Raises if a text that a filter is making has grown beyond what a rendering may write. For filters that
 * multiply what they get; `render` may be NULL. */
void nu__check_made(const nu_rendering *render, size_t length);

/* What {{ value }} writes, before escaping: localised, then Python's str(); keeps NU_SAFE. */
nu_value nu__display(const nu_rendering *render, nu_value value);

/* Django's conditional_escape(): safe text; what is safe already stays as it is. */
nu_value nu__escaped(nu_value value);

/* Appends text with & < > " ' escaped, scanning 16 bytes at a time. */
void nu__write_escaped(nu_builder *out, const char *text, size_t length);

/* Looks `name` up in `value` as a dot in a template does: key, attribute, index; calls what is
 * callable. False if there is nothing. */
bool nu__value_member(nu_value value, const char *name, size_t length, nu_value *out);

/* A dotted path ("author.name") below `value`, for dictsort, regroup …; raises nothing. */
bool nu__value_path(nu_value value, const char *path, nu_value *out);

/* The items of anything that can be iterated (list, dict: its keys, text: its characters, query …)
 * as a list; NULL if it cannot. The list may be the value's own: do not change it. */
nu_list *nu__value_items(nu_value value);

/* Python's len(); false if it has none. */
bool nu__value_length(nu_value value, int64_t *out);

/* Python's type name, for messages: "int", "str", "NoneType". */
const char *nu__python_type(nu_value value);
