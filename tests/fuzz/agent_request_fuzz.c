/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to the agent: a first line, headers and a body as anybody may send them, over TCP and not. A head that is
 * good has one length and one way to read it; a target finds a route or a refusal; what the body or a pattern names
 * is read without harm. What goes on to a server has one path, below the API's root, and no header that says who
 * asks. The first octet says which pattern the policy has.
 */
#include "agent/head.h"
#include "agent/order.h"
#include "agent/proxy_headers.h"
#include "agent/proxy_path.h"
#include "agent/routes.h"
#include "base/uri.h"
#include "context/agent_policy.h"
#include "reference/canonical.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADERS = 32 };

struct heard {
    char *text;
    struct request request;
    struct request_header headers[HEADERS];
};

/* Cuts a line off; what is left of it. */
static char *next_line(char **rest)
{
    char *line = *rest;
    char *end = strchr(line, '\n');
    *rest = end != NULL ? end + 1 : line + strlen(line);
    if (end != NULL) {
        *end = '\0';
    }
    return line;
}

static void hear(struct heard *heard)
{
    struct request *request = &heard->request;
    char *rest = heard->text;
    char *first = next_line(&rest);
    char *target = strchr(first, ' ');
    request->method = first;
    request->target = target != NULL ? target + 1 : "";
    if (target != NULL) {
        *target = '\0';
    }
    for (char *line = next_line(&rest); *line != '\0' && request->header_count < HEADERS; line = next_line(&rest)) {
        char *colon = strchr(line, ':');
        size_t name = colon != NULL ? (size_t)(colon - line) : strlen(line);
        const char *value = colon != NULL ? colon + 1 : "";
        if (colon != NULL) {
            *colon = '\0';
        }
        heard->headers[request->header_count++] = (struct request_header){line, name, value, strlen(value)};
    }
    request->headers = heard->headers;
    buffer_puts(&request->body, rest);
}

static size_t count(const struct request *request, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        found += strlen(name) == request->headers[i].name_length &&
                 strncasecmp(request->headers[i].name, name, strlen(name)) == 0;
    }
    return found;
}

/* What the session proxy would send of it. */
static void forward(const struct request *request)
{
    struct proxy_path path;
    bool memory = true;
    if (strncmp(request->target, "/session/", strlen("/session/")) != 0) {
        return;
    }
    const char *fault = proxy_path_read(request->target, &path, &memory);
    if (fault == NULL) {
        struct buffer again = BUFFER_INIT;
        const char *text = buffer_text(&path.path);
        if (uri_path_fault(text, path.path.length, &memory) != NULL || *text == '/' ||
            !uri_path_put(&again, text, path.path.length) || strcmp(buffer_text(&again), text) != 0 ||
            strncasecmp(buffer_text(&path.profile), "api", 3) == 0) {
            abort();
        }
        buffer_release(&again);
    }
    for (size_t i = 0; fault == NULL && i < request->header_count; i++) {
        const char *name = request->headers[i].name;
        if (proxy_header_leaves(request, &request->headers[i]) &&
            (strchr(name, '_') != NULL || strcasecmp(name, "Cookie") == 0 ||
             strcasecmp(name, "X-MSTR-AuthToken") == 0 ||
             strncasecmp(name, "X-Forwarded-", strlen("X-Forwarded-")) == 0)) {
            abort();
        }
    }
    proxy_path_release(&path);
}

static void judge(struct heard *heard)
{
    struct request *request = &heard->request;
    int status = 0;
    const char *allow = NULL;
    if (head_fault(request, 4711, &status) != NULL) {
        if (status < 400) {
            abort();
        }
        return;
    }
    size_t lengths = count(request, "Content-Length") + count(request, "Transfer-Encoding");
    if (lengths > 1 || count(request, "Host") > 1 || head_length(request) < -1 || request->target[0] != '/') {
        abort();
    }
    if (request->peer.tcp && (count(request, "Origin") > 0 || count(request, "Host") != 1)) {
        abort();
    }
    forward(request);
    if (routes_find(request->method, request->target, &status, &allow) == NULL && status != 404 && status != 405) {
        abort();
    }
}

/* Every text that the body names, as a reference to be matched and as a pattern. */
static void ask(struct request *request, const struct policy *policy)
{
    struct order order;
    struct agent_reference reference = {.scheme = "st"};
    if (order_read(request, 1000, &order)) {
        for (size_t i = 0; i < order.reference_count; i++) {
            char *body = reference_canonical(order_reference(&order, i));
            reference.body = body;
            policy_allows(policy, &reference);
            free(body);
        }
        for (size_t i = 0; i < order.pattern_count; i++) {
            struct buffer problem = BUFFER_INIT;
            struct policy *pattern = policy_of_pattern(order_pattern(&order, i), &problem);
            reference.body = "prod/a";
            if (pattern != NULL) {
                policy_allows(pattern, &reference);
            }
            policy_free(pattern);
            buffer_release(&problem);
        }
    }
    order_release(&order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const patterns[] = {"st:prod/*", "*:**", "st:**a*b*c", "st:arn:aws:s:*:1:secret:*"};
    struct heard heard = {0};
    struct buffer problem = BUFFER_INIT;
    if (size == 0) {
        return 0;
    }
    heard.text = malloc(size);
    if (heard.text == NULL) {
        abort();
    }
    memcpy(heard.text, data + 1, size - 1);
    heard.text[size - 1] = '\0';
    heard.request.peer.tcp = (data[0] & 4) != 0;
    struct policy *policy = policy_new(patterns[data[0] & 3], NULL, &problem);
    hear(&heard);
    judge(&heard);
    ask(&heard.request, policy);
    policy_free(policy);
    reply_release(&heard.request.reply);
    buffer_release(&heard.request.body);
    free(heard.text);
    return 0;
}
