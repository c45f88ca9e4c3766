#include "weights/formats/pickle.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "weights/formats/byte_reader.h"
#include "weights/formats/pickle_globals.h"
#include "weights/formats/pickle_opcodes.h"
#include "weights/formats/pickle_torch.h"

namespace velatura::weights {
namespace {

constexpr std::size_t kLongest = std::size_t{64} << 20;
constexpr std::size_t kMostOpcodes = 1'000'000;
constexpr int kDeepestValue = 64;
constexpr int kHighestProtocol = 5;

int depth_of(const PickledValue& value) {
  if (const auto* sequence = get_if<PickledSequence>(value)) return sequence->depth;
  if (const auto* dict = get_if<PickledDict>(value)) return dict->depth;
  return 0;
}

// The stack machine that a pickle is a program for.
class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const std::string& where)
      : where_(where), reader_(bytes, where_) {}

  Pickle run() {
    while (!stopped_) {
      step();
      if (reader_.position() > kLongest) fail("the pickle is longer than 64 MiB");
    }
    if (stack_.size() != 1 || !marks_.empty()) fail("leaves values behind");
    return {std::move(heap_), stack_.back(), reader_.position()};
  }

 private:
  void step() {
    place_ = reader_.position();
    const auto byte = reader_.number<std::uint8_t>();
    opcode_ = byte;
    const auto opcode = static_cast<PickleOp>(byte);
    if ((opcode == PickleOp::proto) != (place_ == 0)) {
      fail(place_ == 0 ? "pickles of protocols 0 and 1 are not read" : "is not the first opcode");
    }
    if (++opcodes_ > kMostOpcodes) fail("more than 1000000 opcodes");
    execute(opcode);
  }

  void execute(PickleOp opcode) {
    switch (opcode) {
      case PickleOp::proto:
        return check_protocol();
      case PickleOp::frame:
        if (reader_.number<std::uint64_t>() > reader_.remaining()) fail("the frame is cut off");
        return;
      case PickleOp::stop:
        stopped_ = true;
        return;
      case PickleOp::mark:
        if (marks_.size() == kDeepestValue) fail("nested more than 64 levels deep");
        return marks_.push_back(stack_.size());

      case PickleOp::none:
        return push(PickledNone{});
      case PickleOp::newtrue:
        return push(true);
      case PickleOp::newfalse:
        return push(false);
      case PickleOp::binint:
        return push(std::int64_t{std::bit_cast<std::int32_t>(reader_.number<std::uint32_t>())});
      case PickleOp::binint1:
        return push(std::int64_t{reader_.number<std::uint8_t>()});
      case PickleOp::binint2:
        return push(std::int64_t{reader_.number<std::uint16_t>()});
      case PickleOp::long1:
        return push(long_integer(reader_.text(reader_.number<std::uint8_t>())));
      case PickleOp::binfloat:
        return push(std::bit_cast<double>(__builtin_bswap64(reader_.number<std::uint64_t>())));
      case PickleOp::short_binstring:
      case PickleOp::short_binunicode:
        return push(reader_.text(reader_.number<std::uint8_t>()));
      case PickleOp::binunicode:
        return push(reader_.text(reader_.number<std::uint32_t>()));
      case PickleOp::binunicode8:
        return push(reader_.text(reader_.number<std::uint64_t>()));
      case PickleOp::short_binbytes:
        return push(PickledBytes{reader_.text(reader_.number<std::uint8_t>())});
      case PickleOp::binbytes:
        return push(PickledBytes{reader_.text(reader_.number<std::uint32_t>())});

      case PickleOp::empty_dict:
        return push(&heap_->dicts.emplace_back());
      case PickleOp::empty_list:
        return push(sequence(PickledSequence::Kind::list, {}));
      case PickleOp::empty_set:
        return push(sequence(PickledSequence::Kind::set, {}));
      case PickleOp::empty_tuple:
        return push(sequence(PickledSequence::Kind::tuple, {}));
      case PickleOp::tuple:
        return push(sequence(PickledSequence::Kind::tuple, pop_to_mark()));
      case PickleOp::tuple1:
      case PickleOp::tuple2:
      case PickleOp::tuple3:
        return push(sequence(PickledSequence::Kind::tuple,
                             pop_many(1 + static_cast<std::size_t>(opcode) -
                                      static_cast<std::size_t>(PickleOp::tuple1))));

      case PickleOp::append:
        return add_items(pop_many(1), PickledSequence::Kind::list);
      case PickleOp::append_many:
        return add_items(pop_to_mark(), PickledSequence::Kind::list);
      case PickleOp::add_items:
        return add_items(pop_to_mark(), PickledSequence::Kind::set);
      case PickleOp::set_item:
        return set_items(pop_many(2));
      case PickleOp::set_items:
        return set_items(pop_to_mark());

      case PickleOp::binget:
        return get(reader_.number<std::uint8_t>());
      case PickleOp::long_binget:
        return get(reader_.number<std::uint32_t>());
      case PickleOp::binput:
        return put(reader_.number<std::uint8_t>());
      case PickleOp::long_binput:
        return put(reader_.number<std::uint32_t>());
      case PickleOp::memoize:
        return put(static_cast<std::uint32_t>(memo_.size()));

      case PickleOp::global: {
        const auto module = line();
        return push_global(module, line());
      }
      case PickleOp::stack_global: {
        const auto name = pop_text(), module = pop_text();
        return push_global(module, name);
      }
      case PickleOp::binpersid:
        return push(&heap_->storages.emplace_back(read_storage(pop(), here())));
      case PickleOp::reduce: {
        const PickledValue arguments = pop(), callable = pop();
        return push(read_call(callable, arguments, *heap_, here()));
      }
      case PickleOp::newobj: {
        pop();
        const PickledValue type = pop();
        const auto* global = get_if<PickledGlobal>(type);
        if (global && global->role == GlobalRole::inert) return push(PickledPlaceholder{});
        if (!global || global->role != GlobalRole::parameter_dict)
          fail("of what no object is made");
        PickledDict& made = heap_->dicts.emplace_back();
        parameter_dicts_.insert(&made);
        return push(&made);
      }
      case PickleOp::build: {
        const PickledValue state = pop();
        if (!get_if<PickledPlaceholder>(top()) && !get_if<PickledDict>(top())) {
          fail("the state of what has none");
        }
        return take_parameters(state);
      }
    }
    fail("is not an opcode of a pickle of weights");
  }

  std::string here() const {
    return where_ + ": pickle opcode " + opcode_name(opcode_) + " at byte " +
           std::to_string(place_);
  }
  [[noreturn]] void fail(const std::string& reason) const {
    throw InputError(here() + ": " + reason);
  }

  void check_protocol() {
    const int protocol = reader_.number<std::uint8_t>();
    if (protocol < 2 || protocol > kHighestProtocol) {
      fail("pickles of protocol " + std::to_string(protocol) + " are not read, only of 2 to 5");
    }
  }

  static PickledValue long_integer(std::string_view bytes) {
    if (bytes.size() > sizeof(std::int64_t)) return PickledLong{bytes};
    std::uint64_t value = !bytes.empty() && bytes.back() < 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return static_cast<std::int64_t>(value);
  }

  std::string_view line() {
    std::string_view rest = ByteReader(reader_).text(reader_.remaining());
    const auto end = rest.find('\n');
    if (end == rest.npos) fail("the name is cut off");
    return reader_.text(end + 1).substr(0, end);
  }

  void push(const PickledValue& value) { stack_.push_back(value); }

  void push_global(std::string_view module, std::string_view name) {
    const PickledGlobal* global = find_global(module, name);
    if (!global) {
      fail("asks for " + shown_global(module, name) +
           ", which weights do not need: the file may be hostile, and is not read");
    }
    push(global);
  }

  // What lies below a mark is out of reach until the mark is gone.
  const PickledValue& top() const {
    if (stack_.size() == (marks_.empty() ? 0 : marks_.back())) fail("there is no value for it");
    return stack_.back();
  }
  PickledValue pop() {
    const PickledValue value = top();
    stack_.pop_back();
    return value;
  }
  std::string_view pop_text() {
    const PickledValue value = pop();
    const auto* text = get_if<std::string_view>(value);
    if (!text) fail("the name is not a text");
    return *text;
  }

  std::vector<PickledValue> pop_many(std::size_t count) {
    std::vector<PickledValue> values(count);
    for (std::size_t i = count; i-- > 0;) values[i] = pop();
    return values;
  }
  std::vector<PickledValue> pop_to_mark() {
    if (marks_.empty()) fail("there is no mark for it");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickledValue> values(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return values;
  }

  void deepen(int& depth, const PickledValue& item) const {
    depth = std::max(depth, 1 + depth_of(item));
    if (depth > kDeepestValue) fail("nested more than 64 levels deep");
  }

  PickledSequence* sequence(PickledSequence::Kind kind, std::vector<PickledValue> items) {
    PickledSequence& made = heap_->sequences.emplace_back(PickledSequence{kind, std::move(items)});
    for (const PickledValue& item : made.items) deepen(made.depth, item);
    return &made;
  }

  void add_items(const std::vector<PickledValue>& items, PickledSequence::Kind kind) {
    auto* const* sequence = std::get_if<PickledSequence*>(&top());
    if (!sequence || (*sequence)->kind != kind) fail("what it adds to is no list or set");
    for (const PickledValue& item : items) {
      deepen((*sequence)->depth, item);
      (*sequence)->items.push_back(item);
    }
  }

  void set_items(const std::vector<PickledValue>& items) {
    auto* const* dict = std::get_if<PickledDict*>(&top());
    if (!dict) fail("what it adds to is no dict");
    if (items.size() % 2 != 0) fail("a key has no value");
    for (std::size_t i = 0; i < items.size(); i += 2) {
      deepen((*dict)->depth, items[i]);
      deepen((*dict)->depth, items[i + 1]);
      (*dict)->items.emplace_back(items[i], items[i + 1]);
    }
  }

  // Of a ParameterDict; nobody will ask for another object's state.
  void take_parameters(const PickledValue& state) {
    auto* const* dict = std::get_if<PickledDict*>(&top());
    if (!dict || !parameter_dicts_.contains(*dict)) return;
    const auto* members = get_if<PickledDict>(state);
    if (!members) fail("the state of a ParameterDict is no dict");
    for (const auto& [key, value] : members->items) {
      const auto* name = get_if<std::string_view>(key);
      const auto* parameters = get_if<PickledDict>(value);
      if (!name || *name != "_parameters" || !parameters) continue;
      (*dict)->items = parameters->items;
      (*dict)->depth = parameters->depth;
    }
  }

  void get(std::uint32_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("there is no memo " + std::to_string(key));
    push(found->second);
  }
  void put(std::uint32_t key) { memo_.insert_or_assign(key, top()); }

  const std::string& where_;
  ByteReader reader_;
  std::unique_ptr<PickleHeap> heap_ = std::make_unique<PickleHeap>();
  std::vector<PickledValue> stack_;
  std::vector<std::size_t> marks_;  // how many values lay on the stack
  std::unordered_map<std::uint32_t, PickledValue> memo_;
  std::unordered_set<const PickledDict*> parameter_dicts_;
  std::size_t place_ = 0;  // of the opcode in hand
  std::uint8_t opcode_ = 0;
  std::size_t opcodes_ = 0;
  bool stopped_ = false;
};

}  // namespace

bool is_pickle(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x80} && bytes[1] >= std::byte{2} &&
         bytes[1] <= std::byte{kHighestProtocol};
}

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where) {
  return Machine(bytes, where).run();
}

}  // namespace velatura::weights
