/* The paths that a regular expression stands for, as Django's normalize() finds them: each character
 * class is stood in for by one of its characters, a repetition by its smallest number, and a group by
 * its argument. What is optional and holds a group doubles the number of ways: without and with it.
 *
 *      ^opt/(?:(?P<page>\d+)/)?$      →      "opt/"      and      "opt/" page "/"
 *
 * The expression is read into a tree first, then the tree is written out in all its ways. */
#include "url/internal.h"

#include <string.h>

#define WAYS_MAX 256

enum node_kind { NODE_TEXT, NODE_GROUP, NODE_SEQUENCE, NODE_OPTIONAL };

typedef struct node node;
struct node {
    enum node_kind kind;
    char           text[4]; /* NODE_TEXT: one character */
    size_t         length;
    const char    *name; /* NODE_GROUP */
    bool           repeated;
    node          *items; /* NODE_SEQUENCE, NODE_OPTIONAL */
    size_t         count;
};

/* ---- reading ----------------------------------------------------------------------------------------- */

struct reader {
    const char *at, *end;
    node       *items; /* the sequence so far, with those of open brackets before it */
    size_t      count, capacity;
    size_t      open[32]; /* where unnamed brackets started */
    size_t      depth;
    int         groups; /* without a name */
};

/* The next character that stands for something; false at the end. \A \b \B \Z stand for nothing. */
static bool next_char(struct reader *r, char out[4], size_t *length, bool *escaped)
{
    while (r->at < r->end) {
        const char *from = r->at;
        nu_utf8_next(&r->at, r->end);
        *length = (size_t)(r->at - from);
        *escaped = *from == '\\' && r->at < r->end;
        if (!*escaped) {
            memcpy(out, from, *length);
            return true;
        }
        from = r->at;
        nu_utf8_next(&r->at, r->end);
        *length = (size_t)(r->at - from);
        memcpy(out, from, *length);
        static const char meanings[][2] = {{'d', '0'}, {'D', 'x'}, {'s', ' '},
                                           {'S', 'x'}, {'w', 'x'}, {'W', '!'}};
        for (size_t i = 0; i < NU_COUNT(meanings); i++) {
            if (*from == meanings[i][0])
                *out = meanings[i][1];
        }
        if (strchr("AbBZ", *from) == NULL)
            return true;
    }
    return false;
}

static void push(struct reader *r, node item)
{
    if (r->count == r->capacity) {
        size_t capacity = r->capacity > 0 ? r->capacity * 2 : 32;
        r->items = nu_arena_grow(nu_arena_current(), r->items, r->capacity * sizeof(node),
                                 capacity * sizeof(node));
        r->capacity = capacity;
    }
    r->items[r->count++] = item;
}

static void push_char(struct reader *r, const char *text, size_t length)
{
    node item = {.kind = NODE_TEXT, .length = length};
    memcpy(item.text, text, length);
    push(r, item);
}

/* Reads to the bracket that closes the group, given the character just read. */
static void skip_group(struct reader *r, char first)
{
    char   out[4];
    size_t length, nesting = first == '(';
    bool   escaped;
    while (next_char(r, out, &length, &escaped)) {
        if (escaped)
            continue;
        nesting += out[0] == '(';
        if (out[0] == ')' && nesting-- == 0)
            return;
    }
}

static bool read_class(struct reader *r)
{
    char   out[4];
    size_t length;
    bool   escaped;
    if (!next_char(r, out, &length, &escaped))
        return false;
    push_char(r, out, length);
    do {
        if (!next_char(r, out, &length, &escaped))
            return false;
    } while (escaped || out[0] != ']');
    return true;
}

/* "(?P<name>…)" or "(?P=name)", behind the "P". */
static bool read_named(struct reader *r)
{
    bool        again = *r->at == '=';
    const char *name = r->at + 1;
    if (r->at == r->end || (*r->at != '=' && *r->at != '<'))
        return false;
    const char *stop = memchr(name, again ? ')' : '>', (size_t)(r->end - name));
    if (stop == NULL)
        return false;
    push(r, (node){.kind = NODE_GROUP,
                   .name = nu_arena_copy(nu_arena_current(), name, (size_t)(stop - name)),
                   .repeated = again});
    r->at = stop + 1;
    if (!again)
        skip_group(r, '\0');
    return true;
}

/* False if the expression cannot be reversed. */
static bool read_group(struct reader *r)
{
    if (r->at == r->end || *r->at != '?') {
        push(r, (node){.kind = NODE_GROUP, .name = nu_fmt("_%d", r->groups++)});
        skip_group(r, '\0');
        return true;
    }
    char kind = r->at + 1 < r->end ? r->at[1] : '\0';
    r->at += 2;
    if (kind == ':') {
        if (r->depth == NU_COUNT(r->open))
            return false;
        r->open[r->depth++] = r->count;
        return true;
    }
    if (kind == '!' || kind == '=' || kind == '<') {
        skip_group(r, kind);
        return true;
    }
    return kind == 'P' && read_named(r);
}

static bool close_group(struct reader *r)
{
    if (r->depth == 0)
        return false;
    size_t start = r->open[--r->depth], count = r->count - start;
    node   item = {.kind = NODE_SEQUENCE, .count = count};
    item.items = nu_arena_array(nu_arena_current(), count, sizeof(node));
    if (count > 0)
        memcpy(item.items, r->items + start, count * sizeof(node));
    r->count = start;
    push(r, item);
    return true;
}

static bool holds_group(const node *item)
{
    if (item->kind == NODE_GROUP)
        return true;
    for (size_t i = 0; i < item->count; i++) {
        if (holds_group(&item->items[i]))
            return true;
    }
    return false;
}

/* The smallest number of a repetition; a "?" behind it changes nothing. */
static int64_t smallest(struct reader *r, char quantifier)
{
    int64_t least = quantifier == '+';
    if (quantifier == '{') {
        const char *close = memchr(r->at, '}', (size_t)(r->end - r->at));
        const char *stop = close != NULL ? close : r->end;
        size_t      digits = strspn(r->at, "0123456789");
        if (!nu_parse_int(r->at, digits, &least))
            least = 0;
        r->at = stop < r->end ? stop + 1 : r->end;
    }
    r->at += r->at < r->end && *r->at == '?';
    return least;
}

static bool repeat(struct reader *r, char quantifier)
{
    int64_t least = smallest(r, quantifier);
    size_t  start = r->depth > 0 ? r->open[r->depth - 1] : 0;
    if (r->count == start || least > WAYS_MAX)
        return false; /* nothing to repeat, or too often */
    node last = r->items[r->count - 1];
    if (least == 0 && holds_group(&last)) {
        node option = {.kind = NODE_OPTIONAL, .count = 1};
        option.items = nu_alloc(sizeof(node));
        option.items[0] = last;
        r->items[r->count - 1] = option;
    } else if (least == 0) {
        r->count--;
    }
    for (int64_t i = 1; i < least; i++)
        push(r, last);
    return true;
}

/* False at the end of what can be read; *fail if the expression cannot be reversed. */
static bool read_one(struct reader *r, bool *fail)
{
    char   out[4];
    size_t length;
    bool   escaped;
    if (!next_char(r, out, &length, &escaped))
        return false;
    if (escaped || (out[0] == '\0' || strchr("^$)[(*?+{|", out[0]) == NULL)) {
        push_char(r, out, length);
        return true;
    }
    switch (out[0]) {
    case '^': return true;
    case '$': return false;
    case ')': *fail = !close_group(r); break;
    case '[': return read_class(r);
    case '(': *fail = !read_group(r); break;
    case '|': *fail = true; break;
    default: *fail = !repeat(r, out[0]);
    }
    return !*fail;
}

/* ---- writing out --------------------------------------------------------------------------------------- */

/* The ways so far. */
struct ways {
    nu__template *items;
    size_t        count;
};

static void add_piece(nu__template *way, nu__piece piece)
{
    if (way->count == way->capacity) {
        size_t capacity = way->capacity > 0 ? way->capacity * 2 : 8;
        way->pieces =
            nu_arena_grow(nu_arena_current(), way->pieces, way->capacity * sizeof(nu__piece),
                          capacity * sizeof(nu__piece));
        way->capacity = capacity;
    }
    way->pieces[way->count++] = piece;
}

static void add_to_all(struct ways *ways, const node *item)
{
    nu__piece piece = {.name = item->name, .repeated = item->repeated};
    if (item->kind == NODE_TEXT) {
        piece.text = nu_arena_copy(nu_arena_current(), item->text, item->length);
        piece.length = item->length;
    }
    for (size_t i = 0; i < ways->count; i++)
        add_piece(&ways->items[i], piece);
}

static struct ways copy_ways(const struct ways *ways, size_t room)
{
    struct ways copy = {.count = ways->count};
    copy.items = nu_arena_array(nu_arena_current(), room, sizeof(nu__template));
    for (size_t i = 0; i < ways->count; i++) {
        for (size_t p = 0; p < ways->items[i].count; p++)
            add_piece(&copy.items[i], ways->items[i].pieces[p]);
    }
    return copy;
}

static void write_items(struct ways *ways, const node *items, size_t count);

/* Each way so far goes on without and with the option, in this order. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as brackets are nested */
static void write_option(struct ways *ways, const node *option)
{
    if (ways->count * 2 > WAYS_MAX)
        return;
    struct ways with = copy_ways(ways, ways->count);
    write_items(&with, option->items, option->count);
    size_t      branches = with.count / ways->count;
    struct ways both = {.count = 0};
    both.items = nu_arena_array(nu_arena_current(), ways->count + with.count, sizeof(nu__template));
    for (size_t i = 0; i < ways->count; i++) {
        both.items[both.count++] = ways->items[i];
        for (size_t b = 0; b < branches; b++)
            both.items[both.count++] = with.items[i * branches + b];
    }
    *ways = both;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as brackets are nested */
static void write_items(struct ways *ways, const node *items, size_t count)
{
    nu_check_stack();
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind == NODE_SEQUENCE)
            write_items(ways, items[i].items, items[i].count);
        else if (items[i].kind == NODE_OPTIONAL)
            write_option(ways, &items[i]);
        else
            add_to_all(ways, &items[i]);
    }
}

nu__template *nu__templates_of(const char *regex, size_t *count)
{
    struct reader reader = {.at = regex, .end = regex + strlen(regex)};
    struct ways   ways = {.count = 1};
    ways.items = nu_alloc(sizeof(nu__template));
    bool fail = false;
    while (read_one(&reader, &fail))
        continue;
    if (!fail)
        write_items(&ways, reader.items, reader.count);
    *count = ways.count;
    return ways.items;
}
