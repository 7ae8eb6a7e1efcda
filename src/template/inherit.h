/* Templates that extend templates: from names to chains, from chains to programs. */
#pragma once

#include "template/compiler.h"
#include "template/engine.h"

/* A chain as far as it is known before rendering: from the template asked for to one that extends
 * nothing, or to one that extends a variable. In `arena`. */
typedef struct nu_chain {
    const nu_tree **trees;
    uint32_t        count;
} nu_chain;

/* Follows `count` trees upwards. Raises TemplateDoesNotExist, TemplateSyntaxError. */
nu_chain nu__chain_of(nu_engine *engine, nu_arena *arena, const nu_tree *const *trees,
                      uint32_t count);

/* The program of a chain. Where the last tree extends a variable, it is a program that finds the parent
 * while rendering. */
nu_program *nu__chain_compile(nu_arena *arena, nu_chain chain);

/* {% extends variable %}: renders what is running with `parent`, a name or a template. */
void nu__run_extends(nu_rendering *render, nu_value parent);
