/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/identity/token_file.c: tokens that are swapped under a running program. */
#include "unit/kubernetes/support.h"

static const char *token_path;

static int setup(void **state)
{
    int result = plugin_setup(state);
    token_path = write_beside("token", "first\n");
    fake_host_option("server", SERVER);
    fake_host_option("token_file", token_path);
    fake_host_option("namespace", "ns1");
    fake_host_answer_always("GET", APP_URL, 200, NULL, APP(DATA));
    return result;
}

static int teardown(void **state)
{
    unlink(token_path);
    return plugin_teardown(state);
}

static const char *sent_token(void)
{
    assert_resolves("k8s:app", APP_VALUE);
    return fake_exchange_header(fake_host_request(fake_host_requests() - 1), "Authorization");
}

/* Swapped as the kubelet does it: another file by the same name. */
static void swap(const char *text)
{
    rename(write_beside("new", text), token_path);
}

static void a_token_is_read_anew_after_a_minute(void **state)
{
    (void)state;
    assert_string_equal(sent_token(), "Bearer first");
    swap("second");
    fake_host_advance(59000);
    fake_host_deadline(30000);
    assert_string_equal(sent_token(), "Bearer first");
    fake_host_advance(1000);
    assert_string_equal(sent_token(), "Bearer second");
}

static void a_clock_that_jumps_changes_nothing(void **state)
{
    (void)state;
    assert_string_equal(sent_token(), "Bearer first");
    swap("second");
    fake_host_set_now(FAKE_HOST_START + INT64_C(86400000));
    assert_string_equal(sent_token(), "Bearer first");
}

static void the_old_token_goes_on_while_the_file_cannot_be_read(void **state)
{
    (void)state;
    assert_string_equal(sent_token(), "Bearer first");
    unlink(token_path);
    fake_host_advance(61000);
    fake_host_deadline(30000);
    assert_string_equal(sent_token(), "Bearer first");
    assert_contains(fake_host_log(), "warn the identity could not be renewed, the old one goes on: token file");
    swap("second");
    fake_host_advance(31000);
    fake_host_deadline(30000);
    assert_string_equal(sent_token(), "Bearer second");
}

static void a_refused_token_is_read_anew_and_sent_once_more_if_it_changed(void **state)
{
    (void)state;
    assert_string_equal(sent_token(), "Bearer first");
    swap("second");
    fake_host_answer("GET", APP_URL, 401, NULL, UNAUTHORIZED);
    assert_string_equal(sent_token(), "Bearer second");
    assert_int_equal(fake_host_requests(), 3);

    fake_host_answer("GET", APP_URL, 401, NULL, UNAUTHORIZED);
    assert_fails("k8s:app", MSTR_E_AUTHENTICATION, "401", NULL); /* the same token is not sent again */
    assert_int_equal(fake_host_requests(), 4);

    swap("third");
    fake_host_answer("GET", APP_URL, 401, NULL, UNAUTHORIZED);
    fake_host_answer("GET", APP_URL, 401, NULL, UNAUTHORIZED);
    assert_fails("k8s:app", MSTR_E_AUTHENTICATION, "401", NULL); /* once, whatever the file says then */
    assert_int_equal(fake_host_requests(), 6);
}

static void a_file_without_a_token_is_told(void **state)
{
    (void)state;
    swap(" \n");
    assert_fails("k8s:app", MSTR_E_CONFIG, ".token is empty", NULL);
    swap("two words");
    assert_fails("k8s:app", MSTR_E_CONFIG, ".token holds no token", NULL);
    unlink(token_path);
    assert_fails("k8s:app", MSTR_E_CONFIG, "No such file", NULL);
    assert_int_equal(fake_host_requests(), 0);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_token_is_read_anew_after_a_minute),
        EACH(a_clock_that_jumps_changes_nothing),
        EACH(the_old_token_goes_on_while_the_file_cannot_be_read),
        EACH(a_refused_token_is_read_anew_and_sent_once_more_if_it_changed),
        EACH(a_file_without_a_token_is_told),
    };
    return RUN_TESTS("kubernetes/identity/token_file");
}
