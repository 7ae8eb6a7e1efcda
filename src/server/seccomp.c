#include "server/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nuages/error.h"
#include "runtime/sanitize.h"

#if defined(__x86_64__)
#define PROCESSOR AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define PROCESSOR AUDIT_ARCH_AARCH64
#endif

#ifdef PROCESSOR

/* What a server never does: other processes' memory, the kernel itself, mounts, namespaces, clocks. */
static const uint32_t refused[] = {
#if !defined(NU__ASAN) /* its leak checker traces the process */
    SYS_ptrace,
#endif
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsmount,
    SYS_unshare,
    SYS_setns,
    SYS_open_by_handle_at,
    SYS_swapon,
    SYS_swapoff,
    SYS_reboot,
    SYS_acct,
    SYS_quotactl,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_personality,
    SYS_vhangup,
    SYS_syslog,
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
#endif
};
static const uint32_t programs[] = {SYS_execve, SYS_execveat};

enum {
    NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                 CLONE_NEWPID | CLONE_NEWNET
};

/* Instructions are written one behind the other; a refusal needs a jump of its own each time. */
typedef struct program {
    struct sock_filter code[256];
    uint16_t           length;
} program;

static void put(program *p, struct sock_filter instruction)
{
    nu_assert(p->length < NU_COUNT(p->code));
    p->code[p->length++] = instruction;
}

static void load(program *p, size_t offset)
{
    put(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void end(program *p, uint32_t what)
{
    put(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

static void refuse(program *p, uint32_t call)
{
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    end(p, SECCOMP_RET_ERRNO | EPERM);
}

/* Refuses `call` if its argument fits (`how`: BPF_JEQ, BPF_JSET); the call's number is loaded again. */
static void refuse_if(program *p, uint32_t call, int argument, uint16_t how, uint32_t value)
{
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
    load(p, offsetof(struct seccomp_data, args) + (size_t)argument * 8);
    put(p, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | how | BPF_K), value, 0, 1));
    end(p, SECCOMP_RET_ERRNO | EPERM);
    load(p, offsetof(struct seccomp_data, nr));
}

static void write_program(program *p, bool exec)
{
    load(p, offsetof(struct seccomp_data, arch));
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROCESSOR, 1, 0));
    end(p, SECCOMP_RET_KILL_PROCESS);
    load(p, offsetof(struct seccomp_data, nr));
#ifdef __X32_SYSCALL_BIT
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, __X32_SYSCALL_BIT, 0, 1));
    end(p, SECCOMP_RET_ERRNO | EPERM);
#endif
    for (size_t i = 0; i < NU_COUNT(refused); i++)
        refuse(p, refused[i]);
    for (size_t i = 0; !exec && i < NU_COUNT(programs); i++)
        refuse(p, programs[i]);
    refuse_if(p, SYS_clone, 0, BPF_JSET, NAMESPACES);
    refuse_if(p, SYS_ioctl, 1, BPF_JEQ, TIOCSTI); /* typing into the terminal it was started from */
    /* Its flags lie in memory, out of a filter's reach; the C library then falls back to clone. */
    put(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1));
    end(p, SECCOMP_RET_ERRNO | ENOSYS);
    end(p, SECCOMP_RET_ALLOW);
}

bool nu__seccomp_enter(bool exec)
{
    uint32_t action = SECCOMP_RET_ERRNO;
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
        return false;
    program p = {.length = 0};
    write_program(&p, exec);
    struct sock_fprog filter = {.len = p.length, .filter = p.code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot filter system calls: %s", strerror(errno));
    return true;
}

#else

bool nu__seccomp_enter(bool exec)
{
    (void)exec;
    return false;
}

#endif
