/* What the files of filters/ share. */
#pragma once

#include "i18n/python.h"
#include "nuages/format.h"
#include "nuages/i18n.h"
#include "nuages/unicode.h"
#include "template/internal.h"

extern const nu_template_filter nu__filters_text[];
extern const nu_template_filter nu__filters_truncate[];
extern const nu_template_filter nu__filters_html[];
extern const nu_template_filter nu__filters_links[];
extern const nu_template_filter nu__filters_lists[];
extern const nu_template_filter nu__filters_numbers[];
extern const nu_template_filter nu__filters_logic[];
extern const nu_template_filter nu__filters_dates[];

/* ---- arguments (arguments.c) ------------------------------------------------------------------ */

/* int(value); raises ValueError where Python raises. */
int64_t nu__filter_int(nu_value value);

/* The text of an argument that must be text; raises ValueError otherwise. */
const char *nu__filter_text(nu_value value);

static inline bool nu__is_safe(nu_value value)
{
    return value.type == NU_TEXT && (value.flags & NU_SAFE) != 0;
}

static inline nu_value nu__empty(void)
{
    return nu_value_text_n("", 0);
}

/* The builder's text as safe HTML. */
nu_value nu__safe_text(nu_builder *builder);

/* ---- text ------------------------------------------------------------------------------------- */

nu_value nu__filter_pprint(const nu_filter_call *call);
nu_value nu__filter_stringformat(const nu_filter_call *call);
nu_value nu__filter_wordwrap(const nu_filter_call *call);

/* "a  b" → its next word between white space; false at the end. */
bool nu__next_word(const char **at, const char *end, const char **word, size_t *length);

/* ---- HTML (entities.c, markup.c) -------------------------------------------------------------- */

/* Appends the text with its character references (&amp; &#39; &#x27;) replaced. */
void nu__put_unescaped(nu_builder *out, const char *text, size_t length);

/* What nu__markup_scan finds. */
typedef enum nu__markup_kind {
    NU__MARKUP_TEXT,  /* text between the tags */
    NU__MARKUP_RAW,   /* the content of <script> and <style>: no references in it */
    NU__MARKUP_START, /* <p class=x> */
    NU__MARKUP_END,   /* </p> */
    NU__MARKUP_EMPTY, /* <br/> */
} nu__markup_kind;

typedef struct nu__markup {
    nu__markup_kind kind;
    const char     *text; /* as it stands in the source */
    size_t          length;
    const char     *name; /* of a tag, in lower case, NUL-terminated */
} nu__markup;

/* Reads HTML from `at` as Python's html.parser does; comments and declarations are left out. A tag
 * that does not end is text, or with `stop_at_unfinished` the end. */
typedef struct nu__markup_reader {
    const char *at, *end;
    const char *raw; /* the element whose raw content comes next, or NULL */
    bool        stop_at_unfinished;
    bool        no_comment_end, no_section_end; /* searched for in vain, so not again */
} nu__markup_reader;
bool nu__markup_next(nu__markup_reader *reader, nu__markup *out);

/* The text without its tags. */
nu_value nu__strip_tags(const char *text, size_t length);

/* True for <br>, <img> and their like, which have no end tag. */
bool nu__is_void_element(const char *name);
