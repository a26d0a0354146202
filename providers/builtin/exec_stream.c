/* SPDX-License-Identifier: Apache-2.0 */
/* What a program that stays prints. */
#include "builtin/exec_stream.h"

#include "builtin/exec_answer.h"

#include <string.h>

char *exec_stream_room(struct exec_stream *stream)
{
    return buffer_room(&stream->octets, EXEC_STREAM_PIECE);
}

void exec_stream_came(struct exec_stream *stream, size_t count)
{
    buffer_written(&stream->octets, count);
}

static bool is_blank(const char *line, size_t length)
{
    while (length > 0 && (line[length - 1] == '\r' || line[length - 1] == ' ' || line[length - 1] == '\t')) {
        length--;
    }
    return length == 0;
}

/* Moves what has not gone out to the front. */
static void close_up(struct exec_stream *stream)
{
    const size_t left = stream->octets.length - stream->from;
    if (stream->from > 0) {
        memmove(stream->octets.data, stream->octets.data + stream->from, left);
        buffer_truncate(&stream->octets, left);
        stream->from = 0;
    }
    stream->searched = left;
}

/* The next line that is not blank, or too long; NULL where there is none as yet. */
static const char *next_line(struct exec_stream *stream, size_t *length)
{
    const char *octets = buffer_text(&stream->octets);
    const char *newline = NULL;
    while ((newline = memchr(octets + stream->searched, '\n', stream->octets.length - stream->searched)) != NULL) {
        const char *line = octets + stream->from;
        *length = (size_t)(newline - line);
        stream->from = stream->searched = (size_t)(newline + 1 - octets);
        if (*length > stream->limit || !is_blank(line, *length)) {
            return line;
        }
    }
    close_up(stream);
    *length = stream->octets.length;
    return NULL;
}

struct json_object *exec_stream_next(struct exec_stream *stream, int64_t *id, bool *broken, const char **fault)
{
    size_t length = 0;
    const char *line = next_line(stream, &length);
    *broken = length > stream->limit;
    if (*broken) {
        *fault = "is a line longer than \"output_limit\"";
        return NULL;
    }
    struct json_object *answer = line != NULL ? exec_read_line(line, length, id, fault) : NULL;
    *broken = line != NULL && answer == NULL;
    return answer;
}

bool exec_stream_is_within_line(const struct exec_stream *stream)
{
    return stream->octets.length > stream->from;
}

void exec_stream_clear(struct exec_stream *stream)
{
    buffer_clear(&stream->octets);
    stream->from = stream->searched = 0;
}

void exec_stream_release(struct exec_stream *stream)
{
    buffer_release(&stream->octets);
}
