"""The protocol's times, computed anew here (RFC 9568 section 6.1, RFC 3768 section 6.1): what tests hold the daemon to."""
import math


def skew(priority, advert_int=1.0, version=3):
    return (256 - priority) / 256 * (advert_int if version == 3 else 1.0)


def master_down(priority, advert_int=1.0, version=3):
    return 3 * advert_int + skew(priority, advert_int, version)


def lease(advert_int=1.0, version=3):
    """Lifetime of a VIP: whole seconds, at least 1, and 0.3 s less than the earliest takeover by any peer."""
    return max(1, math.floor(master_down(254, advert_int, version) - 0.3))
