/*
 * Landlock by system call: libc has no wrappers. See landlock.h.
 */
#include "daemon/core/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/core/log.h"

/* Every right of the first ABI; later ones only refine what these already deny. */
#define ALL_RIGHTS_OF_ABI_1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

void landlock_no_files(void)
{
    struct landlock_ruleset_attr attributes = {.handled_access_fs = ALL_RIGHTS_OF_ABI_1};
    long ruleset = syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes.handled_access_fs), 0);

    if (ruleset < 0) {
        if (errno != ENOSYS && errno != EOPNOTSUPP)
            log_warning("Landlock cannot be used: %s", strerror(errno));
        return;
    }
    if (syscall(SYS_landlock_restrict_self, (int)ruleset, 0) != 0)
        log_warning("Landlock cannot be used: %s", strerror(errno));
    close((int)ruleset);
}
