"""Small training loops that print like well-known example scripts: `pip install torch==2.13.0`, `python loops.py NAME`."""

# ruff: noqa: E501 - the printed lines stay whole

import csv
import json
import math
import sys
import time

import torch
from torch.nn import functional


class Task:
    """A linear classifier on 640 random rows, trained batch by batch."""

    def __init__(self, batch: int = 32) -> None:
        torch.manual_seed(1)
        self.batch = batch
        self.inputs = torch.rand(640, 16)
        self.labels = (self.inputs.sum(1) > 8).long()
        self.model = torch.nn.Linear(16, 2)
        self.optimizer = torch.optim.Adam(self.model.parameters(), 1e-2)
        self.batches = 640 // batch

    def step(self, index: int) -> float:
        rows = slice(index * self.batch, (index + 1) * self.batch)
        loss = functional.cross_entropy(self.model(self.inputs[rows]), self.labels[rows])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def score(self) -> tuple[float, float]:
        """The loss and the share of right answers over all rows."""
        outputs = self.model(self.inputs).detach()
        right = (outputs.argmax(1) == self.labels).float().mean().item()
        return functional.cross_entropy(outputs, self.labels).item(), right

    def epoch(self) -> float:
        return sum(self.step(index) for index in range(self.batches)) / self.batches


def mnist() -> None:
    """pytorch/examples mnist."""
    task = Task()
    for epoch in range(1, 4):
        for index in range(task.batches):
            loss = task.step(index)
            if index % 5 == 0:
                percent = 100.0 * index / task.batches
                print(f"Train Epoch: {epoch} [{index * 32}/640 ({percent:.0f}%)]\tLoss: {loss:.6f}")
        loss, right = task.score()
        print(f"\nTest set: Average loss: {loss:.4f}, Accuracy: {int(right * 640)}/640 ({100.0 * right:.0f}%)\n")


def imagenet() -> None:
    """pytorch/examples imagenet: meters with a running mean in brackets."""
    task = Task()
    for epoch in range(3):
        total = 0.0
        for index in range(task.batches):
            total += (loss := task.step(index))
            top = task.score()[1] * 100
            meters = (
                f"Time  0.0{index % 7}1 ( 0.012)\tData  0.000 ( 0.001)\tLoss {loss:.4e} ({total / (index + 1):.4e})"
            )
            if index % 5 == 0:
                print(f"Epoch: [{epoch}][{index + 1:2d}/{task.batches}]\t{meters}\tAcc@1 {top:6.2f} ({top:6.2f})")
        loss, right = task.score()
        print(
            f"Test: [1/2]\tTime  0.014 ( 0.014)\tLoss {loss:.4e} ({loss:.4e})\tAcc@1 {right * 100:6.2f} ({right * 100:6.2f})"
        )
        print(f" *   Acc@1 {right * 100:.3f} Acc@5 {100:.3f}")


def word_language_model() -> None:
    """pytorch/examples word_language_model."""
    task = Task()
    for epoch in range(1, 4):
        start = time.time()
        for index in range(task.batches):
            loss = task.step(index)
            if index % 5 == 0 and index > 0:
                print(
                    f"| epoch {epoch:3d} | {index:5d}/{task.batches:5d} batches | lr {20:02.2f} | ms/batch {5.29:5.2f} | "
                    f"loss {loss:5.2f} | ppl {math.exp(loss):8.2f}"
                )
        loss = task.score()[0]
        print("-" * 89)
        print(
            f"| end of epoch {epoch:3d} | time: {time.time() - start:5.2f}s | valid loss {loss:5.2f} | "
            f"valid ppl {math.exp(loss):8.2f}"
        )
        print("-" * 89)
    print("=" * 89)
    print(f"| End of training | test loss {loss:5.2f} | test ppl {math.exp(loss):8.2f}")
    print("=" * 89)


def tutorial() -> None:
    """The PyTorch quickstart tutorial."""
    task = Task()
    for epoch in range(3):
        print(f"Epoch {epoch + 1}\n-------------------------------")
        for index in range(task.batches):
            loss = task.step(index)
            if index % 5 == 0:
                print(f"loss: {loss:>7f}  [{(index + 1) * 32:>5d}/{640:>5d}]")
        loss, right = task.score()
        print(f"Test Error: \n Accuracy: {100 * right:>0.1f}%, Avg loss: {loss:>8f} \n")
    print("Done!")


def cifar_tutorial() -> None:
    """The PyTorch CIFAR-10 tutorial."""
    task = Task()
    for epoch in range(2):
        running = 0.0
        for index in range(task.batches):
            running += task.step(index)
            if index % 5 == 4:
                print(f"[{epoch + 1}, {index + 1:5d}] loss: {running / 5:.3f}")
                running = 0.0
    print("Finished Training")
    print(f"Accuracy of the network on the 10000 test images: {100 * task.score()[1]:.0f} %")


def nanogpt() -> None:
    """karpathy/nanoGPT train.py."""
    task = Task()
    print("tokens per iteration will be: 491,520\nfound vocab_size = 65 (inside data/shakespeare_char/meta.pkl)")
    print("Initializing a new model from scratch\nnumber of parameters: 10.65M")
    print("num decayed parameter tensors: 26, with 10,740,096 parameters")
    for step in range(41):
        loss = task.step(step % task.batches)
        if step % 20 == 0:
            score = task.score()[0]
            print(f"step {step}: train loss {score:.4f}, val loss {score + 0.01:.4f}")
        if step % 5 == 0:
            print(f"iter {step}: loss {loss:.4f}, time {21.5 + step / 7:.2f}ms, mfu {min(step, 17.8):.2f}%")


def tab_separated() -> None:
    """A header once, then one line of figures an epoch."""
    task = Task()
    print("epoch\ttrain_loss\tval_loss\tval_acc")
    for epoch in range(1, 7):
        train = task.epoch()
        loss, right = task.score()
        print(f"{epoch}\t{train:.4f}\t{loss:.4f}\t{right:.4f}")


def csv_rows() -> None:
    task = Task()
    writer = csv.writer(sys.stdout)
    writer.writerow(["step", "epoch", "loss", "accuracy"])
    for epoch in range(1, 4):
        for index in range(0, task.batches, 5):
            loss = task.step(index)
            writer.writerow([(epoch - 1) * task.batches + index, epoch, f"{loss:.5f}", f"{task.score()[1]:.4f}"])


def json_lines() -> None:
    task = Task()
    for step in range(1, 31):
        loss = task.step(step % task.batches)
        record = {"step": step, "epoch": step // 20, "loss": loss, "lr": 0.01}
        if step % 10 == 0:
            record.update(zip(("val_loss", "val_accuracy"), task.score(), strict=True))
        print(json.dumps(record))


def json_nested() -> None:
    """Lines as structured loggers write them, with figures one level down."""
    task = Task()
    for epoch in range(1, 6):
        train = task.epoch()
        loss, right = task.score()
        metrics = {"train_loss": train, "val_loss": loss, "val_accuracy": right}
        print(json.dumps({"time": f"2026-03-0{epoch}T10:11:12Z", "level": "info", "epoch": epoch, "metrics": metrics}))


def two_lines() -> None:
    task = Task()
    for epoch in range(10):
        train = task.epoch()
        loss, right = task.score()
        print(
            f"Epoch: {epoch + 1:02}/10 | Epoch Time: 0m {epoch}s\n\tTrain Loss: {train:.3f} | Train Acc: {right * 100:.2f}%\n"
            f"\t Val. Loss: {loss:.3f} |  Val. Acc: {right * 100:.2f}%"
        )


def brackets() -> None:
    task = Task()
    for epoch in range(1, 4):
        for index in range(4, task.batches, 5):
            loss = task.step(index)
            print(f"Epoch [{epoch}/3], Step [{index + 1}/{task.batches}], Loss: {loss:.4f}")
    print(f"Test Accuracy of the model on the 10000 test images: {task.score()[1] * 100} %")


def equals() -> None:
    task = Task()
    for epoch in range(1, 6):
        train = task.epoch()
        loss, right = task.score()
        print(f"epoch={epoch} train_loss={train:.6f} val_loss={loss:.6f} val_acc={right:.4f} lr=1.0e-02 time=0.41s")


def scientific() -> None:
    """Figures such as 1.2e-05 and -3.4E+01."""
    task = Task()
    for step in range(0, 60, 10):
        loss = task.step(step % 20)
        print(f"step: {step} loss: {loss * 1e-5:.3e} elbo: {-loss * 100:.2E} kl: {loss / 7:.3g}")


def diverged() -> None:
    for step in range(0, 60, 10):
        loss = 2.0 * 10 ** (step / 2) if step < 40 else math.nan
        print(
            f"step {step:3d} | loss {loss:.4g} | grad_norm {loss * 3 if step < 40 else math.inf:.3g} | kl {step / 70:.4f}"
        )


def dictionary() -> None:
    task = Task()
    for epoch in range(1, 5):
        train = task.epoch()
        loss, right = task.score()
        print(f"Epoch {epoch}/4 done in 3.2s: {{'train_loss': {train}, 'val_loss': {loss}, 'val_f1': {right}}}")


def sentence() -> None:
    task = Task()
    for epoch in range(1, 5):
        train = task.epoch()
        print(f"[Epoch {epoch}] training loss = {train:.5f}; validation accuracy = {task.score()[1]:.2%} (best so far)")


def gan() -> None:
    """pytorch/examples dcgan."""
    task = Task()
    for epoch in range(2):
        for index in range(0, task.batches, 5):
            loss = task.step(index)
            print(
                f"[{epoch}/2][{index}/{task.batches}] Loss_D: {loss:.4f} Loss_G: {loss * 3:.4f} "
                f"D(x): {1 - loss / 2:.4f} D(G(z)): {loss / 3:.4f} / {loss / 4:.4f}"
            )


def reinforce() -> None:
    """pytorch/examples reinforcement_learning."""
    for episode in range(10, 60, 10):
        print(f"Episode {episode}\tLast reward: {episode * 1.5:.2f}\tAverage reward: {episode * 0.9:.2f}")


def minimal() -> None:
    """The shortest print there is: the step and the loss."""
    task = Task()
    for step in range(0, 100, 10):
        print(step, task.step(step % task.batches))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
