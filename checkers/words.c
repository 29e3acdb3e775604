/*
 * Log lines about checks. See words.h.
 */
#include "checkers/words.h"

#include <stdio.h>

#include "conf/server_name.h"
#include "daemon/core/log.h"

static const char *where(const struct check *check, char buffer[static IP_ENDPOINT_TEXT])
{
    if (check->conf->connect.port == 0) /* a ping */
        return ip_address_text(&check->conf->connect.address, buffer);
    return ip_endpoint_text(&check->conf->connect, buffer);
}

void words_gather(struct report_words *words, const struct check *check, const struct finding *finding,
                  uint32_t wait_ms)
{
    const char *subject = check->type->subject != NULL ? check->type->subject(check) : NULL;
    const char *wanted = NULL;
    char endpoint[IP_ENDPOINT_TEXT], buffer[128];

    if (check->type->wanted != NULL)
        wanted = check->type->wanted(check, finding->reason, buffer, sizeof(buffer));
    snprintf(words->name, sizeof(words->name), "check %s %s%s%s", check->type->name, where(check, endpoint),
             subject != NULL ? " " : "", subject != NULL ? subject : "");
    verdict_text(finding->reason, finding->phase, finding->detail, wait_ms, wanted, words->reason,
                 sizeof(words->reason));
}

void words_say_change(const struct report_words *words, const struct check *check)
{
    char virtual_server[CONF_SERVER_TEXT];
    char attempts[48] = "";
    bool assumed = check->record.transitions == 1 && check->standing.up && !check->conf->alpha;

    if (!check->standing.up && check->standing.failures > 1)
        snprintf(attempts, sizeof(attempts), " (after %u attempts)", check->standing.failures);
    /* That a server works which was taken to work is no change of state. */
    log_line(assumed ? LOG_LEVEL_DEBUG : LOG_LEVEL_NOTICE, "%s: %s, %s%s, for virtual server %s", words->name,
             check->standing.up ? "up" : "down", words->reason, attempts,
             conf_server_text(check->virtual_server, virtual_server));
}

void words_say_attempt(const struct report_words *words, const struct check *check,
                       const struct finding *finding, bool news)
{
    switch (verdict_outcome((uint16_t)finding->reason)) {
    case OUTCOME_GOOD:
        break;
    case OUTCOME_NONE:
        log_line(news ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "%s: not checked, %s", words->name,
                 words->reason);
        break;
    case OUTCOME_BAD:
        log_line(check->conf->log_all_failures ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG,
                 "%s: failed, %s (attempt %u)", words->name, words->reason, check->standing.failures);
        break;
    }
}
