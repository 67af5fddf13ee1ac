#!/usr/bin/env python3
"""Compares softf1_c, called as the scripts in examples/c_interface call it, with losses in plain torch, and its scores
with their definitions in numpy: c_interface_check.py LIBRARY. The exit status says.

Losses are compared in float and double, from rows, columns and cells that lie apart, with a mask, and through autograd;
objectives of boosting libraries by their second derivatives, in both layouts; errors must be one sentence; a value alone
must leave what a loss remembers as it is.
"""
import ctypes
import itertools
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/c_interface"))
import boosting  # both read the library's path from the same place
import torch_loss

ROWS, LABELS = 33, 5
TOLERANCE = {torch.float32: 2e-6, torch.float64: 1e-12}


def focal(z, y):
    p = z.sigmoid()
    return -(0.25 * y * (1 - p)**2 * F.logsigmoid(z) + 0.75 * (1 - y) * p**2 * F.logsigmoid(-z))


def asymmetric(z, y):
    p = z.sigmoid()
    shifted = (p - 0.05).clamp(min=0)
    return -(y * (1 - p) * F.logsigmoid(z) + (1 - y) * shifted**4 * torch.log1p(-shifted))


def soft_f1(z, y, present):
    p, y = z.sigmoid() * present, y * present
    return (1 - 2 * (p * y).sum(0) / (p + y).sum(0)).mean()


def zlpr(z, y, present):
    zero = torch.zeros(len(z), 1, dtype=z.dtype)
    side = lambda x, here: torch.cat([x.masked_fill(~here, -torch.inf), zero], 1).logsumexp(1)
    yes = y == 1
    return (side(-z, yes & present) + side(z, ~yes & present)).mean()


def softmax_cross_entropy(z, y, present):
    rest = z.masked_fill(~present, -torch.inf).logsumexp(1, keepdim=True) - z
    return (rest * y * present).sum(1).mean()


def of_cells(loss):
    return lambda z, y, present: loss(z, y)[present].mean()


def cross_entropy(z, y):
    return F.binary_cross_entropy_with_logits(z, y, reduction="none")


bce = of_cells(cross_entropy)
# As softf1 names it -> loss(logits, targets, present), the mean over its terms.
LOSSES = {
    "bce": bce,
    "soft_f1": soft_f1,
    "focal": of_cells(focal),
    "focal:alpha=-1,gamma=0": bce,
    "asymmetric": of_cells(asymmetric),
    "zlpr": zlpr,
    "softmax_cross_entropy": softmax_cross_entropy,
    "bce:weight=0.3+soft_f1:weight=0.7": lambda *a: 0.3 * bce(*a) + 0.7 * soft_f1(*a),
}

failures = 0


def check(condition, text):
    global failures
    if not condition:
        failures += 1
        print(f"c_interface: {text}")


def close(got, expected):
    tolerance = TOLERANCE[expected.dtype]
    return got.dtype == expected.dtype and torch.allclose(got, expected, tolerance, tolerance)


def draw(kind):
    """Logits and targets. Every label has positives, and row 0 none."""
    generator = torch.Generator().manual_seed(5)
    z = 2 * torch.randn(ROWS, LABELS, generator=generator, dtype=torch.float64)
    y = (torch.rand(ROWS, LABELS, generator=generator) < 0.3).to(kind)
    y[0], y[1] = 0, 1
    return z.to(kind), y


def wider(x):
    """The same in every second row and third column of a matrix of NaN."""
    wide = torch.full((2 * x.shape[0], 3 * x.shape[1]), torch.nan, dtype=x.dtype)
    wide[::2, 1::3] = x
    return wide[::2, 1::3]


LAYOUTS = {"rows": lambda x: x.clone(), "columns": lambda x: x.t().contiguous().t(), "cells apart": wider}


def by_torch(spec, z, y, present):
    z = z.clone().requires_grad_()
    value = LOSSES[spec](z, y, present)
    return value.detach(), torch.autograd.grad(value, z)[0]


def compare_losses():
    everywhere = torch.ones(ROWS, LABELS, dtype=torch.bool)
    for (spec, kind), (how_z, how_y) in itertools.product(
            itertools.product(LOSSES, TOLERANCE), itertools.product(LAYOUTS, LAYOUTS)):
        z, y = draw(kind)
        value, gradient = by_torch(spec, z, y, everywhere)
        leaf = LAYOUTS[how_z](z).requires_grad_()
        got = torch_loss.Loss(spec, LABELS)(leaf, LAYOUTS[how_y](y))
        (3 * got).backward()
        what = f"{spec} of {kind}, logits by {how_z}, targets by {how_y}"
        check(close(got.detach(), value), f"{what}: {got.item()}, by torch {value.item()}")
        check(close(leaf.grad, 3 * gradient),
              f"{what}: the gradients differ by {(leaf.grad - 3 * gradient).abs().max().item():.1e}")


def compare_masked():
    """With a mask, which torch_loss.py does not pass: missing cells are NaN."""
    present = torch.rand(ROWS, LABELS, generator=torch.Generator().manual_seed(6)) < 0.8
    present[1] = True
    library = torch_loss.softf1
    functions = {torch.float32: library.softf1_loss_f32, torch.float64: library.softf1_loss_f64}
    for spec, (kind, function) in itertools.product(LOSSES, functions.items()):
        z, y = draw(kind)
        expected, expected_gradient = by_torch(spec, z, y, present)
        z[~present] = torch.nan
        value, gradient, mask = ctypes.c_double(), torch.empty_like(z), present.to(torch.uint8)
        stride = ctypes.c_ssize_t(LABELS), ctypes.c_ssize_t(1)
        loss = torch_loss.Loss(spec, LABELS)  # lives until the call is over
        status = function(loss.handle, ctypes.c_size_t(ROWS), pointer(z), *stride, pointer(y), *stride,
                          pointer(mask), ctypes.byref(value), pointer(gradient))
        got = torch.tensor(value.value, dtype=kind)
        check(status == 0 and close(got, expected),
              f"{spec} of {kind}, masked: {got.item()}, by torch {expected.item()}")
        check(close(gradient, expected_gradient), f"{spec} of {kind}, masked: the gradients differ")


def compare_networks():
    """The gradients of a network's weights, and a step with them."""
    for spec, kind in itertools.product(LOSSES, TOLERANCE):
        x = torch.randn(ROWS, 7, generator=torch.Generator().manual_seed(7), dtype=kind)
        _, y = draw(kind)
        models = []
        for loss in (torch_loss.Loss(spec, LABELS),
                     lambda z, y: LOSSES[spec](z, y, torch.ones(ROWS, LABELS, dtype=torch.bool))):
            torch.manual_seed(8)
            model = torch.nn.Linear(7, LABELS, dtype=kind)
            optimizer = torch.optim.SGD(model.parameters(), lr=1)
            loss(model(x), y).backward()
            optimizer.step()
            models.append(model)
        for (name, ours), (_, theirs) in zip(*(m.named_parameters() for m in models)):
            check(ours.grad.abs().max() > 1e-4 and close(ours.grad, theirs.grad),
                  f"{spec} of {kind}: the gradients of Linear's {name} differ")
            check(close(ours, theirs), f"{spec} of {kind}: Linear's {name} after a step differs")


def check_memory():
    """Training steps with two batches, between which values are asked for; float and double remember apart."""
    decay = 0.9
    for kind, other in itertools.permutations(TOLERANCE):
        z, y = draw(kind)
        first, second = (z[:20], y[:20]), (z[20:], y[20:])
        everywhere = torch.ones(ROWS, LABELS, dtype=kind)
        alone = soft_f1(*second, everywhere[20:])
        # In the averages of counts the rows of the first batch weigh `decay`.
        everywhere[:20] = decay
        p = z.sigmoid()
        both = (1 - 2 * (everywhere * p * y).sum(0) / (everywhere * (p + y)).sum(0)).mean()
        loss = torch_loss.Loss(f"soft_f1:streaming=on,decay={decay}", LABELS)
        step = lambda z, y: loss(z.clone().requires_grad_(), y).detach()
        step(*first)
        with torch.no_grad():
            asked = step(*second), loss(*second)
        for got, what in (*zip(asked, ("without grad mode", "of logits without gradient")),
                          (loss(*second), "once more")):
            check(close(got, alone), f"streaming {kind}, {what}: {got.item()}, of these rows {alone.item()}")
            check(not got.requires_grad, f"streaming {kind}, {what}: there is a gradient")
        apart = step(*(x.to(other) for x in second))
        check(close(apart, soft_f1(*(x.to(other) for x in second), torch.ones(len(second[0]), LABELS, dtype=other))),
              f"streaming: a step in {other} knows of the steps in {kind}")
        got = step(*second)
        check(close(got, both), f"streaming {kind}: the second step has {got.item()}, by hand {both.item()}")


def ratio(a, b):
    return np.divide(a, b, out=np.zeros(np.shape(a)), where=b != 0)


SCORES = {
    "precision": lambda tp, fp, fn, tn: ratio(tp, tp + fp),
    "recall": lambda tp, fp, fn, tn: ratio(tp, tp + fn),
    "f1": lambda tp, fp, fn, tn: ratio(2 * tp, 2 * tp + fn + fp),
    "f_beta:beta=2": lambda tp, fp, fn, tn: ratio(5 * tp, 5 * tp + 4 * fn + fp),
    "jaccard": lambda tp, fp, fn, tn: ratio(tp, tp + fp + fn),
    "mcc": lambda tp, fp, fn, tn: ratio(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
}
AVERAGES = ("macro", "micro", "weighted", "samples")


def average_of(score, average, y, yes, present):
    axis = {"micro": None, "samples": 1}.get(average, 0)
    counts = [(a & b & present).sum(axis).astype(float) for a, b in ((y, yes), (~y, yes), (y, ~yes), (~y, ~yes))]
    weights = counts[0] + counts[2] if average == "weighted" else None
    return np.average(SCORES[score](*counts), weights=weights)


def compare_scores():
    z, y = draw(torch.float32)
    z = torch.round(4 * z) / 4  # some lie on the threshold
    some = np.random.default_rng(9).random((ROWS, LABELS)) < 0.8
    for score, average, how, threshold, masked in itertools.product(SCORES, AVERAGES, LAYOUTS, (0, 0.5), (False, True)):
        scores, truth, mask = LAYOUTS[how](z), y.to(torch.uint8), torch.tensor(some, dtype=torch.uint8)
        result = ctypes.c_double()
        status = ask_score(score, average, scores, truth, mask if masked else None, threshold, result)
        expected = average_of(score, average, y.numpy() == 1, z.numpy() >= threshold, some | (not masked))
        check(status == 0 and abs(result.value - expected) <= 1e-12,
              f"{average} {score} at {threshold}{', masked' * masked}, by {how}: {result.value}, by hand {expected}")


def pointer(x):
    return ctypes.c_void_p(None if x is None else x.data_ptr())


def ask_score(score, average, scores, truth, mask, threshold, result):
    return torch_loss.softf1.softf1_score_f32(
        score.encode(), average.encode(), *map(ctypes.c_size_t, scores.shape), pointer(scores),
        *map(ctypes.c_ssize_t, scores.stride()), pointer(truth), pointer(mask), ctypes.c_double(threshold),
        ctypes.byref(result))


def refused(what, call, *words):
    """call() must end with a ValueError of one sentence that has these words."""
    try:
        call()
    except ValueError as error:
        text = str(error)
        check(all(word in text for word in words) and "\n" not in text and not text.endswith("."),
              f"{what}: the error is '{text}'")
    else:
        check(False, f"{what}: no error")


def compare_boosting():
    losses = {"bce": cross_entropy, "focal": focal, "asymmetric": asymmetric}
    for (spec, loss), kind, order, least in itertools.product(losses.items(), TOLERANCE, "CF", (0, 0.02)):
        z, y = draw(kind)
        leaf = z.clone().requires_grad_()
        gradient, = torch.autograd.grad(loss(leaf, y).sum(), leaf, create_graph=True)
        hessian, = torch.autograd.grad(gradient.sum(), leaf)
        got = boosting.derivatives(spec, np.array(z.numpy(), order=order), y.numpy(), least)
        for name, ours, theirs in zip(("gradient", "Hessian"), got, (gradient.detach(), hessian.clamp(min=least))):
            check(ours.flags[order + "_CONTIGUOUS"] and close(torch.tensor(ours), theirs),
                  f"boosting, {spec} of {kind} in order {order}, least {least}: the {name} differs")


def check_boosting_errors():
    z, y = np.zeros((3, 2)), np.ones((3, 2))
    derivatives = boosting.derivatives
    for loss in ("soft_f1", "zlpr"):
        refused(loss + " boosted", lambda: derivatives(loss, z, y), f"boosting takes no other) is named '{loss}'")
    refused("a sum boosted", lambda: derivatives("bce+focal", z, y), "expected one loss of cells, got 'bce+focal'")
    refused("other targets", lambda: derivatives("bce", z, y[1:]), "targets must have shape (3, 2), got (2, 2)")
    refused("a negative Hessian", lambda: derivatives("bce", z, y, -1.0), "least_hessian must be finite", "got -1")
    z[2, 0] = np.nan
    for order in "CF":
        refused("NaN", lambda: derivatives("bce", np.array(z, order=order), y), "got nan at row 2, label 0")
    boosting.ROW_MAJOR, usual = 7, boosting.ROW_MAJOR
    refused("a layout that there is not", lambda: derivatives("bce", z, y), "layout must be", "got 7")
    boosting.ROW_MAJOR = usual


def check_errors():
    z, y = draw(torch.float32)
    Loss = torch_loss.Loss
    refused("a loss that there is not", lambda: Loss("huber", LABELS), "no loss is named 'huber', there are bce, focal")
    refused("an option that there is not", lambda: Loss("bce:gamma=2", LABELS), "bce has no option 'gamma'")
    refused("an option out of range", lambda: Loss("focal:gamma=-1", LABELS), "gamma must be finite and >= 0, got -1")
    refused("half a sum", lambda: Loss("bce+", LABELS), "cannot read 'bce+'")
    loss = Loss("bce", LABELS)
    refused("too few labels", lambda: loss(z[:, 1:], y[:, 1:]), "logits must have shape (33, 5), got (33, 4)")
    refused("too few targets", lambda: loss(z, y[1:]), "targets must have shape (33, 5), got (32, 5)")
    refused("a vector", lambda: loss(z[:, 0], y[:, 0]), "got (33,)")
    refused("targets of another type", lambda: loss(z, y.double()), "targets must be float32 or", "torch.float64")
    refused("half precision", lambda: loss(z.half(), y.half()), "logits must be float32 or", "torch.float16")
    loss.handle = ctypes.c_void_p(None)
    refused("no loss", lambda: loss(z, y), "loss must not be NULL")
    result = ctypes.c_double()
    for score, average, words in (("f7", "macro", "no score is named 'f7'"),
                                  ("f1", "mean", "average must be one of macro, micro, weighted, samples, got 'mean'")):
        status = ask_score(score, average, z, y.to(torch.uint8), None, 0, result)
        text = torch_loss.softf1.softf1_last_error().decode()
        check(status == -1 and words in text, f"{average} {score}: the error is '{text}'")
    check(torch.isnan(Loss("bce", LABELS)(z / 0, y * 0 + torch.nan)), "NaN has a value")


def check_null():
    """NULL is refused by name where there are rows."""
    library, size, step = torch_loss.softf1, ctypes.c_size_t, ctypes.c_ssize_t
    for kind, bits in ((torch.float32, 32), (torch.float64, 64)):
        z, y = draw(kind)
        truth, out, number = y.to(torch.uint8), [torch.empty_like(z) for _ in range(2)], ctypes.c_double()
        loss = torch_loss.Loss("soft_f1", LABELS)
        batch = {"loss": loss.handle, "rows": size(ROWS), "logits": pointer(z), "its rows": step(LABELS),
                 "its labels": step(1), "targets": pointer(y), "their rows": step(LABELS), "their labels": step(1),
                 "mask": None, "value": ctypes.byref(number)}
        functions = {
            f"softf1_loss_value_f{bits}": batch,
            f"softf1_loss_f{bits}": {**batch, "gradient": pointer(out[0])},
            f"softf1_boosting_f{bits}": {
                "loss": b"bce", "rows": size(ROWS), "labels": size(LABELS), "layout": boosting.ROW_MAJOR,
                "least_hessian": ctypes.c_double(0), "scores": pointer(z), "targets": pointer(y),
                "value": ctypes.byref(number), "gradient": pointer(out[0]), "hessian": pointer(out[1])},
        }
        if bits == 32:
            functions["softf1_score_f32"] = {
                "score": b"f1", "average": b"macro", "rows": size(ROWS), "labels": size(LABELS), "scores": pointer(z),
                "its rows": step(LABELS), "its labels": step(1), "targets": pointer(truth), "mask": None,
                "threshold": ctypes.c_double(0), "result": ctypes.byref(number)}
        for name, arguments in functions.items():
            call = lambda **changed: getattr(library, name)(*{**arguments, **changed}.values())
            check(call() == 0, f"{name}: {library.softf1_last_error().decode()}")
            arrays = ("logits", "scores", "targets", "gradient", "hessian")
            for what in {"loss", "score", "average", "value", "result", *arrays} & arguments.keys():
                status, text = call(**{what: None}), library.softf1_last_error().decode()
                check(status == -1 and text == f"softf1_c: {what} must not be NULL",
                      f"{name} without {what}: {status}, the error is '{text}'")
            number.value = -1
            status = call(rows=size(0), **{what: None for what in arrays if what in arguments})
            expected = "nan" if "score" in arguments else "0.0"
            check(status == 0 and str(number.value) == expected, f"{name} of no rows: {status}, {number.value}")


def check_once_differentiable():
    z, y = draw(torch.float64)
    gradient, = torch.autograd.grad(torch_loss.Loss("bce", LABELS)(z.requires_grad_(), y), z, create_graph=True)
    try:
        gradient.sum().backward()
    except RuntimeError:
        return
    check(False, "the gradient is differentiated again, as if it were constant")


def main():
    for part in (compare_losses, compare_masked, compare_networks, check_memory, compare_scores, compare_boosting,
                 check_errors, check_boosting_errors, check_null, check_once_differentiable):
        part()
    if failures == 0:
        print(f"c_interface: {len(LOSSES)} losses and {len(SCORES)} scores are those of torch and numpy")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
