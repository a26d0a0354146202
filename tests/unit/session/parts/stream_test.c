/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that pass through piece by piece. */
#include "session/parts/stream.h"

#include "support/context.h"

#include "http/response.h"

#include <fcntl.h>

static int64_t read_nothing(void *into, size_t capacity, void *data)
{
    (void)into;
    (void)capacity;
    ++*(int *)data;
    return 0;
}

static int refuse(void *data)
{
    (void)data;
    return -1;
}

static void a_file_is_read_from_where_it_stands_and_again_from_there(void **state)
{
    char *path = test_file("0123456789", 10);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const mstr_reader reader = MSTR_READER_DESCRIPTOR(fd);
    struct upload upload;
    char octets[16] = "";
    (void)state;
    assert_int_equal(lseek(fd, 4, SEEK_SET), 4);
    assert_int_equal(upload_init(&upload, &reader, NULL), MSTR_OK);
    assert_int_equal(upload.reader.length, 6);

    assert_int_equal(upload_read(octets, sizeof(octets), &upload), 6);
    assert_int_equal(upload_read(octets, sizeof(octets), &upload), 0);
    assert_true(upload_rewind(&upload));
    assert_int_equal(upload_read(octets, 2, &upload), 2);

    assert_memory_equal(octets, "45", 2);
    close(fd);
    unlink(path);
    free(path);
}

static void a_pipe_has_no_length_and_cannot_begin_anew(void **state)
{
    int ends[2];
    char octet = 0;
    struct upload upload;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    const mstr_reader reader = MSTR_READER_DESCRIPTOR(ends[0]);
    assert_int_equal(upload_init(&upload, &reader, NULL), MSTR_OK);
    assert_int_equal(upload.reader.length, -1);
    assert_true(upload_rewind(&upload)); /* nothing was read yet */
    assert_int_equal(upload_read(&octet, 1, &upload), 1);
    assert_false(upload_rewind(&upload));
    close(ends[0]);
    close(ends[1]);
}

static void a_callback_decides_whether_it_can_begin_anew(void **state)
{
    int reads = 0;
    mstr_reader reader = MSTR_READER_INIT;
    struct upload upload;
    (void)state;
    reader.read = read_nothing;
    reader.data = &reads;
    assert_int_equal(upload_init(&upload, &reader, NULL), MSTR_OK);
    assert_int_equal(upload_read(NULL, 0, &upload), 0);
    assert_int_equal(reads, 1);
    assert_false(upload_rewind(&upload));
    upload.reader.rewind = refuse;
    assert_false(upload_rewind(&upload));
}

static void what_was_not_initialised_is_refused(void **state)
{
    mstr_reader reader = MSTR_READER_INIT;
    mstr_writer writer = MSTR_WRITER_INIT;
    struct upload upload;
    struct download download;
    (void)state;
    assert_int_equal(upload_init(&upload, &reader, NULL), MSTR_E_USAGE); /* neither callback nor descriptor */
    assert_int_equal(download_init(&download, &writer, NULL), MSTR_E_USAGE);
    reader.descriptor = 1000000;
    assert_int_equal(upload_init(&upload, &reader, NULL), MSTR_E_USAGE);
    reader = (mstr_reader){.size = 0, .read = read_nothing};
    assert_int_equal(upload_init(&upload, &reader, NULL), MSTR_E_USAGE);
}

static void a_download_knows_whether_it_was_touched(void **state)
{
    int ends[2];
    char octets[4] = "";
    struct download download;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    const mstr_writer writer = MSTR_WRITER_DESCRIPTOR(ends[1]);
    assert_int_equal(download_init(&download, &writer, NULL), MSTR_OK);
    assert_false(download.touched);
    assert_true(download_write("abc", 3, &download));
    assert_true(download.touched);
    assert_int_equal(read(ends[0], octets, sizeof(octets)), 3);
    assert_string_equal(octets, "abc");
    close(ends[1]);
    assert_false(download_write("abc", 3, &download));
    close(ends[0]);
}

static int look(const mstr_response *answer, void *data)
{
    int *looks = data;
    ++*looks;
    return mstr_response_status(answer) == 200 && strcmp(mstr_response_header(answer, "x-a"), "b") == 0 ? 0 : 1;
}

static int take(const void *octets, size_t length, void *data)
{
    (void)octets;
    (void)length;
    (void)data;
    return 0;
}

static struct mstr_http_response *answer_with(char *status, char *header)
{
    struct mstr_http_response *answer = response_new("http://h/", 100);
    assert_int_equal(response_add_line(answer, status, strlen(status)), RESPONSE_LINE_GOOD);
    assert_int_equal(response_add_line(answer, header, strlen(header)), RESPONSE_LINE_GOOD);
    return answer;
}

static void a_writer_sees_the_head_once_before_the_first_octet(void **state)
{
    char status[] = "HTTP/1.1 200";
    char header[] = "X-A: b";
    int looks = 0;
    struct download download;
    mstr_writer writer = MSTR_WRITER_INIT;
    struct mstr_http_response *answer = answer_with(status, header);
    (void)state;
    writer.write = take;
    writer.begin = look;
    writer.data = &looks;
    assert_int_equal(download_init(&download, &writer, NULL), MSTR_OK);
    for (int i = 0; i < 3; i++) {
        assert_true(download_begin(answer, &download));
        assert_true(download_write("abc", 3, &download));
    }
    assert_int_equal(looks, 1);
    writer.size = offsetof(mstr_writer, begin); /* of a program that knows nothing of it */
    assert_int_equal(download_init(&download, &writer, NULL), MSTR_OK);
    assert_true(download_begin(answer, &download));
    assert_int_equal(looks, 1);
    http_response_free(answer);
}

static void a_writer_may_refuse_an_answer_by_its_head(void **state)
{
    char status[] = "HTTP/1.1 201";
    char header[] = "X-A: b";
    int looks = 0;
    struct download download;
    mstr_writer writer = MSTR_WRITER_INIT;
    struct mstr_http_response *answer = answer_with(status, header);
    (void)state;
    writer.write = take;
    writer.begin = look;
    writer.data = &looks;
    assert_int_equal(download_init(&download, &writer, NULL), MSTR_OK);
    assert_false(download_begin(answer, &download));
    http_response_free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_from_where_it_stands_and_again_from_there),
        cmocka_unit_test(a_pipe_has_no_length_and_cannot_begin_anew),
        cmocka_unit_test(a_callback_decides_whether_it_can_begin_anew),
        cmocka_unit_test(what_was_not_initialised_is_refused),
        cmocka_unit_test(a_download_knows_whether_it_was_touched),
        cmocka_unit_test(a_writer_sees_the_head_once_before_the_first_octet),
        cmocka_unit_test(a_writer_may_refuse_an_answer_by_its_head),
    };
    return RUN_TESTS("session/parts/stream");
}
