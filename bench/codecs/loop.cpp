// codec-loop OPERATION CODEC FILE REPEATS [WIDTH HEIGHT SAMPLES BITS FLAGS]
//
// The codecs of the worker in a plain loop on one buffer in memory: what the library alone takes. Prints microseconds of one frame.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "../../src/VnaCloud.Codecs/codec.h"

using namespace vna;

static Image decode(int codec, Bytes in, Space out) {
  switch (codec) {
    case 1: return decodeJpeg(in, 0, out);
    case 2: return decodeJpegLs(in, out);
    case 3: return decodeJpeg2000(in, out);
    default: return decodeHtj2k(in, out);
  }
}

static size_t encode(int codec, const Image& image, const uint8_t* in, Space out) {
  switch (codec) {
    case 1: return encodeJpeg(image, 90, in, out);
    case 2: return encodeJpegLs(image, 0, in, out);
    case 3: return encodeJpeg2000(image, in, out);
    default: return encodeHtj2k(image, in, out);
  }
}

int main(int argc, char** argv) {
  if (argc != 5 && argc != 10) return fprintf(stderr, "usage: codec-loop decode|encode CODEC FILE REPEATS [WIDTH HEIGHT SAMPLES BITS FLAGS]\n"), 2;
  std::ifstream file(argv[3], std::ios::binary);
  std::vector<uint8_t> in((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()), out(size_t{64} << 20);
  memset(out.data(), 1, out.size());
  auto codec = atoi(argv[2]), repeats = atoi(argv[4]);
  Image image;
  if (argc == 10) image = Image{static_cast<uint32_t>(atoi(argv[5])), static_cast<uint32_t>(atoi(argv[6])), static_cast<uint32_t>(atoi(argv[7])), static_cast<uint32_t>(atoi(argv[8])), static_cast<uint32_t>(atoi(argv[9]))};
  auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) {
    if (strcmp(argv[1], "decode") == 0) decode(codec, {in.data(), in.size()}, {out.data(), out.size()});
    else encode(codec, image, in.data(), {out.data(), out.size()});
  }
  auto took = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begun).count();
  printf("%.1f\n", took / repeats);
}
