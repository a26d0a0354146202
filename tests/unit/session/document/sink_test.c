/* SPDX-License-Identifier: Apache-2.0 */
/* Where an export goes: a file as a whole or not at all, or a writer. */
#include "session/document/sink.h"

#include "support/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static struct folder folder;
static char path[256];
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    folder_make(&folder);
    folder_path(&folder, "out", path);
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    mstr_error_free(error);
    folder_remove(&folder);
    return 0;
}

static const char *content(const char *name)
{
    static char text[64];
    char full[256];
    FILE *file = fopen(folder_path(&folder, name, full), "re");
    size_t length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
    text[length] = '\0';
    if (file == NULL || fclose(file) != 0) {
        return NULL;
    }
    return text;
}

static unsigned files(void)
{
    unsigned count = 0;
    DIR *directory = opendir(folder.path);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count - 2; /* "." and ".." */
}

static enum mstr_code write_as(const char *text, enum mstr_code code)
{
    struct sink sink;
    assert_int_equal(sink_open(&sink, path, NULL, error), MSTR_OK);
    assert_true(sink_write(text, strlen(text), &sink));
    return sink_close(&sink, code, error);
}

static void a_file_comes_whole_or_stays_as_it_was(void **state)
{
    struct stat facts;
    (void)state;
    assert_int_equal(write_as("none", MSTR_E_NETWORK), MSTR_E_NETWORK);
    assert_int_equal(files(), 0);

    assert_int_equal(write_as("one", MSTR_OK), MSTR_OK);
    assert_string_equal(content("out"), "one");
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);

    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(write_as("two", MSTR_E_NETWORK), MSTR_E_NETWORK);
    assert_string_equal(content("out"), "one");
    assert_int_equal(write_as("three", MSTR_OK), MSTR_OK);
    assert_string_equal(content("out"), "three");
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0640);
    assert_int_equal(files(), 1);
}

static void a_link_stays_and_one_to_nowhere_is_refused(void **state)
{
    struct sink sink;
    char real[256];
    (void)state;
    assert_int_equal(symlink(folder_path(&folder, "real", real), path), 0);
    assert_int_equal(sink_open(&sink, path, NULL, error), MSTR_E_UNEXPECTED);
    assert_int_equal(sink_close(&sink, MSTR_E_UNEXPECTED, error), MSTR_E_UNEXPECTED);

    folder_write(&folder, "real", "old");
    assert_int_equal(write_as("new", MSTR_OK), MSTR_OK);
    assert_string_equal(content("real"), "new");
    assert_int_equal(files(), 2);
}

static void what_cannot_be_written_is_told_with_its_reason(void **state)
{
    struct sink sink;
    (void)state;
    folder_path(&folder, "none/out", path);
    assert_int_equal(sink_open(&sink, path, NULL, error), MSTR_E_UNEXPECTED);
    assert_int_equal(sink_close(&sink, MSTR_E_UNEXPECTED, error), MSTR_E_UNEXPECTED);
    assert_non_null(strstr(mstr_error_message(error), "none/out: No such file or directory"));

    assert_int_equal(sink_open(&sink, "/dev/full", NULL, error), MSTR_OK);
    assert_false(sink_write("octets", 6, &sink));
    assert_int_equal(sink_close(&sink, MSTR_E_CANCELLED, error), MSTR_E_UNEXPECTED);
    assert_string_equal(mstr_error_message(error), "cannot write /dev/full: No space left on device");
}

static int refuse(const void *octets, size_t length, void *data)
{
    (void)octets;
    *(size_t *)data += length;
    return 1;
}

static void a_writer_takes_it_piece_by_piece(void **state)
{
    struct sink sink;
    size_t got = 0;
    mstr_writer writer = MSTR_WRITER_INIT;
    (void)state;
    writer.write = refuse;
    writer.data = &got;
    assert_int_equal(sink_open(&sink, NULL, &writer, error), MSTR_OK);
    assert_false(sink_write("octets", 6, &sink));
    assert_int_equal(sink_close(&sink, MSTR_E_CANCELLED, error), MSTR_E_CANCELLED);
    assert_int_equal(got, 6);

    const mstr_writer descriptor = MSTR_WRITER_DESCRIPTOR(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(sink_open(&sink, NULL, &descriptor, error), MSTR_OK);
    assert_true(sink_write("octets", 6, &sink));
    assert_int_equal(sink_close(&sink, MSTR_OK, error), MSTR_OK);
    close(descriptor.descriptor);
    assert_string_equal(content("out"), "octets");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_comes_whole_or_stays_as_it_was, begin, end),
        cmocka_unit_test_setup_teardown(a_link_stays_and_one_to_nowhere_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told_with_its_reason, begin, end),
        cmocka_unit_test_setup_teardown(a_writer_takes_it_piece_by_piece, begin, end),
    };
    return RUN_TESTS("session/document/sink");
}
