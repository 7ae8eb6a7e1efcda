#include "base/backtrace.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

/* From libbacktrace, which gcc ships without a place in the search path of other compilers, so we
 * state here the few functions we call (interface of GCC 5 and later). */
struct backtrace_state;
typedef void (*backtrace_error_callback)(void *data, const char *message, int number);
typedef int (*backtrace_full_callback)(void *data, uintptr_t pc, const char *file, int line,
                                       const char *function);
typedef void (*backtrace_syminfo_callback)(void *data, uintptr_t pc, const char *symbol,
                                           uintptr_t value, uintptr_t size);
struct backtrace_state *backtrace_create_state(const char *file, int threaded,
                                               backtrace_error_callback on_error, void *data);
int backtrace_pcinfo(struct backtrace_state *state, uintptr_t pc, backtrace_full_callback each,
                     backtrace_error_callback on_error, void *data);
int backtrace_syminfo(struct backtrace_state *state, uintptr_t pc, backtrace_syminfo_callback each,
                      backtrace_error_callback on_error, void *data);

static struct backtrace_state *state;
static pthread_once_t          once = PTHREAD_ONCE_INIT;

/* ---- capture ---------------------------------------------------------------------------------- */

struct capture {
    void **pcs;
    size_t count, max, skip;
};

static _Unwind_Reason_Code capture_frame(struct _Unwind_Context *context, void *arg)
{
    struct capture *capture = arg;
    uintptr_t       pc = _Unwind_GetIP(context);
    if (pc == 0 || capture->count == capture->max)
        return _URC_END_OF_STACK;
    if (capture->skip > 0)
        capture->skip--;
    else
        capture->pcs[capture->count++] = (void *)pc;
    return _URC_NO_REASON;
}

size_t nu__stack_capture(void **pcs, size_t max)
{
    struct capture capture = {.pcs = pcs, .max = max, .skip = 1};
    _Unwind_Backtrace(capture_frame, &capture);
    return capture.count;
}

/* ---- resolution ------------------------------------------------------------------------------- */

static void ignore_error(void *data, const char *message, int number)
{
    (void)data, (void)message, (void)number;
}

static int ignore_line(void *data, uintptr_t pc, const char *file, int line, const char *function)
{
    (void)data, (void)pc, (void)file, (void)line, (void)function;
    return 0;
}

static void open_state(void)
{
    state = backtrace_create_state(NULL, 1, ignore_error, NULL);
    /* The look-up of any address reads the debug information of all loaded objects. */
    if (state != NULL)
        backtrace_pcinfo(state, (uintptr_t)open_state, ignore_line, ignore_error, NULL);
}

void nu__stack_prepare(void)
{
    pthread_once(&once, open_state);
    void *pc[1];
    nu__stack_capture(pc, 1);
}

struct resolve {
    void *pc;
    bool (*each)(void *arg, const nu_stack_line *line);
    void         *arg;
    nu_stack_line held; /* known to be inlined only when another line follows */
    bool          any, stopped;
};

static void pass_on(struct resolve *resolve, bool inlined)
{
    resolve->held.inlined = inlined;
    if (!resolve->stopped)
        resolve->stopped = !resolve->each(resolve->arg, &resolve->held);
}

static int take_line(void *data, uintptr_t pc, const char *file, int line, const char *function)
{
    struct resolve *resolve = data;
    (void)pc;
    if (file == NULL && function == NULL)
        return 0;
    if (resolve->any)
        pass_on(resolve, true);
    resolve->any = true;
    resolve->held = (nu_stack_line){resolve->pc, function, file, line, false};
    return 0;
}

static void take_symbol(void *data, uintptr_t pc, const char *symbol, uintptr_t value,
                        uintptr_t size)
{
    (void)pc, (void)value, (void)size;
    struct resolve *resolve = data;
    resolve->held = (nu_stack_line){.pc = resolve->pc, .function = symbol};
}

void nu__stack_resolve(void *pc, bool (*each)(void *arg, const nu_stack_line *line), void *arg)
{
    pthread_once(&once, open_state);
    struct resolve resolve = {.pc = pc, .each = each, .arg = arg, .held = {.pc = pc}};
    /* A return address points behind the call, perhaps into the next line or function. */
    uintptr_t call = (uintptr_t)pc - 1;
    if (state != NULL) {
        backtrace_pcinfo(state, call, take_line, ignore_error, &resolve);
        if (!resolve.any)
            backtrace_syminfo(state, call, take_symbol, ignore_error, &resolve);
    }
    pass_on(&resolve, false);
}

static bool print_line(void *arg, const nu_stack_line *line)
{
    char text[512];
    int  length =
        line->file != NULL
             ? snprintf(text, sizeof text, "  at %s (%s:%d)\n",
                       line->function != NULL ? line->function : "?", line->file, line->line)
             : snprintf(text, sizeof text, "  at %s [%p]\n",
                       line->function != NULL ? line->function : "?", line->pc);
    if (length >= (int)sizeof text) {
        length = (int)sizeof text - 1;
        text[length - 1] = '\n';
    }
    return write(*(int *)arg, text, (size_t)length) >= 0;
}

void nu__stack_print(int fd, void *const *pcs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        nu__stack_resolve(pcs[i], print_line, &fd);
}
