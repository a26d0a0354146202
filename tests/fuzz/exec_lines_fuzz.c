/* SPDX-License-Identifier: Apache-2.0 */
/* What a program that stays prints, in pieces: the answers that are read out of it do not depend on how it is cut,
 * and each is one line with an id; after what is none nothing is read. */
#include "builtin/exec_answer.h"
#include "builtin/exec_stream.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ANSWERS_MOST = 64, LIMIT = 200 };

struct seen {
    int64_t ids[ANSWERS_MOST];
    size_t count;
    const char *fault; /* NULL = none */
};

/* True while more may be read. */
static bool take(struct exec_stream *stream, struct seen *seen)
{
    bool broken = false;
    struct json_object *answer = NULL;
    do {
        int64_t id = 0;
        const char *fault = NULL;
        answer = exec_stream_next(stream, &id, &broken, &fault);
        if (broken && (answer != NULL || fault == NULL)) {
            abort();
        }
        if (answer != NULL && seen->count < ANSWERS_MOST) {
            seen->ids[seen->count++] = id;
            exec_read_results(answer, 1, &fault);
        }
        seen->fault = broken ? fault : NULL;
        json_release(answer);
    } while (answer != NULL);
    return !broken;
}

static void read_in_pieces(const uint8_t *data, size_t size, size_t piece, struct seen *seen)
{
    struct exec_stream stream = {.limit = LIMIT};
    bool more = true;
    for (size_t at = 0; at < size && more; at += piece) {
        const size_t length = piece < size - at ? piece : size - at;
        char *room = exec_stream_room(&stream);
        if (room == NULL) {
            abort();
        }
        memcpy(room, data + at, length);
        exec_stream_came(&stream, length);
        more = take(&stream, seen);
        if (more && stream.octets.length > LIMIT) {
            abort();
        }
    }
    exec_stream_release(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole = {.count = 0};
    struct seen cut = {.count = 0};
    if (size < 1 || size > EXEC_STREAM_PIECE) {
        return 0;
    }
    read_in_pieces(data + 1, size - 1, EXEC_STREAM_PIECE, &whole);
    read_in_pieces(data + 1, size - 1, 1 + data[0], &cut);
    if (cut.count != whole.count || cut.fault != whole.fault ||
        memcmp(cut.ids, whole.ids, sizeof(*cut.ids) * cut.count) != 0) {
        abort();
    }
    return 0;
}
