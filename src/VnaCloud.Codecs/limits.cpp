#include <cerrno>
#include <cstdio>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "codec.h"

namespace vna {

static void limit(int resource, rlim_t value) {
  rlimit both{value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

// Address space beside the mapped frames, no core dumps (they would hold pixels), no files.
void limitProcess(uint64_t addressSpace) {
  limit(RLIMIT_AS, addressSpace);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NPROC, 0);
}

// CPU seconds from now on; past them the kernel ends the process. Mostly it says what was said for the frame before.
void limitCpu(uint64_t usedMicroseconds, uint32_t seconds) {
  static rlim_t now = 0;
  auto most = usedMicroseconds / 1'000'000 + 1 + seconds;
  if (most == now) return;
  now = most;
  rlimit both{most, RLIM_INFINITY};
  setrlimit(RLIMIT_CPU, &both);
}

// Codecs compute: whoever takes one over by a hostile stream can open no file, no socket and no process. What is not listed fails with EPERM.
void closeTheDoors() {
#if defined(__x86_64__)
  constexpr uint32_t arch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
  constexpr uint32_t arch = AUDIT_ARCH_AARCH64;
#else
  return;
#endif
  static const long allowed[] = {SYS_read, SYS_write, SYS_recvfrom, SYS_sendto, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_brk, SYS_madvise,
    SYS_ftruncate, SYS_fallocate, SYS_futex, SYS_setrlimit, SYS_prlimit64, SYS_clock_gettime, SYS_rt_sigreturn, SYS_rt_sigprocmask,
    SYS_rt_sigaction, SYS_tgkill, SYS_gettid, SYS_getpid, SYS_exit, SYS_exit_group, SYS_getrandom};
  constexpr int count = sizeof allowed / sizeof *allowed;
  static sock_filter filter[count + 6];
  int n = 0;
  filter[n++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  filter[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0);
  filter[n++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  filter[n++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (int i = 0; i < count; ++i)
    filter[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(allowed[i]), static_cast<uint8_t>(count - i), 0);
  filter[n++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));
  filter[n++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  sock_fprog program{static_cast<unsigned short>(n), filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program); // a kernel without it: the other limits hold
}

} // namespace vna
