/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/identity_digest.c */
#include "support/unit.h"

#include "base/base64.h"
#include "sdk/identity_digest.h"

static void an_identity_is_told_by_a_digest_of_its_proof(void **state)
{
    (void)state;
    char one[IDENTITY_SIZE];
    char other[IDENTITY_SIZE];
    identity_digest("abc", one);
    assert_string_equal(one, "ba7816bf8f01cfea414140de5dae2223"); /* FIPS 180-2, B.1 */
    identity_digest("abd", other);
    assert_string_not_equal(one, other);
    identity_digest("abc", other);
    assert_string_equal(one, other);
}

static void texts_do_not_run_together(void **state)
{
    static const char *const lists[][2] = {{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"abc", NULL}, {NULL, "abc"}};
    char digests[COUNT_OF(lists)][IDENTITY_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        identity_digest_of(lists[i], 2, digests[i]);
        for (size_t before = 0; before < i; before++) {
            assert_string_not_equal(digests[i], digests[before]);
        }
    }
}

/* The digest of a token with these claims. */
static void digest_claims(const char *claims, char digest[IDENTITY_SIZE])
{
    struct buffer token = BUFFER_INIT;
    buffer_puts(&token, "e30.");
    base64url_encode(&token, claims, strlen(claims));
    buffer_puts(&token, ".c2lnbmF0dXJl");
    identity_digest_of_token(buffer_text(&token), digest);
    buffer_release(&token);
}

static void subject_of_a_token_is_known_by_the_next_one(void **state)
{
    static const struct {
        const char *claims;
        bool same; /* as the one before it */
    } cases[] = {
        {"{\"iss\":\"i\",\"sub\":\"s\",\"oid\":\"o\",\"appid\":\"a\",\"exp\":1}", false},
        {"{\"iss\":\"i\",\"sub\":\"s\",\"oid\":\"o\",\"appid\":\"a\",\"exp\":2,\"uti\":\"x\"}", true},
        {"{\"iss\":\"j\",\"sub\":\"s\",\"oid\":\"o\",\"appid\":\"a\"}", false},
        {"{\"iss\":\"j\",\"sub\":\"t\",\"oid\":\"o\",\"appid\":\"a\"}", false},
        {"{\"iss\":\"j\",\"sub\":\"t\",\"oid\":\"p\",\"appid\":\"a\"}", false},
        {"{\"iss\":\"j\",\"sub\":\"t\",\"oid\":\"p\",\"azp\":\"a\"}", false},
        {"{\"iss\":\"j\",\"sub\":\"t\"}", false},
        {"{\"sub\":\"t\",\"exp\":1}", false}, /* whose subject is nobody's: by the whole */
        {"{\"sub\":\"t\",\"exp\":2}", false},
        {"{\"iss\":\"j\",\"exp\":1}", false},
        {"{\"iss\":\"j\",\"exp\":2}", false},
        {"opaque", false},
    };
    char before[IDENTITY_SIZE] = "";
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char digest[IDENTITY_SIZE];
        digest_claims(cases[i].claims, digest);
        assert_int_equal(strcmp(digest, before) == 0, cases[i].same);
        strcpy(before, digest);
    }
    identity_digest_of_token("abc", before);
    assert_string_equal(before, "ba7816bf8f01cfea414140de5dae2223");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_identity_is_told_by_a_digest_of_its_proof),
        cmocka_unit_test(texts_do_not_run_together),
        cmocka_unit_test(subject_of_a_token_is_known_by_the_next_one),
    };
    return RUN_TESTS("sdk/identity_digest");
}
