/* Python's str() and repr() of values. */
#include "nuages/value.h"

#include <string.h>

#include "base/internal.h"

/* ---- repr of text ----------------------------------------------------------------------------- */

/* Code points that Python does not print as they stand. Unassigned ones are missing here: that
 * table would be larger than this library, and what Python does with them changes by the year. */
static bool is_printable(uint32_t code)
{
    static const uint32_t hidden[][2] = {
        {0x0000, 0x001f},   {0x007f, 0x00a0},    {0x00ad, 0x00ad}, {0x0600, 0x0605},
        {0x061c, 0x061c},   {0x06dd, 0x06dd},    {0x1680, 0x1680}, {0x180e, 0x180e},
        {0x2000, 0x200f},   {0x2028, 0x202f},    {0x205f, 0x206f}, {0x3000, 0x3000},
        {0xe000, 0xf8ff},   {0xfeff, 0xfeff},    {0xfff0, 0xfffb}, {0xfffe, 0xffff},
        {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
    };
    for (size_t i = 0; i < NU_COUNT(hidden); i++)
        if (code >= hidden[i][0] && code <= hidden[i][1])
            return false;
    return true;
}

static void add_hidden(nu_builder *out, uint32_t code)
{
    if (code == '\n' || code == '\r' || code == '\t')
        nu_builder_puts(out, code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t");
    else if (code < 0x100)
        nu_builder_printf(out, "\\x%02x", code);
    else
        nu_builder_printf(out, code < 0x10000 ? "\\u%04x" : "\\U%08x", code);
}

/* Python quotes with ' unless the text has ' and no ". */
static char quote_for(const char *text, size_t length)
{
    return memchr(text, '\'', length) != NULL && memchr(text, '"', length) == NULL ? '"' : '\'';
}

static void repr_text(nu_builder *out, const char *text, size_t length)
{
    char        quote = quote_for(text, length);
    const char *at = text, *end = text + length;
    nu_builder_putc(out, quote);
    while (at < end) {
        const char *from = at;
        uint32_t    code = nu_utf8_next(&at, end);
        if (code == (unsigned char)quote || code == '\\') {
            nu_builder_putc(out, '\\');
            nu_builder_putc(out, (char)code);
        } else if (!is_printable(code)) {
            add_hidden(out, code);
        } else {
            nu_builder_add(out, from, (size_t)(at - from));
        }
    }
    nu_builder_putc(out, quote);
}

static void repr_bytes(nu_builder *out, const uint8_t *bytes, size_t length)
{
    char quote = quote_for((const char *)bytes, length);
    nu_builder_putc(out, 'b');
    nu_builder_putc(out, quote);
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == (unsigned char)quote || bytes[i] == '\\')
            nu_builder_putc(out, '\\');
        if (bytes[i] < 0x20 || bytes[i] >= 0x7f)
            add_hidden(out, bytes[i]);
        else
            nu_builder_putc(out, (char)bytes[i]);
    }
    nu_builder_putc(out, quote);
}

/* ---- repr of the rest ------------------------------------------------------------------------- */

static void repr_clock(nu_builder *out, const nu_civil *civil)
{
    nu_builder_printf(out, "%d, %d", civil->hour, civil->minute);
    if (civil->second != 0 || civil->us != 0)
        nu_builder_printf(out, ", %d", civil->second);
    if (civil->us != 0)
        nu_builder_printf(out, ", %d", civil->us);
}

static void repr_duration(nu_builder *out, int64_t us)
{
    int64_t days = us / NU_DAY - (us % NU_DAY < 0);
    us -= days * NU_DAY;
    if (days == 0 && us == 0) {
        nu_builder_puts(out, "datetime.timedelta(0)");
        return;
    }
    int64_t     parts[] = {days, us / NU_SECOND, us % NU_SECOND};
    const char *names[] = {"days", "seconds", "microseconds"}, *between = "";
    nu_builder_puts(out, "datetime.timedelta(");
    for (size_t i = 0; i < NU_COUNT(parts); i++) {
        if (parts[i] == 0)
            continue;
        nu_builder_printf(out, "%s%s=%lld", between, names[i], (long long)parts[i]);
        between = ", ";
    }
    nu_builder_putc(out, ')');
}

static void repr_zone(nu_builder *out, int minutes)
{
    if (minutes == 0) {
        nu_builder_puts(out, ", tzinfo=datetime.timezone.utc");
        return;
    }
    nu_builder_puts(out, ", tzinfo=datetime.timezone(");
    repr_duration(out, minutes * NU_MINUTE);
    nu_builder_putc(out, ')');
}

static void repr_datetime(nu_builder *out, nu_value value)
{
    nu_datetime local = nu_value_as_datetime(value);
    local.us += local.naive ? 0 : local.offset * NU_MINUTE;
    nu_civil civil = nu_datetime_civil(local, NULL);
    nu_builder_printf(out, "datetime.datetime(%d, %d, %d, ", civil.year, civil.month, civil.day);
    repr_clock(out, &civil);
    if (!local.naive)
        repr_zone(out, local.offset);
    nu_builder_putc(out, ')');
}

static void repr_list(nu_builder *out, nu_value value)
{
    bool tuple = (value.flags & NU_TUPLE) != 0;
    nu_check_stack();
    nu_builder_putc(out, tuple ? '(' : '[');
    for (uint32_t i = 0; i < value.list->count; i++) {
        if (i > 0)
            nu_builder_puts(out, ", ");
        nu__repr_add(out, value.list->items[i]);
    }
    if (tuple && value.list->count == 1)
        nu_builder_putc(out, ',');
    nu_builder_putc(out, tuple ? ')' : ']');
}

static void repr_dict(nu_builder *out, const nu_dict *dict)
{
    const char *between = "";
    nu_check_stack();
    nu_builder_putc(out, '{');
    for (nu_entry *entry = NULL; (entry = nu_dict_next(dict, entry)) != NULL;) {
        nu_builder_puts(out, between);
        nu__repr_add(out, entry->key);
        nu_builder_puts(out, ": ");
        nu__repr_add(out, entry->value);
        between = ", ";
    }
    nu_builder_putc(out, '}');
}

static nu_value object_str(nu_value value)
{
    const nu_class *class = ((const nu_object *)value.object)->class;
    if (class->text == NULL)
        return nu_value_text(nu_fmt("<%s object>", class->name));
    nu_value text = class->text(value.object);
    if (text.type == NU_OBJECT)
        nu_raise(NU_ASSERTION, "the text of a %s is not text", class->name);
    return nu_value_str(text);
}

/* As Django's models show themselves in a list: <Article: title>. */
static void repr_object(nu_builder *out, nu_value value)
{
    const nu_class *class = ((const nu_object *)value.object)->class;
    nu_value text = object_str(value);
    if (text.length > 0 && text.text[0] == '<')
        nu_builder_puts(out, text.text);
    else
        nu_builder_printf(out, "<%s: %s>", class->name, text.text);
}

void nu__repr_add(nu_builder *out, nu_value value)
{
    nu_civil civil;
    switch ((nu_type)value.type) {
    case NU_TEXT: repr_text(out, value.text, value.length); break;
    case NU_BYTES: repr_bytes(out, value.bytes, value.length); break;
    case NU_DECIMAL:
        nu_builder_printf(out, "Decimal('%s')", nu_decimal_text(*value.decimal));
        break;
    case NU_DATE:
        civil = nu_date_civil(nu_value_as_date(value));
        nu_builder_printf(out, "datetime.date(%d, %d, %d)", civil.year, civil.month, civil.day);
        break;
    case NU_TIME:
        civil = nu_time_civil(nu_value_as_time(value));
        nu_builder_puts(out, "datetime.time(");
        repr_clock(out, &civil);
        nu_builder_putc(out, ')');
        break;
    case NU_DATETIME: repr_datetime(out, value); break;
    case NU_DURATION: repr_duration(out, value.us); break;
    case NU_UUID: nu_builder_printf(out, "UUID('%s')", nu_text(value)); break;
    case NU_LIST: repr_list(out, value); break;
    case NU_DICT: repr_dict(out, value.dict); break;
    case NU_OBJECT: repr_object(out, value); break;
    case NU_FUNCTION: nu_builder_printf(out, "<function %s>", value.function->name); break;
    case NU_NULL:
    case NU_BOOL:
    case NU_INT:
    case NU_FLOAT: nu_builder_puts(out, nu_text(value)); break;
    }
}

nu_value nu_repr(nu_value value)
{
    nu_builder out;
    nu_builder_init(&out, NULL, 64);
    nu__repr_add(&out, value);
    return nu_builder_value(&out);
}

/* ---- str -------------------------------------------------------------------------------------- */

static nu_value copied(const char *text, size_t length)
{
    return nu_value_text_copy(text, length);
}

nu_value nu_value_str(nu_value value)
{
    char text[NU__TIME_SIZE];
    _Static_assert(sizeof text >= NU__FLOAT_SIZE && sizeof text >= 37, "holds every form below");
    switch ((nu_type)value.type) {
    case NU_NULL: return nu_value_text("None");
    case NU_BOOL: return nu_value_text(value.boolean ? "True" : "False");
    case NU_INT: return copied(text, nu__int_write(text, value.integer));
    case NU_FLOAT: return copied(text, nu__float_write(text, value.number));
    case NU_DECIMAL: return nu_value_text(nu_decimal_text(*value.decimal));
    case NU_TEXT: return value;
    case NU_DATE: return copied(text, nu__date_write(text, value.days));
    case NU_TIME: return copied(text, nu__time_write(text, value.us));
    case NU_DATETIME:
        return copied(text, nu__datetime_write(text, nu_value_as_datetime(value), ' ', false));
    case NU_DURATION: return copied(text, nu__duration_python(text, value.us));
    case NU_UUID: return copied(text, nu__uuid_write(text, value.uuid->bytes));
    case NU_OBJECT: return object_str(value);
    case NU_BYTES:
    case NU_LIST:
    case NU_DICT:
    case NU_FUNCTION: break;
    }
    return nu_repr(value);
}

const char *nu_text(nu_value value)
{
    return nu_value_str(value).text;
}
