/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch: the host's requests of one call of `resolve`, each on its way from a reference to a value. What all stores
 * do alike is here: each request is read for itself, those that can be are fetched side by side, and each is answered
 * once, with its value or with what its error tells. A store's own structure for a request begins with a batch_item.
 */
#ifndef MSTR_PROVIDERS_SDK_BATCH_H
#define MSTR_PROVIDERS_SDK_BATCH_H

#include "sdk/request.h"

struct batch_item {
    const struct batch *batch;
    struct mstr_request *asked; /* the host's; NULL where it is only examined */
    const struct mstr_reference *reference;
    struct mstr_error *error;      /* is told why not */
    enum mstr_code code;           /* MSTR_OK = it has not failed */
    bool answered;                 /* with its value */
    bool tokenless;                /* no token could be had for it, which ended it */
    const struct request *request; /* while it is sent */
};

/* How a store goes about it. */
struct batch_kind {
    size_t size; /* of its structure, which is zeroed before */
    /* Reads the reference; no network. Returns the item's code. */
    enum mstr_code (*read)(struct batch_item *item);
    /* Fetches those with MSTR_OK, of which there are some. */
    void (*fetch)(const struct batch *batch);
    /* Answers one that was fetched, or gives it another code. NULL = `fetch` does. */
    void (*answer)(struct batch_item *item);
    void (*release)(struct batch_item *item); /* NULL = there is nothing to release */
};

struct batch {
    const struct batch_kind *kind;
    void *self; /* the instance */
    const struct mstr_call *call;
    void *items;
    size_t count;
};

/* A plugin's `resolve`. */
void batch_resolve(const struct batch_kind *kind, void *self, struct mstr_request *const *requests, size_t count,
                   const struct mstr_call *call);

struct batch_item *batch_at(const struct batch *batch, size_t index);
/* Whether it still wants to be fetched. */
bool batch_waits(const struct batch_item *item);
/* The first other item of its batch of which that is true; NULL = there is none. */
const struct batch_item *batch_find(const struct batch_item *item,
                                    bool (*fits)(const struct batch_item *other, const struct batch_item *item));
/* For batch_find(): that no token could be had for it. */
bool batch_is_tokenless(const struct batch_item *other, const struct batch_item *item);
/* For another that was sent and failed, while this one is prepared: fails it likewise. */
enum mstr_code batch_fail_like(const struct batch_item *other, struct mstr_error *error);
void batch_answer(struct batch_item *item, const void *octets, size_t length, const struct mstr_meta *meta);
/* Fails all that wait, for one reason. */
void batch_fail(const struct batch *batch, enum mstr_code code, const struct mstr_error *error);
/* Sends a request for each that waits, side by side: `like` with the item's error, and the item as its data. What
 * becomes of it is the item's code. */
void batch_send(const struct batch *batch, const struct request *like);

#endif
