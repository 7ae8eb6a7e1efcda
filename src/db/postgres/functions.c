/* How PostgreSQL spells Django's functions, operators and lookups. */
#include <string.h>

#include "db/postgres/internal.h"
#include "nuages/text.h"

static void put(nu_db_call *call, const char *text)
{
    nu_builder_puts(call->sql, text);
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* LOG, MOD and ROUND to places know numeric only. */
static void put_numeric(nu_db_call *call, size_t at)
{
    bool cast = call->types[at].type == NU_DB_FLOAT;
    put(call, cast ? "(" : "");
    call->put(call, at);
    put(call, cast ? ")::numeric(1000, 15)" : "");
}

static void of_numerics(nu_db_call *call)
{
    put(call, call->name[0] == 'L' ? "LOG(" : "MOD(");
    put_numeric(call, 0);
    put(call, ", ");
    put_numeric(call, 1);
    put(call, ")");
}

static void round_to(nu_db_call *call)
{
    put(call, "ROUND(");
    if (call->count == 1) {
        call->put(call, 0);
    } else {
        put_numeric(call, 0);
        put(call, ", ");
        call->put(call, 1);
    }
    put(call, ")");
}

/* ---- text ----------------------------------------------------------------------------------- */

/* NULL counts as an empty text. */
static void concat(nu_db_call *call)
{
    put(call, "(");
    for (size_t i = 0; i < call->count; i++) {
        put(call, i > 0 ? " || COALESCE((" : "COALESCE((");
        call->put(call, i);
        put(call, ")::text, '')");
    }
    put(call, ")");
}

/* Patterns are for text; an address is one without its net. */
static void match(nu_db_call *call)
{
    static const struct {
        const char *name, *operator;
    } operators[] = {
        {"iexact", " = "},
        {"regex", " ~ "},
        {"iregex", " ~* "},
    };
    bool        upper = call->name[0] == 'i' && strcmp(call->name, "iregex") != 0;
    const char *operator= " LIKE ";
    for (size_t i = 0; i < NU_COUNT(operators); i++) {
        if (strcmp(operators[i].name, call->name) == 0)
            operator= operators[i].operator;
    }
    bool address = call->types[0].type == NU_DB_IP;
    put(call, upper ? "UPPER(" : "");
    put(call, address ? "HOST(" : "");
    call->put(call, 0);
    put(call, address ? ")" : "::text");
    put(call, upper ? ")" : "");
    put(call, operator);
    put(call, upper ? "UPPER(" : "");
    call->put(call, 1);
    put(call, upper ? ")" : "");
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* A whole number finds a place in a list only, unless more keys come. */
static bool is_index(nu_value key, int64_t *index)
{
    if (key.type == NU_INT) {
        *index = key.integer;
        return true;
    }
    return nu_parse_int(key.text, key.length, index);
}

static void put_key(nu_db_call *call, nu_value key, bool text)
{
    int64_t index;
    put(call, text ? " ->> " : " -> ");
    if (is_index(key, &index)) {
        nu_builder_printf(call->sql, "(%lld)", (long long)index);
        return;
    }
    call->param(call, call->keys);
    put(call, "::text");
}

static void put_keys(nu_db_call *call, size_t count, bool text)
{
    put(call, text ? " #>> ARRAY[" : " #> ARRAY[");
    for (size_t i = 0; i < count; i++) {
        put(call, i > 0 ? ", " : "");
        if (call->keys[i].type == NU_INT)
            nu_builder_printf(call->sql, "'%lld'", (long long)call->keys[i].integer);
        else
            call->param(call, &call->keys[i]);
    }
    put(call, "]::text[]");
}

/* The first `count` keys of the path. */
static void put_path(nu_db_call *call, size_t count, bool text)
{
    put(call, "(");
    call->put(call, 0);
    if (count == 1)
        put_key(call, call->keys[0], text);
    else if (count > 1 || text)
        put_keys(call, count, text);
    put(call, ")");
}

static void json_key(nu_db_call *call)
{
    put_path(call, call->key_count, false);
}

static void json_key_text(nu_db_call *call)
{
    put_path(call, call->key_count, true);
}

static void json_has_key(nu_db_call *call)
{
    put_path(call, call->key_count - 1, false);
    put(call, " ? ");
    call->param(call, &call->keys[call->key_count - 1]);
    put(call, "::text");
}

static void json_key_missing(nu_db_call *call)
{
    put_path(call, call->key_count, false);
    put(call, " IS NULL");
}

static void json_key_present(nu_db_call *call)
{
    put_path(call, call->key_count, false);
    put(call, " IS NOT NULL");
}

static void json_key_null(nu_db_call *call)
{
    put_path(call, call->key_count, false);
    put(call, " = 'null'::jsonb");
}

/* A text without a column behind it has no type that the function could see. */
static void put_item(nu_db_call *call, size_t at)
{
    bool text = call->types[at].type == NU_DB_CHAR || call->types[at].type == NU_DB_TEXT;
    put(call, text ? "(" : "");
    call->put(call, at);
    put(call, text ? ")::text" : "");
}

static void json_array(nu_db_call *call)
{
    put(call, "JSONB_BUILD_ARRAY(");
    for (size_t i = 0; i < call->count; i++) {
        put(call, i > 0 ? ", " : "");
        put_item(call, i);
    }
    put(call, ")");
}

static void json_object(nu_db_call *call)
{
    put(call, "JSONB_BUILD_OBJECT(");
    for (size_t i = 0; i < call->count; i++) {
        put(call, i > 0 ? ", " : "");
        put_item(call, i);
    }
    put(call, ")");
}

/* ---- the table ------------------------------------------------------------------------------ */

/* Sorted by name. */
/* clang-format off */
static const nu_db_function functions[] = {
    {.name = "ACos", .sql = "ACOS({1})"},
    {.name = "ASin", .sql = "ASIN({1})"},
    {.name = "ATan", .sql = "ATAN({1})"},
    {.name = "ATan2", .sql = "ATAN2({1}, {2})"},
    {.name = "Abs", .sql = "ABS({1})"},
    {.name = "AnyValue", .sql = "MIN({distinct}{1})"},
    {.name = "ArrayAgg", .sql = "ARRAY_AGG({distinct}{1}{order})"},
    {.name = "ArraySubquery", .sql = "ARRAY{1}"},
    {.name = "Avg", .sql = "AVG({distinct}{1})"},
    {.name = "BitAnd", .sql = "BIT_AND({distinct}{1})"},
    {.name = "BitOr", .sql = "BIT_OR({distinct}{1})"},
    {.name = "BitXor", .sql = "BIT_XOR({distinct}{1})"},
    {.name = "BoolAnd", .sql = "BOOL_AND({distinct}{1})"},
    {.name = "BoolOr", .sql = "BOOL_OR({distinct}{1})"},
    {.name = "Cast", .sql = "({1})::{type}"},
    {.name = "Ceil", .sql = "CEILING({1})"},
    {.name = "Chr", .sql = "CHR({1})"},
    {.name = "Coalesce", .sql = "COALESCE({*})"},
    {.name = "Concat", .write = concat},
    {.name = "Cos", .sql = "COS({1})"},
    {.name = "Cot", .sql = "COT({1})"},
    {.name = "Count", .sql = "COUNT({distinct}{1})"},
    {.name = "CumeDist", .sql = "CUME_DIST()"},
    {.name = "Degrees", .sql = "DEGREES({1})"},
    {.name = "DenseRank", .sql = "DENSE_RANK()"},
    {.name = "Exp", .sql = "EXP({1})"},
    {.name = "FirstValue", .sql = "FIRST_VALUE({1})"},
    {.name = "Floor", .sql = "FLOOR({1})"},
    {.name = "Greatest", .sql = "GREATEST({*})"},
    {.name = "HasKey", .write = json_has_key},
    {.name = "JSONArray", .write = json_array},
    {.name = "JSONBAgg", .sql = "JSONB_AGG({distinct}{1}{order})"},
    {.name = "JSONObject", .write = json_object},
    {.name = "KeyMissing", .write = json_key_missing},
    {.name = "KeyNull", .write = json_key_null},
    {.name = "KeyPresent", .write = json_key_present},
    {.name = "KeyTextTransform", .write = json_key_text},
    {.name = "KeyTransform", .write = json_key},
    {.name = "LPad", .sql = "LPAD({1}, {2}, {3})"},
    {.name = "LTrim", .sql = "LTRIM({1})"},
    {.name = "Lag", .sql = "LAG({*})"},
    {.name = "LastValue", .sql = "LAST_VALUE({1})"},
    {.name = "Lead", .sql = "LEAD({*})"},
    {.name = "Least", .sql = "LEAST({*})"},
    {.name = "Left", .sql = "LEFT({1}, {2})"},
    {.name = "Length", .sql = "LENGTH({1})"},
    {.name = "Ln", .sql = "LN({1})"},
    {.name = "Log", .write = of_numerics},
    {.name = "Lower", .sql = "LOWER({1})"},
    {.name = "MD5", .sql = "MD5({1})"},
    {.name = "Max", .sql = "MAX({distinct}{1})"},
    {.name = "Min", .sql = "MIN({distinct}{1})"},
    {.name = "Mod", .write = of_numerics},
    {.name = "Now", .sql = "STATEMENT_TIMESTAMP()"},
    {.name = "NthValue", .sql = "NTH_VALUE({1}, {2})"},
    {.name = "Ntile", .sql = "NTILE({1})"},
    {.name = "NullIf", .sql = "NULLIF({1}, {2})"},
    {.name = "Ord", .sql = "ASCII({1})"},
    {.name = "PercentRank", .sql = "PERCENT_RANK()"},
    {.name = "Pi", .sql = "PI()"},
    {.name = "Power", .sql = "POWER({1}, {2})"},
    {.name = "RPad", .sql = "RPAD({1}, {2}, {3})"},
    {.name = "RTrim", .sql = "RTRIM({1})"},
    {.name = "Radians", .sql = "RADIANS({1})"},
    {.name = "Random", .sql = "RANDOM()"},
    {.name = "RandomUUID", .sql = "GEN_RANDOM_UUID()"},
    {.name = "Rank", .sql = "RANK()"},
    {.name = "Repeat", .sql = "REPEAT({1}, {2})"},
    {.name = "Replace", .sql = "REPLACE({1}, {2}, {3})"},
    {.name = "Reverse", .sql = "REVERSE({1})"},
    {.name = "Right", .sql = "RIGHT({1}, {2})"},
    {.name = "Round", .write = round_to},
    {.name = "RowNumber", .sql = "ROW_NUMBER()"},
    {.name = "SHA1", .sql = "ENCODE(DIGEST({1}, 'sha1'), 'hex')"},
    {.name = "SHA224", .sql = "ENCODE(SHA224(CONVERT_TO({1}, 'UTF8')), 'hex')"},
    {.name = "SHA256", .sql = "ENCODE(SHA256(CONVERT_TO({1}, 'UTF8')), 'hex')"},
    {.name = "SHA384", .sql = "ENCODE(SHA384(CONVERT_TO({1}, 'UTF8')), 'hex')"},
    {.name = "SHA512", .sql = "ENCODE(SHA512(CONVERT_TO({1}, 'UTF8')), 'hex')"},
    {.name = "SearchAnd", .sql = "({1} && {2})"},
    {.name = "SearchHeadline", .sql = "ts_headline({*})"},
    {.name = "SearchHeadlineIn", .write = nu__pg_search_headline},
    {.name = "SearchNot", .sql = "!!({1})"},
    {.name = "SearchOr", .sql = "({1} || {2})"},
    {.name = "SearchPhrase", .write = nu__pg_search_query},
    {.name = "SearchPlain", .write = nu__pg_search_query},
    {.name = "SearchRank", .write = nu__pg_search_rank},
    {.name = "SearchRankCover", .write = nu__pg_search_rank},
    {.name = "SearchRankCoverWeighted", .write = nu__pg_search_rank},
    {.name = "SearchRankWeighted", .write = nu__pg_search_rank},
    {.name = "SearchRaw", .write = nu__pg_search_query},
    {.name = "SearchVector", .write = nu__pg_search_vector},
    {.name = "SearchVectorIn", .write = nu__pg_search_vector},
    {.name = "SearchVectors", .sql = "({1} || {2})"},
    {.name = "SearchWeb", .write = nu__pg_search_query},
    {.name = "SearchWeight", .sql = "setweight({1}, {2})"},
    {.name = "Sign", .sql = "SIGN({1})"},
    {.name = "Sin", .sql = "SIN({1})"},
    {.name = "Sqrt", .sql = "SQRT({1})"},
    {.name = "StdDev", .sql = "STDDEV_POP({distinct}{1})"},
    {.name = "StdDev sample", .sql = "STDDEV_SAMP({distinct}{1})"},
    {.name = "StrIndex", .sql = "STRPOS({1}, {2})"},
    {.name = "StringAgg", .sql = "STRING_AGG({distinct}({1})::text, {2}{order})"},
    {.name = "Substr", .sql = "SUBSTRING({*})"},
    {.name = "Sum", .sql = "SUM({distinct}{1})"},
    {.name = "Tan", .sql = "TAN({1})"},
    {.name = "TransactionNow", .sql = "CURRENT_TIMESTAMP"},
    {.name = "TrigramDistance", .sql = "({1} <-> {2})"},
    {.name = "TrigramSimilarity", .sql = "SIMILARITY({1}, {2})"},
    {.name = "TrigramStrictWordDistance", .sql = "({1} <<<-> {2})"},
    {.name = "TrigramStrictWordSimilarity", .sql = "STRICT_WORD_SIMILARITY({1}, {2})"},
    {.name = "TrigramWordDistance", .sql = "({1} <<-> {2})"},
    {.name = "TrigramWordSimilarity", .sql = "WORD_SIMILARITY({1}, {2})"},
    {.name = "Trim", .sql = "BTRIM({1})"},
    {.name = "Unaccent", .sql = "UNACCENT({1})"},
    {.name = "Upper", .sql = "UPPER({1})"},
    {.name = "Variance", .sql = "VAR_POP({distinct}{1})"},
    {.name = "Variance sample", .sql = "VAR_SAMP({distinct}{1})"},
    {.name = "array contained_by", .sql = "{1} <@ {2}"},
    {.name = "array contains", .sql = "{1} @> {2}"},
    {.name = "array overlap", .sql = "{1} && {2}"},
    {.name = "contained_by", .sql = "{1} <@ {2}"},
    {.name = "contains", .write = match},
    {.name = "date -", .sql = "(INTERVAL '1 day' * ({1} - {2}))"},
    {.name = "datetime -", .sql = "({1} - {2})"},
    {.name = "duration *", .sql = "({1} * {2})"},
    {.name = "duration +", .sql = "({1} + {2})"},
    {.name = "duration -", .sql = "({1} - {2})"},
    {.name = "duration /", .sql = "({1} / {2})"},
    {.name = "endswith", .write = match},
    {.name = "icontains", .write = match},
    {.name = "iendswith", .write = match},
    {.name = "iexact", .write = match},
    {.name = "iregex", .write = match},
    {.name = "istartswith", .write = match},
    {.name = "json contains", .sql = "{1} @> {2}"},
    {.name = "range adjacent_to", .sql = "{1} -|- {2}"},
    {.name = "range contained_by", .sql = "{1} <@ {2}"},
    {.name = "range contains", .sql = "{1} @> {2}"},
    {.name = "range fully_gt", .sql = "{1} >> {2}"},
    {.name = "range fully_lt", .sql = "{1} << {2}"},
    {.name = "range not_gt", .sql = "{1} &< {2}"},
    {.name = "range not_lt", .sql = "{1} &> {2}"},
    {.name = "range overlap", .sql = "{1} && {2}"},
    {.name = "regex", .write = match},
    {.name = "search", .sql = "{1} @@ {2}"},
    {.name = "startswith", .write = match},
    {.name = "time -", .sql = "({1} - {2})"},
    {.name = "trigram_similar", .sql = "{1} % {2}"},
    {.name = "trigram_strict_word_similar", .sql = "{1} %>> {2}"},
    {.name = "trigram_word_similar", .sql = "{1} %> {2}"},
};
/* clang-format on */
const nu_db_functions nu__pg_functions = {functions, NU_COUNT(functions)};
