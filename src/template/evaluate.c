/* The values of expressions. */
#include <string.h>

#include "nuages/i18n.h"
#include "template/engine.h"
#include "template/loop.h"
#include "template/program.h"

/* ---- variables ----------------------------------------------------------------------------------- */

static nu_value literal(const nu_variable *variable)
{
    if (!variable->translate)
        return variable->value;
    nu_value text = nu_value_text(nu_gettext(variable->value.text));
    text.flags |= variable->value.flags & NU_SAFE;
    return text;
}

/* The value of an outside name, kept in its slot once it was asked for. */
static bool outside(nu_rendering *render, uint32_t slot, nu_value *out)
{
    nu_activation *frame = render->frame;
    nu_value      *kept = &frame->slots[slot];
    if (kept->type == NU_SLOT_UNSET) {
        nu_value found;
        bool     exists = nu__find_outside(render, &frame->program->slots[slot].name, &found);
        /* A variable's function may have rendered something: the slots have not moved. */
        *kept = exists ? found : (nu_value){.type = NU_SLOT_MISSING};
    }
    *out = *kept;
    return kept->type != NU_SLOT_MISSING;
}

static bool chain(nu_rendering *render, const nu_lookup *lookup, nu_value *out)
{
    const nu_value *slots = render->frame->slots;
    for (uint32_t i = 0; i < lookup->maybe_count; i++) {
        if (slots[lookup->maybe[i]].type != NU_SLOT_UNSET) {
            *out = slots[lookup->maybe[i]];
            return true;
        }
    }
    return lookup->slot != NU_NO_SLOT && outside(render, lookup->slot, out);
}

/* Most steps are keys of dicts. */
static inline bool step(nu_value *value, const nu_step *to)
{
    if (value->type == NU_DICT) {
        const nu_value *found = nu_dict_find_n(value->dict, to->name.text, to->name.length);
        if (NU_LIKELY(found != NULL)) {
            *value = *found;
            return value->type < NU_OBJECT || nu__value_call(value);
        }
    }
    return nu__value_step(value, to);
}

/* Steps down from the variable's first name. */
static inline bool walk(const nu_variable *variable, nu_value *value)
{
    if (NU_UNLIKELY(value->type >= NU_OBJECT) && !nu__value_call(value))
        return false;
    for (uint32_t i = 1; i < variable->step_count; i++) {
        if (!step(value, &variable->steps[i]))
            return false;
    }
    return true;
}

bool nu__look_up(nu_rendering *render, const nu_lookup *lookup, nu_value *out)
{
    switch ((nu_lookup_kind)lookup->kind) {
    case NU_LOOK_LITERAL: *out = literal(lookup->variable); return true;
    case NU_LOOK_LOOP:
        *out = nu__loop_value(&render->frame->loops[lookup->slot], lookup->field);
        return true;
    case NU_LOOK_SUPER: *out = nu__capture(render, lookup->slot); return true;
    case NU_LOOK_SLOT:
        *out = render->frame->slots[lookup->slot];
        return walk(lookup->variable, out);
    default: return chain(render, lookup, out) && walk(lookup->variable, out);
    }
}

/* ---- filters --------------------------------------------------------------------------------------- */

const nu_kind nu__variable_missing = {
    .name = "VariableDoesNotExist", .parent = NU_VALUE_ERROR, .status = 500};

static NU_COLD NU_NORETURN void missing_argument(const nu_variable *variable)
{
    nu_raise(&nu__variable_missing, "the variable \"%s\" of a filter's argument does not exist",
             variable->text);
}

/* Filters must not be able to fill the memory: not with one text, and as theirs is freed when the rendering
 * ends, not with many. In all they may make this many times what a rendering may write. */
#define MADE_SHARE 8

void nu__check_made(const nu_rendering *render, size_t length)
{
    if (render && NU_UNLIKELY(length > render->engine->options.output_limit))
        nu_raise(NU_SYSTEM_ERROR, "a filter makes a text of more than %zu bytes",
                 render->engine->options.output_limit);
}

static NU_COLD NU_NORETURN void too_much(const nu_rendering *render)
{
    nu_raise(NU_SYSTEM_ERROR, "the template's filters make texts of more than %zu bytes in all",
             MADE_SHARE * render->engine->options.output_limit);
}

/* What a filter passed on as it was costs nothing. */
static inline void account(nu_rendering *render, nu_value input, nu_value result)
{
    if (result.type != NU_TEXT || (input.type == NU_TEXT && result.text == input.text))
        return;
    nu__check_made(render, result.length);
    render->made += result.length;
    if (NU_UNLIKELY(render->made / MADE_SHARE > render->engine->options.output_limit))
        too_much(render);
}

static nu_value apply(nu_rendering *render, const nu_applied_filter *applied, const nu_lookup *arg,
                      nu_value input)
{
    const nu_template_filter *filter = applied->filter;
    nu_filter_call            call = {.autoescape = render->autoescape, .render = render};
    if (applied->arg) {
        call.has_arg = true;
        if (!nu__look_up(render, arg, &call.arg))
            missing_argument(applied->arg);
    }
    if (filter->flags & NU_FILTER_LOCALTIME)
        input = nu__localtime(render, input);
    call.input = input;
    if (filter->flags & NU_FILTER_TEXT && input.type != NU_TEXT)
        call.input = nu_value_str(input);
    nu_value result = filter->fn(&call);
    bool     safe = call.input.type == NU_TEXT && call.input.flags & NU_SAFE;
    account(render, input, result);
    if (filter->flags & NU_FILTER_SAFE && safe) {
        if (result.type != NU_TEXT)
            result = nu_value_str(result);
        result.flags |= NU_SAFE;
    }
    return result;
}

nu_value nu__apply_filters(nu_rendering *render, const nu_operand *operand, nu_value value)
{
    for (uint32_t i = 0; i < operand->filter_count; i++)
        value = apply(render, &operand->filters[i], &operand->args[i], value);
    return value;
}

/* string_if_invalid with the variable's name for %s. */
static nu_value invalid(const nu_rendering *render, const nu_variable *variable)
{
    const char *text = render->engine->options.string_if_invalid;
    const char *mark = strstr(text, "%s");
    if (!mark)
        return nu_value_text(text);
    return nu_value_text(nu_fmt("%.*s%s%s", (int)(mark - text), text, variable->text, mark + 2));
}

nu_value nu__evaluate(nu_rendering *render, const nu_operand *operand)
{
    nu_value value;
    if (!nu__look_up(render, &operand->lookup, &value)) {
        if (render->engine->options.string_if_invalid[0])
            return invalid(render, operand->lookup.variable);
        value = nu_value_text("");
    }
    return operand->filter_count ? nu__apply_filters(render, operand, value) : value;
}

nu_value nu__evaluate_or_null(nu_rendering *render, const nu_operand *operand)
{
    nu_value value;
    if (!nu__look_up(render, &operand->lookup, &value))
        value = nu_null();
    return operand->filter_count ? nu__apply_filters(render, operand, value) : value;
}
