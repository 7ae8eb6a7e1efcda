/* {% load l10n %} and {% load tz %}: how numbers and moments are shown within a block. */
#include <string.h>

#include "nuages/i18n.h"
#include "template/engine.h"
#include "template/program.h"
#include "template/tags/kinds.h"

/* The node's data says what the block switches on: itself yes, NULL no. */
static nu_node *parse_switch(nu_parser *parser, const nu_tag *tag, const nu_node_kind *kind,
                             const char *end)
{
    bool off = nu__tag_word_is(tag, 1, "off");
    if (tag->words.count > 2 || (tag->words.count == 2 && !off && !nu__tag_word_is(tag, 1, "on")))
        nu__syntax_error(parser, "'%s' argument should be 'on' or 'off'", kind->name);
    nu_node *node = nu__node(parser, kind, 0, 1, 0);
    node->data = off ? NULL : node;
    node->bodies[0] = nu__parse_until(parser, end);
    return node;
}

/* ---- localize --------------------------------------------------------------------------------------------- */

static void run_localize(nu_rendering *render, const nu_call *call)
{
    int8_t outer = render->use_l10n;
    render->use_l10n = call->node->data != NULL;
    nu__call_body(render, call, 0);
    render->use_l10n = outer;
}
static const nu_node_kind localize_kind = {.name = "localize", .run = run_localize};

static nu_node *parse_localize(nu_parser *parser, const nu_tag *tag)
{
    return parse_switch(parser, tag, &localize_kind, "endlocalize");
}

const nu_template_tag nu__tags_l10n[] = {
    {.name = "localize", .syntax = &(const struct nu_tag_syntax){parse_localize}},
    {0},
};

/* ---- localtime ---------------------------------------------------------------------------------------------- */

static void run_localtime(nu_rendering *render, const nu_call *call)
{
    int8_t outer = render->use_tz;
    render->use_tz = call->node->data != NULL;
    nu__call_body(render, call, 0);
    render->use_tz = outer;
}
static const nu_node_kind localtime_kind = {.name = "localtime", .run = run_localtime};

static nu_node *parse_localtime(nu_parser *parser, const nu_tag *tag)
{
    return parse_switch(parser, tag, &localtime_kind, "endlocaltime");
}

/* ---- timezone ------------------------------------------------------------------------------------------------ */

static const nu_zone *zone_of(nu_value name)
{
    if (nu_is_null(name))
        return NULL;
    const nu_zone *zone = name.type == NU_TEXT ? nu_zone_find(name.text) : NULL;
    if (!zone)
        nu_raise(NU_VALUE_ERROR, "no time zone found with key %s", nu_text(name));
    return zone;
}

/* The zone belongs to the fiber, not to the rendering: it is put back even if the block raises. */
static void run_timezone(nu_rendering *render, const nu_call *call)
{
    const nu_zone *outer = nu_zone_activate(zone_of(nu__call_value(render, call, 0)));
    NU_TRY {
        nu__call_body(render, call, 0);
    }
    NU_CATCH (error) {
        nu_zone_activate(outer);
        nu_reraise(error);
    }
    nu_zone_activate(outer);
}
static const nu_node_kind timezone_kind = {.name = "timezone", .run = run_timezone};

static nu_node *parse_timezone(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count != 2)
        nu__syntax_error(parser, "'timezone' takes one argument (timezone)");
    nu_node *node = nu__node(parser, &timezone_kind, 1, 1, 0);
    node->expressions[0] = nu__parse_expression(parser, tag->words.items[1]);
    node->bodies[0] = nu__parse_until(parser, "endtimezone");
    return node;
}

static void run_get_current_timezone(nu_rendering *render, const nu_call *call)
{
    nu__call_set(render, call, 0, nu_value_text(nu_zone_name(nu_zone_active())));
}
static const nu_node_kind get_current_timezone_kind = {.name = "get_current_timezone",
                                                       .run = run_get_current_timezone};

static nu_node *parse_get_current_timezone(nu_parser *parser, const nu_tag *tag)
{
    nu__require_as(parser, tag, 3);
    nu_node *node = nu__node(parser, &get_current_timezone_kind, 0, 0, 1);
    node->names[0] = nu__parse_name(parser, tag->words.items[2]);
    return node;
}

const nu_template_tag nu__tags_tz[] = {
    {.name = "localtime", .syntax = &(const struct nu_tag_syntax){parse_localtime}},
    {.name = "timezone", .syntax = &(const struct nu_tag_syntax){parse_timezone}},
    {.name = "get_current_timezone",
     .syntax = &(const struct nu_tag_syntax){parse_get_current_timezone}},
    {0},
};
