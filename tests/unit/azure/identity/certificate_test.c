/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of service principals in all the forms that they come in. */
#include "azure/identity/certificate.h"

#include "support/fake_host.h"
#include "unit/azure/keys.h"

#include "sdk/host.h"

static enum mstr_code read_bio(BIO *memory, const char *password, struct certificate *out, struct mstr_error *error)
{
    char *octets = NULL;
    long length = BIO_get_mem_data(memory, &octets);
    enum mstr_code code = certificate_read("the file", octets, (size_t)length, password, out, error);
    BIO_free(memory);
    return code;
}

static void assert_reads(BIO *memory, const char *password, int certificates)
{
    struct certificate certificate;
    struct mstr_error *error = host->error_new();
    if (read_bio(memory, password, &certificate, error) != MSTR_OK) {
        fail_msg("%s", host->error_message(error));
    }
    assert_int_equal(sk_X509_num(certificate.chain), certificates);
    assert_int_equal(X509_cmp(sk_X509_value(certificate.chain, 0), own.certificate), 0);
    certificate_release(&certificate);
    host->error_free(error);
}

static void assert_refuses(BIO *memory, const char *password, const char *part)
{
    struct certificate certificate;
    struct mstr_error *error = host->error_new();
    assert_int_equal(read_bio(memory, password, &certificate, error), MSTR_E_CONFIG);
    assert_contains(host->error_message(error), part);
    assert_null(certificate.key);
    host->error_free(error);
}

static BIO *blank(void)
{
    return BIO_new(BIO_s_mem());
}

static void pem_is_read_in_any_order(void **state)
{
    BIO *key_first = blank();
    BIO *key_last = blank();
    BIO *key_between = blank();
    (void)state;
    put_key(key_first, &own, NULL);
    put_certificate(key_first, &own);
    put_certificate(key_last, &own);
    put_certificate(key_last, &other);
    put_key(key_last, &own, NULL);
    put_certificate(key_between, &other);
    put_key(key_between, &own, NULL);
    put_certificate(key_between, &own);

    assert_reads(key_first, NULL, 1);
    assert_reads(key_last, NULL, 2);
    assert_reads(key_between, NULL, 2);
}

static void encrypted_pem_is_opened_with_its_password(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        BIO *memory = blank();
        put_key(memory, &own, "hush");
        put_certificate(memory, &own);
        switch (i) {
        case 0:
            assert_reads(memory, "hush", 1);
            break;
        case 1:
            assert_refuses(memory, "wrong", "the password does not open it");
            break;
        default:
            assert_refuses(memory, NULL, "no password is set");
            break;
        }
    }
}

static void pkcs12_is_opened_with_and_without_password(void **state)
{
    static const struct {
        const char *made;
        const char *given;
        const char *fault;
    } cases[] = {{"hush", "hush", NULL},
                 {"", NULL, NULL},
                 {"", "", NULL},
                 {NULL, NULL, NULL},
                 {"hush", "wrong", "the password does not open it"},
                 {"hush", NULL, "no password is set"}};
    (void)state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        BIO *memory = blank();
        put_pkcs12(memory, &own, &other, cases[i].made);
        if (cases[i].fault == NULL) {
            assert_reads(memory, cases[i].given, 2);
        } else {
            assert_refuses(memory, cases[i].given, cases[i].fault);
        }
    }
}

/* PKCS#12 made of the pair and then changed. */
static BIO *changed_pkcs12(bool sealed, bool with_key)
{
    PKCS12 *store =
        PKCS12_create("hush", "name", with_key ? own.key : NULL, own.certificate, NULL, 0, 0, 1, sealed ? 1 : -1, 0);
    BIO *memory = blank();
    assert_non_null(store);
    assert_int_equal(i2d_PKCS12_bio(memory, store), 1);
    PKCS12_free(store);
    return memory;
}

static void pkcs12_without_seal_or_key_is_refused(void **state)
{
    (void)state;

    assert_refuses(changed_pkcs12(false, true), "hush", "without a seal");
    assert_refuses(changed_pkcs12(true, false), "hush", "no private key");
}

static void broken_content_is_told_apart(void **state)
{
    BIO *no_certificate = blank();
    BIO *no_key = blank();
    BIO *stranger = blank();
    BIO *elliptic = blank();
    BIO *garbage = BIO_new_mem_buf("garbage", -1);
    BIO *cut = BIO_new_mem_buf("-----BEGIN PRIVATE KEY-----\nAAAA", -1);
    struct pair curve = pair_of(EVP_EC_gen("P-256"), "curve");
    (void)state;
    put_key(no_certificate, &own, NULL);
    put_certificate(no_key, &own);
    put_key(stranger, &own, NULL);
    put_certificate(stranger, &other);
    put_key(elliptic, &curve, NULL);
    put_certificate(elliptic, &curve);

    assert_refuses(no_certificate, NULL, "a key but no certificate");
    assert_refuses(no_key, NULL, "no private key");
    assert_refuses(stranger, NULL, "no certificate in it belongs");
    assert_refuses(elliptic, NULL, "no RSA key");
    assert_refuses(garbage, NULL, "neither PEM nor PKCS#12");
    assert_refuses(cut, NULL, "no private key");
    pair_release(&curve);
}

int main(void)
{
#define ON_FAKE_HOST(test) cmocka_unit_test_setup_teardown(test, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        ON_FAKE_HOST(pem_is_read_in_any_order),
        ON_FAKE_HOST(encrypted_pem_is_opened_with_its_password),
        ON_FAKE_HOST(pkcs12_is_opened_with_and_without_password),
        ON_FAKE_HOST(pkcs12_without_seal_or_key_is_refused),
        ON_FAKE_HOST(broken_content_is_told_apart),
    };
    return cmocka_run_group_tests_name("azure/identity/certificate", tests, setup_keys, release_keys);
}
