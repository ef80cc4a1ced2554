// High-Throughput JPEG 2000 by OpenJPH.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <openjph/ojph_arch.h>
#include <openjph/ojph_base.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_message.h>
#include <openjph/ojph_params.h>

#include "codec.h"

using namespace ojph;

namespace vna {
namespace {

// The library says of damage on the console and goes on: pixels that were guessed. Here whatever it says is an error. (Its handlers of
// messages cannot be replaced: in version 0.9 configure_error and the like do nothing.)
class Listener {
 public:
  Listener() : stream_(open_memstream(&text_, &length_)) {
    if (!stream_) throw std::bad_alloc();
    set_info_stream(stream_);
    set_warning_stream(stream_);
    set_error_stream(stream_);
  }

  ~Listener() {
    fclose(stream_);
    free(text_);
  }

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void requireSilence() {
    fflush(stream_);
    if (length_ > 0) throw CodecError(said());
  }

  // "ojph error 0x000300A1 at file.cpp:4067: What it is about"
  std::string said() {
    fflush(stream_);
    std::string line(text_, strcspn(text_, "\n"));
    auto at = line.find(": ");
    return at == std::string::npos ? "The stream is damaged." : line.substr(at + 2);
  }

 private:
  char* text_ = nullptr;
  size_t length_ = 0;
  FILE* stream_;
};

uint32_t big16(const uint8_t* p) { return uint32_t{p[0]} << 8 | p[1]; }
uint32_t big32(const uint8_t* p) { return big16(p) << 16 | big16(p + 2); }
void put32(uint8_t* p, uint32_t value) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

constexpr uint32_t SOC = 0xFF4F, SOT = 0xFF90, EOC = 0xFFD9;

// First byte of the first tile-part; 0 when the main header does not end.
size_t firstTilePart(const uint8_t* data, size_t length) {
  if (length < 4 || big16(data) != SOC) return 0;
  for (size_t at = 2; at + 4 <= length;) {
    if (big16(data + at) == SOT) return at;
    if (data[at] != 0xFF) return 0;
    at += 2 + big16(data + at + 2);
  }
  return 0;
}

// Irreversible transforms overshoot; the library leaves it to the reader to clamp.
void clamp(int32_t* row, const Image& image) {
  auto half = int32_t{1} << (image.bits - 1);
  auto least = image.flags & isSigned ? -half : 0, most = image.flags & isSigned ? half - 1 : 2 * half - 1;
  for (uint32_t x = 0; x < image.width; ++x) row[x] = std::clamp(row[x], least, most);
}

// The library takes a truncated stream for a short one: tile-parts must follow each other up to the end marker (T.800 A.4.2).
void requireWhole(Bytes in) {
  auto at = firstTilePart(in.data, in.length);
  if (at == 0) throw CodecError("The stream is not a JPEG 2000 codestream.");
  while (in.length - at >= 12 && big16(in.data + at) == SOT) {
    auto part = big32(in.data + at + 6);
    if (part == 0) { // up to the end
      if (endOf(in, EOC) == 0) break;
      return;
    }
    if (part < 14 || part > in.length - at) break;
    at += part;
    if (in.length - at >= 2 && big16(in.data + at) == EOC) return;
  }
  throw CodecError("The stream is truncated.");
}

} // namespace

static Image decode(Bytes in, Space out, Listener& listener) {
  requireWhole(in);
  mem_infile file;
  file.open(in.data, in.length);
  codestream stream;
  stream.read_headers(&file);
  auto size = stream.access_siz();
  Image image{size.get_recon_width(0), size.get_recon_height(0), size.get_num_components(), size.get_bit_depth(0), size.is_signed(0) ? uint32_t{isSigned} : 0};
  for (uint32_t c = 0; c < size.get_num_components(); ++c)
    if (size.get_recon_width(c) != image.width || size.get_recon_height(c) != image.height || size.get_bit_depth(c) != image.bits || size.is_signed(c) != size.is_signed(0))
      throw CodecError("Components of different size or depth are not supported.");
  requireRoom(image, out);
  auto isReversible = stream.access_cod().is_reversible();
  stream.set_planar(false);
  stream.create();
  uint32_t component = 0;
  for (uint32_t y = 0; y < image.height; ++y)
    for (uint32_t c = 0; c < image.samples; ++c) {
      auto line = stream.pull(component);
      if (!isReversible) clamp(line->i32, image);
      putRow(image, y, component, line->i32, out.data);
    }
  stream.close();
  listener.requireSilence();
  return image;
}

Image decodeHtj2k(Bytes in, Space out) {
  Listener listener;
  try {
    return decode(in, out, listener);
  } catch (const CodecError&) {
    throw;
  } catch (const std::runtime_error&) {
    throw CodecError(listener.said());
  }
}

size_t encodeHtj2k(const Image& image, const uint8_t* in, Space out) {
  Listener listener;
  codestream stream;
  auto size = stream.access_siz();
  size.set_image_extent(point(image.width, image.height));
  size.set_num_components(image.samples);
  for (uint32_t c = 0; c < image.samples; ++c) size.set_component(c, point(1, 1), image.bits, (image.flags & isSigned) != 0);
  size.set_image_offset(point(0, 0));
  size.set_tile_size(ojph::size(image.width, image.height));
  size.set_tile_offset(point(0, 0));
  auto coding = stream.access_cod();
  uint32_t levels = 5;
  while (levels > 0 && std::min(image.width, image.height) >> levels == 0) --levels;
  coding.set_num_decomposition(levels);
  coding.set_block_dims(64, 64);
  coding.set_progression_order("RPCL");
  coding.set_color_transform(image.samples == 3 && (image.flags & colourTransform) != 0);
  coding.set_reversible(true);
  stream.set_planar(false);
  mem_outfile file;
  file.open();
  stream.write_headers(&file);
  uint32_t next = 0;
  auto line = stream.exchange(nullptr, next);
  for (uint32_t y = 0; y < image.height; ++y)
    for (uint32_t c = 0; c < image.samples; ++c) {
      takeRow(image, y, next, in, line->i32);
      line = stream.exchange(line, next);
    }
  stream.flush();
  // Tile-part lengths (TLM), which the RPCL syntax asks for (PS3.5 A.4.4.2) and this version of the library does not write: there is one tile-part.
  constexpr size_t marker = 10;
  auto written = static_cast<size_t>(file.tell());
  auto data = file.get_data();
  auto at = firstTilePart(data, written);
  if (at == 0 || written + marker > out.capacity) throw CodecError("The compressed frame does not fit.");
  auto part = big32(data + at + 6);
  memcpy(out.data, data, at);
  auto tlm = out.data + at;
  const uint8_t head[] = {0xFF, 0x55, 0, 8, 0, 0x40};
  memcpy(tlm, head, sizeof head);
  put32(tlm + 6, part != 0 ? part : static_cast<uint32_t>(written - at - 2));
  memcpy(tlm + marker, data + at, written - at);
  stream.close();
  listener.requireSilence();
  return written + marker;
}

} // namespace vna
