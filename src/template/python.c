/* Names that Python has for things, where a message of Django's shows them. */
#include "template/internal.h"

const char *nu__python_type(nu_value value)
{
    static const char *const names[] = {
        [NU_NULL] = "NoneType",
        [NU_BOOL] = "bool",
        [NU_INT] = "int",
        [NU_FLOAT] = "float",
        [NU_DECIMAL] = "decimal.Decimal",
        [NU_TEXT] = "str",
        [NU_BYTES] = "bytes",
        [NU_DATE] = "datetime.date",
        [NU_TIME] = "datetime.time",
        [NU_DATETIME] = "datetime.datetime",
        [NU_DURATION] = "datetime.timedelta",
        [NU_UUID] = "UUID",
        [NU_LIST] = "list",
        [NU_DICT] = "dict",
        [NU_FUNCTION] = "function",
    };
    if (value.type == NU_OBJECT)
        return ((const nu_object *)value.object)->class->name;
    return value.type == NU_LIST && value.flags & NU_TUPLE ? "tuple" : names[value.type];
}
