/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mstr-sim: what its parts promise each other. The core (main, server, admin, log, faults, knobs) receives requests,
 * applies faults and keeps the log; a service answers for one product. Every function of a service runs under the
 * lock of that service, so its state needs no lock of its own, and must not wait: it asks for a pause with
 * reply->delay_ms.
 */
#ifndef MSTR_SIM_SIM_H
#define MSTR_SIM_SIM_H

#include "base/buffer.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Names with values, in the order of appearance; names may repeat. */
struct sim_pairs {
    struct sim_pair {
        char *name;
        char *value;
    } * items;
    size_t count;
};

struct sim_request {
    uint64_t id;
    uint64_t connection; /* grows with every accepted connection */
    const struct sim_service *service;
    bool tls;
    char *peer; /* common name of the certificate that the client showed, if the authority made it; else NULL */
    bool foreign_peer; /* it showed one of somebody else, or one whose time is not now */
    char *method;
    char *target; /* path and query as they stood on the wire */
    char *path;   /* decoded */
    struct sim_pairs query;
    struct sim_pairs headers;
    struct buffer body;
};

struct sim_reply {
    int status;
    struct sim_pairs headers;
    struct buffer body;
    struct buffer verdict; /* why the request was refused, for the log */
    unsigned delay_ms;     /* pause before the answer leaves, outside the lock */
    bool chunked;          /* no Content-Length */
    bool last;             /* the program ends once this answer is out */
};

struct sim_service {
    const char *name;
    const char *root; /* what its printed URL ends in, "" for the origin alone */
    /* Takes the section of the seed that has its name, and forgets what it had; false with `why` appended. The
     * section outlives the service's use of it until the next load. */
    bool (*load)(struct json_object *section, struct buffer *why);
    void (*handle)(const struct sim_request *request, struct sim_reply *reply);
    /* POST /secrets, /sessions/expire … of the admin listener; `verb` is the path without its leading slash. NULL:
     * none. */
    void (*admin)(const char *verb, struct json_object *arguments, struct sim_reply *reply);
    /* What GET /state shows; the caller releases it. NULL: nothing. */
    struct json_object *(*state)(void);
    void (*unload)(void); /* frees everything at the end */
};

/* services.c: all of them, ended by NULL. */
extern const struct sim_service *const sim_services[];
const struct sim_service *sim_service_named(const char *name);

/* reply.c: looking at a request. Header names match in any case; NULL where there is none; the first of several. */
const char *sim_header(const struct sim_request *request, const char *name);
const char *sim_query(const struct sim_request *request, const char *name);
/* As a number, `otherwise` where it is missing or none. */
int64_t sim_query_int(const struct sim_request *request, const char *name, int64_t otherwise);
/* A cookie's value, copied into `out`; false if the request has none of that name. */
bool sim_cookie(const struct sim_request *request, const char *name, char *out, size_t size);
bool sim_is(const struct sim_request *request, const char *method);
/* True if the Content-Type is `type`, whatever its parameters. */
bool sim_has_type(const struct sim_request *request, const char *type);
/* The body as a JSON value, NULL if it is none; the caller puts it. */
struct json_object *sim_body_json(const struct sim_request *request);
/* The body as a form; release with sim_pairs_release(). */
void sim_body_form(const struct sim_request *request, struct sim_pairs *form);
/* What follows `prefix` in the path, NULL if the path begins otherwise. */
const char *sim_path_after(const struct sim_request *request, const char *prefix);

const char *sim_pairs_get(const struct sim_pairs *pairs, const char *name);
void sim_pairs_add(struct sim_pairs *pairs, const char *name, const char *value);
/* Adds name=value&… in its decoded form. */
void sim_pairs_add_form(struct sim_pairs *pairs, const char *text, size_t length);
void sim_pairs_release(struct sim_pairs *pairs);

/* reply.c: making the answer. */
void sim_reply_json(struct sim_reply *reply, int status, struct json_object *take);
void sim_reply_text(struct sim_reply *reply, int status, const char *type, const char *text);
void sim_reply_header(struct sim_reply *reply, const char *name, const char *value);
/* As the header, in place of one of that name. */
void sim_reply_set_header(struct sim_reply *reply, const char *name, const char *value);
void sim_verdict(struct sim_reply *reply, const char *format, ...) MSTR_PRINTF(2, 3);
void sim_reply_release(struct sim_reply *reply);

/* lookup.c: how many a list has, 0 for what is none; one of them; the text of an object's member, "" where it is
 * missing. */
size_t sim_length(struct json_object *list);
struct json_object *sim_at(struct json_object *list, size_t i);
const char *sim_text_of(struct json_object *object, const char *member);
/* The object of a list whose member has this text; whether a list of texts has this one; a truth value,
 * false where it is missing. */
struct json_object *sim_find(struct json_object *list, const char *member, const char *value);
bool sim_lists(struct json_object *list, const char *text);
bool sim_flag(struct json_object *object, const char *member);
/* Adding to an object; null for NULL. */
void sim_put(struct json_object *object, const char *name, const char *text);
void sim_put_int(struct json_object *object, const char *name, int64_t number);
void sim_put_bool(struct json_object *object, const char *name, bool value);

/* clock.c: virtual wall clock in ms, moved through the admin listener; pauses that end early when the program
 * ends. */
int64_t sim_now(void);
void sim_clock_advance(int64_t milliseconds);
void sim_clock_set(int64_t milliseconds);
void sim_clock_reset(void);
/* False once the program is about to end. */
bool sim_pause(int64_t milliseconds);
bool sim_ending(void);
/* Ends all pauses and wakes main(), which waits for SIGTERM. */
void sim_end(void);
/* `length` random characters of `alphabet` and a NUL. */
void sim_random_text(char *out, size_t length, const char *alphabet);
void sim_uuid(char out[37]);

/* knobs.c: switches of a service by name, from the section "knobs" of its seed or PUT /knobs/SERVICE, and counters.
 * Thread-safe. */
int64_t sim_knob_int(const char *service, const char *name, int64_t otherwise);
bool sim_knob_bool(const char *service, const char *name, bool otherwise);
/* Copies the text; `otherwise` where it is unset or no text. */
const char *sim_knob_text(const char *service, const char *name, const char *otherwise, char *out, size_t size);
void sim_knobs_put(const char *service, struct json_object *knobs);
void sim_knobs_clear(void);
void sim_count(const char *service, const char *counter);
/* All counters by service; all knobs by service. The caller puts them. */
struct json_object *sim_counters(void);
struct json_object *sim_knobs(void);
void sim_counters_clear(void);

#endif
