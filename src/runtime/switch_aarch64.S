/* See switch.h. A saved context, from the saved stack pointer up:
 *      x19 … x28, x29 (frame), x30 (return address), d8 … d15 */

        .text

        .globl  nu__switch
        .hidden nu__switch
        .type   nu__switch, %function
        .p2align 4
nu__switch:
        .cfi_startproc
        hint    #34                     /* bti c */
        sub     sp, sp, #160
        .cfi_def_cfa_offset 160
        stp     x19, x20, [sp, #0]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        .cfi_offset x19, -160
        .cfi_offset x20, -152
        .cfi_offset x21, -144
        .cfi_offset x22, -136
        .cfi_offset x23, -128
        .cfi_offset x24, -120
        .cfi_offset x25, -112
        .cfi_offset x26, -104
        .cfi_offset x27, -96
        .cfi_offset x28, -88
        .cfi_offset x29, -80
        .cfi_offset x30, -72
        mov     x9, sp
        str     x9, [x0]
        /* The other stack holds the same frame, so what was said above stays true. */
        mov     sp, x1
        ldp     x19, x20, [sp, #0]
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x29, x30, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        .cfi_restore x19
        .cfi_restore x20
        .cfi_restore x21
        .cfi_restore x22
        .cfi_restore x23
        .cfi_restore x24
        .cfi_restore x25
        .cfi_restore x26
        .cfi_restore x27
        .cfi_restore x28
        .cfi_restore x29
        .cfi_restore x30
        add     sp, sp, #160
        .cfi_def_cfa_offset 0
        ret
        .cfi_endproc
        .size   nu__switch, .-nu__switch

/* The first code on a new stack: the outermost frame, where debuggers and unwinders stop. */
        .type   nu__switch_entry, %function
        .p2align 4
nu__switch_entry:
        .cfi_startproc
        .cfi_undefined x30
        mov     x0, x20
        blr     x19
        brk     #1
        .cfi_endproc
        .size   nu__switch_entry, .-nu__switch_entry

        .globl  nu__switch_prepare
        .hidden nu__switch_prepare
        .type   nu__switch_prepare, %function
        .p2align 4
nu__switch_prepare:
        .cfi_startproc
        hint    #34
        and     x0, x0, #-16
        sub     x0, x0, #160
        stp     x1, x2, [x0, #0]        /* x19: entry, x20: arg */
        adr     x9, nu__switch_entry
        stp     xzr, x9, [x0, #80]      /* the chain of frame pointers ends here */
        ret
        .cfi_endproc
        .size   nu__switch_prepare, .-nu__switch_prepare

        .section .note.GNU-stack, "", %progbits
