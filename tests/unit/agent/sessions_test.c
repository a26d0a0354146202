/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/sessions.c */
#include "agent/sessions.h"

#include "desk.h"

#include <arpa/inet.h>
#include <mstr/persistence.h>
#include <pthread.h>

static void a_login_tells_its_working_set_unless_the_profile_does(void **state)
{
    static const struct {
        const char *fields;
        const char *expected; /* NULL = refused */
    } cases[] = {{NULL, "{\"workingSet\":50}"},
                 {"{}", "{\"workingSet\":50}"},
                 {" { } ", " { \"workingSet\":50}"},
                 {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1},\"workingSet\":50}"},
                 {"{\"workingSet\":7}", "{\"workingSet\":7}"},
                 {"{", NULL},
                 {"7", NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_INIT;
        enum mstr_code code = sessions_login_fields(cases[i].fields, 50, &out, NULL);
        assert_int_equal(code == MSTR_OK, cases[i].expected != NULL);
        assert_string_equal(buffer_text(&out), cases[i].expected != NULL ? cases[i].expected : "");
        buffer_release(&out);
    }
}

static const char profile[] =
    "[profile p]\nbase_url = http://127.0.0.1:1/\nusername = u\npassword = p\ntimeout = 7s\nlogout = no\n";

/* That of the present configuration. */
static struct shared_session *use(void)
{
    struct shared_session *shared = NULL;
    struct generation *generation = contexts_hold(desk.agent.contexts);
    sessions_use(desk.agent.sessions, generation, "p", NULL, &shared, NULL); /* nobody is there to log in to */
    contexts_let_go(desk.agent.contexts, generation);
    assert_non_null(shared);
    return shared;
}

/* The same, as though somebody had been there. */
static struct shared_session *use_open(void)
{
    static const char state[] = "{\"base_url\":\"http://127.0.0.1:1/\",\"cookies\":{},"
                                "\"headers\":{\"X-MSTR-AuthToken\":\"t\"}}";
    struct shared_session *shared = use();
    assert_int_equal(mstr_session_import(shared->session, state, strlen(state), NULL), MSTR_OK);
    return shared;
}

static void reload(const char *config, const char *more)
{
    FILE *file = fopen(desk.config, "w");
    assert_non_null(file);
    fprintf(file, "%s%s\n", config, more);
    fclose(file);
    assert_int_equal(agent_reload(&desk.agent, NULL), MSTR_OK);
    sessions_sweep(desk.agent.sessions);
}

static void leave(struct shared_session *shared)
{
    sessions_leave(desk.agent.sessions, shared);
}

static void a_profile_has_one_session(void **state)
{
    (void)state;
    desk_open(profile);
    struct shared_session *first = use();
    assert_ptr_equal(use(), first);
    assert_int_equal(first->timeout, 7000);
    leave(first);
    leave(first);
    desk_close();
}

/* A server that takes the connection and says nothing, for a client that would wait for an hour. */
static void a_login_has_the_profiles_time_at_most(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 8), 0);
    getsockname(listener, (struct sockaddr *)&address, &length);
    char config[160];
    snprintf(config, sizeof(config),
             "[profile p]\nbase_url = http://127.0.0.1:%u/\nusername = u\npassword = p\ntimeout = 50ms\n",
             (unsigned)ntohs(address.sin_port));
    desk_open(config);
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.timeout = 3600000;
    struct shared_session *shared = NULL;
    struct generation *generation = contexts_hold(desk.agent.contexts);
    assert_int_equal(sessions_use(desk.agent.sessions, generation, "p", &call, &shared, NULL), MSTR_E_TIMEOUT);
    contexts_let_go(desk.agent.contexts, generation);
    leave(shared);
    desk_close();
    close(listener);
}

static void a_session_outlives_reloads_that_do_not_change_its_profile(void **state)
{
    static const char *const configs[] = {"", "[provider aws-sm]\nregion = eu-west-1\n", "[agent]\nreferences = 7\n"};
    (void)state;
    desk_open(profile);
    struct shared_session *shared = use_open();
    leave(shared);
    for (size_t i = 0; i < COUNT_OF(configs); i++) {
        struct generation *before = contexts_hold(desk.agent.contexts);
        reload(profile, configs[i]);
        assert_int_equal(before->holders, 1); /* the session has let go of it */
        contexts_let_go(desk.agent.contexts, before);
        assert_ptr_equal(use(), shared);
        assert_true(mstr_session_is_open(shared->session));
        leave(shared);
    }
    desk_close();
}

static void one_that_is_in_use_goes_over_when_it_is_left(void **state)
{
    (void)state;
    desk_open(profile);
    struct generation *first = contexts_hold(desk.agent.contexts);
    struct shared_session *shared = use_open();
    for (int i = 0; i < 3; i++) {
        reload(profile, "");
    }
    assert_ptr_equal(use(), shared);
    assert_int_equal(first->holders, 2); /* it and the session */
    struct generation *present = contexts_hold(desk.agent.contexts);
    leave(shared);
    leave(shared);
    assert_int_equal(first->holders, 1);
    assert_int_equal(present->holders, 3);
    contexts_let_go(desk.agent.contexts, present);
    contexts_let_go(desk.agent.contexts, first);
    assert_ptr_equal(use(), shared);
    assert_true(mstr_session_is_open(shared->session));
    leave(shared);
    desk_close();
}

static void what_a_session_depends_on_makes_it_another_one(void **state)
{
    static const char base[] = "[profile p]\nbase_url = http://127.0.0.1:1/\nusername = u\n";
    static const struct {
        const char *before;
        const char *after;
    } cases[] = {{"password = ${st:a}", "password = ${st:b}"},
                 {"password = ${st:a}", "password = q"},
                 {"password = p", "password = q"},
                 {"password = ${st:a}", "password = ${st:a}\n[provider st]\nplugin = file\nregion = x"},
                 {"password = p", "password = p\ntimeout = 8s"},
                 {"password = p", "password = p\nlogout = no"},
                 {"password = p", "password = p\n[agent]\nworking_set = 7"},
                 {"password = p", "password = p\n[agent]\nprofiles = q"},
                 {"password = p", "password = p\nproxy = http://127.0.0.1:9/"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        desk_open(base);
        reload(base, cases[i].before);
        struct shared_session *old = use();
        reload(base, cases[i].after);
        struct shared_session *new = use();
        assert_ptr_not_equal(old, new); /* while the old one is in use to its end */
        leave(new);
        leave(old);
        desk_close();
    }
}

static void what_begins_in_a_replaced_configuration_ends_with_its_use(void **state)
{
    struct shared_session *shared = NULL;
    (void)state;
    desk_open(profile);
    struct generation *generation = contexts_hold(desk.agent.contexts);
    reload(profile, "");
    assert_int_not_equal(sessions_use(desk.agent.sessions, generation, "p", NULL, &shared, NULL), MSTR_OK);
    leave(shared);
    assert_int_equal(generation->holders, 1);
    contexts_let_go(desk.agent.contexts, generation);
    desk_close();
}

static void one_that_could_not_log_in_ends_with_a_reload(void **state)
{
    (void)state;
    desk_open(profile);
    leave(use());
    reload(profile, "");
    struct generation *present = contexts_hold(desk.agent.contexts);
    assert_int_equal(present->holders, 2);
    contexts_let_go(desk.agent.contexts, present);
    desk_close();
}

static void *use_often(void *data)
{
    for (int i = 0; i < 20; i++) {
        leave(use_open());
        struct shared_session *shared = use_open();
        mstr_session_forget(shared->session);
        mstr_session_open(shared->session, NULL, NULL); /* as when it has expired */
        leave(shared);
    }
    return data;
}

/* For the sanitizers. */
static void reloads_and_uses_meet_at_any_time(void **state)
{
    pthread_t threads[3];
    (void)state;
    desk_open("[profile p]\nbase_url = http://127.0.0.1:1/\nusername = u\npassword = ${text:p}\n");
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use_often, NULL), 0);
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(agent_reload(&desk.agent, NULL), MSTR_OK);
        sessions_sweep(desk.agent.sessions);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    desk_close();
}

static void a_profile_that_is_not_there_has_none(void **state)
{
    struct shared_session *shared = NULL;
    (void)state;
    desk_open("[agent]\n");
    struct generation *generation = contexts_hold(desk.agent.contexts);
    assert_int_equal(sessions_use(desk.agent.sessions, generation, "p", NULL, &shared, NULL), MSTR_E_CONFIG);
    assert_null(shared);
    assert_int_equal(generation->holders, 2); /* the present one's */
    contexts_let_go(desk.agent.contexts, generation);
    desk_close();
}

static void whether_a_profile_s_session_is_open_is_told_without_a_login(void **state)
{
    (void)state;
    desk_open(profile);
    struct generation *generation = contexts_hold(desk.agent.contexts);
    assert_null(sessions_state(desk.agent.sessions, generation, "p"));
    struct shared_session *shared = use();
    assert_null(sessions_state(desk.agent.sessions, generation, "p"));
    leave(shared);
    shared = use_open();
    assert_string_equal(sessions_state(desk.agent.sessions, generation, "p"), "open");
    assert_null(sessions_state(desk.agent.sessions, generation, "q"));
    leave(shared);
    contexts_let_go(desk.agent.contexts, generation);
    desk_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_login_tells_its_working_set_unless_the_profile_does),
        cmocka_unit_test(a_profile_has_one_session),
        cmocka_unit_test(whether_a_profile_s_session_is_open_is_told_without_a_login),
        cmocka_unit_test(a_login_has_the_profiles_time_at_most),
        cmocka_unit_test(a_session_outlives_reloads_that_do_not_change_its_profile),
        cmocka_unit_test(one_that_is_in_use_goes_over_when_it_is_left),
        cmocka_unit_test(what_a_session_depends_on_makes_it_another_one),
        cmocka_unit_test(one_that_could_not_log_in_ends_with_a_reload),
        cmocka_unit_test(what_begins_in_a_replaced_configuration_ends_with_its_use),
        cmocka_unit_test(reloads_and_uses_meet_at_any_time),
        cmocka_unit_test(a_profile_that_is_not_there_has_none),
    };
    return RUN_TESTS("agent/sessions");
}
