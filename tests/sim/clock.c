/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's clock, its pauses, its end, and chance. */
#include "sim.h"

#include <openssl/rand.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t offset;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static bool ending;

static int64_t real_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t sim_now(void)
{
    return real_now() + atomic_load(&offset);
}

void sim_clock_advance(int64_t milliseconds)
{
    atomic_fetch_add(&offset, milliseconds);
}

void sim_clock_set(int64_t milliseconds)
{
    atomic_store(&offset, milliseconds - real_now());
}

void sim_clock_reset(void)
{
    atomic_store(&offset, 0);
}

bool sim_pause(int64_t milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    int64_t nanoseconds = until.tv_nsec + milliseconds % 1000 * 1000000;
    until.tv_sec += (time_t)(milliseconds / 1000 + nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);

    pthread_mutex_lock(&mutex);
    while (!ending && pthread_cond_timedwait(&ended, &mutex, &until) == 0) {
    }
    bool goes_on = !ending;
    pthread_mutex_unlock(&mutex);
    return goes_on;
}

bool sim_ending(void)
{
    pthread_mutex_lock(&mutex);
    bool result = ending;
    pthread_mutex_unlock(&mutex);
    return result;
}

void sim_end(void)
{
    pthread_mutex_lock(&mutex);
    ending = true;
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&mutex);
    kill(getpid(), SIGTERM);
}

void sim_random_text(char *out, size_t length, const char *alphabet)
{
    size_t letters = strlen(alphabet);
    for (size_t i = 0; i < length; i++) {
        unsigned char octet = 0;
        RAND_bytes(&octet, 1);
        out[i] = alphabet[octet % letters];
    }
    out[length] = '\0';
}

void sim_uuid(char out[37])
{
    unsigned char octets[16] = {0};
    RAND_bytes(octets, sizeof(octets));
    octets[6] = (unsigned char)((octets[6] & 0x0f) | 0x40);
    octets[8] = (unsigned char)((octets[8] & 0x3f) | 0x80);
    char *end = out;
    for (size_t i = 0; i < sizeof(octets); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *end++ = '-';
        end += snprintf(end, 3, "%02x", octets[i]);
    }
}
