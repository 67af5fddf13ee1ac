"""What scikit-learn says of a case. What it cannot take whole (masks, a single label) it is asked label by label and
row by row, over the cells that are left, or with masked cells where they change nothing."""
import warnings

import numpy as np
import sklearn
import sklearn.metrics as sk
from sklearn.calibration import calibration_curve

from metric_cases import AVERAGES, Differences, MAX_FPR, TOP_K, ZERO_DIVISIONS, mean

NAME = "scikit-learn " + sklearn.__version__
TOLERANCE = 1e-9
DIFFERENCES = known = Differences()
sklearn.set_config(skip_parameter_validation=True, assume_finite=True)
warnings.filterwarnings("ignore")


@known.add("weighted average without positives",
           "It depends on scikit-learn's version: the mean of all labels, or 0; here it is zero_division.")
def _():
    return sk.f1_score([[0, 0]], [[1, 0]], average="weighted", zero_division=1) != 1


@known.add("weighted average of undefined labels",
           "0 in scikit-learn with zero_division=nan, if only labels without positives are defined; here undefined.")
def _():
    return sk.precision_score([[1, 0]], [[0, 1]], average="weighted", zero_division=np.nan) == 0


@known.add("average precision without positives", "0 in scikit-learn, and so in its means; here undefined, left out.")
def _():
    return sk.average_precision_score([0, 0], [0.1, 0.2]) == 0


@known.add("recall of a curve without positives", "1 in scikit-learn; here undefined.")
def _():
    return (sk.precision_recall_curve([0, 0], [0.1, 0.2])[1][:-1] == 1).all()


@known.add("mcc of a constant", "0 in scikit-learn where prediction or truth is constant; here undefined.")
def _():
    return sk.matthews_corrcoef([0, 1], [1, 1]) == 0


@known.add("balanced accuracy of one class", "The recall of the class that occurs; here undefined.")
def _():
    return sk.balanced_accuracy_score([1, 1], [1, 0]) == 0.5


@known.add("likelihood ratios divided by zero",
           "Undefined in scikit-learn without false positives (LR+) or true negatives (LR-); here infinite.")
def _():
    return np.isnan(sk.class_likelihood_ratios([1, 0, 0], [1, 0, 0])[0])


@known.add("bins of a calibration curve", "A probability on the border of two bins is in the lower; here in the upper.")
def _():
    return len(calibration_curve([0, 1], [0.5, 0.2], n_bins=2)[0]) == 1


SCORES = ("precision", "recall", "f1", "f2", "f0.5", "jaccard")


def scores(y, p, average, zero, w):
    """Those of SCORES, numbers or lists."""
    o = {"average": average, "zero_division": zero, "sample_weight": w}
    values = [*sk.precision_recall_fscore_support(y, p, **o)[:3], sk.fbeta_score(y, p, beta=2, **o),
              sk.fbeta_score(y, p, beta=0.5, **o)]
    # scikit-learn has no such option for it.
    return values + [None if np.isnan(zero) else sk.jaccard_score(y, p, **o)]


def decisions(case, out):
    # These scores do not look at true negatives: a masked cell may be one. Labels without any cell are left out.
    w, some = case.weights, (case.cell_weights * case.present).sum(0) > 0
    y, p = (np.where(case.present, a, 0)[:, some] for a in (case.targets, case.predicted))
    rows = case.counted_rows()
    wide = [np.pad(a, ((0, 0), (0, 1)))[rows] for a in (y, p)]
    support = (y * case.row_weights[:, None]).sum(0)
    lists = {name: [] for name in SCORES}
    for zero in ZERO_DIVISIONS:
        of_average = {"samples": scores(*wide, "samples", zero, None if w is None else w[rows])}
        for average in AVERAGES[:3]:
            if y.shape[1] > 1:
                of_average[average] = scores(y, p, average, zero, w)
            else:  # a single column is a binary problem
                of_average[average] = scores(y[:, 0], p[:, 0], "binary", zero, w)
        for k, name in enumerate(SCORES):
            values = [of_average[average][k] for average in AVERAGES]
            if support.sum() == 0:
                values[2] = known("weighted average without positives")
            elif name == "precision" and np.isnan(zero) and not (support * p[case.row_weights > 0].any(0)).any():
                values[2] = known("weighted average of undefined labels")
            lists[name] += values
    for name, values in lists.items():
        out["average." + name] = values
    if case.plain:
        y, p = case.targets, case.predicted
        out["hamming_loss"] = [sk.hamming_loss(y, p, sample_weight=w)]
        out["subset_accuracy"] = [sk.accuracy_score(y, p, sample_weight=w)]
        out["counts"] = sk.multilabel_confusion_matrix(y, p, sample_weight=w)[:, (1, 0, 1, 0), (1, 1, 0, 0)].ravel()
        out["row_counts"] = sk.multilabel_confusion_matrix(y, p, samplewise=True)[:, (1, 0, 1, 0), (1, 1, 0, 0)].ravel()
        out["baselines"] = [None, sk.f1_score(y, np.ones_like(y), average="macro", sample_weight=w), None, None]
    out["sets"] = [None] * 5 + [sk.jaccard_score(*wide, average="samples", zero_division=1,
                                                 sample_weight=None if w is None else w[rows])] + [None] * 6
    each = {}
    for j in range(case.labels):
        y, w, p = case.label(j, case.predicted)
        y, w, p = y[w > 0], w[w > 0], p[w > 0]
        for name, value in one_label(y, p, w).items() if len(y) else ():
            each.setdefault(name, [np.nan] * case.labels)[j] = value
    for name, values in each.items():
        out["label." + name] = values


def one_label(y, p, w):
    two, constant = 0 < y.sum() < len(y), len(set(y)) == 1 or len(set(p)) == 1
    o = {"sample_weight": w}
    values = dict(zip(SCORES[:5], scores(y, p, "binary", np.nan, w)))
    up, down = sk.class_likelihood_ratios(y, p, labels=[0, 1], **o)
    return values | {
        "accuracy": sk.accuracy_score(y, p, **o),
        "hamming": sk.zero_one_loss(y, p, **o),
        "specificity": sk.recall_score(y, p, pos_label=0, zero_division=np.nan, **o),
        "negative_predictive_value": sk.precision_score(y, p, pos_label=0, zero_division=np.nan, **o),
        "mcc": known("mcc of a constant") if constant else sk.matthews_corrcoef(y, p, **o),
        "cohen_kappa": sk.cohen_kappa_score(y, p, labels=[0, 1], **o),
        "balanced_accuracy": sk.balanced_accuracy_score(y, p, **o) if two
                             else known("balanced accuracy of one class"),
        "youden_j": sk.balanced_accuracy_score(y, p, adjusted=True, **o) if two
                    else known("balanced accuracy of one class"),
        "positive_likelihood_ratio": up if ((y == 0) & (p == 1)).any() or not two
                                     else known("likelihood ratios divided by zero"),
        "negative_likelihood_ratio": down if ((y == 0) & (p == 0)).any() or not two
                                     else known("likelihood ratios divided by zero"),
    }


def rankings(case, out):
    parts = [case.label(j, case.scores) for j in range(case.labels)]
    positives = [(y * w).sum() for y, w, _ in parts]
    both = lambda y: 0 < y.sum() < len(y)
    for name, score, defined in (("average_precision", sk.average_precision_score, np.any),
                                 ("roc_auc", sk.roc_auc_score, both)):
        skip = lambda: known("average precision without positives") if name == "average_precision" else np.nan
        each = [score(y, s, sample_weight=w) if defined(y[w > 0]) else skip() for y, w, s in parts]
        out["label." + name] = each
        values = [np.nan if x is None else x for x in each]
        y, w, s = case.pooled(case.scores)
        whole = case.plain and not np.isnan(values).any()
        averages = [score(case.targets, case.scores, average=a, sample_weight=case.weights) if whole
                    else mean(values, weights, np.nan)
                    for a, weights in (("macro", np.ones(len(values))), ("weighted", positives))]
        micro = score(y, s, sample_weight=w) if defined(y[w > 0]) else skip()
        rows = [case.row(i)[0] for i in range(case.rows)]
        samples = (score(case.targets, case.scores, average="samples", sample_weight=case.weights)
                   if case.plain and all(defined(y) for y in rows) else case.row_mean(score, defined))
        out["average." + name] = [averages[0], micro, averages[1], samples]
    out["partial_roc_auc"] = [sk.roc_auc_score(y, s, max_fpr=most, sample_weight=w) if both(y[w > 0]) else np.nan
                              for y, w, s in parts for most in MAX_FPR]


def rows_of(case, out):
    # Irrelevant labels at the end of a ranking change nothing here: masked cells are made such, and one label more is.
    rows = case.counted_rows()
    last = case.scores.min() - 1
    y = np.pad(np.where(case.present, case.targets, 0), ((0, 0), (0, 1)))[rows]
    s = np.pad(np.where(case.present, case.scores, last), ((0, 0), (0, 1)), constant_values=last)[rows]
    w = case.row_weights[rows]
    out["coverage_error"] = [sk.coverage_error(y, s, sample_weight=w)]
    out["lrap"] = [sk.label_ranking_average_precision_score(y, s, sample_weight=w)]
    out["ndcg_at_k"] = [sk.ndcg_score(y, s, k=k, sample_weight=w) for k in TOP_K]
    if case.plain:
        out["ranking_loss"] = [sk.label_ranking_loss(case.targets, case.scores, sample_weight=case.weights)]


def probabilities(case, out):
    # scikit-learn takes probabilities: those of logits are its own logarithm's business.
    parts = [case.label(j, case.probabilities) for j in range(case.labels)] + [case.pooled(case.probabilities)]

    def put(name, score):
        values = [score(y, p, sample_weight=w) if w.sum() else np.nan for y, w, p in parts]
        out[name] = values[:-1] + [mean(values[:-1], np.ones(case.labels), np.nan), values[-1]]

    put("log_loss", lambda y, p, **o: sk.log_loss(y, p, labels=[0, 1], **o))
    put("brier", lambda y, p, **o: sk.brier_score_loss(y, p, pos_label=1, **o))
    y, w, p = parts[-1]
    if case.weights is None:
        if (p * 10 == np.round(p * 10)).any():
            known("bins of a calibration curve")
        else:
            frequency, mean_probability = calibration_curve(y, p, n_bins=10)
            points = np.full((10, 2), np.nan)
            points[np.unique((p * 10).astype(int))] = np.array([mean_probability, frequency]).T
            out["diagram"] = points.ravel()


def curves(case, out):
    for name, (y, w, s) in (("first", case.label(0, case.scores)), ("pooled", case.pooled(case.scores))):
        some = y[w > 0]
        if len(some) == 0:
            continue
        fpr, tpr, at = sk.roc_curve(y, s, sample_weight=w, drop_intermediate=False)
        out["roc." + name] = np.array([at, fpr, tpr]).T.ravel()
        if some.any():
            precision, recall, at = sk.precision_recall_curve(y, s, sample_weight=w)
            out["precision_recall." + name] = np.array([np.append(at, np.inf), precision, recall]).T.ravel()
        else:
            known("recall of a curve without positives")
        if 0 < some.sum() < len(some):
            # Only some of the points, the lowest threshold first: see det_curve.
            fpr, fnr, at = sk.det_curve(y[w > 0], s[w > 0], sample_weight=w[w > 0])
            out["det." + name] = dict(zip(at, zip(fpr, fnr)))


def answers(case):
    out = {}
    for part in (decisions, rankings, rows_of, probabilities, curves):
        part(case, out)
    return out
