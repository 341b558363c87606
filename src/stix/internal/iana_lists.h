#pragma once
// Lists of IANA's registries (which are in the public domain), as texts of words with one blank
// between each two, sorted by bytes. `iana.h` says what they mean.
#include <string_view>

namespace entente::stix::internal {

extern const std::string_view service_names_1;
extern const std::string_view service_names_2;
extern const std::string_view media_application;
extern const std::string_view media_audio;
extern const std::string_view media_font;
extern const std::string_view media_image;
extern const std::string_view media_message;
extern const std::string_view media_model;
extern const std::string_view media_multipart;
extern const std::string_view media_text;
extern const std::string_view media_video;
extern const std::string_view character_sets;
extern const std::string_view ipfix_elements;

}  // namespace entente::stix::internal
