/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An instance of a report, a cube or a document, which lives in the working set of a session: made, waited for, asked
 * for pages, turned to another page of its page-by. Its limits are those of the whole; without a deadline each
 * request has the session's timeout. Used by one thread at a time, but for report_fetch().
 */
#ifndef MSTR_SESSION_TABLE_REPORT_H
#define MSTR_SESSION_TABLE_REPORT_H

#include "base/limits.h"

#include <mstr/execution.h>
#include <stdbool.h>

enum { REPORT_ID_MAX = 128 };

struct report {
    mstr_session *session;
    enum mstr_execution_kind kind;
    bool document;          /* a document or dashboard it is instead, whose instance has no pages */
    const char *object;     /* id of the report, cube or document */
    const char *project;    /* NULL = the session's */
    const char *fields;     /* which parts of a page are left out; NULL = none */
    bool standard_dates;    /* ask for dates as ISO 8601 has them */
    struct limits limits;   /* deadline INT64_MAX = none */
    char id[REPORT_ID_MAX]; /* "" = there is none */
    bool prompted;          /* answers are awaited */
    bool running;           /* the server still works on it */
    mstr_response *answer;  /* the latest one, a page where `has_page` */
    bool has_page;
};

/* Whether a text may stand in a path as the id of an object or instance. */
bool report_is_id(const char *text);
/* Whether a failure says that there is no such instance any more; the page was too much for the server in its
 * time. */
bool report_is_gone(const mstr_error *error);
bool report_is_too_slow(const mstr_error *error);

/* What is left of the instance's limits, for a request. */
mstr_call_options report_call(const struct report *instance);

/* Makes one, and waits until it is ready or prompted. The answer may bring its first `limit` rows along. */
enum mstr_code report_make(struct report *instance, const char *body, int64_t limit, mstr_error *error);
/* Waits until it is ready or prompted, after something was sent. */
enum mstr_code report_wait(struct report *instance, mstr_error *error);
/* PUT of a body upon it, whose answer may be a page too; it may have another id afterwards. */
enum mstr_code report_turn(struct report *instance, const char *body, int64_t limit, mstr_error *error);
/* Answers its prompts, and waits. */
enum mstr_code report_answer(struct report *instance, const char *answers, mstr_error *error);
/* Sends a request of the instance's project within what is left of its limits. */
enum mstr_code report_send(const struct report *instance, const mstr_session_request *request, mstr_response **out,
                           mstr_error *error);
/* GET of something below it, "prompts?closed=false" or "pageBy/elements?…", or of the object where `below` begins
 * with "/"; `version` is "v2/" or "". The answer is to be freed. */
enum mstr_code report_get(struct report *instance, const char *version, const char *below, mstr_response **out,
                          mstr_error *error);
/* Rows of it; by several threads at once. */
enum mstr_code report_fetch(const struct report *instance, int64_t offset, int64_t limit, mstr_cancel *cancel,
                            mstr_response **out, mstr_error *error);
/* Makes room in the working set where the server lets one, also after a cancellation. */
void report_delete(struct report *instance);
/* Frees what is held here. */
void report_release(struct report *instance);

#endif
