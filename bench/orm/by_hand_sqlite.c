/* The operations by hand on SQLite's C interface, statements prepared once: for bench/orm_bench.py. */
#include <sqlite3.h>

#include "rows.h"

#define COLUMNS "id, author_id, title, slug, body, published, live, likes"

static sqlite3      *db;
static sqlite3_stmt *begin_stmt, *rollback_stmt, *get_stmt, *list_stmt, *insert_stmt, *update_stmt,
    *authors_stmt, *articles_stmt;

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
        exit(1);
    }
    return stmt;
}

static char *text(sqlite3_stmt *stmt, int column)
{
    size_t size = (size_t)sqlite3_column_bytes(stmt, column) + 1;
    return memcpy(malloc(size), sqlite3_column_text(stmt, column), size);
}

static struct article *read_article(sqlite3_stmt *stmt)
{
    struct article *a = malloc(sizeof *a);
    a->id = sqlite3_column_int64(stmt, 0);
    a->author_id = sqlite3_column_int64(stmt, 1);
    a->title = text(stmt, 2);
    a->slug = text(stmt, 3);
    a->body = text(stmt, 4);
    a->published = parse_moment((const char *)sqlite3_column_text(stmt, 5));
    a->live = sqlite3_column_int(stmt, 6);
    a->likes = sqlite3_column_int(stmt, 7);
    return a;
}

static void run(sqlite3_stmt *stmt)
{
    sqlite3_step(stmt);
    sqlite3_reset(stmt);
}

static void get(void)
{
    sqlite3_bind_int64(get_stmt, 1, next_key());
    if (sqlite3_step(get_stmt) == SQLITE_ROW)
        free_article(read_article(get_stmt));
    sqlite3_reset(get_stmt);
}

static void twenty(void)
{
    for (int i = 0; i < TWENTY; i++)
        get();
}

static void list(void)
{
    struct article *rows[LIST];
    int             count = 0;
    sqlite3_bind_int(list_stmt, 1, 1);
    sqlite3_bind_int(list_stmt, 2, 1000);
    sqlite3_bind_int(list_stmt, 3, LIST);
    while (sqlite3_step(list_stmt) == SQLITE_ROW)
        rows[count++] = read_article(list_stmt);
    sqlite3_reset(list_stmt);
    while (count > 0)
        free_article(rows[--count]);
}

static void insert(void)
{
    run(begin_stmt);
    for (int i = 0; i < INSERTED; i++) {
        sqlite3_bind_int(insert_stmt, 1, i % AUTHORS + 1);
        sqlite3_bind_text(insert_stmt, 2, "A title that is neither long nor short", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert_stmt, 3, "a-title-that-is-neither-long-nor-short", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert_stmt, 4, "Some words that stand for a text.", -1, SQLITE_STATIC);
        char moment[32];
        snprintf(moment, sizeof moment, "2023-11-14 22:13:20.%06d", i);
        sqlite3_bind_text(insert_stmt, 5, moment, -1, SQLITE_TRANSIENT);
        sqlite3_bind_int(insert_stmt, 6, i % 2 == 0);
        sqlite3_bind_int(insert_stmt, 7, i);
        run(insert_stmt);
        sqlite3_last_insert_rowid(db);
    }
    run(rollback_stmt);
}

static void update(void)
{
    static int likes = 0;
    run(begin_stmt);
    for (int i = 0; i < TWENTY; i++) {
        sqlite3_bind_int(update_stmt, 1, ++likes);
        sqlite3_bind_int(update_stmt, 2, i + 1);
        run(update_stmt);
    }
    run(rollback_stmt);
}

static void prefetch(void)
{
    static struct author authors[AUTHORS];
    static int           by_id[AUTHORS * 2];
    int                  count = 0;
    for (; sqlite3_step(authors_stmt) == SQLITE_ROW; count++) {
        struct author *a = &authors[count];
        a->id = sqlite3_column_int64(authors_stmt, 0);
        a->name = text(authors_stmt, 1);
        a->email = text(authors_stmt, 2);
        a->joined = parse_moment((const char *)sqlite3_column_text(authors_stmt, 3));
        a->articles = NULL;
        a->count = 0;
        by_id[a->id] = count;
        sqlite3_bind_int64(articles_stmt, count + 1, a->id);
    }
    sqlite3_reset(authors_stmt);
    while (sqlite3_step(articles_stmt) == SQLITE_ROW) {
        struct article *a = read_article(articles_stmt);
        struct author  *of = &authors[by_id[a->author_id]];
        if ((of->count & (of->count - 1)) == 0)
            of->articles = realloc(of->articles, (size_t)(of->count + 1) * 2 * sizeof a);
        of->articles[of->count++] = a;
    }
    sqlite3_reset(articles_stmt);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < authors[i].count; j++)
            free_article(authors[i].articles[j]);
        free(authors[i].articles);
        free(authors[i].name);
        free(authors[i].email);
    }
}

int main(int argc, char **argv)
{
    char articles[1024] = "SELECT " COLUMNS " FROM bench_article WHERE author_id IN (?";
    if (argc < 2 || sqlite3_open(argv[1], &db) != SQLITE_OK)
        return 1;
    only = argc > 2 ? argv[2] : NULL;
    for (int i = 1; i < AUTHORS; i++)
        strcat(articles, ", ?");
    strcat(articles, ")");
    sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
    begin_stmt = prepare("BEGIN IMMEDIATE");
    rollback_stmt = prepare("ROLLBACK");
    get_stmt = prepare("SELECT " COLUMNS " FROM bench_article WHERE id = ? LIMIT 21");
    list_stmt = prepare("SELECT " COLUMNS " FROM bench_article WHERE live = ? AND likes < ? "
                        "ORDER BY id LIMIT ?");
    insert_stmt = prepare("INSERT INTO bench_article (author_id, title, slug, body, published, "
                          "live, likes) VALUES (?, ?, ?, ?, ?, ?, ?)");
    update_stmt = prepare("UPDATE bench_article SET likes = ? WHERE id = ?");
    authors_stmt = prepare("SELECT id, name, email, joined FROM bench_author");
    articles_stmt = prepare(articles);
    measure("C", "get", get, nothing);
    measure("C", "twenty", twenty, nothing);
    measure("C", "list", list, nothing);
    measure("C", "insert", insert, nothing);
    measure("C", "update", update, nothing);
    measure("C", "prefetch", prefetch, nothing);
    return 0;
}
