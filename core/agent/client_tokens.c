/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens that clients of the session proxy get for their logins. */
#include "client_tokens.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/text.h"

#include <mstr/secret.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM_OCTETS = 32 };

struct entry {
    char text[CLIENT_TOKEN_SIZE];
    char *profile; /* NULL = the place is free */
    int64_t used;
};

struct client_tokens {
    struct entry entries[CLIENT_TOKENS_MAX];
};

struct client_tokens *client_tokens_new(void)
{
    return calloc(1, sizeof(struct client_tokens));
}

static void end(struct entry *entry)
{
    free(entry->profile);
    mstr_wipe(entry, sizeof(*entry));
}

static bool is_over(const struct entry *entry, int64_t now)
{
    return entry->profile != NULL && now - entry->used >= CLIENT_TOKEN_DISUSE;
}

/* A free place, or that of the one that was used least lately. */
static struct entry *make_place(struct client_tokens *tokens, int64_t now)
{
    struct entry *oldest = &tokens->entries[0];
    for (size_t i = 0; i < CLIENT_TOKENS_MAX; i++) {
        struct entry *entry = &tokens->entries[i];
        if (is_over(entry, now)) {
            end(entry);
        }
        if (oldest->profile != NULL && (entry->profile == NULL || entry->used < oldest->used)) {
            oldest = entry;
        }
    }
    end(oldest);
    return oldest;
}

bool client_tokens_issue(struct client_tokens *tokens, const char *profile, int64_t now,
                         char token[CLIENT_TOKEN_SIZE])
{
    unsigned char octets[RANDOM_OCTETS];
    struct buffer text = BUFFER_INIT;
    bool good = clock_random(octets, sizeof(octets)) && base64url_encode(&text, octets, sizeof(octets));
    struct entry *entry = make_place(tokens, now);
    good = good && (entry->profile = text_copy(profile)) != NULL;
    if (good) {
        snprintf(entry->text, sizeof(entry->text), "%s", buffer_text(&text));
        snprintf(token, CLIENT_TOKEN_SIZE, "%s", entry->text);
        entry->used = now;
    }
    buffer_release(&text);
    mstr_wipe(octets, sizeof(octets));
    return good;
}

/* In a time that says nothing of where they differ. */
static bool is_equal(const struct entry *entry, const char given[CLIENT_TOKEN_SIZE])
{
    unsigned char differing = 0;
    for (size_t i = 0; i < CLIENT_TOKEN_SIZE; i++) {
        differing |= (unsigned char)(entry->text[i] ^ given[i]);
    }
    return entry->profile != NULL && differing == 0;
}

static struct entry *find(struct client_tokens *tokens, const char *profile, const char *token)
{
    char given[CLIENT_TOKEN_SIZE] = "";
    struct entry *found = NULL;
    if (strlen(token) != CLIENT_TOKEN_SIZE - 1) {
        return NULL;
    }
    memcpy(given, token, CLIENT_TOKEN_SIZE);
    for (size_t i = 0; i < CLIENT_TOKENS_MAX; i++) {
        found = is_equal(&tokens->entries[i], given) ? &tokens->entries[i] : found;
    }
    mstr_wipe(given, sizeof(given));
    return found != NULL && strcmp(found->profile, profile) == 0 ? found : NULL;
}

bool client_tokens_use(struct client_tokens *tokens, const char *profile, const char *token, int64_t now)
{
    struct entry *entry = find(tokens, profile, token);
    if (entry != NULL && is_over(entry, now)) {
        end(entry);
        entry = NULL;
    }
    if (entry != NULL) {
        entry->used = now;
    }
    return entry != NULL;
}

void client_tokens_end(struct client_tokens *tokens, const char *profile, const char *token)
{
    struct entry *entry = find(tokens, profile, token);
    if (entry != NULL) {
        end(entry);
    }
}

void client_tokens_free(struct client_tokens *tokens)
{
    for (size_t i = 0; tokens != NULL && i < CLIENT_TOKENS_MAX; i++) {
        end(&tokens->entries[i]);
    }
    free(tokens);
}
