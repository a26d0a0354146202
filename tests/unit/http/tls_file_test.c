/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/tls_file.c */
#include "http/tls_file.h"
#include "support/folder.h"
#include "support/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_file_is_read_whole(void **state)
{
    (void)state;
    struct folder folder;
    char path[256];
    struct buffer content = BUFFER_INIT;
    folder_make(&folder);
    FILE *file = fopen(folder_path(&folder, "a.pem", path), "w");
    for (int i = 0; i < 20000; i++) {
        fputc('a' + i % 26, file);
    }
    fclose(file);
    assert_int_equal(tls_file_read("ca_file", path, "a file", &content, NULL), MSTR_OK);
    assert_int_equal(content.length, 20000);
    assert_int_equal(buffer_text(&content)[27], 'b');
    buffer_release(&content);
    folder_remove(&folder);
}

static void what_cannot_be_read_is_told_with_its_setting(void **state)
{
    (void)state;
    struct folder folder;
    char path[256];
    char expected[512];
    struct buffer content = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    folder_make(&folder);
    folder_path(&folder, "none", path);
    assert_int_equal(tls_file_read("client_cert", path, "a file of PEM", &content, error), MSTR_E_CONFIG);
    snprintf(expected, sizeof(expected), "client_cert=%s: No such file or directory", path);
    assert_string_equal(mstr_error_message(error), expected);
    assert_string_equal(mstr_error_hint(error), "client_cert must name a file of PEM");
    assert_false(tls_file_slurp(path, &content));
    assert_int_equal(tls_file_check_regular("client_cert", path, error), MSTR_OK); /* its reader tells it */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(tls_file_check_regular("client_cert", path, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), ": it is no regular file"));
    assert_int_equal(tls_file_read("client_cert", path, "a file of PEM", &content, NULL), MSTR_E_CONFIG);
    buffer_release(&content);
    mstr_error_free(error);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole),
        cmocka_unit_test(what_cannot_be_read_is_told_with_its_setting),
    };
    return RUN_TESTS("http/tls_file");
}
