/* {% blocktranslate %}: a message with variables in it, in one or several plural forms.
 *
 * The body becomes a message in Python's notation, "Hello %(name)s"; that is what catalogues know.
 * Only plain variables may stand in it, which are looked up by their whole text. */
#include <math.h>
#include <string.h>

#include "nuages/i18n.h"
#include "template/compiler.h"
#include "template/engine.h"
#include "template/tags/kinds.h"
#include "template/tags/translation.h"

/* A form of the message. */
typedef struct message {
    const char *text;
    nu_name    *variables; /* in it */
    uint32_t    variable_count;
} message;

/* Expressions: the values of with, then the count, then the context. Name 0 is that of asvar if there is
 * one. */
typedef struct blocktranslate {
    const char    *tag; /* "blocktranslate" or "blocktrans" */
    nu_keywords    with;
    nu_name        counter; /* text NULL: no plural */
    bool           has_context, trimmed, has_as;
    nu_name        as;
    nu_expression *count, *context;
    message        one, many;
} blocktranslate;

/* ---- rendering ------------------------------------------------------------------------------------------- */

static nu_value variable_text(nu_rendering *render, const nu_name *name)
{
    nu_value value;
    if (!nu__find_variable(render, name, &value)) {
        const char *invalid = render->engine->options.string_if_invalid;
        value = nu__replace_text(nu_value_text(invalid), "%s", name->text);
    }
    return nu__rendered(render, value);
}

static const nu_name *find_name(const blocktranslate *b, const char *text, size_t length)
{
    const message *forms[] = {&b->one, &b->many};
    for (size_t form = 0; form < 2; form++) {
        for (uint32_t i = 0; i < forms[form]->variable_count; i++) {
            const nu_name *name = &forms[form]->variables[i];
            if (name->length == length && memcmp(name->text, text, length) == 0)
                return name;
        }
    }
    return NULL;
}

/* Python's text % variables. False if the text, which may come from a catalogue, is malformed or asks for
 * what the template does not have. */
static bool format(nu_rendering *render, const blocktranslate *b, const char *text, nu_builder *out)
{
    for (const char *mark; (mark = strchr(text, '%'));) {
        nu_builder_add(out, text, (size_t)(mark - text));
        if (mark[1] == '%') {
            nu_builder_putc(out, '%');
            text = mark + 2;
            continue;
        }
        const char    *end = mark[1] == '(' ? strchr(mark, ')') : NULL;
        const nu_name *name = end ? find_name(b, mark + 2, (size_t)(end - mark - 2)) : NULL;
        if (!name || end[1] != 's')
            return false;
        nu_value value = variable_text(render, name);
        nu_builder_add(out, value.text, value.length);
        text = end + 2;
    }
    nu_builder_puts(out, text);
    return true;
}

/* The number that plural rules see; one that is not whole is none of the small forms. */
static int64_t plural_number(const blocktranslate *b, nu_value count)
{
    double number;
    bool   is_number = count.type == NU_BOOL || count.type == NU_INT || count.type == NU_FLOAT ||
                     count.type == NU_DECIMAL;
    if (!is_number || !nu_float_try(count, &number))
        nu_raise(NU_TEMPLATE_SYNTAX, "'%s' argument to '%s' tag must be a number.", b->counter.text,
                 b->tag);
    if (count.type == NU_INT)
        return count.integer;
    return number == floor(number) && fabs(number) < 9e18 ? (int64_t)number : 2;
}

static const char *find_translation(const blocktranslate *b, const char *context, bool plural,
                                    int64_t number)
{
    if (plural)
        return context ? nu_npgettext(context, b->one.text, b->many.text, number)
                       : nu_ngettext(b->one.text, b->many.text, number);
    if (b->one.text[0] == '\0')
        return "";
    return context ? nu_pgettext(context, b->one.text) : nu_gettext(b->one.text);
}

static nu_value render_message(nu_rendering *render, const blocktranslate *b, const char *context,
                               bool plural, int64_t number)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 128);
    if (!format(render, b, find_translation(b, context, plural, number), &out)) {
        out.length = 0;
        const message *own = plural && number != 1 ? &b->many : &b->one;
        if (!format(render, b, own->text, &out))
            nu_raise(NU_TEMPLATE_SYNTAX, "'%s' is unable to format the message %s", b->tag,
                     nu__quoted(own->text));
    }
    nu_value text = nu_builder_value(&out);
    text.flags |= NU_SAFE;
    return text;
}

static void run_blocktranslate(nu_rendering *render, const nu_call *call)
{
    const blocktranslate *b = call->node->data;
    uint32_t              with = b->with.count;
    const char           *context = NULL;
    if (b->has_context) {
        nu_value value = nu__call_value(render, call, call->node->expression_count - 1);
        context = nu_truth(value) ? nu_text(value) : NULL;
    }
    nu_value *values = nu_alloc(with * sizeof *values);
    for (uint32_t i = 0; i < with; i++)
        values[i] = nu__call_value(render, call, i);
    for (uint32_t i = 0; i < with; i++)
        render->frame->slots[call->slots[1 + i]] = values[i];
    int64_t number = 0;
    if (b->counter.text) {
        nu_value count = nu__call_value(render, call, with);
        number = plural_number(b, count);
        render->frame->slots[call->slots[1 + with]] = count;
    }
    nu_value text = render_message(render, b, context, b->counter.text != NULL, number);
    if (b->has_as)
        nu__call_set(render, call, 0, text);
    else
        nu__write(render, text.text, text.length);
}

/* The count may use what "with" has named, and all else what is around: so this is written by hand. */
static void emit_blocktranslate(nu_compiler *c, const nu_node *node)
{
    const blocktranslate *b = node->data;
    uint32_t              with = b->with.count;
    nu_operand *operands = nu_arena_array(c->arena, node->expression_count, sizeof *operands);
    uint32_t   *slots = nu_arena_array(c->arena, with + 2, sizeof *slots);
    for (uint32_t i = 0; i < with; i++)
        operands[i] = nu__compile_expression(c, b->with.values[i]);
    if (b->has_context)
        operands[node->expression_count - 1] = nu__compile_expression(c, b->context);
    if (b->has_as)
        slots[0] = nu__slot_of(c, &b->as);
    nu_scope scope;
    nu__scope_open(c, &scope, NULL, 0);
    for (uint32_t i = 0; i < with; i++)
        slots[1 + i] = nu__bind(c, &b->with.names[i], true)->slot;
    if (b->counter.text) {
        operands[with] = nu__compile_expression(c, b->count);
        slots[1 + with] = nu__bind(c, &b->counter, true)->slot;
    }
    nu_call *call = nu_arena_zalloc(c->arena, sizeof *call);
    *call = (nu_call){.node = node, .operands = operands, .slots = slots};
    uint32_t op = nu__emit(c, (nu_op){.code = NU_OP_CALL, .call = call});
    nu__patch(c, op);
    nu__scope_close(c, &scope);
}
static const nu_node_kind blocktranslate_kind = {
    .name = "blocktranslate", .emit = emit_blocktranslate, .run = run_blocktranslate};

/* ---- parsing --------------------------------------------------------------------------------------------- */

static void parse_context(nu_parser *parser, const nu_tag *tag, size_t *at, blocktranslate *b)
{
    if (*at >= tag->words.count)
        nu__syntax_error(parser, "\"context\" in '%s' tag expected exactly one argument.", b->tag);
    b->context = nu__parse_expression(parser, tag->words.items[(*at)++]);
    b->has_context = true;
}

static void parse_count(nu_parser *parser, const nu_tag *tag, size_t *at, blocktranslate *b)
{
    nu_keywords count = nu__parse_keywords(parser, tag, at, true);
    if (count.count != 1)
        nu__syntax_error(parser, "\"count\" in '%s' tag expected exactly one keyword argument.",
                         b->tag);
    b->counter = count.names[0];
    b->count = count.values[0];
}

static void parse_with(nu_parser *parser, const nu_tag *tag, size_t *at, blocktranslate *b)
{
    b->with = nu__parse_keywords(parser, tag, at, true);
    if (b->with.count == 0)
        nu__syntax_error(parser, "\"with\" in '%s' tag needs at least one keyword argument.",
                         b->tag);
}

static void parse_asvar(nu_parser *parser, const nu_tag *tag, size_t *at, blocktranslate *b)
{
    if (*at >= tag->words.count)
        nu__syntax_error(parser, "No argument provided to the '%s' tag for the asvar option.",
                         b->tag);
    b->as = nu__parse_name(parser, tag->words.items[(*at)++]);
    b->has_as = true;
}

static bool option_given(const blocktranslate *b, nu_word option)
{
    return (nu__word_is(option, "with") && b->with.count) ||
           (nu__word_is(option, "count") && b->counter.text) ||
           (nu__word_is(option, "context") && b->has_context) ||
           (nu__word_is(option, "trimmed") && b->trimmed) ||
           (nu__word_is(option, "asvar") && b->has_as);
}

static void parse_options(nu_parser *parser, const nu_tag *tag, blocktranslate *b)
{
    for (size_t at = 1; at < tag->words.count;) {
        nu_word option = tag->words.items[at++];
        if (option_given(b, option))
            nu__syntax_error(parser, "The '%.*s' option was specified more than once.",
                             (int)option.length, option.text);
        if (nu__word_is(option, "with"))
            parse_with(parser, tag, &at, b);
        else if (nu__word_is(option, "count"))
            parse_count(parser, tag, &at, b);
        else if (nu__word_is(option, "context"))
            parse_context(parser, tag, &at, b);
        else if (nu__word_is(option, "trimmed"))
            b->trimmed = true;
        else if (nu__word_is(option, "asvar"))
            parse_asvar(parser, tag, &at, b);
        else
            nu__syntax_error(parser, "Unknown argument for '%s' tag: %s.", b->tag,
                             nu__quoted(nu__parse_text(parser, option)));
    }
}

/* Lines joined: white space around each line break becomes one space, none at the ends. */
static const char *trim_lines(nu_arena *arena, const char *text)
{
    const char *p = text, *end = text + strlen(text);
    nu__trim_words(&p, &end);
    char  *out = nu_arena_alloc(arena, (size_t)(end - p) + 1);
    size_t length = 0;
    while (p < end) {
        const char *word = nu__skip_space(p, end);
        bool        breaks = memchr(p, '\n', (size_t)(word - p)) != NULL;
        if (breaks)
            out[length++] = ' ';
        const char *from = breaks ? word : p;
        for (p = word; p < end && !nu__space_length(p, end);)
            p++;
        memcpy(out + length, from, (size_t)(p - from));
        length += (size_t)(p - from);
    }
    out[length] = '\0';
    return out;
}

static void add_text(nu_builder *out, const nu_token *token)
{
    for (uint32_t i = 0; i < token->length; i++) {
        if (token->text[i] == '%')
            nu_builder_putc(out, '%');
        nu_builder_putc(out, token->text[i]);
    }
}

/* Reads text and variables up to a tag, which is returned; the last token if there is none. */
static const nu_token *parse_message(nu_parser *parser, bool trimmed, message *out)
{
    nu_builder text;
    nu_builder_init(&text, NULL, 128);
    nu_name        *names = NULL;
    uint32_t        capacity = 0;
    const nu_token *token = parser->token, *next;
    while ((next = nu__next_token(parser))) {
        token = next;
        if (token->kind == NU_TOKEN_TEXT) {
            add_text(&text, token);
            continue;
        }
        if (token->kind != NU_TOKEN_VARIABLE)
            break;
        if (out->variable_count == capacity) {
            uint32_t larger = capacity ? capacity * 2 : 4;
            names = nu_arena_grow(parser->arena, names, capacity * sizeof *names,
                                  larger * sizeof *names);
            capacity = larger;
        }
        names[out->variable_count++] = nu__name(parser->arena, token->text, token->length);
        nu_builder_printf(&text, "%%(%.*s)s", (int)token->length, token->text);
    }
    out->variables = names;
    const char *whole = nu_builder_text(&text);
    out->text = trimmed ? trim_lines(parser->arena, whole) : nu_arena_text(parser->arena, whole);
    return token;
}

static void parse_messages(nu_parser *parser, blocktranslate *b)
{
    const nu_token *token = parse_message(parser, b->trimmed, &b->one);
    if (b->counter.text) {
        if (token->length != 6 || memcmp(token->text, "plural", 6) != 0)
            nu__syntax_error(parser, "'%s' doesn't allow other block tags inside it", b->tag);
        token = parse_message(parser, b->trimmed, &b->many);
    }
    const char *end = nu_fmt("end%s", b->tag);
    if (token->length != strlen(end) || memcmp(token->text, end, token->length) != 0)
        nu__syntax_error(parser, "'%s' doesn't allow other block tags (seen %s) inside it", b->tag,
                         nu__quoted(nu_arena_copy(nu_arena_current(), token->text, token->length)));
}

nu_node *nu__parse_blocktranslate(nu_parser *parser, const nu_tag *tag)
{
    blocktranslate *b = nu_arena_zalloc(parser->arena, sizeof *b);
    b->tag = nu__parse_text(parser, tag->words.items[0]);
    parse_options(parser, tag, b);
    parse_messages(parser, b);
    uint32_t expressions = b->with.count + (b->counter.text != NULL) + b->has_context;
    nu_node *node = nu__node(parser, &blocktranslate_kind, expressions, 0, b->has_as);
    if (b->has_as)
        node->names[0] = b->as;
    node->data = b;
    return node;
}
