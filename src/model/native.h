/* Lookups, transforms and types that come with kinds of fields of one database. */
#pragma once

#include "model/query_internal.h"

typedef struct nu_native nu_native;

/* search.c: the kind of what is looked for in a search vector. */
extern const nu_field_type nu__field_search_query;
/* The left side of "search" as a search vector, and the right one as a query in its configuration. */
void nu__search_sides(nu_query *query, const nu_expression **left, nu_value *right);

/* The lookup that the word is for a left side of that kind; NULL if it is none. */
const nu_native *nu__native_lookup(const nu_column *type, const char *word, size_t length);
/* Its condition, resolved. Raises ValueError for a value that it does not take. */
const nu_expression *nu__native_build(nu_query *query, const nu_native *native,
                                      const nu_expression *left, nu_value value, nu_joins *reuse,
                                      nu_joins *used);
const char          *nu__native_name(const nu_native *native);
/* The word as a transform of `left`; NULL if it is none. */
const nu_expression *nu__native_transform(nu_query *query, const nu_expression *left,
                                          const char *word, size_t length,
                                          const nu_lookup_type **custom);
/* range.c: what the ends of the range are; NULL if the column is none. */
const nu_field *nu__range_item(const nu_column *type);
/* The kind of range whose ends are of the column's kind; NULL if there is none. */
const nu_field_type       *nu__range_of_item(const nu_column *type);
extern const nu_field_type nu__field_range; /* which all ranges are based on */
/* A range as fixtures and migrations hold it. */
const char *nu__range_text(const nu_field *field, const nu_value_range *range);

/* The rows for whose column, before the operator, the value behind it makes a truth. */
nu_query *nu__where_operator(const nu_query *query, const nu_column *column, const char *operator,
                             nu_value value);
/* True if the back end has what this file is about: arrays, ranges, exclusions … */
bool nu__is_native(const nu_db_backend *backend);

/* The field's type as that database writes it. Raises NotSupported, naming the field, if it has none
 * of the kind. */
const char *nu__type_sql(const nu_field *field, nu_db_column_type type,
                         const nu_db_backend *backend);
