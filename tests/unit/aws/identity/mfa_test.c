/* SPDX-License-Identifier: Apache-2.0 */
/* Roles that ask for the code of a multi-factor device. */
#include "support/aws_home.h"

#define REFUSED(message)                                                                                             \
    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>" message                            \
    "</Message></Error></ErrorResponse>"

static int make(void **state)
{
    aws_home_make(state);
    write_file(".aws/config", "[default]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=b\n"
                              "mfa_serial=arn:aws:iam::1:mfa/me\n"
                              "[profile b]\naws_access_key_id=BASE\naws_secret_access_key=x\n");
    return 0;
}

static void the_code_is_asked_for_and_sent_with_the_serial_number(void **state)
{
    (void)state;
    fake_host_person(" 123456\n");
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);
    assert_keys("ASIAROLE");
    assert_string_equal(fake_host_questions(), "MFA code of arn:aws:iam::1:mfa/me\n");
    assert_contains(fake_host_request(0)->body, "&SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fme&TokenCode=123456");
    assert_contains(fake_exchange_header(fake_host_request(0), "Authorization"), "Credential=BASE/");
    assert_true(fake_host_request(0)->request.flags & MSTR_HTTP_SINGLE_SHOT);
    assert_null(strstr(fake_host_log(), "123456"));
}

static void the_role_of_the_providers_section_has_a_device_of_its_own(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\naws_access_key_id=BASE\naws_secret_access_key=x\n");
    settings.role_arn = "arn:aws:iam::1:role/r";
    settings.mfa_serial = "GAHT12345678";
    fake_host_person("000001");
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);
    assert_keys("ASIAROLE");
    assert_contains(fake_host_request(0)->body, "&SerialNumber=GAHT12345678&TokenCode=000001");
}

static void what_is_no_code_is_not_sent(void **state)
{
    static const char *const answers[] = {"",        "12345",    "1234567",  "12345a",
                                          "123 456", "123456 7", "\xd9\xa1", "-12345"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        fake_host_person(answers[i]);
        assert_no_keys(MSTR_E_AUTHENTICATION, "an MFA code has six digits; what was given has not");
    }
    assert_int_equal(fake_host_requests(), 0);
}

static void without_a_person_or_on_an_older_host_the_reason_is_told(void **state)
{
    (void)state;
    assert_no_keys_hint(MSTR_E_AUTHENTICATION,
                        "role arn:aws:iam::1:role/r needs a code of the MFA device arn:aws:iam::1:mfa/me, and "
                        "there is nobody to ask",
                        "at a terminal");
    fake_host_be_old();
    assert_no_keys(MSTR_E_AUTHENTICATION, "there is nobody to ask");
    assert_int_equal(fake_host_requests(), 0);
}

static void a_wrong_code_is_told_and_never_sent_again(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum mstr_code code;
        const char *message, *hint;
    } cases[] = {
        {403, REFUSED("MultiFactorAuthentication failed with invalid MFA one time pass code."), MSTR_E_DENIED,
         "invalid MFA one time pass code", "wait for the device's next one"},
        {503, REFUSED("later"), MSTR_E_DENIED, "later", NULL},
        {500, "", MSTR_E_UNAVAILABLE, "500", NULL},
    };
    (void)state;
    fake_host_person("654321");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_host_answer("POST", STS_URL, cases[i].status, NULL, cases[i].body);
        assert_no_keys_hint(cases[i].code, cases[i].message, cases[i].hint);
        assert_int_equal(fake_host_requests(), i + 1);
    }
    fake_host_fail("POST", STS_URL, MSTR_E_NETWORK, "reset");
    assert_no_keys(MSTR_E_NETWORK, "reset");
    assert_int_equal(fake_host_requests(), COUNT_OF(cases) + 1);
    assert_null(strstr(fake_host_log(), "654321"));
}

static void nobody_is_asked_when_the_source_profile_fails(void **state)
{
    (void)state;
    write_file(".aws/config", "[default]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=b\nmfa_serial=s\n"
                              "[profile b]\naws_access_key_id=BASE\n");
    fake_host_person("123456");
    assert_no_keys(MSTR_E_CONFIG, "half a key pair");
    assert_string_equal(fake_host_questions(), "");
}

/* ASSUMED ends in an hour: others would be renewed 15 minutes before. */
static void a_person_is_asked_again_only_when_the_role_is_about_to_end(void **state)
{
    struct renewable_keys renewable;
    (void)state;
    assert_true(renewable_keys_init(&renewable, &settings));
    fake_host_person("123456");
    fake_host_answer("POST", STS_URL, 200, NULL, ASSUMED);
    assert_kept(&renewable, "ASIAROLE");
    fake_host_advance(54 * 60000);
    fake_host_deadline(30000);
    assert_kept(&renewable, "ASIAROLE");
    assert_int_equal(fake_host_requests(), 1);
    fake_host_advance(2 * 60000);
    fake_host_deadline(30000);
    assert_kept(&renewable, "ASIAROLE"); /* it serves on after the failed renewal */
    assert_int_equal(fake_host_requests(), 2);
    assert_string_equal(fake_host_questions(),
                        "MFA code of arn:aws:iam::1:mfa/me\nMFA code of arn:aws:iam::1:mfa/me\n");
    renewable_keys_destroy(&renewable);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, aws_home_drop)
    const struct CMUnitTest tests[] = {
        TEST(the_code_is_asked_for_and_sent_with_the_serial_number),
        TEST(the_role_of_the_providers_section_has_a_device_of_its_own),
        TEST(what_is_no_code_is_not_sent),
        TEST(without_a_person_or_on_an_older_host_the_reason_is_told),
        TEST(a_wrong_code_is_told_and_never_sent_again),
        TEST(nobody_is_asked_when_the_source_profile_fails),
        TEST(a_person_is_asked_again_only_when_the_role_is_about_to_end),
    };
    return RUN_TESTS("aws/identity/mfa");
}
