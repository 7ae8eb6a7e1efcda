/* Listening sockets, for server.c. */
#pragma once

#include "server/internal.h"

/* Finds out what the socket is. `inherited`: its path, if it has one, belongs to somebody else. */
void nu__listener_init(nu__listener *listener, nu_arena *arena, int fd, bool inherited);
void nu__listener_close(nu__listener *listener);

/* How many sockets were handed to this process (LISTEN_FDS); asked once, it forgets them. */
size_t nu__listen_passed(void);
int    nu__listen_passed_fd(size_t nth);
/* Makes the listener speak TLS, unless it is a Unix socket or there to redirect. */
void nu__listener_secure(nu__listener *listener, nu_arena *arena);

/* The name of those that redirect, in LISTEN_FDNAMES. */
#define NU__REDIRECT_NAME "redirect"
/* True if that is the nth's name, in `names`: the value of LISTEN_FDNAMES, NULL if unset. */
bool nu__listen_redirects(const char *names, size_t nth);
