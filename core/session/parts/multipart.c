/* SPDX-License-Identifier: Apache-2.0 */
/* Multipart bodies. */
#include "session/parts/multipart.h"

#include "base/clock.h"
#include "base/given.h"
#include "base/text.h"
#include "session/parts/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 1000, BOUNDARY_OCTETS = 16 };

struct piece {
    const mstr_part *part;
    struct buffer head; /* the delimiter before it and its header section */
    struct upload upload;
};

struct multipart {
    struct piece *pieces;
    size_t count;
    char boundary[2 * BOUNDARY_OCTETS + 1];
    struct buffer tail; /* the closing delimiter */
    /* Where reading stands: the piece, whether in its head or content, and how far in that. */
    size_t at;
    bool in_content;
    size_t offset;
};

static bool choose_boundary(struct multipart *multipart)
{
    unsigned char octets[BOUNDARY_OCTETS];
    if (!clock_random(octets, sizeof(octets))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(octets); i++) {
        multipart->boundary[2 * i] = "0123456789abcdef"[octets[i] >> 4];
        multipart->boundary[2 * i + 1] = "0123456789abcdef"[octets[i] & 15];
    }
    return true;
}

/* A quoted parameter as browsers write it: line ends and the quote percent-encoded (HTML, "multipart/form-data"). */
static void put_parameter(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, "; %s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\r' || *value == '\n') {
            buffer_printf(out, "%%%02X", (unsigned)*value);
        } else {
            buffer_putc(out, *value);
        }
    }
    buffer_putc(out, '"');
}

static bool write_head(struct piece *piece, const char *boundary, bool first)
{
    const mstr_part *part = piece->part;
    const char *type = part->content_type;
    struct buffer *head = &piece->head;
    buffer_printf(head, "%s--%s\r\nContent-Disposition: form-data", first ? "" : "\r\n", boundary);
    put_parameter(head, "name", part->name);
    if (part->filename != NULL) {
        put_parameter(head, "filename", part->filename);
        type = type != NULL ? type : "application/octet-stream";
    }
    if (type != NULL) {
        buffer_printf(head, "\r\nContent-Type: %s", type);
    }
    return buffer_puts(head, "\r\n\r\n");
}

static enum mstr_code prepare(struct multipart *multipart, const mstr_part *parts, mstr_error *error)
{
    for (size_t i = 0; i < multipart->count; i++) {
        struct piece *piece = &multipart->pieces[i];
        piece->part = &parts[i];
        if (given_check("the part was", MSTR_HAS(&parts[i], mstr_part, reader), 0, 0, error) != MSTR_OK) {
            return MSTR_E_USAGE;
        }
        if (text_empty(parts[i].name)) {
            return error_set(error, MSTR_E_USAGE, "part %zu of the body has no name", i + 1);
        }
        const char *type = parts[i].content_type != NULL ? parts[i].content_type : "";
        if (type[strcspn(type, "\r\n")] != '\0') {
            return error_set(error, MSTR_E_USAGE, "part \"%.60s\" has a malformed content type", parts[i].name);
        }
        enum mstr_code code = parts[i].reader != NULL ? upload_init(&piece->upload, parts[i].reader, error) : MSTR_OK;
        if (code != MSTR_OK) {
            return code;
        }
        if (!write_head(piece, multipart->boundary, i == 0)) {
            return error_set(error, MSTR_E_MEMORY, "out of memory");
        }
    }
    return MSTR_OK;
}

enum mstr_code multipart_new(const mstr_part *parts, size_t count, struct multipart **out, mstr_error *error)
{
    struct multipart *multipart = NULL;
    enum mstr_code code = MSTR_OK;
    *out = NULL;
    if (count > PARTS_MAX) {
        return error_set(error, MSTR_E_USAGE, "more than %d parts", PARTS_MAX);
    }
    multipart = calloc(1, sizeof(*multipart));
    if (multipart == NULL || (multipart->pieces = calloc(count, sizeof(*multipart->pieces))) == NULL) {
        free(multipart);
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    multipart->count = count;
    if (!choose_boundary(multipart)) {
        code = error_set(error, MSTR_E_UNEXPECTED, "no random octets for the boundary of the body");
    }
    code = code == MSTR_OK ? prepare(multipart, parts, error) : code;
    if (code == MSTR_OK && !buffer_printf(&multipart->tail, "\r\n--%s--\r\n", multipart->boundary)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (code != MSTR_OK) {
        multipart_free(multipart);
        return code;
    }
    *out = multipart;
    return MSTR_OK;
}

void multipart_free(struct multipart *multipart)
{
    if (multipart != NULL) {
        for (size_t i = 0; i < multipart->count; i++) {
            buffer_release(&multipart->pieces[i].head);
        }
        buffer_release(&multipart->tail);
        free(multipart->pieces);
        free(multipart);
    }
}

/* Copies from a run of octets, as far as it goes. */
static size_t take(struct multipart *multipart, const void *octets, size_t length, void *into, size_t capacity)
{
    size_t left = length - multipart->offset;
    size_t taken = left < capacity ? left : capacity;
    if (taken > 0) {
        memcpy(into, (const char *)octets + multipart->offset, taken);
    }
    multipart->offset += taken;
    return taken;
}

static int64_t read_piece(struct multipart *multipart, void *into, size_t capacity)
{
    if (multipart->at == multipart->count) {
        return (int64_t)take(multipart, multipart->tail.data, multipart->tail.length, into, capacity);
    }
    struct piece *piece = &multipart->pieces[multipart->at];
    if (!multipart->in_content) {
        return (int64_t)take(multipart, piece->head.data, piece->head.length, into, capacity);
    }
    if (piece->part->reader != NULL) {
        return upload_read(into, capacity, &piece->upload);
    }
    return (int64_t)take(multipart, piece->part->octets, piece->part->length, into, capacity);
}

static int64_t read_all(void *into, size_t capacity, void *data)
{
    struct multipart *multipart = data;
    for (;;) {
        int64_t got = read_piece(multipart, into, capacity);
        if (got != 0 || multipart->at == multipart->count) {
            return got;
        }
        multipart->at += multipart->in_content ? 1 : 0;
        multipart->in_content = !multipart->in_content && multipart->at < multipart->count;
        multipart->offset = 0;
    }
}

static int rewind_all(void *data)
{
    struct multipart *multipart = data;
    for (size_t i = 0; i < multipart->count; i++) {
        struct piece *piece = &multipart->pieces[i];
        if (piece->part->reader != NULL && !upload_rewind(&piece->upload)) {
            return -1;
        }
    }
    multipart->at = 0;
    multipart->in_content = false;
    multipart->offset = 0;
    return 0;
}

mstr_reader multipart_reader(struct multipart *multipart)
{
    mstr_reader reader = MSTR_READER_INIT;
    reader.read = read_all;
    reader.rewind = rewind_all;
    reader.data = multipart;
    reader.length = (int64_t)multipart->tail.length;
    for (size_t i = 0; i < multipart->count && reader.length >= 0; i++) {
        const struct piece *piece = &multipart->pieces[i];
        int64_t content = piece->part->reader != NULL ? piece->upload.reader.length : (int64_t)piece->part->length;
        reader.length = content >= 0 ? reader.length + (int64_t)piece->head.length + content : -1;
    }
    return reader;
}

bool multipart_put_type(const struct multipart *multipart, const char *type, struct buffer *out)
{
    return buffer_printf(out, "%s; boundary=%s", type != NULL ? type : "multipart/form-data", multipart->boundary);
}
