/* A growable run of octets, bounded and wiped. */
#include "util/buffer.h"

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}
