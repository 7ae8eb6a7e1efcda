/* Queries: bytes choose a chain of filters, excludes, annotations, maybe DISTINCT, an order and a slice;
 * what SQLite answers must be what loops over the same rows in C find. The loops know Django's logic of
 * NULL: below a negation a column that may be NULL is guarded, an annotation is not, a relation to many
 * asks whether there is such a row, and a list holds no NULL. Two relations to many multiply rows. Statements that the cache of query shapes has are compared with what would be
 * written (NUAGES_CHECK_SQL). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nuages/query.h"
#include "nuages/text.h"

struct owner {
    nu_row       row;
    int32_t      n;
    nu_maybe_int m;
};
struct item {
    nu_row       row;
    nu_maybe_int a;
    int32_t      b;
    const char  *t;
    nu_ref(owner) owner;
};
struct note {
    nu_row row;
    nu_ref(item) item;
    nu_maybe_int k;
};
struct mark {
    nu_row row;
    nu_ref(item) item;
    int32_t v;
};
extern const nu_model owner_model, item_model, note_model, mark_model;

static const nu_field owner_fields[] = {
    NU_INT(owner, n),
    NU_INT(owner, m, .null = true),
    {0},
};
const nu_model        owner_model = {NU_MODEL_OF(owner, "Owner"), .fields = owner_fields};
static const nu_field item_fields[] = {
    NU_INT(item, a, .null = true),
    NU_INT(item, b),
    NU_TEXT(item, t, .null = true),
    NU_FOREIGN(item, owner, .to = &owner_model, .null = true, .on_delete = NU_CASCADE),
    {0},
};
const nu_model        item_model = {NU_MODEL_OF(item, "Item"), .fields = item_fields};
static const nu_field note_fields[] = {
    NU_FOREIGN(note, item, .to = &item_model, .on_delete = NU_CASCADE, .related_name = "notes"),
    NU_INT(note, k, .null = true),
    {0},
};
const nu_model        note_model = {NU_MODEL_OF(note, "Note"), .fields = note_fields};
static const nu_field mark_fields[] = {
    NU_FOREIGN(mark, item, .to = &item_model, .on_delete = NU_CASCADE, .related_name = "marks"),
    NU_INT(mark, v),
    {0},
};
const nu_model               mark_model = {NU_MODEL_OF(mark, "Mark"), .fields = mark_fields};
static const nu_model *const models[] = {&owner_model, &item_model, &note_model, &mark_model, NULL};

/* ---- the rows, here and in the database ------------------------------------------------------- */

enum { NONE = -99, ITEMS = 10, NOTES = 9, MARKS = 6, OWNERS = 3 };
static const struct owner_data {
    int n, m;
} owners[OWNERS] = {{0, NONE}, {1, 2}, {2, 0}};
static const struct item_data {
    int         a, b;
    const char *t;
    int         owner; /* 0: none */
} items[ITEMS] = {
    {0, 0, "a", 1},  {1, 1, NULL, 2}, {NONE, 2, "ab", 0}, {2, -1, "", 3}, {NONE, 0, "B", 1},
    {-1, 3, "b", 0}, {1, 2, NULL, 0}, {3, 1, "ab", 2},    {0, 2, "a", 3}, {NONE, 1, NULL, 2},
};
/* Of the relations to many. */
typedef struct many_data {
    int item, value;
} many_data;
static const many_data notes[NOTES] = {{1, 0},    {1, 1}, {1, NONE}, {2, 2}, {3, 1},
                                       {5, NONE}, {8, 0}, {8, 0},    {9, 3}};
static const many_data marks[MARKS] = {{1, 1}, {1, 2}, {3, 0}, {8, 1}, {10, 1}, {10, -1}};

static nu_value maybe(int number)
{
    return number == NONE ? nu_null() : nu_value_int(number);
}

static void open_rows(void)
{
    setenv("NUAGES_CHECK_SQL", "1", 1);
    nu_database *db = nu_database_add(NULL, &(nu_database_options){.url = "sqlite::memory:"});
    nu_models_add("fuzz", models);
    nu_models_ready();
    nu_sql_script(db,
                  "CREATE TABLE fuzz_owner (id integer PRIMARY KEY, n integer, m integer);"
                  "CREATE TABLE fuzz_item (id integer PRIMARY KEY, a integer, b integer, t text,"
                  " owner_id integer);"
                  "CREATE TABLE fuzz_note (id integer PRIMARY KEY, item_id integer, k integer);"
                  "CREATE TABLE fuzz_mark (id integer PRIMARY KEY, item_id integer, v integer)");
    for (int i = 0; i < OWNERS; i++)
        nu_create(owner, "n", owners[i].n, "m", maybe(owners[i].m));
    for (int i = 0; i < ITEMS; i++)
        nu_create(item, "a", maybe(items[i].a), "b", items[i].b, "t",
                  items[i].t != NULL ? NU_V(items[i].t) : nu_null(), "owner_id",
                  items[i].owner > 0 ? NU_V(items[i].owner) : nu_null());
    for (int i = 0; i < NOTES; i++)
        nu_create(note, "item_id", notes[i].item, "k", maybe(notes[i].value));
    for (int i = 0; i < MARKS; i++)
        nu_create(mark, "item_id", marks[i].item, "v", marks[i].value);
}

/* ---- choices ---------------------------------------------------------------------------------- */

static const uint8_t *input, *input_end;

static unsigned pick(unsigned many)
{
    return input < input_end ? *input++ % many : 0;
}

/* ---- conditions ------------------------------------------------------------------------------- */

typedef enum column {
    COL_A,
    COL_B,
    COL_T,
    COL_OWNER,
    COL_N,
    COL_M,
    COL_X,
    COL_K,
    COL_V,
} column;
static const char *const column_names[] = {"a",        "b", "t",        "owner",   "owner__n",
                                           "owner__m", "x", "notes__k", "marks__v"};
typedef enum test {
    EXACT,
    GT,
    GTE,
    LT,
    LTE,
    IN,
    RANGE,
    IS_NULL,
    IN_WITH_NULL,
    IN_NOTHING,
    IS_NONE,
    CONTAINS,
    IEXACT,
} test;
static const char *const test_names[] = {"exact", "gt",       "gte",    "lt", "lte",
                                         "in",    "range",    "isnull", "in", "in",
                                         "exact", "contains", "iexact"};
typedef struct node      node;
struct node {
    enum { LEAF, ALL, ANY, NOT } kind;
    node       *parts[3];
    int         count;
    column      column;
    test        test;
    int         low, high;
    const char *text;
};

/* Three values: 1 true, 0 false, -1 not known. */
static int compare(const node *leaf, int value)
{
    switch (leaf->test) {
    case EXACT: return value == leaf->low;
    case GT: return value > leaf->low;
    case GTE: return value >= leaf->low;
    case LT: return value < leaf->low;
    case LTE: return value <= leaf->low;
    case IN: return value == leaf->low || value == leaf->high;
    case IN_WITH_NULL: return value == leaf->low;
    default: return value >= leaf->low && value <= leaf->high;
    }
}

static int compare_text(const node *leaf, const char *text)
{
    switch (leaf->test) {
    case EXACT: return strcmp(text, leaf->text) == 0;
    case IEXACT: return strcasecmp(text, leaf->text) == 0;
    default: return strcasestr(text, leaf->text) != NULL; /* SQLite's LIKE */
    }
}

/* Which columns a condition may be about. */
typedef struct scope {
    bool computed; /* there is an annotation */
    bool grouped;  /* it is an aggregate: rows are not multiplied below it */
} scope;

static node *make_leaf(scope seen)
{
    static const char *const texts[] = {"a", "", "B", "ab"};
    node                    *leaf = nu_alloc(sizeof *leaf);
    leaf->kind = LEAF;
    leaf->column = (column)pick(seen.grouped ? 7 : 9);
    if (leaf->column == COL_X && !seen.computed)
        leaf->column = COL_A;
    leaf->low = (int)pick(5) - 1;
    leaf->high = leaf->low + (int)pick(3);
    leaf->text = texts[pick(4)];
    if (leaf->column == COL_T)
        leaf->test = (test[]){EXACT, CONTAINS, IS_NULL, IEXACT}[pick(4)];
    else if (leaf->column == COL_OWNER)
        leaf->test = (test[]){EXACT, IN, IS_NULL, GT, IN_WITH_NULL, IS_NONE}[pick(6)];
    else
        leaf->test = (test)pick(11);
    return leaf;
}

static node *make_tree(int depth, scope seen)
{
    unsigned kind = depth > 0 ? pick(5) : 0;
    if (kind < 2)
        return make_leaf(seen);
    node *branch = nu_alloc(sizeof *branch);
    branch->kind = kind == 2 ? ALL : kind == 3 ? ANY : NOT;
    branch->count = branch->kind == NOT ? 1 : 2 + (int)pick(2);
    for (int i = 0; i < branch->count; i++)
        branch->parts[i] = make_tree(depth - 1, seen);
    return branch;
}

static const nu_expression *expression_of(const node *tree)
{
    if (tree->kind == LEAF) {
        nu_value value = NU_V(tree->low);
        if (tree->test == IS_NULL)
            value = nu_value_bool(tree->low > 0);
        else if (tree->column == COL_T)
            value = NU_V(tree->text);
        else if (tree->test == IN || tree->test == RANGE)
            value = NU_V(nu_list_of(tree->low, tree->high));
        else if (tree->test == IN_WITH_NULL)
            value = NU_V(nu_list_of(tree->low, nu_null()));
        else if (tree->test == IN_NOTHING)
            value = NU_V(tree->low > 0 ? nu_list_of(nu_null()) : nu_list_new());
        else if (tree->test == IS_NONE)
            value = nu_null();
        const char *name = nu_fmt("%s__%s", column_names[tree->column], test_names[tree->test]);
        return nu_q_((nu_pairs){&(nu_pair){name, value}, 1});
    }
    if (tree->kind == NOT)
        return nu_not(expression_of(tree->parts[0]));
    const nu_expression *parts[4] = {NULL};
    for (int i = 0; i < tree->count; i++)
        parts[i] = expression_of(tree->parts[i]);
    return nu_q_join_(tree->kind == ANY, parts);
}

/* ---- the naive evaluator ---------------------------------------------------------------------- */

typedef struct place {
    int item, note, mark; /* note, mark -1: none is joined */
    int x;
} place;

static int number_at(const node *leaf, const place *at)
{
    const struct item_data *row = &items[at->item];
    switch (leaf->column) {
    case COL_A: return row->a;
    case COL_B: return row->b;
    case COL_OWNER: return row->owner > 0 ? row->owner : NONE;
    case COL_N: return row->owner > 0 ? owners[row->owner - 1].n : NONE;
    case COL_M: return row->owner > 0 ? owners[row->owner - 1].m : NONE;
    case COL_K: return at->note >= 0 ? notes[at->note].value : NONE;
    case COL_V: return at->mark >= 0 ? marks[at->mark].value : NONE;
    default: return at->x;
    }
}

static int leaf_at(const node *leaf, const place *at, bool negated)
{
    bool text = leaf->column == COL_T;
    bool null = text ? items[at->item].t == NULL : number_at(leaf, at) == NONE;
    if (leaf->test == IN_NOTHING)
        return 0;
    if (leaf->test == IS_NULL || leaf->test == IS_NONE)
        return null == (leaf->test == IS_NONE || leaf->low > 0);
    if (null)
        return negated && leaf->column != COL_X ? 0 : -1;
    return text ? compare_text(leaf, items[at->item].t) : compare(leaf, number_at(leaf, at));
}

static bool is_many(const node *leaf)
{
    return leaf->column == COL_K || leaf->column == COL_V;
}

/* Below a negation: is there a row of the relation (none at all counts for isnull) that fits? */
static int any_of_many(const node *leaf, const place *at)
{
    bool             none = true, of_notes = leaf->column == COL_K;
    const many_data *rows = of_notes ? notes : marks;
    for (int i = 0; i < (of_notes ? NOTES : MARKS); i++) {
        place there = *at;
        *(of_notes ? &there.note : &there.mark) = i;
        if (rows[i].item != at->item + 1)
            continue;
        none = false;
        if (leaf_at(leaf, &there, false) == 1)
            return 1;
    }
    return none && (leaf->test == IS_NONE || (leaf->test == IS_NULL && leaf->low > 0));
}

static int holds(const node *tree, const place *at, bool negated, bool below)
{
    if (tree->kind == LEAF)
        return is_many(tree) && below ? any_of_many(tree, at) : leaf_at(tree, at, negated);
    if (tree->kind == NOT) {
        int part = holds(tree->parts[0], at, !negated, true);
        return part < 0 ? part : !part;
    }
    int whole = tree->kind == ALL;
    for (int i = 0; i < tree->count; i++) {
        int part = holds(tree->parts[i], at, negated, below);
        if (part == (tree->kind == ANY))
            return part;
        if (part < 0)
            whole = part;
    }
    return whole;
}

/* True if a leaf outside negations asks for this relation to many: the table is joined. */
static bool joins(const node *tree, column many)
{
    if (tree->kind == LEAF)
        return tree->column == many;
    for (int i = 0; tree->kind != NOT && i < tree->count; i++) {
        if (joins(tree->parts[i], many))
            return true;
    }
    return false;
}

/* The rows of a relation that are joined to an item; -1 alone stands for none. */
static int joined(const node *tree, column many, int item, int *found)
{
    const many_data *rows = many == COL_K ? notes : marks;
    int              count = 0;
    for (int i = 0; joins(tree, many) && i < (many == COL_K ? NOTES : MARKS); i++)
        if (rows[i].item == item + 1)
            found[count++] = i;
    if (count == 0)
        found[count++] = -1;
    return count;
}

/* How many joined rows of the item the condition leaves. */
static int left_of(const node *tree, int item, int x)
{
    int its_notes[NOTES + 1], its_marks[MARKS + 1], left = 0;
    int note_count = joined(tree, COL_K, item, its_notes);
    int mark_count = joined(tree, COL_V, item, its_marks);
    for (int n = 0; n < note_count; n++)
        for (int m = 0; m < mark_count; m++) {
            place at = {item, its_notes[n], its_marks[m], x};
            left += holds(tree, &at, false, false) == 1;
        }
    return left;
}

/* ---- one chain -------------------------------------------------------------------------------- */

typedef struct chained {
    nu_query *query;
    int       times[ITEMS]; /* how often each item is a row */
    int       x[ITEMS];
    scope     seen;
    int       list[4096], count; /* items in order */
} chained;

/* Count, count of some, sum and greatest of the notes' values. */
static int aggregate_of(unsigned kind, int item, int other)
{
    int count = 0, some = 0, sum = NONE, greatest = NONE;
    for (int i = 0; i < NOTES; i++) {
        int value = notes[i].value;
        if (notes[i].item != item + 1)
            continue;
        count++;
        if (value == NONE)
            continue;
        some += value > other;
        sum = sum == NONE ? value : sum + value;
        greatest = value > greatest ? value : greatest;
    }
    return kind == 0 ? count : kind == 1 ? some : kind == 2 ? sum : greatest;
}

static void annotate_aggregate(chained *chain)
{
    unsigned kind = pick(4);
    int      other = (int)pick(4) - 1;
    nu_value value = kind == 0 ? NU_V(nu_count_of("notes"))
                     : kind == 1
                         ? NU_V(nu_only_if(nu_count_of("notes"), nu_q("notes__k__gt", other)))
                     : kind == 2 ? NU_V(nu_sum("notes__k"))
                                 : NU_V(nu_max("notes__k"));
    for (int i = 0; i < ITEMS; i++)
        chain->x[i] = aggregate_of(kind, i, other);
    chain->query = nu_annotate(chain->query, "x", value);
    chain->seen = (scope){.computed = true, .grouped = true};
}

static void annotate(chained *chain)
{
    unsigned kind = pick(4);
    int      other = (int)pick(4) - 1;
    nu_value value = kind == 0   ? NU_V(nu_add(nu_f("a"), nu_f("b")))
                     : kind == 1 ? NU_V(nu_coalesce("a", other))
                     : kind == 2 ? NU_V(nu_case(nu_when(nu_q("a__gt", other), 1), 0))
                                 : NU_V(nu_null_if("b", other));
    for (int i = 0; i < ITEMS; i++) {
        int a = items[i].a, b = items[i].b;
        chain->x[i] = kind == 0   ? (a == NONE ? NONE : a + b)
                      : kind == 1 ? (a == NONE ? other : a)
                      : kind == 2 ? (a != NONE && a > other)
                                  : (b == other ? NONE : b);
    }
    chain->query = nu_annotate(chain->query, "x", value);
    chain->seen.computed = true;
}

static void filter(chained *chain)
{
    node *condition = make_tree(3, chain->seen);
    if (pick(3) == 0) {
        node *negation = nu_alloc(sizeof *negation);
        *negation = (node){.kind = NOT, .parts = {condition}, .count = 1};
        condition = negation;
    }
    chain->query = nu_where(chain->query, expression_of(condition));
    for (int i = 0; i < ITEMS; i++)
        chain->times[i] *= left_of(condition, i, chain->x[i]);
}

/* Each item once: what else is selected depends on it. */
static void distinct(chained *chain)
{
    chain->query = nu_distinct(chain->query);
    for (int i = 0; i < ITEMS; i++)
        chain->times[i] = chain->times[i] > 0;
}

static int key_of(const chained *chain, int item, unsigned by)
{
    const struct item_data *row = &items[item];
    switch (by) {
    case 0: return row->a;
    case 1: return row->b;
    case 2: return row->owner > 0 ? owners[row->owner - 1].m : NONE;
    default: return chain->seen.computed ? chain->x[item] : 0;
    }
}

/* NONE is less than all numbers, as NULL is in SQLite. */
static void order(chained *chain)
{
    static const char *const names[] = {"a", "b", "owner__m", "x"};
    unsigned                 by = pick(chain->seen.computed ? 4 : 3);
    bool                     down = pick(2) == 1;
    const char              *name = nu_fmt("%s%s", down ? "-" : "", names[by]);
    chain->query = nu_order_by(chain->query, name, "id");
    for (int i = 0; i < ITEMS; i++) {
        for (int copy = 0; copy < chain->times[i] && chain->count < (int)NU_COUNT(chain->list);
             copy++) {
            int at = chain->count++, key = key_of(chain, i, by);
            for (; at > 0; at--) {
                int before = key_of(chain, chain->list[at - 1], by);
                if (down ? before >= key : before <= key)
                    break;
                chain->list[at] = chain->list[at - 1];
            }
            chain->list[at] = i;
        }
    }
}

static NU_NORETURN void differ(const chained *chain, const char *what, const char *wanted,
                               const char *got)
{
    fprintf(stderr, "%s: wanted %s, got %s\n%s\n", what, wanted, got, nu_query_sql(chain->query));
    abort();
}

static void check_list(const chained *chain, int from, int to)
{
    nu_list *wanted = nu_list_new();
    for (int i = from; i < chain->count && (to < 0 || i < to); i++)
        nu_list_add(wanted, chain->list[i] + 1);
    nu_query *query = nu_flat(nu_slice(chain->query, from, to), "id");
    nu_list  *got = nu_query_list(query);
    if (!nu_equal(NU_V(got), NU_V(wanted)))
        differ(chain, "rows", nu_text(nu_repr(NU_V(wanted))), nu_text(nu_repr(NU_V(got))));
    if (nu_count(nu_slice(chain->query, from, to)) != wanted->count)
        differ(chain, "count", nu_fmt("%u", wanted->count), "another");
}

static void check_aggregates(const chained *chain)
{
    int64_t sum = 0, rows = 0, least = NONE, known = 0;
    for (int i = 0; i < ITEMS; i++) {
        int a = items[i].a, times = chain->times[i];
        rows += times;
        sum += (int64_t)items[i].b * times;
        known += a != NONE ? times : 0;
        if (a != NONE && times > 0 && (least == NONE || a < least))
            least = a;
    }
    nu_dict *got = nu_aggregate(chain->query, "sum", nu_sum("b"), "rows", nu_count_of("*"), "least",
                                nu_min("a"), "known", nu_count_of("a"));
    nu_dict *wanted = nu_dict_of("sum", rows > 0 ? NU_V(sum) : nu_null(), "rows", rows, "least",
                                 maybe((int)least), "known", known);
    if (!nu_equal(NU_V(got), NU_V(wanted)))
        differ(chain, "aggregates", nu_text(nu_repr(NU_V(wanted))), nu_text(nu_repr(NU_V(got))));
}

static void run(void)
{
    chained *chain = nu_alloc(sizeof *chain);
    chain->query = nu_all(item);
    for (int i = 0; i < ITEMS; i++)
        chain->times[i] = 1;
    unsigned kind = pick(4);
    if (kind == 1)
        annotate(chain);
    else if (kind == 2)
        annotate_aggregate(chain);
    for (unsigned i = 0, many = 1 + pick(3); i < many; i++)
        filter(chain);
    if (pick(3) == 1)
        distinct(chain);
    order(chain);
    int from = (int)pick(4), to = from + (int)pick(6);
    check_list(chain, 0, -1);
    check_list(chain, from, to);
    check_aggregates(chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static bool opened;
    if (!opened)
        open_rows();
    opened = true;
    input = bytes;
    input_end = bytes + size;
    nu_arena *arena = nu_arena_new(NULL, "fuzz");
    nu_arena *before = nu_arena_enter(arena);
    run();
    nu_arena_enter(before);
    nu_arena_free(arena);
    return 0;
}
