/* See switch.h. A saved context, from the saved stack pointer up:
 *      r15 r14 r13 r12 rbx rbp, return address */

        .text

        .globl  nu__switch
        .hidden nu__switch
        .type   nu__switch, @function
        .p2align 4
nu__switch:
        .cfi_startproc
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        pushq   %rbx
        .cfi_def_cfa_offset 24
        .cfi_offset %rbx, -24
        pushq   %r12
        .cfi_def_cfa_offset 32
        .cfi_offset %r12, -32
        pushq   %r13
        .cfi_def_cfa_offset 40
        .cfi_offset %r13, -40
        pushq   %r14
        .cfi_def_cfa_offset 48
        .cfi_offset %r14, -48
        pushq   %r15
        .cfi_def_cfa_offset 56
        .cfi_offset %r15, -56
        movq    %rsp, (%rdi)
        /* The other stack holds the same frame, so what was said above stays true. */
        movq    %rsi, %rsp
        popq    %r15
        .cfi_def_cfa_offset 48
        .cfi_restore %r15
        popq    %r14
        .cfi_def_cfa_offset 40
        .cfi_restore %r14
        popq    %r13
        .cfi_def_cfa_offset 32
        .cfi_restore %r13
        popq    %r12
        .cfi_def_cfa_offset 24
        .cfi_restore %r12
        popq    %rbx
        .cfi_def_cfa_offset 16
        .cfi_restore %rbx
        popq    %rbp
        .cfi_def_cfa_offset 8
        .cfi_restore %rbp
        /* Not `ret`: the processor would predict a return to the caller it saw, never the right one. */
        popq    %rcx
        .cfi_def_cfa_offset 0
        .cfi_register %rip, %rcx
        jmp     *%rcx
        .cfi_endproc
        .size   nu__switch, .-nu__switch

/* The first code on a new stack: the outermost frame, where debuggers and unwinders stop. */
        .type   nu__switch_entry, @function
        .p2align 4
nu__switch_entry:
        .cfi_startproc
        .cfi_undefined %rip
        endbr64
        movq    %r13, %rdi
        callq   *%r12
        ud2
        .cfi_endproc
        .size   nu__switch_entry, .-nu__switch_entry

        .globl  nu__switch_prepare
        .hidden nu__switch_prepare
        .type   nu__switch_prepare, @function
        .p2align 4
nu__switch_prepare:
        .cfi_startproc
        endbr64
        andq    $-16, %rdi              /* the call in nu__switch_entry wants it aligned */
        leaq    nu__switch_entry(%rip), %rax
        movq    %rax, -8(%rdi)
        movq    $0, -16(%rdi)           /* rbp: the chain of frame pointers ends here */
        movq    $0, -24(%rdi)
        movq    %rsi, -32(%rdi)         /* r12: entry */
        movq    %rdx, -40(%rdi)         /* r13: arg */
        movq    $0, -48(%rdi)
        movq    $0, -56(%rdi)
        leaq    -56(%rdi), %rax
        ret
        .cfi_endproc
        .size   nu__switch_prepare, .-nu__switch_prepare

        .section .note.GNU-stack, "", @progbits
