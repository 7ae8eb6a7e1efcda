/* Where a name that the running template has not bound itself is looked for: what it was included
 * with, the templates that include it, the context, the engine's variables. */
#include <string.h>

#include "template/engine.h"
#include "template/program.h"

static bool find_given(const nu_activation *frame, const nu_name *name, nu_value *out)
{
    for (uint32_t i = 0; frame->given && i < frame->given->count; i++) {
        if (nu__name_equal(&frame->given->names[i], name)) {
            *out = frame->given->values[i];
            return true;
        }
    }
    nu_value *found = frame->dict ? nu_dict_find_n(frame->dict, name->text, name->length) : NULL;
    if (found)
        *out = *found;
    return found != NULL;
}

/* What the template of `frame` has bound at this moment; of equal names the innermost. */
static bool find_bound(const nu_activation *frame, const nu_name *name, nu_value *out)
{
    uint32_t          depth = 0;
    const nu_program *program = frame->program;
    for (uint32_t i = 0; i < program->slot_count; i++) {
        const nu_slot_name *slot = &program->slots[i];
        if (slot->depth > depth && frame->slots[i].type < NU_SLOT_MISSING &&
            nu__name_equal(&slot->name, name)) {
            *out = frame->slots[i];
            depth = slot->depth;
        }
    }
    return depth > 0;
}

static bool find_computed(nu_rendering *render, const nu_name *name, nu_value *out)
{
    const nu_template_variable *variable =
        nu__registry_find(&render->engine->variables, name->text, name->length);
    if (!variable)
        return false;
    if (!render->computed)
        render->computed = nu_dict_new();
    nu_value *known = nu_dict_find_n(render->computed, name->text, name->length);
    if (known) {
        *out = *known;
        return true;
    }
    *out = variable->get(render->request);
    nu_dict_put(render->computed, nu_value_text(variable->name), *out);
    return true;
}

/* The names that every context has. */
static bool find_constant(const nu_name *name, nu_value *out)
{
    if (strcmp(name->text, "True") == 0)
        *out = nu_value_bool(true);
    else if (strcmp(name->text, "False") == 0)
        *out = nu_value_bool(false);
    else if (strcmp(name->text, "None") == 0)
        *out = nu_null();
    else
        return false;
    return true;
}

static bool find_in_context(nu_rendering *render, const nu_name *name, nu_value *out)
{
    for (size_t i = render->pairs.count; i-- > 0;) {
        if (strcmp(render->pairs.items[i].key, name->text) == 0) {
            *out = render->pairs.items[i].value;
            return true;
        }
    }
    nu_value *found =
        render->context ? nu_dict_find_n(render->context, name->text, name->length) : NULL;
    if (found) {
        *out = *found;
        return true;
    }
    return find_computed(render, name, out);
}

/* The context of an inclusion tag holds what its function gave and the token for forms. */
bool nu__find_outside(nu_rendering *render, const nu_name *name, nu_value *out)
{
    for (const nu_activation *frame = render->frame; frame; frame = frame->caller) {
        if (frame != render->frame && find_bound(frame, name, out))
            return true;
        if (find_given(frame, name, out))
            return true;
        if (frame->isolated && !(frame->dict && strcmp(name->text, "csrf_token") == 0))
            return find_constant(name, out);
    }
    return find_in_context(render, name, out) || find_constant(name, out);
}

bool nu__find_variable(nu_rendering *render, const nu_name *name, nu_value *out)
{
    return (render->frame && find_bound(render->frame, name, out)) ||
           nu__find_outside(render, name, out);
}

bool nu_render_variable(nu_rendering *render, const char *name, nu_value *out)
{
    size_t   length = strlen(name);
    nu_name  key = {.text = name, .length = (uint32_t)length, .hash = nu__name_hash(name, length)};
    nu_value value;
    if (!nu__find_variable(render, &key, &value) || !nu__value_call(&value))
        return false;
    *out = value;
    return true;
}

void *nu_render_request(const nu_rendering *render)
{
    return render->request;
}

bool nu_render_autoescape(const nu_rendering *render)
{
    return render->autoescape;
}
