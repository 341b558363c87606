#pragma once
// Reading values of a document whose shape is known: no outcome but the value.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <string_view>

namespace entente::agreement::internal {

/// REQUIRES of each: the value is there and of that kind.
[[nodiscard]] inline std::string_view text(const boost::json::value& value) {
    return {value.get_string().data(), value.get_string().size()};
}

[[nodiscard]] inline std::string_view text(
    const boost::json::object& object, boost::json::string_view key
) {
    return text(object.at(key));
}

[[nodiscard]] inline const boost::json::array& array(
    const boost::json::object& object, boost::json::string_view key
) {
    return object.at(key).get_array();
}

[[nodiscard]] inline bool truth(const boost::json::object& object, boost::json::string_view key) {
    return object.at(key).get_bool();
}

[[nodiscard]] inline std::uint64_t number(
    const boost::json::object& object, boost::json::string_view key
) {
    return static_cast<std::uint64_t>(object.at(key).get_int64());
}

}  // namespace entente::agreement::internal
