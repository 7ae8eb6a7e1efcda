/* {% load i18n %}: translate, language and questions about languages. */
#include <string.h>

#include "nuages/i18n.h"
#include "template/engine.h"
#include "template/program.h"
#include "template/tags/kinds.h"
#include "template/tags/translation.h"

/* ---- translate ------------------------------------------------------------------------------------------- */

typedef struct translate {
    bool noop, has_context; /* the context is expression 1 */
} translate;

nu_value nu__replace_text(nu_value text, const char *from, const char *to)
{
    if (!strstr(text.text, from))
        return text;
    nu_builder out;
    nu_builder_init(&out, NULL, text.length + 16);
    const char *p = text.text;
    for (const char *found; (found = strstr(p, from)); p = found + strlen(from)) {
        nu_builder_add(&out, p, (size_t)(found - p));
        nu_builder_puts(&out, to);
    }
    nu_builder_puts(&out, p);
    nu_value replaced = nu_builder_value(&out);
    replaced.flags = text.flags;
    return replaced;
}

/* Messages are kept with % doubled, as for Python's formatting. */
static nu_value translated(nu_value text, const char *context)
{
    nu_value message = nu__replace_text(nu_value_str(text), "%", "%%");
    if (message.length == 0)
        return message;
    const char *found = context ? nu_pgettext(context, message.text) : nu_gettext(message.text);
    nu_value    result = nu_value_text(found);
    result.flags |= message.flags & NU_SAFE;
    return result;
}

static nu_value message_of(nu_rendering *render, const nu_call *call)
{
    const translate  *t = call->node->data;
    const nu_operand *operand = &call->operands[0];
    nu_value          value;
    if (t->noop || !nu__look_up(render, &operand->lookup, &value))
        return nu__call_value(render, call, 0);
    const char *context = t->has_context ? nu_text(nu__call_value(render, call, 1)) : NULL;
    return nu__apply_filters(render, operand, translated(value, context));
}

static void run_translate(nu_rendering *render, const nu_call *call)
{
    nu_value text = nu__rendered(render, message_of(render, call));
    nu__call_answer(render, call, nu__replace_text(text, "%%", "%"));
}
static const nu_node_kind translate_kind = {.name = "translate", .run = run_translate};

typedef struct translate_options {
    bool    noop;
    nu_word context, as; /* length 0: none */
    bool    has_context, has_as;
} translate_options;

static nu_word option_value(nu_parser *parser, const nu_tag *tag, size_t *at, const char *option)
{
    if (*at >= tag->words.count)
        nu__syntax_error(parser, "No argument provided to the '%s' tag for the %s option.",
                         nu__parse_text(parser, tag->words.items[0]), option);
    return tag->words.items[(*at)++];
}

static nu_word context_value(nu_parser *parser, const nu_tag *tag, size_t *at)
{
    nu_word value = option_value(parser, tag, at, "context");
    if (nu__word_is(value, "as") || nu__word_is(value, "noop"))
        nu__syntax_error(
            parser, "Invalid argument '%.*s' provided to the '%s' tag for the context option",
            (int)value.length, value.text, nu__parse_text(parser, tag->words.items[0]));
    return value;
}

static translate_options translate_options_of(nu_parser *parser, const nu_tag *tag)
{
    translate_options options = {0};
    for (size_t at = 2; at < tag->words.count;) {
        nu_word option = tag->words.items[at++];
        bool    noop = nu__word_is(option, "noop"), context = nu__word_is(option, "context");
        bool    as = nu__word_is(option, "as");
        if (!noop && !context && !as)
            nu__syntax_error(parser,
                             "Unknown argument for '%s' tag: '%.*s'. The only options available "
                             "are 'noop', 'context' \"xxx\", and 'as VAR'.",
                             nu__parse_text(parser, tag->words.items[0]), (int)option.length,
                             option.text);
        if ((noop && options.noop) || (context && options.has_context) || (as && options.has_as))
            nu__syntax_error(parser, "The '%.*s' option was specified more than once.",
                             (int)option.length, option.text);
        if (context)
            options.context = context_value(parser, tag, &at);
        if (as)
            options.as = option_value(parser, tag, &at, "as");
        options.noop |= noop;
        options.has_context |= context;
        options.has_as |= as;
    }
    return options;
}

static nu_node *parse_translate(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count < 2)
        nu__syntax_error(parser, "'%s' takes at least one argument",
                         nu__parse_text(parser, tag->words.items[0]));
    translate_options options = translate_options_of(parser, tag);
    translate        *t = nu_arena_zalloc(parser->arena, sizeof *t);
    *t = (translate){.noop = options.noop, .has_context = options.has_context};
    nu_node *node =
        nu__node(parser, &translate_kind, options.has_context ? 2 : 1, 0, options.has_as);
    node->data = t;
    node->expressions[0] = nu__parse_expression(parser, tag->words.items[1]);
    if (options.has_context)
        node->expressions[1] = nu__parse_expression(parser, options.context);
    if (options.has_as)
        node->names[0] = nu__parse_name(parser, options.as);
    return node;
}

/* ---- language -------------------------------------------------------------------------------------------- */

/* The language belongs to the fiber, not to the rendering: it is put back even if the block raises. */
static void run_language(nu_rendering *render, const nu_call *call)
{
    nu_value    name = nu__call_value(render, call, 0);
    const char *outer = nu_language_activate(nu_truth(name) ? nu_text(name) : NULL);
    NU_TRY {
        nu__call_body(render, call, 0);
    }
    NU_CATCH (error) {
        nu_language_activate(outer);
        nu_reraise(error);
    }
    nu_language_activate(outer);
}
static const nu_node_kind language_kind = {.name = "language", .run = run_language};

static nu_node *parse_language(nu_parser *parser, const nu_tag *tag)
{
    if (tag->words.count != 2)
        nu__syntax_error(parser, "'language' takes one argument (language)");
    nu_node *node = nu__node(parser, &language_kind, 1, 1, 0);
    node->expressions[0] = nu__parse_expression(parser, tag->words.items[1]);
    node->bodies[0] = nu__parse_until(parser, "endlanguage");
    return node;
}

/* ---- questions ------------------------------------------------------------------------------------------- */

/* Pairs of code and translated name, as of Django's setting LANGUAGES. */
static void run_available_languages(nu_rendering *render, const nu_call *call)
{
    const char *const *codes = render->engine->options.languages;
    if (!codes)
        codes = NU_STRS(nu_locale_settings()->language);
    nu_list *all = nu_list_new();
    for (; *codes; codes++) {
        const nu_language_info *info = nu_language_find(*codes);
        nu_value pair = nu_value_list(nu_list_of(*codes, info ? nu_gettext(info->name) : *codes));
        pair.flags |= NU_TUPLE;
        nu_list_push(all, pair);
    }
    nu__call_set(render, call, 0, nu_value_list(all));
}
static const nu_node_kind available_languages_kind = {.name = "get_available_languages",
                                                      .run = run_available_languages};

static void run_current_language(nu_rendering *render, const nu_call *call)
{
    nu__call_set(render, call, 0, nu_value_text(nu_language()));
}
static const nu_node_kind current_language_kind = {.name = "get_current_language",
                                                   .run = run_current_language};

static void run_current_bidi(nu_rendering *render, const nu_call *call)
{
    const nu_language_info *info = nu_language_find(nu_language());
    nu__call_set(render, call, 0, nu_value_bool(info && info->bidi));
}
static const nu_node_kind current_bidi_kind = {.name = "get_current_language_bidi",
                                               .run = run_current_bidi};

static nu_node *parse_question(nu_parser *parser, const nu_tag *tag, const nu_node_kind *kind)
{
    nu__require_as(parser, tag, 3);
    nu_node *node = nu__node(parser, kind, 0, 0, 1);
    node->names[0] = nu__parse_name(parser, tag->words.items[2]);
    return node;
}

static nu_node *parse_available_languages(nu_parser *parser, const nu_tag *tag)
{
    return parse_question(parser, tag, &available_languages_kind);
}

static nu_node *parse_current_language(nu_parser *parser, const nu_tag *tag)
{
    return parse_question(parser, tag, &current_language_kind);
}

static nu_node *parse_current_bidi(nu_parser *parser, const nu_tag *tag)
{
    return parse_question(parser, tag, &current_bidi_kind);
}

static nu_value info_of(nu_value code)
{
    const nu_language_info *info = nu_language_find(nu_text(code));
    if (!info)
        nu_raise(NU_VALUE_ERROR, "Unknown language code %s.", nu_text(code));
    return nu_value_dict(nu_dict_of("code", info->code, "name", info->name, "name_local",
                                    info->name_local, "name_translated", nu_gettext(info->name),
                                    "bidi", info->bidi));
}

static void run_info(nu_rendering *render, const nu_call *call)
{
    nu__call_set(render, call, 0, info_of(nu__call_value(render, call, 0)));
}
static const nu_node_kind info_kind = {.name = "get_language_info", .run = run_info};

/* Codes, or pairs of code and name as in Django's setting LANGUAGES. */
static void run_info_list(nu_rendering *render, const nu_call *call)
{
    nu_value       languages = nu__call_value(render, call, 0);
    const nu_list *items = nu__value_items(languages);
    if (!items)
        nu_raise(NU_VALUE_ERROR, "'%s' object is not iterable", nu__python_type(languages));
    nu_list *all = nu_list_new();
    for (uint32_t i = 0; i < items->count; i++) {
        nu_value code = items->items[i];
        if (code.type == NU_LIST && code.list->count > 0)
            code = code.list->items[0];
        nu_list_push(all, info_of(code));
    }
    nu__call_set(render, call, 0, nu_value_list(all));
}
static const nu_node_kind info_list_kind = {.name = "get_language_info_list", .run = run_info_list};

static nu_node *parse_info_tag(nu_parser *parser, const nu_tag *tag, const nu_node_kind *kind,
                               const char *what)
{
    nu_words rest = {.items = tag->words.items + 1, .count = tag->words.count - 1};
    if (tag->words.count != 5 || !nu__tag_word_is(tag, 1, "for") || !nu__tag_word_is(tag, 3, "as"))
        nu__syntax_error(parser, "'%s' requires 'for %s as variable' (got %s)", kind->name, what,
                         nu__words_repr(parser, rest));
    nu_node *node = nu__node(parser, kind, 1, 0, 1);
    node->expressions[0] = nu__parse_expression(parser, tag->words.items[2]);
    node->names[0] = nu__parse_name(parser, tag->words.items[4]);
    return node;
}

static nu_node *parse_info(nu_parser *parser, const nu_tag *tag)
{
    return parse_info_tag(parser, tag, &info_kind, "string");
}

static nu_node *parse_info_list(nu_parser *parser, const nu_tag *tag)
{
    return parse_info_tag(parser, tag, &info_list_kind, "sequence");
}

const nu_template_tag nu__tags_i18n[] = {
    {.name = "translate", .syntax = &(const struct nu_tag_syntax){parse_translate}},
    {.name = "trans", .syntax = &(const struct nu_tag_syntax){parse_translate}},
    {.name = "blocktranslate", .syntax = &(const struct nu_tag_syntax){nu__parse_blocktranslate}},
    {.name = "blocktrans", .syntax = &(const struct nu_tag_syntax){nu__parse_blocktranslate}},
    {.name = "language", .syntax = &(const struct nu_tag_syntax){parse_language}},
    {.name = "get_available_languages",
     .syntax = &(const struct nu_tag_syntax){parse_available_languages}},
    {.name = "get_current_language",
     .syntax = &(const struct nu_tag_syntax){parse_current_language}},
    {.name = "get_current_language_bidi",
     .syntax = &(const struct nu_tag_syntax){parse_current_bidi}},
    {.name = "get_language_info", .syntax = &(const struct nu_tag_syntax){parse_info}},
    {.name = "get_language_info_list", .syntax = &(const struct nu_tag_syntax){parse_info_list}},
    {0},
};
