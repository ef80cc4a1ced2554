// Rows of one component, out of pixel-interleaved samples and into them.
#include "codec.h"

void vna::putRow(const Image& image, uint32_t y, uint32_t component, const int32_t* row, uint8_t* out) {
  auto at = size_t{y} * image.width * image.samples + component;
  if (image.bits <= 8)
    scatter(row, image.width, image.samples, out + at);
  else
    scatter(row, image.width, image.samples, reinterpret_cast<uint16_t*>(out) + at);
}

void vna::takeRow(const Image& image, uint32_t y, uint32_t component, const uint8_t* in, int32_t* row) {
  auto at = size_t{y} * image.width * image.samples + component;
  auto negative = (image.flags & isSigned) != 0;
  if (image.bits <= 8 && negative)
    gather(reinterpret_cast<const int8_t*>(in) + at, image.width, image.samples, row);
  else if (image.bits <= 8)
    gather(in + at, image.width, image.samples, row);
  else if (negative)
    gather(reinterpret_cast<const int16_t*>(in) + at, image.width, image.samples, row);
  else
    gather(reinterpret_cast<const uint16_t*>(in) + at, image.width, image.samples, row);
}
