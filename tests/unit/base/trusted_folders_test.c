/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/trusted_folders.c, which reads its variable once, so that each setting has a process of its own */
#include "support/unit.h"

#include "base/buffer.h"
#include "base/trusted_folders.h"
#include "support/folder.h"

#include <sys/stat.h>
#include <sys/wait.h>

static struct folder top;

/* A path below `top`, of which several can be held at once. */
static const char *at(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    return folder_path(&top, name, paths[next++ % COUNT_OF(paths)]);
}

static void note(const char *folder, const char *fault, void *data)
{
    dprintf(*(int *)data, "%s: %s\n", folder, fault != NULL ? fault : "counts");
}

/* What a process tells of the folders under this setting: a line each. */
static void tell(const char *setting, char told[4096])
{
    int ends[2];
    size_t length = 0;
    int status = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        setenv("MSTR_TRUSTED_FOLDERS", setting, 1);
        trusted_folders_visit(note, &ends[1]);
        _exit(0);
    }
    close(ends[1]);
    for (ssize_t got = 1; got > 0; length += (size_t)got) {
        got = read(ends[0], told + length, 4095 - length);
        assert_true(got >= 0);
    }
    told[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Whether a process under this setting trusts the path. */
static bool holds(const char *setting, const char *path)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        setenv("MSTR_TRUSTED_FOLDERS", setting, 1);
        _exit(trusted_folders_hold(path) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) == 0;
}

static void a_folder_holds_itself_and_all_below_it(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool held;
    } cases[] = {
        {"shared", true},
        {"shared/file", true},
        {"shared/deep/file", true},
        {"shared-not", false},
        {"shared-not/file", false},
        {"share", false},
        {"link", false} /* paths are real ones */,
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(holds(at("shared"), at(cases[i].path)), cases[i].held);
        assert_int_equal(holds(at("link"), at(cases[i].path)), cases[i].held);
    }
    assert_false(holds(at("shared"), top.path));
    assert_false(holds("", at("shared")));
}

static void each_folder_of_the_setting_counts_for_itself(void **state)
{
    (void)state;
    char setting[1024];
    snprintf(setting, sizeof(setting), "/nowhere:%s::%s", at("shared"), at("shared-not"));
    assert_true(holds(setting, at("shared/file")));
    assert_true(holds(setting, at("shared-not/file")));
    assert_false(holds(setting, "/nowhere/file"));
    assert_false(holds(setting, "/file"));
}

static void each_folder_is_told_as_written_with_its_fault(void **state)
{
    (void)state;
    char setting[1024];
    char expected[2048];
    char told[4096];
    snprintf(setting, sizeof(setting), "/:/tmp::relative:/usr/..:/nowhere:/etc/passwd:%s", at("link"));
    snprintf(expected, sizeof(expected),
             "/: it is the whole system\n"
             "/tmp: everybody may put files into it\n"
             "relative: it is no absolute path\n"
             "/usr/..: it is the whole system\n"
             "/nowhere: it is no folder that can be reached\n"
             "/etc/passwd: it is no folder that can be reached\n"
             "%s: counts\n",
             at("link"));
    tell(setting, told);
    assert_string_equal(told, expected);
    tell("", told);
    assert_string_equal(told, "");
}

static void each_of_many_folders_is_told(void **state)
{
    (void)state;
    struct buffer setting = BUFFER_INIT;
    char told[4096];
    size_t lines = 0;
    for (int i = 0; i < 40; i++) {
        buffer_printf(&setting, "/nowhere%d:", i);
    }
    tell(buffer_text(&setting), told);
    for (const char *line = told; (line = strchr(line, '\n')) != NULL; line++) {
        lines++;
    }
    assert_int_equal(lines, 40);
    buffer_release(&setting);
}

static void a_folder_into_which_everybody_puts_files_may_not_be_trusted(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        const char *fault;
    } cases[] = {
        {0700, NULL},
        {0777, NULL}, /* whose owner wants it so */
        {01755, NULL},
        {01777, "everybody may put files into it"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(chmod(at("shared"), cases[i].mode), 0);
        const char *fault = trusted_folder_fault(at("shared"));
        assert_int_equal(fault != NULL, cases[i].fault != NULL);
        assert_true(fault == NULL || strcmp(fault, cases[i].fault) == 0);
    }
    assert_int_equal(chmod(at("shared"), 0755), 0);
    assert_string_equal(trusted_folder_fault(""), "it is the whole system");
    assert_string_equal(trusted_folder_fault("/"), "it is the whole system");
    assert_string_equal(trusted_folder_fault(at("absent")), "it is no folder that can be reached");
}

static void the_setting_is_as_it_stands_now(void **state)
{
    (void)state;
    assert_string_equal(trusted_folders_setting(), "");
    setenv("MSTR_TRUSTED_FOLDERS", "/a:/b", 1);
    assert_string_equal(trusted_folders_setting(), "/a:/b");
    unsetenv("MSTR_TRUSTED_FOLDERS");
}

static int make_top(void **state)
{
    (void)state;
    folder_make(&top);
    return mkdir(at("shared"), 0755) != 0 || mkdir(at("shared-not"), 0755) != 0 || symlink("shared", at("link")) != 0;
}

static int remove_top(void **state)
{
    (void)state;
    rmdir(at("shared"));
    rmdir(at("shared-not"));
    folder_remove(&top);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_holds_itself_and_all_below_it),
        cmocka_unit_test(each_folder_of_the_setting_counts_for_itself),
        cmocka_unit_test(each_folder_is_told_as_written_with_its_fault),
        cmocka_unit_test(each_of_many_folders_is_told),
        cmocka_unit_test(a_folder_into_which_everybody_puts_files_may_not_be_trusted),
        cmocka_unit_test(the_setting_is_as_it_stands_now),
    };
    unsetenv("MSTR_TRUSTED_FOLDERS");
    return cmocka_run_group_tests_name("base/trusted_folders", tests, make_top, remove_top);
}
