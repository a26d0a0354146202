/* SPDX-License-Identifier: Apache-2.0 */
/* The store as a fleet uses it. */
#include "fleet/ledger.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 16 };

static const char channel[] = "c";
static const char members[] = "hb";
static const char refused[] = "r";

/* A key's name within the group: its letter, and the slot. */
struct name {
    char text[NAME];
};

static struct name name_of(char letter, unsigned slot)
{
    struct name name;
    snprintf(name.text, sizeof(name.text), "%c:%u", letter, slot);
    return name;
}

static struct mstr_store_key key_of(const struct ledger_account *account, const char *name)
{
    return (struct mstr_store_key){account->group, name};
}

/* What one question may take of the caller's time. */
static struct limits question(const struct limits *limits)
{
    int64_t end = clock_monotonic() + LEDGER_CALL;
    return (struct limits){end < limits->deadline ? end : limits->deadline, limits->cancel};
}

static void note(struct fleet_report *report, enum mstr_code code, enum mstr_store_outcome outcome)
{
    report->failed = code != MSTR_OK;
    report->code = code;
    report->outcome = outcome;
}

bool ledger_draw(char token[LEDGER_TOKEN])
{
    unsigned char octets[(LEDGER_TOKEN - 1) / 2];
    if (!clock_random(octets, sizeof(octets))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(octets); i++) {
        snprintf(token + 2 * i, 3, "%02x", octets[i]);
    }
    return true;
}

/* What is to be read, from where. */
struct reading {
    const char *name;
    int64_t seen;
    unsigned kinds;
};

/* Reads a record and opens it into `out`. */
static void read_record(const struct ledger_account *account, const struct reading *reading,
                        const struct limits *limits, struct fleet_report *report, int64_t *now, struct buffer *out,
                        mstr_error *error)
{
    const struct limits own = question(limits);
    struct mstr_store_get get = {.key = key_of(account, reading->name), .octets = malloc(MSTR_STORE_RECORD_MAX)};
    if (get.octets == NULL) {
        error_set(error, MSTR_E_MEMORY, "out of memory");
        report->verdict = FLEET_NO_MEMORY;
        return;
    }
    enum mstr_code code = store_instance_get(account->ledger->store, &get, &own, error);
    note(report, code, get.outcome);
    if (code == MSTR_OK) {
        const struct fleet_sealed sealed = {get.octets, get.length, get.now, reading->seen, reading->kinds};
        struct fleet_place place = {.scope = &account->scope, .name = reading->name};
        report->verdict = fleet_record_open(account->ledger->keys, &sealed, &place, out);
        report->kind = place.kind;
        report->fence = report->verdict == FLEET_OPENED ? place.fence : get.fence;
        report->left = get.left;
        report->age = get.now - place.created;
        report->now = get.now;
        *now = get.now;
    }
    free(get.octets);
}

/* What is sealed for a session: the time of its login, a space, its idle time, a line end, its state. */
static enum fleet_verdict read_session(const struct buffer *octets, struct ledger_session *session)
{
    const char *text = buffer_text(octets);
    char *end = NULL;
    session->login = strtoll(text, &end, 10);
    session->idle = *end == ' ' ? strtoll(end, &end, 10) : 0;
    if (session->idle <= 0 || *end != '\n') { /* by whoever has the key, but none of ours */
        return FLEET_TAMPERED;
    }
    session->state = mstr_secret_new(end + 1, octets->length - (size_t)(end + 1 - text));
    return session->state != NULL ? FLEET_OPENED : FLEET_NO_MEMORY;
}

void ledger_read(const struct ledger_account *account, unsigned slot, int64_t seen, const struct limits *limits,
                 struct fleet_report *report, struct ledger_session *session, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct reading reading = {name.text, seen, 1u << FLEET_SESSION | 1u << FLEET_LIMIT | 1u << FLEET_DRAINED};
    struct buffer out = BUFFER_INIT;
    int64_t now = 0;
    *session = (struct ledger_session){.state = NULL};
    read_record(account, &reading, limits, report, &now, &out, error);
    if (!report->failed && report->verdict == FLEET_OPENED && report->kind == FLEET_SESSION) {
        report->verdict = read_session(&out, session);
        report->idle = session->idle;
    }
    buffer_release(&out);
}

void ledger_read_refusals(const struct ledger_account *account, const struct limits *limits,
                          struct fleet_report *report, struct refusal_record *refusals, mstr_error *error)
{
    const struct reading reading = {refused, 0, 1u << FLEET_REFUSALS};
    struct buffer out = BUFFER_INIT;
    int64_t now = 0;
    bool begun = refusal_record_begin(refusals);
    read_record(account, &reading, limits, report, &now, &out, error);
    if (!report->failed && report->verdict == FLEET_OPENED) { /* any other says nothing */
        refusal_record_read(refusals, buffer_text(&out), out.length, now);
    }
    report->failed = report->failed || !begun;
    buffer_release(&out);
}

void ledger_acquire(const struct ledger_account *account, unsigned slot, int64_t known, const struct limits *limits,
                    struct fleet_report *report, struct ledger_lease *lease, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct limits own = question(limits);
    struct mstr_store_lease wanted = {
        .key = key_of(account, name.text), .token = lease->token, .duration = FLEET_LEASE, .known = known};
    enum mstr_code code = ledger_draw(lease->token)
                              ? store_instance_acquire(account->ledger->store, &wanted, &own, error)
                              : error_set(error, MSTR_E_UNEXPECTED, "there are no random octets");
    note(report, code, wanted.outcome);
    report->fence = wanted.fence;
    report->left = wanted.left;
    lease->fence = wanted.fence;
    lease->now = wanted.now;
}

/* What is to be written, and where. */
struct writing {
    const char *name;
    enum fleet_kind kind;
    const void *octets;
    size_t length;
    int64_t keep;
};

static void write_record(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                         const struct writing *writing, const struct limits *limits, struct fleet_report *report,
                         mstr_error *error)
{
    const struct fleet_place place = {&account->scope, writing->name, writing->kind, lease->fence, lease->now};
    const struct name name = name_of('s', slot);
    const struct limits own = question(limits);
    struct buffer sealed = BUFFER_INIT;
    char message[LEDGER_MESSAGE];
    snprintf(message, sizeof(message), "%u %" PRId64, slot, lease->fence);
    enum mstr_code code =
        fleet_record_seal(account->ledger->keys, &place, writing->octets, writing->length, &sealed, error);
    struct mstr_store_put put = {.flags = MSTR_STORE_RELEASE,
                                 .key = key_of(account, writing->name),
                                 .lease = name.text,
                                 .token = lease->token,
                                 .fence = lease->fence,
                                 .octets = sealed.data,
                                 .length = sealed.length,
                                 .keep = writing->keep,
                                 .channel = channel,
                                 .message = message};
    code = code == MSTR_OK ? store_instance_put(account->ledger->store, &put, &own, error) : code;
    note(report, code, put.outcome);
    buffer_release(&sealed);
}

/* The same of octets that were put together, which are wiped. */
static void write_octets(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                         const struct writing *writing, struct buffer *octets, const struct limits *limits,
                         struct fleet_report *report, mstr_error *error)
{
    if (octets->failed) {
        note(report, error_set(error, MSTR_E_MEMORY, "out of memory"), MSTR_STORE_LOST);
    } else {
        write_record(account, slot, lease, writing, limits, report, error);
    }
    buffer_release(octets);
}

void ledger_publish(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                    const struct ledger_session *session, const struct limits *limits, struct fleet_report *report,
                    mstr_error *error)
{
    const struct name name = name_of('s', slot);
    struct buffer octets = BUFFER_INIT;
    buffer_printf(&octets, "%" PRId64 " %" PRId64 "\n", session->login, session->idle);
    buffer_append(&octets, mstr_secret_octets(session->state), mstr_secret_length(session->state));
    const struct writing writing = {name.text, FLEET_SESSION, octets.data, octets.length, session->idle};
    write_octets(account, slot, lease, &writing, &octets, limits, report, error);
}

void ledger_put_refusals(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                         const struct refusal_record *refusals, const struct limits *limits,
                         struct fleet_report *report, mstr_error *error)
{
    struct buffer octets = BUFFER_INIT;
    refusal_record_put(refusals, lease->now, &octets);
    const struct writing writing = {refused, FLEET_REFUSALS, octets.data, octets.length, REFUSAL_PERIOD};
    write_octets(account, slot, lease, &writing, &octets, limits, report, error);
}

void ledger_close(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                  const struct limits *limits, struct fleet_report *report, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct writing writing = {name.text, FLEET_LIMIT, "", 0, FLEET_CLOSED};
    write_record(account, slot, lease, &writing, limits, report, error);
}

void ledger_drain(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                  const struct limits *limits, struct fleet_report *report, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct writing writing = {name.text, FLEET_DRAINED, "", 0, FLEET_DRAINING};
    write_record(account, slot, lease, &writing, limits, report, error);
}

void ledger_release(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                    const struct limits *limits, struct fleet_report *report, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct mstr_store_key key = key_of(account, name.text);
    const struct limits own = question(limits);
    enum mstr_store_outcome outcome = MSTR_STORE_DONE;
    enum mstr_code code = store_instance_release(account->ledger->store, &key, lease->token, &outcome, &own, error);
    note(report, code, outcome);
}

void ledger_renew(const struct ledger_account *account, unsigned slot, const struct ledger_lease *lease,
                  const struct limits *limits, struct fleet_report *report, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct mstr_store_key key = key_of(account, name.text);
    const struct limits own = question(limits);
    enum mstr_store_outcome outcome = MSTR_STORE_DONE;
    enum mstr_code code =
        store_instance_renew(account->ledger->store, &key, lease->token, FLEET_LEASE, &outcome, &own, error);
    note(report, code, outcome);
}

void ledger_beat(const struct ledger_account *account, unsigned slot, const char *member, const struct limits *limits,
                 struct fleet_report *report, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct limits own = question(limits);
    struct mstr_store_beat beat = {
        .key = key_of(account, members), .member = member, .keep = FLEET_MEMBER, .watched = name.text};
    note(report, store_instance_beat(account->ledger->store, &beat, &own, error), MSTR_STORE_DONE);
    report->members = beat.members;
    report->fence = beat.fence;
}

void ledger_leave(const struct ledger_account *account, const char *member, const struct limits *limits,
                  struct fleet_report *report, mstr_error *error)
{
    const struct limits own = question(limits);
    struct mstr_store_beat beat = {.key = key_of(account, members), .member = member, .keep = FLEET_MEMBER};
    note(report, store_instance_leave(account->ledger->store, &beat, &own, error), MSTR_STORE_DONE);
    report->members = beat.members;
}

void ledger_take_keeping(const struct ledger_account *account, unsigned slot, int64_t period,
                         const struct limits *limits, struct fleet_report *report, mstr_error *error)
{
    const struct name name = name_of('k', slot);
    const struct limits own = question(limits);
    char token[LEDGER_TOKEN];
    struct mstr_store_lease wanted = {.key = key_of(account, name.text), .token = token, .duration = period};
    enum mstr_code code = ledger_draw(token) ? store_instance_acquire(account->ledger->store, &wanted, &own, error)
                                             : error_set(error, MSTR_E_UNEXPECTED, "there are no random octets");
    note(report, code, wanted.outcome);
    report->left = wanted.left;
}

void ledger_extend(const struct ledger_account *account, unsigned slot, int64_t fence, int64_t keep,
                   const struct limits *limits, struct fleet_report *report, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct mstr_store_key key = key_of(account, name.text);
    const struct limits own = question(limits);
    enum mstr_store_outcome outcome = MSTR_STORE_DONE;
    note(report, store_instance_extend(account->ledger->store, &key, fence, keep, &outcome, &own, error), outcome);
}

void ledger_remove(const struct ledger_account *account, unsigned slot, int64_t fence, const struct limits *limits,
                   struct fleet_report *report, mstr_error *error)
{
    const struct name name = name_of('s', slot);
    const struct mstr_store_key key = key_of(account, name.text);
    const struct limits own = question(limits);
    enum mstr_store_outcome outcome = MSTR_STORE_DONE;
    enum mstr_code code = store_instance_remove(account->ledger->store, &key, fence, &outcome, &own, error);
    note(report, code, outcome);
}

enum mstr_code ledger_subscribe(const struct ledger_account *account, void **subscription,
                                const struct limits *limits, mstr_error *error)
{
    const struct mstr_store_key key = key_of(account, channel);
    const struct limits own = question(limits);
    return store_instance_subscribe(account->ledger->store, &key, subscription, &own, error);
}

enum mstr_code ledger_next(const struct ledger_account *account, void *subscription, const struct limits *limits,
                           unsigned *slot, int64_t *fence, bool *told, mstr_error *error)
{
    char text[LEDGER_MESSAGE];
    char end = '\0';
    struct mstr_store_message message = {.text = text, .capacity = sizeof(text)};
    enum mstr_code code = store_instance_next(account->ledger->store, subscription, &message, limits, error);
    *told = code == MSTR_OK && sscanf(text, "%9u %18" SCNd64 "%c", slot, fence, &end) == 2;
    return code;
}
