/* SPDX-License-Identifier: Apache-2.0 */
/* providers/aws/wire/dpop.c */
#include "aws/wire/dpop.h"

#include "support/fake_host.h"
#include "support/unit.h"

#include "base/base64.h"
#include "sdk/host.h"
#include "support/json_parse.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>

#define URL "https://signin.example/v1/token"

/* The key as PEM, encrypted where there is a passphrase. */
static void write_key(EVP_PKEY *key, const char *passphrase, char pem[2048])
{
    BIO *memory = BIO_new(BIO_s_mem());
    const EVP_CIPHER *cipher = passphrase != NULL ? EVP_aes_128_cbc() : NULL;
    const int length = passphrase != NULL ? (int)strlen(passphrase) : 0;
    assert_int_equal(
        PEM_write_bio_PKCS8PrivateKey(memory, key, cipher, (char *)(uintptr_t)passphrase, length, NULL, NULL), 1);
    int written = BIO_read(memory, pem, 2047);
    assert_true(written > 0);
    pem[written] = '\0';
    BIO_free(memory);
}

static EVP_PKEY *new_key(const char *curve, char pem[2048])
{
    EVP_PKEY *key = EVP_EC_gen(curve);
    assert_non_null(key);
    write_key(key, NULL, pem);
    return key;
}

/* The part of a proof before its next dot, decoded. */
static void decode(const char *at, struct buffer *out)
{
    buffer_clear(out);
    assert_true(base64url_decode(out, at, strcspn(at, ".")));
}

static struct json_object *decode_json(const char *at)
{
    struct buffer text = BUFFER_INIT;
    decode(at, &text);
    struct json_object *value = json_parse(buffer_text(&text), text.length);
    assert_non_null(value);
    buffer_release(&text);
    return value;
}

/* Whether a member of the web key is this coordinate of the key. */
static void assert_coordinate(struct json_object *jwk, const char *member, EVP_PKEY *key, const char *parameter)
{
    const char *text = json_member_text(jwk, member);
    struct buffer octets = BUFFER_INIT;
    unsigned char expected[32];
    BIGNUM *number = NULL;
    decode(text, &octets);
    assert_int_equal(EVP_PKEY_get_bn_param(key, parameter, &number), 1);
    assert_int_equal(BN_bn2binpad(number, expected, sizeof(expected)), sizeof(expected));
    assert_int_equal(octets.length, sizeof(expected));
    assert_memory_equal(octets.data, expected, sizeof(expected));
    BN_free(number);
    buffer_release(&octets);
}

/* R and S, 32 octets each, over what stands before the last dot (RFC 7518 3.4). */
static void assert_signed(const char *proof, EVP_PKEY *key)
{
    const char *dot = strrchr(proof, '.');
    struct buffer raw = BUFFER_INIT;
    unsigned char *der = NULL;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    decode(dot + 1, &raw);
    assert_int_equal(raw.length, 64);
    const unsigned char *octets = (const unsigned char *)raw.data;
    assert_int_equal(ECDSA_SIG_set0(signature, BN_bin2bn(octets, 32, NULL), BN_bin2bn(octets + 32, 32, NULL)), 1);
    int length = i2d_ECDSA_SIG(signature, &der);
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(
        EVP_DigestVerify(context, der, (size_t)length, (const unsigned char *)proof, (size_t)(dot - proof)), 1);
    EVP_MD_CTX_free(context);
    ECDSA_SIG_free(signature);
    OPENSSL_free(der);
    buffer_release(&raw);
}

static void a_proof_is_signed_by_the_key_that_it_names(void **state)
{
    char pem[2048];
    int64_t issued = 0;
    struct buffer proof = BUFFER_INIT;
    EVP_PKEY *key = new_key("P-256", pem);
    (void)state;

    assert_int_equal(dpop_prove(pem, URL, FAKE_HOST_START + 999, &proof, NULL), MSTR_OK);

    struct json_object *header = decode_json(buffer_text(&proof));
    struct json_object *claims = decode_json(strchr(buffer_text(&proof), '.') + 1);
    struct json_object *jwk = json_member(header, "jwk");
    assert_string_equal(json_member_text(header, "typ"), "dpop+jwt");
    assert_string_equal(json_member_text(header, "alg"), "ES256");
    assert_string_equal(json_member_text(jwk, "kty"), "EC");
    assert_string_equal(json_member_text(jwk, "crv"), "P-256");
    assert_coordinate(jwk, "x", key, OSSL_PKEY_PARAM_EC_PUB_X);
    assert_coordinate(jwk, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y);
    assert_null(json_member(jwk, "d"));
    assert_string_equal(json_member_text(claims, "htm"), "POST");
    assert_string_equal(json_member_text(claims, "htu"), URL);
    assert_true(json_member_int64(claims, "iat", &issued));
    assert_int_equal(issued, FAKE_HOST_START / 1000);
    assert_signed(buffer_text(&proof), key);
    json_release(header);
    json_release(claims);
    EVP_PKEY_free(key);
    buffer_release(&proof);
}

/* xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx */
static void each_proof_has_a_random_uuid(void **state)
{
    char pem[2048];
    char ids[8][64];
    EVP_PKEY *key = new_key("P-256", pem);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        struct buffer proof = BUFFER_INIT;
        assert_int_equal(dpop_prove(pem, URL, FAKE_HOST_START, &proof, NULL), MSTR_OK);
        struct json_object *claims = decode_json(strchr(buffer_text(&proof), '.') + 1);
        snprintf(ids[i], sizeof(ids[i]), "%s", json_member_text(claims, "jti"));
        json_release(claims);
        buffer_release(&proof);

        assert_int_equal(strlen(ids[i]), 36);
        assert_int_equal(strspn(ids[i], "0123456789abcdef-"), 36);
        for (size_t at = 0; at < 36; at++) {
            assert_int_equal(ids[i][at] == '-', at == 8 || at == 13 || at == 18 || at == 23);
        }
        assert_int_equal(ids[i][14], '4');
        assert_non_null(strchr("89ab", ids[i][19]));
        for (size_t before = 0; before < i; before++) {
            assert_string_not_equal(ids[before], ids[i]);
        }
    }
    EVP_PKEY_free(key);
}

static void keys_of_another_kind_are_refused_and_nobody_is_asked(void **state)
{
    char pems[4][2048] = {"no key", ""};
    (void)state;
    EVP_PKEY_free(new_key("P-384", pems[2]));
    EVP_PKEY *key = EVP_EC_gen("P-256");
    write_key(key, "a passphrase", pems[3]);
    EVP_PKEY_free(key);
    for (size_t i = 0; i < COUNT_OF(pems); i++) {
        struct buffer proof = BUFFER_INIT;
        struct mstr_error *error = host->error_new();
        assert_int_equal(dpop_prove(pems[i], URL, FAKE_HOST_START, &proof, error), MSTR_E_CONFIG);
        assert_string_equal(host->error_message(error), "its dpopKey is no private key on P-256 in PEM form");
        assert_int_equal(proof.length, 0);
        host->error_free(error);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_host_setup, fake_host_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_proof_is_signed_by_the_key_that_it_names),
        TEST(each_proof_has_a_random_uuid),
        TEST(keys_of_another_kind_are_refused_and_nobody_is_asked),
    };
    return RUN_TESTS("aws/wire/dpop");
}
