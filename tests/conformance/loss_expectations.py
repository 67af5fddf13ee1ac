#!/usr/bin/env python3
"""What torch, torchvision, timm, Keras, MONAI and segmentation_models_pytorch say of losses; the tests replay it
without Python.

    loss_expectations.py FILE      writes the JSON of tests/conformance/loss_expectations.json

Value and gradient by the logits, in double precision. Where several peers have a loss, the first is recorded and the
others must agree. "paper" is a formula written here from its publication, where no peer has the loss or peers lose
digits: double soft F1, self-adjusting and power dice, the mean of powers of Tversky, G-mean, sigmoidF1, AnyLoss,
unbounded F1, straight-through F1, ListNet, SOAP, and the asymmetric loss of far logits and of soft targets. Where
released code differs from a paper, the formula says so. Fails too where a peer no longer does otherwise as
`DIFFERENCES` says.
"""
import contextlib
import json
import math
import os
import sys
from unittest import mock

os.environ["KERAS_BACKEND"] = "torch"

import keras
import monai
import monai.losses
import segmentation_models_pytorch as smp
import timm
import timm.loss
import timm.loss.class_weights
import torch
import torch.nn.functional as F
import torchvision

keras.config.set_floatx("float64")
torch.set_num_threads(1)

# Weights of cells, labels and positives, and counts of a training set, for up to 5 labels; exact in single precision.
CELL_WEIGHTS = [0.5, 1.0, 0.0, 2.0, 0.25, 1.5, 3.0]  # of the cells in order, again and again
LABEL_WEIGHTS = [0.5, 2.0, 1.0, 0.25, 3.0]
POS_WEIGHT = [2.0, 0.5, 1.0, 4.0, 0.25]
LABEL_COUNTS = [120, 3, 40, 1, 12]
TRAINING_ROWS = 400


class Case:
    def __init__(self, logits, targets):
        self.z = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
        self.y = torch.tensor(targets, dtype=torch.float64)
        self.rows, self.labels = self.z.shape

    def cell_weights(self):
        n = self.rows * self.labels
        return torch.tensor([CELL_WEIGHTS[k % len(CELL_WEIGHTS)] for k in range(n)], dtype=torch.float64).reshape(
            self.rows, self.labels)

    def of_labels(self, numbers):
        return torch.tensor(numbers[: self.labels], dtype=torch.float64)

    @property
    def p(self):
        return torch.sigmoid(self.z)

    @property
    def q(self):
        return torch.sigmoid(-self.z)  # 1 - p, accurate for p near 1


def make_cases():
    """Thousandths, no two of a row 1 apart, none at +-1: no logit is where a hinge bends."""
    draw = torch.Generator().manual_seed(27)

    def logits(rows, labels):
        while True:
            z = torch.round(1600 * torch.randn(rows, labels, generator=draw, dtype=torch.float64)) / 1000
            gaps = torch.cat([z[:, :, None] - z[:, None, :], z[:, :, None]], 2).abs()
            if ((gaps - 1).abs() > 0.005).all() and (z.abs() > 0.005).all():
                return z.tolist()

    return {
        # Row 2 and label 3 without positives, row 5 without negatives but that label's.
        "hard": Case(logits(7, 5), [[1, 0, 1, 0, 0], [0, 1, 0, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0],
                                    [0, 0, 1, 0, 1], [1, 1, 1, 0, 1], [0, 1, 0, 0, 0]]),
        # Every label of both classes; row 1 all positives, row 4 without.
        "small": Case(logits(6, 3), [[1, 0, 0], [1, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 1]]),
        # Sure of itself, right and wrong.
        "far": Case([[30, -30, 30, 0.4], [-30, 30, 0.7, -30], [30, -1.3, -30, 30], [-30, -30, 2.1, -30]],
                    [[1, 0, 0, 1], [1, 1, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0]]),
        "soft": Case(logits(5, 4), [[0.25, 1, 0, 0.5], [0.75, 0.1, 0, 0.9], [0, 0, 0.3, 0], [1, 0.6, 0.05, 0.5],
                                    [0.4, 0, 0.8, 0.2]]),
        # Logits that are scores in [0, 1].
        "scores": Case([[0.9, 0.2, 0.4], [0.1, 0.7, 0.3], [0.55, 0.05, 0.8], [0.3, 0.6, 0.15], [0.85, 0.35, 0.25]],
                       [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]]),
    }


@contextlib.contextmanager
def in_double():
    """timm and MONAI's focal loss compute in single precision whatever they are given, and Keras' means and maxima do:
    it is double meanwhile."""
    with contextlib.ExitStack() as patches:
        patches.enter_context(mock.patch.object(torch.Tensor, "float", lambda x: x))
        patches.enter_context(mock.patch.object(torch, "float32", torch.float64))
        patches.enter_context(mock.patch("keras.src.backend.common.dtypes.result_type", lambda *_: "float64"))
        yield


@contextlib.contextmanager
def without_epsilon():
    """Keras adds its epsilon to denominators."""
    usual = keras.config.epsilon()
    keras.config.set_epsilon(1e-300)
    try:
        yield
    finally:
        keras.config.set_epsilon(usual)


def answer(loss, case):
    """Value and gradient of a peer's loss."""
    case.z.grad = None
    with in_double():
        value = loss(case)
    value.backward()
    return {"value": value.item(), "gradient": [x for row in case.z.grad.tolist() for x in row]}


def agree(a, b, tolerance=1e-10):
    pairs = [(a["value"], b["value"]), *zip(a["gradient"], b["gradient"])]
    return all(math.isclose(x, y, rel_tol=tolerance, abs_tol=tolerance) for x, y in pairs)


# How peers are asked.

def image(x):
    """As a picture of height 1 and a channel a label."""
    return x[:, :, None]


def rows_as_labels(x):
    return x.T[:, :, None]


def pooled(x):
    return x.reshape(1, 1, -1)


def monai_dice(view=image, **options):
    smoothing = {"smooth_nr": 0.0, "smooth_dr": 0.0, **options}
    return lambda c: monai.losses.DiceLoss(sigmoid=True, batch=True, **smoothing)(view(c.z), view(c.y))


def monai_tversky(view=image, **options):
    smoothing = {"smooth_nr": 0.0, "smooth_dr": 0.0, **options}
    return lambda c: monai.losses.TverskyLoss(sigmoid=True, batch=True, **smoothing)(view(c.z), view(c.y))


def of_present_labels(loss):
    """The mean over labels with positives of loss(logits, targets) of each alone."""
    def mean(c):
        return torch.stack([loss(c.z[:, j], c.y[:, j]) for j in range(c.labels) if c.y[:, j].sum() > 0]).mean()
    return mean


def smp_loss(name, **options):
    one = getattr(smp.losses, name)("multilabel", eps=0, **options)
    return of_present_labels(lambda z, y: one(z[:, None, None], y[:, None, None]))


def smp_mcc(c):
    return of_present_labels(lambda z, y: smp.losses.MCCLoss(eps=0)(torch.sigmoid(z), y))(c)


def monai_focal(alpha):
    return lambda c: monai.losses.FocalLoss(alpha=alpha)(image(c.z), image(c.y))


def keras_loss(name, **options):
    """As a function: Keras' loss objects divide in single precision again."""
    return lambda c: getattr(keras.losses, name)(c.y, c.z, **options).mean()


def keras_by_label(name, **options):
    def mean(c):
        with without_epsilon():
            return getattr(keras.losses, name)(c.y, c.p, axis=0, **options).mean()
    return mean


def timm_asymmetric(eps=1e-300, reduction="mean", **options):
    return lambda c: timm.loss.AsymmetricLossMultiLabel(eps=eps, reduction=reduction, **options)(c.z, c.y)


def timm_distribution_balanced(**options):
    return lambda c: timm.loss.DistributionBalancedLoss(LABEL_COUNTS[: c.labels], TRAINING_ROWS, **options)(c.z, c.y)


def focal_cells(z, y, alpha, gamma):
    return torchvision.ops.sigmoid_focal_loss(z, y, alpha, gamma, "none")


def focal(alpha, gamma):
    return lambda c: focal_cells(c.z, c.y, alpha, gamma).mean()


def mixed(cells):
    """Soft targets as a mixture of the two hard ones: y times the loss of 1 and 1 - y times the loss of 0."""
    def mean(c):
        ones = torch.ones_like(c.y)
        return (c.y * cells(c.z, ones) + (1 - c.y) * cells(c.z, 0 * ones)).mean()
    return mean


def timm_cells(make):
    return lambda z, y: make(reduction="none")(z, y)


def class_balanced(beta, gamma):
    """Cui et al. 2019, with the weight of a cell's own label: they have one label a row. Their code
    therefore gives a whole row the weight of its label, and divides by the number of positives."""
    def mean(c):
        counts = LABEL_COUNTS[: c.labels]
        _, w = timm.loss.class_weights.compute_class_weights(counts, TRAINING_ROWS, method="effective_num", beta=beta)
        return (w * focal_cells(c.z, c.y, -1, gamma)).mean()
    return mean


def margin_indices(c):
    """torch.nn.MultiLabelMarginLoss wants the positives of each row, then -1."""
    rows = [[j for j in range(c.labels) if c.y[i, j] == 1] for i in range(c.rows)]
    return torch.tensor([row + [-1] * (c.labels - len(row)) for row in rows])


def of_pairs(loss, along="rows"):
    """The mean over rows (or columns) with a pair of the mean of loss(z of a positive, z of a negative) over pairs."""
    def mean(c):
        terms = []
        for z, y in zip(c.z, c.y) if along == "rows" else zip(c.z.T, c.y.T):
            yes, no = z[y == 1], z[y == 0]
            if len(yes) and len(no):
                first, second = torch.cartesian_prod(yes, no).reshape(-1, 2).T
                terms.append(loss(first, second))
        return torch.stack(terms).mean()
    return mean


# Losses from their publications.

def counts(p, q, y, dims=0):
    """Soft tp, fp, fn, tn."""
    return [(a * b).sum(dims) for a, b in ((p, y), (p, 1 - y), (q, y), (q, 1 - y))]


def f_beta(tp, fp, fn, tn, beta=1.0):
    return (1 + beta**2) * tp / ((1 + beta**2) * tp + beta**2 * fn + fp)


def accuracy(tp, fp, fn, tn):
    return (tp + tn) / (tp + fp + fn + tn)


def g_mean(tp, fp, fn, tn):
    return torch.sqrt(tp / (tp + fn) * (tn / (tn + fp)))


def balanced_accuracy(tp, fp, fn, tn):
    return (tp / (tp + fn) + tn / (tn + fp)) / 2


def scored(score, probability=lambda c: (c.p, c.q)):
    """1 - score of soft counts, the mean over labels, none of which may have a score of 0/0."""
    return lambda c: (1 - score(*counts(*probability(c), c.y))).mean()


def sharpened(slope, offset):
    """Bénédict et al. 2022: S(u; β, η) = 1 / (1 + e^{-β (u + η)}) of the logit u. Their code takes it of σ(u), with -β
    in place of β, and adds 1e-16 to denominators."""
    return lambda c: (torch.sigmoid(slope * (c.z + offset)), torch.sigmoid(-slope * (c.z + offset)))


def amplified(c):
    """Han et al. 2024: A(p) = 1 / (1 + e^{-L (p - 0.5)}), L = 73."""
    return torch.sigmoid(73 * (c.p - 0.5)), torch.sigmoid(-73 * (c.p - 0.5))


def itself(c):
    """Bénédict et al. 2022 ("unbounded F1"): the counts of F1 with the logit in place of a probability. Their code adds
    1e-16 to denominators."""
    return c.z, 1 - c.z


def straight_through(c):
    """Bengio et al. 2013: the decision z >= 0, with the gradient of σ(z)."""
    step = (c.z >= 0).to(torch.float64)
    return step.detach() + c.p - c.p.detach(), 1 - step.detach() - c.p + c.p.detach()


def both_classes(c):
    """Maiza 2019 ("double soft F1")."""
    tp, fp, fn, tn = counts(c.p, c.q, c.y)
    return ((1 - f_beta(tp, fp, fn, tn)) / 2 + (1 - f_beta(tn, fn, fp, tp)) / 2).mean()


def self_adjusting_dice(alpha, s):
    """Li et al. 2020, with the γ of theirs as s, a cell. Their code sums over cells before it divides, which is
    dice of the same elements."""
    def mean(c):
        x = c.q**alpha * c.p
        return (1 - (2 * x * c.y + s) / (x + c.y + s)).mean()
    return mean


def power_dice(alpha, s):
    """The same as their code has it, over the cells of a label."""
    def mean(c):
        x = c.q**alpha * c.p
        return (1 - (2 * (x * c.y).sum(0) + s) / (x.sum(0) + c.y.sum(0) + s)).mean()
    return mean


def focal_tversky(alpha, beta, gamma):
    """Abraham and Khan 2019: (1 - Tversky)^γ of each label. (They write 1/γ.)"""
    def mean(c):
        tp, fp, fn, _ = counts(c.p, c.q, c.y)
        return ((1 - tp / (tp + alpha * fp + beta * fn)) ** gamma).mean()
    return mean


def list_net(c):
    """Cao et al. 2007, with the top-one probabilities of the targets, a row."""
    return -(torch.softmax(c.y, 1) * torch.log_softmax(c.z, 1)).sum(1).mean()


def soap(margin):
    """Qi et al. 2021, of a batch without a past: the gradient of LibAUC's APLoss, of which u1 and u2 are no variables. Its
    value is that surrogate's; here it is 1 - u1 / u2."""
    def of_label(z, y):
        p = torch.sigmoid(z)
        pairs = F.relu(margin - (p[y == 1][:, None] - p[None, :])) ** 2
        u1, u2 = ((pairs * w).mean(1, keepdim=True).detach() for w in (y, torch.ones_like(y)))
        surrogate = ((u1 - u2 * y) / u2**2 * pairs).mean()
        return (1 - u1 / u2).mean() + surrogate - surrogate.detach()
    return of_present_labels(of_label)


def asymmetric(gamma_negative, gamma_positive, margin):
    """Ridnik et al. 2021, from log-sigmoids: exact for far logits where there is no margin."""
    def cells(z, y):
        p, q = torch.sigmoid(z), torch.sigmoid(-z)
        shifted = (p - margin).clamp(min=0)
        log_rest = torch.log((q + margin).clamp(max=1)) if margin else F.logsigmoid(-z)
        return -y * q**gamma_positive * F.logsigmoid(z) - (1 - y) * shifted**gamma_negative * log_rest
    return cells


HARD = ("hard", "small", "far")
NEAR = ("hard", "small")
BOTH = ("small",)  # every label has both classes
ALL = ("hard", "small", "far", "soft")


def only(cases, loss):
    return cases, loss


def asl(**o):
    return lambda reduction: timm.loss.AsymmetricLossMultiLabel(eps=1e-300, reduction=reduction, **o)


# name -> cases, and peers: a loss, or only(cases, loss).
LOSSES = {
    "bce": (ALL, {"torch": lambda c: F.binary_cross_entropy_with_logits(c.z, c.y),
                  "torch MultiLabelSoftMarginLoss": lambda c: F.multilabel_soft_margin_loss(c.z, c.y),
                  "keras": keras_loss("binary_crossentropy", from_logits=True),
                  "timm": lambda c: timm.loss.BinaryCrossEntropy(smoothing=0)(c.z, c.y)}),
    "bce, sum": (ALL, {"torch": lambda c: F.binary_cross_entropy_with_logits(c.z, c.y, reduction="sum")}),
    "bce, pos_weight": (ALL, {"torch": lambda c: F.binary_cross_entropy_with_logits(
        c.z, c.y, pos_weight=c.of_labels(POS_WEIGHT))}),
    "bce, cell weights": (ALL, {"torch": lambda c: F.binary_cross_entropy_with_logits(
        c.z, c.y, weight=c.cell_weights())}),
    "bce, cell weights, sum": (ALL, {"torch": lambda c: F.binary_cross_entropy_with_logits(
        c.z, c.y, weight=c.cell_weights(), reduction="sum")}),
    "bce, label weights": (ALL, {"torch MultiLabelSoftMarginLoss": lambda c: F.multilabel_soft_margin_loss(
        c.z, c.y, weight=c.of_labels(LABEL_WEIGHTS))}),
    "bce, label_smoothing 0.1": (ALL, {
        "keras": keras_loss("binary_crossentropy", from_logits=True, label_smoothing=0.1),
        "timm": lambda c: timm.loss.BinaryCrossEntropy(0.1, smooth_dense=True)(c.z, c.y)}),
    "focal, alpha 0.25, gamma 2": (ALL, {
        "torchvision": only(HARD, focal(0.25, 2)),
        "keras": only(NEAR, keras_loss("binary_focal_crossentropy", from_logits=True, apply_class_balancing=True)),
        "monai": only(HARD, monai_focal(0.25)),
        "torchvision, mixed": mixed(lambda z, y: focal_cells(z, y, 0.25, 2))}),
    "focal, alpha -1, gamma 0.5": (ALL, {"torchvision": only(HARD, focal(-1, 0.5)),
                                         "torchvision, mixed": mixed(lambda z, y: focal_cells(z, y, -1, 0.5))}),
    "asymmetric": (ALL, {"timm": only(HARD, timm_asymmetric()),
                         "paper": mixed(asymmetric(4, 1, 0.05)),
                         "timm, mixed": mixed(timm_cells(asl()))}),
    "asymmetric, detached": (ALL, {"timm": only(HARD, timm_asymmetric(disable_torch_grad_focal_loss=True)),
                                   "timm, mixed": mixed(timm_cells(asl(disable_torch_grad_focal_loss=True)))}),
    "asymmetric, gammas 2 and 0.5, no margin": (ALL, {"timm": only(NEAR, timm_asymmetric(
        gamma_neg=2, gamma_pos=0.5, clip=0)), "paper": mixed(asymmetric(2, 0.5, 0))}),
    "asymmetric, sum": (NEAR, {"timm": timm_asymmetric(reduction="sum")}),
    "poly1, epsilon 1": (ALL, {"timm": lambda c: timm.loss.PolyBinaryCrossEntropy(1.0)(c.z, c.y)}),
    "poly1, epsilon -0.5": (ALL, {"timm": lambda c: timm.loss.PolyBinaryCrossEntropy(-0.5)(c.z, c.y)}),
    "hinge": (HARD, {"keras": keras_loss("hinge")}),
    "squared_hinge": (HARD, {"keras": keras_loss("squared_hinge")}),
    "class_balanced, beta 0.99, gamma 0": (HARD, {"timm, torchvision": class_balanced(0.99, 0)}),
    "class_balanced, beta 0.9, gamma 2": (HARD, {"timm, torchvision": class_balanced(0.9, 2)}),
    "self_adjusting_dice, alpha 0": (ALL, {"monai": lambda c: monai.losses.DiceLoss(
        sigmoid=True, smooth_nr=1, smooth_dr=1)(image(c.z), image(c.y))}),
    "self_adjusting_dice": (ALL, {"paper": self_adjusting_dice(1, 1)}),
    "self_adjusting_dice, alpha 0.5, smoothing 2": (ALL, {"paper": self_adjusting_dice(0.5, 2)}),
    "soft_f1": (ALL, {"monai": monai_tversky(), "paper": scored(f_beta)}),
    "soft_f1, absent labels skipped": (ALL, {"segmentation_models_pytorch": only(HARD, smp_loss("DiceLoss")),
                                             "paper": of_present_labels(lambda z, y: 1 - f_beta(*counts(
                                                 torch.sigmoid(z), torch.sigmoid(-z), y)))}),
    "soft_f1, micro": (ALL, {"monai": monai_dice(pooled)}),
    "soft_f1, samples": (ALL, {"monai": monai_dice(rows_as_labels)}),
    "double_soft_f1": (ALL, {"paper": both_classes}),
    "soft_f_beta, beta 2": (ALL, {"monai": monai_tversky(alpha=0.2, beta=0.8),
                                  "paper": scored(lambda *n: f_beta(*n, beta=2.0))}),
    "soft_jaccard": (ALL, {"monai": monai_dice(jaccard=True), "monai Tversky": monai_tversky(alpha=1, beta=1)}),
    "soft_jaccard, absent labels skipped": (HARD, {"segmentation_models_pytorch": smp_loss("JaccardLoss")}),
    "soft_jaccard, smoothing 1": (ALL, {"monai": monai_dice(jaccard=True, smooth_nr=1, smooth_dr=1)}),
    "soft_dice": (ALL, {"monai": monai_dice(smooth_nr=1, smooth_dr=1)}),
    "soft_dice, smoothing 3, label weights": (ALL, {"monai": lambda c: monai_dice(
        smooth_nr=3, smooth_dr=3, weight=LABEL_WEIGHTS[: c.labels])(c)}),
    "soft_dice, label weights, weighted mean": (BOTH, {"segmentation_models_pytorch": lambda c: smp.losses.DiceLoss(
        "multilabel", eps=0, smooth=0.5, class_weights=LABEL_WEIGHTS[: c.labels])(image(c.z), image(c.y))}),
    "soft_dice, unsmoothed": (ALL, {"monai": monai_dice(), "keras": keras_by_label("dice")}),
    "squared_dice": (ALL, {"monai": monai_dice(squared_pred=True, smooth_nr=1, smooth_dr=1)}),
    "squared_dice, samples, unsmoothed": (ALL, {"monai": monai_dice(rows_as_labels, squared_pred=True)}),
    "power_dice": (ALL, {"paper": power_dice(1, 1)}),
    "soft_tversky, alpha 0.3, beta 0.7": (ALL, {"monai": monai_tversky(alpha=0.3, beta=0.7),
                                                "keras": keras_by_label("tversky", alpha=0.7, beta=0.3)}),
    "soft_tversky, alpha 0.3, beta 0.7, smoothing 2": (ALL, {"monai": monai_tversky(
        alpha=0.3, beta=0.7, smooth_nr=1, smooth_dr=1)}),
    "focal_tversky, absent labels skipped": (HARD, {"segmentation_models_pytorch": smp_loss(
        "TverskyLoss", alpha=0.3, beta=0.7, gamma=0.75)}),
    "focal_tversky, gamma 2": (ALL, {"paper": focal_tversky(0.3, 0.7, 2)}),
    "soft_mcc": (ALL, {"monai": lambda c: monai.losses.MCCLoss(sigmoid=True, batch=True, smooth_dr=1e-300)(
        image(c.z), image(c.y))}),
    "soft_mcc, absent labels skipped": (HARD, {"segmentation_models_pytorch": smp_mcc}),
    "soft_g_mean": (BOTH + ("far", "soft"), {"paper": scored(g_mean)}),
    "sigmoid_f1, slope 10": (ALL, {"paper": scored(f_beta, sharpened(10, 0))}),
    "sigmoid_f1, slope 0.5, offset 1": (ALL, {"paper": scored(f_beta, sharpened(0.5, 1))}),
    "any_loss of f1": (ALL, {"paper": scored(f_beta, amplified)}),
    "any_loss of accuracy": (ALL, {"paper": scored(accuracy, amplified)}),
    "any_loss of g_mean": (BOTH + ("soft",), {"paper": scored(g_mean, amplified)}),
    "any_loss of balanced_accuracy": (BOTH + ("soft",), {"paper": scored(balanced_accuracy, amplified)}),
    "unbounded_f1": (("scores",), {"paper": scored(f_beta, itself)}),
    "straight_through_f1": (ALL, {"paper": scored(f_beta, straight_through)}),
    "softmax_cross_entropy": (ALL, {"torch": lambda c: F.cross_entropy(c.z, c.y),
                                    "timm": lambda c: timm.loss.SoftTargetCrossEntropy()(c.z, c.y),
                                    "keras": keras_loss("categorical_crossentropy", from_logits=True)}),
    "zlpr": (HARD, {"timm": lambda c: timm.loss.ZlprLoss()(c.z, c.y)}),
    "two_way": (HARD, {"timm": lambda c: timm.loss.TwoWayLoss()(c.z, c.y)}),
    "two_way, temperatures 2 and 0.5": (HARD, {"timm": lambda c: timm.loss.TwoWayLoss(2, 0.5)(c.z, c.y)}),
    "list_net": (ALL, {"paper": list_net}),
    "pairwise_hinge": (HARD, {"torch MarginRankingLoss": of_pairs(
        lambda a, b: F.margin_ranking_loss(a, b, torch.ones_like(a), margin=1.0))}),
    "pairwise_logistic": (HARD, {"torch SoftMarginLoss": of_pairs(
        lambda a, b: F.soft_margin_loss(a - b, torch.ones_like(a)))}),
    "auc_hinge": (HARD, {"torch MarginRankingLoss": of_pairs(
        lambda a, b: F.margin_ranking_loss(a, b, torch.ones_like(a), margin=1.0), "columns")}),
    "auc_logistic": (HARD, {"torch SoftMarginLoss": of_pairs(
        lambda a, b: F.soft_margin_loss(a - b, torch.ones_like(a)), "columns")}),
    "soap": (HARD, {"paper": soap(1.0)}),
    "soap, margin 0.3": (HARD, {"paper": soap(0.3)}),
    "multilabel_margin": (HARD, {"torch": lambda c: F.multilabel_margin_loss(c.z, margin_indices(c))}),
    "distribution_balanced": (HARD, {"timm": timm_distribution_balanced()}),
    "distribution_balanced, all options": (HARD, {"timm": timm_distribution_balanced(
        map_alpha=0.3, map_beta=4.0, map_mu=0.5, neg_scale=3.0, init_bias=0.2, focal_gamma=1.5, focal_balance=0.5)}),
}


# What peers are known to do otherwise: a sentence, and whether they still do.

def differs(loss, other, tolerance=1e-6):
    return lambda c: not agree(answer(loss, c), answer(other, c), tolerance)


def same(loss, other, tolerance=1e-6):
    return lambda c: agree(answer(loss, c), answer(other, c), tolerance)


def keras_tversky(**options):
    return lambda c: keras.losses.tversky(c.y, c.p, axis=0, **options).mean()


def counts_with_zero(c):
    counts = [0, *LABEL_COUNTS[1 : c.labels]]
    _, w = timm.loss.class_weights.compute_class_weights(counts, TRAINING_ROWS, method="effective_num", beta=0.9)
    return abs(w.mean().item() - 1) < 1e-6 and abs(w[1:].mean().item() - 1) > 1e-3


SMP = smp.losses
DIFFERENCES = [
    ("timm's AsymmetricLossMultiLabel, as its authors' code, takes no logarithm of less than 1e-8; softf1 clamps none",
     "far", differs(timm_asymmetric(eps=1e-8), LOSSES["asymmetric"][1]["paper"])),
    ("timm's AsymmetricLossMultiLabel loses the digits of 1 - p of far logits where there is no margin",
     "far", differs(timm_asymmetric(gamma_neg=2, gamma_pos=0.5, clip=0), mixed(asymmetric(2, 0.5, 0)))),
    ("timm's AsymmetricLossMultiLabel sums over labels unless told otherwise, its authors' over all cells; softf1's "
     "mean is over cells",
     "hard", lambda c: same(timm_asymmetric(reduction="batchmean"), lambda c: c.labels * timm_asymmetric()(c))(c)
     and same(timm_asymmetric(reduction="sum"), lambda c: c.rows * c.labels * timm_asymmetric()(c))(c)),
    ("with disable_torch_grad_focal_loss timm's gradient is not that of its value, as softf1's where `detach` is set",
     "hard", differs(timm_asymmetric(disable_torch_grad_focal_loss=True), timm_asymmetric())),
    ("timm's AsymmetricLossMultiLabel takes of soft targets the powers of mixed probabilities, softf1 mixes losses",
     "soft", differs(timm_asymmetric(), LOSSES["asymmetric"][1]["paper"])),
    ("torchvision's and MONAI's focal losses do so too",
     "soft", lambda c: differs(focal(0.25, 2), mixed(lambda z, y: focal_cells(z, y, 0.25, 2)))(c)
     and differs(monai_focal(0.25), mixed(lambda z, y: focal_cells(z, y, 0.25, 2)))(c)),
    ("Keras' BinaryFocalCrossentropy cuts probabilities at its epsilon",
     "far", differs(keras_loss("binary_focal_crossentropy", from_logits=True, apply_class_balancing=True),
                    focal(0.25, 2))),
    ("Keras' Tversky calls alpha what weighs false negatives, its documentation and softf1 false positives",
     "hard", lambda c: same(keras_tversky(alpha=0.3, beta=0.7), monai_tversky(alpha=0.7, beta=0.3))(c)
     and differs(keras_tversky(alpha=0.3, beta=0.7), monai_tversky(alpha=0.3, beta=0.7), 1e-3)(c)),
    ("segmentation_models_pytorch takes the power of the mean over labels in its focal Tversky, softf1 the mean of "
     "powers",
     "small", differs(lambda c: SMP.TverskyLoss("multilabel", alpha=0.3, beta=0.7, gamma=2)(image(c.z), image(c.y)),
                      focal_tversky(0.3, 0.7, 2))),
    ("segmentation_models_pytorch counts labels without positives as loss 0, softf1 as 1 or not at all",
     "hard", lambda c: same(lambda c: SMP.DiceLoss("multilabel")(image(c.z), image(c.y)),
                            lambda c: smp_loss("DiceLoss")(c) * (c.y.sum(0) > 0).sum() / c.labels)(c)),
    ("segmentation_models_pytorch takes of soft targets (sum p + sum y - sum |p - y|) / 2 as true positives",
     "soft", differs(smp_loss("DiceLoss"), LOSSES["soft_f1, absent labels skipped"][1]["paper"])),
    ("segmentation_models_pytorch's MCCLoss pools all cells, and adds 1e-5 to each count",
     "small", lambda c: differs(lambda c: SMP.MCCLoss(0)(c.p, c.y), smp_mcc)(c)
     and differs(lambda c: SMP.MCCLoss()(c.p, c.y), lambda c: SMP.MCCLoss(0)(c.p, c.y), 1e-7)(c)),
    ("MONAI adds 1e-5 to numerators and denominators unless told otherwise: softf1's smoothing is 1, or none",
     "hard", differs(lambda c: monai.losses.DiceLoss(sigmoid=True, batch=True)(image(c.z), image(c.y)), monai_dice(),
                     1e-8)),
    ("MONAI's jaccard halves the smoothing of the same name, as softf1's, and its Tversky does not",
     "hard", lambda c: same(monai_dice(jaccard=True, smooth_nr=1, smooth_dr=1),
                            monai_tversky(alpha=1, beta=1, smooth_nr=0.5, smooth_dr=0.5))(c)),
    ("timm scales the weights of class-balanced losses to mean 1 over all labels, softf1 over those with positives",
     "hard", counts_with_zero),
    ("timm and MONAI's focal loss compute in single precision whatever they are given, and Keras' means and "
     "maxima do",
     "hard", lambda c: timm.loss.ZlprLoss()(c.z, c.y).dtype == torch.float32
     and monai_focal(0.25)(c).dtype == torch.float32
     and not math.isclose(keras_loss("hinge")(c).item(), answer(keras_loss("hinge"), c)["value"], rel_tol=1e-12)),
]


def main():
    cases = make_cases()
    expected, failures = {}, []
    for name, (of, peers) in LOSSES.items():
        answers = expected[name] = {"peers": list(peers), "cases": {}}
        for case in of:
            for peer, loss in peers.items():
                where, loss = loss if isinstance(loss, tuple) else (of, loss)
                if case not in where:
                    continue
                got = answer(loss, cases[case])
                if not all(map(math.isfinite, [got["value"], *got["gradient"]])):
                    failures.append(f"{name}: {peer} is not finite in case {case}")
                elif not agree(answers["cases"].setdefault(case, got), got):
                    failures.append(f"{name}: {peer} says otherwise in case {case}")
    for sentence, case, still in DIFFERENCES:
        if not still(cases[case]):
            failures.append("no longer so: " + sentence)

    def digits(numbers):
        return [float(f"{x:.15g}") for x in numbers]

    for answers in expected.values():
        for got in answers["cases"].values():
            got["value"], got["gradient"] = digits([got["value"]])[0], digits(got["gradient"])
    made_with = {module.__name__: module.__version__.split("+")[0]
                 for module in (torch, torchvision, timm, keras, monai, smp)}
    flat = {name: {"shape": [c.rows, c.labels], "logits": digits(c.z.detach().flatten().tolist()),
                   "targets": c.y.flatten().tolist(), "cell_weights": c.cell_weights().flatten().tolist()}
            for name, c in cases.items()}
    labels = {"label_weights": LABEL_WEIGHTS, "pos_weight": POS_WEIGHT, "label_counts": LABEL_COUNTS,
              "training_rows": TRAINING_ROWS}
    with open(sys.argv[1], "w") as f:
        json.dump({"made_with": made_with, "of_labels": labels, "cases": flat, "losses": expected}, f,
                  separators=(",", ":"))
        f.write("\n")
    for failure in failures:
        print("loss_expectations:", failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
