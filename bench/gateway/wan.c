// A long line between two network namespaces: wan NAMESPACE-A NAMESPACE-B DELAY-MS MBIT-PER-S LOSS-PER-MILLE
// Makes the device wan0 in each (the addresses are the caller's), and carries packets between them: each direction has a rate, a queue of 100 ms,
// a delay, and loses packets at random (by a fixed seed). On SIGUSR1 and on SIGTERM it prints a line for both directions, one after the other: bytes carried
// (headers of IP and TCP among them), packets carried, lost, dropped by the queue.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PACKET = 2048, SLOTS = 1 << 14 };

struct packet { int64_t due; int length; unsigned char bytes[PACKET]; };

struct line {
  int from, to;
  struct packet *slots;
  unsigned head, tail;
  int64_t free_at;  // when the last bit of what was sent before leaves
  long bytes, packets, lost, dropped;
};

static volatile sig_atomic_t stopped, asked;
static void stop(int signal) { (void)signal; stopped = 1; }
static void ask(int signal) { (void)signal; asked = 1; }

static void fail(const char *what) { perror(what); exit(1); }

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static int device(const char *name) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", name);
  int space = open(path, O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) < 0) fail(path);
  close(space);
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  strcpy(request.ifr_name, "wan0");
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) fail("tun");
  return fd;
}

// Takes what the device has, unless it is lost or the queue before the line is full.
static void take(struct line *line, int64_t delay, double nanoseconds_per_byte, int loss) {
  for (;;) {
    struct packet *packet = &line->slots[line->head % SLOTS];
    int length = read(line->from, packet->bytes, PACKET);
    if (length <= 0) return;
    int64_t at = now(), begins = line->free_at > at ? line->free_at : at;
    if (random() % 1000 < loss) { line->lost++; continue; }
    if (begins - at > 100000000LL || line->head - line->tail == SLOTS - 1) { line->dropped++; continue; }
    line->free_at = begins + (int64_t)(length * nanoseconds_per_byte);
    packet->due = line->free_at + delay;
    packet->length = length;
    line->head++;
    line->bytes += length;
    line->packets++;
  }
}

// Gives what is due; returns when the next one is.
static int64_t give(struct line *line) {
  while (line->tail != line->head) {
    struct packet *packet = &line->slots[line->tail % SLOTS];
    if (packet->due > now()) return packet->due;
    if (write(line->to, packet->bytes, packet->length) < 0 && errno == EAGAIN) return now() + 200000;
    line->tail++;
  }
  return INT64_MAX;
}

static void tell(const struct line *lines) {
  for (int i = 0; i < 2; i++) printf("%ld %ld %ld %ld%c", lines[i].bytes, lines[i].packets, lines[i].lost, lines[i].dropped, i == 0 ? ' ' : '\n');
  fflush(stdout);
}

int main(int count, char **arguments) {
  if (count != 6) { fprintf(stderr, "usage: wan NAMESPACE-A NAMESPACE-B DELAY-MS MBIT-PER-S LOSS-PER-MILLE\n"); return 2; }
  int a = device(arguments[1]), b = device(arguments[2]), loss = atoi(arguments[5]);
  int64_t delay = atof(arguments[3]) * 1e6;
  double per_byte = 8e3 / atof(arguments[4]);
  struct line lines[2] = { { .from = a, .to = b }, { .from = b, .to = a } };
  for (int i = 0; i < 2; i++) if (!(lines[i].slots = calloc(SLOTS, sizeof(struct packet)))) fail("memory");
  srandom(2026);
  signal(SIGTERM, stop);
  signal(SIGUSR1, ask);
  printf("ready\n");
  fflush(stdout);
  while (!stopped) {
    int64_t next = give(&lines[0]), other = give(&lines[1]), wait = (next < other ? next : other) - now();
    struct timespec limit = { 0, wait > 50000000 ? 50000000 : wait > 0 ? wait : 0 };
    struct pollfd devices[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
    ppoll(devices, 2, &limit, NULL);
    for (int i = 0; i < 2; i++) take(&lines[i], delay, per_byte, loss);
    if (asked) {
      asked = 0;
      tell(lines);
    }
  }
  tell(lines);
}
