/* SPDX-License-Identifier: Apache-2.0 */
/* Users of the seed and their sessions: tokens, cookies, idle time, limits. */
#include "mstr.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char token_alphabet[] = "abcdefghijklmnopqrstuv0123456789";
static const char hex_alphabet[] = "0123456789ABCDEF";

static struct json_object *seed;
static struct library_session *sessions;
static uint64_t last_iserver;

void library_users_load(struct json_object *section)
{
    library_users_unload();
    seed = section;
}

void library_users_unload(void)
{
    while (sessions) {
        struct library_session *next = sessions->next;
        library_instances_forget(sessions);
        free(sessions);
        sessions = next;
    }
    seed = NULL;
}

static struct json_object *users(size_t i)
{
    struct json_object *list = json_member(seed, "users");
    return list && i < json_object_array_length(list) ? json_object_array_get_idx(list, i) : NULL;
}

struct json_object *library_user_named(const char *username)
{
    return sim_find(json_member(seed, "users"), "username", username);
}

struct json_object *library_user_with_id(const char *id)
{
    return sim_find(json_member(seed, "users"), "id", id);
}

struct json_object *library_user_with_api_token(const char *token)
{
    struct json_object *user;
    for (size_t i = 0; (user = users(i)); i++) {
        struct json_object *tokens = json_member(user, "apiTokens");
        for (size_t t = 0; tokens && t < json_object_array_length(tokens); t++)
            if (!strcmp(json_object_get_string(json_object_array_get_idx(tokens, t)), token))
                return user;
    }
    return NULL;
}

void library_user_add_api_token(struct json_object *user, const char *token)
{
    struct json_object *tokens = json_member(user, "apiTokens");
    if (!tokens) {
        tokens = json_object_new_array();
        json_object_object_add(user, "apiTokens", tokens);
    }
    json_object_array_add(tokens, json_object_new_string(token));
}

bool library_mode_enabled(int64_t mode)
{
    struct json_object *modes = json_member(seed, "modes");
    for (size_t i = 0; modes && i < json_object_array_length(modes); i++)
        if (json_object_get_int64(json_object_array_get_idx(modes, i)) == mode)
            return true;
    return false;
}

bool library_any_ldap_user(void)
{
    struct json_object *user;
    for (size_t i = 0; (user = users(i)); i++) {
        bool ldap = false;
        if (json_member_bool(user, "ldap", &ldap) && ldap)
            return true;
    }
    return false;
}

int64_t library_user_failures(struct json_object *user)
{
    int64_t count = 0;
    json_member_int64(user, "failures", &count);
    return count;
}

void library_user_set_failures(struct json_object *user, int64_t count)
{
    json_object_object_add(user, "failures", json_object_new_int64(count));
}

const char *library_user_text(struct json_object *user, const char *member)
{
    static const char *const guest[][2] = {{"id", "294DEDC011D2F1D56000D98E67019608"},
                                           {"fullName", "Public / Guest"},
                                           {"username", "Guest"},
                                           {"initials", "PG"}};
    for (size_t i = 0; !user && i < sizeof(guest) / sizeof(guest[0]); i++)
        if (!strcmp(guest[i][0], member))
            return guest[i][1];
    const char *text = user ? json_member_text(user, member) : NULL;
    return text ? text : "";
}

static void drop(struct library_session **at)
{
    struct library_session *gone = *at;
    *at = gone->next;
    library_instances_forget(gone);
    free(gone);
}

static void drop_idle(void)
{
    const int64_t limit = sim_knob_int("mstr", "idle_timeout", 1800) * 1000;
    const int64_t now = sim_now();
    for (struct library_session **at = &sessions; *at;) {
        if (limit > 0 && now - (*at)->last_use > limit)
            drop(at);
        else
            at = &(*at)->next;
    }
}

void library_session_close(uint64_t iserver)
{
    for (struct library_session **at = &sessions; *at;) {
        if ((*at)->iserver == iserver)
            drop(at);
        else
            at = &(*at)->next;
    }
}

size_t library_sessions_expire(const char *username)
{
    size_t count = 0;
    for (struct library_session **at = &sessions; *at;) {
        if (username && strcmp(library_user_text((*at)->user, "username"), username) != 0) {
            at = &(*at)->next;
            continue;
        }
        drop(at);
        count++;
    }
    return count;
}

size_t library_sessions_count(struct json_object *user)
{
    size_t count = 0;
    drop_idle();
    for (const struct library_session *session = sessions; session; session = session->next)
        count += session->user == user;
    return count;
}

struct library_session *library_session_by_cookie(const struct sim_request *request)
{
    char cookie[64];
    if (!sim_cookie(request, "JSESSIONID", cookie, sizeof(cookie)))
        return NULL;
    drop_idle();
    for (struct library_session *session = sessions; session; session = session->next)
        if (!strcmp(session->cookie, cookie))
            return session;
    return NULL;
}

/* Why a session may not be used by this request; NULL if it may. */
static const char *objection(const struct library_session *session, const struct sim_request *request)
{
    char value[64];
    if (sim_knob_bool("mstr", "require_cookie", true) &&
        (!sim_cookie(request, "JSESSIONID", value, sizeof(value)) || strcmp(value, session->cookie) != 0))
        return "the token came without its JSESSIONID";
    if (session->node[0] &&
        (!sim_cookie(request, "MSTR_NODE", value, sizeof(value)) || strcmp(value, session->node) != 0))
        return "the request reached another node";
    return NULL;
}

static void rotate_token(struct library_session *session, struct sim_reply *reply)
{
    const int64_t every = sim_knob_int("mstr", "rotate_token_every", 0);
    if (every <= 0 || session->requests % every != 0)
        return;
    char name[64];
    sim_random_text(session->token, 26, token_alphabet);
    sim_reply_header(reply, sim_knob_text("mstr", "token_header", "X-MSTR-AuthToken", name, sizeof(name)),
                     session->token);
}

struct library_session *library_session_of(const struct sim_request *request, struct sim_reply *reply)
{
    const char *token = sim_header(request, "X-MSTR-AuthToken");
    const char *why = token ? "no session has this token" : "there is no token";
    drop_idle();
    for (struct library_session *session = sessions; token && session; session = session->next) {
        if (strcmp(session->token, token) != 0)
            continue;
        why = objection(session, request);
        if (why)
            break;
        session->last_use = sim_now();
        session->requests++;
        rotate_token(session, reply);
        return session;
    }
    library_error(reply, 401, 9, 0, "The user's session has expired, please reauthenticate");
    sim_verdict(reply, "%s", why);
    return NULL;
}

static void add_cookies(struct sim_reply *reply, const struct library_session *session, bool tls)
{
    char text[160];
    snprintf(text, sizeof(text), "JSESSIONID=%s; Path=%s;%s HttpOnly", session->cookie, LIBRARY_CONTEXT,
             tls ? " Secure;" : "");
    sim_reply_header(reply, "Set-Cookie", text);
    if (sim_knob_bool("mstr", "duplicate_cookie", false))
        sim_reply_header(reply, "Set-Cookie", text);
    if (session->node[0]) {
        snprintf(text, sizeof(text), "MSTR_NODE=%s; Path=/", session->node);
        sim_reply_header(reply, "Set-Cookie", text);
    }
}

struct library_session *library_session_open(struct sim_reply *reply, struct json_object *user, uint64_t iserver,
                                             bool tls)
{
    char name[64];
    struct library_session *session = calloc(1, sizeof(*session));
    if (!session)
        abort();
    sim_random_text(session->token, 26, token_alphabet);
    sim_random_text(session->cookie, LIBRARY_ID_LENGTH, hex_alphabet);
    if (sim_knob_bool("mstr", "node_cookie", false))
        snprintf(session->node, sizeof(session->node), "n%u", (unsigned)(last_iserver % 2 + 1));
    session->user = user;
    session->iserver = iserver ? iserver : ++last_iserver;
    session->created = session->last_use = sim_now();
    session->working_set = 10;
    session->max_search = 3;
    session->next = sessions;
    sessions = session;
    sim_reply_header(reply, sim_knob_text("mstr", "token_header", "X-MSTR-AuthToken", name, sizeof(name)),
                     session->token);
    add_cookies(reply, session, tls);
    sim_count("mstr", "logins");
    return session;
}

struct json_object *library_sessions_state(void)
{
    struct json_object *list = json_object_new_array();
    drop_idle();
    for (const struct library_session *session = sessions; session; session = session->next) {
        struct json_object *item = json_object_new_object();
        json_object_object_add(item, "user", json_object_new_string(library_user_text(session->user, "username")));
        json_object_object_add(item, "token", json_object_new_string(session->token));
        json_object_object_add(item, "loginMode", json_object_new_int64(session->login_mode));
        json_object_object_add(item, "applicationType", json_object_new_int64(session->application_type));
        json_object_object_add(item, "requests", json_object_new_int64(session->requests));
        json_object_object_add(item, "iserver", json_object_new_int64((int64_t)session->iserver));
        json_object_object_add(item, "instances", json_object_new_int64((int64_t)session->instance_count));
        json_object_array_add(list, item);
    }
    return list;
}
