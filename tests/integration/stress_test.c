/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads on one session while the server expires it, breaks connections, is busy and is slow: no request is
 * lost, none that must not be doubled is doubled, and each expiry costs one login. The same through an agent, and
 * while that is killed. MSTR_STRESS_REQUESTS sets how many requests there are; the target `stress` makes ten thousand
 * of them.
 */
#include "local/connection.h"

#include "support/agent_program.h"
#include "support/session.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>

/* ms for an agent's first word: 64 threads on the processors of this machine may have theirs before it. */
enum { PATIENCE = 5 * 60 * 1000 };
enum { THREADS = 64, SHORT_RUN = 640, LONGEST_RUN = 1000000, EXPIRIES = 3, TRIES = 3, UNDONE = -1 };

/* What becomes of requests at random. A connection is broken before the server acts, or worse, after. */
static const char *const faults[] = {
    "{\"action\":\"reset\",\"path\":\"*/sessions\",\"probability\":0.01,\"times\":-1}",
    "{\"action\":\"reset\",\"path\":\"*/sessions\",\"handled\":true,\"probability\":0.01,\"times\":-1}",
    "{\"action\":\"status\",\"status\":503,\"path\":\"*/sessions\",\"probability\":0.01,\"times\":-1}",
    "{\"action\":\"delay\",\"ms\":50,\"path\":\"*/api/[es]*\",\"probability\":0.02,\"times\":-1}",
    "{\"action\":\"reset\",\"path\":\"*/events/*\",\"probability\":0.02,\"times\":-1}",
    "{\"action\":\"reset\",\"path\":\"*/events/*\",\"handled\":true,\"probability\":0.02,\"times\":-1}",
    "{\"action\":\"status\",\"status\":503,\"path\":\"*/events/*\",\"probability\":0.02,\"times\":-1}",
};

struct work {
    mstr_session *session;
    size_t total;
    atomic_size_t next;
    atomic_int *codes;      /* by number of the request; UNDONE at first */
    pid_t agent;            /* that is killed in the middle; 0 = none */
    pthread_mutex_t expiry; /* of what follows */
    bool killed;            /* the agent was */
    size_t expired;         /* so many times */
    size_t settled;         /* requests before this number have ended */
    size_t latest;          /* requests from this number on began after the latest expiry */
    size_t renewed;         /* and from this one on with a session that was opened after it; SIZE_MAX = none yet */
};

/* Every fourth request is a POST. An agent answers every PUT by itself, as it keeps the session alive. */
static const char *const methods[] = {"GET", "PUT", "GET", "POST"};

static bool is_put(size_t number)
{
    return number % 4 == 1;
}

static bool is_post(size_t number)
{
    return number % 4 == 3;
}

static enum mstr_code send_one(struct work *work, size_t number)
{
    char sequence[24];
    const struct mstr_header header = {"X-Sequence", sequence};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    snprintf(sequence, sizeof(sequence), "%zu", number);
    request.method = methods[number % 4];
    request.path = is_post(number) ? "events/E000000211E943E8B5FB0080EFD5AF44/trigger" : "sessions";
    request.headers = &header;
    request.header_count = 1;
    enum mstr_code code = mstr_session_send(work->session, &request, &response, NULL);
    mstr_response_free(response);
    return code;
}

/* Notes which requests have ended, and that the session is a new one as soon as one succeeded that began after the
 * latest expiry and reached the server. Those that begin from then on have not met it. */
static void settle(struct work *work)
{
    for (; work->settled < work->total && work->codes[work->settled] != UNDONE; work->settled++) {
        if (work->renewed == SIZE_MAX && work->settled >= work->latest && !is_put(work->settled) &&
            work->codes[work->settled] == MSTR_OK) {
            work->renewed = work->next;
        }
    }
}

/* Whether so many of eight parts of the requests have begun. */
static bool has_come_to(const struct work *work, size_t number, size_t eighths)
{
    return number >= eighths * work->total / 8;
}

/* The server ends all sessions when about a quarter, a half and three quarters of the requests have begun, and the
 * agent may end before that; never before those have ended that the last such event may have hit, as a request that
 * meets two is given up. */
static void disturb_when_due(struct work *work, size_t number)
{
    pthread_mutex_lock(&work->expiry);
    settle(work);
    bool kills = work->agent != 0 && has_come_to(work, number, 1);
    bool expires = !kills && work->expired < EXPIRIES && has_come_to(work, number, 2 * (work->expired + 1));
    if ((kills || expires) && work->settled >= work->renewed) {
        if (kills) {
            siginfo_t ended;
            kill(work->agent, SIGKILL);
            waitid(P_PID, (id_t)work->agent, &ended, WEXITED | WNOWAIT); /* it may serve until then */
            work->agent = 0;
            work->killed = true;
        } else {
            work->expired++;
            simulator_admin(sim, "POST", "/sessions/expire", "{}");
        }
        work->latest = work->next;
        work->renewed = SIZE_MAX;
    }
    pthread_mutex_unlock(&work->expiry);
}

static void *labour(void *data)
{
    struct work *work = data;
    for (size_t number; (number = atomic_fetch_add(&work->next, 1)) < work->total;) {
        disturb_when_due(work, number);
        work->codes[number] = (int)send_one(work, number);
    }
    return NULL;
}

/* What the server saw of a request. */
struct sighting {
    unsigned sent;
    unsigned done; /* by a POST that it carried out */
};

static struct sighting *look_at_the_log(size_t total)
{
    struct json_object *log = simulator_log(sim, "mstr");
    struct sighting *seen = calloc(total, sizeof(*seen));
    for (size_t i = 0; i < json_object_array_length(log); i++) {
        struct json_object *entry = json_object_array_get_idx(log, i);
        const char *sequence = simulator_header(entry, "X-Sequence");
        const char *method = json_object_get_string(json_object_object_get(entry, "method"));
        if (sequence != NULL) {
            struct sighting *one = &seen[strtoul(sequence, NULL, 10)];
            one->sent++;
            one->done +=
                strcmp(method, "POST") == 0 && json_object_get_int(json_object_object_get(entry, "status")) == 204;
        }
    }
    json_object_put(log);
    return seen;
}

/* A POST was carried out once, or at most once if it failed; anything else was tried again until it went through, or
 * as often as it may be. What a dying agent broke off may have been done: of that, GETs alone are tried again. */
static void assert_outcome(const struct work *work, const struct sighting *seen)
{
    for (size_t i = 0; i < work->total; i++) {
        enum mstr_code code = (enum mstr_code)work->codes[i];
        bool passing = code == MSTR_E_NETWORK || code == MSTR_E_UNAVAILABLE;
        unsigned least = is_post(i) && code == MSTR_OK ? 1 : 0;
        unsigned most = is_post(i) ? 1 : 0;
        bool once = is_post(i) || (work->killed && is_put(i));
        bool tried = code == MSTR_OK || (passing && (once || seen[i].sent >= TRIES));
        if (!tried || seen[i].done < least || seen[i].done > most) {
            fail_msg("%s %zu: %s, sent %u times, carried out %u times", methods[i % 4], i, mstr_code_name(code),
                     seen[i].sent, seen[i].done);
        }
    }
}

static struct work make_work(mstr_session *session)
{
    const char *wanted = getenv("MSTR_STRESS_REQUESTS");
    struct work work = {.session = session, .expiry = PTHREAD_MUTEX_INITIALIZER};
    work.total = wanted != NULL ? strtoul(wanted, NULL, 10) : SHORT_RUN;
    assert_in_range(work.total, THREADS, LONGEST_RUN);
    work.codes = calloc(work.total, sizeof(*work.codes));
    for (size_t i = 0; i < work.total; i++) {
        work.codes[i] = UNDONE;
    }
    return work;
}

/* Returns how many logins there were but for one and those that expiries cost. */
static long long do_work(struct work *work)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        simulator_fault(sim, faults[i]);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, labour, work), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }

    struct sighting *seen = look_at_the_log(work->total);
    assert_outcome(work, seen);
    free(seen);
    free(work->codes);
    mstr_session_free(work->session);
    return simulator_counter(sim, "mstr", "logins") - 1 - (long long)work->expired;
}

static void nothing_is_lost_or_doubled_and_each_expiry_costs_one_login(void **state)
{
    struct work work = make_work(open_analyst(0));
    (void)state;
    assert_int_equal(do_work(&work), 0);
    assert_in_range(work.expired, 1, EXPIRIES);
}

/* A session of a profile of files, which an agent serves that has begun its own, as it does with the first request
 * that it passes on. */
static mstr_session *open_through(struct agent_program *agent, mstr_context **through)
{
    char config[512];
    mstr_session *session = NULL;
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_session_request first = MSTR_SESSION_REQUEST_INIT;
    mstr_response *response = NULL;
    first.path = "sessions";
    snprintf(config, sizeof(config),
             "[profile default]\nbase_url = %s\nusername = analyst\npassword = Simul8-analyst\n",
             simulator_url(sim, "mstr"));
    agent_program_start(agent, config);
    options.config_file = agent->config;
    options.agent = agent->socket;
    connection_patience = PATIENCE;
    assert_done(mstr_context_new(&options, through, problem));
    assert_done(mstr_session_new(*through, NULL, &session, problem));
    assert_done(mstr_session_open(session, NULL, problem));
    assert_done(mstr_session_send(session, &first, &response, problem));
    mstr_response_free(response);
    return session;
}

static void work_through_an_agent(bool kills)
{
    struct agent_program agent;
    mstr_context *through = NULL;
    if (getenv("MSTR_AGENT_PROGRAM") == NULL) {
        skip();
    }
    struct work work = make_work(open_through(&agent, &through));
    work.agent = kills ? agent.pid : 0;
    assert_int_equal(do_work(&work), kills ? 1 : 0); /* one's own, in the place of the agent's */
    assert_true(kills ? work.agent == 0 : work.expired > 0);
    mstr_context_free(through);
    agent_program_kill(&agent);
}

static void the_same_holds_through_an_agent(void **state)
{
    (void)state;
    work_through_an_agent(false);
}

static void and_while_that_is_killed(void **state)
{
    (void)state;
    work_through_an_agent(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_lost_or_doubled_and_each_expiry_costs_one_login),
        TEST(the_same_holds_through_an_agent),
        TEST(and_while_that_is_killed),
    };
    return cmocka_run_group_tests_name("stress", tests, start, stop);
}
