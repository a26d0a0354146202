/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /session/PROFILE/…: the server's REST API with the session added. What begins or ends a session is answered here,
 * so that clients which log in by themselves share one session without knowing of it; all else is forwarded.
 */
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/uri.h"
#include "forward.h"
#include "routes.h"

#include <stdlib.h>

enum { TIMEOUT = 5 * 60 * 1000 };

static const char token_header[] = "X-MSTR-AuthToken";

/* request->own. */
struct proxied {
    struct proxy_path path;
    int64_t timeout;
    struct forward *forward; /* NULL = none yet, or it is answered here */
};

static bool refuse(struct request *request, int status, const char *code, const char *message)
{
    reply_rest(&request->reply, status, code, message);
    return false;
}

/* Whether a list has the word in it. */
static bool is_listed(const char *list, const char *word, size_t length)
{
    for (const char *at = list != NULL ? list : ""; *at != '\0';) {
        at += strspn(at, " \t");
        size_t here = strcspn(at, " \t");
        if (here > 0 && here == length && text_equal_nocase_length(at, word, length)) {
            return true;
        }
        at += here;
    }
    return false;
}

/* What below auth/ goes to the server: what the configuration names, and of that nothing but itself. */
static bool is_let_through(const struct request *request, const struct proxy_path *path)
{
    const char *word = buffer_text(&path->path) + strlen("auth");
    word += *word == '/';
    size_t length = strcspn(word, "/");
    return !is_listed("login logout token", word, length) &&
           is_listed(request->generation->settings.allow_auth, word, length);
}

static bool is_login(const struct request *request, const struct proxy_path *path)
{
    return strcmp(request->method, "POST") == 0 && proxy_path_is(path, "auth/login");
}

/* Over the Unix socket the user is the proof; a token says no more than that its client has logged in. */
static bool admit_client(struct agent *agent, struct request *request, const struct proxy_path *path)
{
    const char *token = request_header(request, token_header);
    if (is_login(request, path)) {
        return true;
    }
    if (token == NULL) {
        return !request->peer.tcp || routes_admit(agent, request);
    }
    if (client_tokens_use(agent->client_tokens, buffer_text(&path->profile), token, request->began)) {
        return true;
    }
    if (request->peer.tcp && token_check(&agent->token, NULL, request->began) == TOKEN_TOO_MANY) {
        reply_busy(&request->reply, 429, 1, "too many wrong tokens");
        return false;
    }
    return refuse(request, 401, "ERR009", "this token is none of the agent's; log in again");
}

static bool is_allowed(struct request *request, const struct proxy_path *path)
{
    return policy_allows_profile(request->generation->settings.policy, buffer_text(&path->profile)) ||
           refuse(request, 403, "ERR017", "the agent's policy does not allow this profile");
}

static bool read_timeout(struct request *request, struct proxied *proxied)
{
    proxied->timeout = TIMEOUT;
    return request_timeout(request, &proxied->timeout) ||
           refuse(request, 400, "ERR005", "X-Mstr-Timeout is no duration");
}

static bool admit(struct agent *agent, struct request *request)
{
    bool memory = true;
    struct proxied *proxied = calloc(1, sizeof(*proxied));
    if (proxied == NULL) {
        return refuse(request, 503, "ERR001", "out of memory");
    }
    request->own = proxied;
    const char *fault = proxy_path_read(request->target, &proxied->path, &memory);
    if (request->peer.tcp && fault != NULL && !routes_admit(agent, request)) {
        return false;
    }
    if (fault != NULL) {
        reply_problem(&request->reply, memory ? 400 : 503, "request", "the path is refused: %s", fault);
        return false;
    }
    if (!admit_client(agent, request, &proxied->path)) {
        return false;
    }
    bool unproven = request->peer.tcp && is_login(request, &proxied->path); /* is not told which profiles there are */
    return (unproven || is_allowed(request, &proxied->path)) && read_timeout(request, proxied);
}

/* The password of a login, or the API token in its place, in JSON or a form; NULL if there is none. */
static char *find_proof(const struct request *request)
{
    const char *type = request_header(request, "Content-Type");
    const struct buffer *body = &request->body;
    struct json_object *tree = NULL;
    struct buffer form = BUFFER_INIT;
    char *proof = NULL;
    if (type != NULL && text_equal_nocase_length(type, "application/x-www-form-urlencoded", 33)) {
        const char *at = buffer_text(body);
        while (at != NULL && !text_starts_with(at, "password=")) {
            const char *next = strchr(at, '&');
            at = next != NULL ? next + 1 : NULL;
        }
        if (at != NULL && uri_decode(&form, at + 9, strcspn(at + 9, "&"))) {
            proof = text_copy(buffer_text(&form));
        }
    } else if (json_read(buffer_text(body), body->length, &tree) == MSTR_OK) {
        const char *password = json_member_text(tree, "password");
        proof = text_copy(!text_empty(password) ? password : json_member_text(tree, "username"));
    }
    buffer_release(&form);
    json_release(tree);
    return proof;
}

static void give_token(struct agent *agent, struct request *request, const struct proxy_path *path)
{
    char token[CLIENT_TOKEN_SIZE];
    if (client_tokens_issue(agent->client_tokens, buffer_text(&path->profile), request->began, token)) {
        request->reply.status = 204;
        reply_header(&request->reply, token_header, token);
    } else {
        reply_rest(&request->reply, 503, "ERR001", "out of memory");
    }
    mstr_wipe(token, sizeof(token));
}

/* A client's login: over TCP by the agent's token, which stands in the place of a password. */
static void log_in(struct agent *agent, struct request *request, const struct proxy_path *path)
{
    char *proof = request->peer.tcp ? find_proof(request) : NULL;
    enum token_verdict verdict = request->peer.tcp ? token_check(&agent->token, proof, request->began) : TOKEN_GOOD;
    text_wipe_free(proof);
    if (verdict == TOKEN_TOO_MANY) {
        reply_busy(&request->reply, 429, 1, "too many wrong tokens");
    } else if (verdict == TOKEN_WRONG) {
        reply_rest(&request->reply, 401, "ERR003", "the password is to be the agent's token");
    } else if (is_allowed(request, path)) {
        give_token(agent, request, path);
    }
}

static bool answer(struct agent *agent, struct request *request)
{
    struct proxied *proxied = request->own;
    const struct proxy_path *path = &proxied->path;
    const char *token = request_header(request, token_header);
    bool post = strcmp(request->method, "POST") == 0;
    if (is_login(request, path) && request->whole) {
        log_in(agent, request, path);
    } else if (post && proxy_path_is(path, "auth/logout")) {
        client_tokens_end(agent->client_tokens, buffer_text(&path->profile), token != NULL ? token : "");
        request->reply.status = 204;
    } else if (strcmp(request->method, "PUT") == 0 && proxy_path_is(path, "sessions")) {
        request->reply.status = 204;
    } else if (proxy_path_is_below(path, "auth") && !is_let_through(request, path)) {
        refuse(request, 403, "ERR017", "this is the agent's own affair: allow_auth in [agent] does not name it");
    }
    return request->reply.status != 0;
}

static void dispatch(struct agent *agent, struct request *request)
{
    struct proxied *proxied = request->own;
    proxied->forward = forward_new(agent, request, &proxied->path, proxied->timeout);
    if (proxied->forward == NULL) {
        refuse(request, 503, "ERR001", "out of memory");
        return;
    }
    forward_start(proxied->forward);
}

static void give_up(struct agent *agent, struct request *request)
{
    struct proxied *proxied = request->own;
    (void)agent;
    forward_give_up(proxied->forward);
}

static void release(struct request *request)
{
    struct proxied *proxied = request->own;
    if (proxied != NULL) {
        forward_release(proxied->forward);
        proxy_path_release(&proxied->path);
        free(proxied);
    }
}

const struct route route_session = {.path = "/session/",
                                    .answer = answer,
                                    .dispatch = dispatch,
                                    .release = release,
                                    .admit = admit,
                                    .give_up = give_up,
                                    .streams = true};
