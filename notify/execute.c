/*
 * From fork to exec. See execute.h.
 *
 * What can go wrong after the fork is told through a pipe that exec closes. The path is looked at by the user
 * it runs as, after the fork: only he may see all of it, and a slow file system holds up nobody else.
 */
#include "notify/execute.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/script_path.h"
#include "notify/environment.h"

#define REPORT_FD    3
#define SCRIPT_UMASK 0177
#define NOT_RUN      126 /* exit status, as a shell's */

extern char **environ;

static char **script_environment;
static struct rlimit limits[RLIMIT_NLIMITS];

void execute_prepare(void)
{
    free(script_environment);
    script_environment = environment_for_scripts(environ);
    for (unsigned int i = 0; i < RLIMIT_NLIMITS; i++)
        getrlimit((__rlimit_resource_t)i, &limits[i]);
}

/* ------------------------------------------------------------------ in the new process */

static void give_up(const char *why, const char *detail) __attribute__((noreturn));

static void give_up(const char *why, const char *detail)
{
    char text[EXECUTE_REASON_BYTES];
    int length =
        snprintf(text, sizeof(text), "%s%s%s", why, detail != NULL ? ": " : "", detail != NULL ? detail : "");

    if (length > 0 && write(REPORT_FD, text, strnlen(text, sizeof(text))) < 0)
        _exit(NOT_RUN + 1); /* then at least the status differs */
    _exit(NOT_RUN);
}

/* All of them: libc's functions refuse the two that it keeps for itself, which an ancestor may have ignored.
 */
static void reset_signals(void)
{
    static const uint64_t by_default[4]; /* the kernel's struct sigaction: SIG_DFL, no flags, no mask */
    sigset_t none;

    for (int signo = 1; signo < NSIG; signo++)
        syscall(SYS_rt_sigaction, signo, by_default, NULL, sizeof(uint64_t));
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void arrange_descriptors(int report)
{
    int null = open("/dev/null", O_RDWR);

    for (int fd = 0; fd < REPORT_FD; fd++) {
        if (null != fd)
            dup2(null, fd);
    }
    if (report != REPORT_FD)
        dup3(report, REPORT_FD, O_CLOEXEC);
    close_range(REPORT_FD + 1, ~0U, 0);
}

/* Priority and limits as for any program; what cannot be reset was not ours to change. */
static void reset_resources(void)
{
    struct sched_param ordinary = {0};

    sched_setscheduler(0, SCHED_OTHER, &ordinary);
    setpriority(PRIO_PROCESS, 0, 0);
    for (unsigned int i = 0; i < RLIMIT_NLIMITS; i++)
        setrlimit((__rlimit_resource_t)i, &limits[i]);
}

static void become(uint32_t uid, uint32_t gid)
{
    bool already = geteuid() == uid && getegid() == gid && getuid() == uid && getgid() == gid;

    if (setgroups(0, NULL) != 0 && !already) /* a test may run without the privilege */
        give_up("its supplementary groups cannot be dropped", strerror(errno));
    if (setresgid(gid, gid, gid) != 0)
        give_up("its group cannot be set", strerror(errno));
    if (setresuid(uid, uid, uid) != 0)
        give_up("its user cannot be set", strerror(errno));
}

static void check_path(const struct program *program, const char *path)
{
    struct script_path_finding finding;

    script_path_check(path, program->uid, program->gid, &script_path_system, &finding);
    switch (finding.fault) {
    case SCRIPT_PATH_GOOD:
        return;
    case SCRIPT_PATH_MISSING:
    case SCRIPT_PATH_NOT_EXECUTABLE:
        give_up(finding.message, NULL);
    case SCRIPT_PATH_UNSAFE:
    case SCRIPT_PATH_UNKNOWN:
        if (program->must_be_safe)
            give_up("enable_script_security forbids it", finding.message);
        return;
    }
}

/* A script without "#!" is the shell's, as execvp(3) and keepalived have it. */
static void run_by_shell(const char *path, char *const *words)
{
    size_t count = 0;
    char **longer;

    while (words[count] != NULL)
        count++;
    longer = calloc(count + 2, sizeof(*longer));
    if (longer == NULL)
        return;
    longer[0] = (char *)"sh";
    longer[1] = (char *)path;
    for (size_t i = 1; i < count; i++)
        longer[i + 1] = words[i];
    execve("/bin/sh", longer, script_environment);
}

static void run(const struct program *program, int report) __attribute__((noreturn));

static void run(const struct program *program, int report)
{
    char buffer[PATH_MAX];
    const char *path;

    setsid();
    arrange_descriptors(report);
    reset_resources();
    umask(SCRIPT_UMASK);
    if (chdir("/") != 0)
        give_up("the root directory cannot be entered", strerror(errno));
    become(program->uid, program->gid);
    reset_signals();
    path = script_path_find(program->words[0], &script_path_system, buffer);
    if (path == NULL)
        give_up("no program of that name in the system's directories", NULL);
    check_path(program, path);
    execve(path, program->words, script_environment);
    if (errno == ENOEXEC)
        run_by_shell(path, program->words);
    give_up("it cannot be executed", strerror(errno));
}

/* ------------------------------------------------------------------ in ours */

int execute(const struct program *program, pid_t *pid, int *report)
{
    int ends[2], error;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return errno;
    *pid = fork();
    if (*pid == 0)
        run(program, ends[1]);
    error = errno;
    close(ends[1]);
    if (*pid < 0) {
        close(ends[0]);
        return error;
    }
    *report = ends[0];
    return 0;
}

const char *execute_why(int report, char buffer[static EXECUTE_REASON_BYTES])
{
    ssize_t length = read(report, buffer, EXECUTE_REASON_BYTES - 1);

    if (length <= 0)
        return NULL;
    buffer[length] = '\0';
    return buffer;
}
