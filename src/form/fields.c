/* What several kinds of fields share. */
#include <string.h>

#include "form/internal.h"
#include "nuages/unicode.h"

static uint32_t space_at_start(const char *text, uint32_t length)
{
    const char *at = text, *end = text + length;
    while (at < end) {
        const char *next = at;
        if (!nu_char_is_space(nu_utf8_next(&next, end)))
            break;
        at = next;
    }
    return (uint32_t)(at - text);
}

static uint32_t without_space_at_end(const char *text, uint32_t length)
{
    while (length > 0) {
        uint32_t start = length - 1;
        while (start > 0 && length - start < 4 && ((unsigned char)text[start] & 0xc0) == 0x80)
            start--;
        const char *at = text + start;
        if (!nu_char_is_space(nu_utf8_next(&at, text + length)) || at != text + length)
            break;
        length = start;
    }
    return length;
}

nu_value nu__form_trimmed(nu_value value)
{
    uint32_t start = space_at_start(value.text, value.length);
    uint32_t end = without_space_at_end(value.text + start, value.length - start);
    if (start == 0 && end == value.length)
        return value;
    return nu_value_text_copy(value.text + start, end);
}

int nu__form_max_length(const nu_form_field *field)
{
    return field->max_length > 0 ? field->max_length : field->type->max_length;
}

void nu__form_put_length(nu_dict *attrs, const char *name, int length)
{
    if (length > 0)
        nu_dict_set(attrs, name, length);
}

nu_dict *nu__form_widget_attrs(const nu_form_field *field, const nu_widget *widget)
{
    nu_dict *attrs = nu_dict_new();
    if (widget == &nu_widget_textarea) {
        nu_dict_set(attrs, "cols", 40);
        nu_dict_set(attrs, "rows", 10);
    }
    if (field->type->attrs != NULL)
        field->type->attrs(field, widget, attrs);
    for (const nu_pair *own = field->attrs; own != NULL && own->key != NULL; own++)
        nu_dict_put(attrs, nu_value_text(own->key), own->value);
    return attrs;
}
