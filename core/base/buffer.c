/* SPDX-License-Identifier: Apache-2.0 */
/* A growable run of octets, bounded and wiped. */
#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

/* Makes the capacity hold `length` octets and the NUL. A plain realloc() could leave a copy of a secret behind. */
static bool grow(struct buffer *buffer, size_t length, size_t capacity)
{
    if (length < buffer->capacity) {
        return true;
    }
    char *data = capacity > length ? malloc(capacity) : NULL;
    if (data == NULL) {
        return false;
    }
    if (buffer->data != NULL) {
        memcpy(data, buffer->data, buffer->length + 1);
        explicit_bzero(buffer->data, buffer->length);
        free(buffer->data);
    } else {
        data[0] = '\0';
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

/* Room for `more` octets past the present ones; where they start, or NULL. */
static char *extend(struct buffer *buffer, size_t more)
{
    size_t most = buffer->limit != 0 ? buffer->limit : SIZE_MAX / 4;
    if (buffer->failed || more > most || buffer->length > most - more) {
        buffer->failed = true;
        return NULL;
    }
    size_t length = buffer->length + more;
    size_t doubled = buffer->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buffer->capacity * 2;
    if (!grow(buffer, length, doubled > length ? doubled : length + 1)) {
        buffer->failed = true;
        return NULL;
    }
    return buffer->data + buffer->length;
}

bool buffer_append(struct buffer *buffer, const void *octets, size_t length)
{
    char *end = extend(buffer, length);
    if (end == NULL) {
        return false;
    }
    if (length != 0) {
        memcpy(end, octets, length);
    }
    end[length] = '\0';
    buffer->length += length;
    return true;
}

char *buffer_room(struct buffer *buffer, size_t more)
{
    return extend(buffer, more);
}

void buffer_written(struct buffer *buffer, size_t count)
{
    buffer->length += count;
    buffer->data[buffer->length] = '\0';
}

bool buffer_putc(struct buffer *buffer, char octet)
{
    return buffer_append(buffer, &octet, 1);
}

bool buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *end = length < 0 ? NULL : extend(buffer, (size_t)length);
    if (end == NULL) {
        buffer->failed = true;
        return false;
    }
    vsnprintf(end, (size_t)length + 1, format, arguments);
    buffer->length += (size_t)length;
    return true;
}

bool buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bool done = buffer_vprintf(buffer, format, arguments);
    va_end(arguments);
    return done;
}

bool buffer_reserve(struct buffer *buffer, size_t length)
{
    if (buffer->failed || (buffer->limit != 0 && length > buffer->limit) || length == SIZE_MAX ||
        !grow(buffer, length, length + 1)) {
        buffer->failed = true;
        return false;
    }
    return true;
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data != NULL ? buffer->data : "";
}

char *buffer_take(struct buffer *buffer)
{
    if (extend(buffer, 0) == NULL) {
        return NULL;
    }
    char *text = buffer->data;
    *buffer = (struct buffer){.limit = buffer->limit};
    return text;
}

void buffer_free_text(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

void buffer_truncate(struct buffer *buffer, size_t length)
{
    if (length < buffer->length) {
        explicit_bzero(buffer->data + length, buffer->length - length);
        buffer->length = length;
    }
}

void buffer_clear(struct buffer *buffer)
{
    buffer_truncate(buffer, 0);
    buffer->failed = false;
}

void buffer_release(struct buffer *buffer)
{
    buffer_truncate(buffer, 0);
    free(buffer->data);
    *buffer = (struct buffer){.limit = buffer->limit};
}
