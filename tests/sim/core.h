/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mstr-sim: what only its core needs of itself: listeners, faults, log, seed, certificates, admin.
 */
#ifndef MSTR_SIM_CORE_H
#define MSTR_SIM_CORE_H

#include "sim.h"

struct MHD_Connection;

/* certificate.c: a new authority, written to DIR/ca.pem, and a server certificate of it, as PEM texts. */
struct sim_certificates {
    char *authority;
    char *certificate;
    char *key;
};
bool sim_certificates_make(const char *directory, struct sim_certificates *made);
void sim_certificates_release(struct sim_certificates *made);
/* Forgets the authority, which until then makes certificates for clients. */
void sim_authority_release(void);
/* The certificate of a client of this name, and its key. False without an authority. Thread-safe. */
bool sim_certificate_for_client(const char *name, struct sim_certificates *made);

/* issuer.c: forgets the key of tokens. */
void sim_issuer_release(void);

/* peer.c: whom a client in TLS has shown a certificate of. */
void sim_peer_read(struct MHD_Connection *connection, struct sim_request *request);

/* server.c: a loopback listener that hands requests to a service, or to the admin functions where that is NULL. */
struct sim_listener;
/* port 0: chosen by the system. NULL for `tls`: plain http. NULL with a message on stderr on failure. */
struct sim_listener *sim_listener_start(const struct sim_service *service, unsigned port,
                                        const struct sim_certificates *tls);
unsigned sim_listener_port(const struct sim_listener *listener);
void sim_listener_stop(struct sim_listener *listener);
/* Calls a function of a service under its lock. */
void sim_service_lock(const struct sim_service *service);
void sim_service_unlock(const struct sim_service *service);

/* faults.c: what is to go wrong with the next requests. Thread-safe. */
enum sim_fault_kind {
    SIM_FAULT_NONE,
    SIM_FAULT_DELAY,
    SIM_FAULT_STATUS,
    SIM_FAULT_HTML,
    SIM_FAULT_RESET,
    SIM_FAULT_TRUNCATE,
    SIM_FAULT_GARBAGE,
    SIM_FAULT_DRIP,
    SIM_FAULT_HANG,
    SIM_FAULT_WRONG_LENGTH,
    SIM_FAULT_ENDLESS_HEADERS,
    SIM_FAULT_OVERSIZE,
    SIM_FAULT_CLOSE
};
struct sim_fault {
    enum sim_fault_kind kind;
    bool handled; /* the service handles the request first, so its effect takes place */
    int64_t amount;
    struct json_object *rule; /* owned reference to the whole rule; NULL if there is none */
};
/* Appends the reason and returns false if the rule cannot be read. */
bool sim_fault_add(struct json_object *rule, struct buffer *why);
void sim_faults_clear(void);
/* The fault for this request, used up by one; release with sim_fault_release(). */
struct sim_fault sim_fault_for(const struct sim_request *request);
void sim_fault_release(struct sim_fault *fault);
/* The name of a kind, as in a rule. */
const char *sim_fault_name(enum sim_fault_kind kind);
struct json_object *sim_faults(void);
/* Turns the reply into what a rule with the action "status", "html" or "oversize" says. */
void sim_fault_rewrite(const struct sim_fault *fault, const struct sim_request *request, struct sim_reply *reply);

/* echo.c: an answer that repeats what was sent. In place of each {sent} in the text stands what the request carries
 * under `names`: values of headers, fields of its query and form, members of its JSON. `json` says how the text is
 * written: in JSON, or in XML. */
void sim_echo(const struct sim_request *request, struct json_object *names, bool json, struct buffer *text);

/* raw.c: bytes past libmicrohttpd. Returns false always: the connection is to be closed. */
void sim_raw_reset(struct MHD_Connection *connection);
void sim_raw_garbage(struct MHD_Connection *connection);
void sim_raw_endless_headers(struct MHD_Connection *connection);
/* The reply with a Content-Length that is off by `difference`. */
void sim_raw_wrong_length(struct MHD_Connection *connection, const struct sim_reply *reply, int64_t difference);
/* Until the client goes away or the program ends. */
void sim_raw_hang(struct MHD_Connection *connection);

/* log.c: every request with its answer. Thread-safe. */
bool sim_log_open(const char *file);
void sim_log_close(void);
void sim_log_add(const struct sim_request *request, const struct sim_reply *reply, const struct sim_fault *fault);
/* Appends a JSON array of the requests to one service, or to all for NULL. */
void sim_log_dump(const char *service, struct buffer *out);
void sim_log_clear(const char *service);

/* seed.c: the built-in seed or a file, given to the services. */
bool sim_seed_load(const char *file, struct buffer *why);
bool sim_seed_apply(void);
void sim_seed_release(void);

/* demo.c: what --demo prints. The folder for its files, which is the given one or one of its own; NULL with a message
 * on stderr. */
const char *sim_demo_folder(const char *given);
/* Writes the files and turns the lines of the start into the script. */
bool sim_demo_make(struct buffer *ready);
/* Removes a folder of its own. */
void sim_demo_end(void);

/* texts.c, made of seed.json and of the files in demo/. */
extern const char sim_seed_default[];
extern const size_t sim_seed_default_length;
extern const char sim_demo_script[];
extern const char sim_demo_config[];
extern const char sim_demo_kubeconfig[];
extern const char sim_demo_google[];

/* admin.c */
void sim_admin(const struct sim_request *request, struct sim_reply *reply);

#endif
