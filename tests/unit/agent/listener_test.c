/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/listener.c */
#include "agent/listener.h"

#include "support/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64];
static char path[128];
static mstr_error *error;

static int begin(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/mstr-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/mstr/agent.sock", folder);
    error = mstr_error_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    mstr_error_free(error);
    return system(command);
}

static mode_t mode_of(const char *name)
{
    struct stat status;
    char whole[160];
    snprintf(whole, sizeof(whole), "%s/mstr%s", folder, name);
    assert_int_equal(lstat(whole, &status), 0);
    return status.st_mode & 07777;
}

static void folder_and_socket_are_the_owners_alone(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_OK);
    assert_int_equal(mode_of(""), 0700);
    assert_int_equal(mode_of("/agent.sock"), 0600);
    listener_close(&listener);
    assert_int_equal(access(path, F_OK), -1);
}

static void others_can_reach_it_where_they_have_to(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    assert_int_equal(listener_open(path, true, &listener, error), MSTR_OK);
    assert_int_equal(mode_of(""), 0711);
    assert_int_equal(mode_of("/agent.sock"), 0666);
    listener_close(&listener);
}

static void a_path_that_no_address_holds_is_refused_and_not_cut(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    char name[81] = "";
    char longer[sizeof(path) + sizeof(name)];
    memset(name, 'x', sizeof(name) - 1);
    snprintf(longer, sizeof(longer), "%s.%s", path, name);
    assert_int_equal(listener_open(longer, false, &listener, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), strerror(ENAMETOOLONG)));
    longer[sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1] = '\0';
    assert_int_equal(access(longer, F_OK), -1);
}

static void a_second_agent_finds_the_first(void **state)
{
    (void)state;
    struct listener first = LISTENER_INIT;
    struct listener second = LISTENER_INIT;
    char said[64];
    snprintf(said, sizeof(said), "already running, pid %d", (int)getpid());
    assert_int_equal(listener_open(path, false, &first, error), MSTR_OK);
    assert_int_equal(listener_open(path, false, &second, error), MSTR_E_EXISTS);
    assert_string_equal(mstr_error_message(error), said);
    assert_int_equal(access(path, F_OK), 0);
    listener_close(&first);
}

/* As kill -9 leaves it. */
static void a_stale_socket_is_replaced(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct listener listener = LISTENER_INIT;
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_OK);
    listener_close(&listener);
    int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(stale, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(stale);
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_OK);
    listener_close(&listener);
}

static void what_is_no_socket_stays(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_OK);
    listener_close(&listener);
    fclose(fopen(path, "w"));
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_CONFIG);
    assert_int_equal(access(path, F_OK), 0);
}

static void the_socket_of_somebody_else_is_left_at_the_end(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct listener listener = LISTENER_INIT;
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_OK);
    char moved[160];
    snprintf(moved, sizeof(moved), "%s.old", path); /* so that its inode is not given anew */
    assert_int_equal(rename(path, moved), 0);
    int other = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(other, (const struct sockaddr *)&address, sizeof(address)), 0);
    listener_close(&listener);
    assert_int_equal(access(path, F_OK), 0);
    close(other);
}

static void a_folder_that_is_not_safe_is_refused(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    char inner[128];
    char link[128];
    snprintf(inner, sizeof(inner), "%s/mstr", folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(chmod(inner, 0770), 0);
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_DENIED);
    assert_int_equal(chmod(inner, 0700), 0);
    snprintf(link, sizeof(link), "%s/link", folder);
    assert_int_equal(symlink(inner, link), 0);
    snprintf(path, sizeof(path), "%s/link/agent.sock", folder);
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_DENIED);
    if (geteuid() == 0) {
        snprintf(path, sizeof(path), "%s/mstr/agent.sock", folder);
        assert_int_equal(chown(inner, 4711, 4711), 0);
        assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_DENIED);
        assert_non_null(strstr(mstr_error_message(error), "belongs to somebody else"));
    }
}

static void tcp_is_loopback_alone(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0.0.0.0:80", "127.0.0.1",       "127.0.0.2:80", "localhost:80",
                                        "[::]:80",    "127.0.0.1:65536", ":80"};
    struct listener listener = LISTENER_INIT;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(listener_open_tcp(wrong[i], &listener, error), MSTR_E_CONFIG);
    }
    assert_int_equal(listener_open_tcp("127.0.0.1:0", &listener, error), MSTR_OK);
    assert_int_not_equal(listener.port, 0);
    listener_close(&listener);
}

static void another_ones_socket_has_to_be_on_loopback(void **state)
{
    (void)state;
    struct sockaddr_in any = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
    assert_int_equal(listener_loopback_port(fd), 0);
    close(fd);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(listener_loopback_port(fd), 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folder_and_socket_are_the_owners_alone, begin, end),
        cmocka_unit_test_setup_teardown(others_can_reach_it_where_they_have_to, begin, end),
        cmocka_unit_test_setup_teardown(a_path_that_no_address_holds_is_refused_and_not_cut, begin, end),
        cmocka_unit_test_setup_teardown(a_second_agent_finds_the_first, begin, end),
        cmocka_unit_test_setup_teardown(a_stale_socket_is_replaced, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_socket_stays, begin, end),
        cmocka_unit_test_setup_teardown(the_socket_of_somebody_else_is_left_at_the_end, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_safe_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(tcp_is_loopback_alone, begin, end),
        cmocka_unit_test(another_ones_socket_has_to_be_on_loopback),
    };
    return RUN_TESTS("agent/listener");
}
