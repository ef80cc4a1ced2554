// What the worker and its codecs know of each other. The wire form is in main.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace vna {

enum class Codec : uint32_t { jpeg = 1, jpegLs = 2, jpeg2000 = 3, htj2k = 4 };

enum Flags : uint32_t {
  isSigned = 1,        // two's complement
  colourTransform = 2, // decode JPEG: YCbCr to RGB; encode: the codec's own transform (RCT, YCbCr)
  fullChroma = 4,      // encode JPEG: 4:4:4
};

// The samples of a frame: those of one pixel next to each other, little endian, one byte each for up to 8 bits, else two.
struct Image {
  uint32_t width = 0, height = 0, samples = 0, bits = 0, flags = 0;
  size_t bytesOfSample() const { return bits <= 8 ? 1 : 2; }
  size_t length() const { return size_t{width} * height * samples * bytesOfSample(); }
};

struct Bytes {
  const uint8_t* data;
  size_t length;
};

struct Space {
  uint8_t* data;
  size_t capacity;
};

// The stream is damaged, or asks for what is not supported: the sentence goes to the server.
struct CodecError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Refuses what does not fit before anything is allocated for it.
inline void requireRoom(const Image& image, const Space& out) {
  constexpr uint32_t mostExtent = 65535, mostSamples = 4;
  if (image.width == 0 || image.height == 0 || image.width > mostExtent || image.height > mostExtent || image.samples == 0 || image.samples > mostSamples)
    throw CodecError("The stream says " + std::to_string(image.width) + " x " + std::to_string(image.height) + " pixels of " + std::to_string(image.samples) + " samples.");
  if (image.bits == 0 || image.bits > 16)
    throw CodecError("Samples of " + std::to_string(image.bits) + " bits are not supported, 16 at most.");
  if (image.length() > out.capacity)
    throw CodecError("The stream holds " + std::to_string(image.width) + " x " + std::to_string(image.height) + " pixels of " + std::to_string(image.samples)
                     + " samples with " + std::to_string(image.bits) + " bits, more than the instance says.");
}

// Each gives what the stream holds and writes its samples to `out`.
Image decodeJpeg(Bytes in, uint32_t flags, Space out);
Image decodeJpegLs(Bytes in, Space out);
Image decodeJpeg2000(Bytes in, Space out);
Image decodeHtj2k(Bytes in, Space out);

// Each gives the bytes written.
size_t encodeJpeg(const Image& image, int quality, const uint8_t* in, Space out);
size_t encodeJpegLs(const Image& image, int near, const uint8_t* in, Space out);
size_t encodeJpeg2000(const Image& image, const uint8_t* in, Space out);
size_t encodeHtj2k(const Image& image, const uint8_t* in, Space out);

// Bytes of a stream up to and with its end marker, behind which zeros or one FF may stand that make its fragment even; 0 where it has none.
inline size_t endOf(Bytes in, uint16_t marker) {
  auto end = in.length;
  while (end > 2 && in.data[end - 1] == 0) --end;
  if (end > 2 && in.data[end - 1] == 0xFF) --end;
  return end >= 4 && in.data[end - 2] == marker >> 8 && in.data[end - 1] == (marker & 0xFF) ? end : 0;
}

// Writes a row of one component into pixel-interleaved samples, and reads one out of them.
template <typename Sample>
void scatter(const int32_t* row, uint32_t width, uint32_t samples, Sample* out) {
  if (samples == 1)
    for (uint32_t x = 0; x < width; ++x) out[x] = static_cast<Sample>(row[x]);
  else
    for (uint32_t x = 0; x < width; ++x) out[size_t{x} * samples] = static_cast<Sample>(row[x]);
}

template <typename Sample>
void gather(const Sample* in, uint32_t width, uint32_t samples, int32_t* row) {
  for (uint32_t x = 0; x < width; ++x) row[x] = in[size_t{x} * samples];
}

void putRow(const Image& image, uint32_t y, uint32_t component, const int32_t* row, uint8_t* out);
void takeRow(const Image& image, uint32_t y, uint32_t component, const uint8_t* in, int32_t* row);

// limits.cpp
void limitProcess(uint64_t addressSpace);
void limitCpu(uint64_t usedMicroseconds, uint32_t seconds);
void closeTheDoors();

} // namespace vna
