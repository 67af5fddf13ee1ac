"""Writes tests/optimizers/expectations.hpp: what torch's optimizers make of a few parameters in double precision.

Needs torch only: python tests/conformance/optimizer_expectations.py > tests/optimizers/expectations.hpp
"""
import torch

PARAMETERS = [1.0, -2.0, 0.5, 0.0, 3.0]
LEARNING_RATES = [0.1, 0.05, 0.2, 0.1, 0.01, 0.3]


class Lion(torch.optim.Optimizer):
    """Algorithm 2 of Chen et al. 2023, line by line: torch has none."""

    def __init__(self, params, lr, betas=(0.9, 0.99), weight_decay=0.0, foreach=False):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for theta in group["params"]:
                m = self.state[theta].setdefault("m", torch.zeros_like(theta))
                c = beta1 * m + (1 - beta1) * theta.grad
                theta.sub_(group["lr"] * (torch.sign(c) + group["weight_decay"] * theta))
                m.copy_(beta2 * m + (1 - beta2) * theta.grad)


CASES = [
    ("sgd", torch.optim.SGD, {}),
    ("sgd:weight_decay=0.1", torch.optim.SGD, {"weight_decay": 0.1}),
    ("sgd:momentum=0.9", torch.optim.SGD, {"momentum": 0.9}),
    ("sgd:momentum=0.8,weight_decay=0.05", torch.optim.SGD, {"momentum": 0.8, "weight_decay": 0.05}),
    ("sgd:momentum=0.9,nesterov=1", torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    ("sgd:momentum=0.7,nesterov=1,weight_decay=0.01", torch.optim.SGD,
     {"momentum": 0.7, "nesterov": True, "weight_decay": 0.01}),
    ("adam", torch.optim.Adam, {}),
    ("adam:beta1=0.8,beta2=0.95,epsilon=0.001", torch.optim.Adam, {"betas": (0.8, 0.95), "eps": 1e-3}),
    ("adam:weight_decay=0.1", torch.optim.Adam, {"weight_decay": 0.1}),
    ("adamw", torch.optim.AdamW, {}),
    ("adamw:beta1=0.8,beta2=0.95,weight_decay=0.2", torch.optim.AdamW, {"betas": (0.8, 0.95), "weight_decay": 0.2}),
    ("adamw:weight_decay=0", torch.optim.AdamW, {"weight_decay": 0}),
    ("rmsprop", torch.optim.RMSprop, {}),
    ("rmsprop:alpha=0.8,momentum=0.9,weight_decay=0.1", torch.optim.RMSprop,
     {"alpha": 0.8, "momentum": 0.9, "weight_decay": 0.1}),
    ("lion", Lion, {}),
    ("lion:beta1=0.7,beta2=0.8,weight_decay=0.1", Lion, {"betas": (0.7, 0.8), "weight_decay": 0.1}),
]


def gradient(step, k):
    """Exact in binary, of both signs, and 0 at times. The test has the same formula."""
    return ((7 * step + 5 * k) % 11 - 5) / 4


def parameters_after(optimizer, options):
    parameter = torch.tensor(PARAMETERS, dtype=torch.float64, requires_grad=True)
    rule = optimizer([parameter], lr=1.0, foreach=False, **options)
    steps = []
    for step, learning_rate in enumerate(LEARNING_RATES, 1):
        for group in rule.param_groups:
            group["lr"] = learning_rate
        parameter.grad = torch.tensor([gradient(step, k) for k in range(len(PARAMETERS))], dtype=torch.float64)
        rule.step()
        steps.append(parameter.detach().tolist())
    return steps


def braces(numbers):
    return "{" + ", ".join(map(repr, numbers)) + "}"


print(f"""// Written by tests/conformance/optimizer_expectations.py with torch {torch.__version__.split('+')[0]}.
#pragma once

#include <string_view>
#include <vector>

namespace optimizer_expectations {{

struct expectation {{
  std::string_view rule;
  std::vector<std::vector<double>> after_step;
}};

// clang-format off
inline std::vector<double> const parameters{braces(PARAMETERS)};
inline std::vector<double> const learning_rates{braces(LEARNING_RATES)};
inline std::vector<expectation> const expectations{{""")
for name, optimizer, options in CASES:
    rows = ",\n   ".join(map(braces, parameters_after(optimizer, options)))
    print(f'  {{"{name}",\n  {{{rows}}}}},')
print("""};
// clang-format on

}  // namespace optimizer_expectations""")
