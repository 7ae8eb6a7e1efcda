/* libcurl on the loop: its sockets are watched, its one timer is ours. */
#include "fetch/internal.h"

enum { MOST_CONNECTIONS = 256, MOST_KEPT = 64 };

typedef struct nu_peer {
    nu_watch        watch;
    nu_client      *client;
    struct nu_peer *next;
} nu_peer;

/* ---- what libcurl says is done ---------------------------------------------------------------- */

static void wake(nu_download *download)
{
    if (download->waiter != NULL)
        nu__wake(download->waiter);
}

static void collect_done(nu_client *client)
{
    int      left;
    CURLMsg *message;
    while ((message = nu__curl.multi_info_read(client->multi, &left)) != NULL) {
        nu_download *download;
        if (message->msg != CURLMSG_DONE)
            continue;
        nu__curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&download);
        download->done = true;
        download->result = message->data.result;
        wake(download);
    }
}

static void act(nu_client *client, curl_socket_t socket, int events)
{
    int running;
    nu__curl.multi_socket_action(client->multi, socket, events, &running);
    collect_done(client);
}

/* ---- sockets and the timer -------------------------------------------------------------------- */

static void peer_ready(nu_watch *watch, uint32_t events)
{
    nu_peer *peer = NU_CONTAINER(watch, nu_peer, watch);
    int      seen = 0;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP))
        seen |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        seen |= CURL_CSELECT_OUT;
    if (events & EPOLLERR)
        seen |= CURL_CSELECT_ERR;
    act(peer->client, watch->fd, seen);
}

static nu_peer *peer_new(nu_client *client)
{
    nu_peer *peer = client->free;
    if (peer != NULL)
        client->free = peer->next;
    else
        peer = nu_arena_zalloc(client->arena, sizeof *peer);
    peer->client = client;
    return peer;
}

static void peer_drop(nu_peer *peer)
{
    nu__watch_stop(&peer->watch);
    peer->next = peer->client->free;
    peer->client->free = peer;
}

static void peer_watch(nu_client *client, nu_peer *peer, curl_socket_t socket, int what)
{
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (peer == NULL) {
        peer = peer_new(client);
        nu__watch_start(client->loop, &peer->watch, socket, events, peer_ready);
        nu__curl.multi_assign(client->multi, socket, peer);
    } else {
        nu__watch_change(&peer->watch, events);
    }
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *ctx, void *assigned)
{
    (void)easy;
    NU_TRY {
        if (what != CURL_POLL_REMOVE)
            peer_watch(ctx, assigned, socket, what);
        else if (assigned != NULL)
            peer_drop(assigned);
    }
    NU_CATCH (error) {
        (void)error;
        return -1;
    }
    return 0;
}

static void on_due(nu_timer *timer)
{
    act(NU_CONTAINER(timer, nu_client, timer), CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    (void)multi;
    nu_client *client = ctx;
    if (timeout_ms < 0)
        nu__timer_stop(&client->timer);
    else
        nu__timer_start(client->loop, &client->timer, nu_monotonic_us() + timeout_ms * 1000,
                        on_due);
    return 0;
}

/* ---- the client -------------------------------------------------------------------------------- */

static void client_clear(void *object)
{
    nu_client *client = object;
    if (client->multi == NULL)
        return;
    while (client->downloads != NULL)
        nu_download_close(client->downloads);
    nu__curl.multi_cleanup(client->multi);
    nu__timer_stop(&client->timer);
    nu_arena_free(client->arena);
    client->multi = NULL;
}

static void client_open(nu_client *client, nu_loop *loop)
{
    nu__curl_load();
    client->loop = loop;
    client->arena = nu_arena_new(NULL, "fetch");
    client->multi = nu__curl.multi_init();
    if (client->multi == NULL)
        nu_raise(NU_OUT_OF_MEMORY, "no memory for libcurl");
    nu__curl.multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    nu__curl.multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    nu__curl.multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    nu__curl.multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    nu__curl.multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)MOST_KEPT);
    nu__curl.multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)MOST_CONNECTIONS);
}

nu_client *nu__client_of(nu_loop *loop, bool public_only)
{
    static const char keys[2];
    nu_client *client = nu__loop_local(loop, &keys[public_only], sizeof *client, client_clear);
    if (client->multi == NULL)
        client_open(client, loop);
    return client;
}

void nu__client_add(nu_client *client, nu_download *download)
{
    CURLMcode code = nu__curl.multi_add_handle(client->multi, download->easy);
    if (code != CURLM_OK)
        nu_raise(NU_SYSTEM_ERROR, "libcurl: %s", nu__curl.multi_strerror(code));
    download->client = client;
    download->next = client->downloads;
    download->link = &client->downloads;
    if (download->next != NULL)
        download->next->link = &download->next;
    client->downloads = download;
}

void nu__client_remove(nu_download *download)
{
    nu__curl.multi_remove_handle(download->client->multi, download->easy);
    *download->link = download->next;
    if (download->next != NULL)
        download->next->link = download->link;
    download->client = NULL;
}
