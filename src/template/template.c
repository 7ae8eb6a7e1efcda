#include "template/template.h"

#include <string.h>

#include "template/inherit.h"
#include "template/parser.h"

static const nu_class template_class = {.name = "Template"};

nu_template *nu__template_of(nu_value value)
{
    bool is_template =
        value.type == NU_OBJECT && ((const nu_object *)value.object)->class == &template_class;
    return is_template ? value.object : NULL;
}

/* ---- making --------------------------------------------------------------------------------------------- */

static nu_template *template_new(nu_engine *engine, nu_arena *arena, const nu_tree *tree)
{
    nu_template *t = nu_arena_zalloc(arena, sizeof *t);
    *t = (nu_template){.class = &template_class,
                       .engine = engine,
                       .arena = arena,
                       .name = tree->name,
                       .tree = tree};
    return t;
}

/* (Re)makes the program unless it is of these very trees. */
static void compile(nu_template *t)
{
    nu_chain chain = nu__chain_of(t->engine, nu_arena_current(), &t->tree, 1);
    size_t   bytes = chain.count * sizeof *chain.trees;
    if (t->program && t->program->tree_count == chain.count &&
        memcmp(t->program->trees, chain.trees, bytes) == 0)
        return;
    chain.trees = (const nu_tree **)(void *)nu_arena_copy(t->arena, chain.trees, bytes);
    t->program = nu__chain_compile(t->arena, chain);
}

nu_template *nu__partial_template(nu_engine *engine, const nu_tree *tree, nu_partial *partial)
{
    if (!partial->template) {
        nu_arena    *arena = tree->origin ? engine->arena : nu_arena_current();
        nu_template *t = template_new(engine, arena, tree);
        t->name = partial->name;
        t->program = nu__compile_body(arena, tree, &partial->body);
        partial->template = t;
    }
    return partial->template;
}

static NU_NORETURN void missing_partial(const char *name)
{
    nu_raise(NU_TEMPLATE_MISSING, "%s", name);
}

/* "page.html#part" */
static nu_template *get_partial(nu_engine *engine, const char *name, const char *hash)
{
    char          *file = nu_arena_copy(nu_arena_current(), name, (size_t)(hash - name));
    const nu_tree *tree = nu__tree_get(engine, file, NULL);
    nu_partial    *partial = nu__find_partial(tree, hash + 1);
    if (!partial)
        missing_partial(name);
    return nu__partial_template(engine, tree, partial);
}

nu_template *nu_template_get(nu_engine *engine, const char *name)
{
    const nu_template *known = nu__registry_find(&engine->templates, name, strlen(name));
    if (known && !engine->options.watch)
        return (nu_template *)(uintptr_t)known;
    const char *hash = strchr(name, '#');
    if (hash)
        return get_partial(engine, name, hash);
    const nu_tree *tree = nu__tree_get(engine, name, NULL);
    nu_template   *t = known && known->tree == tree ? (nu_template *)(uintptr_t)known
                                                    : template_new(engine, engine->arena, tree);
    compile(t);
    if (t != known)
        nu__registry_put(engine->arena, &engine->templates, t->name, t);
    return t;
}

nu_template *nu_template_select(nu_engine *engine, const char *const *names)
{
    nu_builder tried;
    nu_builder_init(&tried, NULL, 64);
    for (size_t i = 0; names[i]; i++) {
        NU_TRY {
            return nu_template_get(engine, names[i]);
        }
        NU_CATCH (error) {
            /* Only its own absence counts, not that of a template it extends. */
            if (!nu_error_is(error, NU_TEMPLATE_MISSING) || strcmp(error->fact, names[i]) != 0)
                nu_reraise(error);
        }
        nu_builder_printf(&tried, "%s%s", i ? ", " : "", names[i]);
    }
    nu_raise(NU_TEMPLATE_MISSING, "%s",
             tried.length ? nu_builder_text(&tried) : "No template names provided");
}

nu_template *nu_template_from(nu_engine *engine, const char *text)
{
    nu_arena *arena = nu_arena_current();
    nu_tree  *tree = nu_arena_zalloc(arena, sizeof *tree);
    tree->length = strlen(text);
    tree->text = nu_arena_copy(arena, text, tree->length);
    nu__parse_tree(engine, arena, tree);
    nu_template *t = template_new(engine, arena, tree);
    compile(t);
    return t;
}

const char *nu_template_name(const nu_template *t)
{
    return t->name;
}

/* ---- rendering -------------------------------------------------------------------------------------------- */

static void render_to(const nu_template *t, const nu_render_options *options, nu_builder *out)
{
    const nu_engine_options *settings = &t->engine->options;
    nu_rendering             render = {.engine = t->engine,
                                       .out = out,
                                       .context = options->context,
                                       .pairs = options->pairs,
                                       .request = options->request,
                                       .current_app = options->current_app,
                                       .autoescape = !settings->autoescape_off,
                                       .use_l10n = -1,
                                       .use_tz = -1,
                                       .limit = out->length + settings->output_limit,
                                       .turns = settings->loop_limit};
    size_t                   start = out->length;
    nu__activate(&render, t->program, NULL, NULL, false);
    t->program->typical = out->length - start;
}

void nu_template_write(const nu_template *t, const nu_render_options *options, nu_builder *out)
{
    nu_builder_room(out, t->program->typical + t->program->typical / 8 + 64);
    render_to(t, options, out);
}

nu_value nu_template_render(const nu_template *t, nu_dict *context)
{
    nu_builder out;
    nu_builder_init(&out, NULL, t->program->typical + t->program->typical / 8 + 64);
    render_to(t, &(nu_render_options){.context = context}, &out);
    nu_value text = nu_builder_value(&out);
    text.flags |= NU_SAFE;
    return text;
}
