/* SPDX-License-Identifier: Apache-2.0 */
/* Values from the agent. */
#include "resolve/fetch_agent.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "plugin/fingerprint.h"
#include "resolve/agent_words.h"

#include <stdlib.h>
#include <string.h>

/* What one question may hold: as many references as an agent takes, in half of the octets that it takes. APART is how
 * long a scheme is kept from an agent whose settings are others, FORGETTING how long it may take to forget; ms. */
enum { QUESTION_COUNT = 1000, QUESTION_OCTETS = 512 * 1024, APART = 30 * 1000, FORGETTING = 5 * 1000 };
/* Of the answer to it. */
#define ANSWER_OCTETS ((size_t)256 * 1024 * 1024)

static const struct mstr_header json_headers[] = {{"Content-Type", "application/json"}, {NULL, NULL}};

/* One order: the places of the references that the agent is asked for, and of those that it is not. */
struct task {
    struct fetch_agent *agent;
    const struct fetch_order *order;
    size_t *asked;
    size_t asked_count;
    size_t *own;
    size_t own_count;
    const struct reference **references; /* of what is sent */
    char key[AGENT_KEY_MAX + 1];
    mstr_error *error;
};

static const struct reference *reference_at(const struct task *task, size_t place)
{
    return task->order->references[place];
}

static const char *scheme_at(const struct task *task, size_t place)
{
    return reference_at(task, place)->parts.scheme;
}

/* Whether a list of patterns names the scheme. */
static bool is_named(const char *patterns, const char *scheme)
{
    size_t length = strlen(scheme);
    for (const char *at = patterns; at != NULL && *at != '\0'; at += strcspn(at, " \t\n")) {
        at += strspn(at, " \t\n");
        if (strncmp(at, scheme, length) == 0 && at[length] == ':') {
            return true;
        }
    }
    return false;
}

/* A provider that cannot be found tells why when it is asked itself. */
static bool is_own(struct fetch_agent *agent, const char *scheme)
{
    struct instance *instance = NULL;
    if (registry_find(agent->registry, scheme, &instance, NULL) != MSTR_OK || instance->registered) {
        return true;
    }
    return registry_keeps_here(agent->registry, instance) && !is_named(agent->shared, scheme);
}

static bool is_apart(struct fetch_agent *agent, const char *scheme)
{
    bool apart = false;
    pthread_mutex_lock(&agent->mutex);
    if (clock_monotonic() >= agent->apart_until) {
        text_list_release(&agent->apart);
    }
    for (size_t i = 0; i < agent->apart.count && !apart; i++) {
        apart = strcmp(agent->apart.items[i], scheme) == 0;
    }
    pthread_mutex_unlock(&agent->mutex);
    return apart;
}

static void set_apart(struct fetch_agent *agent, const char *scheme)
{
    pthread_mutex_lock(&agent->mutex);
    text_list_add(&agent->apart, scheme, strlen(scheme));
    agent->apart_until = clock_monotonic() + APART;
    pthread_mutex_unlock(&agent->mutex);
}

/* Whose identity is the program's own can have it from nobody else. */
static void divide(struct task *task)
{
    struct fetch_agent *agent = task->agent;
    bool own = agent_link_use(agent->link) == AGENT_OFF || registry_services(agent->registry)->subject.give != NULL;
    for (size_t i = 0; i < task->order->count; i++) {
        const char *scheme = scheme_at(task, i);
        if (own || is_own(agent, scheme) || is_apart(agent, scheme)) {
            task->own[task->own_count++] = i;
        } else {
            task->asked[task->asked_count++] = i;
        }
    }
}

/* Takes those of a scheme, or all where it is NULL, from what is asked: they become one's own, or fail with the
 * task's error where `code` is one. */
static void take_back(struct task *task, const char *scheme, enum mstr_code code)
{
    size_t kept = 0;
    for (size_t i = 0; i < task->asked_count; i++) {
        size_t place = task->asked[i];
        if (scheme != NULL && strcmp(scheme_at(task, place), scheme) != 0) {
            task->asked[kept++] = place;
        } else if (code == MSTR_OK) {
            task->own[task->own_count++] = place;
        } else {
            task->order->each(task->order->data, place, &(struct fetched){.code = code, .error = task->error});
        }
    }
    task->asked_count = kept;
}

/* True where there is something to be sent. */
static bool obey(struct task *task, enum agent_verdict verdict)
{
    if (verdict != AGENT_ANSWERED) {
        take_back(task, NULL, verdict == AGENT_ALONE ? MSTR_OK : mstr_error_code(task->error));
    }
    return verdict == AGENT_ANSWERED;
}

/* Appends "SCHEME":{…} for each scheme among the first `count` that are asked. One whose fingerprint cannot be made
 * is one's own: its provider tells why. False where that was so, and the question is another. */
static bool put_fingerprints(struct task *task, size_t count, struct buffer *json)
{
    struct text_list schemes = TEXT_LIST_INIT;
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        const char *scheme = scheme_at(task, task->asked[i]);
        size_t before = schemes.count;
        text_list_add(&schemes, scheme, strlen(scheme));
        if (schemes.count > before) {
            buffer_printf(json, "%s\"%s\":", before > 0 ? "," : "", scheme);
            good = fingerprint_of_scheme(task->agent->registry, scheme, task->key, json, NULL) == MSTR_OK;
        }
        good = good && !schemes.failed; /* nothing is asked for without one */
        if (!good) {
            take_back(task, scheme, MSTR_OK);
        }
    }
    text_list_release(&schemes);
    return good;
}

/* How many of the references fit into one question. */
static size_t fitting(const struct task *task)
{
    size_t octets = 0;
    size_t count = 0;
    while (count < task->asked_count && count < QUESTION_COUNT && octets < QUESTION_OCTETS) {
        octets += strlen(reference_at(task, task->asked[count++])->key);
    }
    return count;
}

/* The question for the first `count`. False where it is another, or without memory. */
static bool compose(struct task *task, size_t count, struct buffer *body)
{
    struct buffer fingerprints = BUFFER_INIT;
    bool good = put_fingerprints(task, count, &fingerprints);
    for (size_t i = 0; good && i < count; i++) {
        task->references[i] = reference_at(task, task->asked[i]);
    }
    if (good) {
        agent_words_ask(task->references, count, task->order->refresh, buffer_text(&fingerprints), body);
        if (body->failed || fingerprints.failed) {
            error_set(task->error, MSTR_E_MEMORY, "out of memory");
            take_back(task, NULL, MSTR_E_MEMORY);
            good = false;
        }
    }
    buffer_release(&fingerprints);
    return good;
}

/* The outcomes of the first `count`; what needs a person is one's own. */
static void hand_out(struct task *task, struct json_object *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct json_object *outcome = json_object_array_get_idx(outcomes, i);
        if (agent_words_needs_person(outcome)) {
            task->own[task->own_count++] = task->asked[i];
            continue;
        }
        struct fetched fetched;
        mstr_error *error = mstr_error_new();
        agent_words_outcome(outcome, &fetched, error);
        task->order->each(task->order->data, task->asked[i], &fetched);
        mstr_secret_release(fetched.secret);
        mstr_error_free(error);
    }
    task->asked_count -= count;
    memmove(task->asked, task->asked + count, task->asked_count * sizeof(*task->asked));
}

static void on_outcomes(struct task *task, const struct local_answer *answer, size_t count)
{
    struct json_object *tree = NULL;
    struct json_object *outcomes = NULL;
    enum mstr_code code = agent_words_read(buffer_text(&answer->body), answer->body.length, count, &tree, &outcomes);
    if (code == MSTR_OK) {
        hand_out(task, outcomes, count);
    } else if (code == MSTR_E_MEMORY) {
        error_set(task->error, code, "out of memory");
        take_back(task, NULL, code);
    } else {
        error_set(task->error, MSTR_E_PROTOCOL, "the agent's answer is not one to the question");
        obey(task, agent_link_give_up(task->agent->link, task->error));
    }
    json_release(tree);
}

/* Its settings are others. They may seem so because it was started anew, and makes its fingerprints otherwise. */
static void on_difference(struct task *task, const struct local_answer *answer)
{
    char before[AGENT_KEY_MAX + 1];
    struct buffer scheme = BUFFER_INIT;
    struct buffer setting = BUFFER_INIT;
    struct agent_link *link = task->agent->link;
    strcpy(before, task->key);
    bool told = agent_words_difference(buffer_text(&answer->body), answer->body.length, &scheme, &setting);
    if (obey(task, agent_link_greet(link, true, task->order->limits, task->key, task->error)) &&
        strcmp(before, task->key) == 0) {
        const char *name = told ? buffer_text(&scheme) : NULL;
        agent_words_tell_difference(told ? name : "this", told ? buffer_text(&setting) : "something", task->error);
        if (agent_link_use(link) == AGENT_REQUIRE) {
            take_back(task, name, MSTR_E_CONFIG);
        } else {
            agent_link_warn(link, buffer_text(&scheme), mstr_error_message(task->error));
            set_apart(task->agent, buffer_text(&scheme));
            take_back(task, name, MSTR_OK);
        }
    }
    buffer_release(&scheme);
    buffer_release(&setting);
}

/* One question; there is less to ask after it, or the agent is another one. */
static void ask(struct task *task)
{
    struct buffer body = BUFFER_INIT;
    struct local_answer answer;
    size_t count = fitting(task);
    if (compose(task, count, &body)) {
        const struct local_request request = {.method = "POST",
                                              .target = "/v1/resolve",
                                              .headers = json_headers,
                                              .body = buffer_text(&body),
                                              .length = body.length,
                                              .again = true,
                                              .answer_limit = ANSWER_OCTETS};
        bool answered =
            obey(task, agent_link_send(task->agent->link, &request, task->order->limits, &answer, task->error));
        if (answered && answer.status == 200) {
            on_outcomes(task, &answer, count);
        } else if (answered && answer.status == 409) {
            on_difference(task, &answer);
        } else if (answered) {
            take_back(task, NULL,
                      agent_words_refusal(answer.status, buffer_text(&answer.body), answer.body.length, task->error));
        }
        local_answer_release(&answer);
    }
    buffer_release(&body);
}

/* A question whose agent is started anew each time it is asked comes to an end, too. */
static void ask_all(struct task *task)
{
    enum { QUESTIONS_MOST = 1000 };
    struct agent_link *link = task->agent->link;
    for (int i = 0; i < QUESTIONS_MOST && task->asked_count > 0; i++) {
        if (obey(task, agent_link_greet(link, false, task->order->limits, task->key, task->error))) {
            ask(task);
        }
    }
    take_back(task, NULL, MSTR_OK);
}

/* Tells an outcome of one's own order for the whole one. */
static void tell_own(void *data, size_t index, const struct fetched *fetched)
{
    const struct task *task = data;
    task->order->each(task->order->data, task->own[index], fetched);
}

static void run_own(struct task *task)
{
    struct fetch_order order = *task->order;
    for (size_t i = 0; i < task->own_count; i++) {
        task->references[i] = reference_at(task, task->own[i]);
    }
    order.references = task->references;
    order.count = task->own_count;
    order.each = tell_own;
    order.data = task;
    if (order.count > 0) {
        task->agent->own->run(task->agent->own, &order);
    }
}

static void run(struct fetch *fetch, const struct fetch_order *order)
{
    struct task task = {.agent = (struct fetch_agent *)(void *)fetch, .order = order, .error = mstr_error_new()};
    task.asked = calloc(order->count, sizeof(*task.asked));
    task.own = calloc(order->count, sizeof(*task.own));
    task.references = calloc(order->count, sizeof(const struct reference *));
    if (task.asked != NULL && task.own != NULL && task.references != NULL) {
        divide(&task);
        ask_all(&task);
        run_own(&task);
    } else {
        for (size_t i = 0; i < order->count; i++) {
            order->each(order->data, i, &(struct fetched){.code = MSTR_E_MEMORY}); /* without memory for an error */
        }
    }
    free(task.references);
    free(task.own);
    free(task.asked);
    mstr_error_free(task.error);
}

void fetch_agent_forget(struct fetch_agent *agent, const struct reference *reference)
{
    const struct limits limits = {clock_monotonic() + FORGETTING, NULL};
    struct buffer body = BUFFER_INIT;
    struct local_answer answer;
    agent_words_ask(&reference, 1, false, "", &body);
    if (agent_link_is_known(agent->link) && !is_own(agent, reference->parts.scheme) && !body.failed) {
        const struct local_request request = {.method = "POST",
                                              .target = "/v1/invalidate",
                                              .headers = json_headers,
                                              .body = buffer_text(&body),
                                              .length = body.length,
                                              .again = true};
        agent_link_send(agent->link, &request, &limits, &answer, NULL);
        local_answer_release(&answer);
    }
    buffer_release(&body);
}

/* What a question about no reference at all comes to. */
static void tell_answer(const struct local_answer *answer, const char *scheme, struct buffer *text)
{
    struct buffer other = BUFFER_INIT;
    struct buffer setting = BUFFER_INIT;
    if (answer->status == 200) {
        buffer_printf(text, "answers, with the same settings for %s:", scheme);
    } else if (answer->status == 409 &&
               agent_words_difference(buffer_text(&answer->body), answer->body.length, &other, &setting)) {
        agent_words_put_difference(text, scheme, buffer_text(&setting));
        buffer_puts(text, "; it is not asked");
    } else {
        buffer_printf(text, "answers %d", answer->status);
    }
    buffer_release(&other);
    buffer_release(&setting);
}

static enum agent_verdict probe(struct fetch_agent *agent, const char *scheme, const struct limits *limits,
                                struct buffer *text, mstr_error *error)
{
    char key[AGENT_KEY_MAX + 1];
    struct buffer body = BUFFER_INIT;
    struct buffer fingerprint = BUFFER_INIT;
    struct local_answer answer;
    enum agent_verdict verdict = agent_link_greet(agent->link, true, limits, key, error);
    buffer_printf(&fingerprint, "\"%s\":", scheme);
    if (verdict == AGENT_ANSWERED &&
        fingerprint_of_scheme(agent->registry, scheme, key, &fingerprint, error) == MSTR_OK) {
        agent_words_ask(NULL, 0, false, buffer_text(&fingerprint), &body);
        const struct local_request request = {.method = "POST",
                                              .target = "/v1/resolve",
                                              .headers = json_headers,
                                              .body = buffer_text(&body),
                                              .length = body.length,
                                              .again = true};
        verdict = agent_link_send(agent->link, &request, limits, &answer, error);
        if (verdict == AGENT_ANSWERED) {
            tell_answer(&answer, scheme, text);
        }
        local_answer_release(&answer);
    }
    buffer_release(&fingerprint);
    buffer_release(&body);
    return verdict;
}

void fetch_agent_tell(struct fetch_agent *agent, const char *scheme, const struct limits *limits, struct buffer *text)
{
    mstr_error *error = mstr_error_new();
    if (!is_own(agent, scheme)) {
        enum agent_verdict verdict = probe(agent, scheme, limits, text, error);
        if (verdict != AGENT_ANSWERED && mstr_error_code(error) != MSTR_OK) {
            buffer_printf(text, "%s%s", verdict == AGENT_ALONE ? "is not asked: " : "", mstr_error_message(error));
        }
    }
    mstr_error_free(error);
}

bool fetch_agent_init(struct fetch_agent *agent, struct agent_link *link, struct fetch *own,
                      struct registry *registry, const char *shared)
{
    *agent = (struct fetch_agent){
        .fetch = {run}, .link = link, .own = own, .registry = registry, .shared = shared, .apart = TEXT_LIST_INIT};
    return pthread_mutex_init(&agent->mutex, NULL) == 0;
}

void fetch_agent_release(struct fetch_agent *agent)
{
    text_list_release(&agent->apart);
    pthread_mutex_destroy(&agent->mutex);
}
