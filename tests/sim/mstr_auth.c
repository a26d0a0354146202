/* SPDX-License-Identifier: Apache-2.0 */
/* auth/… and sessions/…: logging in by every mode, out, delegation, tokens, and what a session tells of itself. */
#include "mstr.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODE_STANDARD = 1, MODE_ANONYMOUS = 8, MODE_LDAP = 16, MODE_API_TOKEN = 4096, IDENTITIES_MAX = 256 };
enum { USERNAME_MAX = 250, WORKING_SET_MIN = 3, IDENTITY_SECONDS = 300 };

static struct identity {
    char token[65];
    uint64_t iserver;
    struct json_object *user;
    int64_t expires;
} identities[IDENTITIES_MAX];
static size_t next_identity;

/* The fields of a login, from JSON or a form, in one shape. */
static struct json_object *login_fields(const struct sim_request *request)
{
    if (!sim_has_type(request, "application/x-www-form-urlencoded"))
        return sim_has_type(request, "application/json") ? sim_body_json(request) : NULL;
    struct sim_pairs form = {0};
    struct json_object *fields = json_object_new_object();
    sim_body_form(request, &form);
    for (size_t i = 0; i < form.count; i++)
        json_object_object_add(fields, form.items[i].name, json_object_new_string(form.items[i].value));
    sim_pairs_release(&form);
    return fields;
}

static void refuse_login(struct sim_reply *reply, int64_t iserver, const char *why)
{
    library_error(reply, 401, 3, iserver, "Login failed");
    sim_verdict(reply, "%s", why);
}

/* The user whose password these are, counting failures; NULL with a reply. */
static struct json_object *check_password(struct json_object *fields, bool ldap, struct sim_reply *reply)
{
    const char *username = json_member_text(fields, "username");
    const char *password = json_member_text(fields, "password");
    struct json_object *user = username ? library_user_named(username) : NULL;
    bool enabled = true;
    bool directory = false;
    json_member_bool(user, "enabled", &enabled);
    json_member_bool(user, "ldap", &directory);
    const int64_t lock_after = sim_knob_int("mstr", "lock_after", 0);

    if (!user || directory != ldap) {
        refuse_login(reply, LIBRARY_LOGIN_FAILED, "no such user");
        return NULL;
    }
    if (lock_after > 0 && library_user_failures(user) >= lock_after) {
        refuse_login(reply, LIBRARY_ACCOUNT_LOCKED, "the account is locked");
        return NULL;
    }
    if (!password || strcmp(password, library_user_text(user, "password")) != 0) {
        library_user_set_failures(user, library_user_failures(user) + 1);
        sim_count("mstr", "failed_logins");
        refuse_login(reply, LIBRARY_LOGIN_FAILED, "wrong password");
        return NULL;
    }
    if (!enabled) {
        refuse_login(reply, LIBRARY_ACCOUNT_DISABLED, "the account is disabled");
        return NULL;
    }
    library_user_set_failures(user, 0);
    return user;
}

static struct json_object *check_api_token(struct json_object *fields, struct sim_reply *reply)
{
    const char *token = json_member_text(fields, "username");
    struct json_object *user = token ? library_user_with_api_token(token) : NULL;
    if (!user) {
        sim_count("mstr", "failed_logins");
        refuse_login(reply, LIBRARY_LOGIN_FAILED, "no such API token");
    }
    return user;
}

/* False with a reply; *user is NULL for the guest. */
static bool authenticate(struct json_object *fields, int64_t mode, struct json_object **user, struct sim_reply *reply)
{
    *user = NULL;
    if (!library_mode_enabled(mode)) {
        refuse_login(reply, 0, "the login mode is not enabled");
        return false;
    }
    switch (mode) {
    case MODE_ANONYMOUS:
        return true;
    case MODE_API_TOKEN:
        *user = check_api_token(fields, reply);
        break;
    case MODE_LDAP:
        if (!library_any_ldap_user()) {
            library_error(reply, 500, 1, LIBRARY_LDAP_MISSING, "LDAP is not configured.");
            return false;
        }
        *user = check_password(fields, true, reply);
        break;
    case MODE_STANDARD:
        *user = check_password(fields, false, reply);
        break;
    default:
        refuse_login(reply, 0, "the login mode cannot be used here");
        break;
    }
    return *user != NULL;
}

static bool within_limit(struct json_object *user, struct sim_reply *reply)
{
    const int64_t limit = sim_knob_int("mstr", "max_sessions_per_user", 0);
    if (limit <= 0 || (int64_t)library_sessions_count(user) < limit)
        return true;
    library_error(reply, 500, 2, LIBRARY_TOO_MANY_SESSIONS,
                  "The maximum number of sessions of this user is reached.");
    return false;
}

void library_login(struct library_call *call)
{
    struct json_object *fields = login_fields(call->request);
    struct json_object *user = NULL;
    int64_t mode = MODE_STANDARD;
    int64_t application = 35;
    if (!json_object_is_type(fields, json_type_object)) {
        library_error(call->reply, 400, 6, 0, "The body is neither a JSON object nor a form.");
        json_object_put(fields);
        return;
    }
    json_member_int64(fields, "loginMode", &mode);
    json_member_int64(fields, "applicationType", &application);
    if (authenticate(fields, mode, &user, call->reply) && within_limit(user, call->reply)) {
        struct library_session *session = library_session_open(call->reply, user, 0, call->request->tls);
        session->login_mode = mode;
        session->application_type = application;
        json_member_int64(fields, "workingSet", &session->working_set);
        json_member_int64(fields, "maxSearch", &session->max_search);
        if (session->working_set < WORKING_SET_MIN || session->working_set > LIBRARY_INSTANCES_MAX)
            session->working_set = WORKING_SET_MIN;
        call->reply->status = 204;
    }
    json_object_put(fields);
}

void library_logout(struct library_call *call)
{
    library_session_close(call->session->iserver);
    call->session = NULL;
    sim_count("mstr", "logouts");
    call->reply->status = 204;
}

void library_auth_unload(void)
{
    memset(identities, 0, sizeof(identities));
    next_identity = 0;
}

static struct identity *find_identity(const char *token)
{
    for (size_t i = 0; token && *token && i < IDENTITIES_MAX; i++)
        if (!strcmp(identities[i].token, token))
            return identities[i].expires > sim_now() ? &identities[i] : NULL;
    return NULL;
}

void library_delegate(struct library_call *call)
{
    struct json_object *fields = sim_body_json(call->request);
    int64_t mode = 0;
    const bool asked = json_member_int64(fields, "loginMode", &mode) && mode == -1;
    const struct identity *identity = find_identity(json_member_text(fields, "identityToken"));
    if (!asked) {
        library_error(call->reply, 400, 6, 0, "The login mode of a delegation is -1.");
    } else if (!identity) {
        refuse_login(call->reply, 0, "no such identity token");
    } else {
        struct library_session *session =
            library_session_open(call->reply, identity->user, identity->iserver, call->request->tls);
        session->login_mode = mode;
        call->reply->status = 204;
    }
    json_object_put(fields);
}

void library_identity_create(struct library_call *call)
{
    struct identity *identity = &identities[next_identity++ % IDENTITIES_MAX];
    sim_random_text(identity->token, 64, "abcdefghijklmnopqrstuv0123456789");
    identity->iserver = call->session->iserver;
    identity->user = call->session->user;
    identity->expires = sim_now() + sim_knob_int("mstr", "identity_timeout", IDENTITY_SECONDS) * 1000;
    sim_reply_header(call->reply, "X-MSTR-IdentityToken", identity->token);
    call->reply->status = 201;
}

void library_identity_check(struct library_call *call)
{
    const struct identity *identity = find_identity(sim_header(call->request, "X-MSTR-IdentityToken"));
    if (!identity) {
        refuse_login(call->reply, 0, "no such identity token");
        return;
    }
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "userId", json_object_new_string(library_user_text(identity->user, "id")));
    sim_reply_json(call->reply, 200, result);
}

void library_token_of_cookies(struct library_call *call)
{
    const struct library_session *session = library_session_by_cookie(call->request);
    if (!session) {
        library_error(call->reply, 401, 9, 0, "The user's session has expired, please reauthenticate");
        return;
    }
    sim_reply_header(call->reply, "X-MSTR-AuthToken", session->token);
    call->reply->status = 204;
}

/* Whose token is wanted: the user's own, or that of "userId", which is a matter of privilege. NULL with a reply. */
static struct json_object *api_token_owner(struct library_call *call)
{
    struct json_object *body = sim_body_json(call->request);
    const char *id = json_member_text(body, "userId");
    struct json_object *owner = call->session->user;
    bool own = owner && (!id || !strcmp(id, library_user_text(owner, "id")));
    if (!own && !sim_flag(owner, "generatesApiTokens")) {
        owner = NULL;
        library_error(call->reply, 403, 14, LIBRARY_PRIVILEGE_MISSING,
                      "The user lacks the privilege for API tokens.");
    } else if (!own && !(owner = library_user_with_id(id))) {
        library_error(call->reply, 404, 4, LIBRARY_OBJECT_MISSING, "There is no such user.");
    }
    json_object_put(body);
    return owner;
}

void library_api_token_create(struct library_call *call)
{
    char token[65];
    struct json_object *owner = api_token_owner(call);
    if (!owner)
        return;
    sim_random_text(token, 64, "0123456789abcdef");
    library_user_add_api_token(owner, token);
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "apiToken", json_object_new_string(token));
    sim_reply_json(call->reply, 200, result);
}

static struct json_object *user_object(const struct library_session *session)
{
    struct json_object *object = json_object_new_object();
    json_object_object_add(object, "id", json_object_new_string(library_user_text(session->user, "id")));
    json_object_object_add(object, "fullName", json_object_new_string(library_user_text(session->user, "fullName")));
    json_object_object_add(object, "initials", json_object_new_string(library_user_text(session->user, "initials")));
    return object;
}

void library_session_get(struct library_call *call)
{
    struct json_object *object = user_object(call->session);
    json_object_object_add(object, "locale", json_object_new_int(1033));
    json_object_object_add(object, "maxSearch", json_object_new_int64(call->session->max_search));
    json_object_object_add(object, "workingSet", json_object_new_int64(call->session->working_set));
    json_object_object_add(object, "timeout", json_object_new_int64(sim_knob_int("mstr", "idle_timeout", 1800)));
    sim_reply_json(call->reply, 200, object);
}

void library_session_extend(struct library_call *call)
{
    call->reply->status = 204;
}

void library_session_user(struct library_call *call)
{
    sim_reply_json(call->reply, 200, user_object(call->session));
}

static const struct {
    const char *id;
    const char *name;
} privileges[] = {{"25", "Use Library"}, {"79", "Web run report"}, {"299", "Generate API tokens"}};

static struct json_object *privilege_object(size_t i)
{
    struct json_object *object = json_object_new_object();
    json_object_object_add(object, "id", json_object_new_string(privileges[i].id));
    json_object_object_add(object, "name", json_object_new_string(privileges[i].name));
    json_object_object_add(object, "description", json_object_new_string(""));
    json_object_object_add(object, "isUserLevelAllowed", json_object_new_boolean(true));
    json_object_object_add(object, "projects", json_object_new_array());
    return object;
}

void library_session_privileges(struct library_call *call)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < sizeof(privileges) / sizeof(privileges[0]); i++)
        json_object_array_add(list, privilege_object(i));
    struct json_object *result = json_object_new_object();
    json_object_object_add(result, "privileges", list);
    sim_reply_json(call->reply, 200, result);
}

void library_session_privilege(struct library_call *call)
{
    for (size_t i = 0; i < sizeof(privileges) / sizeof(privileges[0]); i++) {
        if (!strcmp(privileges[i].id, call->arguments[0])) {
            sim_reply_json(call->reply, 200, privilege_object(i));
            return;
        }
    }
    library_error(call->reply, 404, 4, 0, "There is no such privilege.");
}
