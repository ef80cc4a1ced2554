// JPEG 2000 by OpenJPEG.
#include <algorithm>
#include <cstring>
#include <memory>
#include <openjpeg.h>

#include "codec.h"

namespace vna {
namespace {

struct Stream {
  uint8_t* data;
  size_t length, capacity, at;
};

OPJ_SIZE_T readBytes(void* to, OPJ_SIZE_T count, void* user) {
  auto s = static_cast<Stream*>(user);
  if (s->at >= s->length) return static_cast<OPJ_SIZE_T>(-1);
  count = std::min(count, s->length - s->at);
  memcpy(to, s->data + s->at, count);
  s->at += count;
  return count;
}

OPJ_SIZE_T writeBytes(void* from, OPJ_SIZE_T count, void* user) {
  auto s = static_cast<Stream*>(user);
  if (count > s->capacity - s->at) return static_cast<OPJ_SIZE_T>(-1);
  memcpy(s->data + s->at, from, count);
  s->at += count;
  s->length = std::max(s->length, s->at);
  return count;
}

OPJ_OFF_T skipBytes(OPJ_OFF_T count, void* user) {
  auto s = static_cast<Stream*>(user);
  if (count < 0 || static_cast<uint64_t>(count) > s->capacity - s->at) return -1;
  s->at += static_cast<size_t>(count);
  return count;
}

OPJ_BOOL seekTo(OPJ_OFF_T at, void* user) {
  auto s = static_cast<Stream*>(user);
  if (at < 0 || static_cast<uint64_t>(at) > s->capacity) return OPJ_FALSE;
  s->at = static_cast<size_t>(at);
  return OPJ_TRUE;
}

void keep(const char* text, void* user) {
  auto last = static_cast<std::string*>(user);
  if (last->empty()) last->assign(text, strcspn(text, "\n"));
}

using StreamPtr = std::unique_ptr<opj_stream_t, void (*)(opj_stream_t*)>;
using CodecPtr = std::unique_ptr<opj_codec_t, void (*)(opj_codec_t*)>;
using ImagePtr = std::unique_ptr<opj_image_t, void (*)(opj_image_t*)>;

StreamPtr open(Stream& stream, bool reading) {
  StreamPtr opened(opj_stream_create(1 << 20, reading), opj_stream_destroy);
  if (!opened) throw std::bad_alloc();
  opj_stream_set_user_data(opened.get(), &stream, nullptr);
  opj_stream_set_user_data_length(opened.get(), stream.length);
  opj_stream_set_read_function(opened.get(), readBytes);
  opj_stream_set_write_function(opened.get(), writeBytes);
  opj_stream_set_skip_function(opened.get(), skipBytes);
  opj_stream_set_seek_function(opened.get(), seekTo);
  return opened;
}

// A codestream is asked for (PS3.5 A.4.4); some writers put it into a JP2 file.
bool isJp2(Bytes in) {
  static const uint8_t signature[] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
  return in.length > sizeof signature && memcmp(in.data, signature, sizeof signature) == 0;
}

Image describe(const opj_image_t& from) {
  if (from.numcomps == 0 || from.numcomps > 4) throw CodecError("The stream has " + std::to_string(from.numcomps) + " components.");
  auto& first = from.comps[0];
  for (uint32_t c = 0; c < from.numcomps; ++c) {
    auto& other = from.comps[c];
    if (other.w != first.w || other.h != first.h || other.prec != first.prec || other.sgnd != first.sgnd)
      throw CodecError("Components of different size or depth are not supported.");
  }
  return Image{first.w, first.h, from.numcomps, first.prec, first.sgnd ? uint32_t{isSigned} : 0};
}

} // namespace

Image decodeJpeg2000(Bytes in, Space out) {
  Stream stream{const_cast<uint8_t*>(in.data), in.length, in.length, 0};
  std::string said;
  CodecPtr codec(opj_create_decompress(isJp2(in) ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K), opj_destroy_codec);
  opj_set_error_handler(codec.get(), keep, &said);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  auto source = open(stream, true);
  opj_image_t* made = nullptr;
  auto isRead = opj_setup_decoder(codec.get(), &parameters) && opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE) && opj_read_header(source.get(), codec.get(), &made);
  ImagePtr image(made, opj_image_destroy);
  if (!isRead) throw CodecError(said.empty() ? "The header of the stream cannot be read." : said);
  // Before tiles are decoded, components have their size, and no memory yet.
  auto promised = describe(*image);
  requireRoom(promised, out);
  if (!opj_decode(codec.get(), source.get(), image.get()) || !opj_end_decompress(codec.get(), source.get()))
    throw CodecError(said.empty() ? "The stream cannot be decoded." : said);
  auto result = describe(*image);
  requireRoom(result, out);
  for (uint32_t c = 0; c < result.samples; ++c) {
    auto data = image->comps[c].data;
    if (!data) throw CodecError("A component was not decoded.");
    for (uint32_t y = 0; y < result.height; ++y) putRow(result, y, c, data + size_t{y} * result.width, out.data);
  }
  return result;
}

size_t encodeJpeg2000(const Image& image, const uint8_t* in, Space out) {
  opj_image_cmptparm_t component{};
  component.dx = component.dy = 1;
  component.w = image.width;
  component.h = image.height;
  component.prec = image.bits;
  component.sgnd = (image.flags & isSigned) != 0;
  opj_image_cmptparm_t components[4] = {component, component, component, component};
  ImagePtr source(opj_image_create(image.samples, components, image.samples >= 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY), opj_image_destroy);
  if (!source) throw std::bad_alloc();
  source->x1 = image.width;
  source->y1 = image.height;
  for (uint32_t c = 0; c < image.samples; ++c)
    for (uint32_t y = 0; y < image.height; ++y) takeRow(image, y, c, in, source->comps[c].data + size_t{y} * image.width);
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.tcp_numlayers = 1;
  parameters.tcp_rates[0] = 0;
  parameters.cp_disto_alloc = 1;
  parameters.irreversible = 0;
  parameters.tcp_mct = image.samples == 3 && image.flags & colourTransform ? 1 : 0;
  // Not more levels than the smaller side can be halved.
  parameters.numresolution = 6;
  while (parameters.numresolution > 1 && std::min(image.width, image.height) >> (parameters.numresolution - 1) == 0) --parameters.numresolution;
  std::string said;
  Stream stream{out.data, 0, out.capacity, 0};
  CodecPtr codec(opj_create_compress(OPJ_CODEC_J2K), opj_destroy_codec);
  opj_set_error_handler(codec.get(), keep, &said);
  auto target = open(stream, false);
  if (!opj_setup_encoder(codec.get(), &parameters, source.get()) || !opj_start_compress(codec.get(), source.get(), target.get())
      || !opj_encode(codec.get(), target.get()) || !opj_end_compress(codec.get(), target.get()))
    throw CodecError(said.empty() ? "The frame cannot be compressed." : said);
  target.reset();
  return stream.length;
}

} // namespace vna
