#include <nuages/client.h>

#include "{{ name }}/{{ name }}.h"

TEST({{ name }}_has_a_label)
{
    CHECK_TEXT({{ name }}.label, "{{ name }}");
}
