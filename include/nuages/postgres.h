/* What PostgreSQL has and other databases have not: Django's django.contrib.postgres. There is nothing
 * to install. A model with such a field cannot be migrated to another database, and such a lookup or
 * function raises NotSupported there.
 *
 * Arrays. The member is a `nu_list *` of values of the base field's kind; NULL is SQL's NULL where the
 * field may be null, and an empty list elsewhere:
 *
 *      struct post { nu_row row; nu_list *tags, *board; };
 *      …
 *      NU_ARRAY(post, tags, .base_field = NU_BASE(nu_field_char, .max_length = 30), .size = 8,
 *               .blank = true, .default_fn = nu_list_default),
 *      NU_ARRAY(post, board, .base_field = NU_BASE(nu_field_array, .size = 3,
 *                                                  .base_field = NU_BASE(nu_field_int))),
 *      …
 *      post->tags = nu_list_of("c", "web");
 *      nu_filter(posts, "tags__contains", nu_list_of("c"))
 *
 * Lookups: exact and comparisons, in, contains, contained_by, overlap; "tags__len", "tags__0" (from 0)
 * and "tags__0_2" (the items 0 and 1) are values with lookups of their own: "tags__0__startswith". */
#pragma once

#include "nuages/expression.h"

/* clang-format off */
#define NU_ARRAY(model, member, ...) \
    NU_FIELD_("NU_ARRAY", nu_field_array, model, member, NU_MEMBER_LIST_, "nu_list *", __VA_ARGS__)
/* clang-format on */

/* The first column of all rows of the query as an array (Django's ArraySubquery). */
NU_PUBLIC const nu_expression *nu_array_subquery(const struct nu_query *query);
