/*
 * The supervisor's way to another version of itself, in three steps:
 *
 *   reload     so that what the files say is in force: an upgrade changes programs, nothing else
 *   asking     the program now installed is run beside us: does it inherit what we leave
 * (inheritance_contract), does it know our options, does it accept the configuration? If not, nothing has
 * happened. becoming   exec in this process: same pid, same place under a service manager. The children run
 * on, adverts and addresses with them, until the new version replaces them (succession.c).
 *
 * tandemctl upgrade asks for it.
 */
#include "daemon/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/sd_notify.h"
#include "daemon/supervisor_parts.h"

#define QUESTION        "--can-inherit="
#define EXIT_CANNOT     3
#define ASKING_PATIENCE span_s(60) /* it reads the configuration, which may be large */
#define WORDS_MOST      65536
#define ARGUMENTS_MOST  256

static struct {
    char program[4096];
    char **argv;
    int directory; /* where the relative paths among the arguments are right */
} start = {.directory = -1};

void upgrade_remember(char **argv)
{
    ssize_t length = readlink("/proc/self/exe", start.program, sizeof(start.program) - 1);

    start.program[length < 0 ? 0 : length] = '\0';
    start.argv = argv;
    start.directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool upgrade_is_asked_about(int *argc, char **argv)
{
    if (*argc < 2 || strncmp(argv[1], QUESTION, strlen(QUESTION)) != 0)
        return false;
    if (strtoul(argv[1] + strlen(QUESTION), NULL, 16) != inheritance_contract()) {
        puts("version " TANDEM_VERSION " keeps its state in another form: it takes a restart");
        exit(EXIT_CANNOT);
    }
    for (int i = 1; i < *argc; i++)
        argv[i] = argv[i + 1];
    (*argc)--;
    return true;
}

/* ------------------------------------------------------------------ asking */

static void refuse(struct supervisor *supervisor, const char *text)
{
    log_error("not upgraded, version " TANDEM_VERSION " goes on: %s", text);
    supervisor_answer(supervisor, supervisor->upgrade.command, false, READER_REFUSED, text);
    supervisor->upgrade.command = 0;
}

static pid_t ask_program(int words)
{
    char question[32], *argv[ARGUMENTS_MOST];
    posix_spawn_file_actions_t actions;
    size_t count = 2;
    pid_t pid;
    int error;

    snprintf(question, sizeof(question), QUESTION "%x", inheritance_contract());
    argv[0] = start.argv[0];
    argv[1] = question;
    for (char **more = start.argv + 1; *more != NULL && count < ARGUMENTS_MOST - 1; more++)
        argv[count++] = *more;
    argv[count] = NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addfchdir_np(&actions, start.directory);
    posix_spawn_file_actions_adddup2(&actions, words, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
    error = posix_spawn(&pid, start.program, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    errno = error;
    return error == 0 ? pid : -1;
}

static void ask(struct supervisor *supervisor)
{
    struct supervisor_upgrade *upgrade = &supervisor->upgrade;

    upgrade->words = memfd_create("tandem-words", MFD_CLOEXEC);
    upgrade->pid = upgrade->words < 0 ? -1 : ask_program(upgrade->words);
    upgrade->patience = mono_add(mono_now(), ASKING_PATIENCE);
    if (upgrade->pid > 0)
        return;
    upgrade->pid = 0;
    log_error("%s cannot be run: %s", start.program, strerror(errno));
    refuse(supervisor, "the installed program cannot be run; see the log\n");
}

void supervisor_want_upgrade(struct supervisor *supervisor, uint64_t command)
{
    struct supervisor_upgrade *upgrade = &supervisor->upgrade;

    if (upgrade->pid > 0 || upgrade->reloading || supervisor->phase != PHASE_RUNNING ||
        configuration_load_is_under_way(supervisor->load) || supervisor->applied != NULL) {
        supervisor_answer(supervisor, command, false, READER_REFUSED,
                          "a start, reload or upgrade is under way; try again\n");
        return;
    }
    upgrade->command = command;
    upgrade->reloading = true;
    supervisor_start_load(supervisor);
}

void supervisor_upgrade_reloaded(struct supervisor *supervisor, bool ok, const char *text)
{
    supervisor->upgrade.reloading = false;
    if (ok)
        ask(supervisor);
    else
        refuse(supervisor, text);
}

static void read_words(int fd, char words[WORDS_MOST])
{
    ssize_t length = pread(fd, words, WORDS_MOST - 1, 0);

    words[length < 0 ? 0 : length] = '\0';
}

/* ------------------------------------------------------------------ becoming */

static void block_signals(int how)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(how, &all, NULL);
}

static void gather(struct supervisor *supervisor, struct inheritance *inheritance)
{
    struct children *children = &supervisor->children;

    inheritance->files = (struct inheritance_files){
        .pid_file = supervisor->files.pid_file,
        .control_socket = supervisor->files.control_socket,
        .journal = supervisor->files.journal,
        .ipvs_namespace = children->ipvs_namespace,
    };
    for (size_t i = 0; i < children->count; i++)
        process_bequeath(children->items[i], inheritance);
    wiring_bequeath(children->wiring, inheritance);
}

/* Returns only if it fails. Signals that come meanwhile wait for our successor. */
static void become(const struct supervisor *supervisor, const struct inheritance *inheritance)
{
    int memfd = -1, error;

    block_signals(SIG_BLOCK);
    if (inheritance_offer(inheritance, &memfd)) {
        sd_notify_give_back();
        if (fchdir(start.directory) == 0)
            execve(start.program, start.argv, environ);
    }
    error = errno;
    sd_notify_open();
    inheritance_withdraw(inheritance, memfd);
    if (!supervisor->options->foreground && chdir("/") != 0)
        log_warning("cannot change to /: %s", strerror(errno));
    block_signals(SIG_UNBLOCK);
    log_error("%s cannot be run: %s", start.program, strerror(error));
}

static void hand_over(struct supervisor *supervisor)
{
    struct inheritance inheritance = {0};

    supervisor_give_up_dumps(supervisor);
    gather(supervisor, &inheritance);
    /* Among the last words of ctl may have been the wish for a reload. */
    if (configuration_load_is_under_way(supervisor->load)) {
        refuse(supervisor, "a reload has begun; try again\n");
        inheritance_free(&inheritance);
        return;
    }
    configuration_load_free(supervisor->load); /* its process would be nobody's */
    supervisor->load = NULL;
    log_notice("going over to the program now installed as %s", start.program);
    supervisor_answer(supervisor, supervisor->upgrade.command, true, READER_GOOD, "");
    sd_notify_reloading();
    become(supervisor, &inheritance);
    sd_notify_ready();
    inheritance_free(&inheritance);
}

void supervisor_upgrade_reap(struct supervisor *supervisor)
{
    struct supervisor_upgrade *upgrade = &supervisor->upgrade;
    static char words[WORDS_MOST];
    int status;

    if (upgrade->pid <= 0 || waitpid(upgrade->pid, &status, WNOHANG) != upgrade->pid)
        return;
    upgrade->pid = 0;
    read_words(upgrade->words, words);
    close(upgrade->words);
    if (supervisor->phase != PHASE_RUNNING || configuration_load_is_under_way(supervisor->load) ||
        supervisor->applied != NULL)
        refuse(supervisor, "a reload or stop has begun; try again\n");
    else if (WIFSIGNALED(status))
        refuse(supervisor, "the installed program crashed or took too long when asked\n");
    else if (WEXITSTATUS(status) > READER_COMPLAINTS)
        refuse(supervisor, words[0] != '\0' ? words : "the installed program cannot take over\n");
    else
        hand_over(supervisor);
}

void supervisor_upgrade_judge(const struct supervisor *supervisor, struct mono now)
{
    if (supervisor->upgrade.pid > 0 && mono_before(supervisor->upgrade.patience, now))
        kill(supervisor->upgrade.pid, SIGKILL);
}
