/* nu_raw: rows by a statement that the application wrote. Its result columns are told apart by their
 * names: a column of the model is read into its member, any other is an annotation, and columns that
 * are missing are read when they are asked for. */
#include <string.h>

#include "model/query_internal.h"

/* What the statement gives. */
typedef struct by_hand {
    nu_db_run        *run;
    const nu_column **columns; /* of each result column; NULL: an annotation */
    uint64_t          deferred;
    nu_fetched       *set;
    size_t            capacity;
} by_hand;

nu_query *nu_raw_(const nu_model *model, const char *sql, const nu_value *params, size_t count)
{
    nu_query *query = nu_query_everything(model);
    nu_hand  *hand = nu_alloc(sizeof *hand);
    nu_value *kept = nu_arena_array(nu_arena_current(), count + 1, sizeof *kept);
    if (count > 0)
        memcpy(kept, params, count * sizeof *kept);
    *hand = (nu_hand){.sql = sql, .params = kept, .count = count};
    query->hand = hand;
    return query;
}

nu_query *nu_raw_as_(const nu_query *query, nu_pairs names)
{
    if (query->hand == NULL)
        nu_raise(NU_VALUE_ERROR, "nu_raw_as names the columns of a query by hand");
    nu_query *copy = nu__query_clone(query);
    nu_hand  *hand = nu_alloc(sizeof *hand);
    nu_pair  *kept = nu_arena_array(nu_arena_current(), names.count + 1, sizeof *kept);
    for (size_t i = 0; i < names.count; i++) {
        nu_column_get(query->model, nu_text(names.items[i].value));
        kept[i] = names.items[i];
    }
    *hand = *query->hand;
    hand->names = (nu_pairs){kept, names.count};
    copy->hand = hand;
    return copy;
}

/* ---- what the columns are ------------------------------------------------------------------- */

static const nu_column *column_called(const nu_hand *hand, const nu_model_info *info,
                                      const char *name)
{
    for (size_t i = 0; i < hand->names.count; i++) {
        if (strcmp(hand->names.items[i].key, name) == 0)
            return nu_column_find(info->model, hand->names.items[i].value.text);
    }
    for (size_t i = 0; i < info->all_count; i++) {
        if (strcmp(info->column_list[i]->column, name) == 0)
            return info->column_list[i];
    }
    return NULL;
}

static uint64_t bit_of(const nu_column *column)
{
    return (uint64_t)1 << (column->index < 63 ? column->index : 63);
}

static NU_NORETURN NU_COLD void raise_no_key(const nu_model_info *info)
{
    nu_error *error = nu_error_new(NU_FIELD_NOT_FOUND,
                                   "the statement does not give the primary key \"%s\" of \"%s\"",
                                   info->primary_key->column, info->model->name);
    error->hint = "Without it the rows cannot be told apart; select it, too.";
    nu_throw(error);
}

/* All columns that have no place in the result are deferred. Several may share the last bit. */
static void find_deferred(by_hand *reading, const nu_model_info *info)
{
    for (size_t i = 0; i < info->all_count; i++) {
        const nu_column *column = info->column_list[i];
        int              at = 0;
        while (at < reading->run->cursor.columns && reading->columns[at] != column)
            at++;
        if (at < reading->run->cursor.columns)
            continue;
        if (column == info->primary_key)
            raise_no_key(info);
        reading->deferred |= bit_of(column);
    }
}

static void find_columns(by_hand *reading, const nu_hand *hand, const nu_model_info *info)
{
    size_t count = (size_t)reading->run->cursor.columns;
    reading->columns = nu_arena_array(nu_arena_current(), count + 1, sizeof *reading->columns);
    reading->set->annotations =
        nu_arena_array(nu_arena_current(), count + 1, sizeof *reading->set->annotations);
    for (size_t i = 0; i < count; i++) {
        const char *name = reading->run->backend->column_name(&reading->run->cursor, (int)i);
        reading->columns[i] = column_called(hand, info, name);
        if (reading->columns[i] == NULL)
            reading->set->annotations[reading->set->annotation_count++] =
                nu_arena_copy(nu_arena_current(), name, strlen(name));
    }
    find_deferred(reading, info);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static nu_row *read_row(by_hand *reading, const nu_query *query)
{
    size_t      stride, extra = 0;
    nu_fetched *set = reading->set;
    nu_row     *row = nu__rows_alloc(nu_arena_current(), query->model, 1, &stride);
    row->state->set = set;
    row->state->database = set->database;
    row->state->saved = true;
    row->state->deferred = reading->deferred;
    if (set->annotation_count > 0)
        row->state->annotations =
            nu_arena_array(nu_arena_current(), set->annotation_count, sizeof(nu_value));
    nu__tell_init(NU_PRE_INIT, row);
    for (int i = 0; i < reading->run->cursor.columns; i++) {
        if (reading->columns[i] != NULL)
            nu__read_member(reading->run, i, reading->columns[i], row);
        else
            row->state->annotations[extra++] = nu__read_value(reading->run, i, NULL);
    }
    nu__tell_init(NU_POST_INIT, row);
    return row;
}

static void add_row(by_hand *reading, nu_row *row)
{
    nu_fetched *set = reading->set;
    if (set->count + 1 >= reading->capacity) {
        size_t capacity = reading->capacity * 2;
        set->rows =
            nu_arena_grow(nu_arena_current(), set->rows, reading->capacity * sizeof *set->rows,
                          capacity * sizeof *set->rows);
        reading->capacity = capacity;
    }
    set->rows[set->count++] = row;
    set->rows[set->count] = NULL;
}

nu_fetched *nu__load_hand_piece(nu_db_run *run, const nu_query *query, nu_database *db)
{
    by_hand reading = {.run = run, .set = nu_alloc(sizeof(nu_fetched)), .capacity = 16};
    *reading.set = (nu_fetched){
        .rows = nu_arena_array(nu_arena_current(), reading.capacity, sizeof(nu_row *)),
        .database = db,
        .fetch_mode = query->fetch_mode,
        .arena = nu_arena_current(),
    };
    find_columns(&reading, query->hand, query->info);
    while (run->cursor.row) {
        add_row(&reading, read_row(&reading, query));
        nu__db_next(run);
    }
    return reading.set;
}

nu_db_statement nu__hand_statement(const nu_query *query, nu_database *db)
{
    const nu_hand  *hand = query->hand;
    nu_db_statement statement = {
        .sql = hand->sql,
        .length = strlen(hand->sql),
        .params = hand->params,
        .count = hand->count,
    };
    if (nu_database_backend(db)->placeholder == '$')
        statement.sql = nu__db_number_placeholders(hand->sql, hand->count, &statement.length);
    return statement;
}

nu_fetched *nu__load_by_hand(const nu_query *query)
{
    nu_db_run       run;
    nu_database    *db = nu__query_database(query);
    nu_db_statement statement = nu__hand_statement(query, db);
    nu__db_start(&run, db, &statement);
    nu_fetched *set = nu__load_hand_piece(&run, query, db);
    nu__db_finish(&run);
    return set;
}
