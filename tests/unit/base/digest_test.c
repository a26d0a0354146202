/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/digest.c against a vector of FIPS 180-4, one of RFC 4231, and OpenSSL at every length */
#include "base/digest.h"
#include "support/unit.h"

#include "base/base64.h"

#include <openssl/hmac.h>
#include <openssl/sha.h>

enum { MOST = 4 * 64 + 1 };

static unsigned char octets[MOST]; /* of every value */

static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        octets[i] = (unsigned char)(i * 167 + 13);
    }
    return 0;
}

static void assert_digest(const unsigned char digest[DIGEST_OCTETS], const char *expected)
{
    struct buffer text = BUFFER_INIT;
    assert_true(hex_encode(&text, digest, DIGEST_OCTETS));
    assert_string_equal(buffer_text(&text), expected);
    buffer_release(&text);
}

static void digests_are_those_of_the_standards(void **state)
{
    (void)state;
    unsigned char digest[DIGEST_OCTETS];
    digest_of("abc", 3, digest);
    assert_digest(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_keyed("Jefe", 4, "what do ya want for nothing?", 28, digest);
    assert_digest(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void digests_of_every_length_are_openssls(void **state)
{
    (void)state;
    unsigned char digest[DIGEST_OCTETS];
    unsigned char expected[DIGEST_OCTETS];
    for (size_t length = 0; length <= MOST; length++) {
        digest_of(octets, length, digest);
        assert_non_null(SHA256(octets, length, expected));
        assert_memory_equal(digest, expected, DIGEST_OCTETS);
    }
}

static void keys_of_every_length_are_taken_as_openssl_takes_them(void **state)
{
    (void)state;
    unsigned char digest[DIGEST_OCTETS];
    unsigned char expected[DIGEST_OCTETS];
    for (size_t length = 0; length <= MOST; length++) {
        size_t key = MOST - length;
        digest_keyed(octets, key, octets + key, length, digest);
        assert_non_null(HMAC(EVP_sha256(), octets, (int)key, octets + key, length, expected, NULL));
        assert_memory_equal(digest, expected, DIGEST_OCTETS);
    }
}

static void each_octet_makes_a_difference(void **state)
{
    (void)state;
    unsigned char other[DIGEST_OCTETS];
    memcpy(other, octets, DIGEST_OCTETS);
    assert_true(digest_equal(octets, other));
    for (size_t i = 0; i < DIGEST_OCTETS; i++) {
        other[i] ^= 0x80;
        assert_false(digest_equal(octets, other));
        other[i] ^= 0x80;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standards),
        cmocka_unit_test(digests_of_every_length_are_openssls),
        cmocka_unit_test(keys_of_every_length_are_taken_as_openssl_takes_them),
        cmocka_unit_test(each_octet_makes_a_difference),
    };
    return cmocka_run_group_tests_name("base/digest", tests, fill, NULL);
}
