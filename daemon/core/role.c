/*
 * Names of the processes. See role.h.
 */
#include "daemon/core/role.h"

static const struct {
    const char *name;
    const char *program;
} roles[ROLE_COUNT] = {
    [ROLE_SUPERVISOR] = {"supervisor", "tandemd"},
    [ROLE_LINKS] = {"links", "tandem-links"},
    [ROLE_VRRP] = {"vrrp", "tandem-vrrp"},
    [ROLE_DIRECTOR] = {"director", "tandem-director"},
    [ROLE_CHECKER] = {"checker", "tandem-checker"},
    [ROLE_SCRIPTS] = {"scripts", "tandem-scripts"},
    [ROLE_MAIL] = {"mail", "tandem-mail"},
    [ROLE_CTL] = {"ctl", "tandem-ctl"},
    [ROLE_READER] = {"reader", "tandem-reader"},
};

const char *role_name(enum role role)
{
    return roles[role].name;
}

const char *role_program(enum role role)
{
    return roles[role].program;
}
