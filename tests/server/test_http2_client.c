/* HTTP/2 with nghttp2's client as peer: whole conversations, cut at many places, and over TLS. */
#include <nghttp2/nghttp2.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nuages/test.h"
#include "tls_peer.h"

enum { STREAMS = 20 };

typedef struct conversation {
    nghttp2_session *session;
    nu_builder       bodies[STREAMS];
    int              closed, failed;
    size_t           upload; /* bytes that each request still sends; from id */
    size_t           left[STREAMS];
} conversation;

static size_t nth(int32_t stream)
{
    return (size_t)(stream - 1) / 2;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                   size_t length, void *arg)
{
    conversation *self = arg;
    (void)session;
    (void)flags;
    nu_builder_add(&self->bodies[nth(id)], bytes, length);
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
    conversation *self = arg;
    (void)session;
    (void)id;
    self->closed++;
    self->failed += code != 0;
    return 0;
}

static ssize_t on_upload(nghttp2_session *session, int32_t id, uint8_t *into, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *arg)
{
    conversation *self = arg;
    size_t       *left = &self->left[nth(id)];
    (void)session;
    (void)source;
    if (room > *left)
        room = *left;
    memset(into, 'u', room);
    *left -= room;
    if (*left == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)room;
}

static void submit(conversation *self, const char *method, const char *path, size_t upload)
{
    const char *fields[][2] = {
        {":method", method}, {":scheme", "http"}, {":authority", "a.test"}, {":path", path}};
    nghttp2_nv nv[4];
    for (int i = 0; i < 4; i++)
        nv[i] = (nghttp2_nv){(uint8_t *)(uintptr_t)fields[i][0], (uint8_t *)(uintptr_t)fields[i][1],
                             strlen(fields[i][0]), strlen(fields[i][1]), NGHTTP2_NV_FLAG_NONE};
    nghttp2_data_provider provider = {.read_callback = on_upload};
    int32_t               id =
        nghttp2_submit_request(self->session, NULL, nv, 4, upload ? &provider : NULL, NULL);
    CHECK(id > 0);
    self->left[nth(id)] = upload;
    nu_builder_init(&self->bodies[nth(id)], NULL, 64);
}

static conversation *converse(void)
{
    conversation              *self = nu_alloc(sizeof *self);
    nghttp2_session_callbacks *callbacks;
    memset(self, 0, sizeof *self);
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    CHECK_EQ(nghttp2_session_client_new(&self->session, callbacks, self), 0);
    nghttp2_session_callbacks_del(callbacks);
    CHECK_EQ(nghttp2_submit_settings(self->session, NGHTTP2_FLAG_NONE, NULL, 0), 0);
    return self;
}

/* Writes what the session has to say, in pieces of `cut` bytes. */
static void speak(conversation *self, int fd, SSL *ssl, size_t cut)
{
    const uint8_t *bytes;
    ssize_t        n;
    while ((n = nghttp2_session_mem_send(self->session, &bytes)) > 0)
        for (size_t done = 0; done < (size_t)n;) {
            size_t some = (size_t)n - done < cut ? (size_t)n - done : cut;
            if (ssl)
                CHECK(SSL_write(ssl, bytes + done, (int)some) == (int)some);
            else
                live_send_n(fd, (const char *)bytes + done, some);
            done += some;
        }
}

static void run(conversation *self, int fd, SSL *ssl, int wanted, size_t cut)
{
    char bytes[8192];
    while (self->closed < wanted) {
        speak(self, fd, ssl, cut);
        ssize_t n = ssl ? SSL_read(ssl, bytes, sizeof bytes) : recv(fd, bytes, sizeof bytes, 0);
        if (n <= 0)
            break;
        CHECK_EQ(nghttp2_session_mem_recv(self->session, (uint8_t *)bytes, (size_t)n), n);
    }
    CHECK_EQ(self->closed, wanted);
    CHECK_EQ(self->failed, 0);
}

static const char *body(conversation *self, size_t stream)
{
    return nu_builder_text(&self->bodies[stream]);
}

static void ask_for_everything(conversation *self)
{
    submit(self, "GET", "/", 0);
    submit(self, "POST", "/count", 3000);
    submit(self, "GET", "/stream", 0);
    submit(self, "GET", "/bigfile", 0);
    submit(self, "HEAD", "/bigfile", 0);
    submit(self, "POST", "/echo", 5);
    submit(self, "GET", "/slow?5", 0);
    submit(self, "GET", "/unchanged", 0);
}

static void check_everything(conversation *self)
{
    CHECK_TEXT(body(self, 0), "hello");
    CHECK_TEXT(body(self, 1), "3000");
    CHECK_TEXT(body(self, 2), "onetwothree");
    CHECK_EQ(self->bodies[3].length, 300000);
    CHECK_EQ(self->bodies[4].length, 0);
    CHECK_TEXT(body(self, 5), "uuuuu");
    CHECK_TEXT(body(self, 6), "slept");
    CHECK_EQ(self->bodies[7].length, 0);
}

TEST(conversations_cut_at_any_place_go_well)
{
    static const size_t cuts[] = {1, 2, 3, 5, 8, 9, 10, 13, 64, 1000, 100000};
    nu_server_options   options = {0};
    live                server = live_start(&options);
    for (size_t i = 0; i < NU_COUNT(cuts); i++) {
        int           fd = live_connect(&server);
        conversation *talk = converse();
        ask_for_everything(talk);
        run(talk, fd, NULL, 8, cuts[i]);
        check_everything(talk);
        nghttp2_session_del(talk->session);
        close(fd);
    }
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(conversations_go_over_tls)
{
    static nu_certificate one[2];
    const char           *folder = tls_folder();
    tls_make(folder, "site", "localhost");
    one[0] = tls_pair(folder, "site");
    nu_server_options options = {.certificates = one};
    live              server = live_start(&options);
    for (size_t cut = 7; cut < 100000; cut *= 20) {
        tls_peer     *peer = tls_connect(&server, &(tls_wish){.protocol = "h2"});
        conversation *talk = converse();
        CHECK(peer->connected);
        ask_for_everything(talk);
        submit(talk, "GET", "/scheme", 0);
        submit(talk, "POST", "/count", 2000000);
        submit(talk, "GET", "/big", 0);
        run(talk, peer->fd, peer->ssl, 11, cut);
        check_everything(talk);
        CHECK_TEXT(body(talk, 8), "https|true");
        CHECK_TEXT(body(talk, 9), "2000000");
        CHECK_EQ(talk->bodies[10].length, 8 << 20);
        nghttp2_session_del(talk->session);
        tls_close(peer);
    }
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}
