#!/usr/bin/env python3
"""What torchvision, timm and Keras say about narrow networks of known weights; the tests replay it without Python.

    network_expectations.py update FOLDER PEER...   puts the answers of torchvision, timm, keras or slim into the files
    network_expectations.py check FOLDER PEER...    compares them with those in the files
    ... --network NAME                              of this network alone

A file a network, FOLDER/NAME_expectations.json, with an entry a peer; `options` are those that make the network narrow.

The weights are too many to commit, so they are a formula that both sides compute to the bit. Tensor k of `tensors`
(name, shape, centre, bound) has, in row-major order, the elements

    value(i) = float32(centre + bound * (2 u(i) - 1)),  u(i) = (bits(i) >> 8) * 2^-24,  in double before the float32,

where bits(i) is softf1's random_stream(seed, random_purpose::test, a = k).bits(i). The images are (n, size, size, 3),
NHWC, with centre 0, bound 1 and a = 1000. `bits` holds some of softf1's own, to check both sides against.

bound is sqrt(6 / fan_in) for kernels (fan_in: inputs that an output sees); centre and bound are 1 and .1 for gamma,
1 and .3 for the running variance, 0 and .1 for beta, the running mean and biases.

Outputs: `features`, pooled, before dropout, and `logits` where the peer's classifier is like softf1's; computed in
float64 from the float32 weights and images.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np

SEED, CLASSES, WIDTH, IMAGES, IMAGE_STREAM = 20, 5, 0.35, 2, 1000
# (a, index, bits) of random_stream(20, random_purpose::test, a), printed by the C++ program.
BITS = [
    (0, 0, 0x0fb796b7), (0, 1, 0x38140d7d), (0, 2, 0x9a8c449d),
    (0, 3, 0x4bdab05b), (0, 4, 0x9f6f6cdb), (0, 1000003, 0x7b4ec9cb),
    (1, 0, 0xad812a44), (1, 1, 0x5e58c017), (1, 2, 0x6ca2e818),
    (1, 3, 0xd579ea4e), (1, 4, 0x70ff1a41), (1, 1000003, 0xc2b85f4d),
    (261, 0, 0xda9a6444), (261, 1, 0x84bc33a5), (261, 2, 0xdb2d2a80),
    (261, 3, 0xdf189c36), (261, 4, 0x21e5e260), (261, 1000003, 0xaa214ec8),
    (1000, 0, 0x761fca27), (1000, 1, 0x834b5a71), (1000, 2, 0xa24d8cd5),
    (1000, 3, 0x092920f4), (1000, 4, 0xa065d618), (1000, 1000003, 0xabd7b0d1),
]
CENTRE_AND_BOUND = {
    "gamma": (1.0, 0.1), "beta": (0.0, 0.1), "mean": (0.0, 0.1), "variance": (1.0, 0.3), "bias": (0.0, 0.1),
}


def philox(key, low, high):
    """Philox4x32-10 for arrays of 64-bit counters `low`: (n, 4) words."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    low = np.asarray(low, np.uint64)
    c = [low & mask, low >> shift, np.full_like(low, high & 0xFFFFFFFF), np.full_like(low, high >> 32)]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [(p1 >> shift) ^ c[1] ^ np.uint64(k[0]), p1 & mask, (p0 >> shift) ^ c[3] ^ np.uint64(k[1]), p0 & mask]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(c, 1)


def bits(a, count):
    """The first `count` words of random_stream(SEED, test = 0, a)."""
    words = philox(a, [0], 0)[0]
    high = int(words[0]) | int(words[1]) << 32
    return philox(SEED, np.arange((count + 3) // 4), high).ravel()[:count]


def values(a, shape, centre, bound):
    u = (bits(a, math.prod(shape)) >> np.uint64(8)) * 2.0**-24
    return (centre + bound * (2 * u - 1)).astype(np.float32).reshape(shape)


def images(size):
    return values(IMAGE_STREAM, (IMAGES, size, size, 3), 0.0, 1.0)


def tensor(name, shape, kind, fan_in=None):
    centre, bound = (0.0, math.sqrt(6 / fan_in)) if kind == "kernel" else CENTRE_AND_BOUND[kind]
    return [name, list(shape), centre, bound]


def numbers(x):
    return [[float(f"{v:.8g}") for v in row] for row in np.asarray(x)]


# torchvision and timm.
def torch_tensors(model):
    import torch
    result = []
    for prefix, module in model.named_modules():
        batch_norm = isinstance(module, torch.nn.BatchNorm2d)
        kinds = {"weight": "gamma" if batch_norm else "kernel", "bias": "beta" if batch_norm else "bias",
                 "running_mean": "mean", "running_var": "variance"}
        for name, x in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            if name in kinds:
                fan_in = math.prod(x.shape[1:]) if kinds[name] == "kernel" else None
                result.append(tensor(f"{prefix}.{name}", x.shape, kinds[name], fan_in))
    return result


def from_torch(model, pooled, sizes, logits=True):
    import torch
    tensors = torch_tensors(model)
    state = {name: torch.from_numpy(values(k, shape, centre, bound))
             for k, (name, shape, centre, bound) in enumerate(tensors)}
    unexpected = model.load_state_dict(state, strict=False)
    assert all(name.endswith("num_batches_tracked") for name in unexpected.missing_keys), unexpected
    model.double().eval()
    cases = []
    with torch.no_grad():
        for size in sizes:
            x = torch.from_numpy(images(size)).double().permute(0, 3, 1, 2)
            cases.append({"image_size": size, "features": numbers(pooled(model, x)),
                          **({"logits": numbers(model(x))} if logits else {})})
    epsilon = next(m.eps for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d))
    return {"padding": "symmetric", "batch_norm_epsilon": epsilon, "tensors": tensors, "cases": cases}


def torchvision_answers(model, options, pooled=lambda m, x: m.features(x).mean((2, 3)), sizes=(64,)):
    import torchvision
    return {"made_with": f"torchvision {torchvision.__version__.split('+')[0]}", "options": options,
            **from_torch(model(torchvision.models), pooled, sizes)}


def resnet_pooled(m, x):
    x = m.maxpool(m.relu(m.bn1(m.conv1(x))))
    return m.layer4(m.layer3(m.layer2(m.layer1(x)))).mean((2, 3))


def torchvision_efficientnet(models):
    settings, last = models.efficientnet._efficientnet_conf("efficientnet_b0", width_mult=0.25, depth_mult=1.0)
    return models.EfficientNet(settings, 0.2, last_channel=last, num_classes=CLASSES)


def timm_answers(name, options, logits=True):
    import timm
    model = timm.create_model(name, num_classes=CLASSES if logits else 0)

    def pooled(m, x):
        return m.forward_head(m.forward_features(x), pre_logits=True) if logits else m.forward_features(x).mean((2, 3))

    return {"made_with": f"timm {timm.__version__}", "options": options, **from_torch(model, pooled, (64,), logits)}


# Keras.
def keras_model(keras, size):
    return keras.applications.MobileNetV2(input_shape=(size, size, 3), alpha=WIDTH, weights=None, classes=CLASSES,
                                          classifier_activation=None)


def keras_resnet_v2(keras, size):
    from keras.src.applications import resnet

    def stacks(x):
        for k, filters in enumerate((8, 16, 32, 64)):
            x = resnet.stack_residual_blocks_v2(x, filters, 2, stride1=1 if k == 3 else 2, name=f"conv{k + 2}")
        return x

    return resnet.ResNet(stacks, True, True, weights=None, input_shape=(size, size, 3), classes=CLASSES,
                         classifier_activation=None)


def keras_mobilenet_v3(name):
    def make(keras, size):
        model = getattr(keras.applications, name)(
            input_shape=(size, size, 3), alpha=1.0, weights=None, include_top=False, pooling="avg",
            include_preprocessing=False)
        return model
    return make


def keras_efficientnet(keras, size):
    from keras.src.applications import efficientnet
    return efficientnet.EfficientNet(0.25, 1.0, size, weights=None, input_shape=(size, size, 3), classes=CLASSES,
                                     classifier_activation=None, weights_name="")


def keras_variables(model):
    """Without the preprocessing that EfficientNet begins with: it is softf1's own."""
    return [(layer, v) for layer in model.layers if not layer.name.startswith("normalization") for v in layer.weights]


def keras_tensors(keras, model):
    kinds = {"gamma": "gamma", "beta": "beta", "moving_mean": "mean", "moving_variance": "variance", "bias": "bias"}
    result = []
    for layer, variable in keras_variables(model):
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        name = variable.name.split("/")[-1].split(":")[0]
        if name in kinds:
            result.append(tensor(f"{layer.name}/{name}", variable.shape, kinds[name]))
        else:
            fan_in = math.prod(variable.shape[:2] if depthwise else variable.shape[:-1])
            name = "depthwise_kernel" if depthwise else "kernel"
            result.append(tensor(f"{layer.name}/{name}", variable.shape, "kernel", fan_in))
    return result


def keras_answers(make, options, padding="tensorflow_same", sizes=(64, 75), scale=1.0, logits=True):
    import keras
    keras.backend.set_floatx("float64")
    cases, tensors = [], None
    for size in sizes:  # 75: odd sizes on the way, where TensorFlow pads both sides
        keras.backend.clear_session()
        model = make(keras, size)
        tensors = keras_tensors(keras, model)
        state = [values(k, shape, centre, bound) for k, (_, shape, centre, bound) in enumerate(tensors)]
        for (_, variable), x in zip(keras_variables(model), state, strict=True):
            variable.assign(x)
        pooled = keras.Model(model.input, model.get_layer("predictions").input) if logits else model
        x = images(size).astype(np.float64) * scale
        cases.append({"image_size": size, "features": numbers(pooled.predict(x, verbose=0)),
                      **({"logits": numbers(model.predict(x, verbose=0))} if logits else {})})
    epsilon = next(layer.epsilon for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    return {"made_with": f"Keras {keras.__version__}", "options": options, "padding": padding,
            "batch_norm_epsilon": epsilon, "tensors": tensors, "cases": cases}


# TF-Slim, in TensorFlow's first manner.
def slim_modules():
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow.compat.v1 as tf
    from tf_keras.src import legacy_tf_layers
    from tf_keras.src.legacy_tf_layers import convolutional, core, normalization, pooling
    sys.modules["tf_keras.legacy_tf_layers"] = legacy_tf_layers  # where TensorFlow looks for them
    for layers in (convolutional, core, normalization, pooling):
        sys.modules[layers.__name__.replace(".src.", ".")] = layers
    import tf_slim
    from tf_slim.nets import resnet_utils, resnet_v2
    return tf, tf_slim, resnet_utils, resnet_v2


def slim_logits(x, units):
    _, tf_slim, resnet_utils, resnet_v2 = slim_modules()
    blocks = [resnet_v2.resnet_v2_block(f"block{k + 1}", base_depth=8 << k, num_units=n, stride=1 if k == 3 else 2)
              for k, n in enumerate(units)]
    with tf_slim.arg_scope(resnet_utils.resnet_arg_scope()):
        return resnet_v2.resnet_v2(x, blocks, CLASSES, is_training=False, scope="resnet_v2_50")[0]


def slim_answers():
    tf = slim_modules()[0]
    kinds = {"gamma": "gamma", "beta": "beta", "moving_mean": "mean", "moving_variance": "variance", "biases": "bias"}
    cases, tensors, units = [], [], [2, 2, 2, 2]
    for size in (64, 75):
        with tf.Graph().as_default(), tf.Session() as session:
            logits = slim_logits(tf.constant(images(size).astype(np.float64)), units)
            variables, tensors = tf.global_variables(), []
            for v in variables:
                name, shape = v.op.name, v.shape.as_list()
                kind = kinds.get(name.split("/")[-1], "kernel")
                tensors.append(tensor(name, shape, kind, math.prod(shape[:-1]) if kind == "kernel" else None))
            for k, (v, (_, shape, centre, bound)) in enumerate(zip(variables, tensors, strict=True)):
                v.load(values(k, shape, centre, bound).astype(np.float64), session)
            pooled, logits = session.run(["resnet_v2_50/pool5:0", logits])
            cases.append({"image_size": size, "features": numbers(pooled.reshape(IMAGES, -1)),
                          "logits": numbers(logits.reshape(IMAGES, -1))})
    return {"made_with": "tf_slim", "options": {"units": units, "channels": 8}, "padding": "tensorflow_same",
            "batch_norm_epsilon": 1e-5, "tensors": tensors, "cases": cases}


def slim_checkpoint(path):
    """Saves ResNet-V2-50, narrow but as deep as published, as its training would; gives its own tensors by name."""
    tf = slim_modules()[0]
    with tf.Graph().as_default(), tf.Session() as session:
        loss = tf.reduce_sum(slim_logits(tf.constant(images(32)), (3, 4, 6, 3)))
        network = tf.global_variables()
        step = tf.train.get_or_create_global_step()
        tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss, global_step=step)
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, path)
        return {v.op.name: session.run(v) for v in network}


NETWORKS = {
    "mobilenet_v2": {
        "torchvision": lambda: torchvision_answers(
            lambda m: m.mobilenet_v2(weights=None, width_mult=WIDTH, num_classes=CLASSES), {"width": WIDTH}),
        "timm": lambda: timm_answers("mobilenetv2_035", {"width": WIDTH}),
        "keras": lambda: keras_answers(keras_model, {"width": WIDTH}),
    },
    "resnet_50": {
        "torchvision": lambda: torchvision_answers(
            lambda m: m.ResNet(m.resnet.Bottleneck, [2, 1, 1, 1], width_per_group=16, num_classes=CLASSES),
            {"units": [2, 1, 1, 1], "inner": 0.25}, resnet_pooled),
    },
    "resnet_v2_50": {
        "keras": lambda: keras_answers(keras_resnet_v2, {"units": [2, 2, 2, 2], "channels": 8}, "symmetric"),
        "slim": slim_answers,
    },
    "mobilenet_v3_small": {
        "torchvision": lambda: torchvision_answers(
            lambda m: m.mobilenet_v3_small(weights=None, width_mult=0.25, num_classes=CLASSES), {"width": 0.25}),
        "timm": lambda: timm_answers("mobilenetv3_small_100", {"width": 1.0}, False),
        "keras": lambda: keras_answers(keras_mobilenet_v3("MobileNetV3Small"), {"width": 1.0}, logits=False),
    },
    "mobilenet_v3_large": {
        "torchvision": lambda: torchvision_answers(
            lambda m: m.mobilenet_v3_large(weights=None, width_mult=0.25, num_classes=CLASSES), {"width": 0.25}),
        "keras": lambda: keras_answers(keras_mobilenet_v3("MobileNetV3Large"), {"width": 1.0}, sizes=(64,),
                                       logits=False),
    },
    "efficientnet_b0": {
        "torchvision": lambda: torchvision_answers(torchvision_efficientnet, {"width": 0.25}),
        "keras": lambda: keras_answers(keras_efficientnet, {"width": 0.25}, scale=255.0, sizes=(64,)),
    },
}


# The converter, which must name the same tensors.
def converted(folder, *arguments):
    """What convert.py makes of them: tensors by name, and the metadata."""
    from safetensors import safe_open
    program = os.path.join(os.path.dirname(__file__), "../../examples/weights/convert.py")
    out = os.path.join(folder, "weights.safetensors")
    run = subprocess.run([sys.executable, program, *arguments, "--out", out], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"conformance: convert.py {' '.join(arguments)}: {run.stderr}")
    with safe_open(out, "np") as f:
        return {name: f.get_tensor(name) for name in f.keys()}, f.metadata()


def check_metadata(names, metadata, answers):
    for key in ("padding", "batch_norm_epsilon"):
        if metadata[key] != str(answers[key]) and float(metadata[key]) != answers[key]:
            sys.exit(f"conformance: convert.py says {key} {metadata[key]} of {names}, expected {answers[key]}")


def check_mobilenet(names, answers):
    source = {"torchvision": "torchvision:mobilenet_v2", "timm": "timm:mobilenetv2_035", "keras": "keras:MobileNetV2"}
    width = [] if names == "timm" else ["--width", str(WIDTH)]
    with tempfile.TemporaryDirectory() as folder:
        tensors, metadata = converted(folder, source[names], "--weights", "none", "--classes", str(CLASSES), *width)
    if {name: list(x.shape) for name, x in tensors.items()} != {name: shape for name, shape, *_ in answers["tensors"]}:
        sys.exit(f"conformance: convert.py names other tensors than {names}")
    check_metadata(names, metadata, answers)


def check_checkpoint(answers):
    """Of a checkpoint of TF-Slim the network's own tensors are left, as they are; no step and no momentum."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "resnet_v2_50.ckpt")
        expected = slim_checkpoint(path)
        tensors, metadata = converted(folder, f"slim:{path}")
    if tensors.keys() != expected.keys() or not {name for name, *_ in answers["tensors"]} <= tensors.keys():
        sys.exit("conformance: convert.py names other tensors than the checkpoint of slim")
    for name, x in tensors.items():
        if x.dtype != np.float32 or not np.array_equal(x, expected[name]):
            sys.exit(f"conformance: convert.py changes {name} of the checkpoint of slim")
    for key, value in {"architecture": "resnet_v2_50", "names": "slim", "classes": str(CLASSES)}.items():
        if metadata[key] != value:
            sys.exit(f"conformance: convert.py says {key} {metadata[key]} of the checkpoint of slim, expected {value}")
    check_metadata("slim", metadata, answers)


def check_converter(network, names, answers):
    if network == "mobilenet_v2":
        check_mobilenet(names, answers)
    elif names == "slim":
        check_checkpoint(answers)


# Comparing and writing.
def differences(names, ours, committed):
    for key in ("padding", "batch_norm_epsilon", "tensors"):
        if ours[key] != committed[key]:
            yield f"{names}: {key}"
    for a, b in zip(ours["cases"], committed["cases"], strict=True):
        for key in a:
            if not np.allclose(a[key], b[key], rtol=1e-6, atol=1e-6):
                yield f"{names}: {key} of images of {a['image_size']} pixels"


def ask(verb, path, network, peers):
    committed = {}
    if os.path.exists(path):
        with open(path) as f:
            committed = json.load(f)["models"]
    ours = {names: NETWORKS[network][names]() for names in peers if names in NETWORKS[network]}
    for names in ours:
        check_converter(network, names, ours[names])
    if verb == "check":
        different = [text for names in ours for text in differences(names, ours[names], committed[names])]
        if different:
            sys.exit(f"conformance: {path} differs from {', '.join(different)}")
    elif ours:
        with open(path, "w") as f:
            json.dump({"network": network, "seed": SEED, "classes": CLASSES, "images": IMAGES,
                       "image_stream": IMAGE_STREAM, "bits": BITS, "models": {**committed, **ours}}, f,
                      separators=(",", ":"))
            f.write("\n")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("verb", choices=("check", "update"))
    p.add_argument("folder")
    p.add_argument("peers", nargs="+", choices=("torchvision", "timm", "keras", "slim"))
    p.add_argument("--network", choices=tuple(NETWORKS), action="append")
    options = p.parse_args()
    for a, index, expected in BITS:
        if int(bits(a, index + 1)[index]) != expected:
            sys.exit(f"conformance: bit {index} of stream {a} is not softf1's")
    for network in options.network or NETWORKS:
        ask(options.verb, os.path.join(options.folder, f"{network}_expectations.json"), network, options.peers)


if __name__ == "__main__":
    main()
