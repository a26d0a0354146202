/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report or cube as a table: from the request to the instance, from page-by to pages, from pages to rows. Each step
 * has a module of its own; here is their order.
 */
#include <mstr/table.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/given.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "session/session.h"
#include "session/table/body.h"
#include "session/table/flatten.h"
#include "session/table/number.h"
#include "session/table/object.h"
#include "session/table/page_by.h"
#include "session/table/pages.h"
#include "session/table/prompts.h"
#include "session/table/table.h"

#include <mstr/json-c.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SIZE = 1000 };

static const uint32_t known_flags = MSTR_TABLE_FORMATTED | MSTR_TABLE_TYPED | MSTR_TABLE_TOTALS |
                                    MSTR_TABLE_CROSS_KEEP | MSTR_TABLE_IDS | MSTR_TABLE_PAGE_CURRENT |
                                    MSTR_TABLE_PROMPT_DEFAULTS | MSTR_TABLE_DESCRIBE | MSTR_TABLE_ARROW_TEXT;

/* Parts of a page that nobody reads: twice as much to receive. */
static const char without_formatted[] = "-data.metricValues.extras,-data.metricValues.formatted";
static const char without_extras[] = "-data.metricValues.extras";

struct mstr_table {
    uint32_t flags;
    char object[OBJECT_ID];
    char *project;
    char **choices; /* of the page-by */
    size_t choice_count;
    struct report instance;
    struct prompts prompts;
    struct definition definition;
    struct buffer body;
    struct pages pages;
    struct page_by page_by;
    bool pages_by; /* it has more pages than the one that is stored */
    struct buffer turn;
    struct flatten flatten;
    bool in_grid; /* pages of the grid are still to come */
    bool is_over;
    bool has_row;
    int64_t limit; /* rows; INT64_MAX = none */
    int64_t given; /* rows */
    int64_t expected;
    mstr_error *told; /* the failure that ended it */
};

static enum mstr_code no_memory(mstr_error *error)
{
    return error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* --- the request -------------------------------------------------------------------------------------------------
 */

static enum mstr_code check_answers(const mstr_table_request *request, mstr_error *error)
{
    for (size_t i = 0; i < request->answer_count; i++) {
        const mstr_prompt_answer *answer = &request->answers[i];
        struct json_span span;
        if (given_check("an answer to a prompt was", MSTR_HAS(answer, mstr_prompt_answer, json), answer->flags,
                        MSTR_ANSWER_DEFAULT, error) != MSTR_OK) {
            return MSTR_E_USAGE;
        }
        if (answer->json != NULL && !json_scan_check(answer->json, strlen(answer->json), &span)) {
            return error_set(error, MSTR_E_USAGE, "the answer to the prompt \"%s\" is no JSON",
                             answer->prompt != NULL ? answer->prompt : "");
        }
    }
    return MSTR_OK;
}

static enum mstr_code check_choices(const mstr_table_request *request, mstr_error *error)
{
    for (size_t i = 0; i < request->page_by_count; i++) {
        const char *choice = request->page_by[i];
        if (choice[definition_until(choice, strlen(choice), '=')] == '\0') {
            return error_set(error, MSTR_E_USAGE, "\"%s\" chooses no page: write UNIT=ELEMENT", choice);
        }
    }
    return request->page_by_count == 0 || (request->flags & MSTR_TABLE_PAGE_CURRENT) == 0
               ? MSTR_OK
               : error_set(error, MSTR_E_USAGE, "pages are chosen, or the one that is stored is wanted, not both");
}

enum mstr_code table_check(const mstr_table_request *request, mstr_error *error)
{
    static const char what[] = "the request for a table was";
    bool begun = MSTR_HAS(request, mstr_table_request, call);
    if (given_check(what, begun, begun ? request->flags : 0, known_flags, error) != MSTR_OK ||
        given_call(request->call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct given_number numbers[] = {
        {"kind", (int64_t)request->kind, MSTR_EXECUTION_REPORT, MSTR_EXECUTION_CUBE},
        GIVEN_COUNT(request, mstr_table_request, limit),
        GIVEN_COUNT(request, mstr_table_request, page_size)};
    if (given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (text_empty(request->object)) {
        return error_set(error, MSTR_E_USAGE, "a table needs the name or id of a report or a cube");
    }
    enum mstr_code code = check_answers(request, error);
    return code == MSTR_OK ? check_choices(request, error) : code;
}

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

/* --- grids and their pages ---------------------------------------------------------------------------------------
 */

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

/* --- opening -----------------------------------------------------------------------------------------------------
 */

/* What the definition says, where somebody needs it. */
static enum mstr_code look_up(mstr_table *table, const mstr_table_request *request, mstr_error *error)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    bool endless = table->instance.limits.deadline == INT64_MAX;
    call.timeout = endless ? 0 : limits_remaining(&table->instance.limits);
    call.cancel = table->instance.limits.cancel;
    enum mstr_code code = object_find(table->instance.session, request->kind, request->object, request->project,
                                      &call, table->object, error);
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

/* From the instance's making to its first page. */
static enum mstr_code run_once(mstr_table *table, mstr_error *error)
{
    bool more = true;
    int64_t first = table->pages.size;
    enum mstr_code code = report_make(&table->instance, buffer_text(&table->body), first, error);
    code = code == MSTR_OK ? prompts_answer(&table->prompts, &table->instance, error) : code;
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

/* The same, once more if the instance was lost on the way. `error` is never NULL. */
static enum mstr_code run(mstr_table *table, mstr_error *error)
{
    enum mstr_code code = run_once(table, error);
    if (code != MSTR_OK && report_is_gone(error) && table->instance.id[0] != '\0') {
        log_write(context_log(table->instance.session->context), MSTR_LEVEL_INFO, "session",
                  "the instance of %s was lost; making another one", table->object);
        mstr_error_clear(error);
        pages_end(&table->pages);
        page_by_release(&table->page_by);
        flatten_release(&table->flatten);
        flatten_init(&table->flatten, table->flags);
        prompts_again(&table->prompts);
        table->expected = 0;
        code = run_once(table, error);
    }
    return code;
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
        code = (request->flags & MSTR_TABLE_DESCRIBE) != 0 ? describe(table, table->told) : run(table, table->told);
    }
    definition_release(&table->definition);
    table->prompts.request = NULL; /* the caller's own again */
    if (code != MSTR_OK) {
        error_copy(error, table->told);
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

/* --- reading -----------------------------------------------------------------------------------------------------
 */

uint32_t table_flags(const mstr_table *table)
{
    return table->flags;
}

struct limits table_limits(const mstr_table *table)
{
    return table->instance.limits;
}

/* The deadline stays, which those who fetch pages ahead read. */
void table_set_cancel(mstr_table *table, mstr_cancel *cancel)
{
    table->instance.limits.cancel = cancel;
}

size_t mstr_table_columns(const mstr_table *table)
{
    return table->flatten.layout.count;
}

const mstr_column *mstr_table_column(const mstr_table *table, size_t index)
{
    return index < table->flatten.layout.count ? &table->flatten.layout.columns[index] : NULL;
}

const mstr_prompt *mstr_table_prompt(const mstr_table *table, size_t index)
{
    return index < table->prompts.count ? &table->prompts.items[index] : NULL;
}

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
            code = go_on(table, table->told);
        }
    }
    table->has_row = code == MSTR_OK && more;
    table->given += table->has_row;
    *row = table->has_row;
    if (code != MSTR_OK) {
        error_copy(error, table->told);
    }
    return code;
}

static const struct cell *cell_of(const mstr_table *table, size_t index)
{
    return table->has_row && index < table->flatten.layout.count ? &table->flatten.cells[index] : NULL;
}

enum mstr_cell_kind mstr_table_cell_kind(const mstr_table *table, size_t index)
{
    const struct cell *cell = cell_of(table, index);
    return cell != NULL ? cell->kind : MSTR_CELL_NULL;
}

static const char *give(struct page_text text, size_t *length)
{
    if (length != NULL) {
        *length = text.length;
    }
    return text.at;
}

const char *mstr_table_text(const mstr_table *table, size_t index, size_t *length)
{
    const struct cell *cell = cell_of(table, index);
    return give(cell != NULL ? cell->text : (struct page_text){NULL, 0}, length);
}

const char *mstr_table_formatted(const mstr_table *table, size_t index, size_t *length)
{
    const struct cell *cell = cell_of(table, index);
    if (cell == NULL || (table->flags & MSTR_TABLE_FORMATTED) == 0) {
        return give((struct page_text){NULL, 0}, length);
    }
    bool metric = table->flatten.layout.columns[index].kind == MSTR_COLUMN_METRIC;
    return give(metric ? cell->formatted : cell->text, length);
}

int mstr_table_int64(const mstr_table *table, size_t index, int64_t *number)
{
    const struct cell *cell = cell_of(table, index);
    return cell != NULL && cell->kind == MSTR_CELL_NUMBER && number_to_int64(cell->text.at, number);
}

int mstr_table_double(const mstr_table *table, size_t index, double *number)
{
    const struct cell *cell = cell_of(table, index);
    return cell != NULL && cell->kind == MSTR_CELL_NUMBER && number_to_double(cell->text.at, number);
}
