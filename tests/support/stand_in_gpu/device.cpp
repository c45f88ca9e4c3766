#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include "support/stand_in_gpu/stand_in.h"

namespace velatura::stand_in {
namespace {

// What is queued is done at once, so that an event has always come.
struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kType; }
  c10::Device exchangeDevice(c10::Device device) const override {
    const auto before = getDevice();
    current_device() = device.index();
    return before;
  }
  c10::Device getDevice() const override { return {kType, current_device()}; }
  void setDevice(c10::Device device) const override {
    TORCH_CHECK(device.index() < device_count(), "CUDA error: invalid device ordinal");
    current_device() = device.index();
  }
  void uncheckedSetDevice(c10::Device device) const noexcept override {
    current_device() = device.index();
  }
  c10::Stream getStream(c10::Device device) const override {
    return c10::Stream(c10::Stream::DEFAULT, device);
  }
  c10::Stream getDefaultStream(c10::Device device) const override { return getStream(device); }
  c10::Stream exchangeStream(c10::Stream stream) const override { return stream; }
  void* getStreamNativeHandle(c10::Stream) const override { return nullptr; }
  c10::DeviceIndex deviceCount() const noexcept override { return device_count(); }
  void record(void**, const c10::Stream&, c10::DeviceIndex, const c10::EventFlag) const override {
    note("event", "recorded");
  }
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void*, c10::DeviceIndex) const noexcept override {}
  void synchronizeEvent(void*) const override { note("event", "waited for"); }
  void synchronizeStream(const c10::Stream&) const override { note("wait", "stream"); }
  void synchronizeDevice(c10::DeviceIndex) const override { note("wait", "device"); }
};

const c10::impl::DeviceGuardImplRegistrar registrar(kType, new Guard);

}  // namespace

c10::DeviceIndex device_count() {
  static const auto count = static_cast<c10::DeviceIndex>(from_environment("STAND_IN_DEVICES", 2));
  return count;
}

c10::DeviceIndex& current_device() {
  static thread_local c10::DeviceIndex device = 0;
  return device;
}

}  // namespace velatura::stand_in

namespace at {

struct CUDAHooks final : CUDAHooksInterface {
  explicit CUDAHooks(CUDAHooksArgs) {}
  void init() const override {}
  bool hasCUDA() const override { return true; }
  bool hasPrimaryContext(DeviceIndex) const override { return true; }
  DeviceIndex deviceCount() const override { return velatura::stand_in::device_count(); }
  int getNumGPUs() const override { return velatura::stand_in::device_count(); }
  DeviceIndex current_device() const override { return velatura::stand_in::current_device(); }
  bool isAvailable() const override { return true; }
  Allocator* getCUDADeviceAllocator() const override {
    return &velatura::stand_in::device_allocator();
  }
  Allocator* getPinnedMemoryAllocator() const override {
    return &velatura::stand_in::pinned_allocator();
  }
  bool isPinnedPtr(const void* memory) const override {
    return velatura::stand_in::is_pinned(memory);
  }
};
REGISTER_CUDA_HOOKS(CUDAHooks);

}  // namespace at
