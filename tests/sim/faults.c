/* SPDX-License-Identifier: Apache-2.0 */
/* Fault rules: which requests they match, how often, and what they say. */
#include "core.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 256 };

/* A rule's actions; `amount` names the number that belongs to it. */
static const struct {
    enum sim_fault_kind kind;
    const char *name;
    const char *amount;
    int64_t otherwise;
} actions[] = {
    {SIM_FAULT_DELAY, "delay", "ms", 100},
    {SIM_FAULT_STATUS, "status", "status", 500},
    {SIM_FAULT_HTML, "html", "status", 503},
    {SIM_FAULT_RESET, "reset", NULL, 0},
    {SIM_FAULT_TRUNCATE, "truncate", "bytes", 0},
    {SIM_FAULT_GARBAGE, "garbage", NULL, 0},
    {SIM_FAULT_DRIP, "drip", "bytes_per_second", 10},
    {SIM_FAULT_HANG, "hang", NULL, 0},
    {SIM_FAULT_WRONG_LENGTH, "wrong_length", "difference", 7},
    {SIM_FAULT_ENDLESS_HEADERS, "endless_headers", NULL, 0},
    {SIM_FAULT_OVERSIZE, "oversize", "bytes", 64 << 20},
    {SIM_FAULT_CLOSE, "close-idle", NULL, 0},
};

struct rule {
    struct json_object *text;
    size_t action;
    int64_t after; /* matching requests that pass first */
    int64_t times; /* then so many are hit; -1: all */
    double probability;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES_MAX];
static size_t rule_count;

static bool find_action(const char *name, size_t *action)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (name && !strcmp(actions[i].name, name)) {
            *action = i;
            return true;
        }
    }
    return false;
}

const char *sim_fault_name(enum sim_fault_kind kind)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (actions[i].kind == kind)
            return actions[i].name;
    return NULL;
}

/* Names that a rule may have, so that a misspelt one does not pass for a rule without it. */
static bool known_member(const char *name)
{
    static const char *const names[] = {"service", "method",           "path",  "target",     "after",
                                        "times",   "action",           "ms",    "status",     "headers",
                                        "body",    "body_base64",      "bytes", "difference", "probability",
                                        "handled", "bytes_per_second", "sent"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

bool sim_fault_add(struct json_object *text, struct buffer *why)
{
    struct rule rule = {.times = 1, .probability = 1};
    if (!json_object_is_type(text, json_type_object) ||
        !find_action(json_member_text(text, "action"), &rule.action)) {
        buffer_puts(why, "a fault is an object with a known action");
        return false;
    }
    json_object_object_foreach(text, name, value)
    {
        (void)value;
        if (!known_member(name)) {
            buffer_printf(why, "a fault has no member %s", name);
            return false;
        }
    }
    json_member_int64(text, "after", &rule.after);
    json_member_int64(text, "times", &rule.times);
    struct json_object *probability = json_member(text, "probability");
    if (probability)
        rule.probability = json_object_get_double(probability);

    pthread_mutex_lock(&mutex);
    bool room = rule_count < RULES_MAX;
    if (room) {
        json_object_deep_copy(text, &rule.text, NULL);
        rules[rule_count++] = rule;
    } else {
        buffer_puts(why, "there are too many faults");
    }
    pthread_mutex_unlock(&mutex);
    return room;
}

void sim_faults_clear(void)
{
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < rule_count; i++)
        json_object_put(rules[i].text);
    rule_count = 0;
    pthread_mutex_unlock(&mutex);
}

struct json_object *sim_faults(void)
{
    struct json_object *list = json_object_new_array();
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < rule_count; i++) {
        struct json_object *item = NULL;
        json_object_deep_copy(rules[i].text, &item, NULL);
        json_object_object_add(item, "times", json_object_new_int64(rules[i].times));
        json_object_object_add(item, "after", json_object_new_int64(rules[i].after));
        json_object_array_add(list, item);
    }
    pthread_mutex_unlock(&mutex);
    return list;
}

static bool matches(const struct rule *rule, const struct sim_request *request)
{
    const char *service = json_member_text(rule->text, "service");
    const char *method = json_member_text(rule->text, "method");
    const char *path = json_member_text(rule->text, "path");
    const char *target = json_member_text(rule->text, "target");
    const char *sent = sim_header(request, "X-Amz-Target");
    return (!service || !strcmp(service, request->service->name)) && (!method || sim_is(request, method)) &&
           (!path || !fnmatch(path, request->path, 0)) && (!target || (sent && !fnmatch(target, sent, 0)));
}

/* True if the rule hits; counts down. */
static bool strikes(struct rule *rule, const struct sim_request *request)
{
    if (rule->times == 0 || !matches(rule, request))
        return false;
    if (rule->after > 0) {
        rule->after--;
        return false;
    }
    if (rule->probability < 1 && (double)random() / (double)RAND_MAX >= rule->probability)
        return false;
    if (rule->times > 0)
        rule->times--;
    return true;
}

struct sim_fault sim_fault_for(const struct sim_request *request)
{
    struct sim_fault fault = {0};
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < rule_count; i++) {
        if (!strikes(&rules[i], request))
            continue;
        size_t action = rules[i].action;
        json_object_deep_copy(rules[i].text, &fault.rule, NULL);
        fault.kind = actions[action].kind;
        fault.amount = actions[action].otherwise;
        if (actions[action].amount)
            json_member_int64(fault.rule, actions[action].amount, &fault.amount);
        json_member_bool(fault.rule, "handled", &fault.handled);
        break;
    }
    pthread_mutex_unlock(&mutex);
    return fault;
}

void sim_fault_release(struct sim_fault *fault)
{
    json_object_put(fault->rule);
    *fault = (struct sim_fault){0};
}

static void set_body(const struct sim_request *request, struct json_object *rule, struct sim_reply *reply)
{
    struct json_object *body = json_member(rule, "body");
    struct json_object *sent = json_member(rule, "sent");
    const char *encoded = json_member_text(rule, "body_base64");
    buffer_clear(&reply->body);
    if (encoded)
        base64_decode(&reply->body, encoded, strlen(encoded));
    else if (json_object_is_type(body, json_type_string))
        buffer_append(&reply->body, json_object_get_string(body), (size_t)json_object_get_string_len(body));
    else if (body)
        buffer_puts(&reply->body, json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN));
    if (sent)
        sim_echo(request, sent, !json_object_is_type(body, json_type_string), &reply->body);
    if (body && !json_object_is_type(body, json_type_string))
        sim_reply_header(reply, "Content-Type", "application/json");
}

void sim_fault_rewrite(const struct sim_fault *fault, const struct sim_request *request, struct sim_reply *reply)
{
    if (fault->kind == SIM_FAULT_OVERSIZE)
        reply->status = 200;
    if (fault->kind != SIM_FAULT_STATUS && fault->kind != SIM_FAULT_HTML)
        return;
    sim_pairs_release(&reply->headers);
    reply->status = (int)fault->amount;
    if (fault->kind == SIM_FAULT_HTML)
        sim_reply_text(reply, reply->status, "text/html;charset=utf-8",
                       "<html><head><title>Service</title></head><body><h1>Try again later</h1></body></html>\n");
    else
        set_body(request, fault->rule, reply);
    struct json_object *headers = json_member(fault->rule, "headers");
    if (json_object_is_type(headers, json_type_object)) {
        json_object_object_foreach(headers, name, value)
        {
            sim_reply_set_header(reply, name, json_object_get_string(value));
        }
    }
}
