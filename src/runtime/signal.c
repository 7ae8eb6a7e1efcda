/* Signals as events of the loop, by signalfd. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "runtime/internal.h"

/* The numbers somebody listens to. */
static sigset_t wanted(const nu_loop *loop)
{
    sigset_t set;
    sigemptyset(&set);
    for (const nu_signal *signal = loop->signals; signal != NULL; signal = signal->next)
        sigaddset(&set, signal->number);
    return set;
}

static void deliver(nu_loop *loop, int number)
{
    /* A callback may stop itself, or others; so begin anew after each. */
    for (nu_signal *signal = loop->signals; signal != NULL; signal = signal->next)
        signal->pending = signal->number == number;
    for (nu_signal *signal = loop->signals; signal != NULL;) {
        if (!signal->pending) {
            signal = signal->next;
            continue;
        }
        signal->pending = false;
        signal->received(signal);
        signal = loop->signals;
    }
}

static void signal_ready(nu_watch *watch, uint32_t events)
{
    struct signalfd_siginfo info;
    (void)events;
    while (watch->loop != NULL && read(watch->fd, &info, sizeof info) == (ssize_t)sizeof info)
        deliver(watch->loop, (int)info.ssi_signo);
}

static void descriptor_update(nu_loop *loop)
{
    sigset_t set = wanted(loop);
    bool     first = loop->signal_watch.loop == NULL;
    int      fd = signalfd(first ? -1 : loop->signal_watch.fd, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        nu_raise(NU_SYSTEM_ERROR, "cannot listen to signals: %s", strerror(errno));
    if (first)
        nu__watch_start(loop, &loop->signal_watch, fd, EPOLLIN, signal_ready);
}

void nu__signal_start(nu_loop *loop, nu_signal *signal, int number, void (*received)(nu_signal *))
{
    sigset_t one;
    *signal = (nu_signal){.number = number, .received = received, .loop = loop};
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_BLOCK, &one, NULL);
    signal->next = loop->signals;
    loop->signals = signal;
    descriptor_update(loop);
}

static bool listened_to(const nu_loop *loop, int number)
{
    for (const nu_signal *signal = loop->signals; signal != NULL; signal = signal->next)
        if (signal->number == number)
            return true;
    return false;
}

void nu__signal_stop(nu_signal *signal)
{
    nu_loop *loop = signal->loop;
    if (loop == NULL)
        return;
    nu_signal **link = &loop->signals;
    while (*link != signal)
        link = &(*link)->next;
    *link = signal->next;
    signal->loop = NULL;
    if (listened_to(loop, signal->number))
        return;
    descriptor_update(loop);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal->number);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

void nu__signals_clear(nu_loop *loop)
{
    while (loop->signals != NULL)
        nu__signal_stop(loop->signals);
    if (loop->signal_watch.loop == NULL)
        return;
    nu__watch_stop(&loop->signal_watch);
    close(loop->signal_watch.fd);
}

void nu__signals_abandon(nu_loop *loop)
{
    sigset_t set = wanted(loop);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    if (loop->signal_watch.loop != NULL)
        close(loop->signal_watch.fd);
}
