/* Changing stacks. Only callee-saved registers go along: a switch is an ordinary call to the
 * compiler. The floating-point control words do not (rounding modes are the thread's), nor does the
 * signal mask. */
#pragma once

/* Saves the calling context on its stack, its stack pointer in `*save`, and goes on where `load`
 * was saved. Returns when somebody switches back. */
void nu__switch(void **save, void *load);

/* Lays the first frame below `top`: the first switch to the result calls `entry(arg)`, which must
 * never return. */
void *nu__switch_prepare(void *top, void (*entry)(void *arg), void *arg);
