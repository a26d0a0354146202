/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/base64.c */
#include "base/base64.h"
#include "support/unit.h"

/* RFC 4648, section 10, and octets that need the last two letters of the alphabets. */
static const struct {
    const char *octets;
    size_t length;
    const char *standard;
    const char *url;
    const char *hex;
} vectors[] = {
    {"", 0, "", "", ""},
    {"f", 1, "Zg==", "Zg", "66"},
    {"fo", 2, "Zm8=", "Zm8", "666f"},
    {"foo", 3, "Zm9v", "Zm9v", "666f6f"},
    {"foob", 4, "Zm9vYg==", "Zm9vYg", "666f6f62"},
    {"fooba", 5, "Zm9vYmE=", "Zm9vYmE", "666f6f6261"},
    {"foobar", 6, "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"},
    {"\xfb\xff\xfe\0", 4, "+//+AA==", "-__-AA", "fbfffe00"},
};

typedef bool (*encoder)(struct buffer *out, const void *octets, size_t length);
typedef bool (*decoder)(struct buffer *out, const char *text, size_t length);

static void check_both_ways(encoder encode, decoder decode, size_t vector, const char *text)
{
    struct buffer out = BUFFER_INIT;
    assert_true(encode(&out, vectors[vector].octets, vectors[vector].length));
    assert_string_equal(buffer_text(&out), text);
    buffer_clear(&out);
    assert_true(decode(&out, text, strlen(text)));
    assert_int_equal(out.length, vectors[vector].length);
    assert_memory_equal(buffer_text(&out), vectors[vector].octets, out.length);
    buffer_release(&out);
}

static void vectors_hold_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        check_both_ways(base64_encode, base64_decode, i, vectors[i].standard);
        check_both_ways(base64url_encode, base64url_decode, i, vectors[i].url);
        check_both_ways(hex_encode, hex_decode, i, vectors[i].hex);
    }
}

static void check_refused(decoder decode, const char *text)
{
    struct buffer out = BUFFER_INIT;
    buffer_puts(&out, "kept");
    assert_false(decode(&out, text, strlen(text)));
    assert_string_equal(buffer_text(&out), "kept");
    buffer_release(&out);
}

static void malformed_text_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    static const char *const standard[] = {
        "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "Zm9v\n", "Zm 9v", "Zm9-", "Zg==Zg==", "=Zg=", "Zm8\x80"};
    static const char *const url[] = {"Z", "Zg==", "Zh", "Zm9", "Zm9+", "Zm9v Zg"};
    static const char *const hex[] = {"a", "0g", "g0", "0x00", "a b "};
    for (size_t i = 0; i < COUNT_OF(standard); i++) {
        check_refused(base64_decode, standard[i]);
    }
    for (size_t i = 0; i < COUNT_OF(url); i++) {
        check_refused(base64url_decode, url[i]);
    }
    for (size_t i = 0; i < COUNT_OF(hex); i++) {
        check_refused(hex_decode, hex[i]);
    }
}

static void hexadecimal_is_read_in_either_case(void **state)
{
    (void)state;
    struct buffer out = BUFFER_INIT;
    assert_true(hex_decode(&out, "aBcDeF", 6));
    assert_memory_equal(out.data, "\xab\xcd\xef", 3);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold_both_ways),
        cmocka_unit_test(malformed_text_is_refused_and_leaves_nothing),
        cmocka_unit_test(hexadecimal_is_read_in_either_case),
    };
    return RUN_TESTS("base/base64");
}
