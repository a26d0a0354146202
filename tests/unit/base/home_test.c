/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/home.c */
#include "base/home.h"

#include "support/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void what_is_no_folder_hides_what_would_lie_below_it(void **state)
{
    (void)state;
    static const struct {
        const char *home, *path;
        bool hides;
    } cases[] = {
        {NULL, "/x", false},
        {"", "/x", false},
        {"/dev/null", "/dev/null/.aws/config", true},
        {"/nonexistent", "/nonexistent/x", true},
        {"/etc/passwd/x", "/etc/passwd/x/y", true},
        {"/dev/null", "/etc/x", false},
        {"/", "/x", false},
        {"/tmp", "/tmp/nonexistent", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        errno = 77;
        assert_int_equal(home_hides(cases[i].home, cases[i].path), cases[i].hides);
        assert_int_equal(errno, 77);
    }
}

/* As after su. */
static void a_folder_that_does_not_let_the_user_in_hides_what_is_there(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    char home[] = "/tmp/mstr-home-XXXXXX";
    int status = 0;
    assert_non_null(mkdtemp(home));
    assert_false(home_hides(home, home));
    pid_t child = fork();
    if (child == 0) {
        _exit(setuid(12345) == 0 && home_hides(home, home) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    rmdir(home);
}

static void a_failure_hides_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/mstr-home-XXXXXX";
    char home[64];
    assert_non_null(mkdtemp(folder));
    snprintf(home, sizeof(home), "%s/loop", folder);
    assert_int_equal(symlink("loop", home), 0);
    assert_false(home_hides(home, home));
    unlink(home);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_folder_hides_what_would_lie_below_it),
        cmocka_unit_test(a_folder_that_does_not_let_the_user_in_hides_what_is_there),
        cmocka_unit_test(a_failure_hides_nothing),
    };
    return RUN_TESTS("base/home");
}
