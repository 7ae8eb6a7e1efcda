/* Who is called when something happens. Receivers belong to the process and are few, so a list for
 * each signal will do. */
#include "nuages/signal.h"

#include <string.h>

typedef struct listener {
    struct listener *next;
    const nu_model  *model; /* NULL: all */
    nu_receiver      receiver;
    void            *arg;
    const char      *dispatch_id;
} listener;

static struct {
    nu_arena *arena;
    listener *of[NU_SIGNALS];
} listeners;

/* With an id, the id tells; else the function. */
static bool is_same(const listener *item, const nu_model *model, nu_receiver receiver,
                    const char *dispatch_id)
{
    if (item->model != model)
        return false;
    if (dispatch_id != NULL || item->dispatch_id != NULL)
        return dispatch_id != NULL && item->dispatch_id != NULL &&
               strcmp(dispatch_id, item->dispatch_id) == 0;
    return item->receiver == receiver;
}

void nu_signal_connect(nu_signal_kind signal, const nu_model *model, nu_receiver receiver,
                       void *arg, const char *dispatch_id)
{
    listener **last = &listeners.of[signal];
    for (; *last != NULL; last = &(*last)->next) {
        if (is_same(*last, model, receiver, dispatch_id))
            return;
    }
    if (listeners.arena == NULL)
        listeners.arena = nu_arena_new(NULL, "signals");
    listener *item = nu_arena_zalloc(listeners.arena, sizeof *item);
    item->model = model;
    item->receiver = receiver;
    item->arg = arg;
    item->dispatch_id = dispatch_id != NULL ? nu_arena_text(listeners.arena, dispatch_id) : NULL;
    *last = item;
}

static bool hears_any(void)
{
    for (int i = 0; i < NU_SIGNALS; i++) {
        if (listeners.of[i] != NULL)
            return true;
    }
    return false;
}

bool nu_signal_disconnect(nu_signal_kind signal, const nu_model *model, nu_receiver receiver,
                          const char *dispatch_id)
{
    for (listener **at = &listeners.of[signal]; *at != NULL; at = &(*at)->next) {
        if (!is_same(*at, model, receiver, dispatch_id))
            continue;
        *at = (*at)->next;
        if (!hears_any()) {
            nu_arena_free(listeners.arena);
            listeners.arena = NULL;
        }
        return true;
    }
    return false;
}

bool nu_signal_is_heard(nu_signal_kind signal, const nu_model *model)
{
    for (const listener *item = listeners.of[signal]; item != NULL; item = item->next) {
        if (item->model == NULL || item->model == model)
            return true;
    }
    return false;
}

void nu_signal_send(const nu_event *event)
{
    const listener *next;
    for (const listener *item = listeners.of[event->signal]; item != NULL; item = next) {
        next = item->next; /* a receiver may disconnect itself */
        if (item->model == NULL || item->model == event->model)
            item->receiver(event, item->arg);
    }
}
