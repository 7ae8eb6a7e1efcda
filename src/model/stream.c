/* NU_STREAM and NU_STREAM_VALUES: what a query gives by the piece, so that memory holds one piece however
 * much there is. Each piece has an arena of its own, in which its rows and what they load lie. */
#include "model/query_internal.h"

struct nu_stream_state_ {
    nu_db_stream    stream;
    nu_sql          sql;
    nu_plan         plan;
    const nu_query *query;
    nu_database    *database;
    nu_arena       *piece;
    nu_row        **next;   /* of the piece; NULL: nothing was read yet */
    nu_list        *values; /* the piece of a query of values */
    uint32_t        next_value;
};

static nu_db_statement statement_of(struct nu_stream_state_ *state)
{
    if (state->query->hand != NULL)
        return nu__hand_statement(state->query, state->database);
    nu__sql_query(&state->sql, state->database, nu__sql_select, state->query, &state->plan);
    return nu__sql_statement(&state->sql, false);
}

static NU_WAITS void open_stream(nu_stream_ *stream, const nu_query *query, int rows)
{
    if (rows < 0)
        nu_raise(NU_VALUE_ERROR, "a stream reads pieces of %d rows", rows);
    struct nu_stream_state_ *state = nu_alloc(sizeof *state);
    state->query = query;
    state->database = nu__query_database(query);
    state->piece = nu_arena_new(nu_arena_current(), "rows of a stream");
    stream->state = state;
    if (query->none)
        return;
    nu_db_statement statement = statement_of(state);
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

static NU_WAITS void read_rows(struct nu_stream_state_ *state)
{
    nu_db_run      *run = &state->stream.run;
    const nu_query *query = state->query;
    nu_fetched     *set = query->hand != NULL
                              ? nu__load_hand_piece(run, query, state->database)
                              : nu__load_piece(run, &state->plan, query, state->database);
    if (query->prefetch != NULL)
        nu__prefetch(set->rows, set->count, query->prefetch, state->database);
    state->next = set->rows;
}

static NU_WAITS void read_values(struct nu_stream_state_ *state)
{
    nu_db_run *run = &state->stream.run;
    state->values = nu_list_new();
    state->next_value = 0;
    while (run->cursor.row) {
        nu_list_push(state->values, nu__load_value(run, state->query, &state->plan));
        nu__db_next(run);
    }
}

/* Reads the next piece; false at the end. */
static NU_WAITS bool read_piece(struct nu_stream_state_ *state,
                                void (*read)(struct nu_stream_state_ *state))
{
    if (state->query->none || !nu__db_stream_next(&state->stream))
        return false;
    nu_arena_reset(state->piece);
    nu_arena *before = nu_arena_enter(state->piece);
    read(state);
    nu_arena_enter(before);
    return true;
}

static NU_NORETURN NU_COLD void raise_values(void)
{
    nu_error *error = nu_error_new(NU_VALUE_ERROR, "a query of values gives no rows to stream");
    error->hint = "Read it with NU_STREAM_VALUES.";
    nu_throw(error);
}

bool nu_stream_step_(nu_stream_ *stream, const nu_query *query, int rows)
{
    if (query->result != NU_RESULT_ROWS)
        raise_values();
    return nu_stream_step_values_(stream, query, rows);
}

bool nu_stream_step_values_(nu_stream_ *stream, const nu_query *query, int rows)
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
    if ((state->next == NULL || *state->next == NULL) && !read_piece(state, read_rows))
        return NULL;
    return *state->next++;
}

bool nu_stream_value_(nu_stream_ *stream, nu_value *value)
{
    struct nu_stream_state_ *state = stream->state;
    if (state->query->result == NU_RESULT_ROWS) {
        nu_row *row = nu_stream_next_(stream);
        *value = nu_value_object(row);
        return row != NULL;
    }
    if ((state->values == NULL || state->next_value == state->values->count) &&
        !read_piece(state, read_values))
        return false;
    *value = state->values->items[state->next_value++];
    return true;
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
