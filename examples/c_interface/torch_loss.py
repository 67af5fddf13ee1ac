"""A softf1 loss in PyTorch: python3 torch_loss.py path/to/libsoftf1_c.so"""
import ctypes
import sys

import torch

softf1 = ctypes.CDLL(sys.argv[1])
softf1.softf1_loss_create.restype = ctypes.c_void_p
softf1.softf1_last_error.restype = ctypes.c_char_p


class Softf1(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, targets, loss):
        value, gradient = ctypes.c_double(), torch.empty(logits.shape)
        arguments = [ctypes.c_size_t(len(logits))]
        for x in (logits, targets):
            arguments += [ctypes.c_void_p(x.data_ptr()), *(ctypes.c_ssize_t(s) for s in x.stride())]
        if softf1.softf1_loss_f32(ctypes.c_void_p(loss), *arguments, None, ctypes.byref(value),
                                  ctypes.c_void_p(gradient.data_ptr())):
            raise ValueError(softf1.softf1_last_error().decode())
        ctx.save_for_backward(gradient)
        return torch.tensor(value.value)

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[0], None, None


if __name__ == "__main__":
    torch.manual_seed(0)
    logits = torch.randn(64, 5, requires_grad=True)
    targets = (torch.rand(5, 64) < 0.3).float().t()  # any strides
    for spec, reference in (("bce", torch.nn.functional.binary_cross_entropy_with_logits),
                            ("soft_f1", lambda z, y: (1 - 2 * (z.sigmoid() * y).sum(0) / (z.sigmoid() + y).sum(0)).mean())):
        loss = softf1.softf1_loss_create(spec.encode(), ctypes.c_size_t(5))
        ours, theirs = Softf1.apply(logits, targets, loss), reference(logits, targets)
        (a,), (b,) = torch.autograd.grad(ours, logits), torch.autograd.grad(theirs, logits)
        print(f"{spec}: {ours:.6f}, by torch {theirs:.6f}, gradients differ by {(a - b).abs().max():.1e}")
        assert abs(ours - theirs) < 1e-6 and (a - b).abs().max() < 1e-6
        softf1.softf1_loss_free(ctypes.c_void_p(loss))
