/* A disk that fails when it is told to: preloaded into a regiond by test_disk.py.
 *
 * The folder in MERIDIAN_TEST_DISK holds the orders: a file named "full" makes every write to a file
 * fail with ENOSPC, one named "unsynced" every sync with EIO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_ordered(const char *order) {
    const char *folder = getenv("MERIDIAN_TEST_DISK");
    char path[4096];
    if (folder == NULL) return 0;
    snprintf(path, sizeof path, "%s/%s", folder, order);
    return access(path, F_OK) == 0;
}

/* Files alone, and not the log on standard error. */
static int is_full(int fd) {
    struct stat about;
    int saved = errno;
    int full = fd > 2 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && is_ordered("full");
    errno = saved;
    return full;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL_IF(condition, code) if (condition) { errno = code; return -1; }

int fsync(int fd) { FAIL_IF(is_ordered("unsynced"), EIO) return REAL(fsync)(fd); }

int fdatasync(int fd) { FAIL_IF(is_ordered("unsynced"), EIO) return REAL(fdatasync)(fd); }

ssize_t write(int fd, const void *bytes, size_t count) {
    FAIL_IF(is_full(fd), ENOSPC)
    return REAL(write)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    FAIL_IF(is_full(fd), ENOSPC)
    return REAL(pwrite)(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    FAIL_IF(is_full(fd), ENOSPC)
    return REAL(pwrite64)(fd, bytes, count, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    FAIL_IF(is_full(fd), ENOSPC)
    return REAL(writev)(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    FAIL_IF(is_full(fd), ENOSPC)
    return REAL(pwritev)(fd, parts, count, offset);
}
