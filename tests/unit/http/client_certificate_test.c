/* SPDX-License-Identifier: Apache-2.0 */
/* core/http/client_certificate.c */
#include "http/client_certificate.h"
#include "support/certificate.h"
#include "support/context.h"

#include <stdio.h>

static struct certificate first;
static struct certificate second;
static struct certificate locked; /* its key encrypted */
static struct certificate bundle; /* PKCS#12 */

static int make(void **state)
{
    (void)state;
    certificate_make(&first, "DNS:first");
    certificate_make(&second, "DNS:second");
    certificate_make(&locked, "DNS:locked");
    certificate_make(&bundle, "DNS:bundle");
    certificate_encrypt(&locked, "sesame");
    certificate_to_pkcs12(&bundle, "sesame");
    return 0;
}

static int release(void **state)
{
    (void)state;
    certificate_release(&first);
    certificate_release(&second);
    certificate_release(&locked);
    certificate_release(&bundle);
    return 0;
}

/* Asserts what is told, to follow the path; NULL = nothing. */
static void assert_fault(const char *certificate, const char *key, const char *passphrase, const char *source,
                         const char *fault)
{
    char expected[256];
    mstr_error *error = mstr_error_new();
    enum mstr_code code = client_certificate_check(certificate, key, passphrase, error);
    assert_int_equal(code, fault == NULL ? MSTR_OK : MSTR_E_CONFIG);
    snprintf(expected, sizeof(expected), "%s=%s: %s", source, strcmp(source, "client_key") == 0 ? key : certificate,
             fault != NULL ? fault : "");
    assert_string_equal(mstr_error_message(error), fault != NULL ? expected : "");
    assert_true(fault == NULL || mstr_error_hint(error) != NULL);
    mstr_error_free(error);
}

static void a_certificate_with_its_key_is_good(void **state)
{
    (void)state;
    assert_fault(first.file, NULL, "", "", NULL);
    assert_fault(first.file, first.file, "not needed", "", NULL);
    assert_fault(locked.file, NULL, "sesame", "", NULL);
    assert_fault(bundle.file, NULL, "sesame", "", NULL);
}

static void what_is_wrong_with_a_certificate_or_its_key_is_told(void **state)
{
    (void)state;
    char *alone = test_file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 59);
    assert_fault("/nowhere", NULL, "", "client_cert", "No such file or directory");
    assert_fault("/", NULL, "", "client_cert", "it is no regular file");
    assert_fault(alone, NULL, "", "client_cert", "it holds no certificate");
    assert_fault(first.file, alone, "", "client_key", "it holds no private key");
    assert_fault(first.file, bundle.file, "", "client_key", "it holds no private key");
    assert_fault(first.file, "/nowhere", "", "client_key", "No such file or directory");
    assert_fault(first.file, second.file, "", "client_key", "it is not the key of the certificate");
    assert_fault(locked.file, NULL, "", "client_cert", "its key is encrypted, and there is no client_key_password");
    assert_fault(locked.file, NULL, "open", "client_cert", "client_key_password does not open it");
    assert_fault(bundle.file, NULL, "open", "client_cert", "client_key_password does not open it");
    assert_fault(bundle.file, NULL, "", "client_cert", "its key is encrypted, and there is no client_key_password");
    unlink(alone);
    free(alone);
}

static void what_an_unknown_passphrase_opens_is_not_looked_into(void **state)
{
    (void)state;
    assert_fault(locked.file, NULL, NULL, "", NULL);
    assert_fault(bundle.file, NULL, NULL, "", NULL);
    assert_fault(first.file, second.file, NULL, "client_key", "it is not the key of the certificate");
}

static void pkcs12_is_told_from_pem(void **state)
{
    (void)state;
    assert_true(client_certificate_is_pkcs12(bundle.file));
    assert_false(client_certificate_is_pkcs12(first.file));
    assert_false(client_certificate_is_pkcs12("/nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_with_its_key_is_good),
        cmocka_unit_test(what_is_wrong_with_a_certificate_or_its_key_is_told),
        cmocka_unit_test(what_an_unknown_passphrase_opens_is_not_looked_into),
        cmocka_unit_test(pkcs12_is_told_from_pem),
    };
    return cmocka_run_group_tests_name("http/client_certificate", tests, make, release);
}
