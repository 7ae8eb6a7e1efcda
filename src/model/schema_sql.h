/* What migrate/ needs of models and expressions: models that stand apart from the program's, SQL
 * inside the definition of a table, and C source. */
#pragma once

#include "nuages/expression.h"
#include "nuages/model.h"

/* Makes `model`, which is in no app, usable for the functions below: columns and names are worked out,
 * all in the current arena. Its fields may be no relations. */
void nu__model_detached(const char *app, const nu_model *model);

/* The same for models with relations among themselves, each of the app at its place: they find one
 * another by `to` and `through`. What is checked of the program's models is not checked of these. */
void nu__models_apart(const char *const *apps, const nu_model *const *models, size_t count);

/* SQL of a condition or an expression over the model's own columns; raises FieldError for names it
 * has not. */
const char *nu__condition_sql(nu_database *db, const nu_model *model,
                              const nu_expression *condition);
const char *nu__expression_sql(nu_database *db, const nu_model *model,
                               const nu_expression *expression);
/* Without nu_asc or nu_desc around it. */
const nu_expression *nu__expression_unordered(const nu_expression *expression, bool *descending);
/* True for nu_f("name"): it needs no parentheses in an index. */
bool nu__expression_is_field(const nu_expression *expression);

/* The C expression that makes it: nu_q("age__gte", 18). Equal expressions give equal texts. Raises
 * CommandError for one that C source cannot say (a subquery, a function pointer). */
const char *nu__expression_source(const nu_expression *expression);
/* The C expression of a value, as an argument of NU_V; a list too. */
void nu__value_source(nu_builder *out, nu_value value);
/* A C string literal. */
void nu__text_source(nu_builder *out, const char *text);
