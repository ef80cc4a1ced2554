/* LD_PRELOAD shim: bind(INADDR_ANY) becomes bind(127.0.0.1), because Orthanc 1.10 has no option for the address it binds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  static int (*real)(int, const struct sockaddr *, socklen_t);
  if (!real) real = dlsym(RTLD_NEXT, "bind");
  const struct sockaddr_in *in = (const struct sockaddr_in *)address;
  if (address->sa_family == AF_INET && length >= sizeof *in && in->sin_addr.s_addr == INADDR_ANY) {
    struct sockaddr_in loopback = *in;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return real(fd, (struct sockaddr *)&loopback, sizeof loopback);
  }
  return real(fd, address, length);
}
