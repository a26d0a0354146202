/* SPDX-License-Identifier: Apache-2.0 */
/* Single flight. */
#include "base/flight.h"

#include "base/condition.h"

bool flight_init(struct flight *flight)
{
    *flight = (struct flight){.busy = false};
    return condition_init(&flight->landed);
}

void flight_destroy(struct flight *flight)
{
    pthread_cond_destroy(&flight->landed);
}

void flight_begin(struct flight *flight)
{
    flight->busy = true;
}

void flight_land(struct flight *flight, enum mstr_code outcome, bool gave_up)
{
    flight->busy = false;
    flight->round++;
    flight->outcome = outcome;
    flight->gave_up = gave_up;
    pthread_cond_broadcast(&flight->landed);
}

bool flight_gave_up(enum mstr_code outcome, enum mstr_code ended)
{
    return ended != MSTR_OK && outcome != MSTR_OK && outcome != MSTR_E_AUTHENTICATION;
}
