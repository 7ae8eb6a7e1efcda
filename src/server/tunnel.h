/* A connection that was turned over to another socket: bytes go both ways, unread.
 *
 *      client ──transport──▶ up   ──▶ peer
 *             ◀─────────────  down ◀──
 *
 * Each direction holds one piece at a time: nothing is read until what was read before is written, so
 * whoever is slow slows the other side down. When one side ends, the other is told, and what is still
 * under way arrives. */
#pragma once

#include "http/internal.h"
#include "server/connection.h"

extern const nu__protocol nu__tunnel_protocol;

/* Prepares a tunnel to `end`, whose descriptor it takes. Raises OutOfMemory, SystemError. */
void nu__tunnel_new(nu__conn *conn, struct nu__tunnel_end *end);
/* The request has ended: begins, if the response was `sent`. */
void nu__tunnel_begin(nu__conn *conn, bool sent);
