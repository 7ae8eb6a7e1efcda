/* How values become text. */
#include <string.h>

#include "nuages/i18n.h"
#include "template/engine.h"
#include "template/program.h"

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

/* Numbers that no language groups are written without a detour over text. */
static bool write_integer(nu_rendering *render, nu_value value)
{
    if (render->use_l10n != 0 && nu_locale_settings()->thousand_separator)
        return false;
    check_limit(render, 20);
    nu_builder_int(render->out, value.integer);
    return true;
}

void nu__write_value(nu_rendering *render, nu_value value)
{
    if (value.type == NU_INT && write_integer(render, value))
        return;
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
