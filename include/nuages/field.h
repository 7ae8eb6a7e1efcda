/* Fields: the table that describes a model's columns.
 *
 *      static const nu_field article_fields[] = {
 *          NU_CHAR(article, title, .max_length = 200),
 *          NU_FOREIGN(article, author, .to = &author_model, .on_delete = NU_CASCADE),
 *          {0},
 *      };
 *
 * The first argument names the struct, the second its member; the rest are members of nu_field. The
 * member's C type is checked against the kind of field while compiling. A member that can be SQL
 * NULL tells it by itself: a text is NULL, a date is unset, a relation's id is 0; for numbers and
 * booleans there are nu_maybe_int, nu_maybe_float and nu_maybe_bool. */
#pragma once

#include "nuages/backend/database.h"
#include "nuages/value.h"

typedef struct nu_model      nu_model;
typedef struct nu_field      nu_field;
typedef struct nu_field_type nu_field_type;
typedef struct nu_expression nu_expression;
typedef struct nu_validator  nu_validator;
typedef struct nu_value_range nu_value_range; /* see nuages/postgres.h */

/* ---- C types of members --------------------------------------------------------------------- */

typedef struct nu_maybe_int   { int64_t value; bool set; } nu_maybe_int;
typedef struct nu_maybe_float { double  value; bool set; } nu_maybe_float;
typedef struct nu_maybe_bool  { bool    value; bool set; } nu_maybe_bool;
typedef struct nu_bytes       { const uint8_t *data; uint32_t length; bool set; } nu_bytes;

/* A reference to `struct model`: its key, and the row once loaded. A zero-filled one is NULL.
 * nu_related(article, author) loads and gives the row; nu_refer(article->author, row) sets it. */
#define nu_ref(model)      struct { int64_t id; struct model *row; }
/* The same where the other model's primary key is a text. */
#define nu_ref_text(model) struct { const char *id; struct model *row; }
/* The same where it is a UUID. */
#define nu_ref_uuid(model) struct { nu_uuid id; struct model *row; }

/* How a value sits in the struct. */
typedef enum nu_member {
    NU_MEMBER_NONE, /* no member: many-to-many */
    NU_MEMBER_INT64, NU_MEMBER_INT32, NU_MEMBER_INT16, NU_MEMBER_MAYBE_INT,
    NU_MEMBER_BOOL, NU_MEMBER_MAYBE_BOOL,
    NU_MEMBER_DOUBLE, NU_MEMBER_MAYBE_FLOAT,
    NU_MEMBER_TEXT, NU_MEMBER_DECIMAL, NU_MEMBER_DATE, NU_MEMBER_TIME, NU_MEMBER_DATETIME,
    NU_MEMBER_DURATION, NU_MEMBER_UUID, NU_MEMBER_VALUE, NU_MEMBER_BYTES, NU_MEMBER_LIST,
    NU_MEMBER_RANGE,
    NU_MEMBER_REF_INT, NU_MEMBER_REF_TEXT, NU_MEMBER_REF_UUID,
    NU_MEMBER_ORDER, /* beside the struct: the place of .order_with_respect_to */
} nu_member;

/* What a deleted row does to the rows that refer to it. */
typedef enum nu_on_delete {
    NU_ON_DELETE_MISSING, /* refused when models are checked: say what you want */
    NU_CASCADE,           /* they go too */
    NU_PROTECT,           /* it may not be deleted: ProtectedError */
    NU_RESTRICT,          /* the same, unless they go for another reason */
    NU_SET_NULL,
    NU_SET_DEFAULT,
    NU_SET_VALUE,         /* .on_delete_value */
    NU_DO_NOTHING,        /* the database decides */
    /* The same three, done by the database itself, without being read or counted: ON DELETE … */
    NU_DB_CASCADE,
    NU_DB_SET_NULL,
    NU_DB_SET_DEFAULT,
} nu_on_delete;

/* One of a field's choices; an array of them ends with a NULL label. */
typedef struct nu_choice {
    nu_value                value;
    const char             *label;
    const struct nu_choice *group; /* choices below this label; value is unused then */
} nu_choice;
#define NU_CHOICES(...)             ((const nu_choice[]){__VA_ARGS__, {.label = NULL}})
#define NU_CHOICE(text, shown)      {.value = NU_CONST_TEXT(text), .label = (shown)}
#define NU_CHOICE_INT(number, shown) {.value = NU_CONST_INT(number), .label = (shown)}

/* A rule for a value; `check` raises ValidationError. Built-in ones are made by macros:
 *      .validators = NU_VALIDATORS(NU_MIN_VALUE(1), NU_PATTERN("^[a-z]+$", "Use small
 * letters.")) */
struct nu_validator {
    void (*check)(const nu_validator *self, nu_value value);
    nu_value    limit;
    const char *pattern;
    const char *message; /* NULL: the built-in sentence */
    const char *code;
};
#define NU_VALIDATORS(...) ((const nu_validator *const[]){__VA_ARGS__, NULL})
#define NU_VALIDATOR_(function, ...) (&(const nu_validator){.check = (function), __VA_ARGS__})
#define NU_MIN_VALUE(number)  NU_VALIDATOR_(nu_check_min_value, .limit = NU_CONST_INT(number))
#define NU_MAX_VALUE(number)  NU_VALIDATOR_(nu_check_max_value, .limit = NU_CONST_INT(number))
#define NU_MIN_LENGTH(number) NU_VALIDATOR_(nu_check_min_length, .limit = NU_CONST_INT(number))
#define NU_MAX_LENGTH(number) NU_VALIDATOR_(nu_check_max_length, .limit = NU_CONST_INT(number))
#define NU_PATTERN(regex, sentence) \
    NU_VALIDATOR_(nu_check_pattern, .pattern = (regex), .message = (sentence))
NU_PUBLIC void nu_check_min_value(const nu_validator *self, nu_value value);
NU_PUBLIC void nu_check_max_value(const nu_validator *self, nu_value value);
NU_PUBLIC void nu_check_min_length(const nu_validator *self, nu_value value);
NU_PUBLIC void nu_check_max_length(const nu_validator *self, nu_value value);
NU_PUBLIC void nu_check_pattern(const nu_validator *self, nu_value value);
NU_PUBLIC void nu_check_email(const nu_validator *self, nu_value value);
NU_PUBLIC void nu_check_url(const nu_validator *self, nu_value value);
NU_PUBLIC void nu_check_slug(const nu_validator *self, nu_value value);
NU_PUBLIC void nu_check_ip(const nu_validator *self, nu_value value);

#define NU_MESSAGES(...) ((const nu_pair[]){__VA_ARGS__, {.key = NULL}})

struct nu_field {
    const char          *name; /* NULL ends the table */
    const nu_field_type *type;
    uint32_t             offset; /* of the member in the struct */
    nu_member            member;

    bool primary_key, null, blank, unique, db_index;
    bool auto_now, auto_now_add;
    bool not_editable;                   /* left out of forms; Django's editable=False */
    int  max_length;
    int  max_digits, decimal_places;
    const nu_field *base_field;          /* of arrays: what their items are, NU_BASE(nu_field_int) */
    int             size;                /* of arrays: the most items; 0: any number */
    nu_value     default_value;          /* null: none; see default_null */
    bool         default_null;           /* the default is NULL itself */
    nu_value   (*default_fn)(void);
    const nu_expression *(*db_default)(void);
    const nu_expression *(*generated)(void); /* the column is computed by the database */
    bool         not_stored;             /* generated: computed when read */
    const nu_choice          *choices;   /* NU_CHOICES(NU_CHOICE("d", "Draft"), …) */
    const nu_choice        *(*choices_fn)(void); /* the same, asked for each time */
    const nu_validator *const *validators;
    /* Own sentences by code: NU_MESSAGES({"unique", NU_CONST_TEXT("That name is taken.")}) */
    const nu_pair *messages;
    const char  *verbose_name;           /* NULL: the name with spaces */
    const char  *help_text;
    const char  *db_column;              /* NULL: the name; "author_id" for a reference */
    const char  *db_comment;
    const char  *db_collation;           /* of texts: "nocase", "C" … */
    const char  *upload_to;              /* files */
    const char  *unique_for_date, *unique_for_month, *unique_for_year;
    bool         allow_unicode;          /* slugs: letters of every script */
    const char  *protocol;               /* IP addresses: "IPv4" or "IPv6"; NULL: both */
    bool         unpack_ipv4;            /* IP addresses: ::ffff:192.0.2.1 becomes 192.0.2.1 */
    const char  *path, *match;           /* file paths: the folder, a regular expression for names */
    bool         recursive, no_files, allow_folders; /* file paths: what of it */
    const char  *width_field, *height_field; /* images: whole numbers that hold the measures */

    /* relations */
    const nu_model *to;
    const char     *to_name;             /* "auth.User", where the C name cannot be known */
    const char     *to_field;            /* NULL: the primary key */
    nu_on_delete    on_delete;
    nu_value        on_delete_value;
    nu_value      (*on_delete_fn)(void); /* the same, computed */
    /* Rows that full_clean lets it refer to; the others' fields are named. */
    const nu_expression *(*limit_choices_to)(void);
    const char     *related_name;        /* "+": no way back */
    const char     *related_query_name;
    bool            no_constraint;       /* Django's db_constraint=False */
    bool            no_index;            /* a reference without an index */
    bool            parent_link;
    const nu_model *through;             /* many-to-many with a model of its own */
    const char     *through_name;        /* the same in a migration: "blog.Membership" */
    const char     *through_from, *through_to; /* fields of that model, if not obvious */
    const char     *db_table;            /* of an automatic many-to-many table */
    bool            asymmetrical;        /* many-to-many to itself: one way */
    const char     *ct_field, *fk_field; /* of a generic key; NULL: "content_type", "object_id" */
    bool            for_proxy;           /* a generic key keeps proxies apart from their model */

    /* where it was declared, for messages */
    const char *file;
    int         line;
};

/* ---- kinds of fields ------------------------------------------------------------------------ */

/* What kind of column a field is. An application may define its own, then uses NU_FIELD:
 *
 *      const nu_field_type colour_field = {
 *          .name = "ColourField", .symbol = "colour_field", .db = NU_DB_CHAR, .base = &nu_field_char,
 *          .max_length = 7, .clean = clean_colour, .expects = "a colour such as #ff8800",
 *      };
 *
 * Lookups and transforms of its own are registered with nu_register_lookup(&colour_field, …). */
struct nu_field_type {
    const char *name;     /* Django's class: "CharField" */
    nu_db_type  db;
    /* The kind it refines, whose lookups it has too: email's is char. NULL: none. */
    const nu_field_type *base;
    /* Any representation (form text, JSON, fixture, another kind of value) as a value of this kind;
     * false if it is none. Never called with null. NULL: any value will do. */
    bool (*clean)(const nu_field *field, nu_value value, nu_value *out);
    const char *expects;  /* for messages: "a whole number" */
    const char *invalid;  /* the sentence of a ValidationError, with %s for the value; NULL: made from
                           * `expects` */
    /* The cleaned value as it is bound to a statement; NULL: as it is. */
    nu_value (*store)(const nu_field *field, nu_value value);
    /* What the database gave, read by `db`, as a value of this kind. NULL: as it is. */
    nu_value (*load)(const nu_field *field, nu_value value);
    int64_t     least, most; /* of whole numbers; 0, 0: unlimited */
    int         max_length;  /* where the field does not say */
    bool        relation, many, to_one; /* any relation; many-to-many; one-to-one */
    bool        virtual;   /* no column: generic keys and relations */
    const nu_validator *validator; /* built in: e-mail, URL, slug … */
    const char *symbol;    /* the C name of the struct, by which migrations name it */
    /* The SQL type in a database ("sqlite", "postgresql"); NULL for what `db` says. Values still travel
     * as those of `db`. */
    const char *(*column_type)(const nu_field *field, const char *database);
};

extern NU_PUBLIC const nu_field_type
    nu_field_auto, nu_field_big_auto, nu_field_small_auto, nu_field_char, nu_field_text,
    nu_field_slug, nu_field_email, nu_field_url, nu_field_int, nu_field_small_int,
    nu_field_big_int, nu_field_positive_int, nu_field_positive_small_int,
    nu_field_positive_big_int, nu_field_float, nu_field_decimal, nu_field_bool, nu_field_date,
    nu_field_datetime, nu_field_time, nu_field_duration, nu_field_uuid, nu_field_json,
    nu_field_binary, nu_field_ip, nu_field_file, nu_field_image, nu_field_file_path, nu_field_foreign, nu_field_one_to_one,
    nu_field_many_to_many,
    nu_field_generic_key, nu_field_generic_relation,
    nu_field_array, nu_field_search_vector, nu_field_int_range, nu_field_big_int_range,
    nu_field_decimal_range, nu_field_date_range, nu_field_datetime_range, /* see nuages/postgres.h */
    nu_field_composite, /* of a key of several fields */
    nu_field_order;     /* of the implicit column "_order" */

/* A default for arrays and JSON, .default_fn = nu_list_default: a new empty list. */
NU_PUBLIC nu_value nu_list_default(void);
/* Defaults for UUID fields, .default_fn = nu_uuid7_default: by chance, and in the order of time. */
NU_PUBLIC nu_value nu_uuid4_default(void);
NU_PUBLIC nu_value nu_uuid7_default(void);
/* The choices there are now; NULL if the field takes any value. */
NU_PUBLIC const nu_choice *nu_field_choices(const nu_field *field);
/* What a file path field can be: the files and folders as choices, sorted, each with its path and the
 * part behind .path. Raises SystemError if the folder cannot be read. Blocks. */
NU_PUBLIC NU_RETURNS_NONNULL const nu_choice *nu_file_path_choices(const nu_field *field);

/* ---- the macros ----------------------------------------------------------------------------- */

/* NU_CHAR(article, title, .max_length = 200) and so on: one for each kind. Some share their name
 * with an enumerator of nu_type; a macro with arguments does not get in its way. */
/* clang-format off */
#define NU_CHAR(model, member, ...) \
    NU_FIELD_("NU_CHAR", nu_field_char, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_TEXT(model, member, ...) \
    NU_FIELD_("NU_TEXT", nu_field_text, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_SLUG(model, member, ...) \
    NU_FIELD_("NU_SLUG", nu_field_slug, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_EMAIL(model, member, ...) \
    NU_FIELD_("NU_EMAIL", nu_field_email, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_URL(model, member, ...) \
    NU_FIELD_("NU_URL", nu_field_url, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_FILE(model, member, ...) \
    NU_FIELD_("NU_FILE", nu_field_file, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_IMAGE(model, member, ...) \
    NU_FIELD_("NU_IMAGE", nu_field_image, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_FILE_PATH(model, member, ...) \
    NU_FIELD_("NU_FILE_PATH", nu_field_file_path, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_IP(model, member, ...) \
    NU_FIELD_("NU_IP", nu_field_ip, model, member, NU_MEMBER_TEXT_, "const char *", __VA_ARGS__)
#define NU_AUTO(model, member, ...) \
    NU_FIELD_("NU_AUTO", nu_field_auto, model, member, NU_MEMBER_BIG_, "int64_t", __VA_ARGS__)
#define NU_SMALL_AUTO(model, member, ...) \
    NU_FIELD_("NU_SMALL_AUTO", nu_field_small_auto, model, member, NU_MEMBER_BIG_, "int64_t", __VA_ARGS__)
#define NU_BIG_AUTO(model, member, ...) \
    NU_FIELD_("NU_BIG_AUTO", nu_field_big_auto, model, member, NU_MEMBER_BIG_, "int64_t", __VA_ARGS__)
#define NU_INT(model, member, ...) \
    NU_FIELD_("NU_INT", nu_field_int, model, member, NU_MEMBER_INT_, "int64_t, int32_t, int16_t or nu_maybe_int", __VA_ARGS__)
#define NU_SMALL_INT(model, member, ...) \
    NU_FIELD_("NU_SMALL_INT", nu_field_small_int, model, member, NU_MEMBER_INT_, "int64_t, int32_t, int16_t or nu_maybe_int", __VA_ARGS__)
#define NU_BIG_INT(model, member, ...) \
    NU_FIELD_("NU_BIG_INT", nu_field_big_int, model, member, NU_MEMBER_BIG_, "int64_t or nu_maybe_int", __VA_ARGS__)
#define NU_POSITIVE_INT(model, member, ...) \
    NU_FIELD_("NU_POSITIVE_INT", nu_field_positive_int, model, member, NU_MEMBER_INT_, "int64_t, int32_t, int16_t or nu_maybe_int", __VA_ARGS__)
#define NU_POSITIVE_SMALL_INT(model, member, ...) \
    NU_FIELD_("NU_POSITIVE_SMALL_INT", nu_field_positive_small_int, model, member, NU_MEMBER_INT_, "int64_t, int32_t, int16_t or nu_maybe_int", __VA_ARGS__)
#define NU_POSITIVE_BIG_INT(model, member, ...) \
    NU_FIELD_("NU_POSITIVE_BIG_INT", nu_field_positive_big_int, model, member, NU_MEMBER_BIG_, "int64_t or nu_maybe_int", __VA_ARGS__)
#define NU_FLOAT(model, member, ...) \
    NU_FIELD_("NU_FLOAT", nu_field_float, model, member, NU_MEMBER_FLOAT_, "double or nu_maybe_float", __VA_ARGS__)
#define NU_DECIMAL(model, member, ...) \
    NU_FIELD_("NU_DECIMAL", nu_field_decimal, model, member, NU_MEMBER_DECIMAL_, "nu_decimal", __VA_ARGS__)
#define NU_BOOL(model, member, ...) \
    NU_FIELD_("NU_BOOL", nu_field_bool, model, member, NU_MEMBER_BOOL_, "bool or nu_maybe_bool", __VA_ARGS__)
#define NU_DATE(model, member, ...) \
    NU_FIELD_("NU_DATE", nu_field_date, model, member, NU_MEMBER_DATE_, "nu_date", __VA_ARGS__)
#define NU_DATETIME(model, member, ...) \
    NU_FIELD_("NU_DATETIME", nu_field_datetime, model, member, NU_MEMBER_DATETIME_, "nu_datetime", __VA_ARGS__)
#define NU_TIME(model, member, ...) \
    NU_FIELD_("NU_TIME", nu_field_time, model, member, NU_MEMBER_TIME_, "nu_time", __VA_ARGS__)
#define NU_DURATION(model, member, ...) \
    NU_FIELD_("NU_DURATION", nu_field_duration, model, member, NU_MEMBER_DURATION_, "nu_duration", __VA_ARGS__)
#define NU_UUID(model, member, ...) \
    NU_FIELD_("NU_UUID", nu_field_uuid, model, member, NU_MEMBER_UUID_, "nu_uuid", __VA_ARGS__)
#define NU_JSON(model, member, ...) \
    NU_FIELD_("NU_JSON", nu_field_json, model, member, NU_MEMBER_VALUE_, "nu_value", __VA_ARGS__)
#define NU_BINARY(model, member, ...) \
    NU_FIELD_("NU_BINARY", nu_field_binary, model, member, NU_MEMBER_BYTES_, "nu_bytes", __VA_ARGS__)

/* References: the member is a nu_ref(other). The column is the name with "_id". */
#define NU_FOREIGN(model, member, ...) NU_REF_("NU_FOREIGN", nu_field_foreign, model, member, __VA_ARGS__)
#define NU_ONE_TO_ONE(model, member, ...) NU_REF_("NU_ONE_TO_ONE", nu_field_one_to_one, model, member, __VA_ARGS__)
/* The reference to the parent's row of a model with .parent, where it is not to be "place_ptr":
 * NU_PARENT_LINK("place", .related_name = "as_bar"). It has no member: its key is the row's. */
#define NU_PARENT_LINK(field_name, ...)                                                       \
    {.name = field_name "", .type = &nu_field_one_to_one, .on_delete = NU_CASCADE,            \
     .primary_key = true, .parent_link = true, .file = __FILE__, .line = __LINE__, __VA_ARGS__}
/* Many-to-many has no member: NU_MANY(article, "tags", .to = &tag_model) */
#define NU_MANY(model, field_name, ...)                                                       \
    {.name = field_name "", .type = &nu_field_many_to_many,                                   \
     .offset = 0 * sizeof(struct model), .file = __FILE__, .line = __LINE__, __VA_ARGS__}
/* A reference to a row of any model: its content type and key are in two other fields of the model.
 * Neither member nor column; see nuages/contenttypes.h. */
#define NU_GENERIC_KEY(field_name, ...)                                                       \
    {.name = field_name "", .type = &nu_field_generic_key, .file = __FILE__, .line = __LINE__, \
     ##__VA_ARGS__}
/* The rows of .to whose generic key leads here: NU_GENERIC_RELATION("likes", .to = &like_model,
 * .related_query_name = "article"). With that name, lookups lead back. */
#define NU_GENERIC_RELATION(field_name, ...)                                                  \
    {.name = field_name "", .type = &nu_field_generic_relation, .file = __FILE__,             \
     .line = __LINE__, __VA_ARGS__}
/* A kind of your own: NU_FIELD(&colour_field, article, colour, .null = true). Any member that a
 * built-in kind takes will do. */
#define NU_FIELD(field_type, model, member_name, ...)                                         \
    {.name = #member_name, .type = (field_type), .offset = offsetof(struct model, member_name), \
     .member = NU_MEMBER_ANY_(((struct model *)0)->member_name), .file = __FILE__,            \
     .line = __LINE__, __VA_ARGS__}

/* What the items of an array are: any kind of field but relations and automatic keys. .null lets items
 * be NULL. */
#define NU_BASE(kind, ...) (&(const nu_field){.type = &(kind), __VA_ARGS__})

#define NU_FIELD_(macro, field_type, model, member_name, member_of, words, ...)               \
    {.name = #member_name, .type = &field_type,                                               \
     .offset = offsetof(struct model, member_name) + 0 * sizeof(struct {                      \
         _Static_assert(member_of(((struct model *)0)->member_name) != NU_MEMBER_NONE,        \
             macro "(" #model ", " #member_name "): the member must be " words); int nu_; }), \
     .member = member_of(((struct model *)0)->member_name),                                   \
     .file = __FILE__, .line = __LINE__, __VA_ARGS__}
#define NU_REF_(macro, field_type, model, member_name, ...)                                   \
    {.name = #member_name, .type = &field_type,                                               \
     .offset = offsetof(struct model, member_name) + 0 * sizeof(struct {                      \
         _Static_assert(NU_MEMBER_REF_(((struct model *)0)->member_name.id) != NU_MEMBER_NONE, \
             macro "(" #model ", " #member_name "): the member must be nu_ref(other_model)"); int nu_; }), \
     .member = NU_MEMBER_REF_(((struct model *)0)->member_name.id),                           \
     .file = __FILE__, .line = __LINE__, __VA_ARGS__}

#define NU_MEMBER_TEXT_(x)     _Generic((x), const char *: NU_MEMBER_TEXT, default: NU_MEMBER_NONE)
#define NU_MEMBER_BIG_(x)      _Generic((x), long: NU_MEMBER_INT64, long long: NU_MEMBER_INT64, nu_maybe_int: NU_MEMBER_MAYBE_INT, default: NU_MEMBER_NONE)
#define NU_MEMBER_INT_(x)      _Generic((x), long: NU_MEMBER_INT64, long long: NU_MEMBER_INT64, int: NU_MEMBER_INT32, short: NU_MEMBER_INT16, nu_maybe_int: NU_MEMBER_MAYBE_INT, default: NU_MEMBER_NONE)
#define NU_MEMBER_FLOAT_(x)    _Generic((x), double: NU_MEMBER_DOUBLE, nu_maybe_float: NU_MEMBER_MAYBE_FLOAT, default: NU_MEMBER_NONE)
#define NU_MEMBER_BOOL_(x)     _Generic((x), bool: NU_MEMBER_BOOL, nu_maybe_bool: NU_MEMBER_MAYBE_BOOL, default: NU_MEMBER_NONE)
#define NU_MEMBER_DECIMAL_(x)  _Generic((x), nu_decimal: NU_MEMBER_DECIMAL, default: NU_MEMBER_NONE)
#define NU_MEMBER_DATE_(x)     _Generic((x), nu_date: NU_MEMBER_DATE, default: NU_MEMBER_NONE)
#define NU_MEMBER_TIME_(x)     _Generic((x), nu_time: NU_MEMBER_TIME, default: NU_MEMBER_NONE)
#define NU_MEMBER_DATETIME_(x) _Generic((x), nu_datetime: NU_MEMBER_DATETIME, default: NU_MEMBER_NONE)
#define NU_MEMBER_DURATION_(x) _Generic((x), nu_duration: NU_MEMBER_DURATION, default: NU_MEMBER_NONE)
#define NU_MEMBER_UUID_(x)     _Generic((x), nu_uuid: NU_MEMBER_UUID, default: NU_MEMBER_NONE)
#define NU_MEMBER_VALUE_(x)    _Generic((x), nu_value: NU_MEMBER_VALUE, default: NU_MEMBER_NONE)
#define NU_MEMBER_LIST_(x)     _Generic((x), nu_list *: NU_MEMBER_LIST, default: NU_MEMBER_NONE)
#define NU_MEMBER_RANGE_(x)    _Generic((x), const nu_value_range *: NU_MEMBER_RANGE, default: NU_MEMBER_NONE)
#define NU_MEMBER_BYTES_(x)    _Generic((x), nu_bytes: NU_MEMBER_BYTES, default: NU_MEMBER_NONE)
#define NU_MEMBER_REF_(x)      _Generic((x), long: NU_MEMBER_REF_INT, long long: NU_MEMBER_REF_INT, const char *: NU_MEMBER_REF_TEXT, nu_uuid: NU_MEMBER_REF_UUID, default: NU_MEMBER_NONE)
#define NU_MEMBER_ANY_(x)                                                                     \
    _Generic((x), const char *: NU_MEMBER_TEXT, long: NU_MEMBER_INT64, long long: NU_MEMBER_INT64, \
        int: NU_MEMBER_INT32, short: NU_MEMBER_INT16, nu_maybe_int: NU_MEMBER_MAYBE_INT,      \
        bool: NU_MEMBER_BOOL, nu_maybe_bool: NU_MEMBER_MAYBE_BOOL, double: NU_MEMBER_DOUBLE,  \
        nu_maybe_float: NU_MEMBER_MAYBE_FLOAT, nu_decimal: NU_MEMBER_DECIMAL,                 \
        nu_date: NU_MEMBER_DATE, nu_time: NU_MEMBER_TIME, nu_datetime: NU_MEMBER_DATETIME,    \
        nu_duration: NU_MEMBER_DURATION, nu_uuid: NU_MEMBER_UUID, nu_value: NU_MEMBER_VALUE,  \
        nu_bytes: NU_MEMBER_BYTES, nu_list *: NU_MEMBER_LIST,                                      \
        const nu_value_range *: NU_MEMBER_RANGE)
/* clang-format on */
