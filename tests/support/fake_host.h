/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host for unit tests of plugins: its clock stands still until it is told otherwise, its network is a table of
 * answers, its environment and options are what the test says, and it remembers requests, log lines, sleeps and
 * report steps. Secret memory and errors are the library's own. Services may be called from many threads; the
 * functions here belong to the test's own thread.
 */
#ifndef MSTR_TESTS_SUPPORT_FAKE_HOST_H
#define MSTR_TESTS_SUPPORT_FAKE_HOST_H

#include <mstr/provider.h>
#include <stdbool.h>

/* The wall clock at the start: 2026-01-15T12:00:00Z. Monotonic time starts at one hour. */
#define FAKE_HOST_START INT64_C(1768478400000)

/* Fixtures of CMocka: a blank host that `host` points to; and its end, which fails the test when an answer that was
 * to be given once is left over. */
int fake_host_setup(void **state);
int fake_host_teardown(void **state);
/* Forgets everything, as at the start. */
void fake_host_reset(void);
/* The table, for mstr_provider_entry(). */
const struct mstr_host *fake_host_table(void);

/* NULL unsets. */
void fake_host_env(const char *name, const char *value);
void fake_host_option(const char *name, const char *value);
void fake_host_set_now(int64_t milliseconds);
/* Both clocks go on. */
void fake_host_advance(int64_t milliseconds);
int64_t fake_host_slept(void); /* all sleeps together, ms; sleeping moves the clocks */

/* The one instance, called "test". */
const struct mstr_instance *fake_host_instance(const char *service);
/* The one call; it has 30 s from the last reset on, or from the last fake_host_deadline(). */
const struct mstr_call *fake_host_call(void);
void fake_host_deadline(int64_t milliseconds);
void fake_host_cancel(void);

/* The next request whose method is `method` (NULL = any) and whose URL fits the shell pattern `url` gets this answer,
 * once; equal patterns serve in the order given. `headers` are "Name: value" lines, NULL = none. Requests that
 * nothing fits fail as those to a host that cannot be connected to. */
void fake_host_answer(const char *method, const char *url, int status, const char *headers, const char *body);
void fake_host_answer_octets(const char *method, const char *url, int status, const char *headers, const void *body,
                             size_t length);
/* The same for every such request from then on, after the answers that are given once. */
void fake_host_answer_always(const char *method, const char *url, int status, const char *headers, const char *body);
/* The next such request fails so, once it is connected. */
void fake_host_fail(const char *method, const char *url, enum mstr_code code, const char *message);
/* The next such request finds nobody to connect to. */
void fake_host_refuse(const char *method, const char *url);
/* What an exchange lasts on the fake clocks; 0 at the start. */
void fake_host_latency(int64_t milliseconds);

/* What the person before the program answers to each question from now on; NULL = there is nobody, as at the
 * start. */
void fake_host_person(const char *answer);
/* The questions, one a line. */
const char *fake_host_questions(void);
/* The subject token that the program gives; borrowed; NULL = none, as at the start. */
void fake_host_subject(const char *token);
/* The host is of ABI 1.0, until the next reset. */
void fake_host_be_old(void);

/* What was sent, in order. Lives until the next reset. */
struct fake_exchange {
    char *method;
    char *url;
    char *headers; /* "Name: value\n" each */
    char *body;    /* NUL-terminated */
    size_t body_length;
    struct mstr_http_request request; /* numbers and flags only: its pointers are NULL */
    char *ca_file;                    /* NULL = the host's */
    char *connect_address;
    char *tls_server_name;
    char *leaf_sha1;
    char *ca_pem;
    char *client_cert_file;
    char *client_key_file;
    char *client_cert_pem;
    char *client_key_pem;
    char *proxy;
};
size_t fake_host_requests(void);
/* Fails the test when there were fewer. */
const struct fake_exchange *fake_host_request(size_t index);
/* The value of a header that was sent, or NULL; until the next such question. */
const char *fake_exchange_header(const struct fake_exchange *exchange, const char *name);

/* "level message\n" for each line; and "used|skipped|failed|info name: detail (hint)\n" for each step. */
const char *fake_host_log(void);
const char *fake_host_report(void);
struct mstr_report *fake_host_report_object(void);

/* A request for a reference without field. Free it with fake_request_free(). */
struct mstr_request *fake_request_new(const char *reference);
void fake_request_free(struct mstr_request *request);
bool fake_request_answered(const struct mstr_request *request);
/* The value, NUL-terminated, or NULL after a failure. `length` may be NULL. */
const char *fake_request_value(const struct mstr_request *request, size_t *length);
const char *fake_request_version(const struct mstr_request *request); /* NULL = none told */
int64_t fake_request_expires(const struct mstr_request *request);
bool fake_request_cacheable(const struct mstr_request *request);
const char *fake_request_content_type(const struct mstr_request *request);
const char *fake_request_identity(const struct mstr_request *request); /* NULL = none told */
/* MSTR_OK when there is a value. */
enum mstr_code fake_request_code(const struct mstr_request *request);
const char *fake_request_message(const struct mstr_request *request);
const char *fake_request_detail(const struct mstr_request *request, enum mstr_detail detail);

/* Fails the test unless `text` holds `part`, showing both. */
void assert_contains(const char *text, const char *part);

#endif
