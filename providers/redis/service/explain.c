/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the way to the store for people. */
#include "redis/service/explain.h"

#include "redis/service/leases.h"
#include "redis/service/messages.h"
#include "redis/wire/reply_error.h"
#include "sdk/host.h"

#include <stdio.h>

/* Where rights are tried out; nobody else uses it. */
static const struct mstr_store_key trial = {"doctor", "trial"};
/* ms that the trial's lease lasts if it is not given back. */
enum { TRIAL = 1000 };

/* One walk. */
struct walk {
    struct redis_store *store;
    struct connection *connection;
    struct mstr_report *report;
    const struct mstr_call *call;
    struct mstr_error *error;
};

static void fact(struct walk *walk, const char *name, const char *detail, const char *hint)
{
    host->report_step(walk->report, MSTR_STEP_INFO, name, detail, hint, 0);
}

static enum mstr_code connect_to(struct walk *walk)
{
    int64_t start = host->monotonic();
    char place[ENDPOINT_TEXT] = "";
    char text[128];
    enum mstr_code code = pool_take(&walk->store->pool, NULL, true, walk->call, &walk->connection, walk->error);
    if (code == MSTR_OK) {
        endpoint_tell(&walk->connection->endpoint, place);
    }
    report_done(walk->report, "connection", code, place, walk->error, start);
    if (code == MSTR_OK && walk->connection->tls != NULL) {
        tls_tell(walk->connection->tls, text, sizeof(text));
        fact(walk, "TLS", text, NULL);
    }
    return code;
}

/* A command's reply over the one connection; an error is one of ours. */
static enum mstr_code ask(struct walk *walk, const struct word *words, size_t count, struct resp **reply)
{
    const struct wait wait = {walk->call, INT64_MAX};
    struct buffer octets = BUFFER_INIT;
    *reply = NULL;
    enum mstr_code code = resp_command(&octets, words, count)
                              ? connection_ask(walk->connection, &octets, 1, &wait, reply, walk->error)
                              : host->error_set(walk->error, MSTR_E_MEMORY, "out of memory");
    if (code == MSTR_OK && (*reply)->type == RESP_ERROR) {
        code = reply_error_tell(*reply, connection_hidden(walk->connection), walk->error);
    }
    buffer_release(&octets);
    return code;
}

static enum mstr_code log_in(struct walk *walk)
{
    static const struct word time[] = {{"TIME", 4}};
    int64_t start = host->monotonic();
    struct resp *reply = NULL;
    const struct login *login = &walk->store->settings.login;
    const char *who = login->username != NULL ? login->username : "default";
    char detail[200];
    enum mstr_code code = ask(walk, time, 1, &reply);
    snprintf(detail, sizeof(detail), "user %s%s", who, login->password != NULL ? "" : ", without a password");
    report_done(walk->report, "authentication", code, detail, walk->error, start);
    resp_free(reply);
    return code;
}

static enum mstr_code tell_role(struct walk *walk)
{
    static const struct word role[] = {{"ROLE", 4}};
    struct resp *reply = NULL;
    int64_t start = host->monotonic();
    enum mstr_code code = ask(walk, role, 1, &reply);
    const char *what = code == MSTR_OK ? resp_text(reply, 0) : NULL;
    if (code == MSTR_E_DENIED) {
        fact(walk, "role", "not told to this user", NULL);
        code = MSTR_OK;
    } else if (code == MSTR_OK && what != NULL && strcmp(what, "master") != 0) {
        code = host->error_set(walk->error, MSTR_E_UNAVAILABLE, "this server is a replica, which takes no writes");
        error_hint(walk->error, code, "name the primary in \"url\", or the Sentinels that know it");
        report_done(walk->report, "role", code, NULL, walk->error, start);
    } else {
        report_done(walk->report, "role", code, "primary", walk->error, start);
    }
    resp_free(reply);
    return code;
}

/* The value of "NAME:VALUE\r\n" in what INFO gives; false where there is none. */
static bool find_value(const char *info, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *line = info; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n' ? 1 : 0;
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            snprintf(value, size, "%.*s", (int)strcspn(line + length + 1, "\r\n"), line + length + 1);
            return true;
        }
    }
    return false;
}

static void tell_version(struct walk *walk, const char *info)
{
    char version[64];
    char text[80];
    if (find_value(info, "valkey_version", version, sizeof(version))) {
        snprintf(text, sizeof(text), "Valkey %s", version);
        fact(walk, "version", text, NULL);
    } else if (find_value(info, "redis_version", version, sizeof(version))) {
        snprintf(text, sizeof(text), "Redis %s", version);
        fact(walk, "version", text, NULL);
    }
}

/* What evicts keys that have not ended yet takes leases away from those who hold them. */
static void tell_memory(struct walk *walk, const char *info)
{
    char most[32] = "0";
    char policy[64] = "";
    find_value(info, "maxmemory", most, sizeof(most));
    find_value(info, "maxmemory_policy", policy, sizeof(policy));
    bool harmless =
        strcmp(most, "0") == 0 || strcmp(policy, "noeviction") == 0 || strcmp(policy, "volatile-ttl") == 0;
    fact(walk, "eviction", policy,
         harmless
             ? NULL
             : "set maxmemory-policy of the store to noeviction or volatile-ttl: others take sessions away early");
}

/* Facts alone: without the right to them the fleet works. */
static void tell_facts(struct walk *walk)
{
    static const struct word info[] = {{"INFO", 4}};
    struct resp *reply = NULL;
    enum mstr_code code = ask(walk, info, 1, &reply);
    if (code == MSTR_OK && reply->text != NULL) {
        tell_version(walk, reply->text);
        tell_memory(walk, reply->text);
    } else if (code == MSTR_E_DENIED) {
        fact(walk, "version", "not told to this user", "add +info to the user's rules to see version and eviction");
    }
    resp_free(reply);
}

/* All that the fleet does, with a lease of its own. */
static enum mstr_code try_rights(struct walk *walk)
{
    unsigned char random[16];
    char token[33];
    int64_t start = host->monotonic();
    enum mstr_store_outcome outcome = MSTR_STORE_DONE;
    enum mstr_code code = host->random(random, sizeof(random)) == 0
                              ? MSTR_OK
                              : host->error_set(walk->error, MSTR_E_UNEXPECTED, "there is no randomness");
    for (size_t i = 0; i < sizeof(random); i++) {
        snprintf(token + 2 * i, 3, "%02x", random[i]);
    }
    struct mstr_store_lease lease = {.size = sizeof(lease), .key = trial, .token = token, .duration = TRIAL};
    code = code == MSTR_OK ? leases_acquire(walk->store, &lease, walk->call, walk->error) : code;
    if (code == MSTR_OK && lease.outcome == MSTR_STORE_DONE) {
        code = leases_release(walk->store, &trial, token, &outcome, walk->call, walk->error);
    }
    code = code == MSTR_OK ? messages_publish(walk->store, &trial, "", walk->call, walk->error) : code;
    report_done(walk->report, "rights", code, "reads, writes and publishes", walk->error, start);
    return code;
}

enum mstr_code explain_store(void *self, struct mstr_report *report, const struct mstr_call *call,
                             struct mstr_error *error)
{
    struct walk walk = {.store = self, .report = report, .call = call, .error = error};
    enum mstr_code code = connect_to(&walk);
    code = code == MSTR_OK ? log_in(&walk) : code;
    code = code == MSTR_OK ? tell_role(&walk) : code;
    if (code == MSTR_OK) {
        tell_facts(&walk);
    }
    pool_give(&walk.store->pool, walk.connection);
    return code == MSTR_OK ? try_rights(&walk) : code;
}
