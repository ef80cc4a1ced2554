// vna-codec SOCKET ADDRESS-SPACE-MB
//
// Connects to the server's socket, says who it is, and then decodes or encodes one frame after the other: requests and answers of fixed size
// over the socket, frames in a memory file that the server maps through /proc/PID/fd. Ends when the server closes the socket.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "codec.h"

using namespace vna;

namespace {

constexpr uint32_t magic = 0x43414E56; // "VNAC"
constexpr uint64_t mostShared = uint64_t{4} << 30;
constexpr size_t alignment = 4096;

enum class Operation : uint32_t { reserve = 1, decode = 2, encode = 3 };

enum class Status : int32_t { done = 0, damaged = 1, noMemory = 2, misuse = 3 };

struct Request {
  uint32_t magic, operation, codec, flags;
  uint32_t width, height, samples, bits;
  int32_t parameter; // JPEG quality, JPEG-LS NEAR
  uint32_t cpuSeconds;
  uint64_t inputLength;   // bytes at offset 0; reserve: bytes of the whole file
  uint64_t outputOffset;  // a multiple of the page size behind the input
  uint64_t outputCapacity;
};
static_assert(sizeof(Request) == 64);

struct Answer {
  uint32_t magic;
  int32_t status;
  uint64_t outputLength;
  uint32_t width, height, samples, bits, flags, cpuMicroseconds;
  char text[216];
};
static_assert(sizeof(Answer) == 256);

struct Shared {
  int file;
  uint8_t* data = nullptr;
  uint64_t length = 0;
};

bool receive(int socket, void* data, size_t length) {
  for (auto at = static_cast<char*>(data); length > 0;) {
    auto n = recv(socket, at, length, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    length -= static_cast<size_t>(n);
  }
  return true;
}

bool sendAll(int socket, const void* data, size_t length) {
  for (auto at = static_cast<const char*>(data); length > 0;) {
    auto n = send(socket, at, length, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    length -= static_cast<size_t>(n);
  }
  return true;
}

uint64_t cpuMicroseconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1'000'000 + static_cast<uint64_t>(t.tv_nsec) / 1000;
}

// Allocated, not only promised: a hole that cannot be filled later would end the server by SIGBUS.
void reserve(Shared& shared, uint64_t length) {
  if (length > mostShared) throw CodecError("A frame of this size is not supported.");
  if (length <= shared.length) return;
  if (ftruncate(shared.file, static_cast<off_t>(length)) != 0 || fallocate(shared.file, 0, 0, static_cast<off_t>(length)) != 0) throw std::bad_alloc();
  auto mapped = shared.data ? mremap(shared.data, shared.length, length, MREMAP_MAYMOVE)
                            : mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, shared.file, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  shared.data = static_cast<uint8_t*>(mapped);
  shared.length = length;
}

Image decode(const Request& request, Bytes in, Space out) {
  switch (static_cast<Codec>(request.codec)) {
    case Codec::jpeg: return decodeJpeg(in, request.flags, out);
    case Codec::jpegLs: return decodeJpegLs(in, out);
    case Codec::jpeg2000: return decodeJpeg2000(in, out);
    case Codec::htj2k: return decodeHtj2k(in, out);
  }
  throw std::invalid_argument("codec");
}

size_t encode(const Request& request, const Image& image, Bytes in, Space out) {
  if (image.width == 0 || image.height == 0 || image.samples == 0 || image.samples > 4 || image.bits == 0 || image.bits > 16 || image.length() != in.length)
    throw std::invalid_argument("image");
  switch (static_cast<Codec>(request.codec)) {
    case Codec::jpeg: return encodeJpeg(image, request.parameter, in.data, out);
    case Codec::jpegLs: return encodeJpegLs(image, request.parameter, in.data, out);
    case Codec::jpeg2000: return encodeJpeg2000(image, in.data, out);
    case Codec::htj2k: return encodeHtj2k(image, in.data, out);
  }
  throw std::invalid_argument("codec");
}

void serve(const Request& request, Shared& shared, Answer& answer) {
  if (static_cast<Operation>(request.operation) == Operation::reserve) return reserve(shared, request.inputLength);
  if (request.outputOffset % alignment != 0 || request.inputLength > request.outputOffset || request.outputOffset > shared.length
      || request.outputCapacity > shared.length - request.outputOffset)
    throw std::invalid_argument("ranges");
  Bytes in{shared.data, request.inputLength};
  Space out{shared.data + request.outputOffset, request.outputCapacity};
  Image image{request.width, request.height, request.samples, request.bits, request.flags};
  if (static_cast<Operation>(request.operation) == Operation::decode) {
    image = decode(request, in, out);
    answer.outputLength = image.length();
  } else if (static_cast<Operation>(request.operation) == Operation::encode) {
    answer.outputLength = encode(request, image, in, out);
  } else {
    throw std::invalid_argument("operation");
  }
  answer.width = image.width;
  answer.height = image.height;
  answer.samples = image.samples;
  answer.bits = image.bits;
  answer.flags = image.flags;
}

void fail(Answer& answer, Status status, const char* text) {
  answer.status = static_cast<int32_t>(status);
  snprintf(answer.text, sizeof answer.text, "%s", text);
}

// usedMicroseconds: of the CPU, by this process up to here; it computes nothing but frames.
Answer answerTo(const Request& request, Shared& shared, uint64_t& usedMicroseconds) {
  Answer answer{};
  answer.magic = magic;
  try {
    serve(request, shared, answer);
  } catch (const CodecError& error) {
    fail(answer, Status::damaged, error.what());
  } catch (const std::bad_alloc&) {
    fail(answer, Status::noMemory, "The frame needs more memory than a codec worker may have.");
  } catch (const std::invalid_argument& error) {
    fail(answer, Status::misuse, error.what());
  } catch (const std::exception& error) {
    fail(answer, Status::damaged, error.what());
  }
  auto before = usedMicroseconds;
  usedMicroseconds = cpuMicroseconds();
  answer.cpuMicroseconds = static_cast<uint32_t>(usedMicroseconds - before);
  return answer;
}

int connectTo(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  auto s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return s >= 0 && connect(s, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? s : -1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) return fprintf(stderr, "usage: vna-codec SOCKET ADDRESS-SPACE-MB\n"), 2;
  Shared shared{memfd_create("vna-codec", MFD_CLOEXEC)};
  auto socket = connectTo(argv[1]);
  if (shared.file < 0 || socket < 0) return perror("vna-codec"), 1;
  limitProcess(strtoull(argv[2], nullptr, 10) << 20);
  uint32_t hello[4] = {magic, 1, static_cast<uint32_t>(getpid()), static_cast<uint32_t>(shared.file)};
  if (!sendAll(socket, hello, sizeof hello)) return 1;
  // What libraries print is of no use to anybody.
  auto nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  closeTheDoors();
  auto usedMicroseconds = cpuMicroseconds();
  for (Request request; receive(socket, &request, sizeof request);) {
    if (request.magic != magic) return 1;
    limitCpu(usedMicroseconds, request.cpuSeconds);
    auto answer = answerTo(request, shared, usedMicroseconds);
    if (!sendAll(socket, &answer, sizeof answer)) return 1;
  }
  return 0;
}
