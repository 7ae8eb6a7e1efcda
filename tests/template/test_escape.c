#include <string.h>

#include "nuages/test.h"
#include "template/internal.h"

/* Byte by byte, to compare with. */
static const char *plainly(const char *text, size_t length)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 0);
    for (size_t i = 0; i < length; i++) {
        switch (text[i]) {
        case '&': nu_builder_puts(&out, "&amp;"); break;
        case '<': nu_builder_puts(&out, "&lt;"); break;
        case '>': nu_builder_puts(&out, "&gt;"); break;
        case '"': nu_builder_puts(&out, "&quot;"); break;
        case '\'': nu_builder_puts(&out, "&#x27;"); break;
        default: nu_builder_putc(&out, text[i]);
        }
    }
    return nu_builder_text(&out);
}

static const char *escaped(const char *text, size_t length)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 1);
    /* A copy of exactly that size, so that a read beyond it is seen. */
    nu__write_escaped(&out, nu_arena_copy(nu_arena_current(), text, length), length);
    return nu_builder_text(&out);
}

TEST(a_special_character_is_escaped_wherever_it_stands)
{
    static const char specials[] = "&<>\"'";
    char              text[80];
    for (size_t length = 0; length <= 70; length++) {
        memset(text, 'x', sizeof text);
        CHECK_TEXT(escaped(text, length), plainly(text, length));
        for (size_t at = 0; at < length; at++) {
            text[at] = specials[at % 5];
            CHECK_TEXT(escaped(text, length), plainly(text, length));
            text[length - 1] = '<';
            CHECK_TEXT(escaped(text, length), plainly(text, length));
            text[at] = text[length - 1] = 'x';
        }
        memset(text, '"', sizeof text);
        CHECK_TEXT(escaped(text, length), plainly(text, length));
    }
}
