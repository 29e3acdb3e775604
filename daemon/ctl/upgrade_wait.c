/*
 * Ordering an upgrade and watching it. See upgrade_wait.h.
 *
 * The process that answers us is itself replaced: a connection that ends is looked past, and whether the
 * upgrade happened is seen from the processes, not believed.
 */
#include "daemon/ctl/upgrade_wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/members.h"

#define ANSWER_MS     10000
#define ORDER_MS      70000 /* the installed program reads the configuration first */
#define WAIT_ROUNDS   300
#define ROUND_NS      100000000L
#define PROCESSES_MAX 64

struct pids {
    int items[PROCESSES_MAX];
    size_t count;
    bool all_ready;
};

static void add_process(struct pids *pids, struct json_object *process)
{
    struct json_object *pid = member(process, "pid");

    if (strcmp(member_text(process, "role"), "supervisor") == 0)
        return;
    if (strcmp(member_text(process, "state"), "ready") != 0)
        pids->all_ready = false;
    if (pid != NULL && pids->count < PROCESSES_MAX)
        pids->items[pids->count++] = json_object_get_int(pid);
}

/* The daemon's processes but the supervisor; false, with words in why, if it does not say. */
static bool ask_pids(const char *socket_path, struct pids *pids, char why[static CTL_CLIENT_WHY])
{
    struct json_object *answer = ctl_ask(socket_path, CTL_STATUS, ANSWER_MS, why), *processes;

    *pids = (struct pids){.all_ready = true};
    if (answer == NULL)
        return false;
    snprintf(why, CTL_CLIENT_WHY, "%s", member_text(answer, "error"));
    processes = member(member(answer, "status"), "processes");
    for (size_t i = 0; i < length_of(processes); i++)
        add_process(pids, json_object_array_get_idx(processes, i));
    json_object_put(answer);
    return pids->count > 0;
}

static bool have_in_common(const struct pids *before, const struct pids *now)
{
    for (size_t i = 0; i < before->count; i++) {
        for (size_t j = 0; j < now->count; j++) {
            if (before->items[i] == now->items[j])
                return true;
        }
    }
    return false;
}

/* False after saying why it was refused. */
static bool order(const char *socket_path)
{
    char why[CTL_CLIENT_WHY];
    struct json_object *answer = ctl_ask(socket_path, CTL_UPGRADE, ORDER_MS, why), *ok = NULL;
    bool taken;

    if (answer == NULL) /* the connection may have ended with the process that had it */
        return true;
    taken = json_object_object_get_ex(answer, "ok", &ok) && json_object_get_boolean(ok);
    if (!taken)
        fprintf(stderr, "%s%s\ntandemctl: not upgraded; the running daemon goes on as it is\n",
                member_text(answer, "text"), member_text(answer, "error"));
    json_object_put(answer);
    return taken;
}

static void say_version(const char *socket_path)
{
    char why[CTL_CLIENT_WHY];
    struct json_object *answer = ctl_ask(socket_path, CTL_VERSION, ANSWER_MS, why);

    printf("the daemon runs version %s\n", answer == NULL ? "?" : member_text(answer, "version"));
    json_object_put(answer);
}

int upgrade_and_wait(const char *socket_path)
{
    const struct timespec pause = {0, ROUND_NS};
    char why[CTL_CLIENT_WHY];
    struct pids before, now;

    if (!ask_pids(socket_path, &before, why)) {
        fprintf(stderr, "tandemctl: %s\n", why);
        return TANDEMCTL_FAILED;
    }
    if (!order(socket_path))
        return TANDEMCTL_REFUSED;
    for (int round = 0; round < WAIT_ROUNDS; round++) {
        nanosleep(&pause, NULL);
        if (!ask_pids(socket_path, &now, why) || !now.all_ready || have_in_common(&before, &now))
            continue;
        say_version(socket_path);
        return TANDEMCTL_GOOD;
    }
    fprintf(stderr,
            "tandemctl: the daemon has not replaced all its processes; see its log and tandemctl status\n");
    return TANDEMCTL_FAILED;
}
