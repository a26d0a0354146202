/* SPDX-License-Identifier: Apache-2.0 */
/* providers/sdk/hmac.c against the vectors of FIPS 180-4 and RFC 4231 */
#include "sdk/hmac.h"

#include "support/unit.h"

#include "base/base64.h"

#include <pthread.h>

static void assert_digest(const unsigned char digest[32], const char *expected)
{
    struct buffer text = BUFFER_INIT;
    assert_true(hex_encode(&text, digest, 32));
    assert_string_equal(buffer_text(&text), expected);
    buffer_release(&text);
}

static void digests_are_those_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    unsigned char digest[32];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(sha256(cases[i].text, strlen(cases[i].text), digest));
        assert_digest(digest, cases[i].digest);
    }
    assert_true(sha256(NULL, 0, digest));
    assert_digest(digest, cases[0].digest);
}

/* RFC 4231, 4.2 to 4.8 but for the truncated one. */
static const struct {
    const char *key; /* NULL = key_length octets of `fill` */
    size_t key_length;
    unsigned char fill;
    const char *data; /* NULL = fifty octets of data_fill */
    unsigned char data_fill;
    const char *digest;
} vectors[] = {
    {NULL, 20, 0x0b, "Hi There", 0, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", 4, 0, "what do ya want for nothing?", 0,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {NULL, 20, 0xaa, NULL, 0xdd, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19", 25, 0,
     NULL, 0xcd, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {NULL, 131, 0xaa, "Test Using Larger Than Block-Size Key - Hash Key First", 0,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {NULL, 131, 0xaa,
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
     "hashed "
     "before being used by the HMAC algorithm.",
     0, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void check_vector(size_t i)
{
    unsigned char key[131];
    unsigned char data[50];
    unsigned char digest[32];
    memset(key, vectors[i].fill, sizeof(key));
    memset(data, vectors[i].data_fill, sizeof(data));
    if (vectors[i].key != NULL) {
        memcpy(key, vectors[i].key, vectors[i].key_length);
    }
    const void *octets = vectors[i].data != NULL ? (const void *)vectors[i].data : data;
    size_t length = vectors[i].data != NULL ? strlen(vectors[i].data) : sizeof(data);
    assert_true(hmac_sha256(key, vectors[i].key_length, octets, length, digest));
    assert_digest(digest, vectors[i].digest);
}

static void codes_are_those_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        check_vector(i);
    }
}

static void a_key_may_be_a_block_long_or_empty(void **state)
{
    (void)state;
    unsigned char key[65];
    unsigned char digest[32];
    memset(key, 'k', sizeof(key));
    assert_true(hmac_sha256("", 0, "", 0, digest));
    assert_digest(digest, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    assert_true(hmac_sha256(key, 64, "data", 4, digest));
    assert_digest(digest, "93244b031118b8060c6619e5900fcf916faefb2d8d020fecb22ae0f62275db08");
    assert_true(hmac_sha256(key, 65, "data", 4, digest));
    assert_digest(digest, "a79b53d0bf1cb4bb00c301979e6e60ef792a435cafabd76ab9e8989bbdef2dff");
}

/* As keys are derived one from the other. */
static void the_digest_may_take_the_place_of_the_key(void **state)
{
    (void)state;
    unsigned char apart[32];
    unsigned char key[32];
    memset(key, 'k', sizeof(key));
    assert_true(hmac_sha256(key, sizeof(key), "data", 4, apart));
    assert_true(hmac_sha256(key, sizeof(key), "data", 4, key));
    assert_memory_equal(key, apart, sizeof(key));
}

static void *hash(void *data)
{
    unsigned char digest[32];
    (void)data;
    for (int i = 0; i < 50; i++) {
        if (!hmac_sha256("Jefe", 4, vectors[1].data, strlen(vectors[1].data), digest) || digest[0] != 0x5b) {
            return (void *)(uintptr_t)vectors; /* anything but NULL */
        }
    }
    return NULL;
}

/* The first test: the algorithm is not known yet. */
static void many_threads_may_begin_at_once(void **state)
{
    (void)state;
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hash, NULL), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads_may_begin_at_once),
        cmocka_unit_test(digests_are_those_of_the_standard),
        cmocka_unit_test(codes_are_those_of_the_standard),
        cmocka_unit_test(a_key_may_be_a_block_long_or_empty),
        cmocka_unit_test(the_digest_may_take_the_place_of_the_key),
    };
    return RUN_TESTS("sdk/hmac");
}
