/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cubes that are published, events, subscriptions. What goes on is seen after so many looks as the knob "run_lag"
 * says, for "run_looks" looks, and ends as "run_ends" says: a cube's status, or a content's state; "run_shows"
 * false: nothing changes at all. With "no_status" a subscription that was never sent has none.
 */
#include "mstr.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CUBE_PROCESSING = 1, CUBE_READY = 70, STATE_GOOD = 1, STAGE_EXECUTING = 1, STAGE_FINISHED = 2 };

/* Begins a run of an object of the seed. */
static void begin(struct json_object *object)
{
    int64_t runs = 0;
    json_member_int64(object, "runs", &runs);
    if (!sim_knob_bool("mstr", "run_shows", true))
        return;
    sim_put_int(object, "runs", runs + 1);
    sim_put_bool(object, "fresh", true);
    sim_put_int(object, "lag", sim_knob_int("mstr", "run_lag", 1));
    sim_put_int(object, "looks", sim_knob_int("mstr", "run_looks", 1));
}

enum phase { BEFORE, RUNNING, AFTER };

/* In which phase of its run the object is at this look. */
static enum phase look(struct json_object *object)
{
    static const char *const members[] = {"lag", "looks"};
    for (int i = 0; i < 2; i++) {
        int64_t left = 0;
        json_member_int64(object, members[i], &left);
        if (left > 0) {
            sim_put_int(object, members[i], left - 1);
            return i == 0 ? BEFORE : RUNNING;
        }
    }
    return AFTER;
}

/* How many runs are over. */
static int64_t runs_of(struct json_object *object)
{
    int64_t runs = 0;
    int64_t lag = 0;
    int64_t looks = 0;
    json_member_int64(object, "runs", &runs);
    json_member_int64(object, "lag", &lag);
    json_member_int64(object, "looks", &looks);
    return lag + looks > 0 ? runs - 1 : runs;
}

/* What the last run that is over came to; it stays so until the next one is. */
static int64_t end_of(struct json_object *object, enum phase phase, int64_t otherwise)
{
    int64_t end = otherwise;
    json_member_int64(object, "last", &end);
    if (phase == AFTER && sim_flag(object, "fresh")) {
        end = sim_knob_int("mstr", "run_ends", otherwise);
        sim_put_int(object, "last", end);
        sim_put_bool(object, "fresh", false);
    }
    return end;
}

static struct json_object *find(struct library_call *call, const char *kind, const char *id)
{
    struct json_object *object = sim_find(library_reports_list(kind), "id", id);
    if (!object)
        library_error(call->reply, 404, 4, LIBRARY_OBJECT_MISSING, "The object is not found in the metadata.");
    return object;
}

void library_cube_publish(struct library_call *call)
{
    struct json_object *cube = find(call, "cubes", call->arguments[0]);
    if (!cube || library_refused(call, cube))
        return;
    begin(cube);
    sim_reply_text(call->reply, 202, "application/json", "{}");
}

void library_cube_status(struct library_call *call)
{
    struct json_object *cube = find(call, "cubes", call->arguments[0]);
    int64_t status = CUBE_READY;
    char text[24];
    if (!cube)
        return;
    json_member_int64(cube, "status", &status);
    enum phase phase = look(cube);
    status = end_of(cube, phase, status);
    snprintf(text, sizeof(text), "%lld", (long long)(phase == RUNNING ? status | CUBE_PROCESSING : status));
    sim_reply_header(call->reply, "X-MSTR-CubeStatus", text);
    call->reply->status = 200;
}

void library_cubes_info(struct library_call *call)
{
    const char *id = sim_query(call->request, "id");
    struct json_object *cube = find(call, "cubes", id ? id : "");
    char time[64];
    if (!cube)
        return;
    struct json_object *info = json_object_new_object();
    struct json_object *list = json_object_new_array();
    struct json_object *result = json_object_new_object();
    snprintf(time, sizeof(time), "2026-01-01 00:00:%02lld", (long long)runs_of(cube));
    sim_put(info, "cubeId", id);
    sim_put(info, "cubeName", sim_text_of(cube, "name"));
    sim_put(info, "modificationTime", time);
    json_object_array_add(list, info);
    json_object_object_add(result, "cubesInfos", list);
    sim_reply_json(call->reply, 200, result);
}

/* {KIND: [{id, name} …]} of a list of the seed, or of those whose member is `value`. */
static void answer_list(struct library_call *call, const char *kind, const char *member, const char *value)
{
    struct json_object *list = json_object_new_array();
    struct json_object *result = json_object_new_object();
    struct json_object *all = library_reports_list(kind);
    for (size_t i = 0; i < sim_length(all); i++) {
        struct json_object *object = sim_at(all, i);
        if (member && strcmp(sim_text_of(object, member), value) != 0)
            continue;
        struct json_object *item = json_object_new_object();
        sim_put(item, "id", sim_text_of(object, "id"));
        sim_put(item, "name", sim_text_of(object, "name"));
        json_object_array_add(list, item);
    }
    json_object_object_add(result, kind, list);
    sim_reply_json(call->reply, 200, result);
}

void library_events_list(struct library_call *call)
{
    answer_list(call, "events", NULL, NULL);
}

void library_subscriptions_list(struct library_call *call)
{
    answer_list(call, "subscriptions", NULL, NULL);
}

void library_subscriptions_dependent(struct library_call *call)
{
    const char *id = sim_query(call->request, "objectId");
    answer_list(call, "subscriptions", "event", id ? id : "");
}

void library_event_trigger(struct library_call *call)
{
    struct json_object *event = find(call, "events", call->arguments[0]);
    struct json_object *all = library_reports_list("subscriptions");
    if (!event)
        return;
    for (size_t i = 0; i < sim_length(all); i++)
        if (!strcmp(sim_text_of(sim_at(all, i), "event"), call->arguments[0]))
            begin(sim_at(all, i));
    sim_count("mstr", "events");
    call->reply->status = 204;
}

void library_subscription_send(struct library_call *call)
{
    struct json_object *subscription = find(call, "subscriptions", call->arguments[0]);
    if (!subscription)
        return;
    begin(subscription);
    sim_reply_text(call->reply, 202, "application/json", "{}");
}

void library_subscription_status(struct library_call *call)
{
    struct json_object *subscription = find(call, "subscriptions", call->arguments[0]);
    char time[64];
    if (!subscription)
        return;
    int64_t runs = runs_of(subscription); /* as of this look, like the state */
    enum phase phase = look(subscription);
    if (runs == 0 && phase != RUNNING && sim_knob_bool("mstr", "no_status", false)) {
        library_error(call->reply, 500, 2, 0, "No status for the subscription is found.");
        return;
    }
    int64_t state = end_of(subscription, phase, STATE_GOOD);
    struct json_object *content = json_object_new_object();
    struct json_object *list = json_object_new_array();
    struct json_object *result = json_object_new_object();
    sim_put(content, "id", "8CCDA29611E943E8B5FB0080EFD5AF44");
    sim_put_int(content, "state", state);
    sim_put_int(content, "stage", phase == RUNNING ? STAGE_EXECUTING : STAGE_FINISHED);
    snprintf(time, sizeof(time), "2026-01-01 00:00:%02lld", (long long)runs);
    sim_put(content, "lastRun", time);
    if (state != STATE_GOOD) {
        struct json_object *error = json_object_new_object();
        sim_put(error, "code", "ERR001");
        sim_put(error, "message", "The mailbox is full.");
        json_object_object_add(content, "error", error);
    }
    json_object_array_add(list, content);
    json_object_object_add(result, "contents", list);
    sim_reply_json(call->reply, 200, result);
}
