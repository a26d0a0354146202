/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library as a guest in a program that does its whole work: a context, secrets of three clouds, of a file and of
 * a program that closes its standard input, a session, a report, over TLS where there is a network. The work asserts
 * nothing, since it also runs in threads and processes beside the test.
 */
#ifndef MSTR_TESTS_SUPPORT_GUEST_H
#define MSTR_TESTS_SUPPORT_GUEST_H

#include "support/folder.h"
#include "support/simulator.h"

#include <mstr/mstr.h>
#include <sys/stat.h>

static struct simulator *sim;
static struct folder folder;
static char config_path[256];

struct work {
    void (*meanwhile)(void *data); /* called while the session is open; NULL = nothing */
    void *data;
    char numbers[64];  /* as they came: of a secret's field, of a report's row */
    char problem[512]; /* of the first failure; "" = none */
};

#define GUEST_PROGRAM "#!/bin/sh\nexec <&-\nexec cat \"${0%/*}/answer\"\n"

static inline void guest_write_config(void)
{
    char text[4096];
    snprintf(text, sizeof(text),
             "[plugins]\npath = %s\n[cache]\nttl = 250ms\n"
             "[provider aws-sm]\nregion = us-east-1\nendpoint = %s\nca_file = %s\n"
             "[provider azure-kv]\nendpoint = %s\nauthority_host = %s\ntenant_id = sim.onmicrosoft.com\n"
             "client_id = aaaaaaaa-0000-0000-0000-000000000001\nclient_secret = sim-client-secret~1\n"
             "[provider gcp-sm]\nendpoint = %s\ncredentials_file = %s/key.json\n"
             "[provider program]\nplugin = exec\ncommand = %s/program\n"
             "[profile default]\nbase_url = %s\nkeepalive = yes\ntimeout = 1m\n"
             "username = ${aws-sm:prod/mstr#username}\npassword = ${aws-sm:prod/mstr#password}\n",
             getenv("MSTR_PLUGINS"), simulator_url(sim, "aws-tls"), simulator_url(sim, "ca"),
             simulator_url(sim, "azure-tls"), simulator_url(sim, "azure-tls"), simulator_url(sim, "gcp-tls"),
             folder.path, folder.path, simulator_url(sim, "mstr-tls"));
    folder_write(&folder, "config", text);
    folder_path(&folder, "config", config_path);
}

static inline int guest_start(void **state)
{
    char path[256];
    (void)state;
    setenv("AWS_MAX_ATTEMPTS", "1", 1); /* what is broken stays broken */
    setenv("AWS_ACCESS_KEY_ID", "AKIASIMULATOR0000001", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "simulatorSecretKey/0000000000000000000001", 1);
    sim = simulator_start(NULL, SIMULATOR_TLS);
    folder_make(&folder);
    guest_write_config();
    folder_write(&folder, "number.json", "{\"price\": 1234.50}");
    folder_write(&folder, "answer", "{\"version\": 1, \"results\": [{\"value\": \"printed\"}]}");
    folder_write(&folder, "program", GUEST_PROGRAM);
    chmod(folder_path(&folder, "program", path), 0700);
    int status = 0;
    char *key =
        simulator_call(sim, "POST", "/keys",
                       "{\"service\":\"gcp\",\"email\":\"reader@sim-project.iam.gserviceaccount.com\"}", &status);
    assert_in_range(status, 200, 299);
    folder_write(&folder, "key.json", key);
    chmod(folder_path(&folder, "key.json", path), 0600);
    free(key);
    return 0;
}

static inline int guest_stop(void **state)
{
    (void)state;
    folder_remove(&folder);
    simulator_stop(sim);
    return 0;
}

static inline bool guest_fails(struct work *work, const char *step, enum mstr_code code, const mstr_error *error)
{
    if (code != MSTR_OK && work->problem[0] == '\0') {
        snprintf(work->problem, sizeof(work->problem), "%s: %s: %s", step, mstr_code_name(code),
                 mstr_error_message(error));
    }
    return code != MSTR_OK;
}

/* One by one, since several providers would be asked in threads of the library's own. */
static inline void guest_read_secrets(struct work *work, mstr_context *context, mstr_error *error)
{
    char number[300];
    const char *const references[] = {number, "aws-sm:prod/plain", "azure-kv://corp/plain",
                                      "gcp-sm://sim-project/for-reader", "program:any"};
    snprintf(number, sizeof(number), "file:%s/number.json#/price", folder.path);
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        mstr_secret *secret = NULL;
        enum mstr_code code = mstr_context_get(context, references[i], NULL, &secret, error);
        if (!guest_fails(work, references[i], code, error) && i == 0) {
            snprintf(work->numbers, sizeof(work->numbers), "%s", mstr_secret_octets(secret));
        }
        mstr_secret_release(secret);
    }
}

static inline int guest_take_row(const mstr_row *row, void *data)
{
    struct work *work = data;
    if (row->index == 0) {
        strncat(work->numbers, " ", 2);
        strncat(work->numbers, row->raw[0], 16);
    }
    return 0;
}

static inline void guest_work_in_session(struct work *work, mstr_session *session, mstr_error *error)
{
    mstr_response *response = NULL;
    mstr_execution report = MSTR_EXECUTION_INIT;
    report.id = "8CCDA29611E943E8B5FB0080EFD5AF44";
    report.project = "MicroStrategy Tutorial";
    report.page_size = 2;
    report.ahead = 2;
    if (guest_fails(work, "open", mstr_session_open(session, NULL, error), error)) {
        return;
    }
    guest_fails(work, "get", mstr_session_get(session, "projects", &response, error), error);
    mstr_response_free(response);
    guest_fails(work, "execute", mstr_session_execute(session, &report, guest_take_row, work, error), error);
    if (work->meanwhile != NULL) {
        work->meanwhile(work->data);
    }
    guest_fails(work, "close", mstr_session_close(session, error), error);
}

/* Returns its argument, so that it can be the function of a thread. */
static inline void *guest_work(void *data)
{
    struct work *work = data;
    mstr_error *error = mstr_error_new();
    mstr_context_options options = MSTR_CONTEXT_OPTIONS_INIT;
    mstr_context *context = NULL;
    mstr_session *session = NULL;
    options.config_file = config_path;
    options.ca_file = simulator_url(sim, "ca");
    if (!guest_fails(work, "context", mstr_context_new(&options, &context, error), error)) {
        guest_read_secrets(work, context, error);
        if (!guest_fails(work, "session", mstr_session_new(context, NULL, &session, error), error)) {
            guest_work_in_session(work, session, error);
        }
    }
    mstr_session_free(session);
    mstr_context_free(context);
    mstr_error_free(error);
    return work;
}

static inline void assert_worked(const struct work *work)
{
    if (work->problem[0] != '\0') {
        fail_msg("%s", work->problem);
    }
}

#endif
