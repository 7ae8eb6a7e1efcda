/* What is wrong with a model as a whole, and between models: names that clash, and what Meta names. */
#include <string.h>
#include <strings.h>

#include "model/internal.h"
#include "nuages/text.h"

enum { LONGEST_INDEX_NAME = 63 }; /* PostgreSQL's; Django stops at 30, which is Oracle's */

/* ---- fields of one model -------------------------------------------------------------------- */

/* A field of the parent's may not be declared anew. */
static void check_parents_fields(const nu_model_info *info)
{
    for (size_t i = 0; i < info->column_count; i++) {
        const nu_column *own = &info->columns[i];
        for (size_t j = 0; j < info->all_count - info->column_count; j++) {
            const nu_column *theirs = info->column_list[j];
            if (strcmp(own->name, theirs->name) == 0 || strcmp(own->name, theirs->attname) == 0)
                nu__wrong_model(info->model, own->field, "models.E006",
                                "its name clashes with a field of model \"%s\"",
                                theirs->model->name);
        }
    }
}

static void check_pair(const nu_model_info *info, const nu_column *a, const nu_column *b)
{
    if (strcmp(a->name, b->name) == 0)
        nu__wrong_model(info->model, b->field, "models.E006",
                        "there are two fields of this name; does the table end with {0}?");
    if (strcmp(a->attname, b->name) == 0 || strcmp(a->name, b->attname) == 0)
        nu__wrong_model(info->model, b->field, "models.E006", "its name clashes with field \"%s\"",
                        a->name);
    if (strcmp(a->column, b->column) == 0)
        nu__wrong_model(info->model, b->field, "models.E007",
                        "column \"%s\" belongs to field \"%s\" already", b->column, a->name);
}

static void check_twins(const nu_model_info *info)
{
    for (size_t i = 0; i < info->column_count; i++) {
        for (size_t j = 0; j < i; j++)
            check_pair(info, &info->columns[j], &info->columns[i]);
        if (info->columns[i].primary_key && &info->columns[i] != info->primary_key)
            nu__wrong_model(info->model, info->columns[i].field, "models.E026",
                            "there is a primary key already");
    }
}

/* Two many-to-many fields may not lead through one model to the same. */
static void check_many(const nu_model_info *info)
{
    for (size_t i = 0; info->own_many[i] != NULL; i++) {
        for (size_t j = 0; j < i; j++) {
            const nu_column *a = info->own_many[j], *b = info->own_many[i];
            bool             named = b->field->through_from != NULL && b->field->through_to != NULL;
            if (a->through == b->through && a->to == b->to && !named)
                nu__wrong_model(info->model, b->field, "models.E003",
                                "field \"%s\" is the same relation, through \"%s\"", a->name,
                                a->through->name);
        }
    }
}

/* A property may not hide the key of a reference or what leads to another model. */
static void check_properties(const nu_model_info *info)
{
    const nu_property *property = info->model->properties;
    for (; property != NULL && property->name != NULL; property++) {
        const nu_name *name = nu__name_find(info, property->name, strlen(property->name),
                                            NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_ACCESSOR);
        if (name != NULL)
            nu__wrong_model(info->model, NULL, "models.E025",
                            "property \"%s\" clashes with a field or a way back of that name",
                            property->name);
    }
}

static void check_model_name(const nu_model_info *info)
{
    const char *name = info->model->name;
    if (info->automatic)
        return;
    if (*name == '_' || nu_ends_with(name, "_"))
        nu__wrong_model(info->model, NULL, "models.E023",
                        "its name may neither begin nor end with an underscore");
    if (strstr(name, "__") != NULL)
        nu__wrong_model(info->model, NULL, "models.E024",
                        "its name may not hold \"__\", which separates lookups");
}

/* ---- ways back ------------------------------------------------------------------------------ */

static void check_reverse(const nu_model_info *info, const nu_reverse *reverse)
{
    const char    *advice = "give it another .related_name";
    const unsigned fields = NU_MEANS_COLUMN | NU_MEANS_MANY;
    if (reverse->hidden)
        return;
    if (nu__name_find(info, reverse->name, strlen(reverse->name), fields))
        nu__wrong_model(reverse->model, reverse->column->field, "fields.E302",
                        "its way back, \"%s.%s\", clashes with a field of that name: %s",
                        info->model->name, reverse->name, advice);
    if (nu__name_find(info, reverse->query_name, strlen(reverse->query_name), fields))
        nu__wrong_model(
            reverse->model, reverse->column->field, "fields.E303",
            "the name of its way back in lookups, \"%s\", is that of a field of \"%s\": %s",
            reverse->query_name, info->model->name, advice);
    for (const nu_reverse *other = info->reverses; other < reverse; other++) {
        bool accessor = strcmp(other->name, reverse->name) == 0;
        if (other->hidden || (!accessor && strcmp(other->query_name, reverse->query_name) != 0))
            continue;
        nu__wrong_model(
            reverse->model, reverse->column->field, accessor ? "fields.E304" : "fields.E305",
            "its way back, \"%s.%s\", clashes with that of \"%s.%s\": %s", info->model->name,
            reverse->name, other->model->name, other->column->name, advice);
    }
}

/* ---- Meta ----------------------------------------------------------------------------------- */

/* A list that names columns of the model's own table. */
static void check_names(const nu_model_info *info, const char *const *names, const char *what,
                        bool order)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        const char    *word = names[i] + (order && *names[i] == '-');
        const nu_name *name =
            nu__name_find(info, word, strlen(word), NU_MEANS_COLUMN | NU_MEANS_MANY);
        if (name == NULL)
            nu__wrong_model(info->model, NULL, "models.E012",
                            "%s names \"%s\", which is no field of it", what, word);
        if (name->meaning == NU_MEANS_MANY)
            nu__wrong_model(info->model, NULL, "models.E013",
                            "%s names \"%s\", which is many-to-many", what, word);
        const nu_column *column = name->what;
        if (nu__info(column->model)->concrete != info->concrete)
            nu__wrong_model(info->model, NULL, "models.E016",
                            "%s names \"%s\", which is in the table of \"%s\"", what, word,
                            column->model->name);
    }
}

/* A path through references; what stands behind a plain field is left to the query. */
static void check_path(const nu_model_info *whole, const char *path, const char *what)
{
    const unsigned       meanings = NU_MEANS_COLUMN | NU_MEANS_MANY | NU_MEANS_QUERY;
    const nu_model_info *info = whole;
    for (const char *at = path; at != NULL;) {
        const char    *end = strstr(at, "__");
        size_t         length = end != NULL ? (size_t)(end - at) : strlen(at);
        const nu_name *name = nu__name_find(info, at, length, meanings);
        if (name == NULL)
            nu__wrong_model(whole->model, NULL, "models.E015",
                            "%s names \"%s\", but \"%s\" has no field \"%.*s\"", what, path,
                            info->model->name, (int)length, at);
        const nu_model *next = name->meaning == NU_MEANS_QUERY
                                   ? ((const nu_reverse *)name->what)->model
                                   : ((const nu_column *)name->what)->to;
        if (next == NULL)
            return;
        info = nu__info(next);
        at = end != NULL ? end + 2 : NULL;
    }
}

static void check_ordering(const nu_model_info *info)
{
    const nu_model *model = info->model;
    if (model->ordering != NULL && model->order_with_respect_to != NULL)
        nu__wrong_model(model, NULL, "models.E021",
                        ".ordering and .order_with_respect_to exclude each other");
    for (size_t i = 0; info->ordering != NULL && info->ordering[i] != NULL; i++) {
        const char *name = info->ordering[i];
        name += *name == '-' || *name == '+';
        if (strcmp(name, "?") != 0)
            check_path(info, name, ".ordering");
    }
}

static void check_index(const nu_model_info *info, const nu_index *index)
{
    const char *name = nu__fill_name(nu_arena_current(), info, index->name);
    check_names(info, index->fields, ".indexes", true);
    check_names(info, index->include, ".indexes", false);
    if (*name == '_' || (*name >= '0' && *name <= '9'))
        nu__wrong_model(info->model, NULL, "models.E033",
                        "the name of index \"%s\" may begin with neither an underscore nor a digit",
                        name);
    if (strlen(name) > LONGEST_INDEX_NAME)
        nu__wrong_model(info->model, NULL, "models.E034",
                        "the name of index \"%s\" has more than %d characters", name,
                        LONGEST_INDEX_NAME);
}

/* Operators go into SQL as they are: nothing but an operator may stand there. */
static bool is_operator(const char *text)
{
    return *text != '\0' && strspn(text, "+-*/<>=~!@#%^&|`?") == strlen(text) &&
           strstr(text, "--") == NULL && strstr(text, "/*") == NULL;
}

static size_t count_of(const nu_constraint *constraint)
{
    size_t count = 0;
    while (constraint->fields != NULL ? constraint->fields[count] != NULL
                                      : constraint->expressions != NULL &&
                                            constraint->expressions[count] != NULL)
        count++;
    return count;
}

static void check_exclusion(const nu_model_info *info, const nu_constraint *constraint)
{
    size_t      count = 0;
    const char *method = constraint->method != NULL ? constraint->method : "gist";
    for (; constraint->operators[count] != NULL; count++) {
        if (!is_operator(constraint->operators[count]))
            nu__bad_model(info->model, NULL, "constraint \"%s\": \"%s\" is no operator",
                          constraint->name, constraint->operators[count]);
    }
    if (count == 0 || count != count_of(constraint))
        nu__bad_model(info->model, NULL, "constraint \"%s\" needs one operator for each field",
                      constraint->name);
    if (strcasecmp(method, "gist") != 0 && strcasecmp(method, "spgist") != 0)
        nu__bad_model(info->model, NULL, "constraint \"%s\": .method is \"gist\" or \"spgist\"",
                      constraint->name);
}

static void check_meta(const nu_model_info *info)
{
    const nu_model *model = info->model;
    check_ordering(info);
    for (size_t i = 0; model->natural_key != NULL && model->natural_key[i] != NULL; i++)
        check_path(info, model->natural_key[i], ".natural_key");
    for (size_t i = 0; model->unique_together != NULL && model->unique_together[i] != NULL; i++)
        check_names(info, model->unique_together[i], ".unique_together", false);
    for (const nu_index *index = model->indexes; index != NULL && index->name != NULL; index++)
        check_index(info, index);
    for (const nu_constraint *c = model->constraints; c != NULL && c->name != NULL; c++) {
        check_names(info, c->fields, ".constraints", false);
        check_names(info, c->include, ".constraints", false);
        if (c->operators != NULL)
            check_exclusion(info, c);
    }
}

/* ---- permissions ------------------------------------------------------------------------------- */

enum { LONGEST_PERMISSION = 255, LONGEST_CODENAME = 100 };

/* "Can change article" and "change_article". */
static void check_own_permission(const nu_model_info *info, const char *codename, const char *name)
{
    const nu_model *model = info->model;
    if (strlen(name) > LONGEST_PERMISSION)
        nu__wrong_model(model, NULL, "auth.E008",
                        "the permission named \"%.40s…\" has more than %d characters", name,
                        LONGEST_PERMISSION);
    if (strlen(codename) > LONGEST_CODENAME)
        nu__wrong_model(model, NULL, "auth.E012",
                        "the permission \"%.40s…\" has a codename of more than %d characters",
                        codename, LONGEST_CODENAME);
}

static void check_permissions(const nu_model_info *info)
{
    static const char *const usual[] = {"add", "change", "delete", "view", NULL};
    const nu_model          *model = info->model;
    nu_dict                 *built_in = nu_dict_new(), *own = nu_dict_new();
    const char *const       *kind = model->default_permissions;
    for (kind = kind != NULL ? kind : usual; *kind != NULL; kind++) {
        const char *codename = nu_fmt("%s_%s", *kind, nu_model_key(model));
        if (strlen(nu_fmt("Can %s %s", *kind, info->verbose_name)) > LONGEST_PERMISSION)
            nu__wrong_model(model, NULL, "auth.E007",
                            ".verbose_name is too long: the permission to %s has a name of more "
                            "than %d characters",
                            *kind, LONGEST_PERMISSION);
        if (strlen(codename) > LONGEST_CODENAME)
            nu__wrong_model(model, NULL, "auth.E011",
                            "its name is too long: the permission to %s has a codename of more "
                            "than %d characters",
                            *kind, LONGEST_CODENAME);
        nu_dict_set(built_in, codename, true);
    }
    for (kind = model->permissions; kind != NULL && kind[0] != NULL && kind[1] != NULL; kind += 2) {
        check_own_permission(info, kind[0], kind[1]);
        if (nu_dict_find(built_in, kind[0]) != NULL)
            nu__wrong_model(model, NULL, "auth.E005",
                            "the permission \"%s\" clashes with one that every model has", kind[0]);
        if (nu_dict_find(own, kind[0]) != NULL)
            nu__wrong_model(model, NULL, "auth.E006", "the permission \"%s\" is there twice",
                            kind[0]);
        nu_dict_set(own, kind[0], true);
    }
}

/* ---- all of it --------------------------------------------------------------------------------- */

static void keep(nu__faults *faults, const nu_error *error)
{
    if (!nu_error_is(error, NU_CONFIG_ERROR))
        nu_reraise(error);
    if (faults->first == NULL)
        faults->first = error;
    const char *at =
        error->place.file != NULL ? nu_fmt("%s:%d: ", error->place.file, error->place.line) : "";
    nu_list_add(faults->texts, nu_fmt("%s%s", at, error->fact));
}

/* What is wrong is kept, so that all of it is told at once. */
static void attempt(nu__faults          *faults, void (*check)(const nu_model_info *info),
                    const nu_model_info *info)
{
    NU_TRY {
        check(info);
    }
    NU_CATCH (error) {
        keep(faults, error);
    }
}

static void attempt_field(nu__faults *faults, const nu_column *column)
{
    NU_TRY {
        nu__check_field(column);
    }
    NU_CATCH (error) {
        keep(faults, error);
    }
}

static void check_reverses(const nu_model_info *info)
{
    for (size_t i = 0; i < info->reverse_count; i++)
        check_reverse(info, &info->reverses[i]);
}

void nu__check_model(const nu_model_info *info, nu__faults *faults)
{
    attempt(faults, check_model_name, info);
    attempt(faults, check_permissions, info);
    attempt(faults, check_meta, info);
    if (info->concrete != info) /* a proxy has nothing of its own but its Meta */
        return;
    attempt(faults, check_twins, info);
    attempt(faults, check_parents_fields, info);
    for (size_t i = 0; i < info->column_count; i++)
        attempt_field(faults, &info->columns[i]);
    for (size_t i = 0; info->own_many[i] != NULL; i++)
        attempt_field(faults, info->own_many[i]);
    attempt(faults, check_many, info);
    attempt(faults, check_reverses, info);
    attempt(faults, check_properties, info);
}
/* ---- between models -------------------------------------------------------------------------- */

/* Names that models have taken: of tables, indexes and constraints. */
typedef struct names_taken {
    nu_dict    *by_key;
    nu__faults *faults;
} names_taken;

static void claim(const names_taken *taken, const nu_model_info *info, const char *key,
                  const char *what, const char *name, const char *id, const char *id_of_model)
{
    const nu_value *there = nu_dict_find(taken->by_key, key);
    if (there == NULL) {
        nu_dict_set(taken->by_key, key, info->label);
        return;
    }
    bool own = strcmp(there->text, info->label) == 0;
    NU_TRY {
        nu__wrong_model(info->model, NULL, own ? id_of_model : id,
                        "%s \"%s\" belongs to \"%s\" already", what, name, there->text);
    }
    NU_CATCH (error) {
        keep(taken->faults, error);
    }
}

void nu__check_models(nu_model_info *const *infos, size_t count, nu__faults *faults)
{
    const names_taken all = {nu_dict_new(), faults}, *taken = &all;
    for (size_t i = 0; i < count; i++) {
        const nu_model_info *info = infos[i];
        const nu_model      *model = info->model;
        if (info->concrete != info)
            continue;
        const char *database = model->database != NULL ? model->database : "";
        if (!model->unmanaged)
            claim(taken, info, nu_fmt("table %s %s", database, info->table), "table", info->table,
                  "models.E028", "models.E028");
        for (const nu_index *index = model->indexes; index != NULL && index->name != NULL;
             index++) {
            const char *name = nu__fill_name(nu_arena_current(), info, index->name);
            if (*name != '\0')
                claim(taken, info, nu_fmt("index %s", name), "index", name, "models.E030",
                      "models.E029");
        }
        for (const nu_constraint *c = model->constraints; c != NULL && c->name != NULL; c++) {
            const char *name = nu__fill_name(nu_arena_current(), info, c->name);
            claim(taken, info, nu_fmt("constraint %s", name), "constraint", name, "models.E032",
                  "models.E031");
        }
    }
}
