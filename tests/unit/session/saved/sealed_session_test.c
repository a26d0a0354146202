/* SPDX-License-Identifier: Apache-2.0 */
/* A session in a sealed file that many share. */
#include "session/saved/sealed_session.h"

#include "base/clock.h"
#include "support/mounted.h"

#include <sys/stat.h>

static char *path;
static const struct limits unlimited = {INT64_MAX, NULL};

static int make_place(void **state)
{
    (void)state;
    path = test_file("", 0);
    unlink(path);
    return 0;
}

static int remove_place(void **state)
{
    (void)state;
    test_remove_saved(path);
    free(path);
    return 0;
}

/* Not open; able to save. */
static struct mounted *new_one(void)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal("key"));
    return mounted;
}

static void save(struct mounted *mounted)
{
    struct snapshot replaced = {.base = NULL};
    mounted_done(mounted, sealed_session_save(mounted->session, path, &unlimited, &replaced, mounted->error));
    assert_null(replaced.token);
}

/* The token of the session whose place it takes; "" = of none. */
static void save_over(struct mounted *mounted, const char *token)
{
    struct snapshot replaced = {.base = NULL};
    mounted_done(mounted, sealed_session_save(mounted->session, path, &unlimited, &replaced, mounted->error));
    assert_string_equal(replaced.token != NULL ? mstr_secret_octets(replaced.token) : "", token);
    snapshot_release(&replaced);
}

static struct mounted *new_saved(void)
{
    struct mounted *mounted = new_one();
    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));
    save(mounted);
    return mounted;
}

static struct mounted *new_loaded(void)
{
    struct mounted *mounted = new_one();
    mounted_done(mounted, sealed_session_read(mounted->session, path, &unlimited, mounted->error));
    return mounted;
}

static void set_token(struct mounted *mounted, const char *text)
{
    session_keep_token(mounted->session, mstr_secret_new(text, strlen(text)));
}

static void assert_token(struct mounted *mounted, const char *text)
{
    mstr_secret *token = session_token(mounted->session);
    assert_string_equal(mstr_secret_octets(token), text);
    mstr_secret_release(token);
}

static bool read_anew(struct mounted *mounted)
{
    bool read = false;
    mounted_done(mounted, sealed_session_read_anew(mounted->session, path, &unlimited, &read, mounted->error));
    return read;
}

static void a_file_is_read_anew_only_where_another_has_written_it(void **state)
{
    struct mounted *one = new_saved();
    struct mounted *other = new_loaded();
    (void)state;
    assert_false(read_anew(one));
    assert_false(read_anew(other));

    set_token(other, "renewed");
    save(other);

    assert_true(read_anew(one));
    assert_token(one, "renewed");
    assert_false(read_anew(other));
    mounted_free(one);
    mounted_free(other);
}

static void a_session_that_has_not_changed_is_not_written_again(void **state)
{
    struct mounted *mounted = new_saved();
    struct stat before;
    struct stat after;
    (void)state;
    stat(path, &before);

    save(mounted);

    stat(path, &after);
    assert_int_equal(before.st_ino, after.st_ino);
    mounted_free(mounted);
}

static void what_another_process_has_renewed_is_not_written_over(void **state)
{
    struct mounted *one = new_saved();
    struct mounted *other = new_loaded();
    (void)state;
    set_token(other, "renewed");
    save(other);

    set_token(one, "rotated");
    save(one);

    struct mounted *reader = new_loaded();
    assert_token(reader, "renewed");
    mounted_free(reader);
    mounted_free(one);
    mounted_free(other);
}

static void a_login_of_its_own_is_written_over_the_session_before_which_comes_out(void **state)
{
    struct mounted *one = new_saved();
    struct mounted *other = new_one();
    (void)state;
    mounted_done(other, mstr_session_open(other->session, NULL, other->error));
    set_token(other, "another-login");

    save_over(other, "token-1");

    struct mounted *reader = new_loaded();
    assert_token(reader, "another-login");
    mounted_free(reader);
    mounted_free(one);
    mounted_free(other);
}

static void the_same_session_and_one_of_another_key_are_no_replaced_ones(void **state)
{
    struct mounted *one = new_saved();
    struct mounted *same = new_one();
    struct mounted *other = new_one();
    (void)state;
    mounted_done(same, mstr_session_open(same->session, NULL, same->error));
    save_over(same, ""); /* its token is token-1 too */

    mstr_session_set_credential(other->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal("other"));
    mounted_done(other, mstr_session_open(other->session, NULL, other->error));
    set_token(other, "another-login");
    save_over(other, "");

    mounted_free(one);
    mounted_free(same);
    mounted_free(other);
}

static void a_session_of_another_origin_is_not_taken_up(void **state)
{
    struct mounted *one = new_one();
    struct mounted *other = new_one();
    (void)state;
    mounted_done(one, mstr_session_open(one->session, NULL, one->error));
    free(one->session->base);
    one->session->base = strdup("http://127.0.0.1:2/api/");
    mounted_done(one, sealed_session_write(one->session, path, &unlimited, one->error));

    assert_int_equal(sealed_session_read(other->session, path, &unlimited, other->error), MSTR_E_CONFIG);

    assert_null(session_token(other->session));
    mounted_free(one);
    mounted_free(other);
}

static void a_file_that_was_removed_is_no_failure_of_reading_anew(void **state)
{
    struct mounted *mounted = new_saved();
    (void)state;
    unlink(path);

    assert_false(read_anew(mounted));

    assert_string_equal(mstr_error_message(mounted->error), "");
    mounted_free(mounted);
}

static void a_file_that_was_removed_is_written_anew(void **state)
{
    struct mounted *mounted = new_saved();
    (void)state;
    unlink(path);

    save(mounted);

    assert_int_equal(access(path, F_OK), 0);
    mounted_free(mounted);
}

static void a_session_that_is_closed_is_kept_nowhere(void **state)
{
    struct mounted *mounted = new_saved();
    (void)state;
    char *kept = session_kept_path(mounted->session);
    assert_string_equal(kept, path);
    free(kept);

    mstr_session_close(mounted->session, NULL);

    assert_null(session_kept_path(mounted->session));
    mounted_free(mounted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_read_anew_only_where_another_has_written_it),
        TEST(a_session_that_has_not_changed_is_not_written_again),
        TEST(what_another_process_has_renewed_is_not_written_over),
        TEST(a_login_of_its_own_is_written_over_the_session_before_which_comes_out),
        TEST(the_same_session_and_one_of_another_key_are_no_replaced_ones),
        TEST(a_session_of_another_origin_is_not_taken_up),
        TEST(a_file_that_was_removed_is_no_failure_of_reading_anew),
        TEST(a_file_that_was_removed_is_written_anew),
        TEST(a_session_that_is_closed_is_kept_nowhere),
    };
    return RUN_TESTS("session/saved/sealed_session");
}
