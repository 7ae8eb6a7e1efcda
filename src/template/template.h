/* What a nu_template is made of. */
#pragma once

#include "template/engine.h"
#include "template/program.h"

struct nu_template {
    const nu_class *class; /* a template is an object, so that {% include %} takes it */
    nu_engine     *engine;
    nu_arena      *arena;
    const char    *name;
    const nu_tree *tree;
    nu_program    *program;
};

/* The template that `value` is, NULL if it is none. */
nu_template *nu__template_of(nu_value value);

/* A partial of the tree as a template. */
nu_template *nu__partial_template(nu_engine *engine, const nu_tree *tree, nu_partial *partial);
