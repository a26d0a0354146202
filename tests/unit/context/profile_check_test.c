/* SPDX-License-Identifier: Apache-2.0 */
/* core/context/profile_check.c; that a run says the same is tested in config_check_test.c */
#include "context/profile_check.h"
#include "support/context.h"

#include <stdio.h>

/* "KEY: PROBLEM" in lines, "-" for the profile as a whole. */
static int note(const mstr_config_item *item, void *data)
{
    buffer_printf(data, "%s: %s\n", item->key != NULL ? item->key : "-", item->problem);
    return 0;
}

static void assert_told(const char *profile, const char *expected)
{
    struct buffer told = BUFFER_INIT;
    struct config_listener listener = {note, &told, false};
    mstr_context *context = test_context(profile);
    struct faults faults = {.context = context, .listener = &listener, .now = mstr_error_new()};
    profile_check(&faults, "profile a");
    assert_string_equal(buffer_text(&told), expected);
    assert_int_equal(faults.code, *expected == '\0' ? MSTR_OK : MSTR_E_CONFIG);
    mstr_error_free(faults.now);
    mstr_context_free(context);
    buffer_release(&told);
}

static void all_that_is_wrong_is_told(void **state)
{
    (void)state;
    assert_told(
        "[profile a]\nusername =\npassword =\nrelogin = ${text:2}\nbase_url = http://h/\nca_file = /nowhere\n",
        "relogin: \"relogin\" must be yes or no\n"
        "username: username resolved to an empty value\n"
        "password: password resolved to an empty value\n"
        "base_url: base_url uses plain http, which shows the password on the network, without "
        "allow_plain_http = yes\n");
    assert_told(
        "[profile a]\napi_key = x\nca_file = ${text:/nowhere}\nclient_key = /nowhere\npinned_key = /nowhere\n",
        "-: [profile a]: base_url is not configured\n"
        "client_key: \"client_key\" is of no use without client_cert\n"
        "ca_file: ca_file=/nowhere: No such file or directory\n"
        "pinned_key: pinned_key=/nowhere: No such file or directory\n");
}

static void what_only_a_provider_knows_is_left_alone(void **state)
{
    (void)state;
    assert_told("[profile a]\nbase_url = ${env:U}\nusername = a${env:X}\npassword = ${env:X || text:}\n"
                "login_mode = ${env:X}\nrelogin = ${env:X}\nca_file = ${env:X}\nclient_cert = ${env:X}\n"
                "pinned_key = ${env:X}\nproxy_password = ${env:X}\n",
                "");
    assert_told("[profile a]\nclient_cert = /nowhere\nclient_key = ${env:X}\n", "");
}

static void only_a_profile_that_somebody_chose_must_be_there(void **state)
{
    (void)state;
    struct buffer told = BUFFER_INIT;
    struct config_listener listener = {note, &told, false};
    mstr_context *context = test_context("");
    struct faults faults = {.context = context, .listener = &listener, .now = mstr_error_new()};
    profile_check_chosen(&faults);
    assert_string_equal(buffer_text(&told), "");
    mstr_error_free(faults.now);
    mstr_context_free(context);
    buffer_release(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_wrong_is_told),
        cmocka_unit_test(what_only_a_provider_knows_is_left_alone),
        cmocka_unit_test(only_a_profile_that_somebody_chose_must_be_there),
    };
    return RUN_TESTS("context/profile_check");
}
