/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/saved/login_record.c: what processes leave each other of logins that were only to see */
#define _GNU_SOURCE /* memmem() */
#include "session/saved/login_record.h"

#include "support/states.h"

#include <sys/stat.h>

static const struct limits unlimited = {INT64_MAX, NULL};

/* One process's login with `password`, which the server refused or not; what it was told before. */
static enum mstr_code log_in(const char *account, const char *password, bool refused, mstr_error *error)
{
    struct login_record record;
    struct buffer known = BUFFER_INIT;
    struct buffer tried = BUFFER_INIT;
    buffer_puts(&known, account);
    buffer_puts(&tried, password);
    enum mstr_code code = login_record_begin(&record, &known, &tried, &unlimited, error);
    if (code == MSTR_OK) {
        unsigned char digest[REFUSAL_DIGEST];
        assert_true(refusal_digest(record.refused.key, &tried, digest));
        const struct refusal *before = refusal_record_find(&record.refused, digest);
        code = before != NULL ? MSTR_E_AUTHENTICATION : MSTR_OK;
        const struct refusal refusal = {refused ? 1 : 0, {1}, INT64_MAX / 2, 1};
        refusal_record_set(&record.refused, digest, &refusal);
        assert_int_equal(login_record_keep(&record, error), MSTR_OK);
    }
    login_record_end(&record);
    buffer_release(&known);
    buffer_release(&tried);
    return code;
}

/* The one file of records. */
static void find_file(char *path, size_t size)
{
    struct dirent *entry = NULL;
    DIR *open = opendir(states.path);
    assert_non_null(open);
    *path = '\0';
    while ((entry = readdir(open)) != NULL) {
        const char *end = strrchr(entry->d_name, '.');
        if (end != NULL && strcmp(end, ".login") == 0) {
            snprintf(path, size, "%s/%s", states.path, entry->d_name);
        }
    }
    closedir(open);
    assert_string_not_equal(path, "");
}

static size_t read_whole(char *text, size_t size)
{
    char path[1024];
    find_file(path, sizeof(path));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(text, 1, size, file);
    fclose(file);
    return length;
}

static void an_account_logs_in_once_a_minute_and_others_beside_it(void **state)
{
    mstr_error *error = mstr_error_new();
    (void)state;
    assert_int_equal(log_in("ann", "x", false, error), MSTR_OK);
    assert_int_equal(log_in("ann", "x", false, error), MSTR_E_THROTTLED);
    assert_non_null(strstr(mstr_error_message(error), "once a minute, again in "));
    assert_int_equal(log_in("bob", "x", false, error), MSTR_OK);
    mstr_error_free(error);
}

static void what_was_refused_is_known_by_the_same_values_alone(void **state)
{
    mstr_error *error = mstr_error_new();
    (void)state;
    assert_int_equal(log_in("ann", "wrong", true, NULL), MSTR_OK);
    assert_int_equal(log_in("ann", "wrong", true, NULL), MSTR_E_AUTHENTICATION);
    assert_int_equal(log_in("ann", "mended", true, error), MSTR_E_THROTTLED);
    assert_non_null(strstr(mstr_error_message(error), "this account was refused "));
    mstr_error_free(error);
}

static void one_that_is_not_let_in_tells_who_is_before_it(void **state)
{
    struct login_record first;
    struct login_record second;
    struct buffer text = BUFFER_INIT;
    const struct limits none = {0, NULL};
    mstr_error *error = mstr_error_new();
    (void)state;
    buffer_puts(&text, "ann");
    assert_int_equal(login_record_begin(&first, &text, &text, &unlimited, error), MSTR_OK);
    assert_int_equal(login_record_begin(&second, &text, &text, &none, error), MSTR_E_TIMEOUT);
    assert_string_equal(mstr_error_message(error), "timed out while another process logs in with this account");
    login_record_end(&second);
    login_record_end(&first);
    buffer_release(&text);
    mstr_error_free(error);
}

static void the_file_tells_nobody_what_was_tried(void **state)
{
    char text[4096];
    char path[1024];
    struct stat facts;
    (void)state;
    assert_int_equal(log_in("account of ann", "canary", true, NULL), MSTR_OK);
    size_t length = read_whole(text, sizeof(text));
    assert_null(memmem(text, length, "canary", 6));
    assert_null(memmem(text, length, "ann", 3));
    find_file(path, sizeof(path));
    assert_null(strstr(path, "ann"));
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
}

static void what_is_old_damaged_or_of_the_future_holds_nobody_up(void **state)
{
    static const char *const texts[] = {"", "mstr-login 1 00000000000000000001\n", "mstr-login 1 9999999999999999999",
                                        "mstr-login 1 08999999999999999999\n", "mstr-login 2 00000000000000000001\n"};
    char path[1024];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(log_in("ann", "x", false, NULL), i == 0 ? MSTR_OK : MSTR_E_THROTTLED);
        find_file(path, sizeof(path));
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(texts[i], file);
        fclose(file);
        assert_int_equal(log_in("ann", "x", false, NULL), MSTR_OK);
    }
}

/* In the user's own folder nobody else can have made it, and it would never be of use again. */
static void a_file_that_is_not_believed_is_replaced(void **state)
{
    static const struct {
        mode_t mode;
        off_t size;
    } cases[] = {{0644, 34}, {0600, 2 * 1024 * 1024}};
    char path[1024];
    (void)state;
    assert_int_equal(log_in("ann", "x", false, NULL), MSTR_OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        find_file(path, sizeof(path));
        assert_int_equal(truncate(path, cases[i].size), 0);
        assert_int_equal(chmod(path, cases[i].mode), 0);
        assert_int_equal(log_in("ann", "x", false, NULL), MSTR_OK);
        assert_int_equal(log_in("ann", "x", false, NULL), MSTR_E_THROTTLED);
    }
}

static void nothing_is_kept_where_others_could_write_or_there_is_no_place(void **state)
{
    mstr_error *error = mstr_error_new();
    (void)state;
    assert_int_equal(log_in("ann", "x", false, NULL), MSTR_OK);
    assert_int_equal(chmod(states.path, 0777), 0);
    assert_int_equal(log_in("ann", "x", false, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), "others may write to it"));
    assert_int_equal(chmod(states.path, 0700), 0);
    setenv("XDG_STATE_HOME", "/dev/null", 1);
    assert_int_equal(log_in("ann", "x", false, error), MSTR_E_CONFIG);
    setenv("XDG_STATE_HOME", "below", 1); /* which means nothing */
    setenv("HOME", "here", 1);
    assert_int_equal(log_in("ann", "x", false, error), MSTR_E_CONFIG);
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    assert_int_equal(log_in("ann", "x", false, error), MSTR_E_CONFIG);
    mstr_error_free(error);
}

#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, states_make, states_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORD_TEST(an_account_logs_in_once_a_minute_and_others_beside_it),
        RECORD_TEST(what_was_refused_is_known_by_the_same_values_alone),
        RECORD_TEST(one_that_is_not_let_in_tells_who_is_before_it),
        RECORD_TEST(the_file_tells_nobody_what_was_tried),
        RECORD_TEST(what_is_old_damaged_or_of_the_future_holds_nobody_up),
        RECORD_TEST(a_file_that_is_not_believed_is_replaced),
        RECORD_TEST(nothing_is_kept_where_others_could_write_or_there_is_no_place),
    };
    return cmocka_run_group_tests_name("session/saved/login_record", tests, NULL, NULL);
}
