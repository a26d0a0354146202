/* SPDX-License-Identifier: Apache-2.0 */
/* core/plugin/plugin_path.c */
#include "support/allocator.h"
#include "support/process.h"
#include "support/unit.h"

#include "plugin/plugin_path.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FOLDERS_MOST = 4 };

static char root[64]; /* a folder in which things are moved about */

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

static int begin(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(strcpy(root, "/tmp/mstr-plugin-path-XXXXXX")));
    return 0;
}

static void run(const char *const *argv)
{
    struct process_result result = child_run(argv, NULL);
    if (result.status != 0) {
        fail_msg("%s: status %d: %s", argv[0], result.status, result.errors);
    }
    child_release(&result);
}

static int end(void **state)
{
    (void)state;
    run((const char *const[]){"/bin/rm", "-rf", root, NULL});
    return 0;
}

/* ROOT/NAME */
static const char *in_root(const char *name)
{
    static char paths[4][256];
    static size_t next;
    char *path = paths[next++ % COUNT_OF(paths)];
    snprintf(path, sizeof(paths[0]), "%s/%s", root, name);
    return path;
}

static void make_folder(const char *name)
{
    run((const char *const[]){"/bin/mkdir", "-p", in_root(name), NULL});
}

static void copy(const char *from, const char *name)
{
    run((const char *const[]){"/bin/cp", from, in_root(name), NULL});
}

/* What a library that was opened by that path has as its own folder, once the file is there no more if it is `gone`.
 */
static void assert_folder_of_library(const char *name, bool gone, const char *expected)
{
    struct buffer folder = BUFFER_INIT;
    bool (*own_folder)(struct buffer *) = NULL;
    void *library = dlopen(in_root(name), RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    *(void **)&own_folder = dlsym(library, "own_folder");
    if (gone) {
        unlink(in_root(name));
    }
    assert_true(own_folder(&folder));
    assert_string_equal(buffer_text(&folder), expected);
    buffer_release(&folder);
    dlclose(library);
}

static void the_shared_library_has_its_plugins_beside_it(void **state)
{
    (void)state;
    make_folder("moved");
    copy(LIBRARY, "moved/libmstr.so.0");
    assert_folder_of_library("moved/libmstr.so.0", false, in_root("moved/mstr"));
    assert_int_equal(symlink("moved/libmstr.so.0", in_root("link.so")), 0);
    assert_folder_of_library("link.so", false, in_root("moved/mstr"));

    copy(LIBRARY, "moved/other.so"); /* an object of somebody else who linked it in */
    assert_folder_of_library("moved/other.so", false, PLUGIN_FOLDER);
    assert_folder_of_library("moved/libmstr.so.0", true, PLUGIN_FOLDER);
}

/* What a copy of this program does. It tells by its status what surprises it. */
static int be_moved(const char *expected, const char *program)
{
    struct buffer folder = BUFFER_INIT;
    if (!plugin_path_at(NULL, 0, &folder) || strcmp(buffer_text(&folder), expected) != 0) {
        return 2;
    }
    for (long at = 1;; at++) {
        buffer_release(&folder);
        allocator_fail(at, false);
        bool good = plugin_path_at(NULL, 0, &folder);
        if (!allocator_succeed()) {
            break;
        }
        if (good || !folder.failed) { /* another folder than with memory would be a surprise */
            return 3;
        }
    }
    unlink(program);
    bool good = plugin_path_at(NULL, 0, &folder) && strcmp(buffer_text(&folder), PLUGIN_FOLDER) == 0;
    buffer_release(&folder);
    return good ? 0 : 4;
}

/* A copy of this program at a place, called by a name. */
static void assert_folder_of_program(const char *place, const char *called, const char *expected)
{
    char *self = realpath("/proc/self/exe", NULL);
    copy(self, place);
    free(self);
    run((const char *const[]){in_root(called), expected, in_root(place), NULL});
}

static void a_program_has_the_plugins_of_its_installation(void **state)
{
    (void)state;
    make_folder(PROGRAM_FOLDER);
    make_folder("other");
    assert_folder_of_program(PROGRAM_FOLDER "/copy", PROGRAM_FOLDER "/copy", PLUGIN_FOLDER); /* without libraries */
    make_folder(LIBRARY_FOLDER);
    assert_folder_of_program(PROGRAM_FOLDER "/copy", PROGRAM_FOLDER "/copy", PLUGIN_FOLDER); /* without plugins */
    make_folder(LIBRARY_FOLDER "/mstr");
    assert_folder_of_program(PROGRAM_FOLDER "/copy", PROGRAM_FOLDER "/copy", in_root(LIBRARY_FOLDER "/mstr"));
    assert_int_equal(symlink(in_root(PROGRAM_FOLDER "/copy"), in_root("other/name")), 0);
    assert_folder_of_program(PROGRAM_FOLDER "/copy", "other/name", in_root(LIBRARY_FOLDER "/mstr"));
    assert_folder_of_program("other/copy", "other/copy", PLUGIN_FOLDER);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        return be_moved(argv[1], argv[2]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_shared_library_has_its_plugins_beside_it, begin, end),
        cmocka_unit_test_setup_teardown(a_program_has_the_plugins_of_its_installation, begin, end),
        cmocka_unit_test(folders_come_in_order_and_the_librarys_own_last),
        cmocka_unit_test(what_the_buffer_held_is_gone),
    };
    return RUN_TESTS("plugin/plugin_path");
}
