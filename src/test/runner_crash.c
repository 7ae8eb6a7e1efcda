/* Shows where a test crashed. A sanitizer that handles the signal itself is left alone. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/backtrace.h"
#include "test/runner.h"

/* An overflown stack has no room for its own funeral. */
static char other_stack[64 * 1024];

static void show_stack(int signal)
{
    void  *pcs[NU_STACK_DEPTH];
    size_t count = nu__stack_capture(pcs, NU_STACK_DEPTH);
    nu__stack_print(STDERR_FILENO, pcs, count);
    /* SA_RESETHAND brought the default back: this one ends the process. */
    raise(signal);
}

void nu__test_show_crashes(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    stack_t          stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack};
    struct sigaction action = {.sa_handler = show_stack, .sa_flags = SA_RESETHAND | SA_ONSTACK};
    bool             ours = false;
    for (size_t i = 0; i < NU_COUNT(signals); i++) {
        struct sigaction before;
        if (sigaction(signals[i], NULL, &before) != 0 || before.sa_handler != SIG_DFL)
            continue;
        sigaction(signals[i], &action, NULL);
        ours = true;
    }
    if (ours) {
        sigaltstack(&stack, NULL);
        nu__stack_prepare();
    }
}
