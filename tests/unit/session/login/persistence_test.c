/* SPDX-License-Identifier: Apache-2.0 */
/* Saving an open session and taking it up again, sealed in a file or in the clear. */
#include "session/session.h"

#include "support/mounted.h"

static char *path;

/* Not open; with the persistence key, NULL = none. */
static struct mounted *new_with_key(const char *key)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    if (key != NULL) {
        mstr_session_set_credential(mounted->session, MSTR_CREDENTIAL_PERSISTENCE_KEY, mstr_credential_literal(key));
    }
    return mounted;
}

/* An open session with a cookie. */
static struct mounted *open_with_key(const char *key)
{
    struct mounted *mounted = new_with_key(key);
    mounted_done(mounted, mstr_session_open(mounted->session, NULL, mounted->error));
    cookies_restore(&mounted->session->cookies, "JSESSIONID", "s1", "/api", false, 0);
    return mounted;
}

static enum mstr_code save(struct mounted *mounted)
{
    return mstr_session_save(mounted->session, path, NULL, mounted->error);
}

static enum mstr_code load(struct mounted *mounted)
{
    return mstr_session_load(mounted->session, path, NULL, mounted->error);
}

static void assert_taken_up(struct mounted *mounted)
{
    mstr_secret *token = session_token(mounted->session);
    assert_non_null(token);
    assert_string_equal(mstr_secret_octets(token), "token-1");
    assert_int_equal(mounted->session->cookies.count, 1);
    assert_string_equal(mounted->session->cookies.items[0].value, "s1");
    assert_string_equal(mounted->session->base, MOUNTED_BASE);
    mstr_secret_release(token);
}

/* One file for all tests, as deriving its key takes a while: a delegated session, sealed with "key". */
static int save_once(void **state)
{
    (void)state;
    path = test_file("", 0);
    struct mounted *saved = open_with_key("key");
    saved->session->delegated = true;
    mounted_done(saved, save(saved));
    mounted_free(saved);
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    test_remove_saved(path);
    free(path);
    return 0;
}

static void a_saved_session_is_taken_up_with_token_cookies_and_base(void **state)
{
    struct mounted *loaded = new_with_key("key");
    (void)state;

    mounted_done(loaded, load(loaded));

    assert_taken_up(loaded);
    assert_true(loaded->session->delegated);
    assert_int_equal(loaded->sent, 0);
    mounted_free(loaded);
}

static bool holds(const char *octets, size_t length, const char *part)
{
    bool found = false;
    for (size_t i = 0; i + strlen(part) <= length; i++) {
        found |= memcmp(octets + i, part, strlen(part)) == 0;
    }
    return found;
}

static void the_file_does_not_show_the_token(void **state)
{
    char text[4096] = "";
    (void)state;

    FILE *file = fopen(path, "r");
    size_t length = fread(text, 1, sizeof(text), file);
    fclose(file);

    assert_true(length > 0);
    assert_false(holds(text, length, "token-1"));
    assert_false(holds(text, length, "JSESSIONID"));
}

static void another_key_and_another_origin_do_not_open_it(void **state)
{
    static const struct {
        const char *key;
        const char *base;
    } cases[] = {{"other", MOUNTED_BASE}, {"key", "http://127.0.0.1:2/api/"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *loaded = new_with_key(cases[i].key);
        mstr_session_set_credential(loaded->session, MSTR_CREDENTIAL_BASE_URL,
                                    mstr_credential_literal(cases[i].base));

        assert_int_not_equal(load(loaded), MSTR_OK);

        assert_told(loaded, path);
        assert_false(mstr_session_is_open(loaded->session));
        mounted_free(loaded);
    }
}

static void without_a_key_nothing_is_saved_or_loaded(void **state)
{
    static const char *const keys[][2] = {{NULL, "saving sessions needs the credential \"persistence_key\""},
                                          {"", "persistence_key resolved to an empty value"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct mounted *mounted = open_with_key(keys[i][0]);

        assert_int_equal(save(mounted), MSTR_E_CONFIG);
        assert_told(mounted, keys[i][1]);
        assert_int_equal(load(mounted), MSTR_E_CONFIG);
        assert_told(mounted, keys[i][1]);

        mounted_free(mounted);
    }
}

static void a_session_that_is_not_open_is_not_saved(void **state)
{
    struct mounted *mounted = new_with_key("key");
    mstr_secret *json = NULL;
    (void)state;

    assert_int_equal(save(mounted), MSTR_E_SESSION);
    assert_int_equal(mstr_session_export(mounted->session, &json, mounted->error), MSTR_E_SESSION);

    assert_null(json);
    mounted_free(mounted);
}

static void what_was_exported_is_imported(void **state)
{
    struct mounted *saved = open_with_key(NULL);
    struct mounted *loaded = new_with_key(NULL);
    mstr_secret *json = NULL;
    (void)state;

    mounted_done(saved, mstr_session_export(saved->session, &json, saved->error));
    mounted_done(loaded, mstr_session_import(loaded->session, mstr_secret_octets(json), mstr_secret_length(json),
                                             loaded->error));

    assert_taken_up(loaded);
    mstr_secret_release(json);
    mounted_free(loaded);
    mounted_free(saved);
}

static void a_failed_import_leaves_the_session_as_it_was(void **state)
{
    struct mounted *mounted = open_with_key(NULL);
    (void)state;

    assert_int_equal(mstr_session_import(mounted->session, "{}", 2, mounted->error), MSTR_E_USAGE);

    assert_taken_up(mounted);
    mounted_free(mounted);
}

static void a_saved_session_of_another_server_than_the_configured_one_is_refused(void **state)
{
    struct mounted *saved = open_with_key("key");
    struct mounted *loaded = new_with_key("key");
    char *common = path;
    (void)state;
    path = test_file("", 0);
    free(saved->session->base);
    saved->session->base = strdup("http://127.0.0.1:2/api/");
    mounted_done(saved, save(saved));

    assert_int_equal(load(loaded), MSTR_E_CONFIG);

    assert_non_null(strstr(mstr_error_message(loaded->error), "another server"));
    assert_false(mstr_session_is_open(loaded->session));
    assert_int_equal(loaded->sent, 0);
    mstr_session_forget(saved->session); /* which knows no such server */
    mounted_free(saved);
    mounted_free(loaded);
    test_remove_saved(path);
    free(path);
    path = common;
}

static void the_session_whose_place_another_takes_is_logged_out_unless_it_is_its_creator_s_too(void **state)
{
    static const struct {
        bool delegated;
        const char *log;
    } cases[] = {{false, "POST auth/logout\n"}, {true, ""}};
    char *common = path;
    (void)state;
    path = test_file("", 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *old = open_with_key("key");
        struct mounted *new = open_with_key("key");
        cookies_clear(&new->session->cookies);
        session_keep_token(new->session, mstr_secret_new("another", 7));
        old->session->delegated = cases[i].delegated;
        unlink(path);
        mounted_done(old, save(old));
        mounted_forget(new);

        mounted_done(new, save(new));

        assert_string_equal(new->log, cases[i].log);
        assert_true(cases[i].delegated || mounted_saw(new, "X-MSTR-AuthToken: token-1\n"));
        assert_true(cases[i].delegated || mounted_saw(new, "Cookie: JSESSIONID=s1\n"));
        assert_true(mstr_session_is_open(new->session));
        assert_int_equal(new->session->cookies.count, 0);
        mounted_free(old);
        mounted_free(new);
    }
    test_remove_saved(path);
    free(path);
    path = common;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saved_session_is_taken_up_with_token_cookies_and_base),
        cmocka_unit_test(a_saved_session_of_another_server_than_the_configured_one_is_refused),
        cmocka_unit_test(the_session_whose_place_another_takes_is_logged_out_unless_it_is_its_creator_s_too),
        cmocka_unit_test(the_file_does_not_show_the_token),
        cmocka_unit_test(another_key_and_another_origin_do_not_open_it),
        cmocka_unit_test(without_a_key_nothing_is_saved_or_loaded),
        cmocka_unit_test(a_session_that_is_not_open_is_not_saved),
        cmocka_unit_test(what_was_exported_is_imported),
        cmocka_unit_test(a_failed_import_leaves_the_session_as_it_was),
    };
    return cmocka_run_group_tests_name("session/login/persistence", tests, save_once, remove_file);
}
