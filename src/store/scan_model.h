#pragma once
// For tests: what each reader of one collection must see, told as a list of events. An entry is
// shown to a viewer by an event at a position with a date, both fixed when the event happens: the
// entry was published while the viewer could see its class; or the class became visible; or the
// entry became the latest again. Losing a right takes events away. There are no stretches, ranks,
// flags or links here, and everything is computed anew, so this is easily seen to be right.
#include "store/scan.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace entente::store::test {

struct ModelClass {
    std::string type;
    std::string spec_version;
    std::uint32_t held_for = 0;
};

struct ModelEntry {
    std::uint64_t seq = 0;
    std::uint32_t cls = 0;
    std::string id;
    std::string key;
    bool removed = false;
};

struct ModelEvent {
    std::uint64_t position = 0;
    std::int64_t date = 0;
    std::size_t entry = 0;  // index into Model::entries
    bool late = false;
    bool reexposed = false;
};

struct ModelViewer {
    std::set<std::uint32_t> released;
    std::vector<ModelEvent> events;
};

/// One line of an expected stream.
struct Shown {
    std::uint64_t position = 0;
    std::int64_t date = 0;
    std::uint64_t entry_seq = 0;
    bool late = false;
    friend bool operator==(const Shown&, const Shown&) = default;
};

struct NewModelEntry {
    std::uint32_t cls = 0;
    std::string id;
    std::string key;
};

class Model {
  public:
    std::vector<ModelClass> classes{1};  // by number; 0 is none
    std::vector<ModelEntry> entries;
    std::vector<ModelViewer> viewers;

    /// Adds a viewer to what is there already: it sees all of it in place.
    void add_viewer(std::set<std::uint32_t> released) {
        ModelViewer viewer{.released = std::move(released), .events = {}};
        for (const Batch& batch : batches_) {
            std::int64_t rank = 0;
            for (std::size_t i = batch.begin; i < batch.end; ++i) {
                if (!viewer.released.contains(entries[i].cls)) continue;
                viewer.events.push_back({entries[i].seq, batch.base + rank++, i, false, false});
            }
        }
        viewers.push_back(std::move(viewer));
    }

    void publish(const std::vector<NewModelEntry>& batch, std::int64_t not_before) {
        const std::int64_t base = std::max(not_before, next_date_);
        const std::size_t begin = entries.size();
        for (const NewModelEntry& e : batch)
            entries.push_back({next_position_++, e.cls, e.id, e.key, false});
        for (ModelViewer& viewer : viewers) {
            std::int64_t rank = 0;
            for (std::size_t i = begin; i < entries.size(); ++i) {
                if (!viewer.released.contains(entries[i].cls)) continue;
                viewer.events.push_back({entries[i].seq, base + rank++, i, false, false});
            }
        }
        batches_.push_back({begin, entries.size(), base});
        next_date_ = base + static_cast<std::int64_t>(batch.size());
    }

    /// Removes entries of one id. Viewers in order get an event for what became the latest again.
    void remove(const std::vector<std::size_t>& gone, std::int64_t not_before) {
        const std::string id = entries[gone.front()].id;
        std::vector<std::optional<std::size_t>> before;
        for (const ModelViewer& viewer : viewers)
            before.push_back(latest(viewer, id));
        for (const std::size_t i : gone)
            entries[i].removed = true;
        for (std::size_t v = 0; v < viewers.size(); ++v) {
            const auto now = latest(viewers[v], id);
            if (now && now != before[v]) show_late(v, {{*now, true}}, not_before);
        }
    }

    /// Gives and takes classes of one viewer at once.
    void change_rights(
        std::size_t v, const std::set<std::uint32_t>& released, std::int64_t not_before
    ) {
        ModelViewer& viewer = viewers[v];
        std::map<std::string, std::optional<std::size_t>> before;
        for (const ModelEntry& e : entries)
            before.emplace(e.id, latest(viewer, e.id));
        std::vector<std::pair<std::size_t, bool>> late;
        std::set<std::string> lost_something;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].removed) continue;
            const bool had = viewer.released.contains(entries[i].cls);
            const bool has = released.contains(entries[i].cls);
            if (has && !had) late.emplace_back(i, false);
            if (had && !has) lost_something.insert(entries[i].id);
        }
        std::erase_if(viewer.events, [&](const ModelEvent& e) {
            return !released.contains(entries[e.entry].cls);
        });
        viewer.released = released;
        std::vector<std::size_t> again;
        for (const std::string& id : lost_something) {
            const auto now = latest_of(released, id);
            const bool is_new =
                now && std::ranges::find(late, std::pair(*now, false)) != late.end();
            if (now && now != before.at(id) && !is_new) again.push_back(*now);
        }
        std::ranges::sort(again);
        for (const std::size_t i : again)
            late.emplace_back(i, true);
        show_late(v, late, not_before);
    }

    /// Everything that the viewer's stream shows under the filter, in order.
    [[nodiscard]] std::vector<Shown> stream(std::size_t v, const Filter& filter) const {
        std::vector<Shown> out;
        std::set<std::string> ids;
        for (const ModelEvent& e : viewers[v].events)
            ids.insert(entries[e.entry].id);
        for (const std::string& id : ids) {
            if (!filter.ids.empty() && std::ranges::find(filter.ids, id) == filter.ids.end())
                continue;
            for (const ModelEvent& e :
                 chosen(visible(viewers[v], id, filter.version.last), filter)) {
                out.push_back({e.position, e.date, entries[e.entry].seq, e.late});
            }
        }
        std::ranges::sort(out, {}, &Shown::position);
        return out;
    }

    [[nodiscard]] bool any_visible(std::size_t v, const std::vector<std::string>& ids) const {
        return std::ranges::any_of(ids, [&](const std::string& id) {
            return !visible(viewers[v], id, false).empty();
        });
    }

  private:
    struct Batch {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::int64_t base = 0;
    };

    void show_late(
        std::size_t v,
        const std::vector<std::pair<std::size_t, bool>>& rows,
        std::int64_t not_before
    ) {
        if (rows.empty()) return;
        next_date_ = std::max(not_before, next_date_);
        for (const auto& [entry, reexposed] : rows) {
            viewers[v].events.push_back({next_position_++, next_date_++, entry, true, reexposed});
        }
    }

    /// The event that shows each entry of the id: the last, among those that mean something to the
    /// stream.
    [[nodiscard]] std::vector<ModelEvent> visible(
        const ModelViewer& viewer, const std::string& id, bool latest_only
    ) const {
        std::map<std::size_t, ModelEvent> last_event;
        for (const ModelEvent& e : viewer.events) {
            const ModelEntry& entry = entries[e.entry];
            if (entry.id != id || entry.removed || (e.reexposed && !latest_only)) continue;
            last_event.insert_or_assign(e.entry, e);
        }
        std::vector<ModelEvent> out;
        for (const auto& last : last_event) {
            const std::size_t index = last.first;
            const bool gives_way =
                held(index) && std::ranges::any_of(last_event, [&](const auto& other) {
                    return !held(other.first) && version_of(other.first) == version_of(index);
                });
            if (!gives_way) out.push_back(last.second);
        }
        return out;
    }

    [[nodiscard]] std::vector<ModelEvent> chosen(
        std::vector<ModelEvent> events, const Filter& filter
    ) const {
        const auto among = [](const std::vector<std::string>& values, const std::string& value) {
            return values.empty() || std::ranges::find(values, value) != values.end();
        };
        std::erase_if(events, [&](const ModelEvent& e) {
            return !among(filter.types, class_of(e).type) ||
                   !among(filter.spec_versions, class_of(e).spec_version) ||
                   (filter.added_after && e.date <= filter.added_after->count);
        });
        if (filter.spec_versions.empty()) {
            std::string newest;
            for (const ModelEvent& e : events)
                newest = std::max(newest, class_of(e).spec_version);
            std::erase_if(events, [&](const ModelEvent& e) {
                return class_of(e).spec_version != newest;
            });
        }
        if (events.empty()) return events;
        const auto by_key = [&](const ModelEvent& a, const ModelEvent& b) {
            return entries[a.entry].key < entries[b.entry].key;
        };
        const std::string first = entries[std::ranges::min_element(events, by_key)->entry].key;
        const std::string last = entries[std::ranges::max_element(events, by_key)->entry].key;
        std::erase_if(events, [&](const ModelEvent& e) {
            const std::string& key = entries[e.entry].key;
            return !(
                filter.version.all || (filter.version.first && key == first) ||
                (filter.version.last && key == last) ||
                std::ranges::find(filter.version.keys, key) != filter.version.keys.end()
            );
        });
        return events;
    }

    [[nodiscard]] std::optional<std::size_t> latest(
        const ModelViewer& viewer, const std::string& id
    ) const {
        return latest_of(viewer.released, id);
    }

    /// The version that someone who may see `released` takes for the latest.
    [[nodiscard]] std::optional<std::size_t> latest_of(
        const std::set<std::uint32_t>& released, const std::string& id
    ) const {
        std::optional<std::size_t> best;
        const auto rank = [&](std::size_t i) {
            return std::tuple(classes[entries[i].cls].spec_version, entries[i].key, !held(i));
        };
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (entries[i].id != id || entries[i].removed || !released.contains(entries[i].cls))
                continue;
            if (!best || rank(i) > rank(*best)) best = i;
        }
        return best;
    }

    [[nodiscard]] std::pair<std::string, std::string> version_of(std::size_t entry) const {
        return {entries[entry].key, classes[entries[entry].cls].spec_version};
    }

    [[nodiscard]] bool held(std::size_t entry) const {
        return classes[entries[entry].cls].held_for != 0;
    }

    [[nodiscard]] const ModelClass& class_of(const ModelEvent& e) const {
        return classes[entries[e.entry].cls];
    }

    std::vector<Batch> batches_;
    std::uint64_t next_position_ = 1;
    std::int64_t next_date_ = 0;
};

}  // namespace entente::store::test
