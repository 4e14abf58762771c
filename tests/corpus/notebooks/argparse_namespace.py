# A script's arguments inside a notebook: argparse with a list, and a bare namespace.
#
# params: args.lr args.epochs args.dropout
# borderline params: add_argument.default device Namespace.size Namespace.rate SimpleNamespace.size SimpleNamespace.rate opt.size opt.rate args parse_args.lr opt
# metrics: train_loss eval_loss
# borderline metrics: total

# %%
import argparse
from types import SimpleNamespace

parser = argparse.ArgumentParser(prog="train")
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--dropout", type=float, default=0.2)
args = parser.parse_args(["--lr", "0.03", "--epochs", "4"])
args

# %%
vars(args)

# %%
device = "cpu"


def fit(args):
    value = 1.0
    for epoch in range(args.epochs):
        value *= 1 - args.lr
        yield epoch, value


for epoch, train_loss in fit(args):
    print(f"[{epoch + 1}/{args.epochs}] train_loss={train_loss:.5f} device={device}")

# %%
eval_loss = train_loss * (1 + args.dropout)
eval_loss

# %%
opt = SimpleNamespace(size=3, rate=0.5)
opt.total = sum(opt.rate**i for i in range(opt.size))
opt

# %%
args.momentum

# %%
parser.parse_args(["--lr", "fast"])
