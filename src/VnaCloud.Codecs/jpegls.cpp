// JPEG-LS by CharLS.
#include <charls/charls.h>
#include <cstring>
#include <memory>
#include <vector>

#include "codec.h"

namespace vna {
namespace {

void require(charls_jpegls_errc code) {
  if (code != charls::jpegls_errc::success) throw CodecError(charls_get_error_message(code));
}

// Component after component, as streams without interleaving are decoded, to pixel after pixel.
template <typename Sample>
void interleave(const std::vector<uint8_t>& planes, const Image& image, uint8_t* out) {
  auto pixels = size_t{image.width} * image.height;
  auto from = reinterpret_cast<const Sample*>(planes.data());
  auto to = reinterpret_cast<Sample*>(out);
  for (size_t c = 0; c < image.samples; ++c)
    for (size_t i = 0; i < pixels; ++i) to[i * image.samples + c] = from[c * pixels + i];
}

Image decodeOnce(Bytes in, Space out) {
  std::unique_ptr<charls_jpegls_decoder, void (*)(const charls_jpegls_decoder*)> decoder(charls_jpegls_decoder_create(), charls_jpegls_decoder_destroy);
  if (!decoder) throw std::bad_alloc();
  require(charls_jpegls_decoder_set_source_buffer(decoder.get(), in.data, in.length));
  require(charls_jpegls_decoder_read_header(decoder.get()));
  charls_frame_info info{};
  require(charls_jpegls_decoder_get_frame_info(decoder.get(), &info));
  Image image{info.width, info.height, static_cast<uint32_t>(info.component_count), static_cast<uint32_t>(info.bits_per_sample), 0};
  requireRoom(image, out);
  charls_interleave_mode mode{};
  require(charls_jpegls_decoder_get_interleave_mode(decoder.get(), &mode));
  if (image.samples == 1 || mode != charls::interleave_mode::none) {
    require(charls_jpegls_decoder_decode_to_buffer(decoder.get(), out.data, image.length(), 0));
    return image;
  }
  std::vector<uint8_t> planes(image.length());
  require(charls_jpegls_decoder_decode_to_buffer(decoder.get(), planes.data(), planes.size(), 0));
  if (image.bits <= 8)
    interleave<uint8_t>(planes, image, out.data);
  else
    interleave<uint16_t>(planes, image, out.data);
  return image;
}

} // namespace

Image decodeJpegLs(Bytes in, Space out) {
  // The library never comes back from a stream that ends where its scan begins.
  auto end = endOf(in, 0xFFD9);
  if (end == 0) throw CodecError("The stream is truncated.");
  try {
    return decodeOnce({in.data, end}, out);
  } catch (const CodecError&) {
    // Some writers fill their scan with a zero byte, which the library takes for a missing marker.
    if (in.data[end - 3] != 0) throw;
    std::vector<uint8_t> shorter(in.data, in.data + end - 1);
    shorter[end - 3] = 0xFF;
    shorter[end - 2] = 0xD9;
    return decodeOnce({shorter.data(), shorter.size()}, out);
  }
}

size_t encodeJpegLs(const Image& image, int near, const uint8_t* in, Space out) {
  std::unique_ptr<charls_jpegls_encoder, void (*)(const charls_jpegls_encoder*)> encoder(charls_jpegls_encoder_create(), charls_jpegls_encoder_destroy);
  if (!encoder) throw std::bad_alloc();
  charls_frame_info info{image.width, image.height, static_cast<int32_t>(image.bits), static_cast<int32_t>(image.samples)};
  require(charls_jpegls_encoder_set_frame_info(encoder.get(), &info));
  require(charls_jpegls_encoder_set_near_lossless(encoder.get(), near));
  if (image.samples > 1) require(charls_jpegls_encoder_set_interleave_mode(encoder.get(), charls::interleave_mode::sample));
  require(charls_jpegls_encoder_set_destination_buffer(encoder.get(), out.data, out.capacity));
  require(charls_jpegls_encoder_encode_from_buffer(encoder.get(), in, image.length(), 0));
  size_t length = 0;
  require(charls_jpegls_encoder_get_bytes_written(encoder.get(), &length));
  return length;
}

} // namespace vna
