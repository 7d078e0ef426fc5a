/* Puts the wall clock of a process ahead, by the milliseconds in CLOCK_AHEAD_MILLISECONDS: preloaded
 * by test_skew.py.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    const char *ahead = getenv("CLOCK_AHEAD_MILLISECONDS");
    if (result == 0 && clock == CLOCK_REALTIME && ahead) {
        long long total = time->tv_nsec + atoll(ahead) % 1000 * 1000000;
        time->tv_sec += atoll(ahead) / 1000 + total / 1000000000;
        time->tv_nsec = total % 1000000000;
    }
    return result;
}
