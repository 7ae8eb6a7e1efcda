/* What the files of src/model/ share: a model's resolved form, rows and their sets. Queries have
 * their own header, query_internal.h. */
#pragma once

#include "db/statement.h"
#include "nuages/model.h"
#include "nuages/signal.h"

/* ---- models --------------------------------------------------------------------------------- */

/* What a name means in a model; one name may mean several things. */
typedef enum nu_meaning {
    NU_MEANS_COLUMN = 1,   /* a stored field, by name or attname, or "pk" */
    NU_MEANS_MANY = 2,     /* a many-to-many field */
    NU_MEANS_QUERY = 4,    /* a relation from elsewhere, as lookups call it */
    NU_MEANS_ACCESSOR = 8, /* the same, as rows call it */
    NU_MEANS_PROPERTY = 16,
    NU_MEANS_GENERIC = 32, /* a generic key */
} nu_meaning;

typedef struct nu_name {
    const char *text;
    uint32_t    length;
    uint32_t    hash;
    nu_meaning  meaning;
    const void *what; /* nu_column, nu_reverse, nu_property or nu_generic_key */
} nu_name;

/* A generic key, which only rows know. */
typedef struct nu_generic_key {
    const nu_column *field;
    const nu_column *content_type, *key;
} nu_generic_key;

typedef struct nu_model_info nu_model_info;
struct nu_model_info {
    const nu_model         *model;
    nu_model_info          *concrete;    /* whose table it is: itself, but for a proxy */
    nu_model_info          *parent;      /* of the concrete model; NULL: none */
    const nu_column        *parent_link; /* own column that leads to the parent */
    const char             *app, *label, *key, *table;
    const char             *verbose_name, *verbose_name_plural;
    bool                    automatic;
    bool                    lasting;     /* one of the process, until its models are worked out anew */
    nu_arena               *arena;       /* it lives in */
    nu_column              *columns; /* in its own table */
    size_t                  column_count;
    const nu_column *const *column_list; /* the parent's, then its own: a column has one index in all
                                          * models that share it, as it has one offset */
    size_t                  all_count;
    const nu_column *const *own_list;
    const nu_column *const *many_list; /* the parent's, then its own */
    const nu_column *const *own_many;
    const nu_column *const *generic_list; /* its own generic keys and relations */
    nu_generic_key         *generic_keys; /* ended by a NULL field */
    nu_reverse             *generics;     /* its generic relations, and those that lead here by a
                                           * query name; ended by a NULL query name */
    size_t                  generic_count;
    nu_reverse             *reverses;
    size_t                  reverse_count;
    const char *const      *ordering; /* its own, or else the parent's */
    const char             *get_latest_by;
    nu_row_text_fn          text, url;
    nu_row_fn               clean;
    nu_query *(*objects)(nu_query *all);
    const nu_column        *order, *ordered_by; /* order_with_respect_to: "_order", the reference */
    const nu_column        *primary_key;
    nu_name                *names; /* open addressing; text NULL: free */
    uint32_t                names_mask;
    bool                    has_computed; /* a generated column, or a default of the database's */
    bool                    plain_delete; /* nothing refers to the model: one DELETE is enough */

    /* SQL that every query of the model starts with, made when first needed. */
    const nu_db_backend *sql_for;
    const char          *sql_columns; /* "t"."a", "t"."b" */
    size_t               sql_columns_length;
};

/* The column that tells by NULL that there is no row: the key, or its first part. */
static inline const nu_column *nu__key_column(const nu_model_info *info)
{
    return info->primary_key->parts != NULL ? info->primary_key->parts[0] : info->primary_key;
}

/* Raises ImproperlyConfigured if the model belongs to no app. */
nu_model_info *nu__info(const nu_model *model);
/* NULL if the name means none of `meanings` (a mask). */
const nu_name *nu__name_find(const nu_model_info *info, const char *text, size_t length,
                             unsigned meanings);
/* The arena that holds all models' infos. */
nu_arena *nu__models_arena(void);
/* Raises FieldError for an unknown name in `info`: near names, and the choices among `meanings`. */
NU_NORETURN void nu__unknown_field(const nu_model_info *info, const char *name, size_t length,
                                   unsigned meanings);

/* ---- resolve.c, relations.c, check.c: from tables to infos; called by nu_models_ready in this order  */

void nu__resolve_columns(nu_model_info *info);
/* True if `reference`, a link to a parent or a reference to a model with one, holds the very value
 * of `column`: place_ptr_id is the place's id. */
bool nu__holds(const nu_column *reference, const nu_column *column);
/* "%(class)s" and "%(app_label)s" in a name stand for the model's and the app's. */
const char *nu__fill_name(nu_arena *arena, const nu_model_info *info, const char *name);
/* Follows references; needs the columns of all models. */
void nu__resolve_targets(nu_model_info *info);
void nu__resolve_reverses(nu_model_info *const *infos, size_t count);
void nu__resolve_names(nu_model_info *info);
/* What is wrong with the models: the first fault, and all as text. */
typedef struct nu__faults {
    const nu_error *first;
    nu_list        *texts;
} nu__faults;
void nu__check_model(const nu_model_info *info, nu__faults *faults);
/* One field that has a column, or is many-to-many. */
void nu__check_field(const nu_column *column);
/* What must not be twice among all models: tables, names of indexes and constraints. */
void nu__check_models(nu_model_info *const *infos, size_t count, nu__faults *faults);
/* The model between, for a many-to-many field that names none. */
const nu_model *nu__automatic_through(nu_model_info *info, const nu_column *many);
/* Raises ImproperlyConfigured: app, model and field (NULL: none), then the sentence. */
NU_NORETURN NU_PRINTF(3, 4) void nu__bad_model(const nu_model *model, const nu_field *field,
                                               const char *format, ...);
/* The same with the id that Django's check has for it ("fields.E120"), also as the error's code. */
NU_NORETURN NU_PRINTF(4, 5) void nu__wrong_model(const nu_model *model, const nu_field *field,
                                                 const char *id, const char *format, ...);

/* Of the model between: the reference to the model that has the field, and the one to the other. */
const nu_column *nu__through_from(const nu_column *many);
const nu_column *nu__through_to(const nu_column *many);

/* ---- rows ----------------------------------------------------------------------------------- */

/* Rows read by one query. */
typedef struct nu_fetched {
    nu_row     **rows; /* ended by NULL */
    size_t       count;
    nu_database *database;
    int          fetch_mode;
    const char **annotations; /* names, in the order of nu_row_state.annotations; NULL: none */
    size_t       annotation_count;
    nu_arena    *arena;
} nu_fetched;

/* What a row knows beside its fields; lies behind the struct in memory. */
typedef struct nu_row_state {
    nu_fetched  *set;      /* NULL: made by nu_new */
    nu_database *database; /* where it was read or saved; NULL: neither */
    uint64_t  deferred; /* columns that were not read, by index; 63 and above share the last bit */
    nu_value *annotations;
    nu_dict  *cache; /* related rows and sets that were loaded, by name */
    uint64_t  given; /* columns with a default of the database's that were set by name, as above */
    nu_dict  *computed; /* expressions that fields were set to, by name */
    int64_t   order; /* "_order", of a model with order_with_respect_to */
    bool      saved;
} nu_row_state;

/* `count` rows of the model in one block, each with its state; `stride` is the distance. */
void *nu__rows_alloc(nu_arena *arena, const nu_model *model, size_t count, size_t *stride);

static inline void *nu__member(const nu_row *row, const nu_column *column)
{
    if (NU_UNLIKELY(column->member == NU_MEMBER_ORDER))
        return &row->state->order;
    return (char *)row + column->offset;
}

static inline bool nu__is_deferred(const nu_row *row, const nu_column *column)
{
    uint64_t deferred = row->state != NULL ? row->state->deferred : 0;
    return deferred != 0 && !column->primary_key && (deferred >> (column->index < 63 ? column->index : 63) & 1);
}

/* ---- member.c: values in structs ------------------------------------------------------------ */

nu_value nu__member_get(const nu_row *row, const nu_column *column);
/* Raises ValueError if the value does not fit the member. Text is borrowed. */
void nu__member_put(nu_row *row, const nu_column *column, nu_value value);
bool nu__member_is_null(const nu_row *row, const nu_column *column);
/* The row a reference holds; NULL if it is not loaded. */
nu_row *nu__ref_row(const nu_row *row, const nu_column *column);
void    nu__ref_set_row(nu_row *row, const nu_column *column, nu_row *to);
/* Keeps what was loaded of a relation under its name. */
void nu__row_keep(nu_row *row, const char *name, nu_value value);

/* ---- related.c ------------------------------------------------------------------------------ */

/* The row that reference `column` points to, loaded if need be; NULL for NULL. */
NU_WAITS nu_row *nu__row_reference(nu_row *row, const nu_column *column);

/* ---- generic.c, contenttypes.c -------------------------------------------------------------- */

/* Works out the generic keys and relations of all models; needs their columns. */
void nu__resolve_generics(nu_model_info *const *infos, size_t count);
struct nu_content_type;
/* Of the model as it is, in that database; read once. */
NU_WAITS struct nu_content_type *nu__content_type(const nu_model *model, nu_database *db);
NU_WAITS struct nu_content_type *nu__content_type_by_id(int64_t id, nu_database *db);
/* The row that a generic key leads to; NULL for none. Read for the whole set, as references are. */
NU_WAITS nu_row *nu__generic_row(nu_row *row, const nu_generic_key *key);
/* Reads the rows that the generic keys of `rows` lead to: one statement for each model. */
NU_WAITS void nu__generic_load(nu_row *const *rows, size_t count, const nu_generic_key *key,
                               nu_database *db);
/* `to` may be NULL. */
NU_WAITS void nu__generic_set(nu_row *row, const nu_generic_key *key, nu_row *to);
/* The rows of a generic relation that belong to `keys` (values of the primary key). */
NU_WAITS nu_query *nu__generic_rows(const nu_reverse *relation, nu_list *keys, nu_database *db);

/* ---- row.c ---------------------------------------------------------------------------------- */

/* Sends pre_init or post_init of the row. */
void nu__tell_init(nu_signal_kind signal, nu_row *row);

/* ---- order.c -------------------------------------------------------------------------------- */

/* Puts a new row behind the others of its order_with_respect_to. */
NU_WAITS void nu__row_number(nu_row *row, const nu_model_info *info, nu_database *db);

/* ---- save.c: to the database ---------------------------------------------------------------- */

/* Where the row was read or saved, or else its model's rows belong. */
nu_database *nu__row_database(const nu_row *row);
/* router.c: true if both rows are written to one database. */
/* True if somebody has opinions about databases. */
bool nu__has_routers(void);
bool nu__goes_with(const nu_row *row, const nu_row *other);
/* router.c: raises ValueError if `from` may not refer to `to`, whose databases differ. */
void nu__check_relation(const nu_row *from, const nu_row *to, const char *name);

/* ---- insert.c ------------------------------------------------------------------------------- */

/* True for a key that the database gives. */
bool nu__is_automatic(const nu_column *column);
/* True if an INSERT names the column: not a key the database gives, nor a value it computes. */
bool nu__is_inserted(const nu_column *column, bool with_key);
/* Those of the model's own table of which it is, ended by NULL. */
const nu_column **nu__columns_inserted(const nu_model_info *info, bool with_key);
/* The value to bind; sets the row's clocks and takes the key of a row saved meanwhile on the way. */
nu_value nu__value_to_write(nu_row *row, const nu_column *column, bool adding);
/* The same without the clocks. */
nu_value nu__value_as_it_is(nu_row *row, const nu_column *column);
/* A row that was put into a reference before it was saved has its key by now. */
void nu__take_key(nu_row *row, const nu_column *column);
/* True if the row leaves the column to the database's default: it is new, the member is zero and was
 * not set by name, and the program has no default of its own. */
bool nu__takes_default(const nu_row *row, const nu_column *column);
/* Of the table of `info`, the columns whose values the database makes out when the row is written:
 * generated ones and, for a new row, defaults of its own. Ended by NULL, with room for one more. */
const nu_column **nu__columns_computed(const nu_model_info *info, const nu_row *row, bool adding);
/* INSERT into the table of `info`, which is the row's model or a parent of it. What the database gives
 * is read into the row. `raw`: clocks stay as they are. */
NU_WAITS void nu__row_insert(nu_row *row, const nu_model_info *info, nu_database *db, bool raw);

/* ---- read.c: from the database -------------------------------------------------------------- */

/* Reads result column `at` as a value of the column's kind (NULL: as the database sees it), copied
 * into the current arena. */
nu_value nu__read_value(nu_db_run *run, int at, const nu_column *column);
/* The same, straight into the row's member. */
void nu__read_member(nu_db_run *run, int at, const nu_column *column, nu_row *row);

/* ---- field_types.c, clean.c ----------------------------------------------------------------- */

nu_db_column_type nu__db_type(const nu_field *field);
/* The value to bind when the column is compared with or set to `value`: a reference takes a row, a
 * text is read as what the column holds. Raises ValueError if it can be none. */
nu_value nu__prepare(const nu_column *column, nu_value value);
/* Shown as (1, 2). */
nu_value nu__tuple(nu_list *values);
/* The same for what is written: SQLite would take a decimal of more digits than the field has. */
nu_value nu__prepare_stored(const nu_column *column, nu_value value, const nu_db_backend *backend);
/* The same for what is compared with the column: a decimal keeps its places. */
nu_value nu__prepare_compared(const nu_column *column, nu_value value);
/* The column's own kind of field: a reference has that of the key it holds. */
const nu_field *nu__value_field(const nu_column *column);

/* date_form.c: what is wrong with a text that has the right form and names no date or time; NULL: it
 * has not. The sentence has %s for the text. */
typedef struct nu_impossible {
    const char *code, *sentence;
} nu_impossible;
const nu_impossible *nu__impossible(nu_db_type type, const char *text);

bool     nu__clean_text(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_ip(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_int(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_float(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_decimal(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_bool(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_date(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_time(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_datetime(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_duration(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_uuid(const nu_field *field, nu_value value, nu_value *out);
bool     nu__clean_bytes(const nu_field *field, nu_value value, nu_value *out);
nu_value nu__store_decimal(const nu_field *field, nu_value value);
nu_value nu__store_json(const nu_field *field, nu_value value);

/* ---- validate.c ----------------------------------------------------------------------------- */

/* Raises a ValidationError with a code, which must be static. */
#define nu__invalid(code, ...) nu__invalid_at(__FILE__, __LINE__, __func__, (code), __VA_ARGS__)
NU_NORETURN NU_PRINTF(5, 6) void nu__invalid_at(const char *file, int line, const char *function,
                                                const char *code, const char *format, ...);

/* ---- validators.c --------------------------------------------------------------------------- */

extern const nu_validator nu__validate_email, nu__validate_url, nu__validate_slug, nu__validate_ip,
    nu__validate_ipv4, nu__validate_ipv6, nu__validate_unicode_slug;
