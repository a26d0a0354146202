/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to a server of the store. */
#include "redis/wire/connection.h"

#include "base/text.h"
#include "sdk/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 16 * 1024, PRELUDE_MAX = 4 };

bool dial_init(struct dial *dial, const struct settings *settings)
{
    dial->settings = settings;
    if (!resolver_init(&dial->resolver)) {
        return false;
    }
    if (!tls_side_init(&dial->tls)) {
        resolver_destroy(&dial->resolver);
        return false;
    }
    return true;
}

void dial_destroy(struct dial *dial)
{
    tls_side_destroy(&dial->tls);
    resolver_destroy(&dial->resolver);
}

static enum mstr_code join(struct dial *dial, struct connection *connection, const struct wait *wait,
                           struct mstr_error *error)
{
    struct addresses addresses;
    const struct endpoint *endpoint = &connection->endpoint;
    enum mstr_code code = settings_check_place(dial->settings, endpoint, error);
    code = code == MSTR_OK ? resolver_find(&dial->resolver, endpoint, wait, &addresses, error) : code;
    code = code == MSTR_OK ? socket_connect(&addresses, endpoint, wait, &connection->fd, error) : code;
    if (code == MSTR_OK && dial->settings->url.tls) {
        code = tls_begin(&dial->tls, dial->settings, endpoint->host, connection->fd, wait, &connection->tls, error);
    }
    return code;
}

enum mstr_code connection_open(struct dial *dial, const struct endpoint *endpoint, enum connection_kind kind,
                               const struct wait *wait, struct connection **connection, struct mstr_error *error)
{
    struct connection *made = calloc(1, sizeof(*made));
    struct resp_reader *reader = resp_reader_new();
    *connection = NULL;
    if (made == NULL || reader == NULL) {
        resp_reader_free(reader);
        free(made);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    *made = (struct connection){.process = getpid(),
                                .endpoint = *endpoint,
                                .kind = kind,
                                .settings = dial->settings,
                                .fd = -1,
                                .reader = reader};
    enum mstr_code code = join(dial, made, wait, error);
    if (code != MSTR_OK) {
        connection_close(made);
        return code;
    }
    *connection = made;
    return MSTR_OK;
}

void connection_close(struct connection *connection)
{
    if (connection != NULL) {
        tls_free(connection->tls);
        resp_reader_free(connection->reader);
        if (connection->fd >= 0) {
            close(connection->fd);
        }
        free(connection);
    }
}

static const struct login *login_of(const struct connection *connection)
{
    const struct settings *settings = connection->settings;
    return connection->kind == CONNECTION_SENTINEL ? &settings->sentinel : &settings->login;
}

const char *connection_hidden(const struct connection *connection)
{
    return login_of(connection)->password;
}

/* What is sent before the first command, and how a reply to it is taken. */
enum step { STEP_LOGIN, STEP_DATABASE, STEP_NAME, STEP_ROLE };

static void add_login(const struct login *login, struct buffer *out)
{
    struct word words[3] = {word_of("AUTH")};
    size_t count = 1;
    if (login->username != NULL) {
        words[count++] = word_of(login->username);
    }
    words[count++] = word_of(login->password);
    resp_command(out, words, count);
}

static size_t add_prelude(const struct connection *connection, struct buffer *out, enum step steps[PRELUDE_MAX])
{
    static const struct word name[] = {{"CLIENT", 6}, {"SETNAME", 7}, {"libmstr", 7}};
    static const struct word role[] = {{"ROLE", 4}};
    char database[16];
    size_t count = 0;
    if (login_of(connection)->password != NULL) {
        add_login(login_of(connection), out);
        steps[count++] = STEP_LOGIN;
    }
    if (connection->kind != CONNECTION_SENTINEL && connection->settings->url.database != 0) {
        snprintf(database, sizeof(database), "%u", connection->settings->url.database);
        resp_command(out, (struct word[]){word_of("SELECT"), word_of(database)}, 2);
        steps[count++] = STEP_DATABASE;
    }
    resp_command(out, name, sizeof(name) / sizeof(*name));
    steps[count++] = STEP_NAME;
    if (connection->kind == CONNECTION_PRIMARY) {
        resp_command(out, role, 1);
        steps[count++] = STEP_ROLE;
    }
    return count;
}

enum mstr_code connection_send(struct connection *connection, const char *octets, size_t length,
                               const struct wait *wait, struct mstr_error *error)
{
    return connection->tls != NULL ? tls_send(connection->tls, octets, length, wait, error)
                                   : socket_send(connection->fd, octets, length, wait, error);
}

static enum mstr_code receive_some(struct connection *connection, const struct wait *wait, struct mstr_error *error)
{
    char chunk[CHUNK];
    size_t got = 0;
    enum mstr_code code = connection->tls != NULL
                              ? tls_receive(connection->tls, chunk, sizeof(chunk), wait, &got, error)
                              : socket_receive(connection->fd, chunk, sizeof(chunk), wait, &got, error);
    if (code == MSTR_OK && got == 0) {
        return socket_tell_end(error);
    }
    resp_feed(connection->reader, chunk, got);
    return code;
}

enum mstr_code connection_receive(struct connection *connection, const struct wait *wait, struct resp **reply,
                                  struct mstr_error *error)
{
    enum mstr_code code = resp_next(connection->reader, reply, error);
    while (code == MSTR_OK && *reply == NULL) {
        code = receive_some(connection, wait, error);
        code = code == MSTR_OK ? resp_next(connection->reader, reply, error) : code;
    }
    if (code != MSTR_OK && code != MSTR_E_TIMEOUT) {
        connection->spent = true;
    }
    return code;
}

/* In the words of a server that is told to write: whoever is sent elsewhere by it need not know another case. */
static struct resp *no_primary(void)
{
    static const char words[] = "READONLY this server is no primary";
    struct resp *reply = calloc(1, sizeof(*reply));
    char *text = text_copy(words);
    if (reply == NULL || text == NULL) {
        free(reply);
        free(text);
        return NULL;
    }
    *reply = (struct resp){.type = RESP_ERROR, .length = strlen(words), .text = text};
    return reply;
}

/* What a reply to the prelude means for the command behind it: *refusal is its reply then, else NULL. */
static enum mstr_code judge(enum step step, struct resp *reply, struct resp **refusal, struct mstr_error *error)
{
    const char *role = resp_text(reply, 0);
    bool refused = reply->type == RESP_ERROR && step != STEP_NAME; /* whose want harms nobody */
    bool misled = !refused && step == STEP_ROLE && (role == NULL || strcmp(role, "master") != 0);
    *refusal = refused ? reply : NULL;
    if (!refused) {
        resp_free(reply);
    }
    if (misled && (*refusal = no_primary()) == NULL) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return MSTR_OK;
}

static enum mstr_code read_prelude(struct connection *connection, const enum step *steps, size_t count,
                                   const struct wait *wait, struct resp **refusal, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    *refusal = NULL;
    for (size_t i = 0; code == MSTR_OK && *refusal == NULL && i < count; i++) {
        struct resp *reply = NULL;
        code = connection_receive(connection, wait, &reply, error);
        code = code == MSTR_OK ? judge(steps[i], reply, refusal, error) : code;
    }
    connection->ready = code == MSTR_OK && *refusal == NULL;
    return code;
}

static enum mstr_code read_last(struct connection *connection, size_t count, const struct wait *wait,
                                struct resp **reply, struct mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    for (size_t i = 0; code == MSTR_OK && i < count; i++) {
        resp_free(*reply);
        code = connection_receive(connection, wait, reply, error);
    }
    return code;
}

enum mstr_code connection_ask(struct connection *connection, const struct buffer *commands, size_t count,
                              const struct wait *wait, struct resp **reply, struct mstr_error *error)
{
    struct buffer octets = BUFFER_INIT;
    enum step steps[PRELUDE_MAX];
    size_t before = connection->ready ? 0 : add_prelude(connection, &octets, steps);
    *reply = NULL;
    connection->spent = true; /* unless all goes well */
    buffer_append(&octets, commands->data, commands->length);
    enum mstr_code code = octets.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                        : connection_send(connection, octets.data, octets.length, wait, error);
    if (code == MSTR_E_NETWORK) { /* whoever ends a connection at once may have said why */
        code = connection_receive(connection, wait, reply, error);
    }
    code = code == MSTR_OK && *reply == NULL ? read_prelude(connection, steps, before, wait, reply, error) : code;
    if (code == MSTR_OK && *reply == NULL) {
        code = read_last(connection, count, wait, reply, error);
        connection->spent = code != MSTR_OK;
        connection->used = code == MSTR_OK;
    }
    buffer_release(&octets);
    return code;
}

bool connection_is_good(const struct connection *connection)
{
    return !connection->spent && connection->process == getpid() && resp_is_empty(connection->reader) &&
           (connection->tls == NULL || tls_is_quiet(connection->tls)) && socket_is_quiet(connection->fd);
}
