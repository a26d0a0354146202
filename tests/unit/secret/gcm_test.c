/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM by the vector that its authors published (McGrew and Viega, test case 16), and by what is refused. */
#include "secret/gcm.h"

#include "base/base64.h"
#include "base/openssl.h"
#include "support/allocator.h"
#include "support/unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct buffer key, nonce, data, text;

static void put(struct buffer *out, const char *hex)
{
    *out = (struct buffer)BUFFER_INIT;
    assert_true(hex_decode(out, hex, strlen(hex)));
}

static int begin(void **state)
{
    (void)state;
    put(&key, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    put(&nonce, "cafebabefacedbaddecaf888");
    put(&data, "feedfacedeadbeeffeedfacedeadbeefabaddad2");
    put(&text, "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
               "b16aedf5aa0de657ba637b39");
    return 0;
}

static int end(void **state)
{
    (void)state;
    buffer_release(&key);
    buffer_release(&nonce);
    buffer_release(&data);
    buffer_release(&text);
    return 0;
}

/* The data in two pieces, of which the first has so many octets. */
static struct gcm gcm_with(size_t first)
{
    return (struct gcm){(unsigned char *)key.data, (unsigned char *)nonce.data, data.data, first,
                        data.data + first,         data.length - first};
}

static void the_published_vector_comes_out_however_the_data_is_cut(void **state)
{
    struct buffer sealed;
    struct buffer tag;
    unsigned char own[GCM_TAG];
    (void)state;
    put(&sealed, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
                 "c5f61e6393ba7a0abcc9f662");
    put(&tag, "76fc6ece0f4e1768cddf8853bb2d551b");
    for (size_t first = 0; first <= data.length; first++) {
        const struct gcm gcm = gcm_with(first);
        assert_true(gcm_seal(&gcm, (unsigned char *)text.data, text.length, own));
        assert_memory_equal(text.data, sealed.data, sealed.length);
        assert_memory_equal(own, tag.data, GCM_TAG);
        assert_int_equal(gcm_open(&gcm, (unsigned char *)text.data, text.length, own), GCM_OPENED);
    }
    buffer_release(&sealed);
    buffer_release(&tag);
}

static void a_change_of_anything_is_refused(void **state)
{
    struct buffer *const parts[] = {&key, &nonce, &data, &text};
    unsigned char tag[GCM_TAG];
    const struct gcm gcm = gcm_with(7);
    (void)state;
    assert_true(gcm_seal(&gcm, (unsigned char *)text.data, text.length, tag));
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        char *copy = memcpy(test_malloc(text.length), text.data, text.length);
        parts[i]->data[3] ^= 1;
        char *tried = parts[i] == &text ? text.data : copy;
        assert_int_equal(gcm_open(&gcm, (unsigned char *)tried, text.length, tag), GCM_REFUSED);
        parts[i]->data[3] ^= 1;
        test_free(copy);
    }
}

static void more_than_the_cipher_counts_is_refused(void **state)
{
    unsigned char *many = calloc(1, GCM_MAX + 1);
    unsigned char tag[GCM_TAG] = {0};
    struct gcm gcm = gcm_with(7);
    (void)state;
    assert_true(gcm_seal(&gcm, many, GCM_MAX, tag));
    assert_int_equal(gcm_open(&gcm, many, GCM_MAX, tag), GCM_OPENED);
    assert_false(gcm_seal(&gcm, many, GCM_MAX + 1, tag));
    assert_int_equal(gcm_open(&gcm, many, GCM_MAX + 1, tag), GCM_NO_MEMORY);
    for (size_t over = 0; over < 2; over++) {
        gcm = gcm_with(7);
        gcm.data = many;
        gcm.data_length = GCM_MAX + over;
        assert_int_equal(gcm_seal(&gcm, (unsigned char *)text.data, text.length, tag), over == 0);
        gcm = gcm_with(7);
        gcm.more = many;
        gcm.more_length = GCM_MAX + over;
        assert_int_equal(gcm_seal(&gcm, (unsigned char *)text.data, text.length, tag), over == 0);
    }
    free(many);
}

/* In children, as OpenSSL is loaded once. */
static void without_memory_for_openssl_itself_nothing_is_sealed(void **state)
{
    (void)state;
    for (long at = 1; at <= 40; at++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            unsigned char tag[GCM_TAG];
            const struct gcm gcm = gcm_with(7);
            allocator_fail(at, true);
            bool good = gcm_seal(&gcm, (unsigned char *)text.data, text.length, tag);
            _exit(allocator_succeed() == good);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

static void without_memory_nothing_is_said_to_be_opened(void **state)
{
    unsigned char right[GCM_TAG];
    unsigned char tag[GCM_TAG];
    const struct gcm gcm = gcm_with(7);
    const struct openssl *openssl = NULL;
    bool failed = true;
    (void)state;
    assert_true(gcm_seal(&gcm, (unsigned char *)text.data, text.length, right));
    assert_int_equal(openssl_get(&openssl, NULL), MSTR_OK);
    memcpy(tag, right, GCM_TAG);
    tag[0] ^= 1;
    for (long at = 1; failed; at++) {
        allocator_fail(at, false);
        enum gcm_verdict verdict = gcm_open(&gcm, (unsigned char *)text.data, text.length, tag);
        failed = allocator_succeed();
        assert_true(verdict == GCM_REFUSED || (failed && verdict == GCM_NO_MEMORY));
        assert_int_equal(openssl->ERR_peek_last_error(), 0); /* in the program's own queue */
    }
    failed = true;
    for (long at = 1; failed; at++) {
        unsigned char made[GCM_TAG] = {0};
        allocator_fail(at, false);
        bool good = gcm_seal(&gcm, (unsigned char *)text.data, text.length, made);
        failed = allocator_succeed();
        assert_true(good || failed);
        assert_int_equal(openssl->ERR_peek_last_error(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_memory_for_openssl_itself_nothing_is_sealed, begin, end),
        cmocka_unit_test_setup_teardown(the_published_vector_comes_out_however_the_data_is_cut, begin, end),
        cmocka_unit_test_setup_teardown(more_than_the_cipher_counts_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(without_memory_nothing_is_said_to_be_opened, begin, end),
        cmocka_unit_test_setup_teardown(a_change_of_anything_is_refused, begin, end),
    };
    return RUN_TESTS("secret/gcm");
}
