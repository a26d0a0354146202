/* SPDX-License-Identifier: Apache-2.0 */
/* Exporting a document: its instance, its prompts, and what it is exported to. */
#include <mstr/document.h>

#include "base/error.h"
#include "base/given.h"
#include "base/json.h"
#include "base/log.h"
#include "session/attempt.h"
#include "session/document/charts.h"
#include "session/document/content.h"
#include "session/document/sink.h"
#include "session/session.h"
#include "session/table/object.h"
#include "session/table/prompts.h"
#include "session/table/table.h"

#include <mstr/uri.h>
#include <stdio.h>
#include <string.h>

enum { PAUSE_FIRST = 250, PAUSE_MAX = 10000, PATH_MAX_LENGTH = 6 * REPORT_ID_MAX, RESULT_LENGTH = 7 * REPORT_ID_MAX };
enum { LATER_MOST = 4096 /* octets that name an export which is made later */ };

static const char *const calls[] = {"pdf", "excel", "csv", "mstr"};

struct export
{
    const mstr_document_request *what;
    mstr_table_request asked; /* the prompts' part of it */
    struct prompts prompts;
    struct report instance;
    struct content content;
    char object[OBJECT_ID];
    char chart[REPORT_ID_MAX]; /* "" = all of the document */
    bool later;                /* the answer at hand says that the export is not made yet */
    bool refused;              /* the content wants no more of it */
};

/* --- one answer ------------------------------------------------------------------------------------------------- */

static int begin(const mstr_response *answer, void *data)
{
    struct export *export = data;
    export->later = mstr_response_status(answer) == 202;
    return 0;
}

/* Of an answer that names an export which is made later nothing is handed on, whatever it looks like. */
static int take(const void *octets, size_t length, void *data)
{
    struct export *export = data;
    struct buffer *head = &export->content.head;
    if (export->later) {
        size_t room = LATER_MOST - head->length;
        export->refused = !buffer_append(head, octets, length < room ? length : room);
    } else {
        export->refused = !content_take(&export->content, octets, length);
    }
    return export->refused ? 1 : 0;
}

/* Sends, and gives what comes to the content, whose own failure says more than that its writer ended the request. */
static enum mstr_code ask(struct export *export, const char *method, const char *path, const char *body,
                          mstr_error *error)
{
    static const struct mstr_header accept = {"Accept", "application/octet-stream"};
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_writer writer = MSTR_WRITER_INIT;
    mstr_response *answer = NULL;
    writer.begin = begin;
    writer.write = take;
    writer.data = export;
    request.method = method;
    request.path = path;
    request.headers = &accept;
    request.header_count = 1;
    request.body = body;
    request.body_length = body != NULL ? strlen(body) : 0;
    request.writer = &writer;
    export->refused = false;
    content_reset(&export->content);
    enum mstr_code code = report_send(&export->instance, &request, &answer, error);
    export->later = code == MSTR_OK && mstr_response_status(answer) == 202;
    mstr_response_free(answer);
    bool whole = code == MSTR_OK && !export->later;
    return whole || export->refused ? content_end(&export->content, error) : code;
}

/* Where an export that is made later is to be had: below `path` by its id. */
static enum mstr_code find_result(struct export *export, const char *path, char result[RESULT_LENGTH],
                                  mstr_error *error)
{
    struct json_object *tree = NULL;
    enum mstr_code code = json_read(buffer_text(&export->content.head), export->content.head.length, &tree);
    const char *id = json_member_text(tree, "id");
    if (code == MSTR_E_MEMORY) {
        code = error_set(error, code, "out of memory");
    } else if (!report_is_id(id)) {
        code = error_set(error, MSTR_E_PROTOCOL, "the server makes the export later, and does not name it");
    } else {
        code = MSTR_OK;
        snprintf(result, RESULT_LENGTH, "%s/%s", path, id);
    }
    json_release(tree);
    return code;
}

static enum mstr_code await_result(struct export *export, const char *path, mstr_error *error)
{
    char result[RESULT_LENGTH];
    int64_t pause = PAUSE_FIRST;
    enum mstr_code code = find_result(export, path, result, error);
    while (code == MSTR_OK && export->later) {
        code = limits_sleep(&export->instance.limits, pause);
        if (code != MSTR_OK) {
            return error_set(error, code, "%s while the server made the export", mstr_code_text(code));
        }
        pause = pause + pause / 2 < PAUSE_MAX ? pause + pause / 2 : PAUSE_MAX;
        code = ask(export, "GET", result, NULL, error);
    }
    return code;
}

static enum mstr_code fetch(struct export *export, mstr_error *error)
{
    char path[PATH_MAX_LENGTH];
    const char *body = export->what->options != NULL ? export->what->options : "{}";
    bool chart = export->chart[0] != '\0';
    char encoded[3 * REPORT_ID_MAX];
    mstr_uri_encode(export->chart, strlen(export->chart), encoded, sizeof(encoded));
    snprintf(path, sizeof(path), "documents/%s/instances/%s%s%s/%s", export->object, export->instance.id,
             chart ? "/visualizations/" : "", encoded, calls[export->what->format]);
    enum mstr_code code = ask(export, "POST", path, body, error);
    return code == MSTR_OK && export->later ? await_result(export, path, error) : code;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static enum mstr_code run_once(struct export *export, mstr_error *error)
{
    enum mstr_code code = report_make(&export->instance, "{}", 0, error);
    code = code == MSTR_OK ? prompts_answer(&export->prompts, &export->instance, error) : code;
    return code == MSTR_OK ? fetch(export, error) : code;
}

/* The same, once more if the instance was lost before an octet of it was handed over. `error` is never NULL. */
static enum mstr_code run_whole(struct export *export, mstr_error *error)
{
    enum mstr_code code = run_once(export, error);
    if (report_is_gone(error) && export->instance.id[0] != '\0' && export->content.octets == 0) {
        log_write(context_log(export->instance.session->context), MSTR_LEVEL_INFO, "session",
                  "the instance of %s was lost; making another one", export->object);
        mstr_error_clear(error);
        prompts_again(&export->prompts);
        code = run_once(export, error);
    }
    if (export->instance.id[0] != '\0' && !report_is_gone(error)) {
        report_delete(&export->instance);
    }
    return code;
}

static enum mstr_code look_up(struct export *export, mstr_error *error)
{
    const mstr_document_request *what = export->what;
    const mstr_call_options call = report_call(&export->instance);
    enum mstr_code code = object_find(export->instance.session, OBJECT_DOCUMENT, what->object, what->project, &call,
                                      export->object, error);
    bool of_chart = what->format == MSTR_DOCUMENT_CSV || what->visualization != NULL;
    return code == MSTR_OK && of_chart ? charts_find(&export->instance, what->visualization, export->chart, error)
                                       : code;
}

static enum mstr_code run(struct export *export, mstr_error *error)
{
    struct sink sink;
    enum mstr_code code = prompts_init(&export->prompts, &export->asked, error);
    code = code == MSTR_OK ? look_up(export, error) : code;
    if (code == MSTR_OK) {
        code = sink_open(&sink, export->what->file, export->what->writer, error);
        export->content.format = export->what->format;
        export->content.raw = (export->what->flags & MSTR_DOCUMENT_RAW) != 0;
        export->content.write = sink_write;
        export->content.data = &sink;
        code = code == MSTR_OK ? run_whole(export, error) : code;
        code = sink_close(&sink, code, error);
    }
    prompts_release(&export->prompts);
    report_release(&export->instance);
    content_release(&export->content);
    return code;
}

static enum mstr_code check(const mstr_document_request *what, mstr_error *error)
{
    static const char of[] = "the export was";
    const uint32_t known = MSTR_DOCUMENT_RAW | MSTR_DOCUMENT_PROMPT_DEFAULTS;
    if (given_check(of, MSTR_HAS(what, mstr_document_request, call), 0, 0, error) != MSTR_OK ||
        given_check(of, true, what->flags, known, error) != MSTR_OK || given_call(what->call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (what->object == NULL || (what->file == NULL && what->writer == NULL)) {
        return error_set(error, MSTR_E_USAGE, "an export needs a document, and a file or a writer");
    }
    if (what->visualization != NULL && what->format != MSTR_DOCUMENT_CSV && what->format != MSTR_DOCUMENT_PDF) {
        return error_set(error, MSTR_E_USAGE, "of one visualization there is CSV or a PDF");
    }
    const struct given_number numbers[] = {{"format", (int64_t)what->format, MSTR_DOCUMENT_PDF, MSTR_DOCUMENT_MSTR},
                                           GIVEN_COUNT(what, mstr_document_request, answer_count)};
    return given_numbers(of, numbers, sizeof(numbers) / sizeof(*numbers), error);
}

enum mstr_code mstr_document_export(mstr_session *session, const mstr_document_request *what,
                                    mstr_document_info *info, mstr_error *error)
{
    if (check(what, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_error *own = mstr_error_new();
    if (own == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    struct export export = {.what = what, .asked = MSTR_TABLE_REQUEST_INIT};
    export.instance = (struct report){.session = session,
                                      .document = true,
                                      .object = export.object,
                                      .project = what->project,
                                      .limits = table_limits_for(session, what->call)};
    export.asked.flags = (what->flags & MSTR_DOCUMENT_PROMPT_DEFAULTS) != 0 ? MSTR_TABLE_PROMPT_DEFAULTS : 0;
    export.asked.answers = what->answers;
    export.asked.answer_count = what->answer_count;
    export.asked.answers_json = what->answers_json;
    export.asked.ask = what->ask;
    export.asked.ask_data = what->ask_data;
    enum mstr_code code = run(&export, own);
    if (code != MSTR_OK) {
        session_tell(session, own, error);
    } else if (info != NULL) {
        info->octets = export.content.octets;
        info->content_type = export.content.type;
    }
    mstr_error_free(own);
    return code;
}
