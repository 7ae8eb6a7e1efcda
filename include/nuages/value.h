/* nu_value: the one type that templates, queries, forms, JSON, sessions, cache, tasks and fixtures
 * speak. Sixteen bytes, passed by value. Text, bytes, lists and so on are borrowed from an arena;
 * nu_value_copy takes everything along into another one. */
#pragma once

#include "nuages/decimal.h"
#include "nuages/error.h"
#include "nuages/time.h"

typedef enum nu_type {
    NU_NULL,     /* zero-filled; Python's None */
    NU_BOOL,     /* .boolean */
    NU_INT,      /* .integer */
    NU_FLOAT,    /* .number */
    NU_DECIMAL,  /* .decimal */
    NU_TEXT,     /* .text, .length: UTF-8, always followed by a NUL */
    NU_BYTES,    /* .bytes, .length */
    NU_DATE,     /* .days */
    NU_TIME,     /* .us */
    NU_DATETIME, /* .us, .offset; flag NU_NAIVE */
    NU_DURATION, /* .us */
    NU_UUID,     /* .uuid */
    NU_LIST,     /* .list */
    NU_DICT,     /* .dict: keeps the order of insertion */
    NU_OBJECT,   /* .object: a row, a query, a form…, by its nu_class */
    NU_FUNCTION, /* .function */
} nu_type;

enum {
    NU_SAFE  = 1, /* text: HTML that needs no escaping */
    NU_NAIVE = 2, /* datetime: without a zone */
    NU_TUPLE = 4, /* list: Python's tuple, where the difference shows */
};

typedef struct nu_uuid { uint8_t bytes[16]; bool set; } nu_uuid;

typedef struct nu_value    nu_value;
typedef struct nu_list     nu_list;
typedef struct nu_dict     nu_dict;
typedef struct nu_class    nu_class;
typedef struct nu_function nu_function;

struct nu_value {
    uint8_t  type;  /* nu_type */
    uint8_t  flags; /* NU_SAFE … */
    union {
        uint16_t reserved;
        uint16_t zone; /* datetime: the zone it is tied to, by its number in i18n/; 0: none */
    };
    union {
        uint32_t length; /* of text and bytes */
        int32_t  offset; /* datetime: minutes east of UTC it was written with */
    };
    union {
        bool               boolean;
        int64_t            integer;
        double             number;
        const nu_decimal  *decimal;
        const char        *text;
        const uint8_t     *bytes;
        int32_t            days;
        int64_t            us;
        const nu_uuid     *uuid;
        nu_list           *list;
        nu_dict           *dict;
        void              *object;
        const nu_function *function;
    };
};

struct nu_list {
    nu_value *items;
    uint32_t  count, capacity;
    nu_arena *arena;
};

/* What an object can do. The first member of every object is `const nu_class *class`; members that
 * are NULL here mean "cannot". None of these may be called with another class's object. */
struct nu_class {
    const char *name; /* for messages: "Article", "query" */
    /* The attribute `key`: true and *out, or false if there is none. May wait. */
    bool (*get)(void *self, const char *key, size_t length, nu_value *out);
    /* The item at `index` from 0; false if there is none. May wait. */
    bool (*at)(void *self, int64_t index, nu_value *out);
    /* Number of items, or -1 if it cannot be counted without reading them. May wait. */
    int64_t (*count)(void *self);
    /* Python's str(): text or plain data, no object; in the current arena. */
    nu_value (*text)(void *self);
    /* Python's bool(); NULL: count() != 0 where there is a count, else true. */
    bool (*truth)(void *self);
    /* Equality beyond identity. */
    bool (*equal)(void *self, nu_value other);
    /* The whole as plain data (list or dict), for JSON. */
    nu_value (*plain)(void *self);
    /* Python's call; NULL: not callable. Templates call what is callable. */
    nu_value (*call)(void *self, const nu_value *args, size_t count);
};

/* What every object starts with. */
typedef struct nu_object { const nu_class *class; } nu_object;

/* A C function as a value. */
struct nu_function {
    const char *name;
    nu_value (*call)(void *self, const nu_value *args, size_t count);
    void    *self;
    bool     alters_data; /* templates never call it, as in Django */
};

/* ---- making ----------------------------------------------------------------------------------- */

/* Any C value as a nu_value: NU_V(5), NU_V("text"), NU_V(article), NU_V(nu_now()). A char * must be
 * NUL-terminated UTF-8; it is borrowed, and NULL is null. A struct whose `set` is false is null. A
 * pointer to anything else must be an object (a model's row, a query, a form …). */
#define NU_V(x)                                                                               \
    _Generic((x),                                                                             \
        nu_value: nu_value_same_,                                                             \
        bool: nu_value_bool,                                                                  \
        char: nu_value_int, signed char: nu_value_int, unsigned char: nu_value_int,           \
        short: nu_value_int, unsigned short: nu_value_int,                                    \
        int: nu_value_int, unsigned: nu_value_int,                                            \
        long: nu_value_int, unsigned long: nu_value_unsigned,                                 \
        long long: nu_value_int, unsigned long long: nu_value_unsigned,                       \
        float: nu_value_float, double: nu_value_float,                                        \
        char *: nu_value_text, const char *: nu_value_text,                                   \
        nu_decimal: nu_value_decimal,                                                         \
        nu_date: nu_value_date, nu_time: nu_value_time,                                       \
        nu_datetime: nu_value_datetime, nu_duration: nu_value_duration,                       \
        nu_uuid: nu_value_uuid,                                                               \
        nu_list *: nu_value_list, nu_dict *: nu_value_dict,                                   \
        const nu_list *: nu_value_list, const nu_dict *: nu_value_dict,                       \
        const nu_function *: nu_value_function, nu_function *: nu_value_function,             \
        const char *const *: nu_value_texts, const char **: nu_value_texts,                   \
        default: nu_value_object)(x)

/* Constants for tables, where a call is not allowed: .default_value = NU_CONST_INT(3) */
#define NU_CONST_TEXT(s)  { .type = NU_TEXT, .length = sizeof(s "") - 1, .text = (s) }
#define NU_CONST_INT(i)   { .type = NU_INT, .integer = (i) }
#define NU_CONST_BOOL(b)  { .type = NU_BOOL, .boolean = (b) }
#define NU_CONST_FLOAT(d) { .type = NU_FLOAT, .number = (d) }

static inline nu_value nu_null(void) { return (nu_value){.type = NU_NULL}; }
static inline nu_value nu_value_same_(nu_value v) { return v; }
static inline nu_value nu_value_bool(bool b) { return (nu_value){.type = NU_BOOL, .boolean = b}; }
static inline nu_value nu_value_int(int64_t i) { return (nu_value){.type = NU_INT, .integer = i}; }
/* Above INT64_MAX it becomes a decimal. */
NU_PUBLIC nu_value nu_value_unsigned(uint64_t u);
static inline nu_value nu_value_float(double d) { return (nu_value){.type = NU_FLOAT, .number = d}; }
NU_PUBLIC nu_value nu_value_text(const char *text);
/* `length` bytes of UTF-8 followed by a NUL, borrowed. */
NU_PUBLIC nu_value nu_value_text_n(const char *text, size_t length);
/* A copy of `length` bytes, in the current arena. */
NU_PUBLIC nu_value nu_value_text_copy(const char *text, size_t length);
/* Text that is HTML already. */
NU_PUBLIC nu_value nu_value_safe(const char *html);
NU_PUBLIC nu_value nu_value_bytes(const void *bytes, size_t length);
NU_PUBLIC nu_value nu_value_decimal(nu_decimal decimal);
NU_PUBLIC nu_value nu_value_date(nu_date date);
NU_PUBLIC nu_value nu_value_time(nu_time time);
NU_PUBLIC nu_value nu_value_datetime(nu_datetime moment);
NU_PUBLIC nu_value nu_value_duration(nu_duration duration);
NU_PUBLIC nu_value nu_value_uuid(nu_uuid uuid);
NU_PUBLIC nu_value nu_value_list(nu_list *list);
NU_PUBLIC nu_value nu_value_dict(nu_dict *dict);
NU_PUBLIC nu_value nu_value_function(const nu_function *function);
/* A NULL-ended list of texts. */
NU_PUBLIC nu_value nu_value_texts(const char *const *texts);
/* `object` starts with `const nu_class *`; NULL gives null. */
NU_PUBLIC nu_value nu_value_object(const void *object);

/* ---- asking ----------------------------------------------------------------------------------- */

static inline bool nu_is_null(nu_value v) { return v.type == NU_NULL; }
static inline bool nu_is_text(nu_value v) { return v.type == NU_TEXT; }
/* "int", "text", "Article"… for messages. */
NU_PUBLIC const char *nu_value_type_name(nu_value value);
/* Python's bool(). May wait for an object. */
NU_PUBLIC bool nu_truth(nu_value value);
/* Python's ==: 1 == 1.0 == True; dates with dates; lists and dicts by content. */
NU_PUBLIC bool nu_equal(nu_value a, nu_value b);
/* Python's < = >; false if the two cannot be ordered, else *out is -1, 0 or 1. */
NU_PUBLIC NU_MUST_USE bool nu_compare_try(nu_value a, nu_value b, int *out);
/* Python's str(): "True", "None", "3.0", ISO dates; text as it is. In the current arena. */
NU_PUBLIC nu_value nu_value_str(nu_value value);
/* The same as a C string. */
NU_PUBLIC const char *nu_text(nu_value value);
/* Python's repr(): as a programmer would write it, "'text'", "Decimal('1.5')". In the current arena. */
NU_PUBLIC nu_value nu_repr(nu_value value);
/* Whole number from an int, bool, integral float or decimal, or text; ValueError otherwise. */
NU_PUBLIC int64_t nu_int(nu_value value);
NU_PUBLIC NU_MUST_USE bool nu_int_try(nu_value value, int64_t *out);
NU_PUBLIC NU_MUST_USE bool nu_float_try(nu_value value, double *out);
NU_PUBLIC NU_MUST_USE bool nu_decimal_of_value_try(nu_value value, nu_decimal *out);
/* The typed structs; unset if the value is null or of another type. */
NU_PUBLIC nu_date     nu_value_as_date(nu_value value);
NU_PUBLIC nu_time     nu_value_as_time(nu_value value);
NU_PUBLIC nu_datetime nu_value_as_datetime(nu_value value);
NU_PUBLIC nu_duration nu_value_as_duration(nu_value value);
/* The value with everything it refers to copied into `arena`. Objects and functions stay borrowed. */
NU_PUBLIC nu_value nu_value_copy(nu_arena *arena, nu_value value);

/* ---- lists ------------------------------------------------------------------------------------ */

/* An empty list in the current arena. */
NU_PUBLIC NU_RETURNS_NONNULL nu_list *nu_list_new(void);
/* nu_list_of(1, "two", article): a list of any values. */
#define nu_list_of(...) nu_list_of_((const nu_value[]){NU_VALUES_(__VA_ARGS__)}, NU_NARGS_(__VA_ARGS__))
NU_PUBLIC void nu_list_push(nu_list *list, nu_value value);
#define nu_list_add(list, x) nu_list_push((list), NU_V(x))
/* Negative counts from the end; false outside. */
NU_PUBLIC NU_MUST_USE bool nu_list_at(const nu_list *list, int64_t index, nu_value *out);

/* ---- dicts ------------------------------------------------------------------------------------ */

typedef struct nu_entry { nu_value key, value; } nu_entry;

/* An empty dict in the current arena. Keys are hashed with a per-process secret, so that a client
 * cannot make them collide. */
NU_PUBLIC NU_RETURNS_NONNULL nu_dict *nu_dict_new(void);
/* nu_dict_of("title", "A", "count", 3) */
#define nu_dict_of(...) nu_dict_of_(NU_PAIRS(__VA_ARGS__))
/* Adds or replaces. `key` is borrowed: a literal, or in an arena that lives as long. */
#define nu_dict_set(dict, key, x) nu_dict_put((dict), nu_value_text(key), NU_V(x))
NU_PUBLIC void nu_dict_put(nu_dict *dict, nu_value key, nu_value value);
/* NULL if there is none; else valid until the dict changes. */
NU_PUBLIC nu_value *nu_dict_find(const nu_dict *dict, const char *key);
NU_PUBLIC nu_value *nu_dict_find_n(const nu_dict *dict, const char *key, size_t length);
NU_PUBLIC nu_value *nu_dict_find_value(const nu_dict *dict, nu_value key);
/* null if there is none */
NU_PUBLIC nu_value nu_dict_get(const nu_dict *dict, const char *key);
NU_PUBLIC bool     nu_dict_remove(nu_dict *dict, const char *key);
NU_PUBLIC uint32_t nu_dict_count(const nu_dict *dict);
/* Walks in order of insertion: for (nu_entry *e = NULL; (e = nu_dict_next(dict, e));) … */
NU_PUBLIC nu_entry *nu_dict_next(const nu_dict *dict, const nu_entry *after);

/* ---- keyword pairs ---------------------------------------------------------------------------- */

/* One keyword argument. */
typedef struct nu_pair {
    const char *key;
    nu_value    value;
} nu_pair;

/* Keyword arguments, passed as one argument of a function: nu_filter_(query, NU_PAIRS("live", true)).
 * None at all is allowed; an odd number does not compile. Sixteen pairs at most. */
typedef struct nu_pairs {
    const nu_pair *items;
    size_t         count;
} nu_pairs;
#include "nuages/pairs.h"

NU_PUBLIC nu_dict *nu_dict_of_(nu_pairs pairs);
NU_PUBLIC nu_list *nu_list_of_(const nu_value *items, size_t count);
