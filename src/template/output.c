/* Writing: the escape that most bytes of a page pass through, and how values become text. */
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "nuages/i18n.h"
#include "template/engine.h"
#include "template/program.h"

/* ---- escaping ------------------------------------------------------------------------------- */

/* What each byte becomes, NULL: itself. */
static const struct entity {
    const char *text;
    size_t      length;
} entities[256] = {
    ['&'] = {"&amp;", 5},  ['<'] = {"&lt;", 4},    ['>'] = {"&gt;", 4},
    ['"'] = {"&quot;", 6}, ['\''] = {"&#x27;", 6},
};
#define LONGEST_ENTITY 6

/* Copies bytes to `out` up to the first that must be escaped and returns how many there were. There
 * is room for 16 bytes more than `length` at `out`. */
#ifdef __SSE2__
static inline size_t copy_plain(char *out, const char *text, size_t length)
{
    const __m128i ampersand = _mm_set1_epi8('&'), apostrophe = _mm_set1_epi8('\'');
    const __m128i less = _mm_set1_epi8('<'), greater = _mm_set1_epi8('>');
    const __m128i quote = _mm_set1_epi8('"');
    size_t        i = 0;
    for (; i + 16 <= length; i += 16) {
        __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
        __m128i found = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(chunk, ampersand), _mm_cmpeq_epi8(chunk, apostrophe)),
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(chunk, less), _mm_cmpeq_epi8(chunk, greater)),
                         _mm_cmpeq_epi8(chunk, quote)));
        _mm_storeu_si128((__m128i *)(void *)(out + i), chunk);
        int mask = _mm_movemask_epi8(found);
        if (mask)
            return i + (size_t)__builtin_ctz((unsigned)mask);
    }
    for (; i < length && !entities[(unsigned char)text[i]].text; i++)
        out[i] = text[i];
    return i;
}
#else
static inline size_t copy_plain(char *out, const char *text, size_t length)
{
    size_t i = 0;
    for (; i < length && !entities[(unsigned char)text[i]].text; i++)
        out[i] = text[i];
    return i;
}
#endif

void nu__write_escaped(nu_builder *out, const char *text, size_t length)
{
    while (length > 0) {
        char  *room = nu_builder_room(out, length + 16);
        size_t plain = copy_plain(room, text, length);
        out->length += plain;
        text += plain;
        length -= plain;
        while (length > 0) {
            const struct entity *entity = &entities[(unsigned char)*text];
            if (!entity->text)
                break;
            nu_builder_add(out, entity->text, entity->length);
            text++;
            length--;
        }
    }
}

nu_value nu__escaped(nu_value value)
{
    if (value.type != NU_TEXT)
        value = nu_value_str(value);
    if (value.flags & NU_SAFE)
        return value;
    nu_builder out;
    nu_builder_init(&out, NULL, value.length + 16);
    nu__write_escaped(&out, value.text, value.length);
    value = nu_builder_value(&out);
    value.flags |= NU_SAFE;
    return value;
}

/* ---- values ----------------------------------------------------------------------------------- */

nu_value nu__localtime(const nu_rendering *render, nu_value value)
{
    return value.type == NU_DATETIME ? nu_moment_local(value, render->use_tz) : value;
}

nu_value nu__display(const nu_rendering *render, nu_value value)
{
    if (value.type == NU_TEXT)
        return value;
    value = nu__localtime(render, value);
    value = nu_localize(value, render->use_l10n != 0);
    return value.type == NU_TEXT ? value : nu_value_str(value);
}

static NU_COLD NU_NORETURN void too_long(const nu_rendering *render)
{
    nu_raise(NU_SYSTEM_ERROR, "the template writes more than %zu bytes", render->limit);
}

static inline void check_limit(const nu_rendering *render, size_t more)
{
    if (NU_UNLIKELY(render->out->length + more > render->limit))
        too_long(render);
}

void nu__write(nu_rendering *render, const char *text, size_t length)
{
    check_limit(render, length);
    nu_builder *out = render->out;
    if (NU_UNLIKELY(out->capacity - out->length <= length))
        nu_builder_room(out, length);
    memcpy(out->data + out->length, text, length);
    out->length += length;
}

void nu__write_value(nu_rendering *render, nu_value value)
{
    if (value.type != NU_TEXT)
        value = nu__display(render, value);
    check_limit(render, value.length);
    if (render->autoescape && !(value.flags & NU_SAFE))
        nu__write_escaped(render->out, value.text, value.length);
    else
        nu__write(render, value.text, value.length);
}

nu_value nu__rendered(nu_rendering *render, nu_value value)
{
    value = nu__display(render, value);
    return render->autoescape ? nu__escaped(value) : value;
}
