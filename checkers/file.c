/*
 * FILE_CHECK: the number in a track_file decides. tandem-scripts, which watches the file, tells it at the
 * start and whenever it changes; here is what it means.
 *
 *     weight 0            down while the number is not 0; reverse: while it is 0
 *     any other weight    number * weight is added to the server's weight; reverse: subtracted
 *
 * A product that is as low as a weight of keepalived can be, or lower, means down there and here.
 */
#include "checkers/check.h"

static int32_t cut(int64_t weight)
{
    if (weight < INT32_MIN)
        return INT32_MIN;
    return weight > INT32_MAX ? INT32_MAX : (int32_t)weight;
}

static int32_t weight_of(const struct conf_checker *conf, int32_t value)
{
    int64_t product = (int64_t)value * conf->file_weight;

    return cut(conf->file_reverse ? -product : product);
}

static bool means_down(const struct conf_checker *conf, int32_t value)
{
    if (conf->file_weight == 0)
        return (value != 0) != conf->file_reverse;
    return weight_of(conf, value) == INT32_MIN;
}

static void file_told(struct check *check, const struct tracked_file *file)
{
    const struct conf_checker *conf = check->conf;
    struct finding finding = finding_of(VERDICT_OK, PHASE_FILE, file->value);

    if (means_down(conf, file->value)) {
        engine_report(check, finding_of(VERDICT_FILE, PHASE_FILE, file->value));
        return;
    }
    if (conf->file_weight != 0) {
        finding.weight_kind = VERDICT_WEIGHT_ADDED;
        finding.weight = weight_of(conf, file->value);
    }
    engine_report(check, finding);
}

static const char *file_subject(const struct check *check)
{
    return check->conf->file_name;
}

const struct check_type check_file = {.name = "FILE", .told = file_told, .subject = file_subject};
