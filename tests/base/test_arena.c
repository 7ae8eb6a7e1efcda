#include "nuages/test.h"

#include <string.h>

#include "base/internal.h"

TEST(arena_memory_is_aligned_and_separate)
{
    nu_arena *arena = nu_arena_new(NULL, "test");
    char     *before = NULL;
    for (size_t size = 0; size < 3000; size += 7) {
        char *memory = nu_arena_alloc(arena, size);
        CHECK((uintptr_t)memory % 16 == 0);
        CHECK(memory != before);
        memset(memory, 0xab, size);
        before = memory;
    }
    nu_arena_free(arena);
}
