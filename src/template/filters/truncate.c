/* truncatechars, truncatewords and their forms for HTML. */
#include <string.h>

#include "template/filters/filters.h"

/* ---- what says that text was cut --------------------------------------------------------------- */

#define PLACE "%(truncated_text)s"

/* `text` with the sign that it was cut: "text…", or as translators write it. */
static const char *with_sign(const char *text, const char *sign)
{
    if (strstr(sign, PLACE) != NULL)
        return nu_fill(sign, text);
    return nu_ends_with(text, sign) ? text : nu_fmt("%s%s", text, sign);
}

static const char *default_sign(void)
{
    return nu_pgettext("String to return when truncating text", PLACE "…");
}

#define WORDS_SIGN " …"

/* Characters that combine with the one before count for nothing. */
static int64_t visible_count(const char *text)
{
    const char *end = text + strlen(text);
    int64_t     count = 0;
    while (text < end)
        count += !nu_char_is_combining(nu_utf8_next(&text, end));
    return count;
}

/* Characters that are left for the text when the sign stands behind it. */
static int64_t room_for_text(int64_t length, const char *sign)
{
    int64_t taken = visible_count(with_sign("", sign));
    return taken < length ? length - taken : 0;
}

/* ---- plain text ------------------------------------------------------------------------------- */

static nu_value cut_chars(nu_value input, int64_t length)
{
    nu_value    text = nu_normalize_nfc(input.text, input.length);
    const char *sign = default_sign();
    int64_t     room = room_for_text(length, sign), count = 0;
    const char *at = text.text, *end = at + text.length, *stop = NULL;
    while (at < end) {
        const char *start = at;
        if (nu_char_is_combining(nu_utf8_next(&at, end)))
            continue;
        count++;
        if (stop == NULL && count > room)
            stop = start;
        if (count > length) {
            size_t kept = (size_t)((stop == NULL ? text.text : stop) - text.text);
            return nu_value_text(
                with_sign(nu_arena_copy(nu_arena_current(), text.text, kept), sign));
        }
    }
    return text;
}

static nu_value cut_words(nu_value input, int64_t count)
{
    const char *at = input.text, *end = at + input.length, *word;
    nu_builder  out;
    nu_builder_init(&out, NULL, input.length + 8);
    int64_t words = 0;
    for (size_t length; nu__next_word(&at, end, &word, &length); words++) {
        if (words == count)
            return nu_value_text(with_sign(nu_builder_text(&out), WORDS_SIGN));
        if (words > 0)
            nu_builder_putc(&out, ' ');
        nu_builder_add(&out, word, length);
    }
    return nu_builder_value(&out);
}

/* ---- HTML ------------------------------------------------------------------------------------- */

typedef struct open_tag {
    const char      *name;
    struct open_tag *outer;
} open_tag;

typedef struct cutter {
    nu__markup_reader reader;
    nu_builder        out;
    open_tag         *open; /* innermost first */
    const char       *sign;
    bool              words;
    int64_t           length;       /* as asked for */
    int64_t           remaining;    /* characters or words that may still come */
    int64_t           seen;         /* characters so far */
    size_t            source_count; /* characters of the whole source */
} cutter;

static void open_element(cutter *c, const char *name)
{
    if (nu__is_void_element(name))
        return;
    open_tag *tag = nu_arena_alloc(nu_arena_current(), sizeof *tag);
    *tag = (open_tag){name, c->open};
    c->open = tag;
}

static void close_element(cutter *c, const char *name)
{
    if (nu__is_void_element(name))
        return;
    nu_builder_printf(&c->out, "</%s>", name);
    for (open_tag **tag = &c->open; *tag != NULL; tag = &(*tag)->outer)
        if (strcmp((*tag)->name, name) == 0) {
            *tag = (*tag)->outer;
            return;
        }
}

/* The text split where white space stands between two words, so that white space at either end
 * stays with its word. */
static int64_t split_words(const char *text, size_t length, nu_list *out)
{
    const char *end = text + length, *start = text, *at = text;
    bool        in_word = false;
    while (at < end) {
        const char *here = at;
        if (!nu_char_is_space(nu_utf8_next(&at, end))) {
            in_word = true;
            continue;
        }
        const char *next = at;
        while (next < end && nu_char_is_space(nu_utf8_next(&next, end)))
            at = next;
        if (in_word && at < end) {
            nu_list_push(out, nu_value_text_copy(start, (size_t)(here - start)));
            start = at;
        }
    }
    nu_list_push(out, nu_value_text_copy(start, (size_t)(end - start)));
    return out->count;
}

/* Appends as much of the text as may come, escaped; the units that the whole of it has. */
static int64_t put_words(cutter *c, nu_value text, nu_builder *out)
{
    nu_list *words = nu_list_new();
    int64_t  count = split_words(text.text, text.length, words);
    for (int64_t i = 0; i < count && i < c->remaining; i++) {
        if (i > 0)
            nu_builder_putc(out, ' ');
        nu__write_escaped(out, words->items[i].text, words->items[i].length);
    }
    return count;
}

static int64_t put_chars(cutter *c, nu_value text, nu_builder *out)
{
    size_t kept = nu_utf8_offset(text.text, text.length, (size_t)c->remaining);
    nu__write_escaped(out, text.text, kept);
    return (int64_t)nu_utf8_count(text.text, text.length);
}

/* A text without any tag that has just the length asked for is not cut. */
static bool fits_exactly(cutter *c, nu_value text)
{
    if (c->words)
        return false;
    size_t count = nu_utf8_count(text.text, text.length);
    c->seen += (int64_t)count;
    return c->seen == c->length &&
           nu_utf8_count(c->out.data, c->out.length) + count == c->source_count;
}

static void put_sign(cutter *c, const char *text)
{
    nu_builder_puts(&c->out, with_sign(text, c->sign));
    for (open_tag *tag = c->open; tag != NULL; tag = tag->outer)
        nu_builder_printf(&c->out, "</%s>", tag->name);
}

/* False when the text was cut and all is done. */
static bool put_piece_of_text(cutter *c, const nu__markup *piece)
{
    nu_builder plain, out;
    nu_builder_init(&plain, NULL, piece->length + 1);
    if (piece->kind == NU__MARKUP_RAW)
        nu_builder_add(&plain, piece->text, piece->length);
    else
        nu__put_unescaped(&plain, piece->text, piece->length);
    nu_value text = nu_builder_value(&plain);
    if (fits_exactly(c, text)) {
        nu_builder_add(&c->out, text.text, text.length);
        return false;
    }
    nu_builder_init(&out, NULL, text.length + 16);
    int64_t count = c->words ? put_words(c, text, &out) : put_chars(c, text, &out);
    if (c->remaining < count) {
        put_sign(c, nu_builder_text(&out));
        return false;
    }
    c->remaining -= count;
    nu_builder_add(&c->out, out.data, out.length);
    return true;
}

/* html.parser holds the last text back when a reference in it might go on, and Django never asks for
 * it: such text is lost. */
static bool is_held_back(const cutter *c, const nu__markup *piece)
{
    enum { LONGEST_REFERENCE = 34 };
    const char *end = piece->text + piece->length;
    if (piece->kind != NU__MARKUP_TEXT || end < c->reader.end)
        return false;
    size_t      tail = nu_utf8_count(piece->text, piece->length);
    size_t      skipped = tail > LONGEST_REFERENCE ? tail - LONGEST_REFERENCE : 0;
    const char *from = piece->text + nu_utf8_offset(piece->text, piece->length, skipped);
    const char *reference = memrchr(from, '&', (size_t)(end - from));
    if (reference == NULL)
        return false;
    while (reference < end) {
        uint32_t code = nu_utf8_next(&reference, end);
        if (code == ';' || nu_char_is_space(code))
            return false;
    }
    return true;
}

static nu_value cut_html(cutter *c, nu_value input)
{
    nu__markup piece;
    c->reader = (nu__markup_reader){
        .at = input.text, .end = input.text + input.length, .stop_at_unfinished = true};
    c->source_count = nu_utf8_count(input.text, input.length);
    nu_builder_init(&c->out, NULL, input.length + 16);
    while (nu__markup_next(&c->reader, &piece) && !is_held_back(c, &piece)) {
        switch (piece.kind) {
        case NU__MARKUP_TEXT:
        case NU__MARKUP_RAW:
            if (!put_piece_of_text(c, &piece))
                return nu_builder_value(&c->out);
            break;
        case NU__MARKUP_START:
            nu_builder_add(&c->out, piece.text, piece.length);
            open_element(c, piece.name);
            break;
        case NU__MARKUP_EMPTY:
            nu_builder_add(&c->out, piece.text, piece.length);
            open_element(c, piece.name);
            close_element(c, piece.name);
            break;
        case NU__MARKUP_END: close_element(c, piece.name); break;
        }
    }
    return nu_builder_value(&c->out);
}

static nu_value cut_chars_html(nu_value input, int64_t length)
{
    cutter c = {.sign = default_sign(), .length = length};
    c.remaining = room_for_text(length, c.sign);
    return cut_html(&c, nu_normalize_nfc(input.text, input.length));
}

static nu_value cut_words_html(nu_value input, int64_t count)
{
    cutter c = {.sign = WORDS_SIGN, .words = true, .length = count, .remaining = count};
    return cut_html(&c, input);
}

/* ---- the filters ------------------------------------------------------------------------------ */

/* An argument that is no number leaves the text alone; None raises, as in Python. */
static nu_value truncate(const nu_filter_call *call, nu_value (*cut)(nu_value text, int64_t length))
{
    int64_t length;
    if (!nu__python_int64(call->arg, &length)) {
        if (call->arg.type != NU_TEXT)
            nu_raise(NU_VALUE_ERROR, "the length must be a number, not %s",
                     nu__python_type(call->arg));
        return call->input;
    }
    return length <= 0 ? nu__empty() : cut(call->input, length);
}

static nu_value filter_chars(const nu_filter_call *call)
{
    return truncate(call, cut_chars);
}
static nu_value filter_words(const nu_filter_call *call)
{
    return truncate(call, cut_words);
}
static nu_value filter_chars_html(const nu_filter_call *call)
{
    return truncate(call, cut_chars_html);
}
static nu_value filter_words_html(const nu_filter_call *call)
{
    return truncate(call, cut_words_html);
}

const nu_template_filter nu__filters_truncate[] = {
    {"truncatechars", filter_chars, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {"truncatechars_html", filter_chars_html, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {"truncatewords", filter_words, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {"truncatewords_html", filter_words_html, NU_FILTER_TEXT | NU_FILTER_SAFE | NU_FILTER_ARG},
    {0},
};
