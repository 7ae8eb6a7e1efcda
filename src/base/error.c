#include "nuages/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif

#include "base/ambient.h"
#include "base/backtrace.h"
#include "base/internal.h"

#define X(symbol, word, text, parent, status) const nu_kind nu_kind_##word = {text, parent, status};
NU_KIND_LIST(X)
#undef X

/* Raised where there is no memory for an error. Belongs to no arena and is never changed. */
static const nu_error out_of_memory = {
    .kind = NU_OUT_OF_MEMORY,
    .fact = "out of memory",
    .hint = "Give the process more memory, or ask for less at once.",
    .file = __FILE__,
    .line = __LINE__,
    .function = "nu_arena_alloc",
};

/* ---- frames ----------------------------------------------------------------------------------- */

/* Called before the block (true: enter it) and again when its end is reached (false: leave). */
bool nu_frame_begin_(nu_frame_ *frame)
{
    if (frame->state != 0) {
        nu_frame_leave_(frame);
        return false;
    }
    struct nu_ambient *ambient = nu__ambient();
    frame->outer = ambient->frame;
    frame->arena = ambient->arena;
    frame->caught = ambient->caught;
    frame->state = 1;
    ambient->frame = frame;
    return true;
}

/* Also runs as the frame's cleanup, when the block is left by return or break. A raise took the
 * frame from the chain already; then this is the end of the catch. */
void nu_frame_leave_(nu_frame_ *frame)
{
    if (frame->state == 0)
        return;
    struct nu_ambient *ambient = nu__ambient();
    if (frame->state == 1)
        ambient->frame = frame->outer;
    else
        ambient->caught = frame->caught;
    frame->state = 0;
}

const nu_error *nu_caught_(void)
{
    return nu__ambient()->caught;
}

/* ---- raising ---------------------------------------------------------------------------------- */

static NU_NORETURN NU_COLD void die(const nu_error *error)
{
    const char *text = error->arena != NULL ? nu_error_text(error, true) : error->fact;
    fprintf(stderr, "uncaught %s\n", text);
    abort();
}

static NU_NORETURN void jump(const nu_error *error)
{
    struct nu_ambient *ambient = nu__ambient();
    nu_frame_         *frame = ambient->frame;
    if (frame == NULL)
        die(error);
    ambient->frame = frame->outer;
    ambient->arena = frame->arena;
    ambient->caught = error;
    frame->state = 2;
    siglongjmp(*frame->env, 1);
}

void nu__raise_out_of_memory(void)
{
    jump(&out_of_memory);
}

/* The arena of the NU_TRY that would catch an error raised now. */
static nu_arena *arena_of_catch(void)
{
    struct nu_ambient *ambient = nu__ambient();
    return ambient->frame != NULL ? ambient->frame->arena : ambient->arena;
}

/* Takes the stack from the frame that returns to `from`, our own frames left out. */
static int take_stack(void **stack, void *from)
{
    int depth = (int)nu__stack_capture(stack, NU_STACK_DEPTH);
    for (int i = 0; i < depth; i++) {
        if (stack[i] == from) {
            memmove(stack, stack + i, (size_t)(depth - i) * sizeof *stack);
            return depth - i;
        }
    }
    return depth;
}

static NU_PRINTF(6, 0) nu_error *error_make(void *from, const char *file, int line,
                                            const char *function, const nu_kind *kind,
                                            const char *format, va_list args)
{
    nu_arena *arena = arena_of_catch();
    nu_error *error = nu_arena_alloc(arena, sizeof *error);
    int       status = nu_kind_status(kind);
    /* The stack is left as it is beyond `depth`: clearing it would cost as much as the rest. */
    memset(error, 0, offsetof(nu_error, stack));
    error->kind = kind;
    error->fact = nu_arena_vformat(arena, format, args);
    error->file = file;
    error->line = line;
    error->function = function;
    error->cause = nu__ambient()->caught;
    error->arena = arena;
    /* What the client did wrong is everyday work and needs no look at our stack. */
    bool wanted = status < 400 || status >= 500;
    error->depth = wanted ? take_stack(error->stack, from) : 0;
    return error;
}

nu_error *nu_error_new_(const char *file, int line, const char *function, const nu_kind *kind,
                        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    nu_error *error =
        error_make(__builtin_return_address(0), file, line, function, kind, format, args);
    va_end(args);
    return error;
}

static void texts_copy(nu_error *error, nu_arena *arena)
{
    error->detail = nu_arena_text(arena, error->detail);
    error->hint = nu_arena_text(arena, error->hint);
    error->place.file = nu_arena_text(arena, error->place.file);
    error->place.excerpt = nu_arena_text(arena, error->place.excerpt);
}

/* The error, with its causes, in `arena`; itself if it is there already. */
static const nu_error *error_copy(const nu_error *error, nu_arena *arena)
{
    if (error == NULL || error->arena == arena || error->arena == NULL)
        return error;
    nu_error *copy = nu_arena_alloc(arena, sizeof *copy);
    *copy = *error;
    copy->arena = arena;
    copy->fact = nu_arena_text(arena, error->fact);
    texts_copy(copy, arena);
    copy->cause = error_copy(error->cause, arena);
    return copy;
}

void nu_throw(nu_error *error)
{
    nu_arena *arena = arena_of_catch();
    /* Detail and hint were made in the arena that was current, which may not outlive the jump. */
    if (error->arena == arena && nu_arena_current() != arena)
        texts_copy(error, arena);
    error->cause = error_copy(error->cause, arena);
    jump(error_copy(error, arena));
}

void nu_raise_(const char *file, int line, const char *function, const nu_kind *kind,
               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    nu_error *error =
        error_make(__builtin_return_address(0), file, line, function, kind, format, args);
    va_end(args);
    nu_throw(error);
}

void nu_reraise(const nu_error *error)
{
    jump(error_copy(error, arena_of_catch()));
}

/* ---- asking ----------------------------------------------------------------------------------- */

bool nu_error_is(const nu_error *error, const nu_kind *kind)
{
    const nu_kind *own = error->kind;
    while (own != NULL && own != kind)
        own = own->parent;
    return own != NULL;
}

int nu_kind_status(const nu_kind *kind)
{
    while (kind->status == 0 && kind->parent != NULL)
        kind = kind->parent;
    return kind->status != 0 ? kind->status : 500;
}

/* ---- the stack's end -------------------------------------------------------------------------- */

/* What a raise, a format and a call into a library still need. */
enum { STACK_RESERVE = 40 * 1024 };

/* Under valgrind the first stack grows in a way that the C library does not see. */
static bool is_emulated(void)
{
#if __has_include(<valgrind/valgrind.h>)
    return RUNNING_ON_VALGRIND;
#else
    return false;
#endif
}

static const char *thread_stack_low(void)
{
    if (is_emulated())
        return (const char *)1;
    pthread_attr_t attributes;
    void          *low = NULL;
    size_t         size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &low, &size);
        pthread_attr_destroy(&attributes);
    }
    return low != NULL ? low : (const char *)1;
}

void nu_check_stack(void)
{
    struct nu_ambient *ambient = nu__ambient();
    if (NU_UNLIKELY(ambient->stack_low == NULL))
        ambient->stack_low = thread_stack_low();
    const char *here = __builtin_frame_address(0);
    if (NU_UNLIKELY((size_t)(here - ambient->stack_low) < STACK_RESERVE))
        nu_raise(NU_ERROR, "nested too deeply: the stack of this work is used up");
}
