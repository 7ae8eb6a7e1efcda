/* Compares the database that our migrations make with the one that Django's made.
 *
 *      conformance schema FOLDER --database URL
 *
 * FOLDER holds schema.sqlite.sql, schema.postgresql.sql and schema-differences.txt. The database at
 * URL must be empty. Both are read from their catalogues as facts ("index blog_articl_author_idx":
 * its definition) and compared one by one. The list names facts that current Django makes otherwise:
 * database, tab, fact (with * for any text), tab, the reason. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nuages/file.h"
#include "nuages/text.h"

#include "orm.h"

enum { MAX_SQL = 16 << 20 };

static void add_fact(nu_dict *facts, const char *name, const char *text)
{
    nu_dict_put(facts, NU_V(name), NU_V(text));
}

/* ---- SQLite: the text of CREATE statements ------------------------------------------------------- */

/* Blanks are one space, and none at brackets. */
static const char *squeezed(const char *sql)
{
    nu_builder text;
    nu_builder_init(&text, NULL, strlen(sql) + 1);
    for (const char *c = sql; *c != '\0'; c++) {
        bool blank = strchr(" \t\n", *c) != NULL;
        char last = text.length > 0 ? text.data[text.length - 1] : ' ';
        if (blank && (strchr(" (", last) != NULL || strchr(" \t\n),", c[1]) != NULL))
            continue;
        if (*c == '(' && last != ' ' && last != '(')
            nu_builder_putc(&text, ' ');
        nu_builder_putc(&text, blank ? ' ' : *c);
    }
    return nu_builder_text(&text);
}

/* The end of a column or constraint in a CREATE TABLE: a comma or bracket that nothing encloses. */
static const char *end_of_part(const char *at)
{
    int  depth = 0;
    char quote = '\0';
    for (; *at != '\0'; at++) {
        if (quote != '\0') {
            quote = *at == quote ? '\0' : quote;
        } else if (*at == '"' || *at == '\'') {
            quote = *at;
        } else if (*at == '(') {
            depth++;
        } else if ((*at == ')' || *at == ',') && depth == 0) {
            break;
        } else if (*at == ')') {
            depth--;
        }
    }
    return at;
}

/* What a part is about: the quoted name of a column or constraint. */
static const char *name_of_part(const char *part)
{
    const char *open = strchr(part, '"');
    if (open == NULL || (*part != '"' && !nu_starts_with(part, "CONSTRAINT")))
        return part;
    return nu_fmt("%.*s", (int)(strchrnul(open + 1, '"') - open - 1), open + 1);
}

static void read_table(nu_dict *facts, const char *table, const char *sql)
{
    nu_builder columns;
    nu_builder_init(&columns, NULL, 256);
    const char *at = strchr(sql, '(');
    while (at != NULL && *at != '\0' && at[1] != '\0') {
        const char *end = end_of_part(++at);
        const char *part = squeezed(nu_fmt("%.*s", (int)(end - at), at));
        if (*part == ' ')
            part++;
        add_fact(facts, nu_fmt("table %s: %s", table, name_of_part(part)), part);
        if (*part == '"')
            nu_builder_printf(&columns, "%s ", name_of_part(part));
        at = *end == ',' ? end : NULL;
    }
    add_fact(facts, nu_fmt("table %s, order of columns", table), nu_builder_text(&columns));
}

static nu_dict *sqlite_facts(nu_database *db)
{
    nu_dict *facts = nu_dict_new();
    nu_list *rows = nu_sql_rows(db, "SELECT type, name, tbl_name, sql FROM sqlite_master "
                                    "WHERE name NOT LIKE 'sqlite_%' ORDER BY name");
    for (uint32_t i = 0; i < rows->count; i++) {
        nu_dict    *row = rows->items[i].dict;
        const char *name = nu_text(nu_dict_get(row, "name"));
        const char *sql = nu_text(nu_dict_get(row, "sql"));
        if (strcmp(nu_text(nu_dict_get(row, "type")), "table") == 0)
            read_table(facts, name, sql);
        else
            add_fact(facts, nu_fmt("index %s", name), squeezed(sql));
    }
    return facts;
}

/* ---- PostgreSQL: pg_catalog ----------------------------------------------------------------------- */

static void read_facts(nu_dict *facts, nu_database *db, const char *sql)
{
    nu_list *rows = nu_sql_rows(db, sql);
    for (uint32_t i = 0; i < rows->count; i++)
        add_fact(facts, nu_text(nu_dict_get(rows->items[i].dict, "name")),
                 nu_text(nu_dict_get(rows->items[i].dict, "fact")));
}

/* A serial column counts as an identity, which current Django makes instead. */
static nu_dict *postgresql_facts(nu_database *db)
{
    nu_dict *facts = nu_dict_new();
    read_facts(
        facts, db,
        "SELECT 'table ' || c.relname || ': ' || a.attname AS name, "
        "format_type(a.atttypid, a.atttypmod) "
        "|| CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END "
        "|| CASE WHEN a.attidentity <> '' THEN ' identity ' || a.attidentity::text ELSE '' END "
        "|| CASE WHEN pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' THEN ' identity d' "
        "ELSE coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') END "
        "|| CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || o.collname "
        "ELSE '' END AS fact "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_type t ON t.oid = a.atttypid "
        "LEFT JOIN pg_collation o ON o.oid = a.attcollation "
        "LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
        "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
        "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1");
    read_facts(facts, db,
               "SELECT 'table ' || c.relname || ', order of columns' AS name, "
               "string_agg(a.attname, ' ' ORDER BY a.attnum) AS fact "
               "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
               "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace "
               "AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.relname ORDER BY 1");
    read_facts(facts, db,
               "SELECT 'constraint ' || conname AS name, "
               "conrelid::regclass || ' ' || pg_get_constraintdef(oid) AS fact "
               "FROM pg_constraint WHERE connamespace = 'public'::regnamespace "
               "AND conrelid <> 0 ORDER BY 1");
    read_facts(facts, db,
               "SELECT 'index ' || indexname AS name, indexdef AS fact FROM pg_indexes "
               "WHERE schemaname = 'public' ORDER BY 1");
    read_facts(facts, db,
               "SELECT 'sequence ' || c.relname AS name, format_type(s.seqtypid, NULL) AS fact "
               "FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid "
               "WHERE c.relkind = 'S' ORDER BY 1");
    return facts;
}

static nu_dict *facts_of(const orm_database *database)
{
    nu_database *db = nu_database_get(NULL);
    return strcmp(database->vendor, "sqlite") == 0 ? sqlite_facts(db) : postgresql_facts(db);
}

/* ---- comparing -------------------------------------------------------------------------------------- */

typedef struct comparison {
    const char *vendor;
    nu_list    *differences; /* lines of the list, split at tabs */
    bool       *used;        /* by line */
    int         equal, differing, listed;
} comparison;

static bool is_listed(comparison *compare, const char *fact)
{
    bool found = false;
    for (uint32_t i = 0; i < compare->differences->count; i++) {
        const nu_list *line = compare->differences->items[i].list;
        if (strcmp(line->items[0].text, compare->vendor) == 0 &&
            fnmatch(line->items[1].text, fact, 0) == 0)
            found = compare->used[i] = true;
    }
    return found;
}

static void differ(comparison *compare, const char *fact, const char *django, const char *ours)
{
    if (is_listed(compare, fact)) {
        compare->listed++;
        return;
    }
    compare->differing++;
    printf("FAIL %s\n  Django %s\n  ours   %s\n", fact, django ? django : "-", ours ? ours : "-");
}

static const char *text_in(const nu_dict *facts, nu_value name)
{
    const nu_value *value = nu_dict_find_value(facts, name);
    return value != NULL ? value->text : NULL;
}

static void compare_facts(comparison *compare, const nu_dict *django, const nu_dict *ours)
{
    for (nu_entry *entry = NULL; (entry = nu_dict_next(django, entry)) != NULL;) {
        const char *own = text_in(ours, entry->key);
        if (own != NULL && strcmp(own, entry->value.text) == 0)
            compare->equal++;
        else
            differ(compare, entry->key.text, entry->value.text, own);
    }
    for (nu_entry *entry = NULL; (entry = nu_dict_next(ours, entry)) != NULL;)
        if (text_in(django, entry->key) == NULL)
            differ(compare, entry->key.text, NULL, entry->value.text);
}

static nu_list *read_differences(const char *path)
{
    nu_list *split = nu_list_new(), *lines = nu_split(nu_file_read(path, MAX_SQL).text, '\n');
    for (uint32_t i = 0; i < lines->count; i++) {
        nu_list *parts = nu_split(lines->items[i].text, '\t');
        if (parts->count == 3 && parts->items[0].text[0] != '#')
            nu_list_add(split, parts);
    }
    return split;
}

/* A difference that is no more has no place in the list. */
static void report_unused(comparison *compare)
{
    for (uint32_t i = 0; i < compare->differences->count; i++) {
        const nu_list *line = compare->differences->items[i].list;
        if (compare->used[i] || strcmp(line->items[0].text, compare->vendor) != 0)
            continue;
        compare->differing++;
        printf("FAIL %s\n  is listed as a difference and is none\n", line->items[1].text);
    }
}

static int run(const char *folder, const char *url)
{
    orm_database *database = orm_database_make(url);
    nu_dict      *ours = facts_of(database);
    const char   *file = nu_fmt("schema.%s.sql", database->vendor);
    orm_copy_use_empty(database);
    nu_sql_script(nu_database_get(NULL), nu_file_read(nu_path_join(folder, file), MAX_SQL).text);
    nu_dict   *django = facts_of(database);
    comparison compare = {.vendor = database->vendor,
                          .differences =
                              read_differences(nu_path_join(folder, "schema-differences.txt"))};
    compare.used = nu_alloc(compare.differences->count + 1);
    compare_facts(&compare, django, ours);
    report_unused(&compare);
    orm_database_remove(database);
    if (compare.listed > 0)
        printf("%d differ as listed, ", compare.listed);
    printf("%d passed, %d failed\n", compare.equal, compare.differing);
    return compare.differing > 0 ? 1 : 0;
}

int orm_schema_main(int argc, char **argv)
{
    if (argc != 5 || strcmp(argv[3], "--database") != 0) {
        fputs("usage: conformance schema FOLDER --database URL\n", stderr);
        return 2;
    }
    return run(argv[2], argv[4]);
}
