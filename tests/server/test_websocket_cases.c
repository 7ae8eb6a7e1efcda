/* Runs tests/data/server/websocket_cases.txt against a live server. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nuages/file.h"
#include "nuages/test.h"
#include "nuages/text.h"
#include "websocket_peer.h"

/* ---- the case file --------------------------------------------------------------------------- */

struct bytes {
    char  *data;
    size_t length;
};

/* A frame as a line of the file tells it. */
struct line {
    int          first; /* byte; -1: the end of the connection, -2: raw bytes */
    bool         bare, deflate;
    int          wide;
    struct bytes payload;
};

static char unescape(const char **at)
{
    if (**at != '\\')
        return *(*at)++;
    if ((*at)[1] == 'x') {
        char digits[3] = {(*at)[2], (*at)[3]};
        *at += 4;
        return (char)strtol(digits, NULL, 16);
    }
    *at += 2;
    return (*at)[-1];
}

/* What stands between quotes. */
static void add_payload(nu_builder *out, const char *at)
{
    while (*at != '"') {
        if (at[0] == '\\' && at[1] == '{') {
            char *star;
            long  n = strtol(at + 2, &star, 10);
            at = star + 1;
            char byte = unescape(&at);
            memset(nu_builder_room(out, (size_t)n), byte, (size_t)n);
            out->length += (size_t)n;
            at++;
        } else {
            nu_builder_putc(out, unescape(&at));
        }
    }
}

static int opcode_of(const char *word)
{
    static const struct {
        const char *name;
        int         opcode;
    } names[] = {{"text", 1}, {"binary", 2}, {"cont", 0}, {"ping", 9}, {"pong", 10}, {"close", 8}};
    for (size_t i = 0; i < NU_COUNT(names); i++)
        if (nu_starts_with(word, names[i].name))
            return names[i].opcode;
    return atoi(word + 2);
}

static void take_word(struct line *line, nu_builder *payload, const char *word)
{
    if (nu_starts_with(word, "rsv"))
        line->first |= 0x80 >> (word[3] - '0');
    else if (strcmp(word, "bare") == 0)
        line->bare = true;
    else if (strcmp(word, "deflate") == 0)
        line->deflate = true;
    else if (nu_starts_with(word, "wide"))
        line->wide = word[4] - '0';
    else {
        nu_builder_putc(payload, (char)(atoi(word) >> 8));
        nu_builder_putc(payload, (char)atoi(word));
    }
}

static struct line read_line(const char *text)
{
    struct line line = {0};
    nu_builder  payload;
    nu_builder_init(&payload, NULL, 64);
    const char *quote = strchr(text, '"');
    size_t      length = quote ? (size_t)(quote - text) : strlen(text);
    nu_list    *words = nu_split(nu_arena_copy(nu_arena_current(), text, length), ' ');
    const char *kind = words->items[0].text;
    line.first = strcmp(kind, "end") == 0   ? -1
                 : strcmp(kind, "raw") == 0 ? -2
                                            : opcode_of(kind) | (strchr(kind, '+') ? 0 : WS_FIN);
    for (uint32_t i = 1; i < words->count; i++)
        if (words->items[i].length > 0)
            take_word(&line, &payload, words->items[i].text);
    if (quote)
        add_payload(&payload, quote + 1);
    line.payload = (struct bytes){payload.data, payload.length};
    return line;
}

/* ---- running --------------------------------------------------------------------------------- */

static int piece; /* bytes sent at a time; 0: all */

static void send_pieces(ws_peer *peer, const char *bytes, size_t length)
{
    size_t most = piece && length < 4096 ? (size_t)piece : length;
    for (size_t at = 0; at < length; at += most)
        live_send_n(peer->fd, bytes + at, length - at < most ? length - at : most);
}

static void send_line(ws_peer *peer, struct line line)
{
    size_t      length = line.payload.length;
    const char *payload = line.payload.data;
    if (line.deflate) {
        payload = ws_deflate(peer, payload, length, &length);
        line.first |= WS_RSV1;
    }
    if (line.first != -2)
        payload = ws_frame_bytes(line.first, payload, length, line.bare, line.wide, &length);
    send_pieces(peer, payload, length);
}

static const char *shown(int first, bool deflate, const char *bytes, size_t length)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    nu_builder_printf(&out, "%02x %s %zu ", (unsigned)first, deflate ? "deflate" : "", length);
    for (size_t i = 0; i < length && i < 60; i++)
        nu_builder_printf(&out, bytes[i] >= ' ' && bytes[i] < 127 ? "%c" : "\\x%02x",
                          (unsigned char)bytes[i]);
    return nu_builder_text(&out);
}

static void expect_line(ws_peer *peer, const char *name, struct line line)
{
    ws_frame frame = ws_read(peer);
    bool     deflate = frame.first >= 0 && (frame.first & WS_RSV1);
    if (deflate)
        frame = ws_inflate(peer, frame);
    const char *got = shown(frame.first, deflate, frame.bytes, frame.length);
    const char *wanted = shown(line.first, line.deflate, line.payload.data, line.payload.length);
    CHECK_TEXT(nu_fmt("%s: %s", name, got), nu_fmt("%s: %s", name, wanted));
    if (frame.length > 0)
        CHECK(memcmp(frame.bytes, line.payload.data, frame.length) == 0);
}

static void run_line(ws_peer *peer, const char *name, const char *text)
{
    if (strcmp(text, "(close)") == 0) {
        run_line(peer, name, "> close 1000 \"\"");
        run_line(peer, name, "< close 1000 \"\"");
        run_line(peer, name, "< end");
    } else if (nu_starts_with(text, "> ")) {
        send_line(peer, read_line(text + 2));
    } else if (nu_starts_with(text, "< ")) {
        expect_line(peer, name, read_line(text + 2));
    }
}

static void check_answer(const ws_peer *peer, const char *name, const char *wanted)
{
    const char *line = strstr(peer->response, "Sec-WebSocket-Extensions: ");
    const char *got = "none";
    if (line)
        got = nu_arena_copy(nu_arena_current(), line + 26, strcspn(line + 26, "\r"));
    CHECK_TEXT(nu_fmt("%s: %s", name, got), nu_fmt("%s: %s", name, wanted));
}

/* One case: its lines from `at` on. */
static void run_case(const live *server, const char *path, nu_list *lines, uint32_t at)
{
    const char *name = lines->items[at++].text + 4, *offer = "";
    if (nu_starts_with(lines->items[at].text, "? "))
        offer = nu_fmt("Sec-WebSocket-Extensions: %s\r\n", lines->items[at++].text + 2);
    ws_peer *peer = ws_connect(server, path, offer);
    CHECK(peer->open);
    if (nu_starts_with(lines->items[at].text, "! "))
        check_answer(peer, name, lines->items[at++].text + 2);
    for (; at < lines->count && !nu_starts_with(lines->items[at].text, "=== "); at++)
        run_line(peer, name, lines->items[at].text);
    ws_close(peer);
}

static void run_all(const char *path)
{
    live     server = live_start(&(nu_server_options){0});
    nu_value file = nu_file_read(NU_TEST_DATA "/server/websocket_cases.txt", 1 << 20);
    nu_list *lines = nu_split(nu_arena_copy(nu_arena_current(), file.text, file.length), '\n');
    int      count = 0;
    for (uint32_t i = 0; i < lines->count; i++) {
        if (!nu_starts_with(lines->items[i].text, "=== "))
            continue;
        nu_arena *before = nu_arena_current(), *arena = nu_arena_new(before, "case");
        nu_arena_enter(arena);
        run_case(&server, path, lines, i);
        nu_arena_enter(before);
        nu_arena_free(arena);
        count++;
    }
    CHECK(count >= 120);
    CHECK_EQ(live_stop(&server, SIGTERM), 0);
}

TEST(each_case_of_the_file_is_answered_as_it_says)
{
    run_all("/ws/limits");
}

TEST(each_case_is_answered_so_by_functions_too)
{
    run_all("/ws/events");
}

TEST(each_case_is_answered_so_when_it_comes_byte_by_byte)
{
    piece = 1;
    run_all("/ws/limits");
}
