#include "template/filters/filters.h"

int64_t nu__filter_int(nu_value value)
{
    int64_t number;
    if (!nu__python_int64(value, &number))
        nu_raise(NU_VALUE_ERROR, "\"%s\" is no whole number", nu_text(value));
    return number;
}

const char *nu__filter_text(nu_value value)
{
    if (value.type != NU_TEXT)
        nu_raise(NU_VALUE_ERROR, "text is needed, not %s", nu__python_type(value));
    return value.text;
}

nu_value nu__safe_text(nu_builder *builder)
{
    nu_value text = nu_builder_value(builder);
    text.flags |= NU_SAFE;
    return text;
}
