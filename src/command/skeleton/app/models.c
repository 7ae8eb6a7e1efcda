#include "{{ name }}.h"

/* A model is a table of fields beside its struct:
 *
 * static const nu_field article_fields[] = {
 *     NU_CHAR(article, title, .max_length = 200),
 *     NU_DATETIME(article, published, .auto_now_add = true),
 *     {0},
 * };
 * const nu_model article_model = {
 *     NU_MODEL_OF(article, "Article"), .fields = article_fields, .ordering = NU_STRS("-published"),
 * };
 */
