/* A hand-made model with something in every corner, for tests of what works on whole models. */
#ifndef TANDEM_TESTS_SAMPLE_MODEL_H
#define TANDEM_TESTS_SAMPLE_MODEL_H

#include "conf/model.h"

/* Two instances (IPv4 multicast with password, IPv6 unicast), a group, two virtual servers with three real
 * servers and four checks, scripts, all fields of the first of each kind set. Free with conf_model_free. */
struct conf_model *sample_model(void);

#define SAMPLE_PASSWORD      "s3cr3tpw"
#define SAMPLE_HMAC_KEY      "thirty-two bytes that nobody sees"
#define SAMPLE_MAIL_PASSWORD "m4ilpassw0rd"
#define SAMPLE_SCRIPT        "/usr/local/bin/on-master"
#define SAMPLE_TLS           "material for TLS: "
#define SAMPLE_URL           "/health?token=abc"

#endif
