/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/listener.c */
#include "agent/listener.h"

#include "support/allocator.h"
#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64];
static char path[128];
static mstr_error *error;

/* What stands in for the system's calls. */
static struct {
    char folder[128]; /* that was opened last */
    int open_failure; /* errno, as all failures that follow; 0 = it does what it does */
    int listen_failure;
    bool unbound; /* bind() does nothing but note the address, and listen() nothing at all */
    union {
        struct sockaddr_storage any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } bound;
    socklen_t length;               /* of that */
    const struct sockaddr_in6 *own; /* which getsockname() tells; NULL = the socket's */
    int own_failure;
    uid_t user; /* 0 = who runs the test */
} calls;

static int fail_with(int code)
{
    errno = code;
    return -1;
}

int __wrap_open(const char *name, int flags, ...);
int __real_open(const char *name, int flags, ...);
int __wrap_open64(const char *name, int flags, ...); /* its name on 32 bits */
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t length);
int __real_bind(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_listen(int fd, int backlog);
int __real_listen(int fd, int backlog);
int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *length);
int __real_getsockname(int fd, struct sockaddr *address, socklen_t *length);
uid_t __wrap_geteuid(void);
uid_t __real_geteuid(void);

int __wrap_open(const char *name, int flags, ...)
{
    snprintf(calls.folder, sizeof(calls.folder), "%s", name);
    return calls.open_failure != 0 ? fail_with(calls.open_failure) : __real_open(name, flags);
}

int __wrap_open64(const char *name, int flags, ...)
{
    return __wrap_open(name, flags);
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t length)
{
    assert_true(length <= sizeof(calls.bound));
    memcpy(&calls.bound, address, length);
    calls.length = length;
    return calls.unbound ? 0 : __real_bind(fd, address, length);
}

int __wrap_listen(int fd, int backlog)
{
    return calls.listen_failure != 0 ? fail_with(calls.listen_failure)
           : calls.unbound           ? 0
                                     : __real_listen(fd, backlog);
}

int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
    if (calls.own == NULL) {
        return __real_getsockname(fd, address, length);
    }
    memcpy(address, calls.own, sizeof(*calls.own));
    return calls.own_failure != 0 ? fail_with(calls.own_failure) : 0;
}

uid_t __wrap_geteuid(void)
{
    return calls.user != 0 ? calls.user : __real_geteuid();
}

static int begin(void **state)
{
    (void)state;
    memset(&calls, 0, sizeof(calls));
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
    enum { ROOM = sizeof(((struct sockaddr_un *)NULL)->sun_path) };
    for (int length = ROOM - 1; length <= ROOM + 1; length++) {
        struct listener listener = LISTENER_INIT;
        char longer[ROOM + 2] = "";
        size_t begins = strlen(strcpy(longer, path));
        memset(longer + begins, 'x', (size_t)length - begins);
        assert_int_equal(listener_open(longer, false, &listener, error), length < ROOM ? MSTR_OK : MSTR_E_CONFIG);
        if (length >= ROOM) {
            assert_non_null(strstr(mstr_error_message(error), strerror(ENAMETOOLONG)));
            longer[ROOM - 1] = '\0';
        }
        listener_close(&listener);
        assert_int_equal(access(longer, F_OK), -1);
    }
}

static bool has_flags(int fd, int flags)
{
    return fcntl(fd, F_GETFD) == FD_CLOEXEC && (fcntl(fd, F_GETFL) & flags) == flags;
}

static void no_descriptor_goes_to_a_program_that_is_started(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_OK);
    assert_true(has_flags(listener.fd, O_NONBLOCK));
    assert_true(has_flags(listener.folder, 0));
    assert_true(has_flags(listener.lock, 0));
    listener_close(&listener);
    assert_int_equal(listener_open_tcp("127.0.0.1:0", &listener, error), MSTR_OK);
    assert_true(has_flags(listener.fd, O_NONBLOCK));
    listener_close(&listener);
}

static void the_process_makes_files_as_before(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    mode_t before = umask(023);
    assert_int_equal(listener_open(path, true, &listener, error), MSTR_OK);
    assert_int_equal(umask(before), 023);
    listener_close(&listener);
}

static void the_lock_is_named_after_the_socket(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"agent.sock", "/agent.lock"}, {"sock", "/sock.lock"}};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct listener listener = LISTENER_INIT;
        snprintf(path, sizeof(path), "%s/mstr/%s", folder, names[i][0]);
        assert_int_equal(listener_open(path, true, &listener, error), MSTR_OK);
        assert_int_equal(mode_of(names[i][1]), 0600);
        listener_close(&listener);
    }
}

static void a_lock_that_is_a_link_is_not_written(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    char name[128];
    char target[128];
    struct stat status;
    snprintf(name, sizeof(name), "%s/mstr", folder);
    assert_int_equal(mkdir(name, 0700), 0);
    snprintf(name, sizeof(name), "%s/mstr/agent.lock", folder);
    snprintf(target, sizeof(target), "%s/target", folder);
    fclose(fopen(target, "w"));
    assert_int_equal(symlink(target, name), 0);
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_DENIED);
    assert_non_null(strstr(mstr_error_message(error), strerror(ELOOP)));
    assert_int_equal(stat(target, &status), 0);
    assert_int_equal(status.st_size, 0);
}

/* As others may have written it, or nobody yet. */
static void what_a_lock_tells_is_taken_for_a_number_alone(void **state)
{
    (void)state;
    static const char *const locks[][2] = {
        {"17\n", "17"}, {"", "unknown"}, {"x17", "unknown"}, {"123456789012345678901234", "123456789012345"}};
    struct listener listener = LISTENER_INIT;
    char name[128];
    snprintf(name, sizeof(name), "%s/mstr", folder);
    assert_int_equal(mkdir(name, 0700), 0);
    snprintf(name, sizeof(name), "%s/mstr/agent.lock", folder);
    int lock = openat(AT_FDCWD, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    for (size_t i = 0; i < COUNT_OF(locks); i++) {
        char said[64];
        assert_int_equal(ftruncate(lock, 0), 0);
        assert_int_equal(pwrite(lock, locks[i][0], strlen(locks[i][0]), 0), strlen(locks[i][0]));
        assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_EXISTS);
        snprintf(said, sizeof(said), "already running, pid %s", locks[i][1]);
        assert_string_equal(mstr_error_message(error), said);
    }
    close(lock);
}

static void a_socket_that_does_not_listen_is_taken_away(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    calls.listen_failure = EADDRINUSE;
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_CONFIG);
    assert_non_null(strstr(mstr_error_message(error), strerror(EADDRINUSE)));
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(listener_open_tcp("127.0.0.1:0", &listener, error), MSTR_E_CONFIG);
    assert_int_equal(listener.fd, -1);
}

static void without_memory_nothing_is_left_open(void **state)
{
    (void)state;
    bool failed = true;
    for (long at = 1; failed; at++) {
        struct listener listener = LISTENER_INIT;
        allocator_fail(at, false);
        enum mstr_code code = listener_open(path, false, &listener, error);
        failed = allocator_succeed();
        assert_int_equal(code, failed ? MSTR_E_MEMORY : MSTR_OK);
        assert_int_equal(access(path, F_OK), failed ? -1 : 0);
        assert_int_equal(listener.folder >= 0 || listener.lock >= 0, !failed);
        listener_close(&listener);
    }
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

static void a_socket_is_known_by_its_device_and_its_inode(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct listener listener = LISTENER_INIT;
        assert_int_equal(listener_open(path, false, &listener, error), MSTR_OK);
        listener.device += i == 1;
        listener.inode += i == 2;
        listener_close(&listener);
        assert_int_equal(access(path, F_OK), i == 0 ? -1 : 0);
    }
}

static void the_folder_is_what_stands_before_the_name(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    calls.open_failure = EACCES;
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_DENIED);
    assert_memory_equal(calls.folder, path, strlen(calls.folder));
    assert_string_equal(path + strlen(calls.folder), "/agent.sock");
    assert_int_equal(listener_open("/agent.sock", false, &listener, error), MSTR_E_DENIED);
    assert_string_equal(calls.folder, "/");
}

static void a_folder_that_is_a_link_or_none_is_told_as_such(void **state)
{
    (void)state;
    static const int failures[] = {ELOOP, ENOTDIR, EACCES};
    struct listener listener = LISTENER_INIT;
    char said[256];
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        calls.open_failure = failures[i];
        assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_DENIED);
        snprintf(said, sizeof(said), "the agent's socket %s: %s", path,
                 failures[i] == EACCES ? strerror(EACCES) : "its folder is a link or no folder");
        assert_string_equal(mstr_error_message(error), said);
    }
    calls.open_failure = 0;
    snprintf(said, sizeof(said), "%s/file", folder);
    fclose(fopen(said, "w"));
    assert_int_equal(chmod(said, 0600), 0);
    snprintf(path, sizeof(path), "%s/file/agent.sock", folder);
    assert_int_equal(listener_open(path, false, &listener, error), MSTR_E_DENIED);
    assert_non_null(strstr(mstr_error_message(error), "its folder is a link or no folder"));
}

static void a_folder_may_belong_to_root(void **state)
{
    (void)state;
    struct listener listener = LISTENER_INIT;
    bool root = geteuid() == 0;
    calls.user = 4711;
    assert_int_equal(listener_open(path, false, &listener, error), root ? MSTR_OK : MSTR_E_DENIED);
    listener_close(&listener);
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
    static const char *const wrong[] = {
        "0.0.0.0:80",   "127.0.0.1",     "127.0.0.2:80", "localhost:80", "[::]:80",     "127.0.0.1:65536", ":80",
        "127.0.0.1:-1", "127.0.0.1:80x", "127.0.0.1:",   "[::1]",        "[::1]:65536", "[::1]:x"};
    struct listener listener = LISTENER_INIT;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        char said[128];
        snprintf(said, sizeof(said), "the agent listens on 127.0.0.1:PORT or [::1]:PORT, not on %s", wrong[i]);
        assert_int_equal(listener_open_tcp(wrong[i], &listener, error), MSTR_E_CONFIG);
        assert_string_equal(mstr_error_message(error), said);
    }
    assert_int_equal(listener_open_tcp("127.0.0.1:0", &listener, error), MSTR_OK);
    assert_int_not_equal(listener.port, 0);
    listener_close(&listener);
}

static void tcp_listens_where_it_is_told_to(void **state)
{
    (void)state;
    const struct sockaddr_in four = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(65535)};
    const struct sockaddr_in6 six = {
        .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(8080)};
    struct listener listener = LISTENER_INIT;
    calls.unbound = true;
    assert_int_equal(listener_open_tcp("127.0.0.1:65535", &listener, error), MSTR_OK);
    assert_int_equal(calls.length, sizeof(four));
    assert_memory_equal(&calls.bound, &four, sizeof(four));
    listener_close(&listener);

    enum mstr_code code = listener_open_tcp("[::1]:8080", &listener, error);
    if (code != MSTR_OK) { /* a system without IPv6 */
        assert_non_null(strstr(mstr_error_message(error), strerror(EAFNOSUPPORT)));
        return;
    }
    assert_int_equal(calls.length, sizeof(six));
    assert_memory_equal(&calls.bound, &six, sizeof(six));
    listener_close(&listener);
}

static void a_port_can_be_had_again_but_not_twice(void **state)
{
    (void)state;
    struct listener first = LISTENER_INIT;
    struct listener second = LISTENER_INIT;
    char address[32];
    char said[128];
    int again = 0;
    socklen_t size = sizeof(again);
    assert_int_equal(listener_open_tcp("127.0.0.1:0", &first, error), MSTR_OK);
    assert_int_equal(getsockopt(first.fd, SOL_SOCKET, SO_REUSEADDR, &again, &size), 0);
    assert_int_equal(again, 1);
    snprintf(address, sizeof(address), "127.0.0.1:%u", first.port);
    assert_int_equal(listener_open_tcp(address, &second, error), MSTR_E_CONFIG);
    snprintf(said, sizeof(said), "the agent cannot listen on %s: %s", address, strerror(EADDRINUSE));
    assert_string_equal(mstr_error_message(error), said);
    assert_int_equal(second.fd, -1);
    listener_close(&first);
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

/* An address of IPv4 has its own octets where one of IPv6 tells of flows. */
static void only_a_loopback_address_of_its_family_counts(void **state)
{
    (void)state;
    const struct {
        struct sockaddr_in6 address;
        int failure;
        unsigned port;
    } cases[] = {
        {{AF_INET, htons(80), htonl(INADDR_LOOPBACK), IN6ADDR_ANY_INIT, 0}, 0, 80},
        {{AF_INET, htons(80), htonl(INADDR_LOOPBACK), IN6ADDR_ANY_INIT, 0}, ENOBUFS, 0},
        {{AF_INET, htons(80), htonl(INADDR_LOOPBACK + 1), IN6ADDR_LOOPBACK_INIT, 0}, 0, 0},
        {{AF_UNIX, htons(80), htonl(INADDR_LOOPBACK), IN6ADDR_LOOPBACK_INIT, 0}, 0, 0},
        {{AF_INET6, htons(80), 0, IN6ADDR_LOOPBACK_INIT, 0}, 0, 80},
        {{AF_INET6, htons(80), 0, IN6ADDR_LOOPBACK_INIT, 0}, ENOBUFS, 0},
        {{AF_INET6, htons(80), htonl(INADDR_LOOPBACK), IN6ADDR_ANY_INIT, 0}, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        calls.own = &cases[i].address;
        calls.own_failure = cases[i].failure;
        assert_int_equal(listener_loopback_port(-1), cases[i].port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(folder_and_socket_are_the_owners_alone, begin, end),
        cmocka_unit_test_setup_teardown(others_can_reach_it_where_they_have_to, begin, end),
        cmocka_unit_test_setup_teardown(a_path_that_no_address_holds_is_refused_and_not_cut, begin, end),
        cmocka_unit_test_setup_teardown(no_descriptor_goes_to_a_program_that_is_started, begin, end),
        cmocka_unit_test_setup_teardown(the_process_makes_files_as_before, begin, end),
        cmocka_unit_test_setup_teardown(the_lock_is_named_after_the_socket, begin, end),
        cmocka_unit_test_setup_teardown(a_lock_that_is_a_link_is_not_written, begin, end),
        cmocka_unit_test_setup_teardown(what_a_lock_tells_is_taken_for_a_number_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_socket_that_does_not_listen_is_taken_away, begin, end),
        cmocka_unit_test_setup_teardown(without_memory_nothing_is_left_open, begin, end),
        cmocka_unit_test_setup_teardown(a_second_agent_finds_the_first, begin, end),
        cmocka_unit_test_setup_teardown(a_stale_socket_is_replaced, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_socket_stays, begin, end),
        cmocka_unit_test_setup_teardown(the_socket_of_somebody_else_is_left_at_the_end, begin, end),
        cmocka_unit_test_setup_teardown(a_socket_is_known_by_its_device_and_its_inode, begin, end),
        cmocka_unit_test_setup_teardown(the_folder_is_what_stands_before_the_name, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_that_is_a_link_or_none_is_told_as_such, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_may_belong_to_root, begin, end),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_safe_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(tcp_is_loopback_alone, begin, end),
        cmocka_unit_test_setup_teardown(tcp_listens_where_it_is_told_to, begin, end),
        cmocka_unit_test_setup_teardown(a_port_can_be_had_again_but_not_twice, begin, end),
        cmocka_unit_test_setup_teardown(another_ones_socket_has_to_be_on_loopback, begin, end),
        cmocka_unit_test_setup_teardown(only_a_loopback_address_of_its_family_counts, begin, end),
    };
    return RUN_TESTS("agent/listener");
}
