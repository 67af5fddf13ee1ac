#!/usr/bin/env python3
"""The same work in PyTorch and CuPy, on the same sizes and timed in the same way as by the programs here.

    python3 benchmarks/gpu/peers.py [--seconds 200] [--only losses,...] peers.json

Times are those of events on the device: the median of 25 samples, after 50 milliseconds of the same work, over sets of
data that are several times the device's cache. The file is written anew after each row, so what was measured is kept
where time runs out. Exit status 77 where there is no PyTorch with a GPU.
"""

import argparse
import json
import math
import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("PyTorch is not installed")
    sys.exit(77)

SAMPLES = 25
LABELS = 80
ROWS = (65536, 1048576)
TRAIN, VALIDATION, FEATURES, CLASSES, BATCH, EPOCHS = 30152, 3769, 1280, 25, 256, 30


def first_line(error):
    return (str(error) or type(error).__name__).splitlines()[0]


class Results:
    """Rows of the table; see measure.cuh."""

    def __init__(self, path, seconds):
        self.path, self.end, self.rows = path, time.monotonic() + seconds, []

    def add(self, what, shape, who, ms, size=0):
        print(f"{what:34} {shape:22} {who:30} {ms:10.4f} ms", flush=True)
        self.rows.append({"what": what, "shape": shape, "who": who, "ms": ms, "bytes": size})
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(self.rows, file, indent=1)

    def measure(self, what, shape, who, work, size=0):
        """work() gives the function of k that is timed: what it does to get there is not. Reports what goes wrong."""
        if time.monotonic() > self.end:
            print(f"{what:34} {shape:22} {who:30}   no time left", flush=True)
            return
        try:
            self.add(what, shape, who, milliseconds(work()), size)
        except Exception as error:  # one peer that fails must not keep the others from being measured
            print(f"{what:34} {shape:22} {who:30}   failed: {first_line(error)}", flush=True)
        torch.cuda.synchronize()


def milliseconds(work):
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    k = 0

    def run(calls):
        nonlocal k
        begin.record()
        for _ in range(calls):
            work(k)
            k += 1
        end.record()
        end.synchronize()
        return begin.elapsed_time(end)

    warm, runs = 0.0, 0
    while runs < 4 or (warm < 50 and runs < 1000):
        last = run(8)
        warm, runs = warm + last, runs + 1
    calls = max(1, math.ceil(1 / max(last / 8, 1e-3)))
    return statistics.median(run(calls) / calls for _ in range(SAMPLES))


def recorded(works):
    """Each of the works as a CUDA graph of its own."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for work in works:
            for _ in range(3):
                work()
    torch.cuda.current_stream().wait_stream(side)
    graphs = []
    for work in works:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            work()
        graphs.append(graph)
    return lambda k: graphs[k % len(graphs)].replay()


def score_sets(rows, target_type=torch.float32):
    """Prevalence 3 %, positives 2 higher, in as many sets as are several times the cache."""
    size = rows * LABELS * (4 + target_type.itemsize)
    sets = []
    for k in range(max(2, math.ceil((256 << 20) / size))):
        generator = torch.Generator("cuda").manual_seed(k)
        y = (torch.rand(rows, LABELS, device="cuda", generator=generator) < 0.03).to(target_type)
        z = 8 * torch.rand(rows, LABELS, device="cuda", generator=generator) - 6 + 2 * y.float()
        sets.append((z, y))
    return sets


def bce(z, y):
    return F.binary_cross_entropy_with_logits(z, y)


def soft_f1(z, y):
    p = torch.sigmoid(z)
    return 1 - (2 * (p * y).sum(0) / (p.sum(0) + y.sum(0))).mean()


def losses(results):
    for rows in ROWS:
        sets = [(z.requires_grad_(), y) for z, y in score_sets(rows)]
        shape, size = f"{rows} x {LABELS}", 3 * rows * LABELS * 4

        def gradient(function):
            return lambda k: torch.autograd.grad(function(*sets[k % len(sets)]), sets[k % len(sets)][0])

        for name, function in (("bce", bce), ("soft_f1", soft_f1)):
            what = f"{name}, value and gradient"
            compiled = torch.compile(function, dynamic=False)
            results.measure(what, shape, "torch eager", lambda: gradient(function), size)
            results.measure(what, shape, "torch.compile", lambda: gradient(compiled), size)

            def graphs():
                work = gradient(compiled)
                return recorded([lambda k=k: work(k) for k in range(len(sets))])

            results.measure(what, shape, "torch.compile, CUDA graph", graphs, size)
        del sets, gradient
        torch.cuda.empty_cache()


def counted(z, y):
    yes, positive = z >= 0, y > 0
    tp, fp, fn = (yes & positive).sum(0), (yes & ~positive).sum(0), (~yes & positive).sum(0)
    return tp, fp, fn, z.shape[0] - tp - fp - fn


def counts(results):
    for rows in ROWS:
        for name, target_type in (("float", torch.float32), ("uint8", torch.uint8)):
            sets = score_sets(rows, target_type)
            what, shape = f"macro F1 counts, {name} targets", f"{rows} x {LABELS}"
            size = rows * LABELS * (4 + target_type.itemsize)
            compiled = torch.compile(counted, dynamic=False)
            results.measure(what, shape, "torch eager", lambda: lambda k: counted(*sets[k % len(sets)]), size)
            results.measure(what, shape, "torch.compile", lambda: lambda k: compiled(*sets[k % len(sets)]), size)
            del sets
            torch.cuda.empty_cache()


def torch_thresholds(z, y):
    """The score with the best F1 of each label. Groups of equal scores are not looked at: a little less work than ours."""
    scores, order = torch.sort(z, dim=0, descending=True)
    tp = torch.cumsum(torch.gather(y, 0, order), 0)
    accepted = torch.arange(1, z.shape[0] + 1, device=z.device, dtype=z.dtype)[:, None]
    best = torch.argmax(2 * tp / (accepted + tp[-1]), 0)
    return torch.gather(scores, 0, best[None])


def cupy_thresholds(cupy, z, y):
    order = cupy.argsort(-z, axis=0)
    tp = cupy.cumsum(cupy.take_along_axis(y, order, 0), axis=0)
    accepted = cupy.arange(1, z.shape[0] + 1, dtype=z.dtype)[:, None]
    best = cupy.argmax(2 * tp / (accepted + tp[-1]), axis=0)
    return cupy.take_along_axis(z, cupy.take_along_axis(order, best[None], 0), 0)


def thresholds(results):
    what = "exact best-F1 thresholds"
    for rows in ROWS:
        sets, shape = score_sets(rows), f"{rows} x {LABELS}"
        results.measure(what, shape, "torch eager", lambda: lambda k: torch_thresholds(*sets[k % len(sets)]))
        try:
            import cupy
        except ImportError:
            print("cupy is not installed")
        else:
            with cupy.cuda.ExternalStream(torch.cuda.current_stream().cuda_stream):
                theirs = [tuple(cupy.asarray(a) for a in pair) for pair in sets]
                results.measure(what, shape, "cupy",
                                lambda: lambda k: cupy_thresholds(cupy, *theirs[k % len(theirs)]))
                del theirs
                cupy.get_default_memory_pool().free_all_blocks()
        del sets
        torch.cuda.empty_cache()


class Head:
    """A head on cached features and its step: gather, forward, bce, backward, AdamW."""

    def __init__(self, precision):
        torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
        self.autocast = precision == "bf16"
        self.x = torch.rand(TRAIN, FEATURES, device="cuda") * 2 - 1
        self.y = (torch.rand(TRAIN, CLASSES, device="cuda") < 0.1).float()
        self.ids = torch.arange(BATCH, device="cuda")
        self.net = torch.nn.Sequential(
            torch.nn.Linear(FEATURES, 1024), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(1024, CLASSES)
        ).cuda()
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=1e-3, fused=True, capturable=True)
        self.loss, self.mark = self.plain_loss, lambda: None

    def plain_loss(self, ids):
        with torch.autocast("cuda", torch.bfloat16, enabled=self.autocast):
            logits = self.net(self.x[ids])
        return bce(logits.float(), self.y[ids])

    def compile(self, **options):
        # Else they were copied for each step of a CUDA graph.
        for tensor in (self.x, self.y, self.ids):
            torch._dynamo.mark_static_address(tensor)
        self.loss = torch.compile(self.plain_loss, dynamic=False, **options)
        if "mode" in options:
            self.mark = torch.compiler.cudagraph_mark_step_begin
        return self

    def train(self, ids):
        self.mark()
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(ids)
        loss.backward()
        self.optimizer.step()
        return loss

    def step(self, _=0):
        self.ids.add_(BATCH).remainder_(TRAIN)
        self.train(self.ids)


def head_step(results):
    for precision in ("float", "tf32", "bf16"):
        what, shape = f"head step, {precision}", "256 x 1280 -> 1024 -> 25"
        results.measure(what, shape, "torch eager", lambda: Head(precision).step)
        results.measure(what, shape, "torch.compile, reduce-overhead",
                        lambda: Head(precision).compile(mode="reduce-overhead").step)
        results.measure(what, shape, "torch.compile, CUDA graph",
                        lambda: recorded([Head(precision).compile().step]))


def train(head, epochs):
    """Milliseconds on the wall of whole epochs, with loss and macro F1 on validation rows; ours also ranks these."""
    x, y = head.x[:VALIDATION].clone(), head.y[:VALIDATION].clone()
    torch.cuda.synchronize()
    begin = time.perf_counter()
    for _ in range(epochs):
        head.net.train()
        order = torch.randperm(TRAIN, device="cuda")
        for first in range(0, TRAIN - BATCH + 1, BATCH):
            head.ids.copy_(order[first:first + BATCH])
            head.train(head.ids)
        head.net.eval()
        with torch.no_grad():
            logits = head.net(x)
            tp, fp, fn, _ = counted(logits, y)
            float(bce(logits, y)), float((2 * tp / (2 * tp + fp + fn).clamp(min=1)).mean())
    torch.cuda.synchronize()
    return 1e3 * (time.perf_counter() - begin)


def training(results):
    for precision in ("float", "tf32", "bf16"):
        for who, options in (("torch eager", None), ("torch.compile, reduce-overhead", {"mode": "reduce-overhead"})):
            if time.monotonic() > results.end:
                print("training: no time left")
                return
            head = Head(precision)
            if options:
                head.compile(**options)
            train(head, 2)
            results.add(f"training of 30 epochs, {precision}", "30152 x 1280 -> 1024 -> 25", who, train(head, EPOCHS))


def features(results):
    try:
        import torchvision
    except ImportError:
        print("torchvision is not installed")
        return
    for precision, number_type in (("fp16", torch.float16), ("bf16", torch.bfloat16)):
        net = torchvision.models.mobilenet_v2(weights=None).features.eval().cuda()
        net = net.to(number_type).to(memory_format=torch.channels_last)

        def extract(x):
            return net(x).mean((2, 3))

        for images in (64, 256):
            what, shape = f"MobileNetV2 features, {precision}", f"{images} x 224 x 224"
            sets = [torch.rand(images, 3, 224, 224, device="cuda", dtype=number_type)
                    .contiguous(memory_format=torch.channels_last) for _ in range(2)]
            with torch.no_grad():
                compiled = torch.compile(extract, dynamic=False)
                results.measure(what, shape, "torch eager", lambda: lambda k: extract(sets[k % 2]))
                results.measure(what, shape, "torch.compile", lambda: lambda k: compiled(sets[k % 2]))
                results.measure(what, shape, "torch.compile, CUDA graph",
                                lambda: recorded([lambda x=x: compiled(x) for x in sets]))


GROUPS = {"losses": losses, "head_step": head_step, "thresholds": thresholds, "counts": counts, "features": features,
          "training": training}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", help="the JSON file to write")
    parser.add_argument("--seconds", type=float, default=200, help="after which no further row is begun")
    parser.add_argument("--only", help=f"groups, separated by commas, of {', '.join(GROUPS)}")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else list(GROUPS)
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        parser.error(f"unknown groups: {', '.join(unknown)}")
    if not torch.cuda.is_available():
        print(f"PyTorch {torch.__version__} finds no GPU")
        sys.exit(77)
    print(f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, {torch.cuda.get_device_name()}")
    results = Results(arguments.out, arguments.seconds)
    failed = []
    for name in names:
        try:
            GROUPS[name](results)
        except Exception as error:  # a group that fails must not keep the others from being measured
            print(f"{name}: failed: {first_line(error)}", flush=True)
            failed.append(name)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
