/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tests of the Python original, one by one, under their own names: each entry of the tables that use this carries
 * the name of the test whose counterpart it is. Where the original's test asserts one of its faults, ours asserts the
 * repair, and says so.
 */
#ifndef MSTR_TESTS_INTEGRATION_PARITY_H
#define MSTR_TESTS_INTEGRATION_PARITY_H

#include "support/session.h"

#define ORIGINAL(its_name, function)                                                                                 \
    {                                                                                                                \
        its_name, function, reset, NULL, NULL                                                                        \
    }

/* GET or what it is called, with the answer freed; the status. */
static inline int ask(mstr_session *session, const mstr_session_request *request)
{
    mstr_response *response = NULL;
    assert_done(mstr_session_send(session, request, &response, problem));
    int status = mstr_response_status(response);
    mstr_response_free(response);
    return status;
}

/* Asserts what the latest login, or another request with a body, was told. */
static inline void assert_sent(const char *method, const char *path, const char *body)
{
    struct json_object *log = simulator_log(sim, "mstr");
    struct json_object *entry = simulator_entry(log, path);
    assert_string_equal(json_object_get_string(json_object_object_get(entry, "method")), method);
    assert_string_equal(json_object_get_string(json_object_object_get(entry, "body")), body);
    json_object_put(log);
}

#define ANALYST_LOGIN                                                                                                \
    "{\"username\":\"analyst\",\"password\":\"Simul8-analyst\",\"loginMode\":1,\"applicationType\":8}"

#endif
