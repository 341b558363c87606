#include "match/internal/record.h"

#include "match/internal/event_time.h"

#include <algorithm>
#include <charconv>

namespace entente::match {
namespace {

using Index = Event::Index;

struct Word {
    std::string_view text;
    Sight sight;
};

/// docs/matching.md has the same list for people.
constexpr Word words[] = {
    {"time", Sight::time},
    {"time-otherwise", Sight::time_otherwise},
    {"network-traffic:src_ref.value", Sight::src},
    {"network-traffic:dst_ref.value", Sight::dst},
    {"network-traffic:src_port", Sight::src_port},
    {"network-traffic:dst_port", Sight::dst_port},
    {"network-traffic:protocols[*]", Sight::protocol},
    {"network-traffic:src_byte_count", Sight::src_bytes},
    {"network-traffic:dst_byte_count", Sight::dst_bytes},
    {"network-traffic:src_packets", Sight::src_packets},
    {"network-traffic:dst_packets", Sight::dst_packets},
    {"query", Sight::query},
    {"domain-name:resolves_to_refs[*].value", Sight::answer},
    {"domain-name:value", Sight::host},
    {"ipv4-addr:value", Sight::host},
    {"ipv6-addr:value", Sight::host},
    {"mac-addr:value", Sight::mac},
    {"url:value", Sight::url},
    {"http-host", Sight::http_host},
    {"http-target", Sight::http_target},
    {"http-method", Sight::http_method},
    {"http-user-agent", Sight::user_agent},
    {"http-referer", Sight::referrer},
    {"x509-certificate:subject", Sight::certificate_subject},
    {"x509-certificate:issuer", Sight::certificate_issuer},
    {"x509-certificate:serial_number", Sight::certificate_serial},
    {"x509-certificate:hashes", Sight::certificate_hash},
    {"x509-certificate:validity_not_before", Sight::not_before},
    {"x509-certificate:validity_not_after", Sight::not_after},
    {"file:name", Sight::file_name},
    {"file:parent_directory_ref.path", Sight::file_directory},
    {"file:size", Sight::file_size},
    {"file:hashes", Sight::file_hash},
    {"file:mime_type", Sight::mime_type},
    {"hashes", Sight::hashes},
    {"process:command_line", Sight::command_line},
    {"process:pid", Sight::pid},
    {"process:image_ref.name", Sight::image},
    {"process:image_ref.hashes", Sight::image_hash},
    {"process:parent_ref.command_line", Sight::parent_command_line},
    {"process:parent_ref.pid", Sight::parent_pid},
    {"process:parent_ref.image_ref.name", Sight::parent_image},
    {"user-account:user_id", Sight::user_id},
    {"user-account:account_login", Sight::user_login},
    {"user-account:display_name", Sight::user_name},
    {"registry-path", Sight::registry_path},
    {"windows-registry-key:key", Sight::registry_key},
    {"windows-registry-key:values[*].name", Sight::registry_name},
    {"windows-registry-key:values[*].data", Sight::registry_data},
    {"directory:path", Sight::directory},
    {"email-message:from_ref.value", Sight::mail_from},
    {"email-message:to_refs[*].value", Sight::mail_to},
    {"email-message:cc_refs[*].value", Sight::mail_cc},
    {"email-addr:value", Sight::mailbox},
    {"email-message:subject", Sight::mail_subject},
    {"email-message:message_id", Sight::message_id},
    {"subject", Sight::subject},
    {"autonomous-system:number", Sight::as_number},
    {"anything", Sight::anything},
    {"log", Sight::log}};

/// A whole number, hexadecimal with 0x; of a fraction what is before the point.
std::optional<std::int64_t> whole_of(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    if (base == 10) text = text.substr(0, text.find('.'));
    std::int64_t out = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out, base);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return out;
}

/// A date, or a number since the epoch: in seconds with a fraction, or in thousandths, millionths,
/// thousand millionths of one, told by how large it is (seconds reach to the year 5138).
std::optional<Micros> time_of(std::string_view text) {
    if (const auto read = read_event_time(text)) return read;
    const auto point = text.find('.');
    const auto whole = whole_of(text.substr(0, point));
    if (!whole || *whole < 0) return std::nullopt;
    constexpr std::int64_t seconds_max = 100'000'000'000;
    if (*whole >= seconds_max * 1'000'000) return Micros{*whole / 1'000};
    if (*whole >= seconds_max * 1'000) return Micros{*whole};
    if (*whole >= seconds_max) return Micros{*whole * 1'000};
    std::int64_t us = *whole * micros_per_second;
    std::int64_t unit = micros_per_second / 10;
    for (const char c : point == std::string_view::npos ? "" : text.substr(point + 1)) {
        if (c < '0' || c > '9') return std::nullopt;
        us += (c - '0') * unit;
        unit /= 10;
    }
    return Micros{us};
}

void put(std::optional<std::int64_t>& slot, std::string_view text) {
    if (!slot) slot = whole_of(text);
}

void put(std::string_view& slot, std::string_view text) {
    if (slot.empty()) slot = text;
}

/// Numbers of protocols (IANA, Protocol Numbers) as the names that sensors write.
std::string_view protocol_name(std::string_view text) {
    if (text == "1") return "icmp";
    if (text == "6") return "tcp";
    if (text == "17") return "udp";
    if (text == "58") return "ipv6-icmp";
    return text;
}

/// What stands behind the last slash; before it is the directory.
std::pair<std::string_view, std::string_view> split_path(std::string_view path) {
    const auto slash = path.find_last_of("/\\");
    if (slash == std::string_view::npos) return {{}, path};
    // The directory of `/a` and `C:\a` is the root.
    const bool root = slash == 0 || (slash == 2 && path[1] == ':');
    return {path.substr(0, root ? slash + 1 : slash), path.substr(slash + 1)};
}

/// The dictionary of that name, made where it is not there.
Index dict_in(Event& event, Index into, const Name& name) {
    for (Index i = event.at(into).first; i != Event::none; i = event.at(i).next) {
        const Event::Value& value = event.at(i);
        if (value.kind == Event::Kind::dict && value.name == name) return i;
    }
    return event.dict(into, name);
}

/// Hives in full (STIX 2.1, 6.17.1: key).
struct Hive {
    std::string_view shown, full;
};

constexpr Hive hives[] = {
    {"\\REGISTRY\\MACHINE\\", "HKEY_LOCAL_MACHINE\\"},
    {"\\REGISTRY\\USER\\", "HKEY_USERS\\"},
    {"HKLM\\", "HKEY_LOCAL_MACHINE\\"},
    {"HKU\\", "HKEY_USERS\\"},
    {"HKCU\\", "HKEY_CURRENT_USER\\"},
    {"HKCR\\", "HKEY_CLASSES_ROOT\\"}};

}  // namespace

std::optional<Sight> sight_of(std::string_view word) noexcept {
    for (const Word& one : words) {
        if (one.text == word) return one.sight;
        const bool hash = one.text.ends_with(":hashes") || one.text.ends_with(".hashes");
        // The kind of a hash is told by its length.
        if (hash && word.size() > one.text.size() && word.starts_with(one.text) &&
            word[one.text.size()] == '.') {
            return one.sight;
        }
    }
    return std::nullopt;
}

void Record::begin(Event& event, Sightings& seen) {
    event_ = &event;
    seen_ = &seen;
    traffic_ = {};
    certificate_ = {};
    file_ = hashes_ = {};
    file_directory_ = {};
    process_ = parent_ = {};
    user_id_ = user_login_ = user_name_ = {};
    registry_path_ = registry_key_ = registry_name_ = registry_data_ = {};
    subject_ = log = {};
    is_mail_ = timed_ = false;
    answers_.clear();
    others_.clear();
}

void Record::take_address(std::string_view& slot, std::string_view text) {
    if (slot.empty()) {
        slot = text;
    } else if (slot != text) {
        seen_->host(text);
    }
}

void Record::take_hash(Sightings::File& file, std::string_view text) {
    std::string_view* const slot = text.size() == 32   ? &file.md5
                                   : text.size() == 40 ? &file.sha1
                                   : text.size() == 64 ? &file.sha256
                                                       : nullptr;
    if (slot == nullptr) return;
    if (slot->empty()) {
        *slot = text;
    } else if (*slot != text) {
        Sightings::File another;
        take_hash(another, text);
        (void)seen_->file(another);
    }
}

/// `SHA1=…,MD5=…`, or a hash alone.
void Record::take_hashes(std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const std::string_view one = text.substr(0, end);
        take_hash(hashes_, one.substr(one.find('=') + 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void Record::take_certificate_hash(std::string_view text) {
    std::string_view* const slot = text.size() == 32   ? &certificate_.md5
                                   : text.size() == 40 ? &certificate_.sha1
                                   : text.size() == 64 ? &certificate_.sha256
                                                       : nullptr;
    if (slot == nullptr) return;
    if (slot->empty()) {
        *slot = text;
        return;
    }
    if (*slot == text) return;
    Sightings::Certificate another;  // further up the chain
    (text.size() == 32 ? another.md5 : text.size() == 40 ? another.sha1 : another.sha256) = text;
    seen_->certificate(another);
}

/// One answer, or several as Sysmon writes them: `type:  5 a.example;::ffff:192.0.2.1;`.
void Record::take_answers(std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find(';'), text.size());
        std::string_view one = text.substr(0, end);
        if (one.starts_with("type:")) one.remove_prefix(std::min(one.rfind(' ') + 1, one.size()));
        if (one.starts_with("::ffff:")) one.remove_prefix(7);
        if (!one.empty()) seen_->answer({}, {}, one);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

/// `DOMAIN\user` is the account `user`; the whole is its identifier unless there is a better one.
void Record::take_user(std::string_view login) {
    if (!user_login_.empty()) {
        if (login == user_login_ || login == user_id_) return;
        const Index another = event_->object("user-account");
        event_->text(another, "account_login", split_path(login).second);
        return;
    }
    user_login_ = split_path(login).second;
    if (user_login_.size() != login.size()) put(user_id_, login);
}

void Record::take(Sight sight, std::string_view text, const OtherPath* to) {
    if (text.empty() || text == "-") return;
    if (sight == Sight::other) {
        others_.emplace_back(to, text);
        return;
    }
    take_text(sight, text);
}

// A row for each thing that is seen: long and flat.
// NOLINTNEXTLINE(readability-function-size)
void Record::take_text(Sight sight, std::string_view text) {
    switch (sight) {
        case Sight::time:
        case Sight::time_otherwise:
            if (const auto at = time_of(text); at && (sight == Sight::time || !timed_)) {
                event_->first = event_->last = *at;
                timed_ = timed_ || sight == Sight::time;
            }
            return;
        case Sight::src:
            return take_address(traffic_.src, text);
        case Sight::dst:
            return take_address(traffic_.dst, text);
        case Sight::src_port:
            return put(traffic_.src_port, text);
        case Sight::dst_port:
            return put(traffic_.dst_port, text);
        case Sight::protocol: {
            auto& slots = traffic_.protocols;
            if (slots[0] != text) put(slots[0].empty() ? slots[0] : slots[1], protocol_name(text));
            return;
        }
        case Sight::src_bytes:
            return put(traffic_.src_bytes, text);
        case Sight::dst_bytes:
            return put(traffic_.dst_bytes, text);
        case Sight::src_packets:
            return put(traffic_.src_packets, text);
        case Sight::dst_packets:
            return put(traffic_.dst_packets, text);
        case Sight::query:
            return seen_->query(text);
        case Sight::answer:
            answers_.push_back(text);
            return;
        case Sight::host:
            return seen_->host(text);
        case Sight::mac:
            return seen_->hardware(text);
        case Sight::url:
            return seen_->link(text);
        case Sight::http_host:
            return put(seen_->http.host, text);
        case Sight::http_target:
            return put(seen_->http.target, text);
        case Sight::http_method:
            return put(seen_->http.method, text);
        case Sight::user_agent:
            return put(seen_->http.user_agent, text);
        case Sight::referrer:
            return put(seen_->http.referrer, text);
        case Sight::certificate_subject:
            return put(certificate_.subject, text);
        case Sight::certificate_issuer:
            return put(certificate_.issuer, text);
        case Sight::certificate_serial:
            return put(certificate_.serial, text);
        case Sight::certificate_hash:
            return take_certificate_hash(text);
        case Sight::not_before:
        case Sight::not_after:
            if (const auto at = time_of(text)) {
                put(sight == Sight::not_before ? certificate_.not_before : certificate_.not_after,
                    event_->keep(format_taxii(*at)));
            }
            return;
        case Sight::file_name:
            if (file_.name.ends_with(text)) return;  // the path said it
            if (!file_.name.empty() && !text.ends_with(file_.name)) {
                Sightings::File another;
                another.name = text;
                (void)seen_->file(another);
                return;
            }
            file_.name = text;
            return;
        case Sight::file_directory:
            return put(file_directory_, text);
        case Sight::file_size:
            return put(file_.size, text);
        case Sight::file_hash:
            return take_hash(file_, text);
        case Sight::mime_type:
            return put(file_.mime_type, text);
        case Sight::hashes:
            return take_hashes(text);
        case Sight::command_line:
            return put(process_.command_line, text);
        case Sight::pid:
            return put(process_.pid, text);
        case Sight::image:
            // The path says more than the name alone, whichever comes first.
            if (process_.image.empty() || text.ends_with(process_.image)) process_.image = text;
            return;
        case Sight::image_hash:
            return take_hash(process_.hashes, text);
        case Sight::parent_command_line:
            return put(parent_.command_line, text);
        case Sight::parent_pid:
            return put(parent_.pid, text);
        case Sight::parent_image:
            if (parent_.image.empty() || text.ends_with(parent_.image)) parent_.image = text;
            return;
        case Sight::user_id:
            return put(user_id_, text);
        case Sight::user_login:
            return take_user(text);
        case Sight::user_name:
            return put(user_name_, text);
        case Sight::registry_path:
            return put(registry_path_, text);
        case Sight::registry_key:
            return put(registry_key_, text);
        case Sight::registry_name:
            return put(registry_name_, text);
        case Sight::registry_data:
            return put(registry_data_, text);
        case Sight::directory:
            (void)make_directory(text);
            return;
        case Sight::mail_from:
            is_mail_ = true;
            return seen_->mail_from(text);
        case Sight::mail_to:
            is_mail_ = true;
            return seen_->mail_to(text);
        case Sight::mail_cc:
            is_mail_ = true;
            return seen_->mail_cc(text);
        case Sight::mailbox:
            return seen_->mail_address(text);
        case Sight::mail_subject:
            is_mail_ = true;
            return put(seen_->mail.subject, text);
        case Sight::message_id:
            is_mail_ = true;
            return put(seen_->mail.message_id, text);
        case Sight::subject:
            return put(subject_, text);
        case Sight::as_number:
            if (const auto number = whole_of(text)) {
                event_->whole(event_->object("autonomous-system"), "number", *number);
            }
            return;
        case Sight::anything:
            (void)see_value(text, *event_, *seen_, traffic_);
            return;
        case Sight::log:
            log = text;
            return;
        case Sight::other:
            return;
    }
}

// ---- Objects

Index Record::make_directory(std::string_view path) {
    if (path.empty()) return Event::none;
    const Index object = event_->object("directory");
    event_->text(object, "path", path);
    return object;
}

Index Record::make_image(std::string_view path, const Sightings::File& hashes) {
    if (path.empty()) return Event::none;
    Sightings::File file = hashes;
    file.name = path;
    file.directory = make_directory(split_path(path).first);
    return seen_->file(file);
}

void Record::make_file() {
    const bool path = file_.name.find_first_of("/\\") != std::string_view::npos;
    const std::string_view folder = path ? split_path(file_.name).first : file_directory_;
    file_.directory = make_directory(folder);
    (void)seen_->file(file_);
}

Index Record::make_user() {
    if (user_id_.empty() && user_login_.empty() && user_name_.empty()) return Event::none;
    const Index object = event_->object("user-account");
    const std::pair<Name, std::string_view> all[] = {
        {"user_id", user_id_}, {"account_login", user_login_}, {"display_name", user_name_}};
    for (const auto& [name, text] : all)
        if (!text.empty()) event_->text(object, name, text);
    return object;
}

Index Record::make_process(const Process& of) {
    if (!of.some()) return Event::none;
    const Index image = make_image(of.image, of.hashes);
    const Index object = event_->object("process");
    if (!of.command_line.empty()) event_->text(object, "command_line", of.command_line);
    if (of.pid) event_->whole(object, "pid", *of.pid);
    event_->reference(object, "image_ref", image);
    return object;
}

void Record::make_processes() {
    const Index user = make_user();
    const Index parent = make_process(parent_);
    if (process_.image.empty()) (void)seen_->file(process_.hashes);
    const Index process = make_process(process_);
    if (process == Event::none) return;
    event_->reference(process, "parent_ref", parent);
    event_->reference(process, "creator_user_ref", user);
}

void Record::make_registry() {
    std::string_view key = registry_key_.empty() ? registry_path_ : registry_key_;
    if (key.empty()) return;
    std::string_view name = registry_name_;
    if (registry_key_.empty()) {
        // A path ends with the name of a value where one was set.
        const auto [folder, last] = split_path(key);
        if (name.empty() ? !registry_data_.empty() : last == name) {
            key = folder;
            name = last;
        }
    }
    for (const Hive& hive : hives) {
        if (!key.starts_with(hive.shown)) continue;
        std::string full(hive.full);
        full += key.substr(hive.shown.size());
        key = event_->keep(full);
        break;
    }
    const Index object = event_->object("windows-registry-key");
    event_->text(object, "key", key);
    if (name.empty() && registry_data_.empty()) return;
    const Index value = event_->dict(event_->list(object, "values"), {});
    if (!name.empty()) event_->text(value, "name", name);
    if (!registry_data_.empty()) event_->text(value, "data", registry_data_);
}

void Record::make_others() {
    // Properties of one type belong to one object.
    std::vector<std::pair<std::string_view, Index>> made;
    for (const auto& [to, text] : others_) {
        const auto same = [type = std::string_view(to->type)](const auto& one) {
            return one.first == type;
        };
        auto found = std::ranges::find_if(made, same);
        if (found == made.end()) {
            const Index object = event_->object(Name(to->type));
            found = made.insert(made.end(), {to->type, object});
        }
        Index into = found->second;
        for (std::size_t i = 0; i + 1 < to->names.size(); ++i)
            into = dict_in(*event_, into, Name(to->names[i]));
        event_->text(into, Name(to->names.back()), canonical(to->form, text, *event_));
    }
}

void Record::finish_parts() {
    for (const std::string_view answer : answers_)
        take_answers(answer);
    // Some logs call the subject of a certificate what others call that of a message.
    if (is_mail_ || log == "smtp") {
        put(seen_->mail.subject, subject_);
    } else {
        put(certificate_.subject, subject_);
    }
    // Hashes that do not say of what: of the file where one is named, else of the program.
    Sightings::File& of_hashes =
        file_.name.empty() && !process_.image.empty() ? process_.hashes : file_;
    for (const std::string_view hash : {hashes_.md5, hashes_.sha1, hashes_.sha256})
        if (!hash.empty()) take_hash(of_hashes, hash);
    make_file();
    make_processes();
    make_registry();
    make_others();
    seen_->certificate(certificate_);
}

void Record::finish() {
    finish_parts();
    seen_->finish(traffic_);
}

}  // namespace entente::match
