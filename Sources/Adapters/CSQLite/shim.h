#include <sqlite3.h>

/* sqlite3_config is variadic, which Swift cannot call. Without statistics an allocation takes no
   process-wide lock. */
static inline int meridian_sqlite3_config_memstatus(int on) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, on);
}

/* Swift's Glibc module leaves out what Linux has beyond POSIX. Begins to write dirty pages to the
   disk and does not wait for it. */
static inline void meridian_begin_sync(int descriptor, long long offset, long long count) {
#ifdef __linux__
    extern int sync_file_range(int, long long, long long, unsigned int);
    const unsigned int write_only = 2; /* SYNC_FILE_RANGE_WRITE */
    (void)sync_file_range(descriptor, offset, count, write_only);
#else
    (void)descriptor, (void)offset, (void)count;
#endif
}

/* Waits until those bytes are with the disk, which may still have them in a cache of its own. */
static inline void meridian_await_written(int descriptor, long long offset, long long count) {
#ifdef __linux__
    extern int sync_file_range(int, long long, long long, unsigned int);
    const unsigned int whole = 1 | 2 | 4; /* SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE, _WAIT_AFTER */
    (void)sync_file_range(descriptor, offset, count, whole);
#else
    (void)descriptor, (void)offset, (void)count;
#endif
}
