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

#define READING_RIGHTS                                                                                       \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE)

/* Without a rule these rights are nowhere. */
static void give_up(uint64_t rights)
{
    struct landlock_ruleset_attr attributes = {.handled_access_fs = rights};
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

void landlock_no_files(void)
{
    give_up(ALL_RIGHTS_OF_ABI_1);
}

void landlock_no_writing(void)
{
    give_up(ALL_RIGHTS_OF_ABI_1 & ~(uint64_t)READING_RIGHTS);
}
