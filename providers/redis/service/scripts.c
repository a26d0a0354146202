/* SPDX-License-Identifier: Apache-2.0 */
/* What the store does for us at one blow. */
#include "redis/service/scripts.h"

#include "base/crypto.h"

#include <openssl/evp.h>
#include <stdio.h>

/* The store's time; a record's fence, 0 = there is none; a number in full, as Lua's own form rounds it. Whatever else
 * stands where a record should is foreign, and is left as it is. */
#define COMMON                                                                                                       \
    "local call=redis.call "                                                                                         \
    "local function now() local t=call('TIME') return t[1]*1000+math.floor(t[2]/1000) end "                          \
    "local function text(n) return string.format('%.0f',n) end "                                                     \
    "local function fence(key) local v=call('GETRANGE',key,0,23) if v=='' then return 0 end "                        \
    "local n=tonumber(string.match(v,'^(%d+):')) "                                                                   \
    "return n and n<=9007199254740992 and n or error('this is no record of mstr') end "

/* Fences outlast their records by a week, ms: the store's clock, which they do not fall below either, may be set back
 * by that much. */
#define WEEK "604800000"

/* How many have beaten within the time that whoever asks says, and the fence that he watches. */
#define COUNTED "return {call('ZCOUNT',KEYS[1],'('..text(t-ARGV[2]),'+inf'),KEYS[2] and fence(KEYS[2]) or 0,t}"

static const char *const texts[SCRIPT_COUNT] = {
    [SCRIPT_GET] = COMMON "return {call('GET',KEYS[1]),call('PTTL',KEYS[1]),now()}",

    /* The message first: should it be refused, nothing is written. */
    [SCRIPT_PUT] = COMMON "local mine=tonumber(ARGV[2]) "
                          "if call('GET',KEYS[3])~=ARGV[1] or fence(KEYS[1])>mine then return 4 end "
                          "if ARGV[6]~='' then call('PUBLISH',ARGV[6],ARGV[7]) end "
                          "call('SET',KEYS[1],ARGV[3],'PX',ARGV[4]) "
                          "if (tonumber(call('GET',KEYS[2])) or 0)<=mine then "
                          "call('SET',KEYS[2],ARGV[2],'PX'," WEEK ") end "
                          "if ARGV[5]~='' then call('DEL',KEYS[3]) end "
                          "return 0",

    [SCRIPT_EXTEND] = COMMON "local has=fence(KEYS[1]) "
                             "if has==0 then return 1 end "
                             "if has~=tonumber(ARGV[1]) then return 3 end "
                             "call('PEXPIRE',KEYS[1],ARGV[2]) "
                             "return 0",

    [SCRIPT_REMOVE] = COMMON "local has,wanted=fence(KEYS[1]),tonumber(ARGV[1]) "
                             "if has==0 then return 1 end "
                             "if wanted~=0 and has~=wanted then return 3 end "
                             "local last=math.max(has,tonumber(call('GET',KEYS[2])) or 0) "
                             "call('SET',KEYS[2],text(last),'PX'," WEEK ") "
                             "call('DEL',KEYS[1]) "
                             "return 0",

    /* Who asks again for the lease that he has got, since the answer was lost, is told so. */
    [SCRIPT_ACQUIRE] = COMMON "local t,has,lease,left=now(),fence(KEYS[1]),call('GET',KEYS[2]),0 "
                              "if lease then left=call('PTTL',KEYS[2]) end "
                              "if has~=tonumber(ARGV[3]) then return {3,has,left,t} end "
                              "if lease and string.sub(lease,1,33)==ARGV[1]..':' then "
                              "return {0,tonumber(string.sub(lease,34)),0,t} end "
                              "if lease then return {2,has,left,t} end "
                              "local mine=math.max(t,has+1,(tonumber(call('GET',KEYS[3])) or 0)+1) "
                              "call('SET',KEYS[3],text(mine),'PX'," WEEK ") "
                              "call('SET',KEYS[2],ARGV[1]..':'..text(mine),'PX',ARGV[2]) "
                              "return {0,mine,0,t}",

    [SCRIPT_RENEW] = "local lease=redis.call('GET',KEYS[1]) "
                     "if not lease or string.sub(lease,1,33)~=ARGV[1]..':' then return 4 end "
                     "redis.call('PEXPIRE',KEYS[1],ARGV[2]) "
                     "return 0",

    [SCRIPT_RELEASE] = "local lease=redis.call('GET',KEYS[1]) "
                       "if not lease or string.sub(lease,1,33)~=ARGV[1]..':' then return 4 end "
                       "redis.call('DEL',KEYS[1]) "
                       "return 0",

    /* Whoever only asks writes nothing, so that a store that is full or read-only answers. */
    [SCRIPT_BEAT] = COMMON "local t=now() "
                           "if ARGV[1]~='' then "
                           "call('ZREMRANGEBYSCORE',KEYS[1],'-inf',text(t-ARGV[2])) "
                           "call('ZADD',KEYS[1],text(t),ARGV[1]) "
                           "if call('PTTL',KEYS[1])<tonumber(ARGV[2]) then call('PEXPIRE',KEYS[1],ARGV[2]) end "
                           "end " COUNTED,

    [SCRIPT_LEAVE] = COMMON "local t=now() "
                            "if ARGV[1]~='' then call('ZREM',KEYS[1],ARGV[1]) end " COUNTED,
};

bool scripts_init(struct scripts *scripts)
{
    bool good = crypto_is_ready();
    for (size_t i = 0; good && i < SCRIPT_COUNT; i++) {
        unsigned char digest[EVP_MAX_MD_SIZE];
        struct script *script = &scripts->list[i];
        script->text = texts[i];
        good = EVP_Digest(texts[i], strlen(texts[i]), digest, NULL, EVP_sha1(), NULL) == 1;
        for (size_t j = 0; good && j < 20; j++) {
            snprintf(script->hash + 2 * j, 3, "%02x", digest[j]);
        }
    }
    return good || crypto_forget_failure();
}
