/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of MicroStrategy one after the other, to whatever a session asks: logins, projects, reports, cubes,
 * exports, uploads, pages of anything, refusals, cookies and redirects. The first octet says what is done in the
 * session. Every request stays at the origin, has the token that an answer gave and one line a header, and a body
 * that is JSON; the password is sent by logins alone; each failure is told in bounded lines, without a secret of its
 * request; what comes is whole.
 */
#include "told.h"

#include "server_talk_grammar.h"

#include "../support/context.h"
#include "base/json.h"
#include "base/limits.h"

#include <mstr/mstr.h>
#include <pthread.h>

#define HOST         "http://127.0.0.1:"
#define ORIGIN       HOST "1"
#define TOKEN_HEADER "X-MSTR-AuthToken"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
enum mstr_code __wrap_limits_sleep(const struct limits *limits, int64_t milliseconds);

enum { ROWS_MOST = 3000, REQUESTS_MOST = 300, PAUSES_MOST = 30 };

/* The server: the answers that it gives in order, then 500s. */
static struct {
    pthread_mutex_t lock;
    struct talk talk;
    size_t next;
    struct span all;
    bool echoes; /* it knows the password, and may have it sent again by what it gives */
    unsigned requests;
    const char *sent; /* the secret of the request that came last; NULL = it had none, or got another token */
    bool redirected;  /* the request that came last, to a path that tells nothing of what comes now */
    unsigned pauses;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

static mstr_context *context;

/* Pauses pass at once, as long as there are not too many. */
enum mstr_code __wrap_limits_sleep(const struct limits *limits, int64_t milliseconds)
{
    (void)milliseconds;
    return ++server.pauses > PAUSES_MOST ? MSTR_E_TIMEOUT : limits_check(limits);
}

/* --- the server ---------------------------------------------------------------------------------------------------
 */

static bool has(const char *text, size_t length, const char *part)
{
    size_t wanted = strlen(part);
    for (size_t i = 0; i + wanted <= length; i++) {
        if (memcmp(text + i, part, wanted) == 0) {
            return true;
        }
    }
    return false;
}

/* However the scheme and the port are written, and with a path or not. */
static bool is_at_origin(const char *url)
{
    char *end = NULL;
    return strncasecmp(url, HOST, strlen(HOST)) == 0 && strtol(url + strlen(HOST), &end, 10) == 1 &&
           strchr("/?#", *end) != NULL;
}

static void check_header(const struct mstr_header *header, bool login)
{
    bool token = strcasecmp(header->name, TOKEN_HEADER) == 0;
    if (header->value[strcspn(header->value, "\r\n")] != '\0' ||
        (!server.echoes && strstr(header->value, SECRET) != NULL) ||
        (token && (login || !has(server.all.at, server.all.length, header->value)))) {
        abort();
    }
}

/* True for a body that holds the password. */
static bool check_body(const struct mstr_http_request *request, mstr_transport_reply *reply, bool login)
{
    char piece[1024];
    size_t got = 0;
    struct buffer body = BUFFER_INIT;
    struct json_object *tree = NULL;
    while (mstr_transport_read_body(reply, piece, sizeof(piece), &got) == MSTR_OK && got > 0) {
        buffer_append(&body, piece, got);
    }
    bool secret = has(buffer_text(&body), body.length, SECRET);
    if (body.length > 0 &&
        (json_read(buffer_text(&body), body.length, &tree) != MSTR_OK || (!server.echoes && login != secret))) {
        abort();
    }
    if (strcmp(request->method, "GET") == 0 && body.length > 0) {
        abort();
    }
    json_release(tree);
    buffer_release(&body);
    return secret;
}

static const struct message *take_answer(void)
{
    pthread_mutex_lock(&server.lock);
    const struct message *message = server.next < server.talk.count ? &server.talk.messages[server.next++] : NULL;
    if (++server.requests > REQUESTS_MOST) {
        abort();
    }
    pthread_mutex_unlock(&server.lock);
    return message;
}

static const char *token_of(const struct mstr_http_request *request)
{
    const char *token = NULL;
    for (size_t i = 0; i < request->header_count; i++) {
        token = strcasecmp(request->headers[i].name, TOKEN_HEADER) == 0 ? request->headers[i].value : token;
    }
    return token;
}

static bool brings_token(const struct message *message)
{
    static const char begin[] = TOKEN_HEADER ":";
    bool brought = false;
    for (size_t i = 0; message != NULL && i < message->header_count; i++) {
        const struct span line = message->headers[i];
        brought |= line.length >= strlen(begin) && strncasecmp(line.at, begin, strlen(begin)) == 0;
    }
    return brought;
}

static void reply_header_line(mstr_transport_reply *reply, struct span line)
{
    char text[512];
    if (line.length < sizeof(text)) {
        memcpy(text, line.at, line.length);
        text[line.length] = '\0';
        char *colon = strchr(text, ':');
        if (colon != NULL) {
            *colon = '\0';
            mstr_transport_reply_header(reply, text, colon + 1 + strspn(colon + 1, " "));
        }
    }
}

/* A first line that has no status is a connection that breaks. */
static enum mstr_code answer(const struct mstr_http_request *request, mstr_transport_reply *reply,
                             const mstr_call_options *call, mstr_error *error, void *data)
{
    const char *token = token_of(request);
    bool login = server.redirected ? token == NULL : has(request->url, strlen(request->url), "/auth/login");
    const struct message *message = take_answer();
    (void)call;
    (void)data;
    if (!is_at_origin(request->url) || (!server.echoes && strstr(request->url, SECRET) != NULL)) {
        abort();
    }
    for (size_t i = 0; i < request->header_count; i++) {
        check_header(&request->headers[i], login);
    }
    bool password = check_body(request, reply, login) && login;
    int status = 500;
    if (message != NULL) {
        status = 0;
        for (size_t i = 0;
             i < message->first.length && message->first.at[i] >= '0' && message->first.at[i] <= '9' && i < 3; i++) {
            status = 10 * status + (message->first.at[i] - '0');
        }
    }
    bool first = token != NULL && strcmp(token, TOKEN) == 0;
    server.redirected = status / 100 == 3;
    server.sent = password ? SECRET : first && !brings_token(message) ? TOKEN : NULL;
    if (mstr_transport_reply_status(reply, status) != MSTR_OK) {
        return mstr_error_set(error, MSTR_E_NETWORK, "the line is dead");
    }
    for (size_t i = 0; message != NULL && i < message->header_count; i++) {
        reply_header_line(reply, message->headers[i]);
    }
    return message != NULL ? mstr_transport_reply_body(reply, message->body.at, message->body.length) : MSTR_OK;
}

/* --- what is done in the session -----------------------------------------------------------------------------------
 */

/* What a call came to. A failed login repeats no password, any other request no token, whatever was answered. */
static void told(enum mstr_code code, mstr_error *error)
{
    const char *const texts[] = {mstr_error_message(error), mstr_error_hint(error), mstr_error_service_code(error)};
    for (size_t i = 0; server.sent != NULL && i < sizeof(texts) / sizeof(*texts); i++) {
        if (texts[i] != NULL && strstr(texts[i], server.sent) != NULL) {
            abort();
        }
    }
    check_told(code, error);
}

static void look_at(mstr_response *response, mstr_error *error)
{
    mstr_secret *member = NULL;
    int64_t number = 0;
    size_t length = 0;
    if (response != NULL) {
        const char *body = mstr_response_body(response, &length);
        if (body[length] != '\0' || mstr_response_count(response, "") < -1) {
            abort();
        }
        mstr_response_number(response, "/id", &number);
        mstr_response_text(response, "/name");
        told(mstr_response_member(response, "/a/0", &member, error), error);
        mstr_secret_release(member);
    }
    mstr_response_free(response);
}

static int keep_project(const mstr_project *project, void *data)
{
    (void)data;
    return project->id == NULL || project->name == NULL ? abort(), 0 : 0;
}

static void ask(mstr_session *session, mstr_error *error)
{
    mstr_response *response = NULL;
    char text[33];
    told(mstr_session_projects(session, keep_project, NULL, error), error);
    told(mstr_session_project_id(session, "Tutorial", text, error), error);
    told(mstr_session_server_version(session, text, error), error);
    told(mstr_session_userinfo(session, &response, error), error);
    look_at(response, error);
    response = NULL;
    told(mstr_session_post(session, "objects", "{}", &response, error), error);
    look_at(response, error);
    response = NULL;
    told(mstr_session_get(session, "objects?a=b", &response, error), error);
    look_at(response, error);
}

static void check_cells(const mstr_table *table)
{
    int64_t whole = 0;
    double number = 0;
    for (size_t i = 0; i < mstr_table_columns(table); i++) {
        size_t length = 0;
        const mstr_column *column = mstr_table_column(table, i);
        const char *text = mstr_table_text(table, i, &length);
        bool null = mstr_table_cell_kind(table, i) == MSTR_CELL_NULL;
        if (column->label == NULL || column->id == NULL || null != (text == NULL) ||
            (text != NULL && text[length] != '\0')) {
            abort();
        }
        mstr_table_formatted(table, i, &length);
        mstr_table_int64(table, i, &whole);
        mstr_table_double(table, i, &number);
    }
}

static void read_table(mstr_session *session, const mstr_table_request *request, mstr_error *error)
{
    mstr_table *table = NULL;
    enum mstr_code code = mstr_table_open(session, request, &table, error);
    int row = code == MSTR_OK;
    told(code, error);
    for (size_t i = 0; table != NULL && mstr_table_prompt(table, i) != NULL; i++) {
        if (mstr_table_prompt(table, i)->key == NULL) {
            abort();
        }
    }
    for (unsigned rows = 0; row != 0 && rows < ROWS_MOST; rows++) {
        code = mstr_table_next(table, &row, error);
        if ((code != MSTR_OK) && row != 0) {
            abort();
        }
        told(code, error);
        if (row != 0) {
            check_cells(table);
        }
    }
    mstr_table_free(table);
}

static void report(mstr_session *session, mstr_error *error)
{
    static const char *const filters[] = {"Region in North"};
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    request.object = OBJECT;
    request.flags = MSTR_TABLE_FORMATTED | MSTR_TABLE_TYPED | MSTR_TABLE_PROMPT_DEFAULTS;
    request.page_size = 2;
    read_table(session, &request, error);
    request.flags = MSTR_TABLE_DESCRIBE;
    request.filters = filters;
    request.filter_count = 1;
    read_table(session, &request, error);
}

static void cube(mstr_session *session, mstr_error *error)
{
    static const char *const pages[] = {"Year=2025"};
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    request.object = "Sales by year";
    request.kind = MSTR_EXECUTION_CUBE;
    request.flags = MSTR_TABLE_CROSS_KEEP | MSTR_TABLE_IDS | MSTR_TABLE_TOTALS;
    read_table(session, &request, error);
    request.object = OBJECT;
    request.kind = MSTR_EXECUTION_REPORT;
    request.page_by = pages;
    request.page_by_count = 1;
    read_table(session, &request, error);
}

static int take_row(const mstr_row *row, void *data)
{
    unsigned *rows = data;
    for (size_t i = 0; i < row->label_count; i++) {
        if (row->label_names[i] == NULL || row->labels[i] == NULL) {
            abort();
        }
    }
    return ++*rows > ROWS_MOST;
}

static void execute(mstr_session *session, mstr_error *error)
{
    mstr_execution execution = MSTR_EXECUTION_INIT;
    unsigned rows = 0;
    execution.id = OBJECT;
    execution.answers = "{\"prompts\":[{\"key\":\"k\",\"type\":\"VALUE\",\"answers\":1}]}";
    told(mstr_session_execute(session, &execution, take_row, &rows, error), error);
}

static int write_export(const void *octets, size_t length, void *data)
{
    (void)octets;
    *(int64_t *)data += (int64_t)length;
    return 0;
}

static void export(mstr_session *session, mstr_error *error)
{
    mstr_document_request what = MSTR_DOCUMENT_REQUEST_INIT;
    mstr_document_info info = {.size = sizeof(info)};
    int64_t octets = 0;
    const mstr_writer writer = {sizeof(writer), -1, write_export, &octets, NULL};
    what.object = OBJECT;
    what.flags = MSTR_DOCUMENT_PROMPT_DEFAULTS;
    what.format = server.all.length % 2 == 0 ? MSTR_DOCUMENT_PDF : MSTR_DOCUMENT_CSV;
    what.visualization = what.format == MSTR_DOCUMENT_CSV ? "Sales" : NULL;
    what.writer = &writer;
    enum mstr_code code = mstr_document_export(session, &what, &info, error);
    if (code == MSTR_OK && (info.octets != octets || info.content_type == NULL)) {
        abort();
    }
    told(code, error);
}

static void upload(mstr_session *session, mstr_error *error)
{
    static const mstr_upload_column columns[] = {MSTR_UPLOAD_COLUMN("Region", MSTR_UPLOAD_STRING),
                                                 MSTR_UPLOAD_COLUMN("Revenue", MSTR_UPLOAD_DOUBLE)};
    static const mstr_upload_field row[] = {{"North", 5}, {"1.5", 3}};
    mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
    mstr_upload *rows = NULL;
    options.dataset = server.all.length % 2 == 0 ? OBJECT : "Sales";
    options.flags = MSTR_UPLOAD_CREATE;
    options.columns = columns;
    options.column_count = 2;
    enum mstr_code code = mstr_upload_begin(session, &options, &rows, error);
    told(code, error);
    for (int i = 0; code == MSTR_OK && i < 3; i++) {
        code = mstr_upload_row(rows, row, 2, error);
        told(code, error);
    }
    if (code == MSTR_OK) {
        told(mstr_upload_publish(rows, NULL, error), error);
    }
    mstr_upload_free(rows);
}

static void pages(mstr_session *session, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    mstr_pages *walk = NULL;
    const char *item = "";
    size_t length = 0;
    request.path = "searches/results";
    enum mstr_code code = mstr_pages_new(session, &request, 2, &walk, error);
    for (unsigned items = 0; code == MSTR_OK && item != NULL && items < ROWS_MOST; items++) {
        code = mstr_pages_next(walk, &item, &length, error);
    }
    told(code, error);
    mstr_pages_free(walk);
}

static void tokens(mstr_session *session, mstr_error *error)
{
    mstr_secret *token = NULL;
    mstr_changeset *changeset = NULL;
    char user[33];
    enum mstr_code code = mstr_session_create_identity_token(session, &token, error);
    told(code, error);
    if (code == MSTR_OK) {
        told(mstr_session_check_identity_token(session, token, user, error), error);
    }
    mstr_secret_release(token);
    token = NULL;
    told(mstr_session_create_api_token(session, &token, error), error);
    mstr_secret_release(token);
    code = mstr_changeset_begin(session, OBJECT, 0, &changeset, error);
    told(code, error);
    if (code == MSTR_OK) {
        told(mstr_changeset_commit(changeset, error), error);
    }
    mstr_changeset_free(changeset);
}

static void save(mstr_session *session, mstr_error *error)
{
    mstr_secret *json = NULL;
    told(mstr_session_extend(session, error), error);
    enum mstr_code code = mstr_session_export(session, &json, error);
    told(code, error);
    if (code == MSTR_OK) {
        told(mstr_session_import(session, mstr_secret_octets(json), mstr_secret_length(json), error), error);
        ask(session, error);
    }
    mstr_secret_release(json);
}

static void (*const deeds[])(mstr_session *session, mstr_error *error) = {ask,    report, cube,   execute, export,
                                                                          upload, pages,  tokens, save};
enum { DEEDS = sizeof(deeds) / sizeof(*deeds) };

/* A login that was refused is kept back for a while, so each has an account of its own. */
static void run(size_t deed)
{
    static unsigned long runs;
    char user[32];
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session *session = NULL;
    mstr_error *error = mstr_error_new();
    options.flags = MSTR_SESSION_NO_PROFILE;
    snprintf(user, sizeof(user), "user-%lu", runs++);
    if (mstr_session_new(context, &options, &session, error) != MSTR_OK) {
        abort();
    }
    mstr_session_mount(session, "", answer, NULL, NULL);
    mstr_session_set_credential(session, MSTR_CREDENTIAL_BASE_URL, mstr_credential_literal(ORIGIN "/api/"));
    mstr_session_set_credential(session, MSTR_CREDENTIAL_USERNAME, mstr_credential_literal(user));
    mstr_session_set_credential(session, MSTR_CREDENTIAL_PASSWORD, mstr_credential_literal(SECRET));
    enum mstr_code code = mstr_session_open(session, NULL, error);
    told(code, error);
    if (code == MSTR_OK) {
        deeds[deed](session, error);
        told(mstr_session_logout(session, NULL, error), error);
    }
    mstr_session_free(session);
    mstr_error_free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (context == NULL) {
        context = test_context("");
    }
    if (size > 0) {
        server.next = 0;
        server.requests = server.pauses = 0;
        server.sent = NULL;
        server.redirected = false;
        server.echoes = has((const char *)data, size, SECRET);
        server.all = (struct span){(const char *)data + 1, size - 1};
        talk_read(server.all.at, server.all.length, &server.talk);
        run(data[0] % DEEDS);
    }
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    if (size < 2 || most < 2) {
        return LLVMFuzzerMutate(data, size, most);
    }
    data[0] = (uint8_t)(seed % 8 == 0 ? seed / 8 : data[0]);
    return 1 + talk_mutate(data + 1, size - 1, most - 1, seed, &server_talk_grammar);
}
