/* Forms: whatever is sent, cleaning ends with a value or an error for each field, and no layout lets a
 * tag through. */
#include <stdlib.h>
#include <string.h>

#include "nuages/form.h"

static const nu_choice choices[] = {NU_CHOICE("a", "A"), NU_CHOICE_INT(2, "two"), {.label = NULL}};

static const nu_form_field fields[] = {
    NU_FORM_CHAR("c", .max_length = 9, .min_length = 2),
    NU_FORM_EMAIL("e"),
    NU_FORM_URL("u"),
    NU_FORM_SLUG("s"),
    NU_FORM_UUID("id"),
    NU_FORM_FIELD("ip", nu_form_ip),
    NU_FORM_REGEX("r", .pattern = "^(a|b)*$"),
    NU_FORM_JSON("j"),
    NU_FORM_INT("i", .min_value = NU_CONST_INT(-5), .step_size = NU_CONST_INT(3)),
    NU_FORM_FLOAT("f", .max_value = NU_CONST_FLOAT(2.5)),
    NU_FORM_DECIMAL("d", .max_digits = 5, .decimal_places = 2, .step_size = NU_CONST_FLOAT(0.25)),
    NU_FORM_BOOL("b"),
    NU_FORM_DATE("day"),
    NU_FORM_TIME("t"),
    NU_FORM_DATETIME("dt"),
    NU_FORM_DURATION("du"),
    NU_FORM_CHOICE("ch", .choices = choices),
    NU_FORM_CHOICE_INT("ci", .choices = choices, .widget = &nu_widget_radio),
    NU_FORM_CHOICES("cs", .choices = choices, .widget = &nu_widget_checkbox_multiple),
    NU_FORM_TEXT("x", .keep_space = true),
    {0},
};
static const nu_form_def def = {.fields = fields};

/* Every field has come out one way or the other. */
static void check_outcome(nu_form *form)
{
    for (const nu_form_field *field = fields; field->name != NULL; field++) {
        bool cleaned = nu_dict_find(nu_form_cleaned(form), field->name) != NULL;
        if (cleaned == (nu_form_error_of(form, field->name) != NULL))
            abort();
    }
}

/* The input's own "<z" would show up if anything were not escaped; no element of ours begins so. */
static void check_html(nu_form *form)
{
    for (int layout = NU_FORM_AS_DIV; layout <= NU_FORM_AS_UL; layout++) {
        nu_value html = nu_form_html(form, (nu_form_layout)layout);
        if (memmem(html.text, html.length, "<z", 2) != NULL)
            abort();
    }
}

/* The query's values in one field after the other, so that each kind meets all texts. */
static nu_params *spread(const nu_params *sent)
{
    nu_params           *all = nu_params_copy(sent);
    const nu_form_field *field = fields;
    for (nu_entry *e = NULL; (e = nu_dict_next(nu_params_dict(sent), e)) != NULL;) {
        for (uint32_t i = 0; i < e->value.list->count; i++) {
            nu_params_add(all, field->name, e->value.list->items[i]);
            field = field[1].name != NULL ? field + 1 : fields;
        }
    }
    return all;
}

static void check(const char *query, size_t length)
{
    nu_params *sent = nu_params_parse(query, length, -1);
    for (int pass = 0; pass < 2; pass++) {
        nu_form *form = nu_form_new(&def, .data = pass == 0 ? sent : spread(sent));
        check_outcome(form);
        check_html(form);
        nu_form_changed(form);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nu_arena *arena = nu_arena_new(NULL, "fuzz"), *before = nu_arena_enter(arena);
    check((const char *)bytes, size);
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
