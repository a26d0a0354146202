/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/jwt.c: tokens are read back and their signatures verified with OpenSSL. */
#include "base/base64.h"
#include "sdk/jwt.h"
#include "support/json_parse.h"
#include "support/unit.h"

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>
#include <string.h>

static EVP_PKEY *rsa_key, *ec_key;

static int make_keys(void **state)
{
    (void)state;
    rsa_key = EVP_RSA_gen(2048);
    ec_key = EVP_EC_gen("P-256");
    return rsa_key != NULL && ec_key != NULL ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa_key);
    EVP_PKEY_free(ec_key);
    return 0;
}

static void sign_claims(EVP_PKEY *key, const struct jwt_header *header, struct buffer *token)
{
    struct buffer claims = BUFFER_INIT;
    buffer_puts(&claims, "{\"iss\":\"me\"}");
    assert_true(jwt_sign(key, header, &claims, token));
    buffer_release(&claims);
}

/* The parts of a token, decoded. */
static void part_of(const struct buffer *token, int index, struct buffer *part)
{
    const char *at = buffer_text(token);
    for (int i = 0; i < index; i++) {
        at = strchr(at, '.') + 1;
    }
    assert_true(base64url_decode(part, at, strcspn(at, ".")));
}

static void assert_verified(EVP_PKEY *key, bool pss, const struct buffer *token, const unsigned char *signature,
                            size_t length)
{
    EVP_PKEY_CTX *options = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const char *text = buffer_text(token);
    assert_int_equal(EVP_DigestVerifyInit(context, &options, EVP_sha256(), NULL, key), 1);
    if (pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    assert_int_equal(EVP_DigestVerify(context, signature, length, (const unsigned char *)text,
                                      (size_t)(strrchr(text, '.') - text)),
                     1);
    EVP_MD_CTX_free(context);
}

static void rsa_signatures_verify(void **state)
{
    static const struct {
        enum jwt_algorithm algorithm;
        const char *name;
        bool pss;
    } cases[] = {{JWT_RS256, "RS256", false}, {JWT_PS256, "PS256", true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer token = BUFFER_INIT, header = BUFFER_INIT, signature = BUFFER_INIT;
        sign_claims(rsa_key, &(struct jwt_header){.algorithm = cases[i].algorithm}, &token);
        part_of(&token, 0, &header);
        part_of(&token, 2, &signature);
        struct json_object *json = json_parse(buffer_text(&header), header.length);
        assert_string_equal(json_member_text(json, "alg"), cases[i].name);
        assert_string_equal(json_member_text(json, "typ"), "JWT");
        assert_verified(rsa_key, cases[i].pss, &token, (const unsigned char *)signature.data, signature.length);
        json_release(json);
        buffer_release(&token);
        buffer_release(&header);
        buffer_release(&signature);
    }
}

static void elliptic_signature_is_two_numbers_side_by_side(void **state)
{
    struct buffer token = BUFFER_INIT, signature = BUFFER_INIT;
    unsigned char *der = NULL;
    (void)state;
    sign_claims(ec_key, &(struct jwt_header){.algorithm = JWT_ES256, .type = "dpop+jwt", .jwk = "{\"kty\":\"EC\"}"},
                &token);
    part_of(&token, 2, &signature);
    assert_int_equal(signature.length, 64);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    const unsigned char *octets = (const unsigned char *)signature.data;
    assert_int_equal(ECDSA_SIG_set0(pair, BN_bin2bn(octets, 32, NULL), BN_bin2bn(octets + 32, 32, NULL)), 1);
    int length = i2d_ECDSA_SIG(pair, &der);
    assert_verified(ec_key, false, &token, der, (size_t)length);
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    buffer_release(&signature);
    buffer_release(&token);
}

static void header_holds_what_is_given_and_no_more(void **state)
{
    static const struct {
        struct jwt_header header;
        const char *text;
    } cases[] = {
        {{.kid = "k\"1"}, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k\\\"1\"}"},
        {{.type = "dpop+jwt", .jwk = "{}"}, "{\"alg\":\"RS256\",\"typ\":\"dpop+jwt\",\"jwk\":{}}"},
        {{.x5t_s256 = "abc", .x5c = "[\"MII\"]"},
         "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"x5t#S256\":\"abc\",\"x5c\":[\"MII\"]}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer token = BUFFER_INIT, part = BUFFER_INIT;
        sign_claims(rsa_key, &cases[i].header, &token);
        part_of(&token, 0, &part);
        assert_string_equal(buffer_text(&part), cases[i].text);
        part.length = 0;
        part_of(&token, 1, &part);
        assert_string_equal(buffer_text(&part), "{\"iss\":\"me\"}");
        buffer_release(&part);
        buffer_release(&token);
    }
}

static void key_of_another_kind_does_not_sign(void **state)
{
    struct buffer claims = BUFFER_INIT, token = BUFFER_INIT;
    (void)state;
    buffer_puts(&claims, "{}");
    assert_false(jwt_sign(ec_key, &(struct jwt_header){.algorithm = JWT_PS256}, &claims, &token));
    assert_false(jwt_sign(rsa_key, &(struct jwt_header){.algorithm = JWT_ES256}, &claims, &token));
    buffer_release(&claims);
    buffer_release(&token);
}

static void claims_are_read_back(void **state)
{
    static const char *const opaque[] = {"", "opaque", "a.b", "e30.?.c", "e30.bm9uZQ.c", "e30.ODQw.c" /* 840 */};
    struct buffer token = BUFFER_INIT;
    (void)state;
    sign_claims(ec_key, &(struct jwt_header){.algorithm = JWT_ES256}, &token);
    struct json_object *claims = NULL;
    assert_int_equal(jwt_claims(buffer_text(&token), &claims), MSTR_OK);
    assert_string_equal(json_member_text(claims, "iss"), "me");
    json_release(claims);
    buffer_release(&token);
    for (size_t i = 0; i < COUNT_OF(opaque); i++) {
        assert_int_equal(jwt_claims(opaque[i], &claims), MSTR_OK);
        assert_null(claims);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rsa_signatures_verify),
        cmocka_unit_test(elliptic_signature_is_two_numbers_side_by_side),
        cmocka_unit_test(header_holds_what_is_given_and_no_more),
        cmocka_unit_test(key_of_another_kind_does_not_sign),
        cmocka_unit_test(claims_are_read_back),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
