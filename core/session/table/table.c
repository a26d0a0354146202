/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report or cube as a table: from the request to the instance, from page-by to pages, from pages to rows. Each step
 * has a module of its own; here is their order.
 */
#include "session/table/table.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "session/attempt.h"
#include "session/session.h"
#include "session/table/body.h"
#include "session/table/table_check.h"

#include <mstr/json-c.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SIZE = 1000 };

/* Parts of a page that nobody reads: twice as much to receive. */
static const char without_formatted[] = "-data.metricValues.extras,-data.metricValues.formatted";
static const char without_extras[] = "-data.metricValues.extras";

static enum mstr_code no_memory(mstr_error *error)
{
    return error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* --- the request ------------------------------------------------------------------------------------------------ */

struct limits table_limits_for(const mstr_session *session, const mstr_call_options *call)
{
    struct limits limits = session_limits(session, call);
    if (call == NULL || call->timeout == 0) {
        limits.deadline = INT64_MAX;
    }
    return limits;
}

static bool copy_choices(mstr_table *table, const mstr_table_request *request)
{
    table->choices = calloc(request->page_by_count + 1, sizeof(*table->choices));
    for (size_t i = 0; table->choices != NULL && i < request->page_by_count; i++) {
        table->choices[i] = text_copy(request->page_by[i]);
        if (table->choices[i] == NULL) {
            return false;
        }
        table->choice_count++;
    }
    return table->choices != NULL;
}

static bool begin(mstr_table *table, mstr_session *session, const mstr_table_request *request)
{
    int64_t size = request->page_size > 0 ? request->page_size : PAGE_SIZE;
    table->flags = request->flags;
    table->limit = request->limit > 0 ? request->limit : INT64_MAX;
    table->project = text_copy(request->project);
    table->told = mstr_error_new();
    table->instance = (struct report){
        .session = session,
        .kind = request->kind,
        .object = table->object,
        .project = table->project,
        .fields = (request->flags & MSTR_TABLE_FORMATTED) != 0 ? without_extras : without_formatted,
        .standard_dates = true, /* servers before 11.3 pass over it */
        .limits = table_limits_for(session, request->call),
    };
    table->pages = (struct pages){
        .instance = &table->instance,
        .size = size < table->limit ? size : table->limit,
        .steered = request->page_size == 0 && table->limit > PAGE_SIZE,
        .ahead = request->ahead > 0 ? request->ahead : 1,
        .most = INT64_MAX,
        .total = -1,
    };
    flatten_init(&table->flatten, request->flags);
    return table->told != NULL && (request->project == NULL || table->project != NULL) &&
           copy_choices(table, request);
}

/* --- grids and their pages -------------------------------------------------------------------------------------- */

/* Opens the page that is next; *more is false where the grid has none. */
static enum mstr_code open_page(mstr_table *table, bool first, bool *more, mstr_error *error)
{
    mstr_response *page = NULL;
    size_t length = 0;
    enum mstr_code code = pages_next(&table->pages, &page, error);
    *more = code == MSTR_OK && page != NULL;
    if (!*more) {
        return code;
    }
    const char *text = mstr_response_body(page, &length);
    code = flatten_page(&table->flatten, text, length, !first, error);
    if (code == MSTR_OK && !table->flatten.layout.on_rows && table->limit < INT64_MAX) {
        table->pages.most =
            table->pages.read + table->limit - table->given; /* a grid's row is at least one of the table */
    }
    code = code == MSTR_OK ? pages_opened(&table->pages, table->flatten.page.total, error) : code;
    table->expected += code == MSTR_OK && first ? table->flatten.page.total : 0;
    return code;
}

static enum mstr_code open_grid(mstr_table *table, mstr_error *error)
{
    bool more = false;
    pages_begin(&table->pages);
    enum mstr_code code = open_page(table, true, &more, error);
    table->in_grid = code == MSTR_OK;
    return code;
}

/* Which page of the page-by is at hand, in the form in which page_by_next() tells it. */
static bool put_current(const struct page *page, struct buffer *out)
{
    const struct page_units *units = &page->axes[PAGE_PAGE_BY];
    buffer_puts(out, "{\"currentPageBy\":[");
    for (size_t i = 0; i < page->current_count; i++) {
        const struct page_text id = units->items[i].elements[page->current[i]].id;
        buffer_puts(out, i > 0 ? ",{\"id\":" : "{\"id\":");
        json_put_string(out, id.at != NULL ? id.at : "", id.length);
        buffer_putc(out, '}');
    }
    return buffer_puts(out, "]}");
}

static enum mstr_code is_current(const mstr_table *table, bool *current, mstr_error *error)
{
    struct buffer at_hand = BUFFER_INIT;
    enum mstr_code code = put_current(&table->flatten.page, &at_hand) ? MSTR_OK : no_memory(error);
    *current = code == MSTR_OK && strcmp(buffer_text(&at_hand), buffer_text(&table->turn)) == 0;
    buffer_release(&at_hand);
    return code;
}

/* Turns to the next page of the page-by, unless it is the one at hand; *more is false past the last. */
static enum mstr_code turn(mstr_table *table, bool at_hand, bool *more, mstr_error *error)
{
    bool current = false;
    enum mstr_code code = page_by_next(&table->page_by, &table->turn, more, error);
    if (code != MSTR_OK || !*more) {
        return code;
    }
    code = at_hand ? is_current(table, &current, error) : MSTR_OK;
    if (code != MSTR_OK || current) {
        return code;
    }
    pages_end(&table->pages);
    table->expected -= at_hand ? table->pages.total : 0;
    code = report_turn(&table->instance, buffer_text(&table->turn), table->pages.size, error);
    code = code == MSTR_OK ? open_grid(table, error) : code;
    code = code == MSTR_OK ? is_current(table, &current, error) : code;
    if (code == MSTR_OK && !current) {
        code = error_set(error, MSTR_E_PROTOCOL, "the server gave another page of %s than the one that was asked for",
                         table->object);
    }
    return code;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

/* What the definition says, where somebody needs it. */
static enum mstr_code look_up(mstr_table *table, const mstr_table_request *request, mstr_error *error)
{
    const mstr_call_options call = report_call(&table->instance);
    enum mstr_code code = object_find(table->instance.session, (enum object_kind)request->kind, request->object,
                                      request->project, &call, table->object, error);
    if (code == MSTR_OK && (body_needs_definition(request) || (request->flags & MSTR_TABLE_DESCRIBE) != 0)) {
        code = definition_read(&table->definition, &table->instance, error);
    }
    for (size_t i = 0; code == MSTR_OK && i < request->page_by_count; i++) {
        const char *choice = request->page_by[i];
        size_t length = definition_until(choice, strlen(choice), '=');
        if (!definition_pages_by(&table->definition, choice, length)) {
            code = error_set(error, MSTR_E_USAGE, "%s does not page by \"%.*s\"", table->object, (int)length, choice);
        }
    }
    return code == MSTR_OK ? body_put(request, &table->definition, &table->body, error) : code;
}

/* Columns and prompts as the definition has them. */
static enum mstr_code describe(mstr_table *table, mstr_error *error)
{
    size_t length = 0;
    const char *text = mstr_response_body(table->definition.answer, &length);
    struct flatten *flatten = &table->flatten;
    enum mstr_code code = page_open_definition(&flatten->page, text, length, error);
    if (code == MSTR_OK) {
        code = layout_init(&flatten->layout, &flatten->page, table->flags, error);
        flatten->begun = true;
    }
    table->is_over = true;
    return code == MSTR_OK && table->instance.kind == MSTR_EXECUTION_REPORT
               ? prompts_list(&table->prompts, &table->instance, error)
               : code;
}

/* Answers are the caller's own, and gone once the table is open. */
static enum mstr_code answer(mstr_table *table, mstr_error *error)
{
    if (table->prompts.request != NULL) {
        return prompts_answer(&table->prompts, &table->instance, error);
    }
    return !table->instance.prompted
               ? MSTR_OK
               : error_set(error, MSTR_E_PROTOCOL, "%s had no prompts, and has some now", table->object);
}

/* From the instance's making to its first page. */
static enum mstr_code run_once(mstr_table *table, mstr_error *error)
{
    bool more = true;
    int64_t first = table->pages.size;
    enum mstr_code code = report_make(&table->instance, buffer_text(&table->body), first, error);
    code = code == MSTR_OK ? answer(table, error) : code;
    code = code == MSTR_OK ? open_grid(table, error) : code;
    table->pages_by = code == MSTR_OK && (table->flags & MSTR_TABLE_PAGE_CURRENT) == 0 &&
                      table->flatten.page.axes[PAGE_PAGE_BY].count > 0;
    if (table->pages_by) {
        code = page_by_begin(&table->page_by, &table->instance, (const char *const *)table->choices,
                             table->choice_count, error);
        code = code == MSTR_OK ? turn(table, true, &more, error) : code;
        table->is_over = !more;
    }
    return code;
}

/* Runs it once more if what failed is that the instance was lost, for the first time and before any row was handed
 * out; else the failure stays. */
static enum mstr_code run_anew(mstr_table *table, enum mstr_code code)
{
    bool answered = table->prompts.request != NULL || table->prompts.count == 0;
    if (code == MSTR_OK || !report_is_gone(table->told) || table->instance.id[0] == '\0' || table->given > 0 ||
        table->anew || !answered) {
        return code;
    }
    log_write(context_log(table->instance.session->context), MSTR_LEVEL_INFO, "session",
              "the instance of %s was lost; making another one", table->object);
    table->anew = true;
    mstr_error_clear(table->told);
    pages_end(&table->pages);
    page_by_release(&table->page_by);
    flatten_again(&table->flatten);
    if (table->prompts.request != NULL) {
        prompts_again(&table->prompts);
    }
    table->expected = 0;
    return run_once(table, table->told);
}

enum mstr_code mstr_table_open(mstr_session *session, const mstr_table_request *request, mstr_table **out,
                               mstr_error *error)
{
    *out = NULL;
    if (table_check(request, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    mstr_table *table = calloc(1, sizeof(*table));
    if (table == NULL || !begin(table, session, request)) {
        mstr_table_free(table);
        return no_memory(error);
    }
    enum mstr_code code = prompts_init(&table->prompts, request, table->told);
    code = code == MSTR_OK ? look_up(table, request, table->told) : code;
    if (code == MSTR_OK) {
        code = (request->flags & MSTR_TABLE_DESCRIBE) != 0 ? describe(table, table->told)
                                                           : run_anew(table, run_once(table, table->told));
    }
    definition_release(&table->definition);
    table->prompts.request = NULL; /* the caller's own again */
    if (code != MSTR_OK) {
        session_tell(table->instance.session, table->told, error);
        mstr_table_free(table);
        return code;
    }
    *out = table;
    return MSTR_OK;
}

void mstr_table_free(mstr_table *table)
{
    if (table == NULL) {
        return;
    }
    pages_end(&table->pages);
    page_by_release(&table->page_by);
    flatten_release(&table->flatten);
    prompts_release(&table->prompts);
    definition_release(&table->definition);
    report_release(&table->instance);
    buffer_release(&table->body);
    buffer_release(&table->turn);
    for (size_t i = 0; i < table->choice_count; i++) {
        free(table->choices[i]);
    }
    free(table->choices);
    free(table->project);
    mstr_error_free(table->told);
    free(table);
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

int64_t mstr_table_expected(const mstr_table *table)
{
    return table->pages_by && !page_by_is_over(&table->page_by) ? -1 : table->expected;
}

/* To the next page, the rows that were held, or the next grid. */
static enum mstr_code go_on(mstr_table *table, mstr_error *error)
{
    bool more = false;
    enum mstr_code code = limits_check(&table->instance.limits);
    if (code != MSTR_OK) {
        return error_set(error, code, "%s while %s was read", mstr_code_text(code), table->object);
    }
    if (table->in_grid) {
        code = pages_took(&table->pages, table->flatten.page.read, error);
        code = code == MSTR_OK ? open_page(table, false, &more, error) : code;
        if (code == MSTR_OK && !more) {
            flatten_end_grid(&table->flatten);
            table->in_grid = false;
        }
        return code;
    }
    code = table->pages_by ? turn(table, false, &more, error) : MSTR_OK;
    table->is_over = code == MSTR_OK && !more;
    return code;
}

enum mstr_code mstr_table_next(mstr_table *table, int *row, mstr_error *error)
{
    enum mstr_code code = mstr_error_code(table->told);
    bool more = false;
    *row = 0;
    table->is_over |= table->given >= table->limit;
    while (code == MSTR_OK && !more && !table->is_over) {
        code = flatten_next(&table->flatten, &more, table->told);
        if (code == MSTR_OK && !more) {
            code = run_anew(table, go_on(table, table->told));
        }
    }
    table->has_row = code == MSTR_OK && more;
    table->given += table->has_row;
    *row = table->has_row;
    if (code != MSTR_OK) {
        session_tell(table->instance.session, table->told, error);
    }
    return code;
}
