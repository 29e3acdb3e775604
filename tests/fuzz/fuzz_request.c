/*
 * Fuzzes what a user of the machine may say: a line for the control socket.
 */
#include "daemon/ctl/request.h"

#include "fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    enum ctl_verb verb = CTL_VERB_COUNT;
    uint8_t *line = fuzz_exact(bytes, length);
    const char *why = ctl_request_parse((const char *)line, length, &verb);

    fuzz_require((why == NULL) == (verb < CTL_VERB_COUNT));
    free(line);
    return 0;
}
