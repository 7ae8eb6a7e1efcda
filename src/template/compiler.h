/* The compiler: trees to programs. Nodes write themselves with what is declared here. */
#pragma once

#include "template/program.h"

/* A variable that the program binds somewhere. */
typedef struct nu_binding {
    nu_name            name;
    uint32_t           slot;
    bool               certain; /* bound as long as its scope is open */
    uint32_t           loop;    /* for "forloop": the number of the loop; else NU_NO_SLOT */
    struct nu_binding *next;
} nu_binding;

/* What is bound between a tag and its end. */
typedef struct nu_scope {
    nu_binding      *bindings;
    struct nu_scope *outer;
    uint32_t         first_slot;
    const nu_name   *block; /* the block whose text this is, for block.super; NULL: none */
} nu_scope;

/* How many of the blocks of one name have been used by the code around; Django's queue of blocks. */
typedef struct nu_block_queue {
    nu_name                name;
    uint32_t               used;
    struct nu_block_queue *next;
} nu_block_queue;

/* The number of the state that a node keeps while rendering. */
typedef struct nu_state {
    const nu_node   *node;
    uint32_t         number;
    struct nu_state *next;
} nu_state;

struct nu_compiler {
    nu_arena             *arena;
    const nu_tree *const *trees; /* from the one asked for to the one that extends nothing */
    uint32_t              tree_count;
    const nu_node        *node; /* the one being written, for places */
    nu_scope             *scope;
    uint32_t              depth; /* of scopes */
    nu_block_queue       *queues;
    nu_op                *ops;
    const nu_node       **nodes;
    uint32_t              op_count, op_capacity;
    nu_slot_name         *slots;
    uint32_t              slot_count, slot_capacity;
    nu_state             *states;
    uint32_t              loop_count, state_count;
};

/* The program of a chain of trees, in `arena`. */
nu_program *nu__compile(nu_arena *arena, const nu_tree *const *trees, uint32_t count);
/* The program of a partial. */
nu_program *nu__compile_body(nu_arena *arena, const nu_tree *tree, const nu_body *body);

/* Adds an instruction, returns its number. */
uint32_t               nu__emit(nu_compiler *compiler, nu_op op);
static inline uint32_t nu__here(const nu_compiler *compiler)
{
    return compiler->op_count;
}
/* Sets the target of instruction `op` to the next instruction. */
void nu__patch(nu_compiler *compiler, uint32_t op);
/* Writes the nodes of a body. */
void nu__emit_body(nu_compiler *compiler, const nu_body *body);
/* Writes any node as a call, bodies included. */
void nu__emit_call(nu_compiler *compiler, const nu_node *node);

nu_operand        nu__compile_expression(nu_compiler *compiler, const nu_expression *expression);
const nu_operand *nu__compile_expressions(nu_compiler *compiler, nu_expression *const *expressions,
                                          uint32_t count);
nu_lookup         nu__compile_name(nu_compiler *compiler, const char *name);

/* Opens a scope for the nodes of `bodies`: what their tags set is bound in it. */
void nu__scope_open(nu_compiler *compiler, nu_scope *scope, const nu_body *bodies, uint32_t count);
/* Closes it; writes what unbinds its slots. */
void nu__scope_close(nu_compiler *compiler, nu_scope *scope);
/* A new slot in the innermost scope. */
nu_binding *nu__bind(nu_compiler *compiler, const nu_name *name, bool certain);
/* The slot of a name that a tag sets from here on (declared by nu__scope_open). */
uint32_t nu__slot_of(nu_compiler *compiler, const nu_name *name);
