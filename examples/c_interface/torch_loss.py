"""A softf1 loss in PyTorch: python3 torch_loss.py path/to/libsoftf1_c.so"""
import ctypes
import sys

import torch

softf1 = ctypes.CDLL(sys.argv[1])
softf1.softf1_loss_create.restype = ctypes.c_void_p
softf1.softf1_last_error.restype = ctypes.c_char_p


def evaluate(loss, logits, targets, gradient=None):
    """The value. With a tensor for the gradient it is a training step, of which some losses remember something."""
    kind = {torch.float32: "f32", torch.float64: "f64"}[logits.dtype]
    arguments = [ctypes.c_size_t(len(logits))]
    for x in (logits, targets):
        arguments += [ctypes.c_void_p(x.data_ptr()), *(ctypes.c_ssize_t(s) for s in x.stride())]
    value = ctypes.c_double()
    arguments += [None, ctypes.byref(value)]
    if gradient is None:
        function = getattr(softf1, f"softf1_loss_value_{kind}")
    else:
        function = getattr(softf1, f"softf1_loss_{kind}")
        arguments.append(ctypes.c_void_p(gradient.data_ptr()))
    if function(loss.handle, *arguments):
        raise ValueError(softf1.softf1_last_error().decode())
    return torch.tensor(value.value, dtype=logits.dtype)


class Softf1(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets, loss):
        gradient = torch.empty(logits.shape, dtype=logits.dtype)
        ctx.save_for_backward(gradient)
        return evaluate(loss, logits, targets, gradient)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[0], None, None


class Loss:
    """Loss("soft_f1", labels)(logits, targets): tensors (rows, labels) of any strides, float32 or float64, on the CPU.
    Where no gradient is asked for (torch.no_grad, logits that need none), it gives the value of these rows alone, and
    what a loss remembers stays as it is. Raises ValueError for a text that names no loss, and for other shapes and
    types."""

    def __init__(self, spec, labels):
        self.labels = labels
        self.handle = ctypes.c_void_p(softf1.softf1_loss_create(spec.encode(), ctypes.c_size_t(labels)))
        if not self.handle:
            raise ValueError(softf1.softf1_last_error().decode())

    def __del__(self):
        softf1.softf1_loss_free(self.handle)

    def __call__(self, logits, targets):
        # A pointer tells C neither how much is behind it nor what.
        for name, x in (("logits", logits), ("targets", targets)):
            if x.shape != (len(logits), self.labels):
                raise ValueError(f"{name} must have shape ({len(logits)}, {self.labels}), got {tuple(x.shape)}")
            if x.dtype != logits.dtype or x.dtype not in (torch.float32, torch.float64) or x.device.type != "cpu":
                raise ValueError(f"{name} must be float32 or float64 as the logits are, on the CPU, got {x.dtype} on "
                                 f"{x.device}")
        if torch.is_grad_enabled() and logits.requires_grad:  # Softf1.forward, where grad mode is off, cannot tell
            return Softf1.apply(logits, targets, self)
        return evaluate(self, logits, targets)


if __name__ == "__main__":
    torch.manual_seed(0)
    logits = torch.randn(64, 5, requires_grad=True)
    targets = (torch.rand(5, 64) < 0.3).float().t()  # any strides
    for spec, reference in (("bce", torch.nn.functional.binary_cross_entropy_with_logits),
                            ("soft_f1", lambda z, y: (1 - 2 * (z.sigmoid() * y).sum(0) / (z.sigmoid() + y).sum(0)).mean())):
        ours, theirs = Loss(spec, 5)(logits, targets), reference(logits, targets)
        (a,), (b,) = torch.autograd.grad(ours, logits), torch.autograd.grad(theirs, logits)
        print(f"{spec}: {ours:.6f}, by torch {theirs:.6f}, gradients differ by {(a - b).abs().max():.1e}")
        assert abs(ours - theirs) < 1e-6 and (a - b).abs().max() < 1e-6
