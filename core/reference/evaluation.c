/* SPDX-License-Identifier: Apache-2.0 */
/* Values of templates. */
#include "reference/evaluation.h"

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

/* One `${…}` on its way: which alternative is next, and what came of it. */
struct slot {
    const struct template_piece *piece;
    size_t next;
    bool decided;
    struct lookup lookup;
    mstr_error *error; /* its own, since slots are resolved side by side */
};

static size_t count_slots(const struct evaluation *evaluations, size_t count)
{
    size_t slots = 0;
    for (size_t i = 0; i < count; i++) {
        const struct template *template = evaluations[i].template;
        for (size_t j = 0; template != NULL && j < template->count; j++) {
            slots += template->pieces[j].alternatives != NULL;
        }
    }
    return slots;
}

static void fill_slots(const struct evaluation *evaluations, size_t count, struct slot *slots)
{
    for (size_t i = 0; i < count; i++) {
        const struct template *template = evaluations[i].template;
        for (size_t j = 0; template != NULL && j < template->count; j++) {
            if (template->pieces[j].alternatives != NULL) {
                *slots++ = (struct slot){.piece = &template->pieces[j], .error = mstr_error_new()};
            }
        }
    }
}

/* Whether the next alternative may be tried: never when access was denied or the store failed. */
static bool moves_on(const struct slot *slot)
{
    bool absent = slot->lookup.code == MSTR_E_NOT_FOUND || slot->lookup.code == MSTR_E_NOT_AVAILABLE;
    return absent && slot->next < slot->piece->alternative_count;
}

/* Resolves the next alternative of every slot that is not decided; false when all are. */
static bool round_of(struct slot *slots, size_t count, struct lookup *lookups, lookup_fn look_up, void *data)
{
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        if (!slots[i].decided) {
            lookups[wanted++] =
                (struct lookup){.reference = slots[i].piece->alternatives[slots[i].next++], .error = slots[i].error};
        }
    }
    if (wanted == 0) {
        return false;
    }
    look_up(data, lookups, wanted);
    wanted = 0;
    for (size_t i = 0; i < count; i++) {
        if (!slots[i].decided) {
            slots[i].lookup = lookups[wanted++];
            slots[i].decided = !moves_on(&slots[i]);
        }
    }
    return true;
}

/* Puts the pieces of one evaluation together; the slots that belong to it start at `slots`. */
static void assemble(struct evaluation *evaluation, const struct slot *slots)
{
    const struct template *template = evaluation->template;
    struct buffer text = BUFFER_INIT;
    evaluation->from_cache = false;
    for (size_t i = 0; i < template->count && evaluation->code == MSTR_OK; i++) {
        if (template->pieces[i].literal != NULL) {
            buffer_puts(&text, template->pieces[i].literal);
            continue;
        }
        const struct lookup *lookup = &slots->lookup;
        evaluation->code = lookup->code;
        if (lookup->code != MSTR_OK) {
            error_copy(evaluation->error, slots->error);
        } else {
            buffer_append(&text, mstr_secret_octets(lookup->secret), mstr_secret_length(lookup->secret));
            evaluation->from_cache |= strcmp(mstr_secret_source(lookup->secret), "store") != 0;
        }
        if (lookup->code == MSTR_OK && template->count == 1) {
            evaluation->value =
                mstr_secret_retain(lookup->secret); /* octets, version and times as the store gave them */
        }
        slots++;
    }
    if (evaluation->code == MSTR_OK && evaluation->value == NULL) {
        evaluation->value = text.failed ? NULL : mstr_secret_new(buffer_text(&text), text.length);
        if (evaluation->value == NULL) {
            evaluation->code = error_set(evaluation->error, MSTR_E_MEMORY, "out of memory");
        }
    }
    buffer_release(&text);
}

void template_evaluate(struct evaluation *evaluations, size_t count, lookup_fn lookup, void *data)
{
    size_t slot_count = count_slots(evaluations, count);
    struct slot *slots = calloc(slot_count + 1, sizeof(*slots));
    struct lookup *lookups = calloc(slot_count + 1, sizeof(*lookups));
    bool memory = slots != NULL && lookups != NULL;
    if (memory) {
        fill_slots(evaluations, count, slots);
        while (round_of(slots, slot_count, lookups, lookup, data)) {
            /* until every slot is decided */
        }
    }
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        struct evaluation *evaluation = &evaluations[i];
        evaluation->value = NULL;
        evaluation->code = MSTR_OK;
        if (evaluation->template != NULL && memory) {
            assemble(evaluation, slots + first);
            first += count_slots(evaluation, 1);
        } else if (evaluation->template != NULL) {
            evaluation->code = error_set(evaluation->error, MSTR_E_MEMORY, "out of memory");
        }
    }
    for (size_t i = 0; memory && i < slot_count; i++) {
        mstr_secret_release(slots[i].lookup.secret);
        mstr_error_free(slots[i].error);
    }
    free(lookups);
    free(slots);
}
