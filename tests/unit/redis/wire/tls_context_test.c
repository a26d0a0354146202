/* SPDX-License-Identifier: Apache-2.0 */
/* providers/redis/wire/tls_context.c */
#include "support/certificate.h"
#include "support/redis_store.h"

#include "redis/wire/tls_context.h"

#include <openssl/ssl.h>

static void assert_made(const struct settings *settings, enum mstr_code wanted, const char *part)
{
    SSL_CTX *context = NULL;
    enum mstr_code code = tls_context_make(settings, live_call(PATIENT), &context, redis_error);
    if (wanted == MSTR_OK) {
        assert_done(code);
        assert_int_equal(SSL_CTX_get_min_proto_version(context), TLS1_2_VERSION);
        assert_int_equal(SSL_CTX_get_verify_mode(context), SSL_VERIFY_PEER);
    } else {
        assert_failed(code, wanted, part, NULL, NULL);
        assert_null(context);
    }
    SSL_CTX_free(context);
}

static void files_are_read_or_named(void **state)
{
    struct certificate certificate;
    struct certificate other;
    (void)state;
    certificate_make(&certificate, "DNS:a");
    certificate_make(&other, "DNS:b");
    struct settings settings = {.ca_file = certificate.file, .client_cert = certificate.file};
    assert_made(&settings, MSTR_OK, NULL);
    settings.client_key = other.file;
    assert_made(&settings, MSTR_E_CONFIG, "client_key");
    certificate_encrypt(&certificate, "phrase");
    settings.client_key = NULL;
    assert_made(&settings, MSTR_E_CONFIG, "client_key");
    settings.client_cert = "/nonexistent/cert";
    assert_made(&settings, MSTR_E_CONFIG, "client_cert cannot be read: /nonexistent/cert");
    settings.ca_file = "/nonexistent/ca";
    assert_made(&settings, MSTR_E_CONFIG, "/nonexistent/ca");
    certificate_release(&certificate);
    certificate_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_read_or_named, redis_setup, redis_teardown),
    };
    return RUN_TESTS("redis/wire/tls_context");
}
