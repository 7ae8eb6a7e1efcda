/* What makemigrations asks a person: what the models alone cannot tell. */
#include <stdio.h>
#include <string.h>

#include "command/migrations.h"

char *nu__ask_line(const char *prompt)
{
    char line[1024];
    fputs(prompt, stdout);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        return NULL;
    return nu_arena_copy(nu_arena_current(), line, strcspn(line, "\r\n"));
}

bool nu__ask(const char *question)
{
    for (;;) {
        const char *answer = nu__ask_line(nu_fmt("%s [y/N] ", question));
        if (answer == NULL || *answer == '\0' || *answer == 'n' || *answer == 'N')
            return false;
        if (*answer == 'y' || *answer == 'Y')
            return true;
    }
}

static bool ask_renamed_field(const nu__model *model, const nu_field *from, const nu_field *to)
{
    return nu__ask(nu_fmt("Was %s.%s renamed to %s.%s (a %s)?", model->name, from->name,
                          model->name, to->name, to->type->name));
}

static bool ask_renamed_model(const nu__model *from, const nu__model *to)
{
    return nu__ask(nu_fmt("Was the model %s renamed to %s?", nu__model_label(from), to->name));
}

/* ---- values for rows ------------------------------------------------------------------------- */

static NU_NORETURN void raise_no_default(const nu__model *model, const nu_field *field)
{
    nu_error *error = nu_error_new(NU_COMMAND_ERROR,
                                   "the field \"%s\" of \"%s\" may not be NULL and has no default",
                                   field->name, nu__model_label(model));
    error->detail = "The rows that are there need a value.";
    error->hint = "Give the field a .default_value or .null = true, or run makemigrations on a "
                  "terminal, which asks.";
    nu_throw(error);
}

static nu_value refuse_default(const nu__model *model, const nu_field *field, bool added)
{
    if (!added)
        return nu_null(); /* rows that hold NULL are handled before the migration, or it fails */
    raise_no_default(model, field);
}

static bool is_moment(const nu_field *field)
{
    return field->type->db == NU_DB_DATE || field->type->db == NU_DB_DATETIME ||
           field->type->db == NU_DB_TIME;
}

/* The text as a value of the field; false if it is none. "now" is one for dates and times. */
static bool read_value(const nu_field *field, const char *text, nu_value *out)
{
    nu_value given = nu_value_text(text);
    *out = given;
    if (is_moment(field) && strcmp(text, "now") == 0) {
        nu_field filled = *field;
        filled.auto_now = true;
        filled.default_value = nu_null();
        filled.default_fn = NULL;
        *out = nu__effective_default(&filled);
        return true;
    }
    if (field->type->clean != NULL && !field->type->clean(field, given, out))
        return false;
    return !nu_is_null(*out);
}

static nu_value ask_value(const nu__model *model, const nu_field *field)
{
    for (;;) {
        const char *answer = nu__ask_line(
            nu_fmt("Value for them%s (empty: stop): ", is_moment(field) ? ", such as now" : ""));
        nu_value value;
        if (answer == NULL || *answer == '\0')
            raise_no_default(model, field);
        if (read_value(field, answer, &value))
            return value;
        nu_say("\"%s\" is no value for a %s.", answer, field->type->name);
    }
}

static nu_value ask_default(const nu__model *model, const nu_field *field, bool added)
{
    nu_say("The field %s of %s may not be NULL and has no default; rows that are there %s.",
           field->name, nu__model_label(model), added ? "need a value" : "may hold NULL");
    nu_say("  1) give a value for them now");
    if (!added)
        nu_say("  2) leave it: they are taken care of by a data migration that comes before");
    nu_say("  %d) stop, and give the field a .default_value", added ? 2 : 3);
    for (;;) {
        const char *answer = nu__ask_line("Which? ");
        if (answer != NULL && strcmp(answer, "1") == 0)
            return ask_value(model, field);
        if (answer != NULL && !added && strcmp(answer, "2") == 0)
            return nu_null();
        if (answer == NULL || strcmp(answer, added ? "2" : "3") == 0)
            raise_no_default(model, field);
    }
}

const nu__questions *nu__migration_questions(bool asks)
{
    static const nu__questions terminal = {.interactive = true,
                                           .renamed_field = ask_renamed_field,
                                           .renamed_model = ask_renamed_model,
                                           .one_off_default = ask_default};
    static const nu__questions nobody = {.one_off_default = refuse_default};
    return asks ? &terminal : &nobody;
}
