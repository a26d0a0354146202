/* SPDX-License-Identifier: Apache-2.0 */
/* providers/aws/wire/name_lookup.c, with a system that knows the names of the test */
#include "aws/wire/name_lookup.h"

#include "support/fake_host.h"
#include "support/unit.h"

#include "sdk/host.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_bool held; /* the system does not answer */
static atomic_int answers;
static atomic_int waiting;

/* "one.example" has one address, "N.many.example" has N. */
static int look_up(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
    char *rest = NULL;
    long count = strcmp(name, "one.example") == 0 ? 1 : strtol(name, &rest, 10);
    struct addrinfo **end = list;
    (void)service;
    assert_int_equal(hints->ai_family, AF_UNSPEC);
    *list = NULL;
    waiting++;
    while (held) {
        usleep(200);
    }
    for (long i = 0; i < count; i++) {
        const struct addrinfo numeric = {
            .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
        char address[32];
        snprintf(address, sizeof(address), i % 2 == 0 ? "10.0.0.%ld" : "fd00::%ld", i + 1);
        assert_int_equal(getaddrinfo(address, NULL, &numeric, end), 0);
        end = &(*end)->ai_next;
    }
    answers++;
    return count > 0 ? 0 : EAI_NONAME;
}

static int begin(void **state)
{
    fake_host_setup(state);
    held = false;
    answers = 0;
    waiting = 0;
    name_lookup_system = look_up;
    return 0;
}

/* Nobody is left behind who would look at the next test's. */
static int end(void **state)
{
    held = false;
    while (answers < waiting) {
        usleep(200);
    }
    name_lookup_system = getaddrinfo;
    return fake_host_teardown(state);
}

static void addresses_come_in_the_systems_order(void **state)
{
    struct name_addresses found = {.count = 0};
    (void)state;
    assert_int_equal(name_lookup("3.many.example", fake_host_call(), &found, NULL), MSTR_OK);
    assert_int_equal(found.count, 3);
    assert_string_equal(found.text[0], "10.0.0.1");
    assert_string_equal(found.text[1], "fd00::2");
    assert_string_equal(found.text[2], "10.0.0.3");
    assert_int_equal(name_lookup("one.example", fake_host_call(), &found, NULL), MSTR_OK);
    assert_int_equal(found.count, 1);
}

static void unknown_names_and_too_many_addresses_are_told(void **state)
{
    static const struct {
        const char *name;
        enum mstr_code code;
        const char *message;
    } cases[] = {
        {"unknown.example", MSTR_E_NETWORK, "unknown.example cannot be resolved: Name or service not known"},
        {"16.many.example", MSTR_OK, ""},
        {"17.many.example", MSTR_E_NETWORK, "17.many.example cannot be resolved: "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct name_addresses found = {.count = 0};
        struct mstr_error *error = host->error_new();
        assert_int_equal(name_lookup(cases[i].name, fake_host_call(), &found, error), cases[i].code);
        assert_int_equal(found.count, cases[i].code == MSTR_OK ? 16 : 0);
        assert_contains(host->error_message(error), cases[i].message);
        host->error_free(error);
    }
}

/* Which the system's own function does not heed. */
static void the_callers_limits_hold(void **state)
{
    struct name_addresses found = {.count = 0};
    (void)state;
    held = true;
    fake_host_deadline(0);
    assert_int_equal(name_lookup("one.example", fake_host_call(), &found, NULL), MSTR_E_TIMEOUT);
    fake_host_deadline(30000);
    fake_host_cancel();
    assert_int_equal(name_lookup("one.example", fake_host_call(), &found, NULL), MSTR_E_CANCELLED);
    assert_int_equal(found.count, 0);
    while (waiting < 2) {
        usleep(200);
    }
    assert_int_equal(answers, 0);
}

static int look_up_signals(const char *name, const char *service, const struct addrinfo *hints,
                           struct addrinfo **list)
{
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    bool all = sigismember(&blocked, SIGTERM) == 1 && sigismember(&blocked, SIGALRM) == 1;
    return all ? look_up(name, service, hints, list) : EAI_FAIL;
}

static void the_programs_signals_do_not_reach_the_thread_that_looks_up(void **state)
{
    struct name_addresses found = {.count = 0};
    sigset_t blocked;
    (void)state;
    name_lookup_system = look_up_signals;
    assert_int_equal(name_lookup("one.example", fake_host_call(), &found, NULL), MSTR_OK);
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    assert_int_equal(sigismember(&blocked, SIGTERM), 0);
}

static void the_system_itself_knows_numbers(void **state)
{
    struct name_addresses found = {.count = 0};
    (void)state;
    name_lookup_system = getaddrinfo;
    assert_int_equal(name_lookup("127.0.0.1", fake_host_call(), &found, NULL), MSTR_OK);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.text[0], "127.0.0.1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(addresses_come_in_the_systems_order),
        TEST(unknown_names_and_too_many_addresses_are_told),
        TEST(the_callers_limits_hold),
        TEST(the_programs_signals_do_not_reach_the_thread_that_looks_up),
        TEST(the_system_itself_knows_numbers),
    };
    return RUN_TESTS("aws/wire/name_lookup");
}
