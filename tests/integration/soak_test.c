/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days of use in a few seconds or, with MSTR_SOAK_ROUNDS, in as long as wanted (the target `soak`): two threads that
 * log in by secrets of AWS, work and log out, while passwords are rotated, sessions end, keys expire, are forgotten
 * and refused, and the service stumbles. Nothing but what is meant to fail may fail, and at the end the process holds
 * no more memory, descriptors and threads than after the first rounds.
 */
#include "support/entries.h"
#include "support/memory_search.h"
#include "support/session.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

/* Rounds are made in so many parts, after each of which is told what is held. The first part warms up. */
enum { SHORT_RUN = 100, LONGEST_RUN = 100000000, PARTS = 10, KEYS_LAST = 4, TEXT = 512 };
/* What may come later than the first part: a few more connections to a server at once than ever before, each with its
 * buffers. */
enum { HEAP_SLACK = 128 * 1024, SECRETS_SLACK = 128 * 1024, DESCRIPTOR_SLACK = 8 };

/* A worker is a user of its own, so that what it does to its account hits nobody else. */
struct worker {
    const char *user;
    char password[64];
    unsigned long first; /* number of its first round in this part */
    unsigned long rounds;
    unsigned long failures;
    char failure[TEXT];
};

struct usage {
    size_t heap;    /* octets in use; 0 where malloc() is a sanitizer's */
    size_t secrets; /* octets of the pages that hold them, which are never given back */
    size_t descriptors;
    size_t threads;
};

static struct usage look(unsigned long round)
{
    struct usage usage = {.heap = mallinfo2().uordblks,
                          .secrets = memory_guarded(),
                          .descriptors = (size_t)count_descriptors(),
                          .threads = (size_t)count_entries("/proc/self/task")};
    print_message("           round %lu: %zu octets of heap, %zu KiB of secret pages, %zu descriptors, %zu threads\n",
                  round, usage.heap, usage.secrets / 1024, usage.descriptors - 2, usage.threads - 2);
    return usage;
}

static char config[2048];
static struct usage before; /* the context was made */

static int begin(void **state)
{
    start(state);
    mstr_context_free(context);
    const char *aws = simulator_url(sim, "aws");
    char uri[TEXT];
    snprintf(uri, sizeof(uri), "%.*s/v2/credentials/simulator", (int)(strlen(aws) - (aws[strlen(aws) - 1] == '/')),
             aws);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "sim-container-token", 1);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    snprintf(config, sizeof(config),
             "[plugins]\npath = %s\n[provider aws-sm]\nregion = us-east-1\nendpoint = %s\n"
             "[provider aws-ssm]\nregion = us-east-1\nendpoint = %s\n",
             getenv("MSTR_PLUGINS"), aws, aws);
    before = look(0);
    context = test_context(config);
    snprintf(uri, sizeof(uri), "{\"lifetime\":%d}", KEYS_LAST);
    simulator_admin(sim, "PUT", "/knobs/aws", uri);
    return 0;
}

/* --- what a round does; each step tells whether all went as it should --- */

/* The user has a new password, and the secret says so. What is in the cache is the old one. */
static void rotate(struct worker *worker, unsigned long round)
{
    char body[TEXT];
    snprintf(worker->password, sizeof(worker->password), "turn-%lu", round);
    snprintf(body, sizeof(body), "{\"service\":\"mstr\",\"user\":\"%s\",\"password\":\"%s\"}", worker->user,
             worker->password);
    simulator_admin(sim, "POST", "/users/password", body);
    snprintf(body, sizeof(body),
             "{\"name\":\"soak/%s\",\"string\":\"{\\\"username\\\":\\\"%s\\\",\\\"password\\\":\\\"%s\\\"}\"}",
             worker->user, worker->user, worker->password);
    simulator_admin(sim, "POST", "/secrets", body);
}

static bool is_told(struct worker *worker, const char *step, unsigned long round, enum mstr_code code,
                    enum mstr_code expected, const mstr_error *error)
{
    if (code != expected && worker->failures++ == 0) {
        snprintf(worker->failure, sizeof(worker->failure), "round %lu of %s: %s: %s: %s", round, worker->user, step,
                 mstr_code_name(code), mstr_error_message(error));
    }
    return code == expected;
}

/* The password comes of the secret, or is a wrong one. */
static mstr_session *make_own(const struct worker *worker, bool wrong)
{
    char reference[64];
    mstr_session *session = make(0, MSTR_LOGIN_GUESS);
    snprintf(reference, sizeof(reference), "aws-sm:soak/%s#password", worker->user);
    give(session, MSTR_CREDENTIAL_USERNAME, worker->user);
    mstr_session_set_credential(session, MSTR_CREDENTIAL_PASSWORD,
                                wrong ? mstr_credential_literal("wrong") : mstr_credential_reference(reference));
    return session;
}

static void work_in_a_session(struct worker *worker, unsigned long round, mstr_error *error)
{
    char user[64];
    mstr_session *session = make_own(worker, false);
    mstr_response *response = NULL;
    enum mstr_code code = mstr_session_open(session, NULL, error);
    bool good = is_told(worker, "opening", round, code, MSTR_OK, error);
    for (int i = 0; good && i < 3; i++) {
        if (i == 1 && round % 3 == 0) {
            snprintf(user, sizeof(user), "{\"user\":\"%s\"}", worker->user);
            simulator_admin(sim, "POST", "/sessions/expire", user);
        }
        code = mstr_session_get(session, "projects", &response, error);
        good = is_told(worker, "a request", round, code, MSTR_OK, error);
        mstr_response_free(response);
    }
    if (good) {
        is_told(worker, "closing", round, mstr_session_close(session, error), MSTR_OK, error);
    }
    mstr_session_free(session);
}

static void fail_to_log_in(struct worker *worker, unsigned long round, mstr_error *error)
{
    mstr_session *session = make_own(worker, true);
    is_told(worker, "a wrong password", round, mstr_session_open(session, NULL, error), MSTR_E_AUTHENTICATION, error);
    mstr_session_free(session);
}

static void look_up(struct worker *worker, mstr_context *where, unsigned long round, mstr_error *error)
{
    char own[64];
    mstr_call_options options = MSTR_CALL_OPTIONS_INIT;
    snprintf(own, sizeof(own), "aws-sm:soak/%s#password", worker->user);
    mstr_lookup lookups[] = {{.reference = own, .error = error},
                             {.reference = "aws-sm:prod/mstr?version-stage=AWSPREVIOUS#password", .error = error},
                             {.reference = "aws-sm:prod/plain", .error = error},
                             {.reference = "aws-ssm:/prod/mstr/username", .error = error},
                             {.reference = "aws-ssm:hosts", .error = error},
                             {.reference = "aws-sm:no/such", .error = error}};
    options.flags = MSTR_CALL_NO_CACHE;
    mstr_context_get_many(where, lookups, COUNT_OF(lookups), sizeof(mstr_lookup), &options);
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        bool last = i == COUNT_OF(lookups) - 1;
        is_told(worker, lookups[i].reference, round, lookups[i].code, last ? MSTR_E_NOT_FOUND : MSTR_OK, error);
        if (i == 0 && lookups[i].secret != NULL) {
            bool same =
                mstr_secret_length(lookups[i].secret) == strlen(worker->password) &&
                memcmp(mstr_secret_octets(lookups[i].secret), worker->password, strlen(worker->password)) == 0;
            is_told(worker, "the new password", round, same ? MSTR_OK : MSTR_E_PROTOCOL, MSTR_OK, error);
        }
        mstr_secret_release(lookups[i].secret);
    }
}

/* Where the service stumbles once, whoever of the two meets it; with rounds between, so that nobody meets three
 * failures of one call, which is when it is given up. */
static void stumble(unsigned long round)
{
    enum { EVERY = 16 };
    static const char *const faults[EVERY] = {
        [3] = "{\"service\":\"aws\",\"target\":\"secretsmanager.*\",\"action\":\"status\",\"status\":400,"
              "\"body\":{\"__type\":\"ExpiredTokenException\"}}",
        [7] = "{\"service\":\"aws\",\"target\":\"*\",\"action\":\"status\",\"status\":500}",
        [11] = "{\"service\":\"aws\",\"target\":\"*\",\"action\":\"reset\"}",
        [15] = "{\"service\":\"aws\",\"target\":\"*\",\"action\":\"truncate\",\"bytes\":10}",
    };
    simulator_admin(sim, "DELETE", "/faults", NULL);
    if (faults[round % EVERY] != NULL) {
        simulator_fault(sim, faults[round % EVERY]);
    }
}

static void live_through(struct worker *worker, unsigned long round, bool leads, mstr_error *error)
{
    if (leads) {
        stumble(round);
        simulator_admin(sim, "DELETE", "/log", NULL);
    }
    if (round % 2 == 0) {
        rotate(worker, round);
    }
    if (round % 4 == 0) {
        mstr_context_invalidate(context, NULL);
    }
    work_in_a_session(worker, round, error);
    look_up(worker, context, round, error);
    if (round % 6 == 0) {
        fail_to_log_in(worker, round, error);
    }
    if (round % 8 == 0) {
        mstr_context *other = test_context(config);
        look_up(worker, other, round, error);
        mstr_context_free(other);
    }
}

static struct worker workers[] = {{.user = "analyst"}, {.user = "svc_etl"}};

static void *labour(void *data)
{
    struct worker *worker = data;
    mstr_error *error = mstr_error_new();
    for (unsigned long i = 0; i < worker->rounds; i++) {
        live_through(worker, worker->first + i, worker == &workers[0], error);
    }
    mstr_error_free(error);
    return NULL;
}

static struct usage live(unsigned long first, unsigned long rounds)
{
    pthread_t threads[COUNT_OF(workers)];
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        workers[i].first = first;
        workers[i].rounds = rounds;
        assert_int_equal(pthread_create(&threads[i], NULL, labour, &workers[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        pthread_join(threads[i], NULL);
        if (workers[i].failures > 0) {
            fail_msg("%lu failures, the first: %s", workers[i].failures, workers[i].failure);
        }
    }
    return look(first + rounds);
}

static void use_without_end_takes_no_more_than_use_for_a_while(void **state)
{
    const char *wanted = getenv("MSTR_SOAK_ROUNDS");
    unsigned long total = wanted != NULL ? strtoul(wanted, NULL, 10) : SHORT_RUN;
    (void)state;
    assert_in_range(total, PARTS, LONGEST_RUN);
    for (size_t i = 0; i < COUNT_OF(workers); i++) {
        rotate(&workers[i], 0);
    }
    unsigned long part = total / PARTS;
    struct usage warm = live(0, part);
    struct usage last = warm;
    for (unsigned long i = 1; i < PARTS; i++) {
        last = live(i * part, part);
    }
    assert_in_range(last.heap, 0, warm.heap + HEAP_SLACK);
    assert_in_range(last.secrets, 0, warm.secrets + SECRETS_SLACK);
    assert_in_range(last.descriptors, 0, warm.descriptors + DESCRIPTOR_SLACK);
    assert_int_equal(last.threads, warm.threads);

    mstr_context_free(context);
    context = NULL;
    last = look(total);
    assert_int_equal(last.descriptors, before.descriptors);
    assert_int_equal(last.threads, warm.threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(use_without_end_takes_no_more_than_use_for_a_while),
    };
    return cmocka_run_group_tests_name("soak", tests, begin, stop);
}
