"""The loops of accelerate's and transformers' no_trainer examples (their prints and bars): `pip install accelerate tqdm
torch==2.13.0`, then `python accelerate_loop.py nlp_example|no_trainer|diffusers`."""

import logging
import math
import sys
import time

import torch
from accelerate import Accelerator
from accelerate.logging import get_logger
from tqdm.auto import tqdm

logger = get_logger(__name__)


def prepared():
    torch.manual_seed(1)
    accelerator = Accelerator(cpu=True)
    model = torch.nn.Linear(16, 2)
    inputs = torch.rand(320, 16)
    data = torch.utils.data.TensorDataset(inputs, (inputs.sum(1) > 8).long())
    loader = torch.utils.data.DataLoader(data, 16)
    return accelerator, *accelerator.prepare(model, torch.optim.Adam(model.parameters(), 1e-2), loader)


def nlp_example() -> None:
    """examples/nlp_example.py prints one dict of metrics an epoch."""
    accelerator, model, optimizer, loader = prepared()
    for epoch in range(3):
        right = total = 0
        for inputs, labels in loader:
            outputs = model(inputs)
            accelerator.backward(torch.nn.functional.cross_entropy(outputs, labels))
            optimizer.step()
            optimizer.zero_grad()
            right += int((outputs.argmax(1) == labels).sum())
            total += len(labels)
        eval_metric = {"accuracy": right / total, "f1": 2 * right / (total + right)}
        accelerator.print(f"epoch {epoch}:", eval_metric)


def no_trainer() -> None:
    """examples/pytorch/language-modeling/run_clm_no_trainer.py: a bar, log lines with the process state, perplexity."""
    form = "%(asctime)s - %(levelname)s - %(name)s - %(message)s"
    logging.basicConfig(format=form, datefmt="%m/%d/%Y %H:%M:%S", level=logging.INFO)
    accelerator, model, optimizer, loader = prepared()
    logger.info(accelerator.state, main_process_only=False)
    logger.info("***** Running training *****")
    logger.info("  Num examples = 320")
    logger.info("  Num Epochs = 3")
    logger.info("  Instantaneous batch size per device = 16")
    logger.info("  Total train batch size (w. parallel, distributed & accumulation) = 16")
    logger.info("  Gradient Accumulation steps = 1")
    logger.info("  Total optimization steps = 60")
    bar = tqdm(range(60), mininterval=0.1)
    for epoch in range(3):
        for inputs, labels in loader:
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            accelerator.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
            bar.update(1)
            time.sleep(0.01)
        logger.info(f"epoch {epoch}: perplexity: {math.exp(loss.item())} eval_loss: {loss.item()}")


def diffusers() -> None:
    """The bar of diffusers' train_text_to_image.py and its relatives."""
    accelerator, model, optimizer, loader = prepared()
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer.optimizer, 1.0, 0.1, 60)
    bar = tqdm(range(60), desc="Steps", mininterval=0.1)
    for _ in range(3):
        for inputs, labels in loader:
            loss = torch.nn.functional.cross_entropy(model(inputs), labels)
            accelerator.backward(loss)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
            bar.update(1)
            bar.set_postfix(step_loss=loss.detach().item(), lr=scheduler.get_last_lr()[0])
            time.sleep(0.01)
    bar.close()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
