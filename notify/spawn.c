/*
 * A child that shares our memory until exec, on a stack of its own. See spawn.h.
 */
#include "notify/spawn.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES (256UL * 1024)
#define NOT_RUN     126

struct birth {
    const struct program *program;
    struct program_refusal *refusal;
    bool refused;
};

static int be_born(void *data)
{
    struct birth *birth = data;

    program_become(birth->program, PROGRAM_CARE_QUICK, -1, birth->refusal);
    birth->refused = true;
    _exit(NOT_RUN);
}

/* Made once; only touched pages are real. */
static char *stack_top(void)
{
    static char *stack;

    if (stack == NULL) {
        void *made =
            mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

        if (made == MAP_FAILED)
            return NULL;
        stack = made;
    }
    return stack + STACK_BYTES;
}

static int fail(struct program_refusal *refusal, int error)
{
    refusal->error = error;
    snprintf(refusal->reason, sizeof(refusal->reason), "no process can be started: %s", strerror(error));
    return error;
}

int spawn(const struct program *program, pid_t *pid, struct program_refusal *refusal)
{
    struct birth birth = {program, refusal, false};
    char *top = stack_top();

    if (top == NULL)
        return fail(refusal, errno);
    *pid = clone(be_born, top, CLONE_VM | CLONE_VFORK | SIGCHLD, &birth);
    if (*pid < 0)
        return fail(refusal, errno);
    if (!birth.refused)
        return 0;
    waitpid(*pid, NULL, 0); /* it is ending already */
    return refusal->error;
}
