/* Methods of the models of contrib: content types, users. */
#include "orm.h"

bool orm_app_call(orm_subject *subject, const char *name, orm_arguments *arguments)
{
    (void)subject;
    (void)name;
    (void)arguments;
    return false;
}
