/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator in the hands of a test program: starts mstr-sim, finds its URLs, reads its log, asks for faults.
 * Every function fails the running test when the simulator does not do as it is told. The simulator ends with the
 * test program, however that ends.
 */
#ifndef MSTR_TESTS_SUPPORT_SIMULATOR_H
#define MSTR_TESTS_SUPPORT_SIMULATOR_H

#include <json-c/json.h>
#include <stdbool.h>

struct simulator;

enum { SIMULATOR_TLS = 1 /* https twins: aws-tls …, and "ca" */ };

/* `seed` is a path, NULL for the built-in one. */
struct simulator *simulator_start(const char *seed, unsigned flags);
/* Ends it and checks that it ended well, with nothing found by a sanitizer; NULL is accepted. */
void simulator_stop(struct simulator *sim);

/* What mstr-sim printed for a name: the URL of mstr, aws, azure, gcp, admin or one with -tls, the path of ca, and the
 * "directory" where it and a test may put files. */
const char *simulator_url(const struct simulator *sim, const char *name);

/* Anything on the admin listener: the body of the answer for free(), the status in *status if that is not NULL. */
char *simulator_call(struct simulator *sim, const char *method, const char *path, const char *body, int *status);
/* The same, where anything but 2xx fails the test. */
void simulator_admin(struct simulator *sim, const char *method, const char *path, const char *body);
/* {"action": …}, see mstr-sim(1). */
void simulator_fault(struct simulator *sim, const char *rule);
void simulator_advance(struct simulator *sim, long long milliseconds);
/* Faults, log, counters, knobs, clock and state as at the start. */
void simulator_reset(struct simulator *sim);
/* The requests of a service (NULL: all) as a JSON array; the caller puts it. */
struct json_object *simulator_log(struct simulator *sim, const char *service);
/* How many requests of a service the log holds whose path matches the glob pattern; NULL matches all. */
size_t simulator_requests(struct simulator *sim, const char *service, const char *path);
/* A counter of a service (requests, connections, logins, failed_logins, logouts …). */
long long simulator_counter(struct simulator *sim, const char *service, const char *name);
/* The last entry of the log whose path ends in `path`; it lives as long as the log. */
struct json_object *simulator_entry(struct json_object *log, const char *path);
/* The value of a header in an entry of the log, NULL if the request had none. */
const char *simulator_header(struct json_object *entry, const char *name);

#endif
