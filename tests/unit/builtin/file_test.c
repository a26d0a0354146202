/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/file.c */
#include "support/context.h"
#include "support/few_files.h"
#include "support/host.h"

#include "builtin/builtin.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

static mstr_context *context;

/* Asserts what a file of these octets gives; with `raw`, as it is. */
static void assert_content(const void *content, size_t length, const char *query, const void *value, size_t left)
{
    char reference[64];
    char *path = test_file(content, length);
    snprintf(reference, sizeof(reference), "file:%s%s", path, query);
    assert_value(context, reference, value, left);
    unlink(path);
    free(path);
}

static void one_newline_is_cut_unless_raw(void **state)
{
    (void)state;
    assert_content("secret\n", 7, "", "secret", 6);
    assert_content("secret\n\n", 8, "", "secret\n", 7);
    assert_content("secret", 6, "", "secret", 6);
    assert_content("secret\n", 7, "?raw=1", "secret\n", 7);
    assert_content("secret\n", 7, "?raw=0", "secret", 6);
    assert_content("", 0, "", "", 0);
    assert_content("\n", 1, "", "", 0);
}

static void octets_are_given_as_they_are(void **state)
{
    (void)state;
    assert_content("a\0b\xff\xfe", 5, "", "a\0b\xff\xfe", 5);
}

static void a_mebibyte_is_the_most(void **state)
{
    (void)state;
    enum { MOST = 1024 * 1024 };
    char reference[64];
    char *content = calloc(1, MOST + 1);
    assert_content(content, MOST, "?raw=1", content, MOST);

    char *path = test_file(content, MOST + 1);
    snprintf(reference, sizeof(reference), "file:%s", path);
    assert_failure(context, reference, MSTR_E_CONFIG, "larger than 1 MiB");

    unlink(path);
    free(path);
    free(content);
}

/* Whose size is told as 0. */
static void files_of_procfs_are_read_to_their_end(void **state)
{
    char name[32] = {0};
    (void)state;
    FILE *comm = fopen("/proc/self/comm", "r");
    assert_non_null(fgets(name, sizeof(name), comm));
    fclose(comm);
    assert_value(context, "file:/proc/self/comm?raw=1", name, strlen(name));
}

static void what_cannot_be_read_is_told_by_its_cause(void **state)
{
    (void)state;
    assert_failure(context, "file:/nowhere/at/all", MSTR_E_NOT_FOUND, "/nowhere/at/all");
    assert_failure(context, "file:/etc/passwd/x", MSTR_E_NOT_FOUND, "Not a directory");
    assert_failure(context, "file:relative", MSTR_E_CONFIG, "absolute path");
    assert_failure(context, "file:/etc", MSTR_E_CONFIG, "neither a regular file nor a pipe");
    assert_failure(context, "file:/dev/null", MSTR_E_CONFIG, "neither a regular file nor a pipe");
    assert_failure(context, "file:/etc/passwd?raw=2", MSTR_E_CONFIG, "raw=1");
    assert_failure(context, "file:/etc/passwd?row=1", MSTR_E_CONFIG, "row=1");
}

/* Without a look into it, as a file may come to be. */
static void a_path_that_can_never_be_read_is_told_before(void **state)
{
    (void)state;
    static char long_name[400] = "/tmp/";
    static const struct {
        const char *path;
        const char *told; /* NULL = it may be read one day */
    } cases[] = {{"/etc", "neither a regular file nor a pipe"},
                 {"/etc/passwd", NULL},
                 {"/nowhere/at/all", NULL},
                 {"relative", "absolute path"},
                 {long_name, "File name too long"}};
    const struct mstr_provider *provider = file_provider_entry(&host_table);
    mstr_error *error = mstr_error_new();
    memset(long_name + strlen(long_name), 'n', sizeof(long_name) - 1 - strlen(long_name));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct mstr_reference reference = {.size = sizeof(reference), .body = cases[i].path};
        mstr_error_clear(error);
        assert_int_equal(provider->check(NULL, &reference, error), cases[i].told != NULL ? MSTR_E_CONFIG : MSTR_OK);
        assert_non_null(strstr(mstr_error_message(error), cases[i].told != NULL ? cases[i].told : ""));
    }
    mstr_error_free(error);
}

static char lines[300000];

static void *write_into(void *path)
{
    FILE *pipe = fopen(path, "w");
    fputs(lines, pipe);
    fclose(pipe);
    return NULL;
}

static void a_pipe_is_read_to_its_end(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    char reference[80];
    pthread_t writer;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/pipe", folder);
    snprintf(reference, sizeof(reference), "file:%s", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    memset(lines, 'l', sizeof(lines) - 1);
    pthread_create(&writer, NULL, write_into, path);

    assert_text(context, reference, lines);

    pthread_join(writer, NULL);
    unlink(path);
    rmdir(folder);
}

static void a_pipe_that_nobody_writes_ends_with_the_deadline(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-test-XXXXXX";
    char path[64];
    char reference[80];
    mstr_secret *secret = NULL;
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    options.timeout = 50;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/pipe", folder);
    snprintf(reference, sizeof(reference), "file:%s", path);
    assert_int_equal(mkfifo(path, 0600), 0);

    assert_int_equal(mstr_context_get(context, reference, &options, &secret, NULL), MSTR_E_TIMEOUT);

    assert_null(secret);
    unlink(path);
    rmdir(folder);
}

static void too_many_open_files_are_told_as_that(void **state)
{
    (void)state;
    char reference[64];
    char *path = test_file("secret", 6);
    snprintf(reference, sizeof(reference), "file:%s", path);
    assert_few_files_are_told("", reference);
    unlink(path);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_open_files_are_told_as_that),
        cmocka_unit_test(one_newline_is_cut_unless_raw),
        cmocka_unit_test(octets_are_given_as_they_are),
        cmocka_unit_test(a_mebibyte_is_the_most),
        cmocka_unit_test(files_of_procfs_are_read_to_their_end),
        cmocka_unit_test(what_cannot_be_read_is_told_by_its_cause),
        cmocka_unit_test(a_path_that_can_never_be_read_is_told_before),
        cmocka_unit_test(a_pipe_is_read_to_its_end),
        cmocka_unit_test(a_pipe_that_nobody_writes_ends_with_the_deadline),
    };
    context = test_context("");
    int failed = RUN_TESTS("builtin/file");
    mstr_context_free(context);
    return failed;
}
