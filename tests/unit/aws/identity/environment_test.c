/* SPDX-License-Identifier: Apache-2.0 */
/* providers/aws/identity/environment.c */
#include "aws/identity/identity.h"

#include "support/fake_host.h"
#include "support/unit.h"

#include "sdk/host.h"

static void keys_are_what_the_variables_say(void **state)
{
    static const struct {
        const char *access_key;
        const char *secret_key;
        const char *session_token;
        enum mstr_code code;
        const char *told; /* the session token, or the message */
    } cases[] = {
        {"AK", "sk", NULL, MSTR_OK, NULL},
        {"AK", "sk", "tok", MSTR_OK, "tok"},
        {"AK", "sk", "", MSTR_OK, NULL},
        {"AK", "sk", " \t", MSTR_OK, NULL},
        {"AK\r", " sk\n", "tok \r\n", MSTR_OK, "tok"},
        {"A K", "sk", NULL, MSTR_E_CONFIG, "environment: AWS_ACCESS_KEY_ID holds a character that no key has"},
        {"\"AK\"", "sk", NULL, MSTR_E_CONFIG, "environment: AWS_ACCESS_KEY_ID holds a character that no key has"},
        {"AK", "s\nk", NULL, MSTR_E_CONFIG, "environment: AWS_SECRET_ACCESS_KEY holds a character that no key has"},
        {"AK", "sk", "t\xc3\xb6k", MSTR_E_CONFIG, "environment: AWS_SESSION_TOKEN holds a character that no key has"},
        {NULL, NULL, NULL, MSTR_E_NOT_AVAILABLE, "AWS_ACCESS_KEY_ID is not set"},
        {NULL, NULL, "tok", MSTR_E_NOT_AVAILABLE, "AWS_ACCESS_KEY_ID is not set"},
        {" ", "", NULL, MSTR_E_NOT_AVAILABLE, "AWS_ACCESS_KEY_ID is not set"},
        {"AK", NULL, NULL, MSTR_E_CONFIG, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"},
        {"AK", " ", NULL, MSTR_E_CONFIG, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not"},
        {NULL, "sk", NULL, MSTR_E_CONFIG, "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct surroundings around = {.call = fake_host_call()};
        struct aws_keys *keys = NULL;
        struct mstr_error *error = host->error_new();
        fake_host_env("AWS_ACCESS_KEY_ID", cases[i].access_key);
        fake_host_env("AWS_SECRET_ACCESS_KEY", cases[i].secret_key);
        fake_host_env("AWS_SESSION_TOKEN", cases[i].session_token);

        assert_int_equal(environment_keys(&around, &keys, error), cases[i].code);

        if (cases[i].code == MSTR_OK) {
            assert_string_equal(keys->identity, "environment");
            assert_string_equal(keys->access_key, "AK");
            assert_string_equal(keys->secret_key, "sk");
            assert_string_equal(keys->session_token != NULL ? keys->session_token : "-",
                                cases[i].told != NULL ? cases[i].told : "-");
            assert_int_equal(keys->expires, 0);
        } else {
            assert_null(keys);
            assert_string_equal(host->error_message(error), cases[i].told);
        }
        aws_keys_release(keys);
        host->error_free(error);
    }
}

/* As boto3 has it: ignoring it would sign as another, or as nobody. */
static void the_older_name_of_the_token_comes_first(void **state)
{
    const struct surroundings around = {.call = fake_host_call()};
    struct aws_keys *keys = NULL;
    (void)state;
    fake_host_env("AWS_ACCESS_KEY_ID", "AK");
    fake_host_env("AWS_SECRET_ACCESS_KEY", "sk");
    fake_host_env("AWS_SESSION_TOKEN", "new");
    fake_host_env("AWS_SECURITY_TOKEN", "old");
    assert_int_equal(environment_keys(&around, &keys, NULL), MSTR_OK);
    assert_string_equal(keys->session_token, "old");
    aws_keys_release(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_are_what_the_variables_say, fake_host_setup, fake_host_teardown),
        cmocka_unit_test_setup_teardown(the_older_name_of_the_token_comes_first, fake_host_setup, fake_host_teardown),
    };
    return RUN_TESTS("aws/identity/environment");
}
