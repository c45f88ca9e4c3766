#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

#include "request/field.h"

namespace velatura::request {

/// Tasks by the names of their commands, in the order help shows them: that of Request.
inline constexpr std::array<std::string_view, std::variant_size_v<Request>> kTasks{
    "txt2img", "img2img", "inpaint", "depth2img", "upscale", "variations"};

std::string_view task_name(const Request& request);

template <class Task>
std::string_view task_name() {
  return kTasks[Request(std::in_place_type<Task>).index()];
}

/// A request of that task as it is before anything is asked for; nothing for other names.
std::optional<Request> make_request(std::string_view task);

/// The one description of a request: what every task has, and what only one has. A new field is a
/// member of the struct and a row there.
void each_common_field(PictureRequest& request, const Visit& visit);
void each_own_field(TextToImage& task, const Visit& visit);
void each_own_field(ImageToImage& task, const Visit& visit);
void each_own_field(Inpaint& task, const Visit& visit);
void each_own_field(DepthToImage& task, const Visit& visit);
void each_own_field(Upscale& task, const Visit& visit);
void each_own_field(Variations& task, const Visit& visit);

/// Which weights to load and where to run them, likewise.
void each_field(ModelOptions& options, const Visit& visit);
void each_field(const ModelOptions& options, const ConstVisit& visit);

template <class T>
concept Task = std::is_base_of_v<PictureRequest, T> && !std::is_const_v<T>;

/// Visits every field of a request.
template <Task T>
void each_field(T& task, const Visit& visit) {
  each_common_field(task, visit);
  each_own_field(task, visit);
}
void each_field(Request& request, const Visit& visit);

/// The same, to read only.
void each_common_field(const PictureRequest& request, const ConstVisit& visit);
template <Task T>
void each_own_field(const T& task, const ConstVisit& visit) {
  // Whoever is given a ConstPlace cannot write.
  each_own_field(const_cast<T&>(task), [&visit](const Field& field, const Place& place) {
    visit(field, read_only(place));
  });
}
template <Task T>
void each_field(const T& task, const ConstVisit& visit) {
  each_common_field(task, visit);
  each_own_field(task, visit);
}
void each_field(const Request& request, const ConstVisit& visit);

/// Visits the fields of every task and of ModelOptions at their defaults, one after the other: what
/// several tasks have comes several times.
void each_known_field(const ConstVisit& visit);

/// The first of them with that name, which must be one.
Field known_field(std::string_view name);

}  // namespace velatura::request
