#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "request/field.h"

namespace velatura::request {

/// The places that one field has in a list of items: of all LoRAs the whole of each, of all controls
/// the scale. What several fields say of one item has the same number in each.
class Column {
 public:
  virtual ~Column() = default;
  virtual std::size_t size() const = 0;    ///< of the list
  virtual Place at(std::size_t item) = 0;  ///< the list grows to hold it
  virtual Place any() const = 0;           ///< a place of that kind, to which nothing is written
};

namespace detail {

template <class Item, class Value, Value Item::*member>
class MemberColumn final : public Column {
 public:
  explicit MemberColumn(std::vector<Item>& items) : items_(items) {}
  std::size_t size() const override { return items_.size(); }
  Place at(std::size_t item) override {
    if (items_.size() <= item) items_.resize(item + 1);
    return &(items_[item].*member);
  }
  Place any() const override {
    static Item aside;
    return &(aside.*member);
  }

 private:
  std::vector<Item>& items_;
};

template <class Item>
class WholeColumn final : public Column {
 public:
  explicit WholeColumn(std::vector<Item>& items) : items_(items) {}
  std::size_t size() const override { return items_.size(); }
  Place at(std::size_t item) override {
    if (items_.size() <= item) items_.resize(item + 1);
    return &items_[item];
  }
  Place any() const override {
    static Item aside;
    return &aside;
  }

 private:
  std::vector<Item>& items_;
};

template <class Pointer>
struct MemberOf;
template <class Item, class Value>
struct MemberOf<Value Item::*> {
  using item = Item;
  using value = Value;
};

}  // namespace detail

/// column<&ControlUse::scale>(request.controls)
template <auto member>
Place column(std::vector<typename detail::MemberOf<decltype(member)>::item>& items) {
  using Member = detail::MemberOf<decltype(member)>;
  return List(
      std::make_shared<detail::MemberColumn<typename Member::item, typename Member::value, member>>(
          items));
}

/// The items themselves.
template <class Item>
Place column(std::vector<Item>& items) {
  return List(std::make_shared<detail::WholeColumn<Item>>(items));
}

}  // namespace velatura::request
