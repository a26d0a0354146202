/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What public functions do when memory runs out: small programs over them, each of whose allocations
 * out_of_memory_test lets fail in turn. A scenario uses what was made for it while memory lasted, releases whatever
 * it makes itself, and fails the test where a success is not the right answer.
 */
#ifndef MSTR_TESTS_OUT_OF_MEMORY_SCENARIO_H
#define MSTR_TESTS_OUT_OF_MEMORY_SCENARIO_H

#include "support/context.h"

#include <mstr/mstr.h>

struct scene {
    const char *config; /* path of a configuration with a provider of each kind and a profile */
    mstr_context *context;
    mstr_session *session; /* answered by scene_answer() */
    mstr_error *error;
    unsigned fetched;  /* by the provider "counted" */
    unsigned expiring; /* requests that are still to be answered as by an expired session */
};

enum stage { STAGE_NOTHING, STAGE_CONTEXT, STAGE_SESSION, STAGE_OPEN };

struct scenario {
    const char *name;
    enum stage stage;
    enum mstr_code (*run)(struct scene *scene); /* MSTR_OK, MSTR_E_MEMORY */
    long stride; /* of many allocations in a row, all of which cost much, one of so many fails; 0 = each */
};

/* A public function, and the scenario that calls it or the reason why none has to. */
struct called {
    const char *function;
    const struct scenario *scenario;
    const char *reason;
};

extern const struct called context_calls[];
extern const struct called files_calls[];
extern const struct called queue_calls[];
extern const struct called request_calls[];
extern const struct called table_calls[];
extern const struct called session_calls[]; /* each ends with a NULL function */

/* A session without credentials in NO_PROFILE form, answered by scene_answer(); MSTR_E_MEMORY and nothing. */
enum mstr_code scene_new_session(struct scene *scene, uint32_t flags, mstr_session **out, mstr_error *error);
/* The same with what an open needs. */
enum mstr_code scene_new_whole_session(struct scene *scene, uint32_t flags, mstr_session **out, mstr_error *error);

/* MSTR_E_MEMORY for what gives NULL without memory. */
static inline enum mstr_code made(const void *thing)
{
    return thing != NULL ? MSTR_OK : MSTR_E_MEMORY;
}

#endif
