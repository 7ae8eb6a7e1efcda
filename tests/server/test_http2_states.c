/* RFC 9113, section 5: each kind of frame in each state of a stream, numbers of streams, errors. */
#include <signal.h>

#include "http2_rules.h"
#include "nuages/test.h"

#define SEND(name) static void name(h2 *peer)
/* ":method: GET, :scheme: http, :path: /, :authority: a" */
#define GET "\x82\x86\x84\x41\1a"

/* ---- 5.1: states ----------------------------------------------------------------------------- */

enum {
    OK = H2_ALIVE,           /* taken, or ignored */
    ERR = H2_PROTOCOL_ERROR, /* of the connection */
    END = H2_STREAM_CLOSED,  /* likewise */
    BAD = -1,                /* PROTOCOL_ERROR of the stream: no such trailers */
};

static const enum h2_state columns[] = {H2_IDLE,     H2_OPEN,      H2_HALF_CLOSED,
                                        H2_ANSWERED, H2_CANCELLED, H2_REFUSED};
static const char *const   names[] = {
      "idle", "open", "half-closed", "answered", "reset by the client", "reset by the server"};

/* HEADERS after both ends is the client's error, as is DATA where the server still answers. DATA that follows
 * a reset, or crossed the answer's end, may be dropped (5.1, "closed"). */
static const struct {
    const char *name;
    int         type, flags;
    const char *payload;
    size_t      length;
    int         codes[NU_COUNT(columns)];
} kinds[] = {
#define BYTES(text) (text), sizeof(text) - 1
    /* clang-format off */
    /*                                                                                       idle open half answered cancelled refused */
    {"DATA",          H2_DATA,          H2_END_STREAM, BYTES("x"),                          {ERR, 200, END, OK,  OK,  OK}},
    {"HEADERS",       H2_HEADERS,       H2_END_HEADERS | H2_END_STREAM, BYTES(GET),         {200, BAD, END, END, END, OK}},
    {"PRIORITY",      H2_PRIORITY,      0, BYTES("\0\0\0\3\7"),                             {OK,  OK,  200, OK,  OK,  OK}},
    {"RST_STREAM",    H2_RST_STREAM,    0, BYTES("\0\0\0\10"),                              {ERR, OK,  OK,  OK,  OK,  OK}},
    {"PUSH_PROMISE",  H2_PUSH_PROMISE,  H2_END_HEADERS, BYTES("\0\0\0\2\x82"),              {ERR, ERR, ERR, ERR, ERR, ERR}},
    {"WINDOW_UPDATE", H2_WINDOW_UPDATE, 0, BYTES("\0\0\0\1"),                               {ERR, OK,  200, OK,  OK,  OK}},
    {"CONTINUATION",  H2_CONTINUATION,  H2_END_HEADERS, BYTES("\x82"),                      {ERR, ERR, ERR, ERR, ERR, ERR}},
    /* clang-format on */
};

TEST(each_frame_in_each_state_of_a_stream_has_the_answer_of_the_standard)
{
    h2_rule rules[NU_COUNT(kinds) * NU_COUNT(columns)];
    size_t  count = 0;
    for (size_t i = 0; i < NU_COUNT(kinds); i++) {
        for (size_t j = 0; j < NU_COUNT(columns); j++) {
            int code = kinds[i].codes[j];
            rules[count++] = (h2_rule){
                .about = nu_fmt("5.1 %s on a stream that is %s", kinds[i].name, names[j]),
                .state = columns[j],
                .frame = {kinds[i].type, kinds[i].flags, 1, kinds[i].payload, kinds[i].length},
                .code = code == BAD ? H2_PROTOCOL_ERROR : code,
                .stream = code == BAD,
            };
        }
    }
    h2_follow(rules, count);
}

/* ---- 5.1.1: numbers -------------------------------------------------------------------------- */

SEND(smaller_stream)
{
    h2_ask(peer, 5);
    h2_ask(peer, 3);
}
SEND(streams_passed_by)
{
    h2_ask(peer, 7);
    CHECK_TEXT(h2_answer(peer, 7), "200 hello");
    h2_ask(peer, 41);
    CHECK_TEXT(h2_answer(peer, 41), "200 hello");
}
SEND(window_of_a_stream_passed_by)
{
    h2_ask(peer, 7);
    CHECK_TEXT(h2_answer(peer, 7), "200 hello");
    H2_SEND(peer, H2_WINDOW_UPDATE, 0, 5, "\0\0\0\1");
}
SEND(data_after_trailers)
{
    h2_headers(peer, 0, 1, h2_post("/slowcount?300"));
    h2_headers(peer, H2_END_STREAM, 1, h2_block("x", "1", NULL));
    H2_SEND(peer, H2_DATA, H2_END_STREAM, 1, "x");
}
SEND(hundred_and_one_streams)
{
    for (uint32_t i = 0; i < 101; i++)
        h2_headers(peer, H2_END_STREAM, 2 * i + 101, h2_get("/slow?300"));
}

/* ---- 5.4: errors ----------------------------------------------------------------------------- */

SEND(last_stream_is_named)
{
    h2_ask(peer, 1);
    CHECK_TEXT(h2_answer(peer, 1), "200 hello");
    h2_ask(peer, 3);
    CHECK_TEXT(h2_answer(peer, 3), "200 hello");
    H2_SEND(peer, H2_PING, 0, 0, "short");
    CHECK_EQ(h2_await(peer, H2_GOAWAY, 0)->payload[3], 3);
}
SEND(reset_is_not_answered_by_one)
{
    H2_SEND(peer, H2_RST_STREAM, 0, 1, "\0\0\0\10");
    H2_SEND(peer, H2_PING, 0, 0, "12345678");
    const h2_frame *frame;
    do
        frame = h2_read(peer);
    while (frame->type >= 0 && frame->type != H2_RST_STREAM &&
           !(frame->type == H2_PING && (frame->flags & H2_ACK)));
    CHECK_EQ(frame->type, H2_PING);
}

static const h2_rule rules[] = {
    {"5.1 DATA after trailers", .send = data_after_trailers, .code = H2_STREAM_CLOSED},
    {"5.1.1 a stream with an even number",
     H2_FRAME(H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 2, GET), .code = H2_PROTOCOL_ERROR},
    {"5.1.1 a stream smaller than one before", .send = smaller_stream, .code = H2_STREAM_CLOSED,
     .other = H2_PROTOCOL_ERROR},
    {"5.1.1 streams may be passed by", .send = streams_passed_by, .code = H2_ALIVE},
    {"5.1.1 and are closed by that", .send = window_of_a_stream_passed_by, .code = H2_ALIVE},
    {"5.1.1 the reserved bit is ignored",
     H2_FRAME(H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 0x80000001, GET), .code = 200},
    {"5.1.2 more streams than allowed", .send = hundred_and_one_streams, .code = H2_REFUSED_STREAM,
     .stream = 301, .other = H2_PROTOCOL_ERROR},
    {"5.3 a stream that depends on itself in HEADERS",
     H2_FRAME(H2_HEADERS, H2_PRIORITIZED | H2_END_HEADERS | H2_END_STREAM, 1, "\0\0\0\1\7" GET),
     .code = H2_PROTOCOL_ERROR},
    {"5.3 a priority of any weight is taken", H2_HALF_CLOSED,
     H2_FRAME(H2_PRIORITY, 0, 1, "\x80\0\0\x7f\xff"), .code = 200},
    {"5.4.1 GOAWAY names the last stream", .send = last_stream_is_named, .code = H2_ENDED},
    {"5.4.2 a reset is not answered by one", H2_HALF_CLOSED, .send = reset_is_not_answered_by_one,
     .code = H2_ALIVE},
    {"5.4.2 a reset stream does not harm the next", H2_REFUSED,
     H2_FRAME(H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 3, GET), .code = 200, .stream = 3},
};

TEST(streams_have_the_numbers_and_errors_of_the_standard)
{
    h2_follow(rules, NU_COUNT(rules));
}
