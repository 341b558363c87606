#pragma once
// One event of a log as it is gathered field by field, in whatever order they stand there, before
// it becomes objects.
#include "match/canonical.h"
#include "match/event.h"
#include "match/internal/sightings.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace entente::match {

/// What a field says.
enum class Sight : std::uint8_t {
    time,
    time_otherwise,
    src,
    dst,
    src_port,
    dst_port,
    protocol,
    src_bytes,
    dst_bytes,
    src_packets,
    dst_packets,
    query,
    answer,
    host,
    mac,
    url,
    http_host,
    http_target,
    http_method,
    user_agent,
    referrer,
    certificate_subject,
    certificate_issuer,
    certificate_serial,
    certificate_hash,
    not_before,
    not_after,
    file_name,
    file_directory,
    file_size,
    file_hash,
    mime_type,
    hashes,
    command_line,
    pid,
    image,
    image_hash,
    parent_command_line,
    parent_pid,
    parent_image,
    user_id,
    user_login,
    user_name,
    registry_path,
    registry_key,
    registry_name,
    registry_data,
    directory,
    mail_from,
    mail_to,
    mail_cc,
    mailbox,
    mail_subject,
    message_id,
    subject,
    as_number,
    anything,
    log,
    other  // a property that the field map names itself
};

/// The word of a field map for it: an object path, mostly.
[[nodiscard]] std::optional<Sight> sight_of(std::string_view word) noexcept;

/// Where a field goes that is none of the known ones: a property of an object.
struct OtherPath {
    std::string type;
    std::vector<std::string> names;  // at least one
    Form form = Form::as_is;
};

/// Threads: one at a time. Views must live as long as the event's.
class Record {
  public:
    void begin(Event& event, Sightings& seen);
    /// A value of a field, in any order. Of what an event has once the first counts; further ones
    /// are objects of their own. Empty and `-` are nothing. REQUIRES: `to` where it is `other`.
    void take(Sight sight, std::string_view text, const OtherPath* to = nullptr);
    /// All but the flow becomes objects: for an event whose flow somebody else tells.
    void finish_parts();
    void finish();

    /// The kind of log, where a line does not say.
    std::string_view log;

  private:
    struct Process {
        std::string_view command_line, image;
        std::optional<std::int64_t> pid;
        Sightings::File hashes;

        [[nodiscard]] bool some() const noexcept {
            return !command_line.empty() || !image.empty() || pid;
        }
    };

    void take_text(Sight sight, std::string_view text);
    void take_address(std::string_view& slot, std::string_view text);
    void take_answers(std::string_view text);
    void take_hash(Sightings::File& file, std::string_view text);
    void take_hashes(std::string_view text);
    void take_certificate_hash(std::string_view text);
    void take_user(std::string_view login);
    void make_file();
    void make_processes();
    [[nodiscard]] Event::Index make_process(const Process& of);
    [[nodiscard]] Event::Index make_image(std::string_view path, const Sightings::File& hashes);
    [[nodiscard]] Event::Index make_directory(std::string_view path);
    [[nodiscard]] Event::Index make_user();
    void make_registry();
    void make_others();

    Event* event_ = nullptr;
    Sightings* seen_ = nullptr;
    Sightings::Traffic traffic_;
    Sightings::Certificate certificate_;
    Sightings::File file_, hashes_;
    std::string_view file_directory_;
    Process process_, parent_;
    std::string_view user_id_, user_login_, user_name_;
    std::string_view registry_path_, registry_key_, registry_name_, registry_data_;
    std::string_view subject_;
    std::vector<std::string_view> answers_;
    bool is_mail_ = false;
    bool timed_ = false;
    std::vector<std::pair<const OtherPath*, std::string_view>> others_;
};

/// A value that is told by what it looks like, in a field or on a line of its own. False when it
/// looks like nothing known.
bool see_value(std::string_view value, Event& event, Sightings& seen, Sightings::Traffic& traffic);

}  // namespace entente::match
