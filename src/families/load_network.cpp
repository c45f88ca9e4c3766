#include "families/load_network.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/interruption.h"
#include "layers/int8_weights.h"

namespace velatura::families {

weights::OnGiven laying_out(std::shared_ptr<layers::Module> model, const Placement& placement) {
  // Those that a parameter is in, be it several levels down.
  std::map<const c10::TensorImpl*, std::vector<layers::Module*>> around;
  model->apply([&](layers::Module& module) {
    for (const auto& [name, parameter] : module.parameters()) {
      around[parameter.unsafeGetTensorImpl()].push_back(&module);
    }
  });
  std::map<std::string, std::vector<layers::Module*>> modules;
  for (const auto& [name, parameter] : model->parameters()) {
    modules[name] = around.at(parameter.unsafeGetTensorImpl());
  }
  // On a GPU some take several parameters together.
  const bool at_once = home_of(placement).is_cpu() && placement.offload == Offload::none;
  return
      [model = std::move(model), modules = std::move(modules), at_once](const std::string& name) {
        end_if_cancelled();
        for (layers::Module* const module : modules.at(name)) {
          module->forget_old_weights();
          if (at_once) module->pack_weights();
        }
      };
}

void settle(layers::Module& model, const Placement& placement) {
  if (placement.offload != Offload::none) {
    return model.offload(placement.device, placement.offload == Offload::layers);
  }
  model.apply([](layers::Module& module) {
    end_if_cancelled();
    module.pack_weights();
  });
}

void choose_weight_form(layers::Module& model, const Placement& placement) {
  if (placement.int8_weights) layers::hold_as_int8(model);
}

void give_weights(const std::shared_ptr<layers::Module>& model, const weights::Part& component,
                  const Placement& placement) {
  weights::load_strict(model->parameters(), *component.weights, home_of(placement), placement.dtype,
                       {}, laying_out(model, placement));
  settle(*model, placement);
}

}  // namespace velatura::families
