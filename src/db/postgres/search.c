/* Functions of full-text search, as Django writes them. The configuration comes first, where there is
 * one. */
#include <string.h>

#include "db/postgres/internal.h"
#include "nuages/text.h"

static void put(nu_db_call *call, const char *text)
{
    nu_builder_puts(call->sql, text);
}

static bool has_word(const nu_db_call *call, const char *word)
{
    return strstr(call->name, word) != NULL;
}

static void put_config(nu_db_call *call, size_t at)
{
    call->put(call, at);
    put(call, "::regconfig, ");
}

/* NULL counts as an empty text, and what is no text is made one. */
static void put_document(nu_db_call *call, size_t at)
{
    nu_db_type type = call->types[at].type;
    bool       text = type == NU_DB_CHAR || type == NU_DB_TEXT || type == NU_DB_SLUG;
    put(call, text ? "COALESCE(" : "COALESCE((");
    call->put(call, at);
    put(call, text ? ", '')" : ")::text, '')");
}

/* SearchVector(text, …) and SearchVectorIn(config, text, …) */
void nu__pg_search_vector(nu_db_call *call)
{
    size_t first = strcmp(call->name, "SearchVectorIn") == 0;
    put(call, "to_tsvector(");
    if (first == 1)
        put_config(call, 0);
    for (size_t i = first; i < call->count; i++) {
        put(call, i > first ? " || ' ' || " : "");
        put_document(call, i);
    }
    put(call, ")");
}

/* SearchPlain(text[, config]) and so on. */
void nu__pg_search_query(nu_db_call *call)
{
    static const struct {
        const char *name, *function;
    } functions[] = {
        {"SearchPlain", "plainto_tsquery("},
        {"SearchPhrase", "phraseto_tsquery("},
        {"SearchRaw", "to_tsquery("},
        {"SearchWeb", "websearch_to_tsquery("},
    };
    for (size_t i = 0; i < NU_COUNT(functions); i++) {
        if (strcmp(functions[i].name, call->name) == 0)
            put(call, functions[i].function);
    }
    if (call->count > 1)
        put_config(call, 1);
    call->put(call, 0);
    put(call, ")");
}

/* SearchRank(vector, query[, normalization]), weights first where the name says so. */
void nu__pg_search_rank(nu_db_call *call)
{
    bool weighted = has_word(call, "Weighted");
    put(call, has_word(call, "Cover") ? "ts_rank_cd(" : "ts_rank(");
    for (size_t i = 0; i < call->count; i++) {
        put(call, i > 0 ? ", " : "");
        call->put(call, i);
        put(call, i == 0 && weighted ? "::real[]" : "");
    }
    put(call, ")");
}

/* SearchHeadlineIn(config, text, query[, options]) */
void nu__pg_search_headline(nu_db_call *call)
{
    put(call, "ts_headline(");
    put_config(call, 0);
    for (size_t i = 1; i < call->count; i++) {
        put(call, i > 1 ? ", " : "");
        call->put(call, i);
    }
    put(call, ")");
}
