/* SPDX-License-Identifier: Apache-2.0 */
/* providers/aws/config/files.c */
#include "support/aws_home.h"

#include <fcntl.h>
#include <sys/file.h>

static void a_tilde_is_the_home_folder(void **state)
{
    static const struct {
        const char *home;
        const char *path;
        const char *full; /* NULL = it cannot be told */
    } cases[] = {
        {"/home/ann", "~/.aws/config", "/home/ann/.aws/config"},
        {"/home/ann", "~", "/home/ann"},
        {"/home/ann", "/etc/~", "/etc/~"},
        {"/home/ann", "~bob/x", "~bob/x"},
        {"/home/ann", "relative", "relative"},
        {NULL, "/etc/x", "/etc/x"},
        {NULL, "~/x", NULL},
        {"", "~/x", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer full = BUFFER_INIT;
        fake_host_env("HOME", cases[i].home);
        assert_int_equal(files_expand(cases[i].path, &full), cases[i].full != NULL);
        assert_string_equal(buffer_text(&full), cases[i].full != NULL ? cases[i].full : "");
        buffer_release(&full);
    }
}

static void a_file_is_read_as_a_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *name;
        size_t limit;
        enum mstr_code code;
        const char *told; /* the content, or the end of the message */
    } cases[] = {
        {"five", 5, MSTR_OK, "hello"},
        {"five", 4, MSTR_E_CONFIG, "/five is longer than 4 octets"},
        {"empty", 0, MSTR_OK, ""},
        {"absent", 5, MSTR_E_NOT_FOUND, "/absent: No such file or directory"},
        {"five/below", 5, MSTR_E_NOT_FOUND, "/five/below: Not a directory"},
        {"", 5, MSTR_E_CONFIG, "/: Is a directory"},
    };
    (void)state;
    write_file("five", "hello");
    write_file("empty", "");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[256];
        struct buffer content = BUFFER_INIT;
        struct mstr_error *error = host->error_new();
        home_path(cases[i].name, path);
        assert_int_equal(files_read(fake_host_call(), path, cases[i].limit, &content, error), cases[i].code);
        if (cases[i].code == MSTR_OK) {
            assert_string_equal(buffer_text(&content), cases[i].told);
        } else {
            assert_contains(host->error_message(error), cases[i].told);
        }
        host->error_free(error);
        buffer_release(&content);
    }
}

static void a_file_of_many_pieces_is_read_to_its_end(void **state)
{
    enum { LENGTH = 10000 };
    char path[256];
    static char text[LENGTH + 1];
    struct buffer content = BUFFER_INIT;
    (void)state;
    for (size_t i = 0; i < LENGTH; i++) {
        text[i] = (char)('a' + i % 23);
    }
    write_file("long", text);
    home_path("long", path);
    assert_int_equal(files_read(fake_host_call(), path, LENGTH, &content, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&content), text);
    buffer_release(&content);
}

static size_t entries(void)
{
    size_t count = 0;
    DIR *folder = opendir(home);
    for (const struct dirent *entry = NULL; (entry = readdir(folder)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

static void a_file_is_replaced_for_this_user_alone(void **state)
{
    char path[256];
    struct stat status;
    struct buffer content = BUFFER_INIT;
    struct buffer read_back = BUFFER_INIT;
    (void)state;
    write_file("it", "old and longer");
    home_path("it", path);
    assert_int_equal(chmod(path, 0644), 0);
    buffer_puts(&content, "new");

    assert_int_equal(files_replace(path, &content, NULL), MSTR_OK);

    assert_int_equal(files_read(fake_host_call(), path, 100, &read_back, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&read_back), "new");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(entries(), 1); /* nothing is left beside it */
    buffer_release(&content);
    buffer_release(&read_back);
}

static void what_cannot_be_replaced_is_told_and_leaves_nothing_behind(void **state)
{
    char path[256];
    struct buffer content = BUFFER_INIT;
    struct mstr_error *error = host->error_new();
    (void)state;
    home_path("absent/it", path);
    assert_int_equal(files_replace(path, &content, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "absent/it: No such file or directory");

    write_file("folder/entry", "");
    home_path("folder", path); /* which no file can take the place of */
    assert_int_equal(files_replace(path, &content, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), "folder: Is a directory");
    assert_int_equal(entries(), 1);
    host->error_free(error);
}

static void all_paths_begin_at_the_root(void **state)
{
    struct buffer content = BUFFER_INIT;
    (void)state;
    write_file("below", "found");
    files_root = home;
    assert_int_equal(files_read(fake_host_call(), "/below", 100, &content, NULL), MSTR_OK);
    buffer_clear(&content);
    buffer_puts(&content, "changed");
    assert_int_equal(files_replace("/below", &content, NULL), MSTR_OK);
    files_root = "";
    char path[256];
    buffer_clear(&content);
    home_path("below", path);
    assert_int_equal(files_read(fake_host_call(), path, 100, &content, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&content), "changed");
    buffer_release(&content);
}

static bool is_locked(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool locked = flock(fd, LOCK_EX | LOCK_NB) != 0;
    close(fd);
    return locked;
}

static void a_folder_has_one_changer_at_a_time(void **state)
{
    char path[256];
    (void)state;
    home_path("it", path);

    int lock = files_lock(path, fake_host_call());
    assert_true(lock >= 0);
    assert_true(is_locked(home));
    assert_int_equal(files_lock(path, fake_host_call()), -1); /* after all the time there was */
    assert_int_equal(fake_host_slept() >= 29000, 1);

    files_unlock(lock);
    assert_false(is_locked(home));
    files_unlock(-1);
}

static void without_a_folder_there_is_no_lock(void **state)
{
    char path[256];
    (void)state;
    home_path("absent/it", path);
    assert_int_equal(files_lock(path, fake_host_call()), -1);
    assert_int_equal(fake_host_slept(), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, aws_home_make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(a_tilde_is_the_home_folder),
        TEST(a_file_is_read_as_a_whole_or_not_at_all),
        TEST(a_file_of_many_pieces_is_read_to_its_end),
        TEST(a_file_is_replaced_for_this_user_alone),
        TEST(what_cannot_be_replaced_is_told_and_leaves_nothing_behind),
        TEST(all_paths_begin_at_the_root),
        TEST(a_folder_has_one_changer_at_a_time),
        TEST(without_a_folder_there_is_no_lock),
    };
    return RUN_TESTS("aws/config/files");
}
