/* SPDX-License-Identifier: Apache-2.0 */
/* core/local/socket_path.c: where the agent's socket is */
#include "local/socket_path.h"

#include "support/folder.h"

#include <sys/stat.h>

/* All places in their order, one a line. */
static const char *all(const struct socket_places *places)
{
    static char text[1024];
    struct buffer path = BUFFER_INIT;
    text[0] = '\0';
    for (size_t i = 0; socket_path_at(places, i, &path); i++) {
        strcat(strcat(text, buffer_text(&path)), "\n");
    }
    buffer_release(&path);
    return text;
}

static void the_users_place_comes_before_the_hosts(void **state)
{
    (void)state;
    struct socket_places places = {1000, "/run/user/1000", "/nowhere"};
    assert_string_equal(all(&places), "/run/user/1000/mstr/agent.sock\n/nowhere/mstr/agent.sock\n");
    places.runtime = NULL;
    assert_string_equal(all(&places), "/nowhere/mstr/agent.sock\n");
}

static void the_places_of_this_process_are_those_of_its_user_and_environment(void **state)
{
    (void)state;
    setenv("XDG_RUNTIME_DIR", "/run/somewhere", 1);
    struct socket_places places = socket_places_here(true);
    assert_int_equal(places.user, geteuid());
    assert_string_equal(places.runtime, "/run/somewhere");
    assert_string_equal(places.run, "/run");
    assert_null(socket_places_here(false).runtime);
    unsetenv("XDG_RUNTIME_DIR");
}

static void root_has_but_the_hosts(void **state)
{
    (void)state;
    const struct socket_places places = {0, "/run/user/1000", "/run"};
    assert_string_equal(all(&places), "/run/mstr/agent.sock\n");
}

static void without_the_variable_the_usual_folder_serves_if_it_is_ones_own(void **state)
{
    (void)state;
    char run[] = "/var/tmp/mstr-run-XXXXXX";
    char users[64];
    char own[80];
    char expected[256];
    assert_non_null(mkdtemp(run));
    snprintf(users, sizeof(users), "%s/user", run);
    snprintf(own, sizeof(own), "%s/1000", users);
    assert_int_equal(mkdir(users, 0755) | mkdir(own, 0700), 0);
    const struct socket_places places = {1000, NULL, run};
    snprintf(expected, sizeof(expected), "%s/mstr/agent.sock\n", run);
    if (geteuid() != 1000) { /* the folder is another's */
        assert_string_equal(all(&places), expected);
    }
    if (geteuid() == 0) {
        assert_int_equal(chown(own, 1000, 1000), 0);
        snprintf(expected, sizeof(expected), "%s/mstr/agent.sock\n%s/mstr/agent.sock\n", own, run);
        assert_string_equal(all(&places), expected);
        assert_int_equal(rmdir(own) | symlink(users, own), 0);
        snprintf(expected, sizeof(expected), "%s/mstr/agent.sock\n", run);
        assert_string_equal(all(&places), expected);
        unlink(own);
        fclose(fopen(own, "we")); /* which is no folder */
        assert_int_equal(chown(own, 1000, 1000), 0);
        assert_string_equal(all(&places), expected);
        unlink(own);
    } else {
        rmdir(own);
    }
    rmdir(users);
    rmdir(run);
}

static void what_no_socket_may_be_is_passed_over(void **state)
{
    (void)state;
    static char long_folder[120];
    memset(long_folder, 'x', sizeof(long_folder) - 1);
    long_folder[0] = '/';
    const char *const folders[] = {"", "run", "/tmp", "/tmp/x", "/run/../tmp", "/run/./x", "@run", long_folder};
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        const struct socket_places places = {1000, folders[i], "/nowhere"};
        assert_string_equal(all(&places), "/nowhere/mstr/agent.sock\n");
    }
}

static void a_chosen_path_is_told_what_is_wrong_with_it(void **state)
{
    (void)state;
    static char most[108 + 1];
    memset(most, 'x', sizeof(most) - 1);
    most[0] = '/';
    const char *const bad[] = {"",        "agent.sock", "@agent",  "/tmp/agent.sock", "/tmp/",
                               "/run//a", "/run/",      "/run/..", "/run/./a",        most};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_non_null(socket_path_fault(bad[i]));
    }
    most[107] = '\0';
    assert_null(socket_path_fault(most));
    assert_null(socket_path_fault("/run/mstr/agent.sock"));
    assert_null(socket_path_fault("/tmpfs/..agent"));
    assert_null(socket_path_fault("/r/m/agent.sock"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_users_place_comes_before_the_hosts),
        cmocka_unit_test(the_places_of_this_process_are_those_of_its_user_and_environment),
        cmocka_unit_test(root_has_but_the_hosts),
        cmocka_unit_test(without_the_variable_the_usual_folder_serves_if_it_is_ones_own),
        cmocka_unit_test(what_no_socket_may_be_is_passed_over),
        cmocka_unit_test(a_chosen_path_is_told_what_is_wrong_with_it),
    };
    return RUN_TESTS("local/socket_path");
}
