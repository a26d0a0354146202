/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/plugin_path.c */
#include "support/unit.h"

#include "plugin/plugin_path.h"

enum { FOLDERS_MOST = 4 };

static void folders_come_in_order_and_the_librarys_own_last(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        const char *folders[FOLDERS_MOST]; /* before the own one */
    } cases[] = {
        {NULL, {NULL}},
        {"", {NULL}},
        {":", {NULL}},
        {"/a", {"/a"}},
        {"/a:/b/c", {"/a", "/b/c"}},
        {"/b:/a:/b", {"/b", "/a", "/b"}},
        {"::/a:::/b::", {"/a", "/b"}},
        {"relative:/a:./b:../c:~/d:/e", {"/a", "/e"}}, /* the working directory is nobody's choice */
        {"/with space:/ü", {"/with space", "/ü"}},
        {"/", {"/"}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer folder = BUFFER_INIT;
        size_t index = 0;

        for (; index < FOLDERS_MOST && cases[i].folders[index] != NULL; index++) {
            assert_true(plugin_path_at(cases[i].list, index, &folder));
            assert_string_equal(buffer_text(&folder), cases[i].folders[index]);
        }
        assert_true(plugin_path_at(cases[i].list, index, &folder));
        assert_string_equal(buffer_text(&folder), PLUGIN_FOLDER); /* this program is no libmstr.so */
        assert_false(plugin_path_at(cases[i].list, index + 1, &folder));
        assert_false(plugin_path_at(cases[i].list, index + 2, &folder));

        buffer_release(&folder);
    }
}

static void what_the_buffer_held_is_gone(void **state)
{
    (void)state;
    struct buffer folder = BUFFER_INIT;
    buffer_puts(&folder, "/before");
    assert_true(plugin_path_at("/a", 0, &folder));
    assert_string_equal(buffer_text(&folder), "/a");
    assert_false(plugin_path_at("/a", 7, &folder));
    assert_string_equal(buffer_text(&folder), "");
    buffer_release(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_come_in_order_and_the_librarys_own_last),
        cmocka_unit_test(what_the_buffer_held_is_gone),
    };
    return RUN_TESTS("plugin/plugin_path");
}
