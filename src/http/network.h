/* Addresses and networks as settings name them: "10.0.0.0/8", "2001:db8::/32", "::1", "unix", "*". */
#pragma once

#include <stdbool.h>

bool nu__network_is_valid(const char *network);
/* True if one of the networks (ended by NULL; NULL: none) holds the address, which is "" on a Unix socket. */
bool nu__networks_hold(const char *const *networks, const char *address);
