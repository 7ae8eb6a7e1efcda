/* How SQLite spells Django's functions, operators and lookups. Functions named nu_… are ours: see
 * text_functions.c, numbers.c, string_agg.c and dates.c. */
#include <string.h>

#include "db/sqlite/internal.h"
#include "nuages/json.h"

static void put(nu_db_call *call, const char *text)
{
    nu_builder_puts(call->sql, text);
}

/* ---- text ----------------------------------------------------------------------------------- */

/* NULL counts as an empty text. */
static void concat(nu_db_call *call)
{
    put(call, "(");
    for (size_t i = 0; i < call->count; i++) {
        put(call, i > 0 ? " || COALESCE(" : "COALESCE(");
        call->put(call, i);
        put(call, ", '')");
    }
    put(call, ")");
}

/* A UUID is kept without hyphens. */
static void like(nu_db_call *call)
{
    bool uuid = call->types[0].type == NU_DB_UUID;
    call->put(call, 0);
    put(call, uuid ? " LIKE REPLACE(" : " LIKE ");
    call->put(call, 1);
    put(call, uuid ? ", '-', '')" : "");
    put(call, " ESCAPE '\\'");
}

/* GROUP_CONCAT knows neither an order nor DISTINCT with a separator before SQLite 3.44. */
static void string_agg(nu_db_call *call)
{
    nu_builder_printf(call->sql, "nu_string_agg(%d, '", call->distinct);
    for (size_t i = 0; i < call->order_count; i++)
        nu_builder_putc(call->sql, call->orders[i].descending ? 'd' : 'a');
    put(call, "', ");
    call->put(call, 0);
    put(call, ", ");
    call->put(call, 1);
    for (size_t i = 0; i < call->order_count; i++) {
        put(call, ", ");
        call->put_order(call, i);
    }
    put(call, ")");
}

/* ---- conversion ----------------------------------------------------------------------------- */

/* The types of columns give affinities; dates are texts in their usual form. */
static void cast(nu_db_call *call)
{
    switch (call->type.type) {
    case NU_DB_DATE: put(call, "STRFTIME('%Y-%m-%d', "); break;
    case NU_DB_TIME: put(call, "STRFTIME('%H:%M:%f', "); break;
    case NU_DB_DATETIME: put(call, "STRFTIME('%Y-%m-%d %H:%M:%f', "); break;
    default:
        put(call, "CAST(");
        call->put(call, 0);
        put(call, " AS ");
        nu_db_sqlite.column_type(call->sql, call->type);
        put(call, ")");
        return;
    }
    call->put(call, 0);
    put(call, ")");
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void put_number_or_name(nu_builder *path, nu_value key)
{
    nu_value number = key;
    int64_t  index;
    if (key.type == NU_TEXT && nu_parse_int(key.text, key.length, &index))
        number = nu_value_int(index);
    if (number.type == NU_INT) {
        nu_builder_printf(path, "[%lld]", (long long)number.integer);
        return;
    }
    nu_builder_putc(path, '.');
    nu_json_write(path, key, &(nu_json_options){.ascii = true}); /* as the texts are stored */
}

/* $."name"[0] as a parameter, kept with the call: it is written several times. */
static nu_value *path_of(nu_db_call *call)
{
    nu_builder path;
    nu_value  *value = nu_alloc(sizeof *value);
    nu_builder_init(&path, NULL, 64);
    nu_builder_putc(&path, '$');
    for (size_t i = 0; i < call->key_count; i++)
        put_number_or_name(&path, call->keys[i]);
    *value = nu_builder_value(&path);
    return value;
}

static void put_json(nu_db_call *call, const char *function, const nu_value *path)
{
    put(call, function);
    put(call, "(");
    call->put(call, 0);
    put(call, ", ");
    call->param(call, path);
    put(call, ")");
}

/* JSON_EXTRACT would turn true and false to 1 and 0. */
static void json_key(nu_db_call *call)
{
    const nu_value *path = path_of(call);
    put(call, "(CASE WHEN ");
    put_json(call, "JSON_TYPE", path);
    put(call, " IN ('false', 'true') THEN ");
    put_json(call, "JSON_TYPE", path);
    put(call, " ELSE ");
    put_json(call, "JSON_EXTRACT", path);
    put(call, " END)");
}

static void json_has_key(nu_db_call *call)
{
    put_json(call, "JSON_TYPE", path_of(call));
    put(call, " IS NOT NULL");
}

static void json_key_missing(nu_db_call *call)
{
    put_json(call, "JSON_TYPE", path_of(call));
    put(call, " IS NULL");
}

static void json_key_null(nu_db_call *call)
{
    put_json(call, "JSON_TYPE", path_of(call));
    put(call, " = 'null'");
}

/* What is JSON already goes in as JSON, not as a text. */
static void put_item(nu_db_call *call, size_t at)
{
    bool json = call->types[at].type == NU_DB_JSON, yes = call->types[at].type == NU_DB_BOOL;
    put(call, json || yes ? "JSON(" : "");
    if (yes)
        put(call, "CASE ");
    call->put(call, at);
    if (yes)
        put(call, " WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END");
    put(call, json || yes ? ")" : "");
}

static void json_array(nu_db_call *call)
{
    put(call, "JSON_ARRAY(");
    for (size_t i = 0; i < call->count; i++) {
        put(call, i > 0 ? ", " : "");
        put_item(call, i);
    }
    put(call, ")");
}

static void json_object(nu_db_call *call)
{
    put(call, "JSON_OBJECT(");
    for (size_t i = 0; i < call->count; i += 2) {
        put(call, i > 0 ? ", " : "");
        call->put(call, i);
        put(call, ", ");
        put_item(call, i + 1);
    }
    put(call, ")");
}

/* ---- aggregates ------------------------------------------------------------------------------ */

/* Dates and times are texts here, which no sum can be made of. */
static void number_aggregate(nu_db_call *call)
{
    static const char *const names[][2] = {
        {"Avg", "AVG"},
        {"StdDev", "nu_stddev_pop"},
        {"StdDev sample", "nu_stddev_samp"},
        {"Sum", "SUM"},
        {"Variance", "nu_var_pop"},
        {"Variance sample", "nu_var_samp"},
    };
    nu_db_type of = call->types[0].type;
    size_t     at = 0;
    if (of == NU_DB_DATE || of == NU_DB_TIME || of == NU_DB_DATETIME)
        nu_raise(NU_NOT_SUPPORTED, "SQLite keeps dates and times as text: \"%s\" takes none",
                 call->name);
    while (strcmp(names[at][0], call->name) != 0)
        at++;
    put(call, names[at][1]);
    put(call, call->distinct ? "(DISTINCT " : "(");
    call->put(call, 0);
    put(call, ")");
}

/* ---- the table ------------------------------------------------------------------------------ */

/* Sorted by name. */
/* clang-format off */
static const nu_db_function functions[] = {
    {.name = "#", .sql = "nu_bit_xor({1}, {2})"},
    {.name = "ACos", .sql = "ACOS({1})"},
    {.name = "ASin", .sql = "ASIN({1})"},
    {.name = "ATan", .sql = "ATAN({1})"},
    {.name = "ATan2", .sql = "ATAN2({1}, {2})"},
    {.name = "Abs", .sql = "ABS({1})"},
    {.name = "AnyValue", .sql = "MAX({distinct}{1})"},
    {.name = "Avg", .write = number_aggregate},
    {.name = "Cast", .write = cast},
    {.name = "Ceil", .sql = "CEILING({1})"},
    {.name = "Chr", .sql = "CHAR({1})"},
    {.name = "Coalesce", .sql = "COALESCE({*})"},
    {.name = "Concat", .write = concat},
    {.name = "Cos", .sql = "COS({1})"},
    {.name = "Cot", .sql = "(1 / TAN({1}))"},
    {.name = "Count", .sql = "COUNT({distinct}{1})"},
    {.name = "CumeDist", .sql = "CUME_DIST()"},
    {.name = "Degrees", .sql = "DEGREES({1})"},
    {.name = "DenseRank", .sql = "DENSE_RANK()"},
    {.name = "Exp", .sql = "EXP({1})"},
    {.name = "FirstValue", .sql = "FIRST_VALUE({1})"},
    {.name = "Floor", .sql = "FLOOR({1})"},
    {.name = "Greatest", .sql = "MAX({*})"},
    {.name = "HasKey", .write = json_has_key},
    {.name = "JSON number", .sql = "JSON_EXTRACT({1}, '$')"},
    {.name = "JSON value", .sql = "(CASE WHEN JSON_TYPE({1}) IN ('false', 'true') THEN JSON_TYPE({1}) ELSE JSON_EXTRACT({1}, '$') END)"},
    {.name = "JSONArray", .write = json_array},
    {.name = "JSONObject", .write = json_object},
    {.name = "KeyMissing", .write = json_key_missing},
    {.name = "KeyNull", .write = json_key_null},
    {.name = "KeyPresent", .write = json_has_key},
    {.name = "KeyTextTransform", .write = json_key},
    {.name = "KeyTransform", .write = json_key},
    {.name = "LPad", .sql = "nu_pad({1}, {2}, {3}, 1)"},
    {.name = "LTrim", .sql = "LTRIM({1})"},
    {.name = "Lag", .sql = "LAG({*})"},
    {.name = "LastValue", .sql = "LAST_VALUE({1})"},
    {.name = "Lead", .sql = "LEAD({*})"},
    {.name = "Least", .sql = "MIN({*})"},
    {.name = "Left", .sql = "SUBSTR({1}, 1, {2})"},
    {.name = "Length", .sql = "LENGTH({1})"},
    {.name = "Ln", .sql = "LN({1})"},
    {.name = "Log", .sql = "LOG({1}, {2})"},
    {.name = "Lower", .sql = "LOWER({1})"},
    {.name = "MD5", .sql = "nu_digest('md5', {1})"},
    {.name = "Max", .sql = "MAX({distinct}{1})"},
    {.name = "Min", .sql = "MIN({distinct}{1})"},
    {.name = "Mod", .sql = "MOD({1}, {2})"},
    {.name = "Now", .sql = "STRFTIME('%Y-%m-%d %H:%M:%f', 'now')"},
    {.name = "NthValue", .sql = "NTH_VALUE({1}, {2})"},
    {.name = "Ntile", .sql = "NTILE({1})"},
    {.name = "NullIf", .sql = "NULLIF({1}, {2})"},
    {.name = "Ord", .sql = "UNICODE({1})"},
    {.name = "PercentRank", .sql = "PERCENT_RANK()"},
    {.name = "Pi", .sql = "PI()"},
    {.name = "Power", .sql = "POWER({1}, {2})"},
    {.name = "RPad", .sql = "nu_pad({1}, {2}, {3}, 0)"},
    {.name = "RTrim", .sql = "RTRIM({1})"},
    {.name = "Radians", .sql = "RADIANS({1})"},
    {.name = "Random", .sql = "(ABS(RANDOM() % 9007199254740992) / 9007199254740992.0)"},
    {.name = "Rank", .sql = "RANK()"},
    {.name = "Repeat", .sql = "nu_repeat({1}, {2})"},
    {.name = "Replace", .sql = "REPLACE({1}, {2}, {3})"},
    {.name = "Reverse", .sql = "nu_reverse({1})"},
    {.name = "Right", .sql = "SUBSTR({1}, {2} * -1)"},
    {.name = "Round", .sql = "ROUND({*})"},
    {.name = "RowNumber", .sql = "ROW_NUMBER()"},
    {.name = "SHA1", .sql = "nu_digest('sha1', {1})"},
    {.name = "SHA224", .sql = "nu_digest('sha224', {1})"},
    {.name = "SHA256", .sql = "nu_digest('sha256', {1})"},
    {.name = "SHA384", .sql = "nu_digest('sha384', {1})"},
    {.name = "SHA512", .sql = "nu_digest('sha512', {1})"},
    {.name = "Sign", .sql = "SIGN({1})"},
    {.name = "Sin", .sql = "SIN({1})"},
    {.name = "Sqrt", .sql = "SQRT({1})"},
    {.name = "StdDev", .write = number_aggregate},
    {.name = "StdDev sample", .write = number_aggregate},
    {.name = "StrIndex", .sql = "INSTR({1}, {2})"},
    {.name = "StringAgg", .write = string_agg},
    {.name = "Substr", .sql = "SUBSTR({*})"},
    {.name = "Sum", .write = number_aggregate},
    {.name = "Tan", .sql = "TAN({1})"},
    {.name = "Trim", .sql = "TRIM({1})"},
    {.name = "Upper", .sql = "UPPER({1})"},
    {.name = "Variance", .write = number_aggregate},
    {.name = "Variance sample", .write = number_aggregate},
    {.name = "^", .sql = "POWER({1}, {2})"},
    {.name = "contains", .write = like},
    {.name = "date -", .sql = "nu_moment_difference({1}, {2})"},
    {.name = "datetime -", .sql = "nu_moment_difference({1}, {2})"},
    {.name = "duration *", .sql = "nu_duration('*', {1}, {2})"},
    {.name = "duration +", .sql = "nu_duration('+', {1}, {2})"},
    {.name = "duration -", .sql = "nu_duration('-', {1}, {2})"},
    {.name = "duration /", .sql = "nu_duration('/', {1}, {2})"},
    {.name = "endswith", .write = like},
    {.name = "icontains", .write = like},
    {.name = "iendswith", .write = like},
    {.name = "iexact", .write = like},
    {.name = "iregex", .sql = "{1} REGEXP '(?i)' || {2}"},
    {.name = "istartswith", .write = like},
    {.name = "regex", .sql = "{1} REGEXP {2}"},
    {.name = "startswith", .write = like},
    {.name = "time -", .sql = "nu_moment_difference({1}, {2})"},
};
/* clang-format on */
const nu_db_functions nu__sqlite_functions = {functions, NU_COUNT(functions)};
