/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A libcurl that does nothing but note which options it was given, and knows of a transfer what the test says.
 */
#ifndef MSTR_TESTS_UNIT_HTTP_CURL_DOUBLE_H
#define MSTR_TESTS_UNIT_HTTP_CURL_DOUBLE_H

#include "http/curl_api.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

struct noted_option {
    CURLoption option;
    char text[512];         /* numbers in decimal, lists a line each, "NULL" for it, "…" for any other pointer */
    void *pointer;          /* of those that take one */
    void (*function)(void); /* of callbacks */
};

static struct curl_double {
    struct noted_option options[64];
    size_t count;
    CURLoption refused; /* libcurl has none of that number; 0 = it has all */
    bool out_of_memory; /* it has it, but no memory to copy its text */
    long system_error;  /* CURLINFO_OS_ERRNO */
    curl_off_t ready;   /* CURLINFO_PRETRANSFER_TIME_T */
    curl_off_t announced;
    long connect_status; /* CURLINFO_HTTP_CONNECTCODE */
    const char *system_roots;
    bool homeless; /* it was built without the places of a system's roots */
} curl_double;

/* Where the option is noted, the last of its number; NULL if it was not set. */
static inline struct noted_option *curl_double_find(CURLoption option)
{
    for (size_t i = 0; i < curl_double.count; i++) {
        if (curl_double.options[i].option == option) {
            return &curl_double.options[i];
        }
    }
    return NULL;
}

static inline const char *curl_double_text(CURLoption option)
{
    const struct noted_option *noted = curl_double_find(option);
    return noted != NULL ? noted->text : NULL;
}

static inline bool curl_double_is_text(CURLoption option)
{
    static const CURLoption texts[] = {
        CURLOPT_URL,
        CURLOPT_CUSTOMREQUEST,
        CURLOPT_PROXY,
        CURLOPT_NOPROXY,
        CURLOPT_PROXYUSERNAME,
        CURLOPT_PROXYPASSWORD,
        CURLOPT_CAINFO,
        CURLOPT_CAPATH,
        CURLOPT_PROXY_CAINFO,
        CURLOPT_PROXY_CAPATH,
        CURLOPT_SSLCERT,
        CURLOPT_SSLCERTTYPE,
        CURLOPT_SSLKEY,
        CURLOPT_KEYPASSWD,
        CURLOPT_PINNEDPUBLICKEY,
        CURLOPT_POSTFIELDS,
        CURLOPT_ACCEPT_ENCODING,
#if LIBCURL_VERSION_NUM >= 0x075500
        CURLOPT_PROTOCOLS_STR,
#endif
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (texts[i] == option) {
            return true;
        }
    }
    return false;
}

static inline void curl_double_note_pointer(struct noted_option *noted)
{
    const size_t room = sizeof(noted->text);
    if (noted->pointer == NULL) {
        snprintf(noted->text, room, "NULL");
    } else if (noted->option == CURLOPT_HTTPHEADER || noted->option == CURLOPT_CONNECT_TO) {
        size_t length = 0;
        for (const struct curl_slist *at = noted->pointer; at != NULL; at = at->next) {
            length += (size_t)snprintf(noted->text + length, room - length, "%s\n", at->data);
        }
    } else {
        snprintf(noted->text, room, "%s", curl_double_is_text(noted->option) ? (char *)noted->pointer : "…");
    }
}

static inline CURLcode curl_double_setopt(CURL *easy, CURLoption option, ...)
{
    va_list values;
    struct noted_option *noted = curl_double_find(option);
    (void)easy;
    if (option == curl_double.refused) {
        return curl_double.out_of_memory ? CURLE_OUT_OF_MEMORY : CURLE_UNKNOWN_OPTION;
    }
    if (noted == NULL) {
        assert_true(curl_double.count < COUNT_OF(curl_double.options));
        noted = &curl_double.options[curl_double.count++];
    }
    *noted = (struct noted_option){.option = option};
    va_start(values, option);
    switch ((int)option / 10000 * 10000) { /* the kind, as curl numbers its options */
    case CURLOPTTYPE_LONG:
        snprintf(noted->text, sizeof(noted->text), "%ld", va_arg(values, long));
        break;
    case CURLOPTTYPE_OFF_T:
        snprintf(noted->text, sizeof(noted->text), "%lld", (long long)va_arg(values, curl_off_t));
        break;
    case CURLOPTTYPE_FUNCTIONPOINT:
        noted->function = va_arg(values, void (*)(void));
        break;
    default:
        noted->pointer = va_arg(values, void *);
        curl_double_note_pointer(noted);
    }
    va_end(values);
    return CURLE_OK;
}

static inline CURLcode curl_double_getinfo(CURL *easy, CURLINFO info, ...)
{
    const struct {
        CURLINFO info;
        curl_off_t value;
    } known[] = {
        {CURLINFO_PRETRANSFER_TIME_T, curl_double.ready},
        {CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, curl_double.announced},
    };
    va_list values;
    (void)easy;
    va_start(values, info);
    if (info == CURLINFO_OS_ERRNO) {
        *va_arg(values, long *) = curl_double.system_error;
    }
    if (info == CURLINFO_HTTP_CONNECTCODE) {
        *va_arg(values, long *) = curl_double.connect_status;
    }
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (known[i].info == info) {
            *va_arg(values, curl_off_t *) = known[i].value;
        }
    }
    va_end(values);
    return CURLE_OK;
}

static inline const char *curl_double_strerror(CURLcode code)
{
    return code == CURLE_OK ? "nothing wrong" : "curl's own words";
}

static inline curl_version_info_data *curl_double_version(CURLversion version)
{
    static curl_version_info_data data;
    (void)version;
    data.cainfo = curl_double.system_roots;
    data.capath = curl_double.homeless ? NULL : "/etc/ssl/certs";
    return &data;
}

static const struct curl_api curl_double_api = {
    .easy_setopt = curl_double_setopt,
    .easy_getinfo = curl_double_getinfo,
    .easy_strerror = curl_double_strerror,
    .version_info = curl_double_version,
};

#endif
