"""What torchmetrics says of a case: it takes no row weights, and computes most values in single precision."""
import warnings

import numpy as np
import torch
import torchmetrics
import torchmetrics.functional.classification as tc
import torchmetrics.functional.retrieval as tr

from metric_cases import BINS, Differences, MAX_FPR, PROMISES, TOP_K, mean

NAME = "torchmetrics " + torchmetrics.__version__
TOLERANCE = 2e-6
DIFFERENCES = known = Differences()
MOST_ROWS = 12  # that are asked one by one
torch.set_num_threads(1)
warnings.filterwarnings("ignore")


def tensor(a):
    return torch.from_numpy(np.ascontiguousarray(a))


@known.add("a score at its threshold", "torchmetrics decides score > threshold, but its curves score >= threshold.")
def _():
    score, target = torch.tensor([0.5, 0.25]), torch.tensor([1, 0])
    return tc.binary_recall(score, target) == 0 and tc.binary_roc(score, target)[1][1] == 1


@known.add("sigmoid by guess",
           "A sigmoid is taken of all scores where one is outside [0, 1], so one row changes others.")
def _():
    target = torch.tensor([1, 0])
    a, b = (tc.binary_stat_scores(torch.tensor([0.25, last]), target)[0] for last in (0.75, 1.75))
    return a == 0 and b == 1


@known.add("weighted average without positives", "0 whatever zero_division is.")
def _():
    return tc.multilabel_f1_score(torch.tensor([[1, 0]]), torch.tensor([[0, 0]]), 2, average="weighted",
                                  zero_division=1) == 0


@known.add("average precision without positives", "0 for the label and in means; here undefined, left out.")
def _():
    return tc.binary_average_precision(torch.tensor([0.1, 0.2]), torch.tensor([0, 0])) == 0


@known.add("roc_auc of one class", "0, also in means over labels; here undefined, left out.")
def _():
    return tc.binary_auroc(torch.tensor([0.1, 0.2]), torch.tensor([1, 1])) == 0


@known.add("curves of one class", "Rates of a class that does not occur are 0, recall 1; here undefined.")
def _():
    return tc.binary_roc(torch.tensor([0.5]), torch.tensor([1]))[0].sum() == 0


@known.add("mcc of a constant", "0, 1 or -1, or a number made with an epsilon; here undefined.")
def _():
    return tc.binary_matthews_corrcoef(torch.tensor([1, 1]), torch.tensor([1, 1])) == 1


@known.add("probability 1 in bins", "It has a bin of its own behind the last one; here it is in the last one.")
def _():
    return tc.binary_calibration_error(torch.tensor([1.0, 0.9]), torch.tensor([0, 1]), 1) > 0.5


@known.add("ties at k", "Labels with equal scores come in any order; here the mean over all orders.")
def _():
    return tr.retrieval_precision(torch.tensor([0.5, 0.5]), torch.tensor([1, 0]), 1) != 0.5


@known.add("recall of rows without relevant labels", "0; here they leave the mean of recall at k.")
def _():
    return tr.retrieval_recall(torch.tensor([0.5, 0.25]), torch.tensor([0, 0]), 1) == 0


@known.add("scores of 0 at k", "Relevant labels that score 0 or less are never found; so ranks are given here.")
def _():
    return tr.retrieval_recall(torch.tensor([0.0, -1.0]), torch.tensor([1, 0]), 1) == 0


@known.add("ties in ranking loss",
           "Labels with equal scores are in the order of the labels; here they are in the wrong one.")
def _():
    return tc.multilabel_ranking_loss(torch.tensor([[0.5, 0.5]]), torch.tensor([[0, 1]]), 2) != \
        tc.multilabel_ranking_loss(torch.tensor([[0.5, 0.5]]), torch.tensor([[1, 0]]), 2)


@known.add("labels without cells", "A label that is ignored in full counts as zero_division; here it leaves the mean.")
def _():
    return tc.multilabel_recall(torch.tensor([[1, 1]]), torch.tensor([[1, -1]]), 2, ignore_index=-1) == 0.5


@known.add("ignored cells of ranked rows",
           "Coverage and ranking loss take ignored cells for labels that are ranked; here they are no labels.")
def _():
    score, target = torch.tensor([[0.9, 0.5, 0.1]]), torch.tensor([[0, 1, -1]])
    return (tc.multilabel_coverage_error(score, target, 3, ignore_index=-1) != 2 and
            tc.multilabel_ranking_loss(score, target, 3, ignore_index=-1) != 1)


@known.add("promises in single precision", "A threshold that keeps a promise just so may be missed.")
def _():
    return float(torch.tensor(0.62, dtype=torch.float32)) != 0.62


def decisions(case, out):
    """Averages with zero_division 0 and 1, over the labels; a row at a time for samples."""
    kwargs = {"num_labels": case.labels, "validate_args": False, "ignore_index": -1}
    target = tensor(np.where(case.present, case.targets, -1))
    # With the threshold where that says the same, else as decisions.
    same = not case.at_threshold.any() and case.thresholds is None
    if case.at_threshold.any():
        known("a score at its threshold")
    score = tensor(case.probabilities.astype(np.float32) if same else case.predicted)
    lost = not case.present.any(0).all()
    empty = (case.targets * case.present).sum() == 0
    scores = {"precision": (tc.multilabel_precision, tc.binary_precision, {}),
              "recall": (tc.multilabel_recall, tc.binary_recall, {}),
              "f1": (tc.multilabel_f1_score, tc.binary_f1_score, {}),
              "f2": (tc.multilabel_fbeta_score, tc.binary_fbeta_score, {"beta": 2.0}),
              "f0.5": (tc.multilabel_fbeta_score, tc.binary_fbeta_score, {"beta": 0.5}),
              "jaccard": (tc.multilabel_jaccard_index, None, {})}
    for name, (labels, rows, options) in scores.items():
        values = []
        for zero in (0, 1):
            for average in ("macro", "micro", "weighted"):
                values.append(known("labels without cells") if average == "macro" and lost else
                              known("weighted average without positives") if average == "weighted" and empty else
                              labels(score, target, average=average, zero_division=zero, **options, **kwargs).item())
            values.append(None if rows is None or case.mask is not None else
                          rows(score, target, multidim_average="samplewise", validate_args=False, zero_division=zero,
                               **options).mean().item())
        out["average." + name] = values + [None] * 4
    if case.mask is None:
        out["counts"] = tc.multilabel_stat_scores(score, target, average="none", **kwargs)[:, [0, 1, 3, 2]].ravel()
        out["subset_accuracy"] = [tc.multilabel_exact_match(score, target, **kwargs).item()]
        out["hamming_loss"] = [tc.multilabel_hamming_distance(score, target, average="micro", **kwargs).item()]


def one_label(case, j, each):
    y, _, p, s = case.label(j, case.predicted, case.probabilities)
    def put(name, value):
        each.setdefault(name, []).append(value)
    if len(y) == 0:
        for name in ("specificity", "negative_predictive_value", "accuracy", "cohen_kappa", "mcc", "roc_auc",
                     "average_precision"):
            put(name, np.nan)
        return
    y, p, s = tensor(y), tensor(p), tensor(s)
    both = 0 < y.sum() < len(y)
    put("specificity", tc.binary_specificity(p, y).item() if (y == 0).any() else np.nan)
    put("negative_predictive_value", tc.binary_negative_predictive_value(p, y).item() if (p == 0).any() else np.nan)
    put("accuracy", tc.binary_accuracy(p, y).item())
    put("cohen_kappa", tc.binary_cohen_kappa(p, y).item())
    put("mcc", tc.binary_matthews_corrcoef(p, y).item() if both and 0 < p.sum() < len(p)
        else known("mcc of a constant"))
    put("roc_auc", tc.binary_auroc(s, y).item() if both else known("roc_auc of one class"))
    put("average_precision", tc.binary_average_precision(s, y).item() if y.any()
        else known("average precision without positives"))


def rankings(case, out):
    each = {}
    for j in range(case.labels):
        one_label(case, j, each)
    for name, values in each.items():
        out["label." + name] = values
    y, _, s = case.pooled(case.probabilities)
    y, s = tensor(y), tensor(s)
    out["average.roc_auc"] = [None] * 4
    out["average.average_precision"] = [None] * 4
    if 0 < y.sum() < len(y):
        out["average.roc_auc"][1] = tc.binary_auroc(s, y).item()
        out["average.average_precision"][1] = tc.binary_average_precision(s, y).item()
    if case.labels == 1:
        return
    if case.mask is not None:
        if case.present.any(1).all():
            out["lrap"] = [tc.multilabel_ranking_average_precision(
                tensor(case.probabilities), tensor(np.where(case.present, case.targets, -1)), case.labels,
                ignore_index=-1, validate_args=False).item()]
        known("ignored cells of ranked rows")
        return
    y, s = tensor(case.targets), tensor(case.probabilities)
    for name, metric, fits in (("roc_auc", tc.multilabel_auroc, ((y == 0).any(0) & (y == 1).any(0)).all()),
                               ("average_precision", tc.multilabel_average_precision, (y == 1).any(0).all())):
        if fits:
            for k, average in ((0, "macro"), (2, "weighted")):
                out["average." + name][k] = metric(s, y, case.labels, average=average, validate_args=False).item()
    for name, metric in (("coverage_error", tc.multilabel_coverage_error), ("ranking_loss", tc.multilabel_ranking_loss),
                         ("lrap", tc.multilabel_ranking_average_precision)):
        if name == "ranking_loss" and tied(case):
            known("ties in ranking loss")
        else:
            out[name] = [metric(s, y, case.labels, validate_args=False).item()]
    if case.rows <= MOST_ROWS:
        at_k(case, out)


def tied(case):
    """Whether a row has equal scores."""
    return any(len(np.unique(s)) < len(s) for s in case.scores)


def at_k(case, out):
    rows = [(tensor(np.unique(s, return_inverse=True)[1] + 1.0), tensor(y)) for y, s in zip(case.targets, case.scores)]

    def over_rows(metric, rows, k):
        return mean([metric(s, y, k).item() for s, y in rows], np.ones(len(rows)), np.nan)

    relevant = [(s, y) for s, y in rows if y.any()]
    if len(relevant) < len(rows):
        known("recall of rows without relevant labels")
    out["ndcg_at_k"] = [over_rows(tr.retrieval_normalized_dcg, rows, k) for k in TOP_K]
    for name, metric, of in (("precision_at_k", tr.retrieval_precision, rows),
                             ("recall_at_k", tr.retrieval_recall, relevant)):
        out[name] = [known("ties at k") if tied(case) else over_rows(metric, of, k) for k in TOP_K]


def probabilities(case, out):
    parts = [case.label(j, case.probabilities) for j in range(case.labels)] + [case.pooled(case.probabilities)]
    for bins in BINS:
        for name, norm in (("ece", "l1"), ("mce", "max"), ("rmsce", "l2")):
            values = [np.nan if len(y) == 0 else known("probability 1 in bins") if (p == 1).any() else
                      tc.binary_calibration_error(tensor(p), tensor(y), bins, norm).item() for y, _, p in parts]
            out[f"{name}.{bins}"] = values[:-1] + [None, values[-1]]


def curves(case, out):
    for name, (y, _, s, shown) in (("first", case.label(0, case.probabilities, case.scores)),
                                   ("pooled", case.pooled(case.probabilities, case.scores))):
        if not 0 < y.sum() < len(y):
            known("curves of one class")
            continue
        at = np.append(np.inf, np.unique(shown)[::-1])
        fpr, tpr, _ = tc.binary_roc(tensor(s), tensor(y))
        out["roc." + name] = np.array([at, fpr, tpr]).T.ravel()
        precision, recall, _ = tc.binary_precision_recall_curve(tensor(s), tensor(y))
        out["precision_recall." + name] = np.array([at[::-1], precision, recall]).T.ravel()
    out["partial_roc_auc"] = []
    best = {"precision_at_recall": tc.binary_precision_at_fixed_recall,
            "recall_at_precision": tc.binary_recall_at_fixed_precision,
            "sensitivity_at_specificity": tc.binary_sensitivity_at_specificity,
            "specificity_at_sensitivity": tc.binary_specificity_at_sensitivity}
    out.update({name: [] for name in best})
    for j in range(case.labels):
        y, _, s = case.label(j, case.probabilities)
        both = 0 < y.sum() < len(y)
        y, s = tensor(y), tensor(s)
        for most in MAX_FPR:
            out["partial_roc_auc"].append(tc.binary_auroc(s, y, max_fpr=most).item() if both else
                                          known("roc_auc of one class"))
        for least in PROMISES:
            for name, metric in best.items():
                # Thresholds are of probabilities, and other ones among equals.
                out[name] += [known("curves of one class") if not both else
                              known("promises in single precision") if just_so(s, y, least) else
                              metric(s, y, least)[0].item(), None]


def just_so(s, y, least):
    fpr, tpr, _ = tc.binary_roc(s, y)
    precision, _, _ = tc.binary_precision_recall_curve(s, y)
    promised = np.concatenate([tpr, 1 - fpr, precision]).astype(float)
    return least != 0.5 and (np.abs(promised - least) < 1e-6).any()


def answers(case):
    out = {}
    if case.weights is not None:
        return out
    if case.labels > 1:
        decisions(case, out)
    for part in (rankings, probabilities, curves):
        part(case, out)
    return out
