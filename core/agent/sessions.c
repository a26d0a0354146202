/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions with the server that all clients share. */
#include "sessions.h"

#include "base/json.h"
#include "base/text.h"
#include "session/session_agent.h"

#include <pthread.h>
#include <stdlib.h>

enum { LOGOUT_TIME = 1500, TIMEOUT = 5 * 60 * 1000 };

struct entry {
    struct shared_session shared; /* first: who leaves gives its address */
    struct entry *next;
    char *profile;
    struct generation *generation; /* whose context it uses */
    struct generation *heir;       /* the latest in which its profile means the same; NULL = that one */
    unsigned since;                /* the number of the first in which it did, and of */
    unsigned until;                /* the last */
    unsigned users;
    bool retired;
    bool refused; /* the last login */
    bool logout;
};

struct sessions {
    pthread_mutex_t mutex;
    struct contexts *contexts;
    unsigned latest; /* the number of the configuration that was told of last */
    struct entry *first;
};

struct sessions *sessions_new(struct contexts *contexts)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));
    if (sessions != NULL) {
        pthread_mutex_init(&sessions->mutex, NULL);
        sessions->contexts = contexts;
    }
    return sessions;
}

static void end(struct sessions *sessions, struct entry *entry)
{
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.timeout = LOGOUT_TIME;
    if (entry->shared.session != NULL && entry->logout && mstr_session_is_open(entry->shared.session)) {
        mstr_session_logout(entry->shared.session, &call, NULL);
    }
    if (entry->shared.session != NULL) {
        mstr_session_forget(entry->shared.session);
    }
    mstr_session_free(entry->shared.session);
    contexts_let_go(sessions->contexts, entry->heir);
    contexts_let_go(sessions->contexts, entry->generation);
    free(entry->profile);
    free(entry);
}

enum mstr_code sessions_login_fields(const char *fields, size_t working_set, struct buffer *out, mstr_error *error)
{
    struct json_object *tree = NULL;
    enum mstr_code code = fields != NULL ? json_read(fields, strlen(fields), &tree) : MSTR_OK;
    bool object = json_object_is_type(tree, json_type_object);
    bool told = json_member(tree, "workingSet") != NULL;
    bool empty = !object || json_object_object_length(tree) == 0;
    const char *close = object ? strrchr(fields, '}') : NULL;
    json_release(tree);
    if (code != MSTR_OK || (fields != NULL && !object)) {
        return mstr_error_set(error, code != MSTR_OK ? code : MSTR_E_CONFIG, "login_fields is no JSON object");
    }
    if (told) {
        buffer_puts(out, fields);
    } else {
        buffer_append(out, close != NULL ? fields : "{", close != NULL ? (size_t)(close - fields) : 1);
        buffer_printf(out, "%s\"workingSet\":%zu}", empty ? "" : ",", working_set);
    }
    return out->failed ? mstr_error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

/* Ends the visit at the key that is looked for. */
static int is_key(const mstr_config_item *item, void *data)
{
    const char **key = data;
    if (strcmp(item->key, *key) != 0) {
        return 0;
    }
    *key = NULL;
    return 1;
}

/* A setting of the profile; NULL where it has none, or where `code` is told. */
static mstr_secret *setting(const struct entry *entry, const char *key, const mstr_call_options *call,
                            enum mstr_code *code, mstr_error *error)
{
    struct buffer section = BUFFER_INIT;
    const char *sought = key;
    mstr_secret *value = NULL;
    if (!buffer_printf(&section, "profile %s", entry->profile)) {
        *code = mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
        return NULL;
    }
    const char *name = buffer_text(&section);
    mstr_context_section(entry->generation->context, name, is_key, &sought, NULL);
    *code =
        sought == NULL ? mstr_context_setting(entry->generation->context, name, key, call, &value, error) : MSTR_OK;
    buffer_release(&section);
    return value;
}

static enum mstr_code read_settings(struct entry *entry, const mstr_call_options *call, struct buffer *fields,
                                    mstr_error *error)
{
    enum mstr_code code = MSTR_OK;
    mstr_secret *logout = setting(entry, "logout", call, &code, error);
    mstr_secret *timeout = code == MSTR_OK ? setting(entry, "timeout", call, &code, error) : NULL;
    mstr_secret *given = code == MSTR_OK ? setting(entry, "login_fields", call, &code, error) : NULL;
    entry->logout = logout == NULL || agent_settings_is_yes(mstr_secret_octets(logout));
    entry->shared.timeout = TIMEOUT;
    if (timeout != NULL && mstr_duration_parse(mstr_secret_octets(timeout), &entry->shared.timeout) != MSTR_OK) {
        code = mstr_error_set(error, MSTR_E_CONFIG, "timeout of the profile is no duration");
    }
    if (code == MSTR_OK) {
        code = sessions_login_fields(given != NULL ? mstr_secret_octets(given) : NULL,
                                     entry->generation->settings.working_set, fields, error);
    }
    mstr_secret_release(logout);
    mstr_secret_release(timeout);
    mstr_secret_release(given);
    return code;
}

/* Reads what the profile says; nothing is sent. */
static enum mstr_code make(struct sessions *sessions, struct generation *generation, const char *profile,
                           const mstr_call_options *call, struct entry **out, mstr_error *error)
{
    struct entry *entry = calloc(1, sizeof(*entry));
    mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    struct buffer fields = BUFFER_INIT;
    if (entry == NULL || (entry->profile = text_copy(profile)) == NULL) {
        free(entry);
        return mstr_error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    entry->generation = contexts_hold_too(sessions->contexts, generation);
    entry->since = entry->until = generation->number;
    enum mstr_code code = read_settings(entry, call, &fields, error);
    if (code == MSTR_OK) {
        options.flags = MSTR_SESSION_AWAIT_LOGIN;
        options.profile = profile;
        options.login_fields = buffer_text(&fields);
        code = mstr_session_new(generation->context, &options, &entry->shared.session, error);
    }
    if (code == MSTR_OK) {
        session_agent_remember(entry->shared.session);
    }
    buffer_release(&fields);
    if (code != MSTR_OK) {
        end(sessions, entry);
        return code;
    }
    *out = entry;
    return MSTR_OK;
}

/* Whether it is what the profile means in a configuration. */
static bool serves(const struct entry *entry, const struct generation *generation, const char *profile)
{
    return entry->since <= generation->number && generation->number <= entry->until &&
           strcmp(entry->profile, profile) == 0;
}

/* Under the mutex; one more user. */
static struct entry *find(struct sessions *sessions, const struct generation *generation, const char *profile)
{
    struct entry *entry = sessions->first;
    while (entry != NULL && !serves(entry, generation, profile)) {
        entry = entry->next;
    }
    if (entry != NULL) {
        entry->users++;
    }
    return entry;
}

/* Puts a new one in, unless somebody else was faster. */
static struct entry *put(struct sessions *sessions, struct entry *made)
{
    pthread_mutex_lock(&sessions->mutex);
    struct entry *entry = find(sessions, made->generation, made->profile);
    if (entry == NULL) {
        entry = made;
        entry->users = 1;
        entry->retired = entry->until < sessions->latest; /* of a request that came before, and ends with it */
        entry->next = sessions->first;
        sessions->first = entry;
    }
    pthread_mutex_unlock(&sessions->mutex);
    if (entry != made) {
        end(sessions, made);
    }
    return entry;
}

static enum mstr_code open_session(const struct shared_session *shared, const mstr_call_options *call,
                                   mstr_error *error)
{
    mstr_call_options within = MSTR_CALL_OPTIONS_INIT;
    if (call != NULL) {
        within = *call;
    }
    within.timeout = within.timeout > 0 && within.timeout < shared->timeout ? within.timeout : shared->timeout;
    return mstr_session_open(shared->session, &within, error);
}

enum mstr_code sessions_use(struct sessions *sessions, struct generation *generation, const char *profile,
                            const mstr_call_options *call, struct shared_session **out, mstr_error *error)
{
    pthread_mutex_lock(&sessions->mutex);
    struct entry *entry = find(sessions, generation, profile);
    pthread_mutex_unlock(&sessions->mutex);
    *out = NULL;
    if (entry == NULL) {
        enum mstr_code code = make(sessions, generation, profile, call, &entry, error);
        if (code != MSTR_OK) {
            return code;
        }
        entry = put(sessions, entry);
    }
    *out = &entry->shared;
    if (mstr_session_is_open(entry->shared.session)) {
        return MSTR_OK;
    }
    enum mstr_code code = open_session(&entry->shared, call, error);
    pthread_mutex_lock(&sessions->mutex);
    entry->refused = code == MSTR_E_AUTHENTICATION;
    pthread_mutex_unlock(&sessions->mutex);
    return code;
}

const char *sessions_state(struct sessions *sessions, const struct generation *generation, const char *profile)
{
    const char *state = NULL;
    pthread_mutex_lock(&sessions->mutex);
    struct entry *entry = find(sessions, generation, profile);
    if (entry != NULL) {
        entry->users--; /* within the mutex nobody saw it */
        state = mstr_session_is_open(entry->shared.session) ? "open" : entry->refused ? "refused" : NULL;
    }
    pthread_mutex_unlock(&sessions->mutex);
    return state;
}

/* Has one that nobody uses go on in the latest configuration in which it means the same. One that could not log in
 * has nothing to go on with. Under the mutex. */
static void move(struct sessions *sessions, struct entry *entry)
{
    if (entry->heir == NULL || entry->users > 0) {
        return;
    }
    if (mstr_session_is_open(entry->shared.session)) {
        session_agent_move(entry->shared.session, entry->heir->context);
    } else {
        entry->retired = true;
    }
    contexts_let_go(sessions->contexts, entry->generation);
    entry->generation = entry->heir;
    entry->heir = NULL;
}

/* Takes those out that are retired and that nobody uses. Under the mutex. */
static struct entry *take_retired(struct sessions *sessions)
{
    struct entry *taken = NULL;
    for (struct entry **link = &sessions->first; *link != NULL;) {
        struct entry *entry = *link;
        if (entry->retired && entry->users == 0) {
            *link = entry->next;
            entry->next = taken;
            taken = entry;
        } else {
            link = &entry->next;
        }
    }
    return taken;
}

static void end_all(struct sessions *sessions, struct entry *first)
{
    while (first != NULL) {
        struct entry *next = first->next;
        end(sessions, first);
        first = next;
    }
}

void sessions_leave(struct sessions *sessions, struct shared_session *shared)
{
    struct entry *entry = (struct entry *)(void *)shared;
    if (shared == NULL) {
        return;
    }
    pthread_mutex_lock(&sessions->mutex);
    entry->users--;
    move(sessions, entry);
    struct entry *taken = take_retired(sessions);
    pthread_mutex_unlock(&sessions->mutex);
    end_all(sessions, taken);
}

/* Whether the session is as one would be that was begun in `next`. */
static bool means_the_same(const struct entry *entry, const struct generation *next)
{
    const struct generation *now = entry->generation;
    return now->settings.working_set == next->settings.working_set &&
           policy_allows_profile(next->settings.policy, entry->profile) &&
           context_agent_is_same(now->context, next->context, true, entry->profile);
}

void sessions_heed(struct sessions *sessions, struct generation *next)
{
    pthread_mutex_lock(&sessions->mutex);
    for (struct entry *entry = sessions->first; entry != NULL; entry = entry->next) {
        entry->retired = entry->retired || !means_the_same(entry, next);
        if (!entry->retired) {
            contexts_let_go(sessions->contexts, entry->heir);
            entry->heir = contexts_hold_too(sessions->contexts, next);
            entry->until = next->number;
            move(sessions, entry);
        }
    }
    sessions->latest = next->number;
    pthread_mutex_unlock(&sessions->mutex);
}

void sessions_sweep(struct sessions *sessions)
{
    pthread_mutex_lock(&sessions->mutex);
    struct entry *taken = take_retired(sessions);
    pthread_mutex_unlock(&sessions->mutex);
    end_all(sessions, taken);
}

void sessions_free(struct sessions *sessions)
{
    if (sessions != NULL) {
        end_all(sessions, sessions->first);
        pthread_mutex_destroy(&sessions->mutex);
        free(sessions);
    }
}
