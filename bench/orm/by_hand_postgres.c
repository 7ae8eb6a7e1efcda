/* The operations by hand on libpq, statements prepared once: for bench/orm_bench.py. */
#include <libpq-fe.h>

#include "rows.h"

#define COLUMNS "id, author_id, title, slug, body, published, live, likes"

enum { INSERT_COLUMNS = 7 };

static PGconn *db;

static void check(PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s", PQerrorMessage(db));
        exit(1);
    }
}

static void prepare(const char *name, const char *sql)
{
    PGresult *result = PQprepare(db, name, sql, 0, NULL);
    check(result);
    PQclear(result);
}

static PGresult *run(const char *name, int count, const char *const *params)
{
    PGresult *result = PQexecPrepared(db, name, count, params, NULL, NULL, 0);
    check(result);
    return result;
}

static void command(const char *name, int count, const char *const *params)
{
    PQclear(run(name, count, params));
}

static char *text(PGresult *result, int row, int column)
{
    size_t size = (size_t)PQgetlength(result, row, column) + 1;
    return memcpy(malloc(size), PQgetvalue(result, row, column), size);
}

static struct article *read_article(PGresult *result, int row)
{
    struct article *a = malloc(sizeof *a);
    a->id = atoll(PQgetvalue(result, row, 0));
    a->author_id = atoll(PQgetvalue(result, row, 1));
    a->title = text(result, row, 2);
    a->slug = text(result, row, 3);
    a->body = text(result, row, 4);
    a->published = parse_moment(PQgetvalue(result, row, 5));
    a->live = *PQgetvalue(result, row, 6) == 't';
    a->likes = atoi(PQgetvalue(result, row, 7));
    return a;
}

static void get(void)
{
    char key[24];
    snprintf(key, sizeof key, "%lld", (long long)next_key());
    PGresult *result = run("get", 1, (const char *const[]){key});
    if (PQntuples(result) > 0)
        free_article(read_article(result, 0));
    PQclear(result);
}

static void twenty(void)
{
    for (int i = 0; i < TWENTY; i++)
        get();
}

static void list(void)
{
    struct article *rows[LIST];
    PGresult       *result = run("list", 3, (const char *const[]){"t", "1000", "12"});
    int             count = PQntuples(result);
    for (int i = 0; i < count; i++)
        rows[i] = read_article(result, i);
    PQclear(result);
    while (count > 0)
        free_article(rows[--count]);
}

static void insert(void)
{
    static const char *params[INSERTED * INSERT_COLUMNS];
    static char        authors[INSERTED][16], moments[INSERTED][48], likes[INSERTED][16];
    int                at = 0;
    for (int i = 0; i < INSERTED; i++) {
        snprintf(authors[i], sizeof authors[i], "%d", i % AUTHORS + 1);
        snprintf(moments[i], sizeof moments[i], "2023-11-14 22:13:20.%06d+00", i);
        snprintf(likes[i], sizeof likes[i], "%d", i);
        params[at++] = authors[i];
        params[at++] = "A title that is neither long nor short";
        params[at++] = "a-title-that-is-neither-long-nor-short";
        params[at++] = "Some words that stand for a text.";
        params[at++] = moments[i];
        params[at++] = i % 2 == 0 ? "t" : "f";
        params[at++] = likes[i];
    }
    command("begin", 0, NULL);
    PGresult *result = run("insert", at, params);
    int64_t   sum = 0;
    for (int i = 0; i < PQntuples(result); i++)
        sum += atoll(PQgetvalue(result, i, 0));
    PQclear(result);
    if (sum == 0)
        exit(1);
    command("rollback", 0, NULL);
}

static void update(void)
{
    static int likes = 0;
    command("begin", 0, NULL);
    for (int i = 0; i < TWENTY; i++) {
        char value[16], key[16];
        snprintf(value, sizeof value, "%d", ++likes);
        snprintf(key, sizeof key, "%d", i + 1);
        command("update", 2, (const char *const[]){value, key});
    }
    command("rollback", 0, NULL);
}

static void prefetch(void)
{
    static struct author authors[AUTHORS];
    static char          keys[AUTHORS][24];
    static const char   *params[AUTHORS];
    static int           by_id[AUTHORS * 2];
    PGresult            *result = run("authors", 0, NULL);
    int                  count = PQntuples(result);
    for (int i = 0; i < count; i++) {
        struct author *a = &authors[i];
        a->id = atoll(PQgetvalue(result, i, 0));
        a->name = text(result, i, 1);
        a->email = text(result, i, 2);
        a->joined = parse_moment(PQgetvalue(result, i, 3));
        a->articles = NULL;
        a->count = 0;
        by_id[a->id] = i;
        snprintf(keys[i], sizeof keys[i], "%lld", (long long)a->id);
        params[i] = keys[i];
    }
    PQclear(result);
    result = run("articles", count, params);
    for (int i = 0; i < PQntuples(result); i++) {
        struct article *a = read_article(result, i);
        struct author  *of = &authors[by_id[a->author_id]];
        if ((of->count & (of->count - 1)) == 0)
            of->articles = realloc(of->articles, (size_t)(of->count + 1) * 2 * sizeof a);
        of->articles[of->count++] = a;
    }
    PQclear(result);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < authors[i].count; j++)
            free_article(authors[i].articles[j]);
        free(authors[i].articles);
        free(authors[i].name);
        free(authors[i].email);
    }
}

static void prepare_long_ones(void)
{
    static char sql[INSERTED * INSERT_COLUMNS * 8];
    char       *at = sql;
    at += sprintf(at, "SELECT " COLUMNS " FROM bench_article WHERE author_id IN (");
    for (int i = 1; i <= AUTHORS; i++)
        at += sprintf(at, i == 1 ? "$%d" : ", $%d", i);
    sprintf(at, ")");
    prepare("articles", sql);
    at = sql + sprintf(sql, "INSERT INTO bench_article (author_id, title, slug, body, published, "
                            "live, likes) VALUES ");
    for (int i = 0; i < INSERTED * INSERT_COLUMNS; i++)
        at += sprintf(at, "%s$%d%s", i % INSERT_COLUMNS > 0 ? ", " : i > 0 ? ", (" : "(", i + 1,
                      i % INSERT_COLUMNS == INSERT_COLUMNS - 1 ? ")" : "");
    sprintf(at, " RETURNING id");
    prepare("insert", sql);
}

int main(int argc, char **argv)
{
    only = argc > 2 ? argv[2] : NULL;
    db = argc > 1 ? PQconnectdb(argv[1]) : NULL;
    if (PQstatus(db) != CONNECTION_OK)
        return 1;
    PQclear(PQexec(db, "SET TIME ZONE 'UTC'"));
    prepare("begin", "BEGIN");
    prepare("rollback", "ROLLBACK");
    prepare("get", "SELECT " COLUMNS " FROM bench_article WHERE id = $1 LIMIT 21");
    prepare("list", "SELECT " COLUMNS " FROM bench_article WHERE live = $1 AND likes < $2 "
                    "ORDER BY id LIMIT $3");
    prepare("update", "UPDATE bench_article SET likes = $1 WHERE id = $2");
    prepare("authors", "SELECT id, name, email, joined FROM bench_author");
    prepare_long_ones();
    measure("C", "get", get, nothing);
    measure("C", "twenty", twenty, nothing);
    measure("C", "list", list, nothing);
    measure("C", "insert", insert, nothing);
    measure("C", "update", update, nothing);
    measure("C", "prefetch", prefetch, nothing);
    return 0;
}
