/* See switch.h. For processors without a switch of their own; three system calls a switch. */
#include "runtime/switch.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

void nu__switch(void **save, void *load)
{
    ucontext_t here, *there = load;
    *save = &here;
    /* The signal mask is the thread's, but swapcontext brings back the one of the context. */
    sigprocmask(SIG_SETMASK, NULL, &there->uc_sigmask);
    swapcontext(&here, there);
}

/* makecontext passes ints only, so pointers travel in halves. */
static void enter(unsigned entry_high, unsigned entry_low, unsigned arg_high, unsigned arg_low)
{
    uintptr_t entry = (uintptr_t)((uint64_t)entry_high << 32 | entry_low);
    uintptr_t arg = (uintptr_t)((uint64_t)arg_high << 32 | arg_low);
    ((void (*)(void *))entry)((void *)arg);
    __builtin_trap();
}

void *nu__switch_prepare(void *top, void (*entry)(void *arg), void *arg)
{
    /* The first context lies where the new stack begins, and the stack goes on below it. As its
     * size is only used to find the top, any size that reaches down from there will do. */
    uintptr_t   place = ((uintptr_t)top - sizeof(ucontext_t)) & ~(uintptr_t)63;
    ucontext_t *context = (ucontext_t *)place;
    size_t      reach = 4096;
    uint64_t    entry_bits = (uintptr_t)entry, arg_bits = (uintptr_t)arg;
    getcontext(context);
    context->uc_stack.ss_sp = (char *)place - reach;
    context->uc_stack.ss_size = reach;
    context->uc_link = NULL;
    makecontext(context, (void (*)(void))enter, 4, (unsigned)(entry_bits >> 32),
                (unsigned)entry_bits, (unsigned)(arg_bits >> 32), (unsigned)arg_bits);
    return context;
}
