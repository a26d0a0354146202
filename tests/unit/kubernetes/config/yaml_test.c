/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/config/yaml.c */
#include "kubernetes/config/yaml.h"
#include "support/memory_search.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static struct json_object *read_text(const char *text)
{
    struct json_object *tree = NULL;
    struct yaml_fault fault = {.line = 0};
    if (yaml_read(text, strlen(text), &tree, &fault) != MSTR_OK) {
        fail_msg("line %d: %s", fault.line, fault.why);
    }
    return tree;
}

static void every_way_to_write_a_text_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *value;
    } cases[] = {
        {"a: plain words # a comment", "plain words"},
        {"a: 'it''s'", "it's"},
        {"a: \"\\x41\\u00e4\\n\"", "A\xc3\xa4\n"},
        {"a: |\n  one\n  two\n", "one\ntwo\n"},
        {"a: >-\n  one\n  two\n", "one two"},
        {"a: YWJj\n  ZGVm", "YWJj ZGVm"},
        {"a: abcdefghijkl\n  mnopqrstuvwx-yz=", "abcdefghijkl mnopqrstuvwx-yz="},
        {"a: \"abcdefgh\\\n  ijklmnop\"", "abcdefghijklmnop"},
        {"a: | # a comment-that-is-long\n  abcdefghijkl\n", "abcdefghijkl\n"},
        {"---\na: 12", "12"},
        {"a: 0x1F", "0x1F"},
        {"a: yes", "yes"},
        {"a: 'true'", "true"},
        {"a: \"null\"", "null"},
        {"a: !!str 12", "12"},
        {"{a: b}", "b"},
        {"\"a\": {}\nb: c\n", NULL},
        {"\xef\xbb\xbf"
         "a: b",
         "b"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_object *tree = read_text(cases[i].text);
        const char *value = json_member_text(tree, "a");
        if (cases[i].value == NULL ? value != NULL : value == NULL || strcmp(value, cases[i].value) != 0) {
            fail_msg("%s: %s", cases[i].text, value != NULL ? value : "nothing");
        }
        json_release(tree);
    }
}

static void plain_words_of_the_core_schema_are_no_texts(void **state)
{
    (void)state;
    struct json_object *tree = read_text("{t: true, f: False, n: null, e: , tilde: ~}");
    bool value = false;
    assert_true(json_member_bool(tree, "t", &value) && value);
    assert_true(json_member_bool(tree, "f", &value) && !value);
    assert_int_equal(json_object_object_length(tree), 5);
    assert_null(json_member(tree, "n"));
    assert_null(json_member(tree, "e"));
    assert_null(json_member(tree, "tilde"));
    json_release(tree);
}

static void lines_are_known(void **state)
{
    (void)state;
    struct json_object *tree = read_text("# head\na: 1\nb:\n- x\n- y: z\n");
    assert_int_equal(yaml_line(tree), 2);
    assert_int_equal(yaml_line(json_member(tree, "a")), 2);
    assert_int_equal(yaml_line(json_object_array_get_idx(json_member(tree, "b"), 1)), 5);
    assert_int_equal(yaml_line(NULL), 0);
    json_release(tree);
}

static void it_is_written_as_json_with_its_numbers(void **state)
{
    (void)state;
    static const char json[] =
        "{\"a\":[1,-2.50e3,\"3\",\"012\",\"0x1F\",\"-\",[],{}],\"b\":{\"c\\n\":null,\"t\":true,"
        "\"f\":false,\"s\":\"\\\"\"}}";
    struct buffer out = BUFFER_INIT;
    struct json_object *tree =
        read_text("{a: [1, -2.50e3, '3', 012, 0x1F, '-', [], {}], b: {\"c\\n\": null, t: true, f: false, s: '\"'}}");
    yaml_put_json(tree, &out);
    assert_string_equal(buffer_text(&out), json);
    json_release(tree);
    buffer_release(&out);
}

static void an_alias_is_the_value_of_its_anchor(void **state)
{
    (void)state;
    struct json_object *tree = read_text("a: &one {k: v}\nb: *one\nc: [*one, &two text, *two]\nd: &none\ne: *none\n");
    assert_string_equal(json_member_text(json_member(tree, "b"), "k"), "v");
    assert_string_equal(json_text(json_object_array_get_idx(json_member(tree, "c"), 2)), "text");
    assert_null(json_member(tree, "e"));
    json_release(tree);
}

static void a_text_without_a_value_is_nothing(void **state)
{
    (void)state;
    assert_null(read_text(""));
    assert_null(read_text("# nothing\n"));
    assert_null(read_text("---\n"));
}

static void what_is_no_kubeconfigs_yaml_is_a_fault_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
        const char *why;
    } cases[] = {
        {"a: b\na: c\n", 2, "same key twice"},
        {"a: [b\n", 2, ""},
        {"a: \"SECRET", 1, ""},
        {"a: b: SECRET", 1, "mapping values are not allowed"},
        {"\tSECRET: b", 1, ""},
        {"a: *SECRET", 1, "alias without an anchor"},
        {"a: &a [*a]", 1, "alias without an anchor"},
        {"a: 1\n---\nb: 2\n", 2, "more than one document"},
        {"a: &x {k: v}\nb:\n  <<: *x\n", 3, "merge key"},
        {"a-long-key: b\na-long-key: c\n", 2, "same key twice"},
        {"a: \xee\x80\x80", 1, "private use"},
        {"? [k]\n: v\n", 1, "key that is no text"},
        {"\"a\\0b\": c", 1, "key that is no text"},
        {"a: !!binary SECRET", 1, "tag"},
        {"a: \xff\xfe", 1, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_object *tree = NULL;
        struct yaml_fault fault = {.line = 0};
        assert_int_equal(yaml_read(cases[i].text, strlen(cases[i].text), &tree, &fault), MSTR_E_CONFIG);
        assert_null(tree);
        if (fault.line != cases[i].line || strstr(fault.why, cases[i].why) == NULL || strstr(fault.why, "SECRET")) {
            fail_msg("%s: line %d: %s", cases[i].text, fault.line, fault.why);
        }
    }
}

/* `begin` so many times, then `end` as often. */
static enum mstr_code read_nested(int times, const char *begin, const char *end, struct yaml_fault *fault)
{
    struct buffer text = BUFFER_INIT;
    struct json_object *tree = NULL;
    for (int i = 0; i < 2 * times; i++) {
        buffer_puts(&text, i < times ? begin : end);
    }
    enum mstr_code code = yaml_read(buffer_text(&text), text.length, &tree, fault);
    buffer_release(&text);
    json_release(tree);
    return code;
}

static void depth_aliases_and_anchors_are_bounded(void **state)
{
    (void)state;
    struct yaml_fault fault;
    struct buffer text = BUFFER_INIT;
    struct json_object *tree = NULL;
    assert_int_equal(read_nested(32, "[", "]", &fault), MSTR_OK);
    assert_int_equal(read_nested(33, "[", "]", &fault), MSTR_E_CONFIG);
    assert_string_equal(fault.why, "is deeper than 32 levels");
    assert_int_equal(read_nested(5000, "[", "]", &fault), MSTR_E_CONFIG);

    buffer_puts(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"); /* a billion of them at the end */
    for (int i = 1; i < 9; i++) {
        buffer_printf(&text, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++) {
            buffer_printf(&text, "*a%d%s", i - 1, j < 9 ? "," : "]\n");
        }
    }
    assert_int_equal(yaml_read(buffer_text(&text), text.length, &tree, &fault), MSTR_E_CONFIG);
    assert_non_null(strstr(fault.why, "1,000"));
    assert_int_equal(fault.line, 3);
    buffer_clear(&text);
    for (int i = 0; i < 65; i++) {
        buffer_printf(&text, "a%d: &a%d x\n", i, i);
    }
    assert_int_equal(yaml_read(buffer_text(&text), text.length, &tree, &fault), MSTR_E_CONFIG);
    assert_non_null(strstr(fault.why, "64 anchors"));
    buffer_release(&text);
}

enum { TOKEN = 400, MASK = 0x55 };

/* Where the dynamic linker may have saved the registers that copied it. */
static void wipe_stack(void)
{
    char area[64 * 1024];
    explicit_bzero(area, sizeof(area));
}

static void a_token_is_nowhere_once_it_is_released(void **state)
{
    (void)state;
    char masked[TOKEN];
    char text[2 * TOKEN + 64] = "users: [a, b]\ntoken: ";
    char *at = text + strlen(text);
    not_under_valgrind("keeps what was freed");
    uint32_t chance = 1;
    for (size_t i = 0; i < TOKEN - 32; i++) {
        chance = chance * 1664525 + 1013904223;
        at[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[(chance >> 16) % 36];
        masked[i] = (char)(at[i] ^ MASK);
    }
    char *escaped = stpcpy(at + TOKEN - 32, "\nescaped: \"\\/");
    memcpy(escaped, at, TOKEN - 32);
    escaped[TOKEN - 32] = '"';
    struct json_object *tree = read_text(text);
    assert_string_equal(json_member_text(tree, "escaped") + 1, json_member_text(tree, "token"));
    assert_memory_equal(json_member_text(tree, "token"), at, TOKEN - 32);
    explicit_bzero(text, sizeof(text));
    json_release(tree);
    wipe_stack();
    assert_int_equal(memory_search_masked(masked + 16, 32, MASK), 0); /* free() itself overwrites the first octets */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_write_a_text_is_read),
        cmocka_unit_test(plain_words_of_the_core_schema_are_no_texts),
        cmocka_unit_test(lines_are_known),
        cmocka_unit_test(it_is_written_as_json_with_its_numbers),
        cmocka_unit_test(an_alias_is_the_value_of_its_anchor),
        cmocka_unit_test(a_text_without_a_value_is_nothing),
        cmocka_unit_test(what_is_no_kubeconfigs_yaml_is_a_fault_with_its_line),
        cmocka_unit_test(a_token_is_nowhere_once_it_is_released),
        cmocka_unit_test(depth_aliases_and_anchors_are_bounded),
    };
    return RUN_TESTS("kubernetes/config/yaml");
}
