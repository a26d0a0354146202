/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output and error, JSON, base64 and shell quoting. */
#include "output.h"

#include "deadline.h"

#include <mstr/secret.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct output {
    int descriptor;
    int failure; /* errno of the first write that failed */
    size_t used;
    char buffer[4096];
};

static struct output data = {.descriptor = STDOUT_FILENO};
static struct output notes = {.descriptor = STDERR_FILENO};
struct output *const output_data = &data;
struct output *const output_notes = &notes;

/* Whose time writing takes; NULL = nobody's. */
static const struct tool *run;

void output_limit(const struct tool *tool)
{
    run = tool;
}

static void put(struct output *output, const char *octets, size_t length)
{
    while (length > 0 && output->failure == 0) {
        output->failure = run != NULL ? deadline_await(run, output->descriptor, POLLOUT) : 0;
        /* A pipe that is ready takes so much without a wait (pipe(7)). */
        ssize_t written =
            output->failure == 0 ? write(output->descriptor, octets, length < PIPE_BUF ? length : PIPE_BUF) : 0;
        if (written >= 0) {
            octets += written;
            length -= (size_t)written;
        } else if (errno != EINTR && errno != EAGAIN) {
            output->failure = errno;
        }
    }
}

void output_flush(struct output *output)
{
    put(output, output->buffer, output->used);
    mstr_wipe(output->buffer, output->used);
    output->used = 0;
}

void output_write(struct output *output, const void *octets, size_t length)
{
    if (length > sizeof output->buffer - output->used) {
        output_flush(output);
    }
    if (length > sizeof output->buffer) {
        put(output, octets, length);
    } else if (length > 0) {
        memcpy(output->buffer + output->used, octets, length);
        output->used += length;
    }
}

void output_puts(struct output *output, const char *text)
{
    output_write(output, text, strlen(text));
}

void output_clean(struct output *output, const char *text)
{
    for (; *text != '\0'; text++) {
        bool control = (unsigned char)*text < 0x20 || *text == 0x7F;
        output_write(output, control ? " " : text, 1);
    }
}

void output_printf(struct output *output, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length > 0) {
        output_write(output, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
    }
}

/* The length of the UTF-8 sequence that `octets` begins with (RFC 3629), 0 if it is none. */
static size_t sequence(const unsigned char *octets, size_t length)
{
    static const struct {
        unsigned char first, last, low, high; /* range of the first octet, and of the second */
        unsigned char size;
    } forms[] = {
        {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (octets[0] < forms[i].first || octets[0] > forms[i].last) {
            continue;
        }
        if (length < forms[i].size ||
            (forms[i].size > 1 && (octets[1] < forms[i].low || octets[1] > forms[i].high))) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].size; k++) {
            if ((octets[k] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return forms[i].size;
    }
    return 0;
}

size_t output_character(const char *octets, size_t length, unsigned *character)
{
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    size_t size = sequence((const unsigned char *)octets, length);
    *character = size > 0 ? (unsigned char)octets[0] & masks[size] : 0;
    for (size_t i = 1; i < size; i++) {
        *character = *character << 6 | ((unsigned char)octets[i] & 0x3F);
    }
    return size;
}

bool output_is_plain(unsigned character)
{
    /* Unicode 15: Cc, Zl, Zp, and what of Cf turns or hides text. */
    static const struct {
        unsigned first, last;
    } others[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x180E, 0x180E},   {0x200B, 0x200F},
        {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (character >= others[i].first && character <= others[i].last) {
            return false;
        }
    }
    return true;
}

bool output_is_utf8(const char *octets, size_t length)
{
    while (length > 0) {
        size_t size = sequence((const unsigned char *)octets, length);
        if (size == 0) {
            return false;
        }
        octets += size;
        length -= size;
    }
    return true;
}

void output_json_octets(struct output *output, const char *octets, size_t length)
{
    output_write(output, "\"", 1);
    while (length > 0) {
        unsigned character = 0;
        size_t size = output_character(octets, length, &character);
        if (size == 0) {
            output_puts(output, "\\ufffd");
            size = 1;
        } else if (character == '"' || character == '\\') {
            output_write(output, "\\", 1);
            output_write(output, octets, 1);
        } else if (!output_is_plain(character) && character < 0x10000) {
            output_printf(output, "\\u%04x", character);
        } else if (!output_is_plain(character)) {
            output_printf(output, "\\u%04x\\u%04x", 0xD800 + ((character - 0x10000) >> 10),
                          0xDC00 + ((character - 0x10000) & 0x3FF));
        } else {
            output_write(output, octets, size);
        }
        octets += size;
        length -= size;
    }
    output_write(output, "\"", 1);
}

void output_json(struct output *output, const char *text)
{
    if (text == NULL) {
        output_puts(output, "null");
    } else {
        output_json_octets(output, text, strlen(text));
    }
}

void output_member(struct output *output, const char *before, const char *name, const char *text)
{
    output_printf(output, "%s\"%s\": ", before, name);
    output_json(output, text);
}

void output_list_end(struct output *output, size_t count, bool whole)
{
    if (count > 0 || whole) {
        output_puts(output, count > 0 ? "\n]\n" : "[\n]\n");
    }
}

void output_base64(struct output *output, const void *octets, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = octets;
    for (; length > 0; from += 3) {
        unsigned group = (unsigned)from[0] << 16 | (length > 1 ? (unsigned)from[1] << 8 : 0) |
                         (length > 2 ? (unsigned)from[2] : 0);
        char text[4] = {digits[group >> 18 & 63], digits[group >> 12 & 63], digits[group >> 6 & 63],
                        digits[group & 63]};
        if (length < 3) {
            memset(text + 1 + length, '=', 3 - length);
        }
        output_write(output, text, sizeof text);
        mstr_wipe(text, sizeof text);
        length -= length < 3 ? length : 3;
    }
}

void output_quoted(struct output *output, const char *octets, size_t length)
{
    output_write(output, "'", 1);
    for (size_t i = 0; i < length; i++) {
        if (octets[i] == '\'') {
            output_puts(output, "'\\''");
        } else {
            output_write(output, octets + i, 1);
        }
    }
    output_write(output, "'", 1);
}

void output_redirect(int descriptor)
{
    output_flush(&data);
    data.descriptor = descriptor;
}

int output_restore(void)
{
    output_flush(&data);
    int failure = data.failure;
    data.failure = 0;
    data.descriptor = STDOUT_FILENO;
    return failure;
}

int output_failure(const struct output *output)
{
    return output->failure;
}

int output_finish(void)
{
    output_flush(&data);
    output_flush(&notes);
    return data.failure;
}
