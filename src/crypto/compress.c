#include "nuages/crypto.h"

#include <zlib.h>

uint8_t *nu_deflate(const void *bytes, size_t length, size_t *out_length)
{
    uLongf   size = compressBound(length);
    uint8_t *out = nu_arena_alloc(nu_arena_current(), size);
    if (compress2(out, &size, bytes, length, Z_DEFAULT_COMPRESSION) != Z_OK)
        nu_raise(NU_OUT_OF_MEMORY, "zlib has no memory to compress %zu bytes", length);
    *out_length = size;
    return out;
}

/* zlib allocates its state itself, so that nothing between init and end may raise: the room is
 * taken before, and too little of it is answered by a second, larger go. */
static int inflate_into(const void *bytes, size_t length, uint8_t *out, size_t room, size_t *used)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .next_out = out};
    if (length > UINT32_MAX || room > UINT32_MAX)
        return Z_DATA_ERROR;
    stream.avail_in = (uInt)length;
    stream.avail_out = (uInt)room;
    if (inflateInit(&stream) != Z_OK)
        return Z_MEM_ERROR;
    int status = inflate(&stream, Z_FINISH);
    *used = room - stream.avail_out;
    bool whole = stream.avail_in == 0;
    bool full = stream.avail_out == 0;
    inflateEnd(&stream);
    if (status == Z_STREAM_END)
        return whole ? Z_STREAM_END : Z_DATA_ERROR;
    return full && (status == Z_OK || status == Z_BUF_ERROR) ? Z_BUF_ERROR : Z_DATA_ERROR;
}

bool nu_inflate(const void *bytes, size_t length, size_t limit, uint8_t **out, size_t *out_length)
{
    nu_arena *arena = nu_arena_current();
    size_t    room = length * 4 + 64;
    for (;;) {
        if (room > limit)
            room = limit;
        uint8_t *buffer = nu_arena_alloc(arena, room + 1);
        int      status = inflate_into(bytes, length, buffer, room, out_length);
        if (status == Z_STREAM_END) {
            buffer[*out_length] = 0;
            *out = buffer;
            return true;
        }
        if (status == Z_MEM_ERROR)
            nu_raise(NU_OUT_OF_MEMORY, "zlib has no memory");
        if (status != Z_BUF_ERROR || room == limit)
            return false;
        room *= 4;
    }
}
