// JPEG of 8 bits by libjpeg-turbo: baseline, and the progressive streams that pass for it.
#include <csetjmp>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>

#include "codec.h"

namespace vna {
namespace {

struct Errors : jpeg_error_mgr {
  jmp_buf back;
  char text[JMSG_LENGTH_MAX];
};

void leave(j_common_ptr codec) {
  auto errors = static_cast<Errors*>(codec->err);
  errors->format_message(codec, errors->text);
  longjmp(errors->back, 1);
}

// Warnings are about damage that was guessed over, which no diagnosis may rest on; stray bytes between markers harm nothing.
void warn(j_common_ptr codec, int level) {
  if (level < 0 && codec->err->msg_code != JWRN_EXTRANEOUS_DATA && codec->err->msg_code != JWRN_ADOBE_XFORM) leave(codec);
}

void quiet(j_common_ptr) {}

void install(Errors& errors) {
  jpeg_std_error(&errors);
  errors.error_exit = leave;
  errors.emit_message = warn;
  errors.output_message = quiet;
}

// No C++ object may live across the longjmp.
bool decode(Bytes in, uint32_t flags, Space out, Image& image, Errors& errors, bool& fits) {
  jpeg_decompress_struct codec;
  codec.err = &errors;
  if (setjmp(errors.back)) {
    jpeg_destroy_decompress(&codec);
    return false;
  }
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, in.data, in.length);
  jpeg_read_header(&codec, TRUE);
  image = Image{codec.image_width, codec.image_height, static_cast<uint32_t>(codec.num_components), 8, 0};
  fits = image.length() <= out.capacity;
  if (!fits) {
    jpeg_destroy_decompress(&codec);
    return true;
  }
  if (codec.num_components == 3) {
    codec.jpeg_color_space = flags & colourTransform ? JCS_YCbCr : JCS_RGB;
    codec.out_color_space = JCS_RGB; // RGB to RGB is no transform, whatever the samples mean
  }
  codec.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&codec);
  auto stride = size_t{image.width} * image.samples;
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW row = out.data + codec.output_scanline * stride;
    jpeg_read_scanlines(&codec, &row, 1);
  }
  jpeg_finish_decompress(&codec);
  jpeg_destroy_decompress(&codec);
  return true;
}

bool encode(const Image& image, int quality, const uint8_t* in, Space out, size_t& length, Errors& errors) {
  jpeg_compress_struct codec;
  codec.err = &errors;
  auto data = out.data;
  unsigned long room = out.capacity;
  if (setjmp(errors.back)) {
    jpeg_destroy_compress(&codec);
    return false;
  }
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, &data, &room);
  codec.image_width = image.width;
  codec.image_height = image.height;
  codec.input_components = static_cast<int>(image.samples);
  codec.in_color_space = image.samples == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, quality, TRUE);
  codec.dct_method = JDCT_ISLOW;
  if (image.samples == 3 && image.flags & fullChroma) codec.comp_info[0].h_samp_factor = codec.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&codec, TRUE);
  auto stride = size_t{image.width} * image.samples;
  while (codec.next_scanline < codec.image_height) {
    auto row = const_cast<JSAMPROW>(in + codec.next_scanline * stride);
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  if (data != out.data) free(data); // it outgrew its room, and was moved
  else length = room;
  return true;
}

} // namespace

Image decodeJpeg(Bytes in, uint32_t flags, Space out) {
  Errors errors;
  install(errors);
  Image image;
  auto fits = false;
  if (!decode(in, flags, out, image, errors, fits)) throw CodecError(errors.text);
  requireRoom(image, out);
  return image;
}

size_t encodeJpeg(const Image& image, int quality, const uint8_t* in, Space out) {
  if (image.bits != 8 || (image.samples != 1 && image.samples != 3)) throw std::invalid_argument("JPEG has 8 bits and 1 or 3 samples.");
  Errors errors;
  install(errors);
  size_t length = 0;
  if (!encode(image, quality, in, out, length, errors)) throw CodecError(errors.text);
  if (length == 0) throw CodecError("The compressed frame does not fit.");
  return length;
}

} // namespace vna
