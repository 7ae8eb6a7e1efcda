/* References between models: what they point to, what they are called from the other side, and the
 * models between that many-to-many fields bring along. */
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "model/internal.h"
#include "nuages/text.h"

/* ---- targets -------------------------------------------------------------------------------- */

static const nu_model *model_pointed_to(const nu_model *model, const nu_field *field)
{
    const nu_model *to = field->to;
    if (to == NULL && field->to_name != NULL) {
        to = nu_model_find(field->to_name);
        if (to == NULL)
            nu__wrong_model(model, field, "fields.E300", "it refers to \"%s\", which no app has", field->to_name);
    }
    if (to == NULL)
        nu__bad_model(model, field, "it lacks .to, the model that it refers to");
    if (to->state->info == NULL)
        nu__wrong_model(model, field, "fields.E300", "it refers to model \"%s\", which belongs to no app", to->name);
    return to;
}

static const nu_column *column_named(const nu_model_info *info, const char *name)
{
    for (size_t i = 0; i < info->all_count; i++) {
        if (strcmp(info->column_list[i]->name, name) == 0)
            return info->column_list[i];
    }
    return NULL;
}

static void point(nu_column *column)
{
    const nu_field *field = column->field;
    column->to = model_pointed_to(column->model, field);
    const nu_model_info *info = column->to->state->info;
    if (info->primary_key->parts != NULL)
        nu__wrong_model(column->model, field,
                      "fields.E347", "it refers to \"%s\", whose primary key is of several fields: nothing can",
                      column->to->name);
    if (column->model->state->info->primary_key->parts != NULL && field->type->many)
        nu__wrong_model(column->model, field,
                      "fields.E347", "a model whose primary key is of several fields has no many-to-many fields");
    if (field->type->many)
        return;
    column->target =
        field->to_field != NULL ? column_named(info, field->to_field) : info->primary_key;
    if (column->target == NULL)
        nu__wrong_model(column->model, field, "fields.E312", "model \"%s\" has no field \"%s\" to refer to",
                      column->to->name, field->to_field);
    if (!column->target->unique)
        nu__wrong_model(column->model, field, "fields.E311", "field \"%s\" of model \"%s\" is not unique",
                      field->to_field, column->to->name);
}

/* A reference has the type of what it points to, without what makes an auto column count. */
static nu_db_column_type reference_type(const nu_column *target, int depth)
{
    nu_db_column_type type = target->db_type;
    if (target->field->type->relation && target->target != NULL && depth < 8)
        type = reference_type(target->target, depth + 1);
    switch (type.type) {
    case NU_DB_AUTO: type.type = NU_DB_INT; break;
    case NU_DB_BIG_AUTO: type.type = NU_DB_BIG_INT; break;
    case NU_DB_SMALL_AUTO: type.type = NU_DB_SMALL_INT; break;
    default: break;
    }
    return type;
}

void nu__resolve_targets(nu_model_info *info)
{
    for (size_t i = 0; info->own_list[i] != NULL; i++) {
        if (info->own_list[i]->field->type->relation)
            point((nu_column *)info->own_list[i]);
    }
    for (size_t i = 0; info->own_many[i] != NULL; i++)
        point((nu_column *)info->own_many[i]);
}

static void set_reference_types(nu_model_info *info)
{
    for (size_t i = 0; i < info->column_count; i++) {
        nu_column *column = &info->columns[i];
        if (column->target != NULL)
            column->db_type = reference_type(column->target, 0);
    }
}

/* ---- reverses ------------------------------------------------------------------------------- */

const char *nu__fill_name(nu_arena *arena, const nu_model_info *info, const char *name)
{
    if (strchr(name, '%') == NULL)
        return name;
    nu_builder out;
    nu_builder_init(&out, arena, 64);
    while (*name != '\0') {
        if (nu_starts_with(name, "%(class)s")) {
            nu_builder_puts(&out, info->key);
            name += strlen("%(class)s");
        } else if (nu_starts_with(name, "%(app_label)s")) {
            nu_builder_puts(&out, info->app);
            name += strlen("%(app_label)s");
        } else {
            nu_builder_putc(&out, *name++);
        }
    }
    return nu_builder_text(&out);
}

static nu_reverse reverse_of(const nu_model_info *info, const nu_column *column)
{
    const nu_field *field = column->field;
    bool            hidden = field->related_name != NULL && nu_ends_with(field->related_name, "+");
    const char     *declared =
        field->related_name != NULL ? field->related_name : info->model->default_related_name;
    const char *related =
        declared != NULL && !hidden ? nu__fill_name(nu__models_arena(), info, declared) : NULL;
    nu_reverse reverse = {
        .column = column,
        .model = info->model,
        .to_one = field->type->to_one,
        .many = field->type->many,
        .hidden = hidden,
    };
    if (related != NULL)
        reverse.name = related;
    else if (hidden)
        reverse.name = nu_arena_format(nu__models_arena(), "%s_%s+", info->key, column->name);
    else
        reverse.name =
            reverse.to_one ? info->key : nu_arena_format(nu__models_arena(), "%s_set", info->key);
    if (field->related_query_name != NULL)
        reverse.query_name = nu__fill_name(nu__models_arena(), info, field->related_query_name);
    else
        reverse.query_name = related != NULL ? related : hidden ? reverse.name : info->key;
    return reverse;
}

/* A relation of a model to itself that works both ways needs no way back. */
static bool is_symmetrical(const nu_column *column)
{
    return column->field->type->many && column->to == column->model && !column->field->asymmetrical;
}

static void add_reverse(nu_model_info *info, const nu_column *column)
{
    nu_model_info *target = column->to->state->info->concrete;
    if (is_symmetrical(column))
        return;
    target->reverses[target->reverse_count++] = reverse_of(info, column);
}

/* Calls `fn` for each relation of each model. */
static void each_relation(nu_model_info *const *infos, size_t count,
                          void (*fn)(nu_model_info *info, const nu_column *column))
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; infos[i]->own_list[j] != NULL; j++) {
            if (infos[i]->own_list[j]->to != NULL)
                fn(infos[i], infos[i]->own_list[j]);
        }
        for (size_t j = 0; infos[i]->own_many[j] != NULL; j++)
            fn(infos[i], infos[i]->own_many[j]);
    }
}

static void count_reverse(nu_model_info *info, const nu_column *column)
{
    (void)info;
    column->to->state->info->concrete->reverse_count++;
}

void nu__resolve_reverses(nu_model_info *const *infos, size_t count)
{
    each_relation(infos, count, count_reverse);
    for (size_t i = 0; i < count; i++) {
        infos[i]->plain_delete = infos[i]->reverse_count == 0 && infos[i]->many_list[0] == NULL &&
                                 infos[i]->parent == NULL && infos[i]->concrete == infos[i];
        infos[i]->reverses =
            nu_arena_array(nu__models_arena(), infos[i]->reverse_count + 1, sizeof(nu_reverse));
        infos[i]->reverse_count = 0;
        set_reference_types(infos[i]);
    }
    each_relation(infos, count, add_reverse);
    for (size_t i = 0; i < count; i++) {
        const nu_model_info *concrete = infos[i]->concrete;
        infos[i]->reverses = concrete->reverses;
        infos[i]->reverse_count = concrete->reverse_count;
        infos[i]->plain_delete = concrete->plain_delete;
    }
}

/* ---- the model between ---------------------------------------------------------------------- */

/* The struct of every automatic model. */
struct link {
    nu_row row;
    struct {
        int64_t id;
        nu_row *row;
    } from, to;
};

static nu_field link_field(const char *name, uint32_t offset, const nu_field *many)
{
    return (nu_field){
        .name = name,
        .type = &nu_field_foreign,
        .offset = offset,
        .member = NU_MEMBER_REF_INT,
        .on_delete = NU_CASCADE,
        .related_name = "+",
        .no_constraint = many->no_constraint,
        .file = many->file,
        .line = many->line,
    };
}

/* Django's table and columns: blog_article_tags (id, article_id, tag_id); a relation of a model to
 * itself has from_person_id and to_person_id. */
const nu_model *nu__automatic_through(nu_model_info *info, const nu_column *many)
{
    nu_arena       *arena = nu__models_arena();
    const nu_model *to = model_pointed_to(info->model, many->field);
    const char *from_name = info->key, *to_name = nu__lower_copy(arena, to->name, strlen(to->name));
    if (to == info->model) {
        from_name = nu_arena_format(arena, "from_%s", info->key);
        to_name = nu_arena_format(arena, "to_%s", info->key);
    }
    nu_field *fields = nu_arena_array(arena, 3, sizeof *fields);
    fields[0] = link_field(from_name, offsetof(struct link, from), many->field);
    fields[0].to = info->model;
    fields[1] = link_field(to_name, offsetof(struct link, to), many->field);
    fields[1].to = to;
    const char        **pair = nu_arena_array(arena, 3, sizeof *pair);
    const char *const **together = nu_arena_array(arena, 2, sizeof *together);
    pair[0] = from_name;
    pair[1] = to_name;
    together[0] = pair;
    nu_model *model = nu_arena_zalloc(arena, sizeof *model);
    *model = (nu_model){
        .class = {.name = info->model->name,
                  .get = nu_row_class_get_,
                  .text = nu_row_class_text_,
                  .equal = nu_row_class_equal_,
                  .plain = nu_row_class_plain_},
        .name = nu_arena_format(arena, "%s_%s", info->model->name, many->name),
        .size = sizeof(struct link),
        .state = nu_arena_zalloc(arena, sizeof(nu_model_state)),
        .fields = fields,
        .unique_together = (const char *const *const *)together,
        .db_table = many->field->db_table != NULL
                        ? many->field->db_table
                        : nu_arena_format(arena, "%s_%s", info->table, many->name),
        .id_type = info->model->id_type,
        .database = info->model->database,
    };
    return model;
}

static const nu_column *reference_to(const nu_model_info *info, const nu_model *to,
                                     const nu_column *but)
{
    for (size_t i = 0; i < info->column_count; i++) {
        const nu_column *column = &info->columns[i];
        if (column->to != NULL && column != but &&
            nu_model_concrete(column->to) == nu_model_concrete(to))
            return column;
    }
    return NULL;
}

static const nu_column *through_column(const nu_column *many, const char *name, const nu_model *to,
                                       const nu_column *but)
{
    const nu_model_info *info = nu__info(many->through);
    const nu_column *column = name != NULL ? column_named(info, name) : reference_to(info, to, but);
    if (column == NULL)
        nu__wrong_model(many->model, many->field, "fields.E336", "model \"%s\" between has no reference to \"%s\"",
                      many->through->name, to->name);
    return column;
}

const nu_column *nu__through_from(const nu_column *many)
{
    return through_column(many, many->field->through_from, many->model, NULL);
}

const nu_column *nu__through_to(const nu_column *many)
{
    return through_column(many, many->field->through_to, many->to, nu__through_from(many));
}
