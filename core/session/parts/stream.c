/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that pass through piece by piece. */
#include "session/parts/stream.h"

#include "base/given.h"
#include "session/parts/response.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum mstr_code upload_init(struct upload *upload, const mstr_reader *reader, mstr_error *error)
{
    struct stat status;
    bool good = MSTR_HAS(reader, mstr_reader, length) && (reader->read != NULL || reader->descriptor >= 0);
    if (given_check("the reader was", good, 0, 0, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct given_number length = {"length", reader->length, -1, INT64_MAX};
    if (given_numbers("the reader was", &length, 1, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    *upload = (struct upload){.reader = *reader, .start = -1};
    if (reader->read != NULL) {
        return MSTR_OK;
    }
    if (fstat(reader->descriptor, &status) != 0) {
        return error_set(error, MSTR_E_USAGE, "the reader's descriptor %d is not open", (int)reader->descriptor);
    }
    upload->start = S_ISREG(status.st_mode) ? (int64_t)lseek(reader->descriptor, 0, SEEK_CUR) : -1;
    if (upload->start >= 0 && reader->length < 0) {
        upload->reader.length = status.st_size > upload->start ? (int64_t)status.st_size - upload->start : 0;
    }
    return MSTR_OK;
}

int64_t upload_read(void *into, size_t capacity, void *data)
{
    struct upload *upload = data;
    const mstr_reader *reader = &upload->reader;
    upload->touched = true;
    if (reader->read != NULL) {
        return reader->read(into, capacity, reader->data);
    }
    ssize_t got;
    do {
        got = read(reader->descriptor, into, capacity);
    } while (got < 0 && errno == EINTR);
    return got;
}

bool upload_rewind(void *data)
{
    struct upload *upload = data;
    const mstr_reader *reader = &upload->reader;
    if (!upload->touched) {
        return true;
    }
    if (reader->read != NULL) {
        return reader->rewind != NULL && reader->rewind(reader->data) == 0;
    }
    return upload->start >= 0 && lseek(reader->descriptor, (off_t)upload->start, SEEK_SET) == (off_t)upload->start;
}

enum mstr_code download_init(struct download *download, const mstr_writer *writer, mstr_error *error)
{
    bool good = MSTR_HAS(writer, mstr_writer, data) && (writer->write != NULL || writer->descriptor >= 0);
    if (given_check("the writer was", good, 0, 0, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    *download = (struct download){.writer = MSTR_WRITER_INIT};
    memcpy(&download->writer, writer, writer->size < sizeof(*writer) ? writer->size : sizeof(*writer));
    return MSTR_OK;
}

bool download_begin(const struct mstr_http_response *answer, void *data)
{
    const struct download *download = data;
    const mstr_writer *writer = &download->writer;
    return writer->begin == NULL || download->touched || response_show(answer, writer->begin, writer->data) == 0;
}

static bool write_all(int descriptor, const char *octets, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, octets, length);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        octets += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

bool download_write(const void *octets, size_t length, void *data)
{
    struct download *download = data;
    const mstr_writer *writer = &download->writer;
    download->touched = true;
    return writer->write != NULL ? writer->write(octets, length, writer->data) == 0
                                 : write_all(writer->descriptor, octets, length);
}
