/* {% extends %} and {% block %}: which text a block gets from a chain of templates. */
#pragma once

#include "template/compiler.h"

/* Writes the block `name` as the chain has it; `self` stands where no template is left that has it. */
void nu__emit_block(nu_compiler *compiler, const nu_block *self);

/* Writes what {{ block.super }} means in block `name`. */
void nu__emit_super(nu_compiler *compiler, const nu_name *name);
