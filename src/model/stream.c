/* NU_STREAM: the rows of a query by the piece, so that memory holds one piece however many there
 * are. Each piece has an arena of its own, in which its rows and what they load lie. */
#include "model/query_internal.h"

struct nu_stream_state_ {
    nu_db_stream    stream;
    nu_sql          sql;
    nu_plan         plan;
    const nu_query *query;
    nu_database    *database;
    nu_arena       *piece;
    nu_row        **next; /* NULL: nothing was read yet */
};

static NU_WAITS void open_stream(nu_stream_ *stream, const nu_query *query, int rows)
{
    if (query->result != NU_RESULT_ROWS)
        nu_raise(NU_VALUE_ERROR, "a query of values gives no rows to stream");
    if (rows < 0)
        nu_raise(NU_VALUE_ERROR, "a stream reads pieces of %d rows", rows);
    nu__refuse_hand(query, "streamed");
    struct nu_stream_state_ *state = nu_alloc(sizeof *state);
    state->query = query;
    state->database = nu__query_database(query);
    state->piece = nu_arena_new(nu_arena_current(), "rows of a stream");
    stream->state = state;
    if (query->none)
        return;
    nu__sql_query(&state->sql, state->database, nu__sql_select, query, &state->plan);
    nu_db_statement statement = nu__sql_statement(&state->sql, false);
    nu__db_stream_open(&state->stream, state->database, &statement, rows);
}

static NU_WAITS void close_stream(nu_stream_ *stream)
{
    struct nu_stream_state_ *state = stream->state;
    if (state == NULL)
        return;
    stream->state = NULL;
    nu__db_stream_close(&state->stream);
    nu_arena_free(state->piece);
}

/* Reads the next piece; false at the end. */
static NU_WAITS bool read_piece(struct nu_stream_state_ *state)
{
    if (state->query->none || !nu__db_stream_next(&state->stream))
        return false;
    nu_arena_reset(state->piece);
    nu_arena   *before = nu_arena_enter(state->piece);
    nu_fetched *set =
        nu__load_piece(&state->stream.run, &state->plan, state->query, state->database);
    if (state->query->prefetch != NULL)
        nu__prefetch(set->rows, set->count, state->query->prefetch, state->database);
    nu_arena_enter(before);
    state->next = set->rows;
    return true;
}

bool nu_stream_step_(nu_stream_ *stream, const nu_query *query, int rows)
{
    if (stream->frame.state == 0)
        open_stream(stream, query, rows);
    if (nu_frame_begin_(&stream->frame))
        return true;
    close_stream(stream);
    return false;
}

nu_row *nu_stream_next_(nu_stream_ *stream)
{
    struct nu_stream_state_ *state = stream->state;
    if ((state->next == NULL || *state->next == NULL) && !read_piece(state))
        return NULL;
    return *state->next++;
}

void nu_stream_leave_(nu_stream_ *stream)
{
    nu_frame_leave_(&stream->frame);
    close_stream(stream);
}

void nu_stream_raised_(nu_stream_ *stream)
{
    const nu_error *error = nu_caught_();
    nu_stream_leave_(stream);
    nu_reraise(error);
}
