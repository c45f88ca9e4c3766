#include "request/fields.h"

#include <utility>

namespace velatura::request {
namespace {

template <std::size_t... I>
std::optional<Request> make(std::string_view task, std::index_sequence<I...>) {
  std::optional<Request> request;
  ((task == kTasks[I] ? void(request.emplace(std::in_place_index<I>)) : void()), ...);
  return request;
}

// Whoever is given a ConstPlace cannot write.
Visit to_read(const ConstVisit& visit) {
  return [&visit](const Field& field, const Place& place) { visit(field, read_only(place)); };
}

}  // namespace

std::string_view task_name(const Request& request) {
  return kTasks[request.index()];
}

std::optional<Request> make_request(std::string_view task) {
  return make(task, std::make_index_sequence<kTasks.size()>());
}

void each_common_field(const PictureRequest& request, const ConstVisit& visit) {
  each_common_field(const_cast<PictureRequest&>(request), to_read(visit));
}

void each_field(const ModelOptions& options, const ConstVisit& visit) {
  each_field(const_cast<ModelOptions&>(options), to_read(visit));
}

void each_field(Request& request, const Visit& visit) {
  std::visit([&visit](auto& task) { each_field(task, visit); }, request);
}

void each_field(const Request& request, const ConstVisit& visit) {
  std::visit([&visit](const auto& task) { each_field(task, visit); }, request);
}

void each_known_field(const ConstVisit& visit) {
  for (const std::string_view task : kTasks) {
    const Request request = *make_request(task);
    each_field(request, visit);
  }
  const ModelOptions options;
  each_field(options, visit);
}

Field known_field(std::string_view name) {
  std::optional<Field> found;
  each_known_field([&](const Field& field, const ConstPlace&) {
    if (!found && field.name == name) found = field;
  });
  return found.value();
}

}  // namespace velatura::request
