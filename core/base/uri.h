/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URIs (RFC 3986) as this library meets them: absolute http(s) URLs taken apart, percent-encoding, origins. Pure.
 */
#ifndef MSTR_BASE_URI_H
#define MSTR_BASE_URI_H

#include "base/buffer.h"

/* Writes one octet as it stands in a URI, itself if it is unreserved (RFC 3986 2.3), or %XX, and returns its
 * length. */
size_t uri_encode_octet(char octet, char encoded[3]);
/* Encodes all but unreserved characters, upper-case hex. */
bool uri_encode(struct buffer *out, const char *octets, size_t length);
/* The same, leaving the octets of `keep` as they are, e.g. "/". */
bool uri_encode_keep(struct buffer *out, const char *octets, size_t length, const char *keep);
/* Decodes %XX; false on a bad escape or an encoded NUL. '+' stays. */
bool uri_decode(struct buffer *out, const char *text, size_t length);
/* Appends name=value to a form or query, with '&' before it where something stands already; both are encoded. */
bool uri_form_add(struct buffer *out, const char *name, const char *value);

/* An absolute http or https URL in parts that point into the text it was made from. */
struct uri {
    const char *text;
    bool https;
    const char *user; /* user information, NULL if there is none */
    size_t user_length;
    const char *host; /* without brackets */
    size_t host_length;
    bool ipv6;
    unsigned port; /* explicit or the scheme's default */
    bool default_port;
    const char *path; /* from the first '/' on, up to '?' or '#'; may be empty */
    size_t path_length;
    const char *query; /* after '?', NULL if there is none */
    size_t query_length;
    bool fragment; /* there is one */
};

/* False unless the text is a well-formed absolute http(s) URL without control characters, blanks or backslashes. */
bool uri_parse(const char *text, struct uri *uri);
/* Whether that is because the host name has letters outside ASCII, which nobody converts here: the same name would be
 * one to certificates, cookies and signatures, and another to the resolver. */
bool uri_is_international(const char *text);
/* What is wrong with a URL that is refused, to follow its name: that, or `otherwise`. */
const char *uri_fault(const char *text, const char *otherwise);
#define URI_INTERNATIONAL "a URL whose host name is in ASCII, an international one in the form that begins with xn--"
/* What is wrong with a path that a server may read as another one than is written: an empty segment (but the last),
 * "." or "..", also encoded, a ";", an encoded slash, backslash, percent sign or control character, or what is no
 * UTF-8. NULL if nothing is, or, with *memory turned to false, where memory ran out. */
const char *uri_path_fault(const char *path, size_t length, bool *memory);
/* Appends a path that has no such fault in its one spelling, without a slash at its begin: each segment is decoded
 * and encoded anew, so that whoever looks at it reads what the server does. */
bool uri_path_put(struct buffer *out, const char *path, size_t length);
/* Appends scheme://host[:port], lower case, default port left out, IPv6 in brackets. */
bool uri_origin(const struct uri *uri, struct buffer *out);
/* As the Host header has it: the origin without its scheme. */
bool uri_host_header(const struct uri *uri, struct buffer *out);
bool uri_same_origin(const struct uri *a, const struct uri *b);
/* The address that the host is written as, that of IPv4 mapped into IPv6 (::ffff:a.b.c.d); false for a name. */
bool uri_address(const struct uri *uri, unsigned char address[16]);
/* Whether two addresses have their first `bits` in common. */
bool uri_same_block(const unsigned char a[16], const unsigned char b[16], unsigned bits);
/* localhost, 127.0.0.0/8 or ::1, by the text alone. */
bool uri_is_loopback(const struct uri *uri);
/* 169.254.0.0/16, fe80::/10, fd00:ec2::/32 by the text alone. */
bool uri_is_link_local(const struct uri *uri);

#endif
