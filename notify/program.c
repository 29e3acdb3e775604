/*
 * From birth to exec. See program.h.
 *
 * The path is looked at by the user it runs as: only he may see all of it.
 */
#include "notify/program.h"

#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf/script_path.h"
#include "notify/environment.h"

#define SCRIPT_UMASK 0177

extern char **environ;

static char **script_environment;
static struct rlimit limits[RLIMIT_NLIMITS];

/* As program_settle found them. */
static struct {
    bool ignored_signal[NSIG];
    bool changed_limit[RLIMIT_NLIMITS];
} settled;

bool program_lacks_resources(int error)
{
    return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

uint32_t *program_groups(const struct conf_script *script)
{
    uint32_t *groups;

    if (script->groups.count == 0)
        return NULL;
    groups = calloc(script->groups.count, sizeof(*groups));
    if (groups == NULL)
        abort();
    for (uint32_t i = 0; i < script->groups.count; i++)
        groups[i] = script->groups.items[i]->gid;
    return groups;
}

void program_prepare(void)
{
    free(script_environment);
    script_environment = environment_for_scripts(environ);
    for (unsigned int i = 0; i < RLIMIT_NLIMITS; i++)
        getrlimit((__rlimit_resource_t)i, &limits[i]);
}

/* The kernel's struct sigaction. libc's functions refuse the two signals that it keeps for itself, which an
 * ancestor may have ignored. */
struct kernel_sigaction {
    void (*handler)(int);
    uint64_t rest[3];
};

void program_settle(void)
{
    struct kernel_sigaction action;
    struct rlimit limit;

    for (int signo = 1; signo < NSIG; signo++)
        settled.ignored_signal[signo] =
            syscall(SYS_rt_sigaction, signo, NULL, &action, sizeof(uint64_t)) == 0 &&
            action.handler == SIG_IGN;
    for (unsigned int i = 0; i < RLIMIT_NLIMITS; i++)
        settled.changed_limit[i] =
            getrlimit((__rlimit_resource_t)i, &limit) == 0 &&
            (limit.rlim_cur != limits[i].rlim_cur || limit.rlim_max != limits[i].rlim_max);
}

/* ------------------------------------------------------------------ steps; false = refused */

static bool refuse(struct program_refusal *refusal, int error, const char *why)
{
    refusal->error = error;
    snprintf(refusal->reason, sizeof(refusal->reason), "%s", why);
    return false;
}

static bool refuse_for(struct program_refusal *refusal, int error, const char *what)
{
    refusal->error = error;
    snprintf(refusal->reason, sizeof(refusal->reason), "%s: %s", what, strerror(error));
    return false;
}

/* Exec gives every signal with a handler its default again: only the ignored ones stay. */
static void reset_signals(enum program_care care)
{
    static const struct kernel_sigaction by_default;
    sigset_t none;

    for (int signo = 1; signo < NSIG; signo++) {
        if (care == PROGRAM_CARE_ALL || settled.ignored_signal[signo])
            syscall(SYS_rt_sigaction, signo, &by_default, NULL, sizeof(uint64_t));
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Where there is no /dev/null, the standard ones stay what they are. */
static bool arrange_descriptors(int kept, struct program_refusal *refusal)
{
    int null;

    if (kept >= 0 && kept != PROGRAM_KEPT_FD)
        dup3(kept, PROGRAM_KEPT_FD, O_CLOEXEC);
    close_range(kept >= 0 ? PROGRAM_KEPT_FD + 1 : PROGRAM_KEPT_FD, ~0U, 0);
    null = open("/dev/null", O_RDWR);
    if (null < 0 && program_lacks_resources(errno))
        return refuse_for(refusal, errno, "/dev/null cannot be opened");
    for (int fd = 0; fd < PROGRAM_KEPT_FD; fd++) {
        if (null != fd)
            dup2(null, fd);
    }
    if (null >= PROGRAM_KEPT_FD)
        close(null);
    return true;
}

/* Priority and limits as for any program; what cannot be reset was not ours to change. */
static void reset_resources(enum program_care care)
{
    struct sched_param ordinary = {0};

    sched_setscheduler(0, SCHED_OTHER, &ordinary);
    setpriority(PRIO_PROCESS, 0, 0);
    for (unsigned int i = 0; i < RLIMIT_NLIMITS; i++) {
        if (care == PROGRAM_CARE_ALL || settled.changed_limit[i])
            setrlimit((__rlimit_resource_t)i, &limits[i]);
    }
}

/* By system call: libc's functions would ask all threads of a process that this one may still share its
 * memory with. */
static bool become_user(const struct program *program, struct program_refusal *refusal)
{
    uint32_t uid = program->uid, gid = program->gid;
    bool already = geteuid() == uid && getegid() == gid && getuid() == uid && getgid() == gid;

    if (syscall(SYS_setgroups, program->group_count, program->groups) != 0 && !already)
        return refuse_for(refusal, errno,
                          "its supplementary groups cannot be set"); /* a test may lack that right */
    if (syscall(SYS_setresgid, gid, gid, gid) != 0)
        return refuse_for(refusal, errno, "its group cannot be set");
    if (syscall(SYS_setresuid, uid, uid, uid) != 0)
        return refuse_for(refusal, errno, "its user cannot be set");
    return true;
}

/* Names of users would be looked up in files and by libraries: not here. */
static void show_number(uint32_t id, char *name, size_t size, void *data)
{
    (void)data;
    snprintf(name, size, "%u", id);
}

/* With what was found in *finding. */
static bool path_may_run(const struct program *program, enum program_care care, const char *path,
                         struct script_path_finding *finding, struct program_refusal *refusal)
{
    const struct script_path_user user = {program->uid, program->gid, program->groups, program->group_count};
    struct script_path_files files = script_path_system;

    if (care == PROGRAM_CARE_QUICK) {
        files.user_name = show_number;
        files.group_name = show_number;
    }
    script_path_check(path, &user, &files, finding);
    switch (finding->fault) {
    case SCRIPT_PATH_GOOD:
        return true;
    case SCRIPT_PATH_MISSING:
        return refuse(refusal, ENOENT, finding->message);
    case SCRIPT_PATH_NOT_EXECUTABLE:
        return refuse(refusal, EACCES, finding->message);
    case SCRIPT_PATH_UNSAFE:
    case SCRIPT_PATH_UNKNOWN:
        break;
    }
    if (!program->must_be_safe)
        return true;
    refusal->error = EPERM;
    snprintf(refusal->reason, sizeof(refusal->reason), "enable_script_security forbids it: %s",
             finding->message);
    return false;
}

/* As keepalived: a script sees where it really lies; a program that has many names sees by which it was
 * called, for the words stay as they are. */
static const char *path_to_run(const struct program *program, const char *path,
                               const struct script_path_finding *finding)
{
    bool known = finding->fault == SCRIPT_PATH_GOOD || finding->fault == SCRIPT_PATH_UNSAFE;

    return program->keep_links || !known || path[0] != '/' ? path : finding->program;
}

/* A script without "#!" is the shell's, as execvp(3) and keepalived have it. */
static void run_by_shell(const char *path, char *const *words)
{
    size_t count = 0;
    char **longer;

    while (words[count] != NULL)
        count++;
    /* cppcheck-suppress allocaCalled; on the stack, for no memory may be allocated here */
    longer = alloca((count + 2) * sizeof(*longer));
    longer[0] = (char *)"sh";
    longer[1] = (char *)path;
    for (size_t i = 1; i <= count; i++)
        longer[i + 1] = words[i];
    execve("/bin/sh", longer, script_environment);
}

void program_become(const struct program *program, enum program_care care, int kept,
                    struct program_refusal *refusal)
{
    struct script_path_finding finding;
    char buffer[PATH_MAX];
    const char *path;

    setsid();
    if (!arrange_descriptors(kept, refusal))
        return;
    reset_resources(care);
    umask(SCRIPT_UMASK);
    if (chdir("/") != 0) {
        refuse_for(refusal, errno, "the root directory cannot be entered");
        return;
    }
    if (!become_user(program, refusal))
        return;
    if (program->ends_with_us) /* a change of user would forget it */
        prctl(PR_SET_PDEATHSIG, SIGTERM);
    reset_signals(care);
    path = script_path_find(program->words[0], &script_path_system, buffer);
    if (path == NULL) {
        refuse(refusal, ENOENT, "no program of that name in the system's directories");
        return;
    }
    if (!path_may_run(program, care, path, &finding, refusal))
        return;
    path = path_to_run(program, path, &finding);
    execve(path, program->words, script_environment);
    if (errno == ENOEXEC)
        run_by_shell(path, program->words);
    refuse_for(refusal, errno, "it cannot be executed");
}
