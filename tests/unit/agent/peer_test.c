/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/peer.c */
#define _GNU_SOURCE /* setgroups() */
#include "agent/peer.h"

#include "support/unit.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const uid_t users[] = {0, 1001};
static const gid_t listed[] = {2000};

static const char *judge(uid_t uid, pid_t pid, gid_t gid, const struct peer_rules *rules)
{
    static const gid_t groups[] = {7, 2000};
    const struct peer peer = {.uid = uid, .gid = gid, .pid = pid};
    return peer_refusal(&peer, groups, uid == 1003 ? 2 : 1, rules);
}

static void the_own_user_and_those_that_are_listed_may_ask(void **state)
{
    (void)state;
    const struct peer_rules narrow = {.own = 1000};
    const struct peer_rules wide = {.own = 1000, .users = users, .user_count = 2, .groups = listed, .group_count = 1};
    assert_null(judge(1000, 5, 1000, &narrow));
    assert_non_null(judge(1001, 5, 1001, &narrow));
    assert_null(judge(1001, 5, 1001, &wide));
    assert_non_null(judge(1002, 5, 1002, &wide));
    assert_null(judge(1003, 5, 1003, &wide)); /* by a supplementary group */
    assert_null(judge(1004, 5, 2000, &wide)); /* by the primary one */
}

static void root_is_listed_as_anybody(void **state)
{
    (void)state;
    const struct peer_rules narrow = {.own = 1000};
    const struct peer_rules wide = {.own = 1000, .users = users, .user_count = 2};
    assert_non_null(judge(0, 5, 0, &narrow));
    assert_null(judge(0, 5, 0, &wide));
    const struct peer_rules group = {.own = 1000, .groups = listed, .group_count = 1};
    assert_non_null(judge(0, 5, listed[0], &group)); /* its groups do not count */
}

static void whoever_has_no_id_here_is_refused_unless_he_is_admitted(void **state)
{
    (void)state;
    struct peer_rules rules = {.own = 65534};
    assert_non_null(judge(65534, 5, 65534, &rules));
    rules.own = 1000;
    assert_non_null(judge(1000, 0, 1000, &rules));
    rules.foreign_namespace = true;
    assert_null(judge(1000, 0, 1000, &rules));
}

static void the_kernel_tells_who_is_there(void **state)
{
    (void)state;
    int ends[2];
    struct peer peer;
    const struct peer_rules rules = {.own = geteuid(), .groups = listed, .group_count = 1};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_true(peer_read(ends[0], &peer));
    assert_false(peer.tcp);
    assert_int_equal(peer.uid, geteuid());
    assert_int_equal(peer.pid, getpid());
    assert_null(peer_check(ends[0], &peer, &rules));
    close(ends[0]);
    close(ends[1]);
    assert_false(peer_read(-1, &peer));
}

static void whoever_comes_over_tcp_is_known_by_his_token(void **state)
{
    (void)state;
    struct peer peer;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(peer_read(fd, &peer));
    assert_true(peer.tcp);
    assert_int_equal(peer.uid, (uid_t)-1);
    assert_null(peer_check(fd, &peer, &(struct peer_rules){.own = 1000}));
    close(fd);
}

/* Whether a process of that user, with these groups beside its own, may ask. */
static bool is_admitted(uid_t user, const gid_t *groups, size_t count)
{
    const struct peer_rules rules = {.own = 1000, .groups = listed, .group_count = 1};
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        int ends[2];
        struct peer peer;
        bool ready = setgroups(count, groups) == 0 && setgid(user) == 0 && setuid(user) == 0 &&
                     socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && peer_read(ends[0], &peer);
        _exit(!ready ? 2 : peer_check(ends[0], &peer, &rules) == NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 0;
}

static void the_kernel_tells_his_other_groups_too(void **state)
{
    (void)state;
    static const gid_t groups[] = {7, 8, 2000};
    if (geteuid() != 0) {
        skip();
    }
    assert_true(is_admitted(1003, groups, 3));
    assert_false(is_admitted(1003, groups, 2));
    assert_false(is_admitted(1003, NULL, 0));
}

static void only_the_own_user_and_root_govern(void **state)
{
    (void)state;
    assert_true(peer_governs(&(struct peer){.uid = 1000}, 1000));
    assert_true(peer_governs(&(struct peer){.uid = 0}, 1000));
    assert_false(peer_governs(&(struct peer){.uid = 1001}, 1000));
    assert_false(peer_governs(&(struct peer){.tcp = true, .uid = 1000}, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_own_user_and_those_that_are_listed_may_ask),
        cmocka_unit_test(root_is_listed_as_anybody),
        cmocka_unit_test(whoever_has_no_id_here_is_refused_unless_he_is_admitted),
        cmocka_unit_test(the_kernel_tells_who_is_there),
        cmocka_unit_test(whoever_comes_over_tcp_is_known_by_his_token),
        cmocka_unit_test(the_kernel_tells_his_other_groups_too),
        cmocka_unit_test(only_the_own_user_and_root_govern),
    };
    return RUN_TESTS("agent/peer");
}
