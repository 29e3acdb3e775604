/*
 * One row a role: what it keeps. See privileges.h; the reasons are in design terms "split by trust".
 *
 * The system call filter names what may be called; everything else returns EPERM rather than killing, for a
 * libc that takes another path on another kernel must not cost the pair its master.
 */
#include "daemon/core/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/core/landlock.h"
#include "daemon/core/log.h"

/* Groups of system calls; a row names those its role needs beyond CALLS_BASE. */
enum calls {
    CALLS_BASE = 1 << 0,
    CALLS_SOCKET = 1 << 1, /* make, bind, connect sockets */
    CALLS_ACCEPT = 1 << 2,
    CALLS_FILES = 1 << 3, /* open and list files */
    CALLS_MEMFD = 1 << 4,
    CALLS_THREADS = 1 << 5, /* libcurl looks names up in a thread */
    CALLS_MOVE = 1 << 6,    /* to another processor */
};

struct privileges {
    uint64_t capabilities; /* 1 << CAP_*: all that stays */
    bool gains_by_exec;    /* set-user-ID programs and root scripts must work below it */
    bool reads_as_root;    /* file system user 0, without capabilities: root's 0600 files */
    bool locks_memory;
    int realtime_priority;  /* 0 = none; SCHED_RR */
    bool confined_to_files; /* Landlock: no file system at all, unless CALLS_FILES */
    bool writes_no_files; /* Landlock: reading only */
    unsigned int calls;     /* 0 = no filter */
};

#define CAPABILITY(cap) (1ULL << (cap))

static const struct privileges rows[ROLE_COUNT] = {
    [ROLE_LINKS] = {.capabilities = CAPABILITY(CAP_NET_ADMIN) | CAPABILITY(CAP_NET_RAW) |
                                    CAPABILITY(CAP_NET_BIND_SERVICE),
                    .locks_memory = true,
                    .realtime_priority = 1,
                    .calls = CALLS_BASE | CALLS_SOCKET | CALLS_FILES | CALLS_MOVE}, /* files: sysctls */
    [ROLE_VRRP] = {.locks_memory = true,
                   .realtime_priority = 2,
                   .confined_to_files = true,
                   .calls = CALLS_BASE},
    [ROLE_DIRECTOR] = {.capabilities = CAPABILITY(CAP_NET_ADMIN),
                       .confined_to_files = true,
                       .calls = CALLS_BASE | CALLS_SOCKET},
    [ROLE_CHECKER] = {.confined_to_files = true, .calls = CALLS_BASE | CALLS_SOCKET},
    [ROLE_SCRIPTS] = {.capabilities = CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID) |
                                      CAPABILITY(CAP_KILL) | CAPABILITY(CAP_CHOWN), /* of FIFOs */
                      .gains_by_exec = true},
    [ROLE_MAIL] = {.writes_no_files = true, /* it reads resolv.conf, certificates and the like */
                   .calls = CALLS_BASE | CALLS_SOCKET | CALLS_FILES | CALLS_THREADS},
    [ROLE_CTL] = {.confined_to_files = true, .calls = CALLS_BASE | CALLS_ACCEPT},
    [ROLE_READER] = {.reads_as_root = true, .calls = CALLS_BASE | CALLS_SOCKET | CALLS_FILES | CALLS_MEMFD},
};

/* ------------------------------------------------------------------ memory, priority, limits */

static void raise_limit(int resource)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(resource, &limit);
    }
}

#ifdef __SANITIZE_ADDRESS__
/* Locking would make terabytes of the sanitizer's shadow memory real. */
static void lock_memory(void)
{
}
#else
/* Future memory is locked too only where the limit cannot be hit later, without the capability. */
static void lock_memory(void)
{
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    bool any_amount = setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0;

    if (mlockall(any_amount ? MCL_CURRENT | MCL_FUTURE : MCL_CURRENT) != 0)
        log_warning("memory cannot be locked (%s): adverts may be late when the machine swaps",
                    strerror(errno));
}
#endif

static void become_realtime(int priority)
{
    struct sched_param parameters = {.sched_priority = priority};

    if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameters) != 0)
        log_warning("no real-time priority (%s): adverts may be late when the machine is busy",
                    strerror(errno));
}

static void become_nice(int nice_value)
{
    if (setpriority(PRIO_PROCESS, 0, nice_value) != 0)
        log_warning("the nice value cannot be %d: %s", nice_value, strerror(errno));
}

static void stay_on_cpus(const uint64_t cpus[static 2])
{
    cpu_set_t set;

    CPU_ZERO(&set);
    for (unsigned int cpu = 0; cpu < 128; cpu++) {
        if (cpus[cpu / 64] >> cpu % 64 & 1)
            CPU_SET(cpu, &set);
    }
    if (sched_setaffinity(0, sizeof(set), &set) != 0)
        log_warning("it cannot run on the CPUs of its cpu_affinity alone: %s", strerror(errno));
}

static void compete(const struct privileges *row, const struct control_tuning *tuning)
{
    int realtime = tuning->realtime_priority > 0 ? tuning->realtime_priority : row->realtime_priority;

    if (row->locks_memory || tuning->lock_memory != 0)
        lock_memory();
    if (tuning->nice != 0)
        become_nice(tuning->nice);
    if (tuning->cpus[0] != 0 || tuning->cpus[1] != 0)
        stay_on_cpus(tuning->cpus);
    if (realtime > 0)
        become_realtime(realtime);
}

/* After the change of the user, which forbids it. */
static void allow_core_dump(void)
{
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
        log_warning("a crash will leave no core: %s", strerror(errno));
}

/* ------------------------------------------------------------------ user and capabilities */

static void set_capabilities(uint64_t wanted)
{
    capng_clear(CAPNG_SELECT_CAPS);
    for (unsigned int cap = 0; cap < 64; cap++) {
        if (wanted & (1ULL << cap))
            capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, cap);
    }
}

/* With file system user 0 and no capability, root's own files can be read, and nothing more. */
static void keep_reading_as_root(void)
{
    setfsgid(0);
    setfsuid(0);
    set_capabilities(0);
    if (capng_apply(CAPNG_SELECT_CAPS) != 0)
        log_fatal("capabilities cannot be dropped: %s", strerror(errno));
}

static void become_user(const struct privileges *row, uint32_t uid, uint32_t gid)
{
    uint64_t kept = row->capabilities;
    capng_flags_t flags = CAPNG_DROP_SUPP_GRP;
    int failed;

    if (row->reads_as_root)
        kept |= CAPABILITY(CAP_SETUID) | CAPABILITY(CAP_SETGID);
    if (!row->gains_by_exec)
        flags |= CAPNG_CLEAR_BOUNDING;
    set_capabilities(kept);
    if (row->gains_by_exec) /* the bounding set stays whole: a user's sudo needs it */
        capng_fill(CAPNG_SELECT_BOUNDS);
    failed = capng_change_id((int)uid, (int)gid, flags);
    if (failed != 0)
        log_fatal("cannot become user %u, group %u (step %d: %s)", uid, gid, failed, strerror(errno));
    if (row->reads_as_root)
        keep_reading_as_root();
    if (!row->gains_by_exec && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        log_fatal("no_new_privs cannot be set: %s", strerror(errno));
}

/* ------------------------------------------------------------------ system calls */

static const struct {
    unsigned int group;
    int call;
} allowed_calls[] = {
    {CALLS_BASE, SCMP_SYS(read)},
    {CALLS_BASE, SCMP_SYS(write)},
    {CALLS_BASE, SCMP_SYS(readv)},
    {CALLS_BASE, SCMP_SYS(writev)},
    {CALLS_BASE, SCMP_SYS(pread64)},
    {CALLS_BASE, SCMP_SYS(pwrite64)},
    {CALLS_BASE, SCMP_SYS(recvfrom)},
    {CALLS_BASE, SCMP_SYS(recvmsg)},
    {CALLS_BASE, SCMP_SYS(recvmmsg)},
    {CALLS_BASE, SCMP_SYS(sendto)},
    {CALLS_BASE, SCMP_SYS(sendmsg)},
    {CALLS_BASE, SCMP_SYS(sendmmsg)},
    {CALLS_BASE, SCMP_SYS(shutdown)},
    {CALLS_BASE, SCMP_SYS(getsockopt)},
    {CALLS_BASE, SCMP_SYS(setsockopt)},
    {CALLS_BASE, SCMP_SYS(getsockname)},
    {CALLS_BASE, SCMP_SYS(getpeername)},
    {CALLS_BASE, SCMP_SYS(close)},
    {CALLS_BASE, SCMP_SYS(close_range)},
    {CALLS_BASE, SCMP_SYS(fcntl)},
    {CALLS_BASE, SCMP_SYS(fstat)},
    {CALLS_BASE, SCMP_SYS(newfstatat)},
    {CALLS_BASE, SCMP_SYS(statx)},
    {CALLS_BASE, SCMP_SYS(ftruncate)},
    {CALLS_BASE, SCMP_SYS(lseek)},
    {CALLS_BASE, SCMP_SYS(dup)},
    {CALLS_BASE, SCMP_SYS(dup3)},
    {CALLS_BASE, SCMP_SYS(epoll_create1)},
    {CALLS_BASE, SCMP_SYS(epoll_ctl)},
    {CALLS_BASE, SCMP_SYS(epoll_wait)},
    {CALLS_BASE, SCMP_SYS(epoll_pwait)},
    {CALLS_BASE, SCMP_SYS(epoll_pwait2)},
    {CALLS_BASE, SCMP_SYS(poll)},
    {CALLS_BASE, SCMP_SYS(ppoll)},
    {CALLS_BASE, SCMP_SYS(select)}, /* libnftables waits so */
    {CALLS_BASE, SCMP_SYS(pselect6)},
    {CALLS_BASE, SCMP_SYS(timerfd_create)},
    {CALLS_BASE, SCMP_SYS(timerfd_settime)},
    {CALLS_BASE, SCMP_SYS(timerfd_gettime)},
    {CALLS_BASE, SCMP_SYS(eventfd2)},
    {CALLS_BASE, SCMP_SYS(pipe2)},
    {CALLS_BASE, SCMP_SYS(clock_gettime)},
    {CALLS_BASE, SCMP_SYS(clock_getres)},
    {CALLS_BASE, SCMP_SYS(clock_nanosleep)},
    {CALLS_BASE, SCMP_SYS(nanosleep)},
    {CALLS_BASE, SCMP_SYS(gettimeofday)},
    {CALLS_BASE, SCMP_SYS(time)},
    {CALLS_BASE, SCMP_SYS(mmap)},
    {CALLS_BASE, SCMP_SYS(munmap)},
    {CALLS_BASE, SCMP_SYS(mprotect)},
    {CALLS_BASE, SCMP_SYS(mremap)},
    {CALLS_BASE, SCMP_SYS(madvise)},
    {CALLS_BASE, SCMP_SYS(brk)},
    {CALLS_BASE, SCMP_SYS(futex)},
    {CALLS_BASE, SCMP_SYS(getrandom)},
    {CALLS_BASE, SCMP_SYS(getpid)},
    {CALLS_BASE, SCMP_SYS(gettid)},
    {CALLS_BASE, SCMP_SYS(getppid)},
    {CALLS_BASE, SCMP_SYS(getuid)},
    {CALLS_BASE, SCMP_SYS(geteuid)},
    {CALLS_BASE, SCMP_SYS(getgid)},
    {CALLS_BASE, SCMP_SYS(getegid)},
    {CALLS_BASE, SCMP_SYS(uname)},
    {CALLS_BASE, SCMP_SYS(getrusage)},
    {CALLS_BASE, SCMP_SYS(prlimit64)},
    {CALLS_BASE, SCMP_SYS(sched_yield)},
    {CALLS_BASE, SCMP_SYS(sched_getaffinity)},
    {CALLS_BASE, SCMP_SYS(getcpu)},
    {CALLS_BASE, SCMP_SYS(sigaltstack)},
    {CALLS_BASE, SCMP_SYS(rt_sigaction)},
    {CALLS_BASE, SCMP_SYS(rt_sigprocmask)},
    {CALLS_BASE, SCMP_SYS(rt_sigreturn)},
    {CALLS_BASE, SCMP_SYS(restart_syscall)},
    {CALLS_BASE, SCMP_SYS(tgkill)}, /* abort() */
    {CALLS_BASE, SCMP_SYS(rseq)},
    {CALLS_BASE, SCMP_SYS(set_robust_list)},
    {CALLS_BASE, SCMP_SYS(exit)},
    {CALLS_BASE, SCMP_SYS(exit_group)},
    {CALLS_SOCKET, SCMP_SYS(socket)},
    {CALLS_SOCKET, SCMP_SYS(bind)},
    {CALLS_SOCKET, SCMP_SYS(connect)},
    {CALLS_SOCKET, SCMP_SYS(ioctl)}, /* interface queries */
    {CALLS_ACCEPT, SCMP_SYS(accept4)},
    {CALLS_ACCEPT, SCMP_SYS(accept)},
    {CALLS_FILES, SCMP_SYS(open)},
    {CALLS_FILES, SCMP_SYS(openat)},
    {CALLS_FILES, SCMP_SYS(stat)},
    {CALLS_FILES, SCMP_SYS(lstat)},
    {CALLS_FILES, SCMP_SYS(access)},
    {CALLS_FILES, SCMP_SYS(faccessat)},
    {CALLS_FILES, SCMP_SYS(faccessat2)},
    {CALLS_FILES, SCMP_SYS(readlink)},
    {CALLS_FILES, SCMP_SYS(readlinkat)},
    {CALLS_FILES, SCMP_SYS(getdents64)},
    {CALLS_FILES, SCMP_SYS(getcwd)},
    {CALLS_FILES, SCMP_SYS(chdir)},
    {CALLS_FILES, SCMP_SYS(fchdir)},
    {CALLS_MEMFD, SCMP_SYS(memfd_create)},
    {CALLS_THREADS, SCMP_SYS(clone)},
    {CALLS_THREADS, SCMP_SYS(clone3)},
    {CALLS_THREADS, SCMP_SYS(set_tid_address)},
    {CALLS_THREADS, SCMP_SYS(socketpair)},
    {CALLS_THREADS, SCMP_SYS(membarrier)},
    {CALLS_THREADS, SCMP_SYS(sysinfo)},
    {CALLS_MOVE, SCMP_SYS(sched_setaffinity)},
};

static void filter_system_calls(unsigned int groups)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool sound = filter != NULL;

    for (size_t i = 0; sound && i < sizeof(allowed_calls) / sizeof(allowed_calls[0]); i++) {
        if (allowed_calls[i].group & groups)
            sound = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i].call, 0) == 0;
    }
    if (!sound || seccomp_load(filter) != 0)
        log_fatal("the system call filter cannot be installed");
    seccomp_release(filter);
}

void privileges_drop(enum role role, const struct control_identity *identity)
{
    const struct privileges *row = &rows[role];

    raise_limit(RLIMIT_NOFILE);
    compete(row, &identity->tuning);
    become_user(row, identity->uid, identity->gid);
    if (identity->flags & IDENTITY_CORE_DUMP)
        allow_core_dump();
    if (row->confined_to_files)
        landlock_no_files();
    if (row->writes_no_files)
        landlock_no_writing();
    if (row->calls != 0)
        filter_system_calls(row->calls);
}
