/* SPDX-License-Identifier: Apache-2.0 */
/* The admin listener: log, faults, clock, knobs, counters, state, and what it hands on to the services. */
#include "core.h"
#include "jwt.h"

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <string.h>

static void refuse(struct sim_reply *reply, int status, const char *why)
{
    struct json_object *error = json_object_new_object();
    json_object_object_add(error, "error", json_object_new_string(why));
    sim_reply_json(reply, status, error);
}

static void show_log(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)body;
    reply->status = 200;
    sim_reply_header(reply, "Content-Type", "application/json");
    sim_log_dump(sim_query(request, "service"), &reply->body);
}

static void clear_log(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)body;
    sim_log_clear(sim_query(request, "service"));
    reply->status = 204;
}

static void show_faults(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    (void)body;
    sim_reply_json(reply, 200, sim_faults());
}

static void add_fault(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    struct buffer why = BUFFER_INIT;
    reply->status = 204;
    if (!sim_fault_add(body, &why))
        refuse(reply, 400, buffer_text(&why));
    buffer_release(&why);
}

static void clear_faults(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    (void)body;
    sim_faults_clear();
    reply->status = 204;
}

static void show_clock(struct sim_reply *reply)
{
    char text[21];
    timestamp_format_rfc3339(sim_now(), text);
    struct json_object *clock = json_object_new_object();
    json_object_object_add(clock, "now_ms", json_object_new_int64(sim_now()));
    json_object_object_add(clock, "now", json_object_new_string(text));
    sim_reply_json(reply, 200, clock);
}

static void get_clock(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    (void)body;
    show_clock(reply);
}

static void move_clock(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    int64_t milliseconds = 0;
    const char *now = json_member_text(body, "now");
    if (now && timestamp_parse_rfc3339(now, &milliseconds)) {
        sim_clock_set(milliseconds);
    } else if (!now && json_member_int64(body, "advance_ms", &milliseconds)) {
        sim_clock_advance(milliseconds);
    } else {
        refuse(reply, 400, "the clock takes advance_ms or now");
        return;
    }
    show_clock(reply);
}

static void show_counters(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    (void)body;
    sim_reply_json(reply, 200, sim_counters());
}

static void clear_counters(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    (void)body;
    sim_counters_clear();
    reply->status = 204;
}

static void show_state(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    (void)body;
    struct json_object *state = sim_knobs();
    struct json_object *all = json_object_new_object();
    json_object_object_add(all, "knobs", state);
    for (size_t i = 0; sim_services[i]; i++) {
        const struct sim_service *service = sim_services[i];
        if (!service->state)
            continue;
        sim_service_lock(service);
        json_object_object_add(all, service->name, service->state());
        sim_service_unlock(service);
    }
    sim_reply_json(reply, 200, all);
}

static void reset(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    (void)body;
    sim_faults_clear();
    sim_log_clear(NULL);
    sim_counters_clear();
    sim_clock_reset();
    reply->status = sim_seed_apply() ? 204 : 500;
}

/* A token of the simulator's own issuer, as Kubernetes projects one, whose claims stand in the body. */
static void issue_token(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    struct buffer token = BUFFER_INIT;
    const char *claims = json_object_to_json_string_ext(json_member(body, "claims"), JSON_C_TO_STRING_PLAIN);
    if (sim_jwt_issue(claims, &token))
        sim_reply_text(reply, 200, "application/jwt", buffer_text(&token));
    buffer_release(&token);
}

static void make_client_certificate(const struct sim_request *request, struct json_object *body,
                                    struct sim_reply *reply)
{
    (void)request;
    const char *name = json_member_text(body, "name");
    struct sim_certificates made = {0};
    if (name && sim_certificate_for_client(name, &made)) {
        struct json_object *answer = json_object_new_object();
        sim_put(answer, "certificate", made.certificate);
        sim_put(answer, "key", made.key);
        sim_reply_json(reply, 200, answer);
    } else {
        refuse(reply, 400, "a client certificate takes a name, and --tls");
    }
    sim_certificates_release(&made);
}

static void shut_down(const struct sim_request *request, struct json_object *body, struct sim_reply *reply)
{
    (void)request;
    (void)body;
    reply->status = 204;
    reply->last = true;
}

static void put_knobs(const char *service, struct json_object *body, struct sim_reply *reply)
{
    if (!sim_service_named(service) || !json_object_is_type(body, json_type_object)) {
        refuse(reply, 400, "knobs are an object for a known service");
        return;
    }
    sim_knobs_put(service, body);
    reply->status = 204;
}

/* {"service": …} names who is meant; MicroStrategy owns the sessions, AWS is the commonest store. */
static void hand_on(const char *verb, struct json_object *body, struct sim_reply *reply)
{
    const char *name = json_member_text(body, "service");
    if (!name)
        name = text_starts_with(verb, "sessions") ? "mstr" : "aws";
    const struct sim_service *service = sim_service_named(name);
    if (!service || !service->admin) {
        refuse(reply, 400, "no such service");
        return;
    }
    reply->status = 404;
    sim_service_lock(service);
    service->admin(verb, body, reply);
    sim_service_unlock(service);
    if (reply->status == 404 && reply->body.length == 0)
        refuse(reply, 404, "the service does not know this");
}

static const struct {
    const char *method;
    const char *path;
    void (*run)(const struct sim_request *request, struct json_object *body, struct sim_reply *reply);
} routes[] = {
    {"GET", "/log", show_log},
    {"DELETE", "/log", clear_log},
    {"GET", "/faults", show_faults},
    {"POST", "/faults", add_fault},
    {"DELETE", "/faults", clear_faults},
    {"GET", "/clock", get_clock},
    {"POST", "/clock", move_clock},
    {"GET", "/counters", show_counters},
    {"GET", "/state", show_state},
    {"DELETE", "/counters", clear_counters},
    {"POST", "/reset", reset},
    {"POST", "/shutdown", shut_down},
    {"POST", "/client-certificates", make_client_certificate},
    {"POST", "/federated-tokens", issue_token},
};

void sim_admin(const struct sim_request *request, struct sim_reply *reply)
{
    struct json_object *body = request->body.length ? sim_body_json(request) : NULL;
    const char *knobs = sim_path_after(request, "/knobs/");
    reply->status = 0;
    if (request->body.length && !body)
        refuse(reply, 400, "the body is no JSON");
    else if (knobs && sim_is(request, "PUT"))
        put_knobs(knobs, body, reply);
    for (size_t i = 0; reply->status == 0 && i < sizeof(routes) / sizeof(routes[0]); i++)
        if (sim_is(request, routes[i].method) && !strcmp(request->path, routes[i].path))
            routes[i].run(request, body, reply);
    if (reply->status == 0 && sim_is(request, "POST"))
        hand_on(request->path + 1, body, reply);
    if (reply->status == 0)
        refuse(reply, 404, "no such admin call");
    json_object_put(body);
}
