#include "server/clients.h"

#include <string.h>

#include "base/internal.h"

enum { CHAINS = 1024 };

typedef struct client {
    struct client *next;
    size_t         connections;
    char           address[46];
} client;

struct nu__clients {
    nu_arena *arena;
    client   *spare;
    client   *chains[CHAINS];
};

nu__clients *nu__clients_new(nu_arena *arena)
{
    nu__clients *clients = nu_arena_zalloc(arena, sizeof *clients);
    clients->arena = arena;
    return clients;
}

static client **find(nu__clients *clients, const char *address)
{
    client **link = &clients->chains[nu__hash(address, strlen(address)) % CHAINS];
    while (*link != NULL && strcmp((*link)->address, address) != 0)
        link = &(*link)->next;
    return link;
}

bool nu__clients_enter(nu__clients *clients, const char *address, size_t most)
{
    if (*address == '\0')
        return true;
    client **link = find(clients, address), *one = *link;
    if (one != NULL && one->connections >= most)
        return false;
    if (one == NULL) {
        one = clients->spare;
        if (one != NULL)
            clients->spare = one->next;
        else
            one = nu_arena_alloc(clients->arena, sizeof *one);
        *one = (client){.next = NULL};
        strncpy(one->address, address, sizeof one->address - 1);
        *link = one;
    }
    one->connections++;
    return true;
}

void nu__clients_leave(nu__clients *clients, const char *address)
{
    client **link = find(clients, address), *one = *link;
    if (one == NULL || --one->connections > 0)
        return;
    *link = one->next;
    one->next = clients->spare;
    clients->spare = one;
}
