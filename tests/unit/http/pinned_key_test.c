/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/pinned_key.c */
#include "http/pinned_key.h"
#include "support/context.h"

#define DIGEST "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void a_pin_is_digests_or_a_path(void **state)
{
    (void)state;
    static const struct {
        const char *pin;
        bool good;
    } cases[] = {
        {DIGEST, true},
        {DIGEST ";" DIGEST, true},
        {"/etc/key.pem", true},
        {"", false},
        {"sha256//", false},
        {"sha256//AA==", false},
        {"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", false},
        {DIGEST ";", false},
        {DIGEST ";AAAA", false},
        {DIGEST " " DIGEST, false},
        {"key.pem", false},
        {"5f:1a", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_error *error = mstr_error_new();
        if (pinned_key_has_form(cases[i].pin) != cases[i].good) {
            fail_msg("\"%s\"", cases[i].pin);
        }
        if (!cases[i].good) {
            assert_int_equal(pinned_key_check(cases[i].pin, error), MSTR_E_CONFIG);
            assert_non_null(strstr(mstr_error_message(error), "\"pinned_key\" must be sha256//"));
        }
        mstr_error_free(error);
    }
    assert_int_equal(pinned_key_check(DIGEST, NULL), MSTR_OK);
}

static void a_file_must_be_there_and_hold_a_public_key(void **state)
{
    (void)state;
    static const char pem[] = "a key\n-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n";
    static const char der[] = "\x30\x01\x00";
    static const char other[] = "-----BEGIN CERTIFICATE-----\n";
    static const struct {
        const char *octets;
        const char *fault; /* NULL = none */
    } cases[] = {{pem, NULL}, {der, NULL}, {other, ": it holds no public key"}, {"", ": it holds no public key"}};
    mstr_error *error = mstr_error_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *path = test_file(cases[i].octets, strlen(cases[i].octets));
        enum mstr_code code = pinned_key_check(path, error);
        assert_int_equal(code, cases[i].fault == NULL ? MSTR_OK : MSTR_E_CONFIG);
        assert_true(code == MSTR_OK || strstr(mstr_error_message(error), cases[i].fault) != NULL);
        unlink(path);
        free(path);
    }
    assert_int_equal(pinned_key_check("/nowhere/key.pem", error), MSTR_E_CONFIG);
    assert_string_equal(mstr_error_message(error), "pinned_key=/nowhere/key.pem: No such file or directory");
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pin_is_digests_or_a_path),
        cmocka_unit_test(a_file_must_be_there_and_hold_a_public_key),
    };
    return RUN_TESTS("http/pinned_key");
}
