/* The compiled form of a template: instructions, and the state of running them.
 *
 * A program is made from one tree, or from a chain of trees that extend one another, with all blocks in
 * place. Variables that the template itself binds ({% for %}, {% with %}, "as name") have slots; each
 * other name has a slot too, which holds what was found outside once it has been asked for. So a
 * look-up by text happens at most once per name and rendering.
 *
 *      text "<ul>"
 *      for  list → loop 0, slot 2      ─┐ to after "next"
 *      text "<li>"                      │◄─┐
 *      slot 2                           │  │
 *      text "</li>"                     │  │
 *      next loop 0                      │ ─┘
 *      text "</ul>"                    ◄┘
 *      return
 *
 * Tags that are not instructions themselves are calls: the bodies of a call follow it, each ended by
 * a return, and its function runs them as often as it likes. */
#pragma once

#include "template/internal.h"
#include "template/node.h"

/* Types of a slot without a value. They never leave the slots. */
enum {
    NU_SLOT_UNSET = 0xff,   /* not bound now; outside names: not asked for yet */
    NU_SLOT_MISSING = 0xfe, /* outside names: asked for, there is none */
};

typedef enum nu_opcode {
    NU_OP_TEXT,       /* writes `target` bytes of `text` */
    NU_OP_SLOT,       /* writes the value of slot `target`, which is bound */
    NU_OP_EXPRESSION, /* writes `operand` */
    NU_OP_TEST,       /* goes to `target` if `test` is false */
    NU_OP_JUMP,       /* goes to `target` */
    NU_OP_FOR,        /* begins `loop`; goes to `target` if there is nothing to walk */
    NU_OP_NEXT,       /* binds the next item of `loop` and goes to `target`, or falls through */
    NU_OP_SET,        /* binds slot `target` to `operand` */
    NU_OP_CLEAR,      /* unbinds `count` slots from `target` on */
    NU_OP_CALL,       /* runs the tag `call`, then goes to `target` */
    NU_OP_ORPHAN,     /* {{ block.super }} in a template that extends nothing: an error */
    NU_OP_RETURN,
} nu_opcode;

typedef enum nu_lookup_kind {
    NU_LOOK_LITERAL,
    NU_LOOK_SLOT,  /* bound for certain */
    NU_LOOK_CHAIN, /* bound perhaps; else outside */
    NU_LOOK_LOOP,  /* forloop.counter and the like, of a loop in this program */
    NU_LOOK_SUPER, /* {{ block.super }}: the code at `slot` */
    NU_LOOK_EMPTY, /* {{ block.super }} of a block that overrides nothing */
} nu_lookup_kind;

typedef enum nu_loop_field {
    NU_LOOP_COUNTER,
    NU_LOOP_COUNTER0,
    NU_LOOP_REVCOUNTER,
    NU_LOOP_REVCOUNTER0,
    NU_LOOP_FIRST,
    NU_LOOP_LAST,
    NU_LOOP_LENGTH,
    NU_LOOP_PARENT,
} nu_loop_field;

/* A literal or path, resolved as far as possible. */
typedef struct nu_lookup {
    uint8_t            kind;
    uint8_t            field;       /* NU_LOOK_LOOP */
    uint16_t           maybe_count; /* NU_LOOK_CHAIN: slots that may be bound, innermost first */
    uint32_t           slot; /* SLOT: it; CHAIN: the outside slot or NU_NO_SLOT; LOOP: the loop */
    const uint32_t    *maybe;
    const nu_variable *variable;
} nu_lookup;
#define NU_NO_SLOT UINT32_MAX

/* An expression, resolved as far as possible. */
typedef struct nu_operand {
    nu_lookup                lookup;
    uint32_t                 filter_count;
    const nu_applied_filter *filters;
    const nu_lookup         *args; /* one for each filter; of those without argument unused */
} nu_operand;

/* {% if %}: `condition` with the operands its leaves refer to by number. */
typedef struct nu_test {
    const struct nu_condition *condition;
    const nu_operand          *operands;
} nu_test;

/* {% for %} */
typedef struct nu_for {
    const nu_operand *list;
    uint32_t          loop; /* number of the loop in the activation */
    uint32_t          forloop_slot;
    uint32_t          slot;  /* of the first variable; more follow it */
    uint32_t          count; /* variables */
    bool              reversed;
    nu_lookup         parent; /* what "forloop" means around the loop */
} nu_for;

struct nu_call {
    const nu_node    *node;
    const nu_operand *operands;
    const uint32_t   *bodies; /* where each begins */
    const uint32_t   *slots;  /* of the names it sets */
    uint32_t          state;  /* number of its state in the activation */
};

typedef struct nu_op {
    uint32_t code;
    uint32_t target; /* an instruction or a slot; NU_OP_TEXT: the length */
    union {
        const char       *text;
        const nu_operand *operand;
        const nu_test    *test;
        const nu_for     *loop;
        const nu_call    *call;
        uint64_t          count;
    };
} nu_op;

/* The name of a slot and how deep in blocks it was bound: the deeper one hides the other. */
typedef struct nu_slot_name {
    nu_name  name;
    uint32_t depth; /* 0: an outside name */
} nu_slot_name;

typedef struct nu_program {
    const nu_op          *ops;
    const nu_node *const *nodes; /* of each instruction, for places */
    uint32_t              op_count;
    const nu_slot_name   *slots;
    uint32_t              slot_count, loop_count, state_count;
    const nu_tree *const *trees; /* all it was made from */
    uint32_t              tree_count;
    nu_arena             *arena;
    /* Of a program that ends in {% extends variable %}: those made for its parents so far. */
    struct nu_variant *variants;
    /* Bytes that the last rendering wrote: a good first size for the next buffer. */
    size_t typical;
} nu_program;

/* ---- running ------------------------------------------------------------------------------ */

/* A loop under way, which is also what {{ forloop }} is. */
typedef struct nu_loop {
    const nu_class *class;
    const nu_list  *items;
    int64_t         index, count;
    bool            reversed;
    nu_value        parent;
    struct nu_kept *kept; /* what {% ifchanged %} remembers as long as this loop runs */
} nu_loop;

/* Variables handed to an included template. */
typedef struct nu_bindings {
    const nu_name  *names;
    const nu_value *values;
    uint32_t        count;
} nu_bindings;

/* A template being rendered: the page, or one it includes. */
typedef struct nu_activation {
    nu_program           *program;
    nu_value             *slots;
    nu_loop              *loops;
    void                **states;
    uint32_t              pc; /* the instruction at work, for places */
    const nu_bindings    *given;
    nu_dict              *dict; /* more variables: an inclusion tag's; NULL: none */
    struct nu_activation *caller;
    bool                  isolated; /* sees nothing of its caller and of the context */
} nu_activation;

/* Runs from `pc` to a return. */
void nu__run(nu_rendering *render, uint32_t pc);

/* Renders a program as part of `render`. */
void nu__activate(nu_rendering *render, nu_program *program, const nu_bindings *given,
                  nu_dict *dict, bool isolated);

/* ---- values while rendering ----------------------------------------------------------------- */

/* The value of an expression as {{ }} has it: string_if_invalid where a variable does not exist. */
nu_value nu__evaluate(nu_rendering *render, const nu_operand *operand);
/* The same with null where a variable does not exist (Django's ignore_failures). */
nu_value nu__evaluate_or_null(nu_rendering *render, const nu_operand *operand);
/* `value` through the filters of an expression. */
nu_value nu__apply_filters(nu_rendering *render, const nu_operand *operand, nu_value value);
/* The value of a literal or path; false if there is none. */
bool nu__look_up(nu_rendering *render, const nu_lookup *lookup, nu_value *out);
/* The variable of that name as seen by the running template. */
bool nu__find_variable(nu_rendering *render, const nu_name *name, nu_value *out);
/* The same, leaving out what the running template itself bound. */
bool nu__find_outside(nu_rendering *render, const nu_name *name, nu_value *out);
bool nu__test(nu_rendering *render, const nu_test *test);

/* Goes one step down a path; false if there is nothing. */
bool nu__value_step(nu_value *value, const nu_step *to);
/* Calls what is callable; false if it may not be called or found no object. */
bool nu__value_call(nu_value *value);

/* Writes a value: localised, escaped unless safe. */
void nu__write_value(nu_rendering *render, nu_value value);
/* What nu__write_value would write, as safe text if autoescape is on. */
nu_value nu__rendered(nu_rendering *render, nu_value value);
/* Writes bytes as they are. */
void nu__write(nu_rendering *render, const char *text, size_t length);

/* ---- for the functions of tags --------------------------------------------------------------- */

static inline nu_value nu__call_value(nu_rendering *render, const nu_call *call, uint32_t i)
{
    return nu__evaluate(render, &call->operands[i]);
}
static inline nu_value nu__call_value_or_null(nu_rendering *render, const nu_call *call, uint32_t i)
{
    return nu__evaluate_or_null(render, &call->operands[i]);
}
static inline void nu__call_body(nu_rendering *render, const nu_call *call, uint32_t i)
{
    nu__run(render, call->bodies[i]);
}
/* What a body writes, as safe text. */
nu_value nu__call_capture(nu_rendering *render, const nu_call *call, uint32_t i);
/* What the code at `pc` writes, as safe text. */
nu_value           nu__capture(nu_rendering *render, uint32_t pc);
static inline void nu__call_set(nu_rendering *render, const nu_call *call, uint32_t i,
                                nu_value value)
{
    render->frame->slots[call->slots[i]] = value;
}
/* Sets variable 0 if the tag has "as name", else writes the text unescaped. */
void                 nu__call_answer(nu_rendering *render, const nu_call *call, nu_value text);
static inline void **nu__call_state(nu_rendering *render, const nu_call *call)
{
    return &render->frame->states[call->state];
}
