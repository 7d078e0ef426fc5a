#ifndef MERIDIAN_CEPOLL_SHIM_H
#define MERIDIAN_CEPOLL_SHIM_H

// Not in the Glibc module.
#include <sys/epoll.h>

#endif
