/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals of the API server (metav1.Status). */
#include "kubernetes/wire/status.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/clock_skew.h"
#include "sdk/host.h"
#include "sdk/printed.h"

#include <string.h>

enum { SHOWN = 300, USER_MAX = 200, LONGEST_ASKED = 600 /* s */ };

/* As client-go does it: an answer that says when is asked again up to ten times. */
static const struct retry_policy when_asked = {.attempts = 11,
                                               .first_pause = 200,
                                               .longest_pause = 1000,
                                               .jitter_high = 100,
                                               .unanswered = PASSING_UNANSWERED,
                                               .longest_asked = 60000};

static const char anonymous[] = "system:anonymous";

/* Reasons (metav1.StatusReason) and statuses; the first that fits. */
static const struct {
    int status;
    const char *reason; /* NULL = any, or none */
    enum mstr_code code;
    const char *hint;
} classes[] = {
    {400, NULL, MSTR_E_REQUEST, NULL},
    {401, NULL, MSTR_E_AUTHENTICATION, "the token or certificate has expired, or is one of another cluster"},
    {403, NULL, MSTR_E_DENIED, NULL},
    {404, "NotFound", MSTR_E_NOT_FOUND, "check name and namespace; a namespace that does not exist is told alike"},
    {404, NULL, MSTR_E_CONFIG, "nothing of Kubernetes answers at this path: check the server's URL"},
    {406, NULL, MSTR_E_PROTOCOL, NULL},
    {415, NULL, MSTR_E_PROTOCOL, NULL},
    {504, "Timeout", MSTR_E_UNAVAILABLE, NULL},
};

/* The user in `User "NAME" cannot get …`, as RBAC writes it; false for other words. */
static bool find_user(const char *message, char user[USER_MAX + 1])
{
    const char *start = strstr(message, "User \"");
    const char *end = start != NULL ? strchr(start + 6, '"') : NULL;
    size_t length = end != NULL ? (size_t)(end - start) - 6 : 0;
    if (length == 0 || length > USER_MAX) {
        return false;
    }
    memcpy(user, start + 6, length);
    user[length] = '\0';
    return true;
}

/* One word of a command that people put into a shell: the server, or who it takes its users from, chose the text. */
static void put_word(struct buffer *out, const char *text)
{
    if (text_is_made_of(text, "-._:@/+=,#")) {
        buffer_puts(out, text);
        return;
    }
    buffer_putc(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            buffer_puts(out, "'\\'");
        }
        buffer_putc(out, *text);
    }
    buffer_putc(out, '\'');
}

/* Who binds it: a service account by its own flag, whoever else as a user. */
static void put_subject(struct buffer *out, const char *user)
{
    static const char account[] = "system:serviceaccount:";
    bool service = text_starts_with(user, account);
    buffer_puts(out, service ? "--serviceaccount=" : "--user=");
    put_word(out, service ? user + strlen(account) : user);
}

/* The Role that is missing, as JSON that kubectl takes, and what binds it. */
static void put_role_hint(struct buffer *out, const struct status_asked *asked, const char *user)
{
    buffer_printf(
        out,
        "kubectl apply -f - with {\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"Role\",\"metadata\":"
        "{\"namespace\":\"%s\",\"name\":\"read-%s\"},\"rules\":[{\"apiGroups\":[\"\"],\"resources\":"
        "[\"secrets\"],\"resourceNames\":[\"%s\"],\"verbs\":[\"get\"]}]}; then kubectl create rolebinding "
        "read-%s --namespace=%s --role=read-%s ",
        asked->namespace, asked->name, asked->name, asked->name, asked->namespace, asked->name);
    put_subject(out, user);
}

/* Who may not act as somebody else, which is refused before the secret is looked at. */
static enum mstr_code tell_impersonation(const char *message, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_DENIED, "Kubernetes answered 403: %.500s", message);
    return error_hint(error, MSTR_E_DENIED,
                      "take as out of the kubeconfig's user, or let it impersonate whom it names");
}

/* RBAC's refusal: who may not do what to what, and where. */
static enum mstr_code tell_forbidden(const struct status_asked *asked, const char *message, struct mstr_error *error)
{
    char user[USER_MAX + 1] = "";
    struct buffer hint = BUFFER_INIT;
    bool known = find_user(message, user);
    if (strstr(message, "cannot impersonate") != NULL) {
        return tell_impersonation(message, error);
    }
    if (known && strcmp(user, anonymous) == 0) {
        host->error_set(error, MSTR_E_AUTHENTICATION,
                        "the API server saw no credentials: %s may not get secrets \"%s\" in namespace \"%s\"", user,
                        asked->name, asked->namespace);
        return error_hint(error, MSTR_E_AUTHENTICATION,
                          "the identity has no token, password or certificate, or a proxy in between drops them");
    }
    host->error_set(error, MSTR_E_DENIED, "%s%s%s may not get secrets \"%s\" in namespace \"%s\"%s%.300s",
                    known ? "user \"" : "the identity", user, known ? "\"" : "", asked->name, asked->namespace,
                    known ? "" : ": ", known ? "" : message);
    put_role_hint(&hint, asked, known ? user : "NAME");
    host->error_detail(error, MSTR_DETAIL_HINT, buffer_text(&hint));
    buffer_release(&hint);
    return MSTR_E_DENIED;
}

/* The words of what is no Status: a page of a proxy, cut. */
static void put_page(const struct mstr_http_answer *answer, struct buffer *out)
{
    struct buffer page = BUFFER_INIT;
    buffer_append(&page, answer->body, answer->body_length < SHOWN ? answer->body_length : SHOWN);
    buffer_puts(out, "no Status of Kubernetes");
    if (page.length > 0) {
        buffer_puts(out, ": ");
        printed_quote(buffer_text(&page), out);
    }
    buffer_release(&page);
}

static void read_pause(struct json_object *body, struct attempt *attempt)
{
    int64_t seconds = 0;
    if (attempt->asked == RETRY_NOT_ASKED &&
        json_member_int64(json_member(body, "details"), "retryAfterSeconds", &seconds) && seconds > 0 &&
        seconds <= LONGEST_ASKED) {
        attempt->asked = seconds * 1000;
    }
    attempt->policy = attempt->asked != RETRY_NOT_ASKED ? &when_asked : attempt->policy;
}

/* A 404 that speaks of something else than the secret comes from a path that is none of the API's. */
static const char *reason_of(struct json_object *body, const struct status_asked *asked)
{
    const char *reason = json_member_text(body, "reason");
    struct json_object *details = json_member(body, "details");
    const char *kind = json_member_text(details, "kind");
    const char *name = json_member_text(details, "name");
    bool other = reason != NULL && strcmp(reason, "NotFound") == 0 &&
                 (kind == NULL || name == NULL ||
                  ((strcmp(kind, "secrets") != 0 || strcmp(name, asked->name) != 0) &&
                   (strcmp(kind, "namespaces") != 0 || strcmp(name, asked->namespace) != 0)));
    return other ? "" : reason;
}

static enum mstr_code classify(int status, const char *reason, const char **hint)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (classes[i].status == status &&
            (classes[i].reason == NULL || (reason != NULL && strcmp(classes[i].reason, reason) == 0))) {
            *hint = classes[i].hint;
            return classes[i].code;
        }
    }
    return attempt_class(status, MSTR_E_REQUEST);
}

enum mstr_code status_read(struct mstr_http_response *response, const struct status_asked *asked,
                           struct attempt *attempt, struct mstr_error *error)
{
    const struct mstr_http_answer *answer = host->http_answer(response);
    struct json_object *body = NULL;
    struct buffer text = BUFFER_INIT;
    const char *hint = NULL;
    enum mstr_code parsed = json_read(answer->body, answer->body_length, &body);
    const char *kind = json_member_text(body, "kind");
    bool status = kind != NULL && strcmp(kind, "Status") == 0;
    const char *message = status ? json_member_text(body, "message") : NULL;
    enum mstr_code code = classify(answer->status, status ? reason_of(body, asked) : NULL, &hint);
    read_pause(status ? body : NULL, attempt);
    if (code == MSTR_E_DENIED && message != NULL) {
        code = tell_forbidden(asked, message, error);
    } else {
        if (message != NULL) {
            buffer_puts(&text, message);
        } else {
            put_page(answer, &text);
        }
        host->error_set(error, code, "Kubernetes answered %d: %.500s", (int)answer->status, buffer_text(&text));
        host->error_detail(error, MSTR_DETAIL_HINT,
                           answer->status / 100 == 3 ? "redirects are not followed: name the API server's own URL"
                                                     : hint);
    }
    host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, status ? json_member_text(body, "reason") : NULL);
    host->error_detail(error, MSTR_DETAIL_REQUEST_ID, host->http_header(response, "Audit-Id"));
    if (answer->status == 401) {
        clock_skew_tell(response, error);
    }
    buffer_release(&text);
    return json_done(body, parsed, code, error);
}
