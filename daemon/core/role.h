/*
 * The processes of the daemon. One row a role; role.c has its program and title.
 */
#ifndef TANDEM_CORE_ROLE_H
#define TANDEM_CORE_ROLE_H

enum role {
    ROLE_SUPERVISOR,
    ROLE_LINKS,
    ROLE_VRRP,
    ROLE_DIRECTOR,
    ROLE_CHECKER,
    ROLE_SCRIPTS,
    ROLE_MAIL,
    ROLE_CTL,
    ROLE_READER,
    ROLE_COUNT,
};

/* "vrrp"; also the name in log lines. */
const char *role_name(enum role role);

/* "tandem-vrrp": file name of its program in the libexec directory. */
const char *role_program(enum role role);

#endif
