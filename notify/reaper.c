/*
 * SIGCHLD by a signalfd. See reaper.h.
 *
 * The signal says only that somebody has ended: one that comes while another is pending is lost, and its
 * sender may be a child of somebody else here. So the kernel is asked who has ended, without collecting him
 * (WNOWAIT), until nobody has. As long as a child of somebody else's is not collected it may stand before
 * ours; then ours are looked at one by one.
 */
#include "notify/reaper.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct reaper {
    int fd;
    struct loop_watch *watch;
    struct reaper_entry *entries;
};

static struct reaper_entry *find(const struct reaper *reaper, pid_t pid)
{
    struct reaper_entry *entry;

    HASH_FIND(by_pid, reaper->entries, &pid, sizeof(pid), entry);
    return entry;
}

bool reaper_look(struct reaper *reaper, struct reaper_entry *entry)
{
    int status = 0;

    if (waitpid(entry->pid, &status, WNOHANG) != entry->pid)
        return false;
    HASH_DELETE(by_pid, reaper->entries, entry);
    entry->ended(status, entry->data);
    return true;
}

static void look_at_all(struct reaper *reaper)
{
    struct reaper_entry *entry, *next;

    HASH_ITER(by_pid, reaper->entries, entry, next)
    {
        reaper_look(reaper, entry);
    }
}

/* 0 = nobody. */
static pid_t somebody_who_ended(void)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? info.si_pid : 0;
}

static void child_ended(int fd, unsigned int ready, void *data)
{
    struct reaper *reaper = data;
    struct signalfd_siginfo signal;
    struct reaper_entry *entry;
    pid_t pid;

    (void)ready;
    if (read(fd, &signal, sizeof(signal)) < 0)
        return;
    while (reaper->entries != NULL && (pid = somebody_who_ended()) != 0) {
        entry = find(reaper, pid);
        if (entry == NULL) {
            look_at_all(reaper);
            return;
        }
        reaper_look(reaper, entry);
    }
}

struct reaper *reaper_new(struct loop *loop)
{
    struct reaper *reaper = calloc(1, sizeof(*reaper));
    sigset_t set;

    if (reaper == NULL)
        abort();
    signal(SIGCHLD, SIG_DFL); /* ignored by an ancestor, the kernel would collect them itself */
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    reaper->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (reaper->fd < 0) {
        free(reaper);
        return NULL;
    }
    reaper->watch = loop_watch_new(loop, reaper->fd, LOOP_READ, child_ended, reaper);
    return reaper;
}

void reaper_free(struct reaper *reaper)
{
    if (reaper == NULL)
        return;
    HASH_CLEAR(by_pid, reaper->entries);
    loop_watch_free(reaper->watch);
    close(reaper->fd);
    free(reaper);
}

void reaper_add(struct reaper *reaper, struct reaper_entry *entry)
{
    HASH_ADD(by_pid, reaper->entries, pid, sizeof(entry->pid), entry);
}
