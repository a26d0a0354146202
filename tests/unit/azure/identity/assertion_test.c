/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions made with a service principal's certificate. */
#include "azure/identity/assertion.h"

#include "base/base64.h"
#include "support/fake_host.h"
#include "support/json_parse.h"
#include "unit/azure/keys.h"

/* The part of a token, decoded and parsed. */
static struct json_object *part_of(const char *token, int part)
{
    struct buffer text = BUFFER_INIT;
    for (; part > 0; part--) {
        token = strchr(token, '.') + 1;
    }
    assert_true(base64url_decode(&text, token, strcspn(token, ".")));
    struct json_object *object = json_parse(buffer_text(&text), text.length);
    assert_non_null(object);
    buffer_release(&text);
    return object;
}

static bool is_signed(const char *token, int padding)
{
    EVP_PKEY_CTX *options = NULL;
    struct buffer signature = BUFFER_INIT;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const char *last = strrchr(token, '.');
    bool good = base64url_decode(&signature, last + 1, strlen(last + 1)) &&
                EVP_DigestVerifyInit(context, &options, EVP_sha256(), NULL, own.key) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(options, padding) == 1 &&
                (padding == RSA_PKCS1_PADDING || EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32) == 1) &&
                EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.length,
                                 (const unsigned char *)token, (size_t)(last - token)) == 1;
    EVP_MD_CTX_free(context);
    buffer_release(&signature);
    return good;
}

static void make_assertion(const struct assertion *assertion, struct buffer *out)
{
    const struct certificate certificate = {own.key, sk_X509_new_null()};
    assert_int_equal(sk_X509_push(certificate.chain, own.certificate), 1);
    assert_int_equal(sk_X509_push(certificate.chain, other.certificate), 2);
    assert_true(assertion_sign(assertion, &certificate, out));
    sk_X509_free(certificate.chain);
}

static void assertion_is_signed_with_ps256_and_names_the_certificate(void **state)
{
    const struct assertion assertion = {
        .now = FAKE_HOST_START, .client_id = "client-1", .audience = "https://a/t/oauth2/v2.0/token"};
    struct buffer token = BUFFER_INIT;
    int64_t expires = 0;
    unsigned char hash[32];
    struct buffer thumbprint = BUFFER_INIT;
    (void)state;

    make_assertion(&assertion, &token);

    struct json_object *header = part_of(buffer_text(&token), 0);
    struct json_object *claims = part_of(buffer_text(&token), 1);
    X509_digest(own.certificate, EVP_sha256(), hash, NULL);
    base64url_encode(&thumbprint, hash, sizeof(hash));
    assert_string_equal(json_member_text(header, "alg"), "PS256");
    assert_string_equal(json_member_text(header, "typ"), "JWT");
    assert_string_equal(json_member_text(header, "x5t#S256"), buffer_text(&thumbprint));
    assert_null(json_member(header, "x5c"));
    assert_string_equal(json_member_text(claims, "aud"), "https://a/t/oauth2/v2.0/token");
    assert_string_equal(json_member_text(claims, "iss"), "client-1");
    assert_string_equal(json_member_text(claims, "sub"), "client-1");
    assert_int_equal(strlen(json_member_text(claims, "jti")), 36);
    assert_true(json_member_int64(claims, "exp", &expires));
    assert_int_equal(expires, FAKE_HOST_START / 1000 + 600);
    assert_true(is_signed(buffer_text(&token), RSA_PKCS1_PSS_PADDING));
    json_release(header);
    json_release(claims);
    buffer_release(&thumbprint);
    buffer_release(&token);
}

static void chain_is_sent_with_the_leaf_first(void **state)
{
    const struct assertion assertion = {
        .now = FAKE_HOST_START, .client_id = "c", .audience = "a", .with_chain = true};
    struct buffer token = BUFFER_INIT;
    struct buffer leaf = BUFFER_INIT;
    unsigned char *der = NULL;
    (void)state;

    make_assertion(&assertion, &token);

    struct json_object *header = part_of(buffer_text(&token), 0);
    struct json_object *chain = json_member(header, "x5c");
    int length = i2d_X509(own.certificate, &der);
    base64_encode(&leaf, der, (size_t)length);
    assert_int_equal(json_object_array_length(chain), 2);
    assert_string_equal(json_object_get_string(json_object_array_get_idx(chain, 0)), buffer_text(&leaf));
    OPENSSL_free(der);
    json_release(header);
    buffer_release(&leaf);
    buffer_release(&token);
}

static void adfs_gets_rs256_and_a_short_thumbprint(void **state)
{
    const struct assertion assertion = {.now = FAKE_HOST_START, .client_id = "c", .audience = "a", .adfs = true};
    struct buffer token = BUFFER_INIT;
    (void)state;

    make_assertion(&assertion, &token);

    struct json_object *header = part_of(buffer_text(&token), 0);
    assert_string_equal(json_member_text(header, "alg"), "RS256");
    assert_int_equal(strlen(json_member_text(header, "x5t")), 27);
    assert_true(is_signed(buffer_text(&token), RSA_PKCS1_PADDING));
    json_release(header);
    buffer_release(&token);
}

int main(void)
{
#define ON_FAKE_HOST(test) cmocka_unit_test_setup_teardown(test, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        ON_FAKE_HOST(assertion_is_signed_with_ps256_and_names_the_certificate),
        ON_FAKE_HOST(chain_is_sent_with_the_leaf_first),
        ON_FAKE_HOST(adfs_gets_rs256_and_a_short_thumbprint),
    };
    return cmocka_run_group_tests_name("azure/identity/assertion", tests, setup_keys, release_keys);
}
