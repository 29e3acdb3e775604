/*
 * MISC_CHECK: a script of the user's decides. tandem-scripts runs it, as the user it is for, when we ask;
 * here is what its end means.
 *
 *     exit 0         good
 *     exit 2..255    with misc_dynamic good, and the server's weight is that less 2
 *     anything else  bad; also a death by a signal, taking too long, and not being there
 *     not run        because of this machine: no result
 */
#include "checkers/check.h"

#define FIRST_WEIGHT_STATUS 2

static struct finding finding_of_exit(const struct check *check, int32_t status)
{
    struct finding finding = finding_of(VERDICT_OK, PHASE_SCRIPT, status);

    if (status == 0)
        return finding;
    if (!check->conf->dynamic || status < FIRST_WEIGHT_STATUS)
        return finding_of(VERDICT_SCRIPT_STATUS, PHASE_SCRIPT, status);
    finding.weight_kind = VERDICT_WEIGHT_IS;
    finding.weight = status - FIRST_WEIGHT_STATUS;
    return finding;
}

static struct finding finding_of_run(const struct check *check, const struct script_ran *ran)
{
    switch ((enum script_outcome)ran->outcome) {
    case SCRIPT_EXITED:
        return finding_of_exit(check, ran->status);
    case SCRIPT_KILLED:
        return finding_of(VERDICT_SCRIPT_SIGNAL, PHASE_SCRIPT, ran->status);
    case SCRIPT_TIMED_OUT:
        return finding_of(VERDICT_SCRIPT_TIMEOUT, PHASE_SCRIPT, 0);
    case SCRIPT_NOT_EXECUTABLE:
        return finding_of(VERDICT_SCRIPT_MISSING, PHASE_SCRIPT, ran->status);
    case SCRIPT_NOT_RUN:
        break;
    }
    return finding_of(VERDICT_SCRIPT_NOT_RUN, PHASE_SCRIPT, ran->status);
}

static void misc_start(struct check *check)
{
    engine_run_script(check);
}

static void misc_ran(struct check *check, const struct script_ran *ran)
{
    engine_report(check, finding_of_run(check, ran));
}

static const char *misc_subject(const struct check *check)
{
    return check->conf->script_name;
}

const struct check_type check_misc = {
    .name = "MISC", .start = misc_start, .ran = misc_ran, .subject = misc_subject};
