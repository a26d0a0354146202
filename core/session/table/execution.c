/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a report or a cube and handing over the rows of its grid as they are: one page of its page-by, a label for
 * each unit, a value for each column. An instance lives in the session's working set and ends with the session; one
 * that is lost before a row was handed over is made anew, once. Later that would mix the rows of two runs.
 */
#include <mstr/execution.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/given.h"
#include "base/log.h"
#include "session/attempt.h"
#include "session/session.h"
#include "session/table/layout.h"
#include "session/table/pages.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_SIZE = 1000 };

struct run {
    const mstr_execution *execution;
    struct report instance;
    struct pages pages;
    struct page page;
    struct buffer names; /* of the page's columns, one after another, and of its units */
    struct buffer texts; /* of the row at hand, likewise */
    const char **label_names, **labels, **value_names, **values, **raw;
    int64_t read; /* rows handed over */
};

/* --- rows ------------------------------------------------------------------------------------------------------- */

/* Texts are shown as C strings, which a NUL would cut: it becomes U+FFFD. */
static void put_shown(const char *octets, size_t length, struct buffer *text)
{
    for (size_t i = 0; i < length;) {
        const char *nul = memchr(octets + i, '\0', length - i);
        size_t plain = nul != NULL ? (size_t)(nul - octets) - i : length - i;
        buffer_append(text, octets + i, plain);
        buffer_puts(text, nul != NULL ? "\xef\xbf\xbd" : "");
        i += plain + (nul != NULL);
    }
    buffer_putc(text, '\0');
}

static void put_element(const struct page_element *element, struct buffer *text)
{
    struct buffer joined = BUFFER_INIT;
    layout_put_element(element, &joined);
    put_shown(buffer_text(&joined), joined.length, text);
    text->failed |= joined.failed;
    buffer_release(&joined);
}

/* Finds each of the texts that stand one after another; NULL where `is_null` has it so. */
static const char *take_next(const char **at)
{
    const char *text = *at;
    *at += strlen(text) + 1;
    return text;
}

static bool make_room(struct run *run)
{
    size_t labels = run->page.axes[PAGE_ROWS].count + 1;
    size_t width = run->page.width + 1;
    run->label_names = calloc(labels, sizeof(*run->label_names));
    run->labels = calloc(labels, sizeof(*run->labels));
    run->value_names = calloc(width, sizeof(*run->value_names));
    run->values = calloc(width, sizeof(*run->values));
    run->raw = calloc(width, sizeof(*run->raw));
    return run->label_names != NULL && run->labels != NULL && run->value_names != NULL && run->values != NULL &&
           run->raw != NULL;
}

static void close_page(struct run *run)
{
    free((void *)run->label_names);
    free((void *)run->labels);
    free((void *)run->value_names);
    free((void *)run->values);
    free((void *)run->raw);
    run->label_names = run->labels = run->value_names = run->values = run->raw = NULL;
    page_close(&run->page);
}

/* Columns are named by what stands over them, level by level. */
static bool name_columns(struct run *run)
{
    const struct page *page = &run->page;
    const struct page_units *rows = &page->axes[PAGE_ROWS];
    const struct page_units *columns = &page->axes[PAGE_COLUMNS];
    struct buffer joined = BUFFER_INIT;
    buffer_clear(&run->names);
    for (size_t i = 0; i < rows->count; i++) {
        put_shown(rows->items[i].name.at, rows->items[i].name.length, &run->names);
    }
    for (size_t column = 0; column < page->width; column++) {
        buffer_clear(&joined);
        for (size_t i = 0; i < columns->count; i++) {
            buffer_puts(&joined, i > 0 ? " " : "");
            layout_put_element(&columns->items[i].elements[page->heads[i * page->width + column]], &joined);
        }
        put_shown(buffer_text(&joined), joined.length, &run->names);
    }
    const char *at = buffer_text(&run->names);
    for (size_t i = 0; !run->names.failed && i < rows->count; i++) {
        run->label_names[i] = take_next(&at);
    }
    for (size_t i = 0; !run->names.failed && i < page->width; i++) {
        run->value_names[i] = take_next(&at);
    }
    bool memory = !run->names.failed && !joined.failed;
    buffer_release(&joined);
    return memory;
}

static bool is_null(struct json_span value)
{
    return value.at == NULL || *value.at == 'n';
}

static bool put_formatted(struct json_span value, struct buffer *text)
{
    size_t length = (size_t)(value.end - value.at);
    if (*value.at != '"') {
        put_shown(value.at, length, text);
        return true;
    }
    char *plain = malloc(length);
    if (plain != NULL) {
        put_shown(plain, json_scan_text(value, plain), text);
    }
    free(plain);
    return plain != NULL;
}

static bool put_row(struct run *run)
{
    const struct page *page = &run->page;
    const struct page_units *rows = &page->axes[PAGE_ROWS];
    bool memory = true;
    buffer_clear(&run->texts);
    for (size_t i = 0; i < rows->count; i++) {
        put_element(&rows->items[i].elements[page->row[i]], &run->texts);
    }
    for (size_t i = 0; memory && i < page->width; i++) {
        memory = is_null(page->formatted[i]) || put_formatted(page->formatted[i], &run->texts);
        if (!is_null(page->raw[i])) {
            put_shown(page->raw[i].at, (size_t)(page->raw[i].end - page->raw[i].at), &run->texts);
        }
    }
    memory = memory && !run->texts.failed;
    const char *at = buffer_text(&run->texts);
    for (size_t i = 0; memory && i < rows->count; i++) {
        run->labels[i] = take_next(&at);
    }
    for (size_t i = 0; memory && i < page->width; i++) {
        run->values[i] = is_null(page->formatted[i]) ? NULL : take_next(&at);
        run->raw[i] = is_null(page->raw[i]) ? NULL : take_next(&at);
    }
    return memory;
}

static enum mstr_code hand_over(struct run *run, mstr_row_fn each, void *data, mstr_error *error)
{
    const mstr_row row = {
        .size = sizeof(row),
        .index = run->read,
        .total = run->page.total,
        .label_count = run->page.axes[PAGE_ROWS].count,
        .label_names = run->label_names,
        .labels = run->labels,
        .value_count = run->page.width,
        .value_names = run->value_names,
        .values = run->values,
        .raw = run->raw,
    };
    if (!put_row(run)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    run->read++;
    return each(&row, data) == 0
               ? MSTR_OK
               : error_set(error, MSTR_E_CANCELLED, "the program stopped after row %lld", (long long)row.index);
}

/* --- pages ------------------------------------------------------------------------------------------------------ */

static enum mstr_code read_page(struct run *run, const mstr_response *answer, mstr_row_fn each, void *data,
                                mstr_error *error)
{
    size_t length = 0;
    const char *text = mstr_response_body(answer, &length);
    bool more = true;
    enum mstr_code code = page_open(&run->page, text, length, error);
    code = code == MSTR_OK ? pages_opened(&run->pages, run->page.total, error) : code;
    if (code == MSTR_OK && !(make_room(run) && name_columns(run))) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    while (code == MSTR_OK && more) {
        code = page_next(&run->page, &more, error);
        code = code == MSTR_OK && more ? hand_over(run, each, data, error) : code;
    }
    code = code == MSTR_OK ? pages_took(&run->pages, run->page.read, error) : code;
    close_page(run);
    return code;
}

static enum mstr_code read_pages(struct run *run, mstr_row_fn each, void *data, mstr_error *error)
{
    mstr_response *answer = NULL;
    pages_begin(&run->pages);
    enum mstr_code code = pages_next(&run->pages, &answer, error);
    while (code == MSTR_OK && answer != NULL) {
        code = read_page(run, answer, each, data, error);
        code = code == MSTR_OK ? pages_next(&run->pages, &answer, error) : code;
    }
    pages_end(&run->pages);
    return code;
}

static enum mstr_code answer_prompts(struct run *run, mstr_error *error)
{
    const char *answers = run->execution->answers;
    if (answers == NULL) {
        error_set(error, MSTR_E_USAGE, "%s asks prompts, and no answers were given", run->execution->id);
        error_set_hint(error, "GET %s/%s/instances/{id}/prompts lists them",
                       run->execution->kind == MSTR_EXECUTION_CUBE ? "cubes" : "reports", run->execution->id);
        return MSTR_E_USAGE;
    }
    enum mstr_code code = report_answer(&run->instance, answers, error);
    return code == MSTR_OK && run->instance.prompted
               ? error_set(error, MSTR_E_REQUEST, "%s still asks prompts after the answers", run->execution->id)
               : code;
}

/* From the instance's making to its last row. `error` is never NULL. */
static enum mstr_code run_once(struct run *run, mstr_row_fn each, void *data, mstr_error *error)
{
    const char *body = run->execution->body != NULL ? run->execution->body : "{}";
    enum mstr_code code = report_make(&run->instance, body, run->pages.size, error);
    if (code == MSTR_OK && run->instance.prompted) {
        code = answer_prompts(run, error);
    }
    return code == MSTR_OK ? read_pages(run, each, data, error) : code;
}

/* The same, once more if the instance was lost before a row of it was handed over. `error` is never NULL. */
static enum mstr_code run_whole(struct run *run, mstr_row_fn each, void *data, mstr_error *error)
{
    enum mstr_code code = run_once(run, each, data, error);
    if (report_is_gone(error) && run->instance.id[0] != '\0' && run->read == 0) {
        log_write(context_log(run->instance.session->context), MSTR_LEVEL_INFO, "session",
                  "the instance of %s was lost; making another one", run->execution->id);
        mstr_error_clear(error);
        code = run_once(run, each, data, error);
    }
    if (run->instance.id[0] != '\0' && !report_is_gone(error)) {
        report_delete(&run->instance);
    }
    return code;
}

static enum mstr_code check(const mstr_execution *execution, mstr_error *error)
{
    static const char what[] = "the execution was";
    if (given_check(what, MSTR_HAS(execution, mstr_execution, call), 0, 0, error) != MSTR_OK ||
        given_call(execution->call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (!report_is_id(execution->id)) {
        return error_set(error, MSTR_E_USAGE, "running a report or a cube needs its id");
    }
    const struct given_number numbers[] = {
        {"kind", (int64_t)execution->kind, MSTR_EXECUTION_REPORT, MSTR_EXECUTION_CUBE},
        GIVEN_COUNT(execution, mstr_execution, page_size)};
    return given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error);
}

enum mstr_code mstr_session_execute(mstr_session *session, const mstr_execution *execution, mstr_row_fn each,
                                    void *data, mstr_error *error)
{
    if (check(execution, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_error *own = mstr_error_new();
    if (own == NULL) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    struct run run = {
        .execution = execution,
        .instance = {.session = session,
                     .kind = execution->kind,
                     .object = execution->id,
                     .project = execution->project,
                     .limits = session_limits(session, execution->call)},
        .pages = {.size = execution->page_size > 0 ? execution->page_size : PAGE_SIZE,
                  .ahead = MSTR_HAS(execution, mstr_execution, ahead) ? execution->ahead : 0,
                  .most = INT64_MAX},
    };
    run.pages.instance = &run.instance;
    enum mstr_code code = run_whole(&run, each, data, own);
    if (code != MSTR_OK) {
        session_tell(session, own, error);
    }
    report_release(&run.instance);
    buffer_release(&run.names);
    buffer_release(&run.texts);
    mstr_error_free(own);
    return code;
}
