#ifndef MERIDIAN_CCURL_SHIM_H
#define MERIDIAN_CCURL_SHIM_H

#include <curl/curl.h>

// Swift cannot call C functions with a variable number of arguments: one wrapper for each type of
// argument that libcurl's options take. The parentheses keep curl's checking macros out.

typedef size_t (*meridian_curl_sink)(char *bytes, size_t size, size_t count, void *target);

static inline CURLcode meridian_curl_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode meridian_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode meridian_curl_set_string(
    CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode meridian_curl_set_pointer(
    CURL *handle, CURLoption option, const void *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode meridian_curl_set_sink(
    CURL *handle, CURLoption option, meridian_curl_sink value) {
    return (curl_easy_setopt)(handle, option, value);
}

/// Called as a transfer goes on: bytes to be received and received, to be sent and sent. Another answer
/// than 0 ends the transfer.
typedef int (*meridian_curl_progress)(
    void *target, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent);

static inline CURLcode meridian_curl_set_progress(CURL *handle, meridian_curl_progress value) {
    CURLcode code = (curl_easy_setopt)(handle, CURLOPT_NOPROGRESS, value == NULL ? 1L : 0L);
    return code != CURLE_OK ? code
                            : (curl_easy_setopt)(handle, CURLOPT_XFERINFOFUNCTION, value);
}

/// Only http and https. CURLOPT_PROTOCOLS was replaced in libcurl 7.85.
static inline CURLcode meridian_curl_allow_http_only(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return (curl_easy_setopt)(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return (curl_easy_setopt)(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static inline CURLcode meridian_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}

static inline CURLMcode meridian_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}

static inline CURLcode meridian_curl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

#endif
