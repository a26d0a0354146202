/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growable run of octets, bounded and wiped: whatever passes through it may be secret, so growth and release
 * overwrite the old memory. Always NUL-terminated past its length. Used by every floor. Not thread-safe.
 */
#ifndef MSTR_BASE_BUFFER_H
#define MSTR_BASE_BUFFER_H

#include <mstr/provider.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buffer {
    char *data; /* never NULL after a successful append; use buffer_text() to read */
    size_t length;
    size_t capacity;
    size_t limit; /* 0 = none but memory */
    bool failed;  /* memory ran out or the limit was reached: sticky, so that a run of appends is checked once */
};

#define BUFFER_INIT                                                                                                  \
    {                                                                                                                \
        NULL, 0, 0, 0, false                                                                                         \
    }

/* All return false, and stay so, once memory ran out or the limit was passed; the content is then unchanged. */
bool buffer_append(struct buffer *buffer, const void *octets, size_t length);
/* Inline, since the length of most texts is known to the compiler. */
static inline bool buffer_puts(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}
bool buffer_putc(struct buffer *buffer, char octet);
bool buffer_printf(struct buffer *buffer, const char *format, ...) MSTR_PRINTF(2, 3);
bool buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments) MSTR_PRINTF(2, 0);
/* Room for `length` octets in all, so that no later growth leaves copies behind. */
bool buffer_reserve(struct buffer *buffer, size_t length);

/* Room for `more` octets past the content, for writers that tell with buffer_written() how many they came to: where
 * to write, or NULL. */
char *buffer_room(struct buffer *buffer, size_t more);
void buffer_written(struct buffer *buffer, size_t count);

/* The content, "" when empty. */
const char *buffer_text(const struct buffer *buffer);
/* Hands the memory over (to be wiped and freed with buffer_free_text) and leaves the buffer empty; NULL if it
 * failed. */
char *buffer_take(struct buffer *buffer);
void buffer_free_text(char *text);
/* Wipes and forgets what lies past `length`. */
void buffer_truncate(struct buffer *buffer, size_t length);
/* Wipes the content but keeps the memory; clears `failed`. */
void buffer_clear(struct buffer *buffer);
/* Wipes and frees. */
void buffer_release(struct buffer *buffer);

#endif
