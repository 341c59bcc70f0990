/* Counts the calls that change files below given folders, and ends the process, or cuts the power, at the n-th.
 *
 * Loaded into a program by LD_PRELOAD (interposed.py says how); the calls are the program's own and really made. strace
 * counts a call on every thread for itself, so that it cannot tell a job's hundredth fsync: this counts for the process.
 *
 *   FAULT_UNDER  folders, separated by colons; calls elsewhere are neither counted nor disturbed
 *   FAULT_AT     the number of the call that is not made any more, from 1; without it they are only counted
 *   FAULT_ERROR  the program goes on: that call fails with this error number, and every later one if FAULT_STAYS is set
 *   FAULT_TORN   if that call is a write, the first half of its bytes is written before the end
 *   FAULT_CUT    a folder on ext4 or XFS that loses whatever was not made durable, as when the plug is pulled
 *   FAULT_LOG    a file that gets a line "call path" for each call
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define GOING_DOWN _IOR('X', 125, uint32_t) /* XFS_IOC_GOINGDOWN; ext4 knows it too */

static atomic_long counted;

static int full_path(char *full, int folder, const char *name) {
    char link[64];
    ssize_t length = 0;
    if (name != NULL && name[0] == '/') return snprintf(full, PATH_MAX, "%s", name) < PATH_MAX;
    if (folder == AT_FDCWD) return 0; /* the tests name everything in full */
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    length = readlink(link, full, PATH_MAX / 2);
    if (length < 0) return 0;
    full[length] = 0;
    if (name != NULL) snprintf(full + length, PATH_MAX - (size_t)length, "/%s", name);
    return 1;
}

static int is_under(const char *full) {
    const char *under = getenv("FAULT_UNDER");
    while (under != NULL && *under) {
        size_t length = strcspn(under, ":");
        if (!strncmp(full, under, length) && (full[length] == '/' || !full[length])) return 1;
        under += length + (under[length] == ':');
    }
    return 0;
}

static void end_here(void) {
    const char *cut = getenv("FAULT_CUT");
    if (cut != NULL) {
        uint32_t without_a_flush = 2;
        int folder = open(cut, O_RDONLY);
        if (ioctl(folder, GOING_DOWN, &without_a_flush)) perror("FAULT_CUT");
    }
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Whether this call is the one that is not made; only a torn write comes back from here to be ended by the caller. */
static int is_last(const char *call, int folder, const char *name) {
    char full[PATH_MAX], line[PATH_MAX + 64];
    const char *at = getenv("FAULT_AT"), *log = getenv("FAULT_LOG");
    if (!full_path(full, folder, name) || !is_under(full)) return 0;
    if (log != NULL) {
        int file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
        int length = snprintf(line, sizeof line, "%s %s\n", call, full);
        syscall(SYS_write, file, line, length);
        syscall(SYS_close, file);
    }
    long number = atomic_fetch_add(&counted, 1) + 1, last = at != NULL ? atol(at) : 0;
    return number == last || (last && number > last && getenv("FAULT_STAYS") != NULL);
}

/* The end of the program; or, if it is to go on, true with the error in errno. */
static int is_refused(void) {
    const char *error = getenv("FAULT_ERROR");
    if (error == NULL) end_here();
    errno = atoi(error);
    return 1;
}

#define STOP(call, folder, name) do { if (is_last(call, folder, name) && is_refused()) return -1; } while (0)

ssize_t write(int file, const void *bytes, size_t size) {
    if (is_last("write", file, NULL)) {
        if (getenv("FAULT_TORN") != NULL) syscall(SYS_write, file, bytes, size / 2 & ~(size_t)4095);
        if (is_refused()) return -1;
    }
    return syscall(SYS_write, file, bytes, size);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
    if (is_last("pwrite", file, NULL)) {
        if (getenv("FAULT_TORN") != NULL) syscall(SYS_pwrite64, file, bytes, size / 2, at);
        if (is_refused()) return -1;
    }
    return syscall(SYS_pwrite64, file, bytes, size, at);
}

int fsync(int file) { STOP("fsync", file, NULL); return syscall(SYS_fsync, file); }
int fdatasync(int file) { STOP("fdatasync", file, NULL); return syscall(SYS_fdatasync, file); }
int syncfs(int file) { STOP("syncfs", file, NULL); return syscall(SYS_syncfs, file); }
int close(int file) {
    struct stat told;
    int failed = is_last("close", file, NULL) && is_refused(), error = errno;
    failed = failed && !fstat(file, &told) && S_ISREG(told.st_mode); /* a folder has nothing left to write */
    int closed = syscall(SYS_close, file);
    if (!failed) return closed;
    errno = error; /* the descriptor is gone all the same, as Linux has it */
    return -1;
}
int ftruncate64(int file, off64_t size) { STOP("truncate", file, NULL); return syscall(SYS_ftruncate, file, size); }
int futimens(int file, const struct timespec times[2]) {
    STOP("utime", file, NULL);
    return syscall(SYS_utimensat, file, NULL, times, 0);
}
int mkdir(const char *name, mode_t mode) {
    STOP("mkdir", AT_FDCWD, name);
    return syscall(SYS_mkdirat, AT_FDCWD, name, mode);
}
int mkdirat(int folder, const char *name, mode_t mode) {
    STOP("mkdir", folder, name);
    return syscall(SYS_mkdirat, folder, name, mode);
}
int unlink(const char *name) {
    STOP("unlink", AT_FDCWD, name);
    return syscall(SYS_unlinkat, AT_FDCWD, name, 0);
}
int unlinkat(int folder, const char *name, int flags) {
    STOP("unlink", folder, name);
    return syscall(SYS_unlinkat, folder, name, flags);
}
int renameat2(int from, const char *old, int to, const char *new, unsigned int flags) {
    STOP("rename", from, old);
    return syscall(SYS_renameat2, from, old, to, new, flags);
}
int renameat(int from, const char *old, int to, const char *new) { return renameat2(from, old, to, new, 0); }
int rename(const char *old, const char *new) { return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0); }

static int open_at(int folder, const char *name, int flags, mode_t mode) {
    if (flags & O_CREAT) STOP("create", folder, name);
    return syscall(SYS_openat, folder, name, flags, mode);
}
#define MODE(flags) va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest)
int open64(const char *name, int flags, ...) { MODE(flags); return open_at(AT_FDCWD, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) { MODE(flags); return open_at(folder, name, flags, mode); }
int open(const char *name, int flags, ...) { MODE(flags); return open_at(AT_FDCWD, name, flags, mode); }
int openat(int folder, const char *name, int flags, ...) { MODE(flags); return open_at(folder, name, flags, mode); }
